//! The committed counts of instructions, and how far a count may be from its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use crate::error::Error;
use crate::places;

/// How far a count may be above or below its baseline. Counts repeat within a thousandth on one machine.
pub const TOLERANCE: f64 = 0.10;

/// `benches/baseline.json`: millions of instructions by the name of a count.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Baseline {
    /// By the name of a count, such as `poll-status ready`.
    #[serde(rename = "millionsOfInstructions")]
    pub millions: BTreeMap<String, f64>,
}

/// A count compared with its baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Comparison {
    /// Near enough.
    Holds,
    /// So many times the baseline: somebody made it slower.
    Worse(f64),
    /// So many times the baseline: it is faster, and nothing guards that.
    Better(f64),
    /// There is none.
    Unknown,
}

impl Baseline {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not there, or not such a document.
    pub fn read() -> Result<Self, Error> {
        let file = path()?;
        let text = fs::read_to_string(&file).map_err(Error::system(format!("cannot read {}", file.display())))?;
        serde_json::from_str(&text).map_err(|fault| Error::Unreadable { file, problem: fault.to_string() })
    }

    /// Compares a count, in millions, with its baseline.
    #[must_use]
    pub fn compare(&self, name: &str, millions: f64) -> Comparison {
        let Some(baseline) = self.millions.get(name) else { return Comparison::Unknown };
        let ratio = millions / baseline;
        if ratio > 1.0 + TOLERANCE {
            Comparison::Worse(ratio)
        } else if ratio < 1.0 - TOLERANCE {
            Comparison::Better(ratio)
        } else {
            Comparison::Holds
        }
    }
}

/// Where it is.
///
/// # Errors
/// When the current directory is outside the project.
pub fn path() -> Result<PathBuf, Error> {
    Ok(places::root()?.join("benches/baseline.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(millions: f64) -> Comparison {
        Baseline { millions: BTreeMap::from([("a".to_owned(), 2.0)]) }.compare("a", millions)
    }

    #[test]
    fn a_count_holds_within_a_tenth_of_its_baseline_both_ways() {
        for millions in [1.81, 2.0, 2.19] {
            assert_eq!(compare(millions), Comparison::Holds, "{millions}");
        }
        assert_eq!(compare(3.0), Comparison::Worse(1.5));
        assert_eq!(compare(1.0), Comparison::Better(0.5));
    }

    #[test]
    fn a_count_without_a_baseline_is_not_taken_for_one_that_holds() {
        let none = Baseline { millions: BTreeMap::new() };
        assert_eq!(none.compare("a", 2.0), Comparison::Unknown);
    }
}
