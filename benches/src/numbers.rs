//! Numbers as people read them.

/// A whole number, with commas between thousands.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let (sign, digits) = digits.split_at(usize::from(digits.starts_with('-')));
    let first = digits.len() % 3;
    let mut grouped = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let numbers = [0.0, 7.4, 999.4, 999.5, 1_234.0, 12_345.0, 1_234_567.0, -1_000.0, -100.0].map(grouped);
        assert_eq!(numbers, ["0", "7", "999", "1,000", "1,234", "12,345", "1,234,567", "-1,000", "-100"]);
    }
}
