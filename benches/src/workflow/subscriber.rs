//! Somebody who waits for outcomes: a rule on the bus that starts a machine of one state with each of them. So the
//! inputs of its executions are the events that a subscriber really gets.

use std::collections::BTreeSet;

use aws_sdk_eventbridge::types::Target;
use contract::outcome::EVENT_SOURCE;
use serde_json::{Value, json};

use super::Fault;
use super::clients::{Clients, has_ended};

const NAME: &str = "benchmark-subscriber";
/// The engine enforces no roles of machines and rules.
const ROLE: &str = "arn:aws:iam::000000000000:role/subscriber";

/// The subscriber.
#[derive(Debug)]
pub struct Subscriber {
    machine: String,
    /// Deliveries that were read already.
    read: BTreeSet<String>,
}

/// An outcome event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeEvent {
    /// The execution that it tells of.
    pub execution_arn: String,
    /// Its detail-type.
    pub detail_type: String,
}

impl Subscriber {
    /// Subscribes to the outcomes on the bus.
    pub async fn subscribe(clients: &Clients, bus: &str) -> Result<Self, Fault> {
        let doing = "subscribing to the outcomes";
        let definition = json!({"StartAt": "Got", "States": {"Got": {"Type": "Succeed"}}}).to_string();
        let machine = clients.sfn.create_state_machine().name(NAME).role_arn(ROLE).definition(definition).send().await;
        let machine = machine.map_err(Fault::engine(doing))?.state_machine_arn;
        let pattern = json!({"source": [EVENT_SOURCE]}).to_string();
        let rule = clients.events.put_rule().name(NAME).event_bus_name(bus).event_pattern(pattern).send().await;
        rule.map_err(Fault::engine(doing))?;
        let target = Target::builder().id(NAME).arn(&machine).role_arn(ROLE).build().map_err(Fault::engine(doing))?;
        let targets = clients.events.put_targets().rule(NAME).event_bus_name(bus).targets(target).send().await;
        targets.map_err(Fault::engine(doing))?;
        Ok(Self { machine, read: BTreeSet::new() })
    }

    /// How many events were got that were not read yet.
    pub async fn number(&self, clients: &Clients) -> Result<usize, Fault> {
        let got = clients.executions(&self.machine).await?;
        Ok(got.iter().filter(|(arn, item)| has_ended(item) && !self.read.contains(*arn)).count())
    }

    /// Reads them.
    pub async fn read(&mut self, clients: &Clients) -> Result<Vec<OutcomeEvent>, Fault> {
        let mut outcomes = Vec::new();
        for arn in clients.executions(&self.machine).await?.into_keys() {
            if !self.read.insert(arn.clone()) {
                continue;
            }
            let (event, _) = clients.described(&arn).await?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            outcomes.push(OutcomeEvent {
                execution_arn: text(&event["detail"]["executionArn"]),
                detail_type: text(&event["detail-type"]),
            });
        }
        Ok(outcomes)
    }
}
