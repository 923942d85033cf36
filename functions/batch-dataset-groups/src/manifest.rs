//! A manifest, validated part by part before any row runs: how many rows it has, and what the reader of the Distributed Map
//! would cut away, pass over or fail on.

use contract::Violation;
use contract::batch::MOST_ROWS;
use contract::request::ManifestFormat;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::columns;
use crate::csv::first_record;

/// Bytes that are read at once. However many of its characters are escaped, the part fits into the 256 KiB of a state: an
/// escaped character takes six bytes.
pub const PART: u64 = 40_000;

/// What a decoder puts in the place of bytes that are not UTF-8.
const REPLACEMENT: char = '\u{fffd}';

/// How far a manifest has been validated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Position {
    /// Bytes that have been validated.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub offset: u64,
    /// Rows so far, those of empty values among them. Empty lines do not count.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub records: u64,
    /// The number of the last row that has a value.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub rows: u64,
    /// Columns of the header of a CSV manifest; 0 before it has been read.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub columns: u64,
    /// Numbers of the rows with more values than the header has columns. The reader drops such values without a word.
    pub rows_with_extra_values: Vec<u64>,
}

/// A part of a manifest.
#[derive(Debug, Clone, Copy)]
pub struct PartOf<'a> {
    /// From the position on.
    pub text: &'a str,
    /// Whether the manifest ends with it.
    pub is_last: bool,
}

impl Position {
    /// The position behind a part: behind its last whole row.
    ///
    /// # Errors
    /// The first thing that makes it no manifest.
    pub fn behind(mut self, part: PartOf, format: ManifestFormat) -> Result<Self, Vec<Violation>> {
        let mut text = part.text;
        if self.offset == 0 && format == ManifestFormat::Csv {
            text = text.strip_prefix('\u{feff}').unwrap_or(text);
            self.offset += size(part.text) - size(text);
        }
        // The last row may lack its line break.
        let ended;
        if part.is_last && !text.is_empty() && !text.ends_with('\n') {
            ended = format!("{text}\n");
            text = &ended;
        }
        let began = self.offset;
        while let Some((record, length)) = first(text, format) {
            if text[..length].contains(REPLACEMENT) {
                return Err(self.refused("is not UTF-8 text", "UTF-8"));
            }
            self.offset += size(&text[..length]);
            text = &text[length..];
            self.add(&record)?;
        }
        if part.is_last && !text.is_empty() {
            return Err(self.refused("has a value that begins with a quote and does not end", "a quote at the end"));
        }
        if !part.is_last && self.offset == began {
            return Err(self.refused("is too long", &format!("at most {PART} bytes")));
        }
        if part.is_last && self.rows == 0 {
            return Err(of_manifest("has no rows"));
        }
        Ok(self)
    }

    fn add(&mut self, record: &Record) -> Result<(), Vec<Violation>> {
        let is_blank = match record {
            Record::Line(line) if line.is_empty() => return Ok(()),
            Record::Line(line) => {
                serde_json::from_str::<Value>(line).map_err(|fault| {
                    self.refused(&format!("cannot be parsed: {fault}"), "a request as JSON in one line")
                })?;
                false
            }
            Record::Values(values) if self.columns == 0 => {
                let violations = columns::violations(values.iter().map(String::as_str));
                self.columns = values.len() as u64;
                return if violations.is_empty() { Ok(()) } else { Err(violations) };
            }
            Record::Values(values) if values.len() == 1 && values[0].is_empty() => return Ok(()),
            Record::Values(values) => {
                let columns = usize::try_from(self.columns).unwrap_or(usize::MAX);
                if values.iter().skip(columns).any(|value| !value.trim().is_empty()) {
                    self.rows_with_extra_values.push(self.records + 1);
                }
                values.iter().all(|value| value.trim().is_empty())
            }
        };
        self.records += 1;
        if !is_blank {
            self.rows = self.records;
        }
        if self.rows > MOST_ROWS { Err(of_manifest(&format!("has more than {MOST_ROWS} rows"))) } else { Ok(()) }
    }

    /// A violation of the row that comes next.
    fn refused(&self, problem: &str, allowed: &str) -> Vec<Violation> {
        vec![Violation {
            path: format!("row {}", self.records + 1),
            problem: problem.to_owned(),
            allowed: allowed.to_owned(),
        }]
    }
}

/// A violation of the manifest as a whole.
pub fn of_manifest(problem: &str) -> Vec<Violation> {
    let (path, allowed) = ("$.manifest.key".to_owned(), format!("a manifest with 1 to {MOST_ROWS} rows"));
    vec![Violation { path, problem: format!("names a manifest that {problem}"), allowed }]
}

enum Record {
    /// Of a table; an empty line is one empty value.
    Values(Vec<String>),
    /// Of JSON Lines, without spaces around it.
    Line(String),
}

/// The first record, and its length in bytes.
fn first(text: &str, format: ManifestFormat) -> Option<(Record, usize)> {
    match format {
        ManifestFormat::Csv => first_record(text).map(|(values, length)| (Record::Values(values), length)),
        ManifestFormat::JsonLines => {
            text.split_once('\n').map(|(line, _)| (Record::Line(line.trim().to_owned()), line.len() + 1))
        }
    }
}

fn size(text: &str) -> u64 {
    text.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "name,domainIdentifier,groupIdentifier\n";

    fn whole(text: &str, format: ManifestFormat) -> Result<Position, Vec<Violation>> {
        Position::default().behind(PartOf { text, is_last: true }, format)
    }

    fn table(rows: &str) -> Result<Position, Vec<Violation>> {
        whole(&format!("{HEADER}{rows}"), ManifestFormat::Csv)
    }

    fn told(violations: Result<Position, Vec<Violation>>) -> (String, String) {
        let violation = violations.expect_err("refused").remove(0);
        (violation.path, violation.problem)
    }

    #[test]
    fn rows_are_counted_as_the_reader_numbers_them() {
        for (rows, records, last) in [
            ("a,d,g", 1, 1),
            ("a,d,g\r\nb,d,g\r\n", 2, 2),
            ("a,d,g\n\n\nb,d,g\n\n", 2, 2),
            ("\"a\n,\",d,g\nb,d,g", 2, 2),
            ("a,d,g\n,,\nb,d,g\n, ,\n,,\n", 5, 3),
        ] {
            let position = table(rows).expect("a manifest");
            assert_eq!((position.records, position.rows), (records, last), "{rows:?}");
        }
        let lines = whole("{}\r\n\n  [7]\n", ManifestFormat::JsonLines).expect("a manifest");
        assert_eq!((lines.records, lines.rows), (2, 2));
    }

    #[test]
    fn a_manifest_that_is_read_in_parts_is_the_same() {
        let text = format!("\u{feff}{HEADER}\"a\nü\",d,g\r\n\nb,d,g,extra\n,,\nc,d,g");
        let at_once = whole(&text, ManifestFormat::Csv).expect("a manifest");
        assert_eq!((at_once.rows, &at_once.rows_with_extra_values[..]), (4, &[2][..]));
        for size in HEADER.len() + 3..text.len() {
            let mut position = Position::default();
            let mut end = 0;
            while end < text.len() {
                let from = usize::try_from(position.offset).expect("small");
                end = (from + size).min(text.len());
                // A service cuts where it likes, and the decoder replaces what is cut.
                let part = String::from_utf8_lossy(&text.as_bytes()[from..end]);
                let part = PartOf { text: &part, is_last: end == text.len() };
                position = position.behind(part, ManifestFormat::Csv).expect("a part");
            }
            assert_eq!(Position { offset: 0, ..position }, Position { offset: 0, ..at_once.clone() }, "{size}");
        }
    }

    #[test]
    fn a_manifest_without_rows_or_with_too_many_is_refused_with_the_number() {
        let lines = |number: usize| "a,d,g\n".repeat(number);
        for (refused, problem) in [
            (whole("", ManifestFormat::Csv), "has no rows"),
            (table(""), "has no rows"),
            (table("\n,,\n"), "has no rows"),
            (whole("\n\n", ManifestFormat::JsonLines), "has no rows"),
            (table(&lines(801)), "has more than 800 rows"),
        ] {
            let (path, told) = told(refused);
            assert_eq!((path.as_str(), told), ("$.manifest.key", format!("names a manifest that {problem}")));
        }
        assert_eq!(table(&(lines(800) + &",,\n".repeat(300))).map(|position| position.rows), Ok(800));
    }

    #[test]
    fn what_the_reader_would_fail_on_is_refused_with_the_row() {
        for (refused, path, problem) in [
            (table("a,d,g\n\"b,d,g\n"), "row 2", "does not end"),
            (table("a,d,g\nb\u{fffd},d,g\n"), "row 2", "is not UTF-8"),
            (whole("\u{fffd}\u{fffd}n\0a\0", ManifestFormat::Csv), "row 1", "is not UTF-8"),
            (whole("{}\n{\"name\": s3cret}\n", ManifestFormat::JsonLines), "row 2", "cannot be parsed"),
            (whole("{}\n{\"a\": 1e400}\n", ManifestFormat::JsonLines), "row 2", "cannot be parsed"),
            (whole("name,colour\n", ManifestFormat::Csv), "header", "unknown column"),
        ] {
            let (at, told) = told(refused);
            assert!(at == path && told.contains(problem) && !told.contains("s3cret"), "{at} {told}");
        }
        let long = format!("{HEADER}a,{}", "x".repeat(100));
        let first =
            Position::default().behind(PartOf { text: &long, is_last: false }, ManifestFormat::Csv).expect("part");
        let next = first.behind(PartOf { text: &"x".repeat(100), is_last: false }, ManifestFormat::Csv);
        assert_eq!(told(next), ("row 1".to_owned(), "is too long".to_owned()));
    }
}
