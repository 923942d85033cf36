//! The task that counts how the rows ended.

use std::collections::BTreeSet;

use contract::batch::{FailedRow, MOST_FAILED_ROWS, RowOutcome, RowResult, Summary};
use contract::{Execution, StepError};
use jiff::Timestamp;
use serde::Deserialize;

/// The input of the task.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summarize {
    /// The execution of the batch.
    pub execution: Execution,
    /// The number of the last row.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub rows: u64,
    /// What the rows returned. A row whose own execution in the map failed returned nothing.
    pub results: Vec<Option<RowResult>>,
}

impl Summarize {
    /// Every row counts once: one without a result as failed.
    pub(crate) fn decide(self, now: Timestamp) -> Summary {
        let mut summary = Summary { seconds: self.execution.elapsed_seconds(now), ..Summary::default() };
        let mut results: Vec<_> = self.results.into_iter().flatten().collect();
        let ended: BTreeSet<_> = results.iter().map(|result| result.row).collect();
        results.extend((1..=self.rows).filter(|row| !ended.contains(row)).map(lost));
        results.sort_by_key(|result| result.row);
        for RowResult { row, outcome, name, error, message } in results {
            let error = error.unwrap_or_else(|| StepError::unexpected("").name().to_owned());
            let faults = match outcome {
                RowOutcome::Blank => continue,
                RowOutcome::Created => {
                    summary.created += 1;
                    None
                }
                RowOutcome::Adopted => {
                    summary.adopted += 1;
                    None
                }
                RowOutcome::Planned => {
                    summary.planned += 1;
                    message.is_some().then_some(&mut summary.would_fail)
                }
                RowOutcome::Failed | RowOutcome::Running => Some(&mut summary.failed),
            };
            summary.rows += 1;
            let Some(faults) = faults else { continue };
            *faults.entry(error.clone()).or_default() += 1;
            if summary.failed_rows.len() < MOST_FAILED_ROWS {
                summary.failed_rows.push(FailedRow { row, name, error, message: message.unwrap_or_default() });
            }
        }
        summary
    }
}

fn lost(row: u64) -> RowResult {
    let message = "the row returned no result; see the map run of the execution".to_owned();
    RowResult { row, outcome: RowOutcome::Failed, name: None, error: None, message: Some(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(row: u64, outcome: RowOutcome, error: Option<&str>) -> RowResult {
        let (error, message) = (error.map(str::to_owned), error.map(|error| format!("why {error}")));
        RowResult { row, outcome, name: None, error, message }
    }

    fn summary(rows: u64, results: Vec<Option<RowResult>>) -> Summary {
        let execution = Execution { arn: "e".to_owned(), start_time: Timestamp::UNIX_EPOCH, waited_seconds: 0 };
        Summarize { execution, rows, results }.decide(Timestamp::constant(90, 0))
    }

    #[test]
    fn every_row_counts_once_and_one_without_a_result_as_failed() {
        let results = vec![
            Some(result(1, RowOutcome::Created, None)),
            Some(result(2, RowOutcome::Blank, None)),
            None,
            Some(result(4, RowOutcome::Failed, Some("NotFound"))),
            Some(result(5, RowOutcome::Adopted, None)),
            Some(result(6, RowOutcome::Planned, None)),
            Some(result(7, RowOutcome::Planned, Some("DatasetGroupConflict"))),
        ];
        let summary = summary(8, results);
        assert_eq!((summary.rows, summary.created, summary.adopted, summary.planned), (7, 1, 1, 2));
        let counts = |counts: &std::collections::BTreeMap<String, u64>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>()
        };
        assert_eq!(counts(&summary.failed), ["NotFound 1", "Unexpected 2"]);
        assert_eq!(counts(&summary.would_fail), ["DatasetGroupConflict 1"]);
        assert_eq!(summary.failed_rows.iter().map(|row| row.row).collect::<Vec<_>>(), [3, 4, 7, 8]);
        assert_eq!(summary.seconds, 90);
    }

    #[test]
    fn all_failures_are_counted_and_the_first_fifty_are_listed() {
        let summary =
            summary(60, (1..=60).map(|row| Some(result(row, RowOutcome::Failed, Some("NotFound")))).collect());
        assert_eq!((summary.failed["NotFound"], summary.failed_rows.len()), (60, MOST_FAILED_ROWS));
    }
}
