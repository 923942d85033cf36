//! The execution that the event started.

use std::time::{Duration, Instant};

use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::ExecutionStatus;
use jiff::Timestamp;
use local_stack::{LocalStack, Progress};

use super::error::Error;
use super::history::{Look, Moment, look, read};

const PAUSE: Duration = Duration::from_millis(250);
/// From the event to the execution; the engine takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Finds it. The stack is new, so it is the only one.
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

/// Shows where it is until it has ended, and returns all that happened.
pub async fn follow(
    stack: &LocalStack,
    execution: &str,
    pace: f64,
    progress: &mut Progress,
) -> Result<Vec<Moment>, Error> {
    let client = Client::new(&stack.sdk_config());
    loop {
        let answer = client.describe_execution().execution_arn(execution).send().await;
        let status = answer.map_err(Error::engine("following the execution"))?.status;
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
        if let Some(Look { what, left }) = look(&moments, Timestamp::now(), pace) {
            progress.say(&what, &left);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
