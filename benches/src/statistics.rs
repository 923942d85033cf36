//! The middle of many figures, and how far they are apart.

use serde::Serialize;

/// Figures of the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The middle one.
    pub median: f64,
    /// A quarter of the figures are below.
    pub lower_quartile: f64,
    /// A quarter of the figures are above.
    pub upper_quartile: f64,
    /// None is above.
    pub highest: f64,
}

impl Summary {
    /// Of at least one figure.
    ///
    /// # Panics
    /// When there are none.
    #[must_use]
    pub fn of(figures: &[f64]) -> Self {
        let sorted = sorted(figures);
        Self {
            median: quantile(&sorted, 0.5),
            lower_quartile: quantile(&sorted, 0.25),
            upper_quartile: quantile(&sorted, 0.75),
            highest: quantile(&sorted, 1.0),
        }
    }
}

/// The figure that this share of them is not above: 0.99 for p99. They need not be in order.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn percentile(figures: &[f64], share: f64) -> f64 {
    quantile(&sorted(figures), share)
}

/// With three digits, or all before the point.
#[must_use]
pub fn shown(figure: f64) -> String {
    match figure.abs() {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

fn sorted(figures: &[f64]) -> Vec<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Between two figures, as far as the share is between them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a list that fits memory"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len().checked_sub(1).expect("a measurement has figures") as f64);
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_figures_in_any_order_is_found() {
        let summary = Summary::of(&[5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(summary, Summary { median: 3.0, lower_quartile: 2.0, upper_quartile: 4.0, highest: 5.0 });
        assert!((Summary::of(&[1.0, 2.0]).median - 1.5).abs() < 1e-9);
        assert!((Summary::of(&[7.0]).upper_quartile - 7.0).abs() < 1e-9);
    }

    #[test]
    fn a_figure_is_shown_with_as_many_digits_as_it_deserves() {
        assert_eq!([0.123, 1.0, 12.34, 123.4, 1234.5].map(shown), ["0.12", "1.00", "12.3", "123", "1234"]);
    }

    #[test]
    fn a_percentile_is_near_the_end_that_it_names() {
        let figures: Vec<f64> = (0..=100).map(f64::from).collect();
        assert!((percentile(&figures, 0.99) - 99.0).abs() < 1e-9);
        assert!((percentile(&figures, 0.0)).abs() < 1e-9);
    }
}
