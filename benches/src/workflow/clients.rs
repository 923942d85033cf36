//! Clients of the engine.

use std::collections::BTreeMap;

use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use local_stack::LocalStack;
use serde_json::Value;

use super::Fault;

/// Clients of the engine.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Step Functions.
    pub sfn: aws_sdk_sfn::Client,
    /// `EventBridge`.
    pub events: aws_sdk_eventbridge::Client,
}

impl Clients {
    /// Clients of the stack's engine.
    pub fn of(stack: &LocalStack) -> Self {
        let config = stack.sdk_config();
        Self { sfn: aws_sdk_sfn::Client::new(&config), events: aws_sdk_eventbridge::Client::new(&config) }
    }

    /// The executions of a machine, by ARN.
    pub async fn executions(&self, machine: &str) -> Result<BTreeMap<String, ExecutionListItem>, Fault> {
        let pages = self.sfn.list_executions().state_machine_arn(machine).into_paginator().items().send();
        let items = pages.collect::<Result<Vec<_>, _>>().await.map_err(Fault::engine("listing executions"))?;
        Ok(items.into_iter().map(|item| (item.execution_arn.clone(), item)).collect())
    }

    /// How many states an execution has entered.
    pub async fn transitions(&self, arn: &str) -> Result<u32, Fault> {
        let pages = self.sfn.get_execution_history().execution_arn(arn).into_paginator().items().send();
        let events = pages.collect::<Result<Vec<_>, _>>().await.map_err(Fault::engine("reading a history"))?;
        let entered = events.iter().filter(|event| event.state_entered_event_details().is_some()).count();
        Ok(u32::try_from(entered).unwrap_or(u32::MAX))
    }

    /// What an execution was started with, and why it did not succeed, if it did not.
    pub async fn described(&self, arn: &str) -> Result<(Value, Option<String>), Fault> {
        let described = self.sfn.describe_execution().execution_arn(arn).send().await;
        let described = described.map_err(Fault::engine("describing an execution"))?;
        let input = serde_json::from_str(described.input().unwrap_or_default()).unwrap_or_default();
        let failure = (*described.status() != ExecutionStatus::Succeeded).then(|| {
            let why = [described.error(), described.cause()].into_iter().flatten();
            why.fold(described.status().to_string(), |failure, why| format!("{failure}: {why}"))
        });
        Ok((input, failure))
    }
}

/// Whether an execution has ended.
pub fn has_ended(item: &ExecutionListItem) -> bool {
    item.status != ExecutionStatus::Running
}
