//! Somebody who waits for outcomes: a rule on the bus that starts a machine of one state with each of them. So the
//! inputs of its executions are the events that a subscriber really gets.

use aws_sdk_eventbridge::types::Target;
use contract::outcome::EVENT_SOURCE;
use local_stack::LocalStack;
use serde_json::{Value, json};

use crate::clients;

const NAME: &str = "outcome-subscriber";
/// The engine enforces no roles of machines and rules.
const ROLE: &str = "arn:aws:iam::000000000000:role/subscriber";

/// Lets the subscriber get every outcome event from now on.
///
/// # Panics
/// When the engine does not take it.
pub async fn subscribe(stack: &LocalStack) {
    let clients = clients(stack);
    let definition = json!({"StartAt": "Got", "States": {"Got": {"Type": "Succeed"}}}).to_string();
    let machine = clients.sfn.create_state_machine().name(NAME).role_arn(ROLE).definition(definition).send().await;
    let arn = machine.expect("the subscriber is created").state_machine_arn;
    let bus = &stack.outputs()["EventBusName"];
    let pattern = json!({"source": [EVENT_SOURCE]}).to_string();
    clients.events.put_rule().name(NAME).event_bus_name(bus).event_pattern(pattern).send().await.expect("a rule");
    let target = Target::builder().id(NAME).arn(arn).role_arn(ROLE).build().expect("a target");
    clients.events.put_targets().rule(NAME).event_bus_name(bus).targets(target).send().await.expect("a target");
}

/// The outcome events of an execution that the subscriber has got by now.
pub(crate) async fn received(sfn: &aws_sdk_sfn::Client, execution_arn: &str) -> Vec<Value> {
    let arn = execution_arn.replace(":execution:", ":stateMachine:");
    let machine = arn.rsplitn(2, ':').last().unwrap_or_default();
    let mut events = Vec::new();
    for delivery in deliveries(sfn, machine).await {
        let event = delivered(sfn, &delivery).await;
        if event["detail"]["executionArn"] == execution_arn {
            events.push(event);
        }
    }
    events
}

/// The deliveries of outcome events so far, given the ARN of any state machine of the stack.
///
/// # Panics
/// When the engine does not answer.
pub async fn deliveries(sfn: &aws_sdk_sfn::Client, machine: &str) -> Vec<String> {
    let machine = machine.rsplit_once(':').map_or(machine, |(place, _)| place);
    let pages = sfn.list_executions().state_machine_arn(format!("{machine}:{NAME}")).into_paginator().items().send();
    let deliveries = pages.collect::<Result<Vec<_>, _>>().await.expect("executions of the subscriber");
    deliveries.into_iter().map(|delivery| delivery.execution_arn).collect()
}

/// The event of a delivery.
///
/// # Panics
/// When the engine does not answer, or it is no event.
pub async fn delivered(sfn: &aws_sdk_sfn::Client, delivery: &str) -> Value {
    let described = sfn.describe_execution().execution_arn(delivery).send().await.expect("described");
    serde_json::from_str(described.input().unwrap_or_default()).expect("an event")
}
