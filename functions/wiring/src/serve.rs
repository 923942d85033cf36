//! The loop that takes events and returns responses.

use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use contract::request::Violation;
use contract::step_error::Cause;
use contract::{FunctionArn, StepError, Subject};
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::timeout;
use tracing::{error, info};

/// The function's time that is kept back to report that it ran out. A function that Lambda kills reports nothing.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a handler gets of the invocation, beside its input.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The function's own ARN: the source of partition, region and account.
    pub function: FunctionArn,
    /// When the event was taken.
    pub now: Timestamp,
}

/// An output that can be logged in a word or two.
pub trait LogSummary {
    /// What was decided, for the log: `created`, `adopted`.
    fn decision(&self) -> &'static str;
    /// How long the group took to become ACTIVE, for the metrics; only when that is what was seen.
    fn activation(&self) -> Option<Activation> {
        None
    }
    /// The cause of a failure that is part of the output. It is logged as an error of the step.
    fn failure(&self) -> Option<&Cause> {
        None
    }
}

/// How long a dataset group took to become ACTIVE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activation {
    /// Seconds since the execution started.
    pub seconds: u64,
    /// Polls of the group.
    pub polls: u64,
}

/// What the state machine gets.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Returned<O> {
    /// The step did its part.
    Output(O),
    /// A service throttled the step: the state machine waits and runs it again. The cause is for the outcome, should the
    /// deadline pass before.
    Throttled { throttled: Box<Cause> },
}

/// Handles events with `handle` until Lambda ends the process.
///
/// An error reaches the state machine under [`StepError::name`], with the document of [`StepError::cause`] as its
/// message. A throttled step is no error: it returns that document as `throttled`. The payload is taken as it is and read
/// here: for one that it cannot read, the runtime would report a name of its own, with the names of members that nobody
/// should see.
///
/// # Errors
/// When the Runtime API cannot be reached.
pub async fn serve<I, O, H, F>(handle: H) -> Result<(), Error>
where
    I: DeserializeOwned,
    O: Serialize + LogSummary,
    H: Fn(I, Invocation) -> F,
    F: Future<Output = Result<O, StepError>>,
{
    let handle = &handle;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let LambdaEvent { payload, context } = event;
        let Subject { execution_arn, dataset_group } = Subject::of(&payload);
        let payload = read(&payload);
        let left = time_left(context.deadline, SystemTime::now());
        let answered = timeout(left, Box::pin(answer(handle, payload, &context.invoked_function_arn)))
            .await
            .unwrap_or(Err(StepError::OutOfTime { seconds: left.as_secs() }));
        macro_rules! log {
            ($level:ident, $cause:expr, $decision:expr, $message:literal) => {
                $level!(
                    requestId = context.request_id,
                    executionArn = execution_arn,
                    datasetGroup = dataset_group,
                    resource = $cause.resource,
                    decision = $decision,
                    service = $cause.service.map(contract::Service::as_str),
                    operation = $cause.operation,
                    code = $cause.code,
                    serviceRequestId = $cause.request_id,
                    $message
                )
            };
        }
        match answered {
            Ok(output) => {
                if let Some(cause) = output.failure() {
                    log!(error, cause, cause.error, "failed");
                } else {
                    let activation = output.activation();
                    info!(
                        requestId = context.request_id,
                        executionArn = execution_arn,
                        datasetGroup = dataset_group,
                        decision = output.decision(),
                        secondsUntilActive = activation.map(|activation| activation.seconds),
                        polls = activation.map(|activation| activation.polls),
                        "decided"
                    );
                }
                Ok(Returned::Output(output))
            }
            Err(failure) => {
                let cause = failure.cause();
                if matches!(failure, StepError::Throttled(_)) {
                    log!(info, cause, "wait for capacity", "throttled");
                    return Ok(Returned::Throttled { throttled: Box::new(cause) });
                }
                log!(error, cause, cause.error, "failed");
                Err(diagnostic(cause))
            }
        }
    }))
    .await
}

async fn answer<I, O, H, F>(handle: &H, payload: Result<Value, StepError>, function_arn: &str) -> Result<O, StepError>
where
    I: DeserializeOwned,
    H: Fn(I, Invocation) -> F,
    F: Future<Output = Result<O, StepError>>,
{
    let input = serde_json::from_value(payload?)
        .map_err(|fault| StepError::unexpected(format!("the function input cannot be deserialized: {fault}")))?;
    handle(input, Invocation { function: FunctionArn::parse(function_arn)?, now: Timestamp::now() }).await
}

/// Unparseable JSON can only come from the request, because the state machine creates the rest of the payload.
fn read(payload: &RawValue) -> Result<Value, StepError> {
    serde_json::from_str(payload.get()).map_err(|fault| {
        // The fault names a place and a reason, and repeats nothing.
        let problem = format!("cannot be parsed: {fault}");
        let allowed =
            "JSON with numbers within double range, no unpaired surrogates, and metadata of at most 125 levels";
        StepError::InvalidRequest(vec![Violation { path: "$".to_owned(), problem, allowed: allowed.to_owned() }])
    })
}

/// The time until the deadline of the invocation, in milliseconds since the epoch, less the last words.
fn time_left(deadline: u64, now: SystemTime) -> Duration {
    let deadline = UNIX_EPOCH + Duration::from_millis(deadline);
    deadline.duration_since(now).unwrap_or_default().saturating_sub(LAST_WORDS)
}

fn diagnostic(cause: Cause) -> Diagnostic {
    // A cause holds text only, so it can always be written.
    let error_message = serde_json::to_string(&cause).unwrap_or_default();
    Diagnostic { error_type: cause.error, error_message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_is_given_up_a_second_before_lambda_kills_the_function() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        assert_eq!(time_left(1_030_500, now), Duration::from_millis(29_500));
        assert_eq!(time_left(1_000_200, now), Duration::ZERO);
        assert_eq!(time_left(999_000, now), Duration::ZERO);
    }

    #[test]
    fn a_payload_that_cannot_be_read_is_an_invalid_request_and_repeats_nothing() {
        let nested = |levels: usize| format!("{}1{}", r#"{"s3cret":"#.repeat(levels), "}".repeat(levels));
        let unreadable = [nested(200), r#"{"s3cret": 1e400}"#.to_owned(), r#"{"s3cret": "\ud800"}"#.to_owned()];
        for payload in unreadable {
            let raw: Box<RawValue> = serde_json::from_str(&payload).expect("the runtime takes it");
            let cause = read(&raw).expect_err("unreadable").cause();
            assert_eq!(cause.error, "InvalidRequest");
            let told = serde_json::to_string(&cause).expect("JSON");
            assert!(told.contains("cannot be parsed: ") && !told.contains("s3cret"), "{told}");
        }
        let raw: Box<RawValue> = serde_json::from_str(&nested(100)).expect("JSON");
        assert!(read(&raw).is_ok());
    }

    #[test]
    fn an_error_reaches_the_state_machine_under_its_name_with_its_cause() {
        let told = diagnostic(StepError::unexpected("what").cause());
        assert_eq!(told.error_type, "Unexpected");
        let cause: Cause = serde_json::from_str(&told.error_message).expect("a cause");
        assert_eq!(cause.message, "what");
    }
}
