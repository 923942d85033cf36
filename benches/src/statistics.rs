//! Quantiles of figures, and figures as people read them.

use indicatif::HumanCount;

/// The figure that this share of them is not above: 0.99 for p99. They need not be in order.
///
/// # Panics
/// When there are none.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a list that fits memory"
)]
pub fn quantile(figures: &[f64], share: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len().checked_sub(1).expect("a measurement has figures") as f64);
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    // Between two figures, as far as the share is between them.
    below + (above - below) * place.fract()
}

/// The median.
pub fn median(figures: &[f64]) -> f64 {
    quantile(figures, 0.5)
}

/// With three digits, or all before the point.
pub fn shown(figure: f64) -> String {
    match figure.abs() {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

/// A whole number, with commas between thousands.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures are small, and never negative")]
pub fn grouped(figure: f64) -> String {
    HumanCount(figure.round_ties_even() as u64).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_figures_in_any_order_are_found() {
        let figures = [5.0, 1.0, 4.0, 2.0, 3.0];
        for (share, expected) in [(0.0, 1.0), (0.25, 2.0), (0.5, 3.0), (0.75, 4.0), (0.9, 4.6), (1.0, 5.0)] {
            assert!((quantile(&figures, share) - expected).abs() < 1e-9, "{share}");
        }
        assert!((median(&[1.0, 2.0]) - 1.5).abs() < 1e-9 && (median(&[7.0]) - 7.0).abs() < 1e-9);
    }

    #[test]
    fn a_figure_is_shown_with_as_many_digits_as_it_deserves() {
        assert_eq!([0.123, 1.0, 12.34, 123.4, 1234.5].map(shown), ["0.12", "1.00", "12.3", "123", "1234"]);
        assert_eq!([999.4, 999.6, 1_234_567.0].map(grouped), ["999", "1,000", "1,234,567"]);
    }
}
