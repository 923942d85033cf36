//! What a storm is to be: pure, and the same for the same seed.

mod draw;
mod fault_plan;
mod request;

use serde::{Deserialize, Serialize};
use simulators::{Behaviour, DatasetGroupState, DomainState, Fault, Script};

pub use request::{Asked, AskedProject, Configuration, Principal, Purpose};

/// What is asked for in which order, what exists already, and what goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What all of it was drawn from.
    pub seed: u64,
    /// How the services behave where AWS documents nothing.
    pub behaviour: Behaviour,
    /// The `DataZone` domains, with the profiles that exist already.
    pub domains: Vec<DomainState>,
    /// The names of dataset groups.
    pub names: Vec<Name>,
    /// The events of the storm.
    pub triggers: Vec<Trigger>,
    /// The events of the storm by their places in `triggers`, as they are put on the bus; some stand there twice.
    pub order: Vec<usize>,
    /// The rows of the manifest of one batch, which is sent before the events. Their events are not in `order`.
    pub manifest: Vec<ManifestRow>,
    /// How many executions run at the same time at most, besides those of rows.
    pub at_once: usize,
    /// What goes wrong meanwhile.
    pub faults: Vec<Fault>,
    /// The events of the reruns, after the faults: in each round one for each name, the first round with each name's first
    /// request.
    pub rounds: Vec<Vec<Trigger>>,
}

/// A name of dataset groups, and what is to happen to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// The group that exists before anybody asks.
    pub existing: Option<DatasetGroupState>,
    /// What happens to the creations of the storm, one after the other.
    pub scripts: Vec<Script>,
    /// What is asked for under the name; the first is what its owner means.
    pub requests: Vec<Asked>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// `metadata.correlationId` of its request; no other event has it.
    pub id: String,
    /// The place of its name in [`Plan::names`].
    pub name: usize,
    /// The place of its request in [`Name::requests`].
    pub request: usize,
    /// Its execution is aborted when it has entered this state, and the event is sent again.
    pub abort_in: Option<String>,
}

/// A row of a manifest: a request in a line of JSON Lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRow {
    /// The place in [`Plan::triggers`] of the event whose request it is.
    pub trigger: usize,
    /// Whether the request is complete; otherwise it has no group profile.
    pub is_valid: bool,
}

impl Plan {
    /// The name and the request of an event.
    #[must_use]
    pub fn asked(&self, trigger: &Trigger) -> (&Name, &Asked) {
        let name = &self.names[trigger.name];
        (name, &name.requests[trigger.request])
    }

    /// Every event, those of the reruns included.
    pub fn all_triggers(&self) -> impl Iterator<Item = &Trigger> {
        self.triggers.iter().chain(self.rounds.iter().flatten())
    }

    /// The detail of an event.
    #[must_use]
    pub fn document(&self, trigger: &Trigger) -> serde_json::Value {
        let (name, asked) = self.asked(trigger);
        asked.document(&name.name, &trigger.id)
    }

    /// The manifest, in JSON Lines.
    #[must_use]
    pub fn manifest_lines(&self) -> String {
        let line = |row: &ManifestRow| {
            let mut request = self.document(self.event_of_row(row));
            if !row.is_valid {
                // Null is absent.
                request["groupProfile"] = serde_json::Value::Null;
            }
            format!("{request}\n")
        };
        self.manifest.iter().map(line).collect()
    }

    /// The event of a row.
    #[must_use]
    pub fn event_of_row(&self, row: &ManifestRow) -> &Trigger {
        &self.triggers[row.trigger]
    }
}
