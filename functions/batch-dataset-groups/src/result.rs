//! The task that says how a row ended, by what its execution says of itself.

use contract::batch::{LONGEST_RESULT, RowOutcome, RowResult};
use contract::request::DatasetGroupName;
use contract::step_error::{Cause, shortened};
use contract::{Execution, StepError};
use serde::Deserialize;
use serde_json::Value;

/// The input of the task.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Close {
    /// The execution of the batch.
    pub execution: Execution,
    /// The number of the row, from 1.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub row: u64,
    /// The row as the reader of the Distributed Map hands it over.
    pub item: Value,
    /// Its execution.
    pub described: Described,
}

/// An execution as `startExecution.sync:2` returns it, or `DescribeExecution`. Its cause is never cut there, unlike that of
/// the error which a failed execution is for its caller.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Described {
    /// RUNNING, SUCCEEDED, FAILED, `TIMED_OUT` or ABORTED.
    pub status: String,
    /// JSON, or its text.
    pub input: Option<Value>,
    /// JSON, or its text.
    pub output: Option<Value>,
    /// The name of the error.
    pub error: Option<String>,
    /// The text of a [`Cause`].
    pub cause: Option<String>,
}

impl Close {
    /// How the row ended, in at most 300 bytes of JSON.
    pub(crate) fn decide(self) -> RowResult {
        let name = name_of(&self.item);
        let (outcome, fault) = self.outcome();
        let (error, message) = fault.map_or((None, None), |Fault { error, message }| (Some(error), Some(message)));
        let mut result = RowResult { row: self.row, outcome, name, error, message };
        // A message of as many characters may be longer in bytes.
        let mut most = LONGEST_RESULT;
        while serde_json::to_string(&result).map_or(0, |json| json.len()) > LONGEST_RESULT && most > 3 {
            most -= 1;
            result.message = result.message.map(|message| shortened(&message, most));
        }
        result
    }

    fn outcome(&self) -> (RowOutcome, Option<Fault>) {
        let execution = &self.described;
        let input = execution.input.as_ref().map(document);
        let of_other_batch = input.is_some_and(|input| input["batch"]["executionArn"] != *self.execution.arn);
        if of_other_batch {
            let message = "the name of the execution is taken by a row of another batch; name the batch differently";
            return (RowOutcome::Failed, Some(Fault::unexpected(message)));
        }
        match execution.status.as_str() {
            "RUNNING" | "PENDING_REDRIVE" => (RowOutcome::Running, None),
            "SUCCEEDED" => succeeded(&execution.output.as_ref().map(document).unwrap_or_default()),
            "FAILED" => (RowOutcome::Failed, Some(Fault::of(execution))),
            other => {
                let message = format!("the execution ended as {other} and could not report an outcome");
                (RowOutcome::Failed, Some(Fault::unexpected(message)))
            }
        }
    }
}

fn succeeded(output: &Value) -> (RowOutcome, Option<Fault>) {
    let plan = output.get("plan").map(|plan| plan.get("wouldFail").and_then(Fault::of_cause));
    match (output["disposition"].as_str().and_then(RowOutcome::of), plan) {
        (_, Some(would_fail)) => (RowOutcome::Planned, would_fail),
        (Some(outcome), None) => (outcome, None),
        (None, None) => (RowOutcome::Failed, Some(Fault::unexpected("the execution has no outcome"))),
    }
}

/// JSON, or its text.
fn document(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| serde_json::from_str(text).unwrap_or_default())
}

/// The name of the dataset group, where it is a valid one.
fn name_of(item: &Value) -> Option<String> {
    let text = item.get("name").or_else(|| item.pointer("/datasetGroup/name"))?.as_str()?.trim();
    let name: DatasetGroupName = serde_json::from_value(text.into()).ok()?;
    Some(name.as_str().to_owned())
}

struct Fault {
    error: String,
    message: String,
}

impl Fault {
    fn unexpected(message: impl Into<String>) -> Self {
        Self { error: StepError::unexpected("").name().to_owned(), message: message.into() }
    }

    fn of(execution: &Described) -> Self {
        let cause = execution.cause.as_deref().unwrap_or_default();
        let described = serde_json::from_str(cause).ok().and_then(|cause| Self::of_cause(&cause));
        described.unwrap_or_else(|| {
            let error = execution.error.as_deref().unwrap_or("no error");
            Self::unexpected(format!("the execution failed with {error}: {cause}"))
        })
    }

    /// The violations of an invalid request without what is allowed, so that more of them fit.
    fn of_cause(cause: &Value) -> Option<Self> {
        let Cause { error, message, violations, .. } = serde_json::from_value(cause.clone()).ok()?;
        let told: Vec<_> =
            violations.iter().map(|violation| format!("{} {}", violation.path, violation.problem)).collect();
        Some(Self { error, message: if told.is_empty() { message } else { told.join("; ") } })
    }
}

#[cfg(test)]
mod tests {
    use contract::Violation;
    use serde_json::json;

    use super::*;

    fn closed(described: &Value) -> RowResult {
        let execution = json!({"arn": "batch", "startTime": "2026-11-20T09:00:00Z", "waitedSeconds": 0});
        let item = json!({"name": " media "});
        let input = json!({"execution": execution, "row": 800, "item": item, "described": described});
        serde_json::from_value::<Close>(input).expect("an input").decide()
    }

    fn invalid(problem: &str) -> Cause {
        let violation =
            |path: &str| Violation { path: path.to_owned(), problem: problem.to_owned(), allowed: "b".to_owned() };
        StepError::InvalidRequest(vec![violation("roleArn"), violation("domain")]).cause()
    }

    #[test]
    fn the_output_of_an_execution_says_how_its_row_ended() {
        let own = json!({"batch": {"executionArn": "batch"}});
        let would_fail = json!({"plan": {"wouldFail": invalid("is missing")}});
        for (output, outcome, error) in [
            (json!({"disposition": "CREATED"}), RowOutcome::Created, None),
            (json!({"disposition": "ADOPTED"}), RowOutcome::Adopted, None),
            (json!({"plan": {}}), RowOutcome::Planned, None),
            (would_fail, RowOutcome::Planned, Some("InvalidRequest")),
            (json!({}), RowOutcome::Failed, Some("Unexpected")),
        ] {
            for (input, output) in [(own.clone(), output.clone()), (own.to_string().into(), output.to_string().into())]
            {
                let result = closed(&json!({"Status": "SUCCEEDED", "Input": input, "Output": output, "Name": "n"}));
                assert_eq!((result.outcome, result.error.as_deref()), (outcome, error), "{output}");
                assert_eq!((result.row, result.name.as_deref()), (800, Some("media")));
            }
        }
    }

    #[test]
    fn a_failure_is_told_by_what_is_wrong() {
        let cause = json!(invalid("is missing")).to_string();
        let result = closed(&json!({"Status": "FAILED", "Error": "InvalidRequest", "Cause": cause}));
        let told = (result.outcome, result.error.as_deref(), result.message.as_deref());
        assert_eq!(told, (RowOutcome::Failed, Some("InvalidRequest"), Some("roleArn is missing; domain is missing")));
        for (described, part) in [
            (json!({"Status": "FAILED", "Error": "States.Runtime", "Cause": "what"}), "States.Runtime: what"),
            (json!({"Status": "TIMED_OUT"}), "ended as TIMED_OUT"),
            (json!({"Status": "ABORTED"}), "ended as ABORTED"),
            (
                json!({"Status": "SUCCEEDED", "Input": "{}", "Output": "{\"disposition\": \"CREATED\"}"}),
                "another batch",
            ),
        ] {
            let result = closed(&described);
            assert_eq!((result.outcome, result.error.as_deref()), (RowOutcome::Failed, Some("Unexpected")));
            assert!(result.message.as_deref().is_some_and(|message| message.contains(part)), "{result:?}");
        }
        assert_eq!(closed(&json!({"Status": "RUNNING"})).outcome, RowOutcome::Running);
    }

    #[test]
    fn a_result_never_takes_more_than_its_bytes() {
        for text in ["x", "\u{1f600}", "\"", "\u{1}"] {
            let cause = json!(invalid(&text.repeat(300))).to_string();
            let result = closed(&json!({"Status": "FAILED", "Error": "InvalidRequest", "Cause": cause}));
            let length = json!(result).to_string().len();
            assert!((LONGEST_RESULT - 8..=LONGEST_RESULT).contains(&length), "{length}: {result:?}");
        }
    }
}
