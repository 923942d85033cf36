//! The deployed workflow, as its users reach it: events put on its bus, its executions, and the outcome events that a
//! subscriber receives.

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::{ExecutionListItem, HistoryEvent};
use serde_json::{Value, json};

use crate::{Error, LocalStack};

/// The most events of one `PutEvents` (EventBridge API reference).
const BATCH: usize = 10;
const SUBSCRIBER: &str = "outcome-subscriber";
/// The engine enforces no roles of state machines and rules.
const SUBSCRIBER_ROLE: &str = "arn:aws:iam::000000000000:role/outcome-subscriber";

/// The workflow of a stack. Its clients belong to the runtime that first used them.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// A client of Step Functions.
    pub sfn: aws_sdk_sfn::Client,
    /// The ARN of the state machine that provisions.
    pub machine: String,
    /// The ARN of the state machine that retires, where the stack has it.
    pub retirement_machine: Option<String>,
    /// The ARN of the state machine for batches, where the stack has one.
    pub batch_machine: Option<String>,
    events: aws_sdk_eventbridge::Client,
    bus: String,
}

impl Workflow {
    /// The workflow of a stack that was deployed.
    ///
    /// # Panics
    /// When nothing was deployed.
    #[must_use]
    pub fn of(stack: &LocalStack) -> Self {
        let config = stack.sdk_config();
        Self {
            sfn: aws_sdk_sfn::Client::new(&config),
            machine: stack.outputs()["StateMachineArn"].clone(),
            retirement_machine: stack.outputs().get("RetirementStateMachineArn").cloned(),
            batch_machine: stack.outputs().get("BatchStateMachineArn").cloned(),
            events: aws_sdk_eventbridge::Client::new(&config),
            bus: stack.outputs()["EventBusName"].clone(),
        }
    }

    /// Puts events on the bus, one for each detail.
    ///
    /// # Errors
    /// When the engine does not take one of them.
    pub async fn send<D: ToString>(&self, source: &str, detail_type: &str, details: &[D]) -> Result<(), Error> {
        let entry = |detail: &D| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus)
                .source(source)
                .detail_type(detail_type)
                .detail(detail.to_string())
                .build()
        };
        for details in details.chunks(BATCH) {
            let entries = details.iter().map(entry).collect();
            let put = self.events.put_events().set_entries(Some(entries)).send().await;
            let put = put.map_err(Error::engine("putting events on the bus"))?;
            if let Some(message) = put.entries().iter().find_map(|entry| entry.error_message()) {
                return Err(Error::Engine { doing: "putting events on the bus", message: message.to_owned() });
            }
        }
        Ok(())
    }

    /// All executions of the state machines.
    ///
    /// # Errors
    /// When the engine rejects a call.
    pub async fn executions(&self) -> Result<Vec<ExecutionListItem>, Error> {
        let mut executions = Vec::new();
        for machine in std::iter::once(&self.machine).chain(&self.retirement_machine) {
            executions.extend(self.executions_of(machine).await?);
        }
        Ok(executions)
    }

    /// All executions of the state machine for batches.
    ///
    /// # Errors
    /// When the engine rejects the call.
    ///
    /// # Panics
    /// When the stack has none.
    pub async fn batches(&self) -> Result<Vec<ExecutionListItem>, Error> {
        self.executions_of(self.batch_machine.as_deref().expect("the parameter ManifestBucketName")).await
    }

    async fn executions_of(&self, machine: &str) -> Result<Vec<ExecutionListItem>, Error> {
        let pages = self.sfn.list_executions().state_machine_arn(machine).into_paginator().items().send();
        pages.collect::<Result<_, _>>().await.map_err(Error::engine("listing executions"))
    }

    /// An execution of any state machine.
    ///
    /// # Errors
    /// When the engine rejects the call.
    pub async fn described(&self, execution: &str) -> Result<DescribeExecutionOutput, Error> {
        let described = self.sfn.describe_execution().execution_arn(execution).send().await;
        described.map_err(Error::engine("describing an execution"))
    }

    /// The history of an execution.
    ///
    /// # Errors
    /// When the engine rejects the call.
    pub async fn history(&self, execution: &str) -> Result<Vec<HistoryEvent>, Error> {
        let pages = self.sfn.get_execution_history().execution_arn(execution).include_execution_data(true);
        let events = pages.into_paginator().items().send().collect::<Result<_, _>>().await;
        events.map_err(Error::engine("reading the history of an execution"))
    }

    /// Subscribes to the outcome events: from now on a rule on the bus starts a state machine of one state for each. So
    /// the inputs of its executions are the events that a subscriber really receives.
    ///
    /// # Errors
    /// When the engine rejects a call.
    pub async fn subscribe(&self) -> Result<(), Error> {
        let doing = "subscribing to the outcome events";
        let definition = json!({"StartAt": "Received", "States": {"Received": {"Type": "Succeed"}}}).to_string();
        let create = self.sfn.create_state_machine().name(SUBSCRIBER).role_arn(SUBSCRIBER_ROLE).definition(definition);
        let machine = create.send().await.map_err(Error::engine(doing))?.state_machine_arn;
        let pattern = json!({"source": ["dataset-group-workflow"]}).to_string();
        let rule = self.events.put_rule().name(SUBSCRIBER).event_bus_name(&self.bus).event_pattern(pattern);
        rule.send().await.map_err(Error::engine(doing))?;
        let target = Target::builder().id(SUBSCRIBER).arn(machine).role_arn(SUBSCRIBER_ROLE).build();
        let target = target.map_err(Error::engine(doing))?;
        let targets = self.events.put_targets().rule(SUBSCRIBER).event_bus_name(&self.bus).targets(target);
        targets.send().await.map_err(Error::engine(doing))?;
        Ok(())
    }

    /// The deliveries to the subscriber so far, each for [`Self::delivered`].
    ///
    /// # Errors
    /// When the engine rejects the call.
    pub async fn deliveries(&self) -> Result<Vec<String>, Error> {
        let place = self.machine.rsplit_once(':').map_or("", |(place, _)| place);
        let deliveries = self.executions_of(&format!("{place}:{SUBSCRIBER}")).await?;
        Ok(deliveries.into_iter().map(|delivery| delivery.execution_arn).collect())
    }

    /// The event of a delivery.
    ///
    /// # Errors
    /// When the engine rejects the call, or the event is no JSON.
    pub async fn delivered(&self, delivery: &str) -> Result<Value, Error> {
        let described = self.described(delivery).await?;
        let event = serde_json::from_str(described.input().unwrap_or_default());
        event.map_err(Error::engine("reading an outcome event"))
    }
}
