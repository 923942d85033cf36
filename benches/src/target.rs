//! What was promised, and whether it holds.

use serde::Serialize;

/// A promise.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// What is measured.
    pub what: String,
    /// What was promised of it.
    pub promised: String,
    /// What was found.
    pub found: String,
    /// Whether it holds.
    pub met: bool,
}

impl Target {
    /// At most so much.
    #[must_use]
    pub fn at_most(what: impl Into<String>, found: f64, limit: f64, unit: &str) -> Self {
        Self {
            what: what.into(),
            promised: format!("at most {limit} {unit}"),
            found: format!("{found:.2} {unit}"),
            met: found <= limit,
        }
    }

    /// So many times, at least.
    #[must_use]
    pub fn times(what: impl Into<String>, found: f64, limit: f64) -> Self {
        Self {
            what: what.into(),
            promised: format!("at least {limit} ×"),
            found: format!("{found:.1} ×"),
            met: found >= limit,
        }
    }

    /// That something holds.
    #[must_use]
    pub fn holds(what: impl Into<String>, promised: impl Into<String>, met: bool, found: impl Into<String>) -> Self {
        Self { what: what.into(), promised: promised.into(), found: found.into(), met }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_met_up_to_its_limit() {
        assert!(Target::at_most("zip", 2.5, 2.5, "MB").met && !Target::at_most("zip", 2.501, 2.5, "MB").met);
        assert!(Target::times("faster", 50.0, 50.0).met && !Target::times("faster", 49.9, 50.0).met);
    }
}
