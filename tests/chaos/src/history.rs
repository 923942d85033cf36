//! Everything that is known of a storm when it is over.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simulators::{Call, DatasetGroupState, DomainState};

use crate::plan::Plan;

/// Everything that is known of a storm, and of the reruns without faults after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// What was to be.
    pub plan: Plan,
    /// The events that the bus accepted.
    pub sent: Vec<Sent>,
    /// The executions of the state machines.
    pub executions: Vec<Execution>,
    /// The executions of the state machine for batches; their triggers are none.
    pub batches: Vec<Execution>,
    /// The outcome events that a subscriber got.
    pub told: Vec<Told>,
    /// The calls to the services, those of the reruns included.
    pub calls: Vec<Call>,
    /// The services' state before each round of reruns.
    pub rounds: Vec<ServicesState>,
    /// The services' state at the end.
    pub end: ServicesState,
}

/// An event that the bus accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its `metadata.correlationId`.
    pub trigger: String,
}

/// An execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// The `metadata.correlationId` of its input.
    pub trigger: Option<String>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended; for an aborted one, when the step that it was in had ended, too.
    pub stopped: Timestamp,
    /// How it ended.
    pub ended: Ended,
    /// The states that it entered.
    pub states: Vec<String>,
    /// The errors of attempts that failed, whether or not they were retried.
    pub failed_attempts: Vec<String>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ended {
    /// With this output.
    Succeeded(Value),
    /// With this error and cause.
    Failed {
        /// Its name.
        error: String,
        /// As it was reported.
        cause: String,
    },
    /// By order.
    Aborted,
    /// Not at all, or in a way that an execution is never to end in.
    Otherwise(String),
}

impl History {
    /// From the start of the first execution to the end of the last one, in seconds, without the reruns.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let is_rerun = |id: &str| self.plan.rounds.iter().flatten().any(|trigger| trigger.id == id);
        let executions = || self.executions.iter().filter(|run| !run.trigger.as_deref().is_some_and(is_rerun));
        let first = executions().map(|execution| execution.started).min();
        let last = executions().map(|execution| execution.stopped).max();
        first.zip(last).map_or(0.0, |(first, last)| last.duration_since(first).as_secs_f64())
    }
}

impl Ended {
    /// In a word: the error's name, `Provisioned`, `Retired` or `Planned`.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Succeeded(output) if output["plan"].is_object() => "Planned",
            Self::Succeeded(output) if ["DELETED", "ABSENT"].iter().any(|word| output["disposition"] == *word) => {
                "Retired"
            }
            Self::Succeeded(_) => "Provisioned",
            Self::Failed { error, cause: _ } => error,
            Self::Aborted => "aborted",
            Self::Otherwise(what) => what,
        }
    }
}

/// An outcome event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Its `detail-type`.
    pub detail_type: String,
    /// Its `detail`.
    pub detail: Value,
}

/// The state of both services.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ServicesState {
    /// The dataset groups.
    pub groups: Vec<DatasetGroupState>,
    /// The domains.
    pub domains: Vec<DomainState>,
}

impl ServicesState {
    /// The dataset group of a name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&DatasetGroupState> {
        self.groups.iter().find(|group| group.name == name)
    }
}
