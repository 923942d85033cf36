//! The report: a table for people, JSON and Markdown for an issue.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use serde::Serialize;

use crate::clean::Left;
use crate::redact::Secrets;
use crate::row::{Row, Verdict};

/// What a run found out, without names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub date: String,
    pub version: &'static str,
    pub region: String,
    /// Whether the user has moved the endpoints away from AWS.
    pub custom_endpoint: bool,
    /// What `GROUP` was.
    pub principal: &'static str,
    pub seconds: u64,
    pub interrupted: bool,
    pub rows: Vec<Row>,
    /// What could not be removed, and why.
    pub left: Vec<String>,
}

/// The first row of the table.
const HEADER: [&str; 4] = ["promise or question", "answer", "what our simulators assume", ""];

impl Report {
    /// Takes the names out of the texts.
    #[must_use]
    pub fn redacted(self, secrets: &Secrets) -> Self {
        let row = |row: Row| Row { about: secrets.redacted(&row.about), answer: secrets.redacted(&row.answer), ..row };
        let left = self.left.iter().map(|left| secrets.redacted(left)).collect();
        Self { rows: self.rows.into_iter().map(row).collect(), left, ..self }
    }

    /// Whether every promise holds and nothing is left.
    pub fn succeeded(&self) -> bool {
        !self.interrupted && self.left.is_empty() && !self.rows.iter().any(Row::fails)
    }

    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header(HEADER);
        table.add_rows(self.rows.iter().map(cells));
        table.to_string()
    }

    pub fn summary(&self) -> String {
        let count = |verdict: Verdict| self.rows.iter().filter(|row| row.verdict == verdict).count();
        let all = [
            Verdict::Holds,
            Verdict::Fails,
            Verdict::Same,
            Verdict::Differs,
            Verdict::Measured,
            Verdict::Unanswered,
            Verdict::NotAsked,
            Verdict::NotPlayed,
        ];
        let counted: Vec<_> = all
            .into_iter()
            .filter(|verdict| count(*verdict) > 0)
            .map(|v| format!("{} {}", count(v), v.text()))
            .collect();
        format!("{} in {} s", counted.join(", "), self.seconds)
    }

    pub fn markdown(&self) -> String {
        let endpoint = if self.custom_endpoint { "not AWS" } else { "AWS" };
        let mut text = format!(
            "# Acceptance\n\n{}. Version {}, Region {}, endpoint {endpoint}, GROUP is {}. {}{}.\n\n",
            self.date,
            self.version,
            self.region,
            self.principal,
            if self.interrupted { "Interrupted. " } else { "" },
            self.summary(),
        );
        let line = |cells: [String; 4]| format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
        text += &line(HEADER.map(str::to_owned));
        text += "|---|---|---|---|\n";
        text.extend(self.rows.iter().map(|row| line(cells(row))));
        if !self.left.is_empty() {
            text += "\nCould not be removed:\n\n";
        }
        for left in &self.left {
            let _ = writeln!(text, "- {left}");
        }
        text
    }

    /// Writes report.json and report.md into a folder.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join("report.json"), serde_json::to_vec_pretty(self)?)?;
        fs::write(folder.join("report.md"), self.markdown())
    }
}

/// For the report, what is left without the command: that has names.
pub fn without_names(left: &[Left]) -> Vec<String> {
    left.iter().map(|left| format!("{}: {}", left.kind, left.why)).collect()
}

fn cells(row: &Row) -> [String; 4] {
    let assumed = row.assumed.unwrap_or_default().to_owned();
    [row.about.clone(), row.answer.clone(), assumed, row.verdict.text().to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Question;
    use crate::trouble::Trouble;

    fn report(rows: Vec<Row>) -> Report {
        Report {
            date: "2026-01-02".to_owned(),
            version: "0.1.0",
            region: "us-east-1".to_owned(),
            custom_endpoint: false,
            principal: "a role",
            seconds: 7,
            interrupted: false,
            rows,
            left: Vec::new(),
        }
    }

    fn rows() -> Vec<Row> {
        let question = Question { text: "status", assumed: Some("ASSIGNED") };
        vec![Row::promise("a", Ok("1 s".to_owned())), Row::question(question, Ok("NOT_ASSIGNED".to_owned()))]
    }

    #[test]
    fn a_different_answer_is_no_failure_but_a_broken_promise_and_a_leftover_are() {
        assert!(report(rows()).succeeded());
        let mut broken = report(rows());
        broken.rows.push(Row::promise("b", Err(Trouble::Broken("no".to_owned()))));
        assert!(!broken.succeeded());
        assert!(!Report { left: vec!["a dataset group".to_owned()], ..report(rows()) }.succeeded());
        assert!(!Report { interrupted: true, ..report(rows()) }.succeeded());
    }

    #[test]
    fn the_table_and_the_document_show_each_row_with_its_verdict() {
        let report = report(rows());
        for text in [report.table(), report.markdown()] {
            for part in ["NOT_ASSIGNED", "ASSIGNED", "differs", "holds"] {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
        assert_eq!(report.summary(), "1 holds, 1 differs in 7 s");
        assert!(report.markdown().contains("| status | NOT_ASSIGNED | ASSIGNED | differs |"));
    }

    #[test]
    fn the_files_have_no_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut report = report(rows());
        report.rows[0].answer = "analysts of arn:aws:iam::123456789012:role/r".to_owned();
        report.left = vec!["dzd_a1: analysts".to_owned()];
        let secrets = Secrets::new(["analysts".to_owned()]);
        report.redacted(&secrets).write(folder.path()).expect("written");
        for name in ["report.json", "report.md"] {
            let text = fs::read_to_string(folder.path().join(name)).expect("a file");
            for secret in ["analysts", "123456789012", "arn:", "dzd_a1"] {
                assert!(!text.contains(secret), "{secret} in {name}");
            }
        }
    }
}
