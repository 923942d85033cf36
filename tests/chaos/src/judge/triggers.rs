//! Every event has its executions, and every execution tells of its outcome.

use std::collections::BTreeMap;

use contract::batch::BatchFinished;
use contract::outcome::{
    BATCH_FINISHED, PLANNED, PROVISIONED, PROVISIONING_FAILED, Planned, Provisioned, ProvisioningFailed,
};
use contract::retirement::{
    RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED, Retired, RetirementFailed, RetirementPlanned,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Evidence, batches};
use crate::history::{Ended, Execution, Told};
use crate::verdict::{Verdict, Violation};

pub(super) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    counts(evidence, verdict);
    let mut told: BTreeMap<&str, Vec<&Told>> = BTreeMap::new();
    // The batch itself tells of its invalid rows; the rules for batches have them.
    let is_of_row =
        |event: &&Told| batches::row_of(event).is_some_and(|(batch, _)| event.detail["executionArn"] == *batch);
    for event in evidence.history.told.iter().filter(|event| !is_of_row(event)) {
        told.entry(event.detail["executionArn"].as_str().unwrap_or_default()).or_default().push(event);
    }
    for execution in evidence.history.executions.iter().chain(&evidence.history.batches) {
        outcome(execution, &told.remove(execution.arn.as_str()).unwrap_or_default(), verdict);
    }
    for (execution, events) in told {
        verdict.violations.push(Violation::ToldOtherwise {
            execution: execution.to_owned(),
            ended: "not at all: there is no such execution".to_owned(),
            told: events[0].detail_type.clone(),
        });
    }
}

/// As many executions as the event was sent.
fn counts(evidence: &Evidence, verdict: &mut Verdict) {
    let mut sent: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &evidence.history.sent {
        *sent.entry(&event.trigger).or_default() += 1;
    }
    let mut executions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for execution in &evidence.history.executions {
        match execution.trigger.as_deref().filter(|trigger| sent.contains_key(trigger)) {
            Some(trigger) => executions.entry(trigger).or_default().push(execution.arn.clone()),
            None => verdict.violations.push(Violation::Unsolicited { execution: execution.arn.clone() }),
        }
    }
    for (trigger, sent) in sent {
        let executions = executions.remove(trigger).unwrap_or_default();
        if executions.len() != sent {
            let trigger = trigger.to_owned();
            verdict.violations.push(Violation::ExecutionCount { trigger, sent, executions });
        }
    }
}

/// At least one event, of the same kind and with the same content; an aborted execution may have told of either or none,
/// but not of both.
fn outcome(execution: &Execution, told: &[&Told], verdict: &mut Verdict) {
    let arn = || execution.arn.clone();
    let ended = || execution.ended.word().to_owned();
    match &execution.ended {
        Ended::Otherwise(status) => {
            verdict.violations.push(Violation::NeverEnded { execution: arn(), status: status.clone() });
        }
        Ended::Succeeded(_) | Ended::Failed { .. } if told.is_empty() => {
            verdict.violations.push(Violation::NotTold { execution: arn(), ended: ended() });
        }
        Ended::Succeeded(_) | Ended::Failed { .. } | Ended::Aborted => {
            let kind = told.first().map(|event| event.detail_type.as_str());
            let otherwise = told
                .iter()
                .find(|event| !agrees(&execution.ended, event) || kind.is_some_and(|kind| kind != event.detail_type));
            verdict.violations.extend(otherwise.map(|event| Violation::ToldOtherwise {
                execution: arn(),
                ended: ended(),
                told: format!("{} {}", event.detail_type, event.detail),
            }));
        }
    }
}

fn agrees(ended: &Ended, event: &Told) -> bool {
    let detail = &event.detail;
    let succeeded = || match event.detail_type.as_str() {
        PROVISIONED => fits::<Provisioned>(detail),
        PLANNED => fits::<Planned>(detail),
        RETIRED => fits::<Retired>(detail),
        RETIREMENT_PLANNED => fits::<RetirementPlanned>(detail),
        BATCH_FINISHED => fits::<BatchFinished>(detail),
        _ => false,
    };
    let failed = || match event.detail_type.as_str() {
        PROVISIONING_FAILED => fits::<ProvisioningFailed>(detail),
        RETIREMENT_FAILED => fits::<RetirementFailed>(detail),
        BATCH_FINISHED => fits::<BatchFinished>(detail),
        _ => false,
    };
    match ended {
        Ended::Succeeded(output) => succeeded() && detail == output,
        Ended::Failed { error, cause } => {
            let cause = serde_json::from_str::<Value>(cause).ok();
            failed() && detail["error"] == *error && cause.as_ref() == Some(&detail["cause"])
        }
        Ended::Aborted => succeeded() || failed(),
        Ended::Otherwise(_) => false,
    }
}

/// Whether a document is what the contract says.
fn fits<T: DeserializeOwned>(detail: &Value) -> bool {
    serde_json::from_value::<T>(detail.clone()).is_ok()
}
