//! The execution that the event started.

use std::time::{Duration, Instant};

use aws_sdk_sfn::types::ExecutionStatus;
use jiff::Timestamp;
use local_stack::{Progress, Workflow};

use super::error::Error;
use super::history::{Moment, Position, position, read};
use super::outcome::Outcome;

pub const PAUSE: Duration = Duration::from_millis(250);
/// The longest wait from an event to what it starts; the engine needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Finds the execution. The stack is new, so it has this one and at most the `earlier` one.
pub async fn find(workflow: &Workflow, detail_type: &str, earlier: Option<&str>) -> Result<String, Error> {
    let find = async || {
        let executions = workflow.executions().await?;
        Ok(executions.into_iter().find(|execution| Some(execution.execution_arn.as_str()) != earlier))
    };
    let execution = soon(find).await?.ok_or_else(|| Error::NotStarted(detail_type.to_owned()))?;
    Ok(execution.execution_arn)
}

/// Asks again and again until there is an answer, or the patience ends.
pub async fn soon<T>(ask: impl AsyncFn() -> Result<Option<T>, Error>) -> Result<Option<T>, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask().await?;
        if answer.is_some() || Instant::now() >= deadline {
            return Ok(answer);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Shows the position of the execution until it has ended, and returns its history.
pub async fn follow(
    workflow: &Workflow,
    execution: &str,
    pace: f64,
    progress: &mut Progress,
) -> Result<Vec<Moment>, Error> {
    loop {
        let status = workflow.described(execution).await?.status;
        let moments = read(&workflow.history(execution).await?);
        if status != ExecutionStatus::Running {
            progress.done(&format!("the execution ended: {status}"));
            return Ok(moments);
        }
        if let Some(Position { what, left }) = position(&moments, Timestamp::now(), pace) {
            progress.say(&what, &left);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Receives the outcome event of the execution, as any subscriber does.
pub async fn outcome(workflow: &Workflow, execution: &str) -> Result<Outcome, Error> {
    let receive = async || {
        for delivery in workflow.deliveries().await? {
            let event = workflow.delivered(&delivery).await?;
            if event["detail"]["executionArn"] == execution {
                return Ok(Some(event));
            }
        }
        Ok(None)
    };
    Ok(serde_json::from_value(soon(receive).await?.ok_or(Error::NoOutcome)?)?)
}
