//! The outcome event, received from the bus as by any consumer.

use aws_sdk_eventbridge::types::Target;
use local_stack::LocalStack;
use serde::Deserialize;
use serde_json::{Value, json};

use super::aws::Aws;
use super::error::Error;

const NAME: &str = "demo-outcomes";

/// A queue behind a rule for the outcome events.
#[derive(Debug)]
pub struct Mailbox {
    queue_url: String,
}

impl Mailbox {
    /// Creates the queue and the rule.
    pub async fn open(stack: &LocalStack, aws: &Aws) -> Result<Self, Error> {
        let created = aws.sqs(&["create-queue", "--queue-name", NAME]).await?;
        let queue_url = created["QueueUrl"].as_str().unwrap_or_default().to_owned();
        // The region and the account of the state machine.
        let place = stack.outputs()["StateMachineArn"].split(':').skip(3).take(2).collect::<Vec<_>>().join(":");
        let bus = &stack.outputs()["EventBusName"];
        let client = aws_sdk_eventbridge::Client::new(&stack.sdk_config());
        client
            .put_rule()
            .name(NAME)
            .event_bus_name(bus)
            .event_pattern(json!({"source": ["dataset-group-workflow"]}).to_string())
            .send()
            .await
            .map_err(Error::engine("creating the rule for the outcome"))?;
        let target = Target::builder().id("queue").arn(format!("arn:aws:sqs:{place}:{NAME}")).build();
        client
            .put_targets()
            .rule(NAME)
            .event_bus_name(bus)
            .targets(target.map_err(Error::engine("creating the rule for the outcome"))?)
            .send()
            .await
            .map_err(Error::engine("creating the rule for the outcome"))?;
        Ok(Self { queue_url })
    }

    /// Receives the outcome from the queue.
    pub async fn read(&self, aws: &Aws) -> Result<Outcome, Error> {
        let received =
            aws.sqs(&["receive-message", "--queue-url", &self.queue_url, "--wait-time-seconds", "5"]).await?;
        match received["Messages"][0]["Body"].as_str() {
            Some(body) => Outcome::parse(body).map_err(|error| Error::BadOutcome(format!("{error} in {body}"))),
            None => Err(Error::NoOutcome),
        }
    }
}

/// The outcome of the request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The detail-type of the event.
    #[serde(rename = "detail-type")]
    pub kind: Kind,
    detail: Value,
}

/// The two detail-types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// The group is ACTIVE and its profile ASSIGNED.
    #[serde(rename = "Dataset Group Provisioned")]
    Provisioned,
    /// The execution failed, and the event has the cause.
    #[serde(rename = "Dataset Group Provisioning Failed")]
    Failed,
}

impl Outcome {
    /// Reads an EventBridge event.
    pub fn parse(event: &str) -> serde_json::Result<Self> {
        serde_json::from_str(event)
    }

    /// A member of the detail.
    pub fn member(&self, pointer: &str) -> Option<&Value> {
        self.detail.pointer(pointer).filter(|value| !value.is_null())
    }

    /// A text member of the detail.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.member(pointer).and_then(Value::as_str)
    }
}
