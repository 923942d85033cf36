//! An execution in the mode PLAN changes nothing, and says what would be done.

use contract::step_error::Cause;
use serde_json::Value;

use super::failures::{founded, other_throughout};
use super::{Evidence, Run};
use crate::plan::Purpose;
use crate::verdict::{Verdict, Violation};

/// No call that only plans may have made has an effect.
pub(super) fn calls(evidence: &Evidence, verdict: &mut Verdict) {
    for call in evidence.calls.iter().filter(|call| call.effect) {
        let runs: Vec<_> = evidence.runs_of(call).collect();
        if let Some(run) = runs.first().filter(|_| runs.iter().all(|run| run.asked.plan_only)) {
            verdict.violations.push(Violation::PlanChanged {
                execution: run.execution.arn.clone(),
                name: run.name.name.clone(),
                call: call.sequence,
                operation: call.operation.clone(),
            });
        }
    }
}

pub(super) fn check(evidence: &Evidence, run: &Run, output: &Value, verdict: &mut Verdict) {
    let execution = || run.execution.arn.clone();
    let name = || run.name.name.clone();
    let lacks = lacks(run, output);
    if !lacks.is_empty() {
        return verdict.violations.push(Violation::NotPlanned { execution: execution(), name: name(), lacks });
    }
    let cause: Option<Cause> = serde_json::from_value(output["plan"]["wouldFail"].clone()).ok();
    let error = would_end(run, output);
    if let Some(cause) = &cause
        && let Err(why) = founded(evidence, run, error, cause)
    {
        let error = format!("a plan for {error}");
        verdict.violations.push(Violation::Unfounded { execution: execution(), name: name(), error, why });
    }
    if error != "DatasetGroupConflict"
        && let Some(standing) = other_throughout(evidence, run)
    {
        let ended = format!("in a plan for {error}");
        verdict.violations.push(Violation::ConflictHidden { execution: execution(), name: name(), ended, standing });
    }
}

/// The error that a plan says APPLY would end with, or `Provisioned` or `Retired`.
pub(super) fn would_end<'a>(run: &Run, output: &'a Value) -> &'a str {
    let done = match run.asked.purpose {
        Purpose::Provision => "Provisioned",
        Purpose::Retire => "Retired",
    };
    output.pointer("/plan/wouldFail/error").and_then(Value::as_str).unwrap_or(done)
}

/// What the output does not say.
fn lacks(run: &Run, output: &Value) -> Vec<String> {
    let expected = [("/executionArn", run.execution.arn.as_str()), ("/metadata/correlationId", &run.trigger.id)];
    let other =
        expected.into_iter().filter(|(pointer, value)| output.pointer(pointer).is_none_or(|said| said != value));
    let mut lacks: Vec<_> = other.map(|(pointer, value)| format!("{pointer} {value}")).collect();
    if output["plan"]["datasetGroup"]["action"].as_str().is_none() {
        lacks.push("/plan/datasetGroup/action".to_owned());
    }
    lacks
}
