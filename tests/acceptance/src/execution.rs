//! Executions: found by a marker in their input, waited for, and read.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use crate::aws::{Aws, Failure};
use crate::pace::Pace;
use crate::progress::Progress;
use crate::stack::text;
use crate::trouble::{Trouble, broken};

/// The longest wait for the end of an execution, in seconds: the time-out of the requests, and its last calls.
const LONGEST: f64 = 4000.0;
/// How many executions are looked through for the one of an event.
const NEWEST: &str = "100";

/// An execution that has ended.
#[derive(Debug, Clone)]
pub struct Ended {
    pub arn: String,
    pub succeeded: bool,
    pub output: Value,
    pub error: String,
    pub cause: Value,
    pub seconds: f64,
}

/// Finds the execution whose input has the marker, among those that started since then. Nothing if there is none yet.
///
/// # Errors
/// Those of the calls.
pub async fn find(
    aws: &Aws,
    machine: &str,
    marker: &str,
    since: i64,
    seen: &mut BTreeSet<String>,
) -> Result<Option<String>, Failure> {
    let list = ["--state-machine-arn", machine, "--max-items", NEWEST];
    let listed = aws.call("stepfunctions", "list-executions", &list).await?;
    for arn in started(&listed, since) {
        if seen.insert(arn.clone()) {
            let described = aws.call("stepfunctions", "describe-execution", &["--execution-arn", &arn]).await?;
            if text(&described["input"]).contains(&format!("\"{marker}\"")) {
                return Ok(Some(arn));
            }
        }
    }
    Ok(None)
}

/// Waits for the end of an execution.
///
/// # Errors
/// Those of the calls, and a wait that takes too long.
pub async fn ended(aws: &Aws, arn: &str, pace: Pace, progress: &mut Progress, what: &str) -> Result<Ended, Trouble> {
    let (began, deadline) = (Instant::now(), pace.deadline(LONGEST));
    loop {
        progress.say(&format!("{what}: waiting for the execution"));
        let described = aws.call("stepfunctions", "describe-execution", &["--execution-arn", arn]).await?;
        if described["status"] != "RUNNING" {
            return Ok(read(arn, &described, began.elapsed().as_secs_f64()));
        }
        if Instant::now() > deadline {
            return Err(broken("the execution did not end"));
        }
        pace.pause().await;
    }
}

/// The outcome event that an execution published in this state: its detail, if `EventBridge` took it.
///
/// # Errors
/// Those of the call.
pub async fn published(aws: &Aws, arn: &str, state: &str) -> Result<Option<Value>, Failure> {
    let arguments = ["--execution-arn", arn, "--include-execution-data"];
    let history = aws.call("stepfunctions", "get-execution-history", &arguments).await?;
    Ok(detail(&history, state))
}

fn started(listed: &Value, since: i64) -> Vec<String> {
    let executions = listed["executions"].as_array().into_iter().flatten();
    let recent = executions.filter(|execution| seconds(&execution["startDate"]).is_none_or(|start| start >= since));
    recent.map(|execution| text(&execution["executionArn"])).collect()
}

/// Version 1 of the CLI prints times as numbers, and version 2 as texts.
fn seconds(time: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    let number = time.as_f64().map(|seconds| seconds as i64);
    number.or_else(|| Some(time.as_str()?.parse::<jiff::Timestamp>().ok()?.as_second()))
}

fn read(arn: &str, described: &Value, seconds: f64) -> Ended {
    let document = |member: &str| serde_json::from_str(&text(&described[member])).unwrap_or_default();
    Ended {
        arn: arn.to_owned(),
        succeeded: described["status"] == "SUCCEEDED",
        output: document("output"),
        error: text(&described["error"]),
        cause: document("cause"),
        seconds,
    }
}

fn detail(history: &Value, state: &str) -> Option<Value> {
    let mut events = history["events"].as_array()?.iter();
    let entered = events.find(|event| event["stateEnteredEventDetails"]["name"] == *state)?;
    let mut inside = events.take_while(|event| event["stateExitedEventDetails"]["name"] != *state);
    let taken = inside.find(|event| event["type"] == "TaskSucceeded")?;
    let taken: Value = serde_json::from_str(&text(&taken["taskSucceededEventDetails"]["output"])).ok()?;
    if taken["FailedEntryCount"] != 0 {
        return None;
    }
    serde_json::from_str(&text(&entered["stateEnteredEventDetails"]["input"])).ok()
}

impl Ended {
    /// The output of a success.
    ///
    /// # Errors
    /// The error of the execution; a missing permission with its action.
    pub fn success(&self) -> Result<&Value, Trouble> {
        if self.succeeded { Ok(&self.output) } else { Err(self.failure()) }
    }

    /// The failure, without the texts of the cause: they have names.
    pub fn failure(&self) -> Trouble {
        let member = |name: &str| self.cause[name].as_str();
        match (self.error.as_str(), member("service"), member("operation")) {
            ("AccessDenied", Some(service), Some(operation)) => {
                Trouble::WorkflowDenied(format!("{service}:{operation}"))
            }
            (_, _, _) if self.succeeded => broken("the execution succeeded"),
            (error, _, _) => broken(format!("the execution failed: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn history(kind: &str, failed: u8) -> Value {
        json!({"events": [
            {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "PublishPlanned", "input": "{\"a\": 1}"}},
            {"type": kind, "taskSucceededEventDetails": {"output": format!("{{\"FailedEntryCount\": {failed}}}")}},
            {"type": "TaskStateExited", "stateExitedEventDetails": {"name": "PublishPlanned"}},
            {"type": "TaskSucceeded", "taskSucceededEventDetails": {"output": "{\"FailedEntryCount\": 0}"}}
        ]})
    }

    #[test]
    fn an_event_is_published_if_event_bridge_took_it() {
        assert_eq!(detail(&history("TaskSucceeded", 0), "PublishPlanned"), Some(json!({"a": 1})));
        assert_eq!(detail(&history("TaskSucceeded", 1), "PublishPlanned"), None);
        assert_eq!(detail(&history("TaskFailed", 0), "PublishPlanned"), None);
        assert_eq!(detail(&history("TaskSucceeded", 0), "PublishFailed"), None);
    }

    #[test]
    fn both_versions_of_the_cli_tell_when_an_execution_started() {
        let listed = json!({"executions": [
            {"executionArn": "new", "startDate": "2026-01-01T00:00:10+00:00"},
            {"executionArn": "old", "startDate": 1_767_225_599.5}
        ]});
        assert_eq!(started(&listed, 1_767_225_600), ["new"]);
    }

    #[test]
    fn a_permission_that_the_workflow_lacks_is_named() {
        let cause = json!({"service": "personalize", "operation": "TagResource"}).to_string();
        let ended = read("a", &json!({"status": "FAILED", "error": "AccessDenied", "cause": cause}), 1.0);
        assert_eq!(ended.failure(), Trouble::WorkflowDenied("personalize:TagResource".to_owned()));
        assert_eq!(ended.success(), Err(ended.failure()));
    }
}
