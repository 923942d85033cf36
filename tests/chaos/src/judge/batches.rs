//! Each row of a batch has one outcome, and the batch counts them.

use std::collections::BTreeMap;

use contract::batch::{FailedRow, MOST_FAILED_ROWS, Summary};
use contract::outcome::{PLANNED, PROVISIONED, PROVISIONING_FAILED};

use super::Evidence;
use crate::history::{Ended, Told};
use crate::verdict::{Verdict, Violation};

/// The most characters of the name of a batch in the names of the executions of its rows.
const LONGEST_NAME: usize = 70;

pub(super) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    let (plan, batches) = (&evidence.history.plan, &evidence.history.batches);
    let sent = usize::from(!plan.manifest.is_empty());
    if batches.len() != sent {
        let executions = batches.iter().map(|batch| batch.arn.clone()).collect();
        verdict.violations.push(Violation::ExecutionCount { trigger: "the manifest".to_owned(), sent, executions });
    }
    let mut outcomes: BTreeMap<(&str, u64), Vec<&Told>> = BTreeMap::new();
    for batch in batches {
        outcomes.extend((1..).zip(&plan.manifest).map(|(row, _)| ((batch.arn.as_str(), row), Vec::new())));
    }
    for event in &evidence.history.told {
        if let Some(row) = row_of(event) {
            let of_row = outcomes.entry(row).or_default();
            // A retry of the call that publishes it can publish it again.
            if !of_row.contains(&event) {
                of_row.push(event);
            }
        }
    }
    for ((batch, row), outcomes) in &outcomes {
        if let Err(why) = has_one_outcome(evidence, batch, *row, outcomes) {
            verdict.violations.push(Violation::RowOutcome { batch: (*batch).to_owned(), row: *row, why });
        }
    }
    for batch in batches {
        let own = outcomes.iter().filter(|((of, _), _)| *of == batch.arn);
        let counted = counted(own.flat_map(|((_, row), outcomes)| outcomes.iter().map(|outcome| (*row, *outcome))));
        let told = told(&batch.ended);
        if told.as_ref() != Some(&counted) {
            let told = told.map_or_else(|| batch.ended.word().to_owned(), |told| format!("{told:?}"));
            let counted = format!("{counted:?}");
            verdict.violations.push(Violation::Miscounted { batch: batch.arn.clone(), told, counted });
        }
    }
}

/// The batch and the number of the row that an outcome is of.
pub(super) fn row_of(event: &Told) -> Option<(&str, u64)> {
    let batch = &event.detail["requestedBy"]["batch"];
    Some((batch["executionArn"].as_str()?, batch["row"].as_u64()?))
}

/// Of the one execution with the name of the batch and the number of the row; of the batch itself where the row is invalid.
fn has_one_outcome(evidence: &Evidence, batch: &str, number: u64, outcomes: &[&Told]) -> Result<(), String> {
    let history = evidence.history;
    let row = (1..).zip(&history.plan.manifest).find(|(of, _)| *of == number);
    let (_, row) = row.ok_or("the manifest has no such row")?;
    let [outcome] = outcomes else { return Err(format!("it has {} outcomes", outcomes.len())) };
    let event = &history.plan.event_of_row(row).id;
    let executions: Vec<_> =
        history.executions.iter().filter(|execution| execution.trigger.as_ref() == Some(event)).collect();
    let of = outcome.detail["executionArn"].as_str().unwrap_or_default();
    if row.is_valid {
        let name: String = name_of(batch).chars().take(LONGEST_NAME).collect();
        let is_own =
            executions.iter().any(|execution| execution.arn == of) && name_of(of) == format!("{name}-{number}");
        return is_own.then_some(()).ok_or_else(|| format!("its outcome is of {of}"));
    }
    let is_refused = outcome.detail_type == PROVISIONING_FAILED && outcome.detail["error"] == "InvalidRequest";
    let is_refused = is_refused && of == batch && executions.is_empty();
    is_refused.then_some(()).ok_or_else(|| format!("it is invalid, and its outcome is {}", outcome.detail))
}

fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

/// What the summary of these rows is, without the seconds, names and messages.
fn counted<'a>(outcomes: impl Iterator<Item = (u64, &'a Told)>) -> Summary {
    let mut summary = Summary::default();
    for (row, outcome) in outcomes {
        summary.rows += 1;
        let detail = &outcome.detail;
        let (errors, error) = match outcome.detail_type.as_str() {
            PROVISIONED if detail["disposition"] == "CREATED" => {
                summary.created += 1;
                continue;
            }
            PROVISIONED => {
                summary.adopted += 1;
                continue;
            }
            PLANNED => {
                summary.planned += 1;
                (&mut summary.would_fail, &detail["plan"]["wouldFail"]["error"])
            }
            _ => (&mut summary.failed, &detail["error"]),
        };
        if let Some(error) = error.as_str().map(str::to_owned) {
            *errors.entry(error.clone()).or_default() += 1;
            summary.failed_rows.push(FailedRow { row, name: None, error, message: String::new() });
        }
    }
    summary.failed_rows.truncate(MOST_FAILED_ROWS);
    summary
}

/// The summary that the batch tells, without the same.
fn told(ended: &Ended) -> Option<Summary> {
    let Ended::Succeeded(output) = ended else { return None };
    let summary: Summary = serde_json::from_value(output["summary"].clone()).ok()?;
    let rows = summary.failed_rows.into_iter();
    let failed_rows = rows.map(|row| FailedRow { name: None, message: String::new(), ..row }).collect();
    Some(Summary { seconds: 0, failed_rows, ..summary })
}
