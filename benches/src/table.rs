//! A table of the report, before it is drawn.

use serde::Serialize;

/// A table: printed in the terminal, and written into docs/benchmarks.md.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its heading.
    pub title: String,
    /// Names of the columns, with their units.
    pub columns: Vec<&'static str>,
    /// Rows of as many cells as there are columns, as they are printed.
    pub rows: Vec<Vec<String>>,
    /// Sentences below the table.
    pub notes: Vec<String>,
}
