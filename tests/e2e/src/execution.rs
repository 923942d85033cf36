//! An execution that has ended, and everything it left behind.

use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent, HistoryEventType};
use contract::outcome::{PLANNED, PROVISIONED, PROVISIONING_FAILED, Planned, Provisioned, ProvisioningFailed};
use contract::retirement::{
    RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED, Retired, RetirementFailed, RetirementPlanned,
};
use contract::step_error::Cause;
use contract_tests::schemas::assert_valid;
use local_stack::Workflow;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::eventually;

/// An execution that has ended.
#[derive(Debug)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// How it ended.
    pub status: ExecutionStatus,
    /// What it returned.
    pub output: Option<Value>,
    /// The error that it failed with.
    pub error: Option<String>,
    /// The cause that it failed with.
    pub cause: Option<String>,
    /// Its history.
    pub history: Vec<HistoryEvent>,
    workflow: Workflow,
}

impl Execution {
    /// Waits until the execution has ended.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn ended(workflow: &Workflow, arn: &str) -> Self {
        let described = eventually("the end of the execution", || async {
            let described = workflow.described(arn).await.expect("described");
            (*described.status() != ExecutionStatus::Running).then_some(described)
        })
        .await;
        let history = workflow.history(arn).await.expect("a history");
        let status = described.status().clone();
        let succeeded = status == ExecutionStatus::Succeeded;
        Self {
            arn: arn.to_owned(),
            output: described.output().filter(|_| succeeded).map(|text| serde_json::from_str(text).expect("JSON")),
            error: described.error().map(str::to_owned),
            cause: described.cause().map(str::to_owned),
            status,
            history,
            workflow: workflow.clone(),
        }
    }

    /// The outcome of a success: the output, which the subscriber got as an event too.
    ///
    /// # Panics
    /// When it failed, event and output differ, or the outcome is not valid.
    pub async fn provisioned(&self) -> Provisioned {
        self.succeeded(PROVISIONED).await
    }

    /// The outcome of an execution in the mode PLAN: the output, which the subscriber got as an event too.
    ///
    /// # Panics
    /// When it failed, event and output differ, or the outcome is not valid.
    pub async fn planned(&self) -> Planned {
        self.succeeded(PLANNED).await
    }

    /// The outcome of a retirement: the output, which the subscriber got as an event too.
    ///
    /// # Panics
    /// When it failed, event and output differ, or the outcome is not valid.
    pub async fn retired(&self) -> Retired {
        self.succeeded(RETIRED).await
    }

    /// The outcome of a retirement in the mode PLAN: the output, which the subscriber got as an event too.
    ///
    /// # Panics
    /// When it failed, event and output differ, or the outcome is not valid.
    pub async fn retirement_planned(&self) -> RetirementPlanned {
        self.succeeded(RETIREMENT_PLANNED).await
    }

    async fn succeeded<T: DeserializeOwned>(&self, detail_type: &str) -> T {
        assert_eq!(self.status, ExecutionStatus::Succeeded, "{:?} {:?}", self.error, self.cause);
        let event = self.event(detail_type).await;
        assert_eq!(Some(&event), self.output.as_ref());
        assert_valid(detail_type, &event);
        serde_json::from_value(event).expect("the outcome fits its type")
    }

    /// The outcome of a failure: the subscriber's event, whose error and cause are the execution's own.
    ///
    /// # Panics
    /// When it did not fail, event and failure differ, or the outcome is not valid.
    pub async fn failed(&self) -> ProvisioningFailed {
        self.failed_as(PROVISIONING_FAILED).await
    }

    /// The same for a retirement.
    ///
    /// # Panics
    /// When it did not fail, event and failure differ, or the outcome is not valid.
    pub async fn retirement_failed(&self) -> RetirementFailed {
        self.failed_as(RETIREMENT_FAILED).await
    }

    async fn failed_as<T: DeserializeOwned>(&self, detail_type: &str) -> T {
        assert_eq!(self.status, ExecutionStatus::Failed, "{:?}", self.output);
        let event = self.event(detail_type).await;
        assert_valid(detail_type, &event);
        let cause: Cause = serde_json::from_str(self.cause.as_deref().unwrap_or_default()).expect("a cause");
        assert_eq!((&event["error"], &event["cause"]), (&json!(self.error), &json!(cause)));
        assert_eq!(event["error"], cause.error);
        serde_json::from_value(event).expect("the outcome fits its type")
    }

    /// The detail of the event.
    async fn event(&self, detail_type: &str) -> Value {
        let event = self.outcome_event().await;
        assert_eq!(event["detail-type"], detail_type);
        event["detail"].clone()
    }

    /// The one event that tells of this execution, with its envelope.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub async fn outcome_event(&self) -> Value {
        let mut events = eventually("the outcome event", || async {
            let mut events = Vec::new();
            for delivery in self.workflow.deliveries().await.expect("deliveries") {
                events.push(self.workflow.delivered(&delivery).await.expect("an event"));
            }
            events.retain(|event| event["detail"]["executionArn"] == self.arn);
            (!events.is_empty()).then_some(events)
        })
        .await;
        let types: Vec<_> = events.iter().map(|event| &event["detail-type"]).collect();
        assert_eq!(types.len(), 1, "{types:?}");
        events.remove(0)
    }

    /// The states that were entered, in order.
    #[must_use]
    pub fn states(&self) -> Vec<&str> {
        self.history.iter().filter_map(|event| Some(event.state_entered_event_details()?.name())).collect()
    }

    /// How many times a step failed, whether or not it was retried.
    #[must_use]
    pub fn red_events(&self) -> usize {
        let red = |event: &&HistoryEvent| {
            let kind = event.r#type();
            matches!(
                kind,
                HistoryEventType::TaskFailed
                    | HistoryEventType::TaskTimedOut
                    | HistoryEventType::LambdaFunctionFailed
                    | HistoryEventType::LambdaFunctionTimedOut
            )
        };
        self.history.iter().filter(red).count()
    }
}
