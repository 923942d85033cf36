//! The rows of a batch as they come along, and what became of them. Pure.

use std::collections::BTreeMap;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use console::style;
use serde_json::Value;

/// Columns of the bar.
const BAR: usize = 40;
/// Columns of the table of failures.
const WIDTH: u16 = 120;

/// What is known of the rows.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// The number of the last row, when it is known.
    pub rows: u64,
    /// Executions for rows that have started.
    pub started: u64,
    /// The outcome of each row that has ended, by its number.
    outcomes: BTreeMap<u64, Ended>,
}

#[derive(Debug, Clone)]
struct Ended {
    /// CREATED, ADOPTED, PLANNED, or the name of an error.
    how: String,
    is_failure: bool,
    /// The dataset group, or why there is none.
    what: String,
}

impl Board {
    /// Takes an outcome event of a row of this batch; all others are passed over.
    pub fn take(&mut self, event: &Value, batch: &str) {
        let detail = &event["detail"];
        let of_batch = &detail["requestedBy"]["batch"];
        let (Some(row), true) = (of_batch["row"].as_u64(), of_batch["executionArn"] == batch) else { return };
        let text = |pointer: &str| detail.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (error, planned) = (text("/error"), detail.get("plan"));
        let is_failure = error.is_some();
        let how = error.or_else(|| text("/disposition")).or_else(|| planned.map(|_| "PLANNED".to_owned()));
        let what = text("/cause/message").or_else(|| text("/datasetGroup/name"));
        let what = what.or_else(|| text("/plan/datasetGroup/datasetGroupArn")).unwrap_or_default();
        self.outcomes.insert(row, Ended { how: how.unwrap_or_default(), is_failure, what });
    }

    /// Rows that wait, are being created, are attached, and failed.
    fn counts(&self) -> [u64; 4] {
        let ended = self.outcomes.len() as u64;
        let failed = self.outcomes.values().filter(|ended| ended.is_failure).count() as u64;
        let attached = ended - failed;
        // A row that fails before it has an execution never starts one.
        let creating = self.started.saturating_sub(attached);
        [self.rows.saturating_sub(ended + creating), creating, attached, failed]
    }

    /// The counts in words, for a terminal that is none.
    pub fn line(&self) -> String {
        let [waiting, creating, attached, failed] = self.counts();
        format!("{waiting} waiting, {creating} creating, {attached} attached, {failed} failed")
    }

    /// The counts as a table, with a bar.
    pub fn table(&self) -> String {
        let counts = self.counts();
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header(["waiting", "creating", "attached", "failed", ""]);
        table.add_row(counts.map(|count| count.to_string()).into_iter().chain([self.bar()]));
        for column in table.column_iter_mut().take(counts.len()) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.to_string()
    }

    fn bar(&self) -> String {
        let [_, creating, attached, failed] = self.counts();
        let columns = |count: u64| usize::try_from(count * BAR as u64 / self.rows.max(1)).unwrap_or(BAR).min(BAR);
        let [done, lost, begun] =
            [columns(attached), columns(attached + failed), columns(attached + failed + creating)];
        let [lost, begun] = [lost.max(done), begun.max(lost)];
        let rest = BAR - begun;
        format!("{}{}{}{}", "█".repeat(done), "x".repeat(lost - done), "▒".repeat(begun - lost), "·".repeat(rest))
    }

    /// How many rows ended how, and why rows failed.
    pub fn report(&self) -> String {
        let mut by_outcome: BTreeMap<&str, u64> = BTreeMap::new();
        for ended in self.outcomes.values() {
            *by_outcome.entry(&ended.how).or_default() += 1;
        }
        let counted: Vec<_> = by_outcome.into_iter().map(|(how, count)| format!("{count} {how}")).collect();
        let mut parts = vec![format!("  {}", counted.join(", "))];
        let failed: Vec<_> = self.outcomes.iter().filter(|(_, ended)| ended.is_failure).collect();
        if !failed.is_empty() {
            let mut table = Table::new();
            table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
            table.set_header(["row", "error", "why"]);
            table.add_rows(failed.iter().map(|(row, ended)| [row.to_string(), ended.how.clone(), ended.what.clone()]));
            parts.push(format!("{}\n{table}", style("Rows that failed").bold()));
        }
        parts.join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn board() -> Board {
        let mut board = Board { rows: 8, started: 4, ..Board::default() };
        let of_row = |row: u64| json!({"batch": {"executionArn": "b", "row": row}});
        for detail in [
            json!({"requestedBy": of_row(1), "disposition": "CREATED", "datasetGroup": {"name": "media"}}),
            json!({"requestedBy": of_row(2), "disposition": "ADOPTED", "datasetGroup": {"name": "radio"}}),
            json!({"requestedBy": of_row(3), "error": "InvalidRequest", "cause": {"message": "name is missing"}}),
            json!({"requestedBy": {"batch": {"executionArn": "another", "row": 4}}, "disposition": "CREATED"}),
            json!({"disposition": "CREATED"}),
        ] {
            board.take(&json!({ "detail": detail }), "b");
        }
        board
    }

    #[test]
    fn a_row_is_counted_once_wherever_it_is() {
        assert_eq!(board().counts(), [3, 2, 2, 1]);
        assert_eq!(board().line(), "3 waiting, 2 creating, 2 attached, 1 failed");
        assert_eq!(Board::default().counts(), [0; 4]);
    }

    #[test]
    fn the_bar_has_a_part_for_each_count() {
        assert_eq!(board().bar(), format!("{}{}{}{}", "█".repeat(10), "x".repeat(5), "▒".repeat(10), "·".repeat(15)));
        assert_eq!(Board::default().bar(), "·".repeat(BAR));
        let table = board().table();
        assert!(["waiting", "creating", "attached", "failed"].iter().all(|word| table.contains(word)), "{table}");
    }

    #[test]
    fn the_report_has_the_reason_of_each_failure() {
        let report = board().report();
        for part in ["1 CREATED", "1 ADOPTED", "1 InvalidRequest", "name is missing"] {
            assert!(report.contains(part), "{part} in {report}");
        }
    }
}
