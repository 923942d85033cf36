//! The execution that the event started.

use std::time::{Duration, Instant};

use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::ExecutionStatus;
use jiff::Timestamp;
use local_stack::{LocalStack, Progress};

use super::error::Error;
use super::history::{Moment, Position, position, read};

const PAUSE: Duration = Duration::from_millis(250);
/// The longest wait from the event to the execution; the engine needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Finds the execution. The stack is new, so it has only one.
pub async fn find(stack: &LocalStack, detail_type: &str) -> Result<String, Error> {
    let client = Client::new(&stack.sdk_config());
    let deadline = Instant::now() + PATIENCE;
    loop {
        let list = client.list_executions().state_machine_arn(&stack.outputs()["StateMachineArn"]).send().await;
        let list = list.map_err(Error::engine("looking for the execution"))?;
        if let Some(execution) = list.executions().first() {
            return Ok(execution.execution_arn().to_owned());
        }
        if Instant::now() >= deadline {
            return Err(Error::NotStarted(detail_type.to_owned()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Shows the position of the execution until it has ended, and returns its history.
pub async fn follow(
    stack: &LocalStack,
    execution: &str,
    pace: f64,
    progress: &mut Progress,
) -> Result<Vec<Moment>, Error> {
    let client = Client::new(&stack.sdk_config());
    loop {
        let response = client.describe_execution().execution_arn(execution).send().await;
        let status = response.map_err(Error::engine("following the execution"))?.status;
        let history: Result<Vec<_>, _> = client
            .get_execution_history()
            .execution_arn(execution)
            .include_execution_data(true)
            .into_paginator()
            .items()
            .send()
            .collect()
            .await;
        let moments = read(&history.map_err(Error::engine("reading the history"))?);
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
