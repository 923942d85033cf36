//! Which executions there are, and which have ended.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sfn::types::ExecutionStatus;
use local_stack::Workflow;
use serde_json::Value;

use super::gather::is_at_rest;

/// The executions of the state machines.
#[derive(Debug)]
pub struct Watch {
    /// The deployed workflow.
    pub workflow: Workflow,
    /// The event that started each.
    pub executions: BTreeMap<String, Option<String>>,
    new: Vec<(String, String)>,
    running: BTreeSet<String>,
    /// Aborted ones whose last step may still be under way.
    restless: BTreeSet<String>,
    rested: BTreeSet<String>,
}

impl Watch {
    /// None yet.
    pub fn new(workflow: Workflow) -> Self {
        let (executions, new) = (BTreeMap::new(), Vec::new());
        let (running, restless, rested) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { workflow, executions, new, running, restless, rested }
    }

    /// Looks again.
    pub async fn refresh(&mut self) {
        let listed = self.workflow.executions().await.expect("the executions");
        self.running.clear();
        for item in listed {
            if !self.executions.contains_key(&item.execution_arn) {
                let described = self.workflow.described(&item.execution_arn).await.expect("an execution");
                let input: Value = serde_json::from_str(described.input().unwrap_or_default()).unwrap_or_default();
                let trigger = input["detail"]["metadata"]["correlationId"].as_str().map(str::to_owned);
                self.new.extend(trigger.clone().map(|trigger| (item.execution_arn.clone(), trigger)));
                self.executions.insert(item.execution_arn.clone(), trigger);
            }
            if item.status == ExecutionStatus::Running {
                self.running.insert(item.execution_arn);
            } else if item.status == ExecutionStatus::Aborted && !self.rested.contains(&item.execution_arn) {
                self.restless.insert(item.execution_arn);
            }
        }
    }

    /// Those that were not there before, with the events that started them.
    pub fn take_new(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.new)
    }

    /// How many have ended.
    pub fn ended(&self) -> usize {
        self.executions.len() - self.running.len()
    }

    /// How many of the executions of these events have ended.
    pub fn ended_of(&self, triggers: &BTreeSet<String>) -> usize {
        let is_meant = |trigger: &Option<String>| trigger.as_ref().is_some_and(|trigger| triggers.contains(trigger));
        let ended = self.executions.iter().filter(|(execution, _)| !self.running.contains(*execution));
        ended.filter(|(_, trigger)| is_meant(trigger)).count()
    }

    /// Whether nothing that an aborted execution began goes on any more.
    pub async fn is_at_rest(&mut self) -> bool {
        for execution in std::mem::take(&mut self.restless) {
            if is_at_rest(&self.workflow.history(&execution).await.expect("a history")) {
                self.rested.insert(execution);
            } else {
                self.restless.insert(execution);
            }
        }
        self.restless.is_empty()
    }
}
