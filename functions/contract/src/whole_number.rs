//! Whole numbers as Step Functions hands them on: after a JSONata expression 3600 may come back as 3600.0.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// The number, when it is a whole one from 0 to 10^9, however it is written.
#[must_use]
pub fn whole(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| without_fraction(number.as_f64()?))
}

/// Reads such a number, for `#[serde(deserialize_with = ..)]`.
///
/// # Errors
/// For everything else.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    whole(&number).ok_or_else(|| D::Error::custom(format!("{number} is not a whole number")))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn without_fraction(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..=1e9).contains(&number)).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_number_is_read_however_it_is_written_and_nothing_else() {
        for written in [json!(25), json!(25.0), json!(2.5e1)] {
            assert_eq!(deserialize(&written).ok(), Some(25), "{written}");
        }
        for other in [json!(25.5), json!(-1), json!(1e300), json!("25")] {
            assert!(deserialize(&other).is_err(), "{other}");
        }
    }
}
