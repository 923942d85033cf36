//! Reads what happened.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent, HistoryEventType};
use jiff::Timestamp;
use local_stack::Workflow;

use super::watch::Watch;
use crate::history::{Ended, Execution, Told};

/// From the end of an execution until its event is delivered; the engine takes milliseconds.
const DELIVERY: Duration = Duration::from_secs(15);
/// From the end of the last row until the end of its batch.
const SUMMARY: Duration = Duration::from_mins(1);
/// When each execution was heard and none has spoken again for so long, none will: nothing says that no event comes.
const QUIET: Duration = Duration::from_secs(1);

/// Whether the step that an execution was in has ended: the engine lets a step end after an abort, and notes it.
pub fn is_at_rest(history: &[HistoryEvent]) -> bool {
    let entered = history.iter().filter(|event| event.state_entered_event_details().is_some()).count();
    let exited = history.iter().filter(|event| event.state_exited_event_details().is_some()).count();
    entered == exited || history.iter().any(|event| *event.r#type() == HistoryEventType::ExecutionFailed)
}

/// All executions, with how they ended.
pub async fn executions(watch: &Watch) -> Vec<Execution> {
    let mut executions = Vec::new();
    for (arn, trigger) in &watch.executions {
        executions.push(execution(&watch.workflow, arn, trigger.clone()).await);
    }
    executions
}

/// The executions of the state machine for batches, when they have ended.
pub async fn batches(workflow: &Workflow) -> Vec<Execution> {
    let until = Instant::now() + SUMMARY;
    loop {
        let listed = workflow.batches().await.expect("the batches");
        let have_ended = listed.iter().all(|batch| batch.status != ExecutionStatus::Running);
        if !have_ended && Instant::now() < until {
            tokio::time::sleep(QUIET).await;
            continue;
        }
        let mut batches = Vec::new();
        for batch in listed {
            batches.push(execution(workflow, &batch.execution_arn, None).await);
        }
        return batches;
    }
}

async fn execution(workflow: &Workflow, arn: &str, trigger: Option<String>) -> Execution {
    let described = workflow.described(arn).await.expect("an execution");
    let events = workflow.history(arn).await.expect("a history");
    // The engine lets an aborted execution fail afterwards when the step that it was in fails.
    let aborted = events.iter().any(|event| *event.r#type() == HistoryEventType::ExecutionAborted);
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let ended = match described.status() {
        _ if aborted => Ended::Aborted,
        ExecutionStatus::Succeeded => {
            Ended::Succeeded(serde_json::from_str(described.output().unwrap_or_default()).unwrap_or_default())
        }
        ExecutionStatus::Failed => Ended::Failed { error: text(described.error()), cause: text(described.cause()) },
        ExecutionStatus::Running | ExecutionStatus::TimedOut | _ => {
            Ended::Otherwise(described.status().as_str().to_owned())
        }
    };
    let last = events.iter().map(|event| instant(event.timestamp())).max();
    let started = instant(described.start_date());
    Execution {
        arn: arn.to_owned(),
        trigger,
        started,
        stopped: last.unwrap_or(started),
        ended,
        states: events
            .iter()
            .filter_map(|event| Some(event.state_entered_event_details()?.name().to_owned()))
            .collect(),
        failed_attempts: events.iter().filter_map(failed_attempt).collect(),
    }
}

fn failed_attempt(event: &HistoryEvent) -> Option<String> {
    let task = event.task_failed_event_details().and_then(|details| details.error());
    let late = event.task_timed_out_event_details().and_then(|details| details.error());
    task.or(late).map(str::to_owned)
}

fn instant(date: &DateTime) -> Timestamp {
    date.to_millis().ok().and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok()).unwrap_or_default()
}

/// The outcome events, when there is one for each execution that is to tell of its outcome and a quiet moment brought no
/// more; else those of 15 s.
pub async fn told(workflow: &Workflow, executions: &[Execution], batches: &[Execution]) -> Vec<Told> {
    let until = Instant::now() + DELIVERY;
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    loop {
        let before = told.len();
        for delivery in workflow.deliveries().await.expect("deliveries") {
            if let Entry::Vacant(place) = told.entry(delivery) {
                let mut event = workflow.delivered(place.key()).await.expect("an event");
                let detail_type = event["detail-type"].as_str().unwrap_or_default().to_owned();
                place.insert(Told { detail_type, detail: event["detail"].take() });
            }
        }
        let heard: BTreeSet<_> = told.values().filter_map(|event| event.detail["executionArn"].as_str()).collect();
        let silent = |execution: &&Execution| {
            matches!(execution.ended, Ended::Succeeded(_) | Ended::Failed { .. })
                && !heard.contains(execution.arn.as_str())
        };
        let all_heard = !executions.iter().chain(batches).any(|execution| silent(&execution));
        if (all_heard && told.len() == before) || Instant::now() > until {
            return told.into_values().collect();
        }
        tokio::time::sleep(if all_heard { QUIET } else { Duration::from_millis(250) }).await;
    }
}
