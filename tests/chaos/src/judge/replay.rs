//! The lives of the dataset groups of one name, from the log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use simulators::{Call, DatasetGroupState, Look, Tag};

use crate::plan::{Configuration, Name};

/// The dataset groups of one name, one after the other.
#[derive(Debug)]
pub struct Life<'a> {
    /// Before the first call.
    first: Option<Group>,
    /// After each call.
    moments: Vec<Moment<'a>>,
}

/// Right after a call.
#[derive(Debug)]
pub struct Moment<'a> {
    /// The call.
    pub call: &'a Call,
    /// When it ended.
    pub at: Timestamp,
    /// The group as it is from then on.
    pub group: Option<Group>,
}

/// A dataset group at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which of all groups; none when no call was about it.
    pub generation: Option<u64>,
    /// Its configuration.
    pub configuration: Configuration,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its status; none while it is not visible.
    pub status: Option<String>,
    /// It was told to go, or is on its way out since before.
    pub deleting: bool,
}

impl Group {
    /// The domain and the profile that it is linked to.
    pub fn link(&self) -> [Option<&str>; 2] {
        link(&self.tags)
    }
}

/// The domain and the profile in tags.
pub fn link(tags: &BTreeMap<String, String>) -> [Option<&str>; 2] {
    ["datazone:domain-id", "datazone:group-profile-id"].map(|key| tags.get(key).map(String::as_str))
}

/// Whether a group in CREATE FAILED with this link is somebody else's than that of a request in the domain: this workflow
/// links ACTIVE groups only, so it never linked a failed one to any profile.
pub fn failed_and_linked_by_others([linked_domain, profile]: [Option<&str>; 2], domain: &str) -> bool {
    linked_domain.is_some_and(|linked| linked != domain) || profile.is_some()
}

/// Tags by their keys.
pub fn by_key(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect()
}

impl<'a> Life<'a> {
    /// Follows the groups of a name through calls that are in order.
    pub fn of(name: &Name, calls: &[&'a Call]) -> Self {
        let about = |call: &&Call| call.resource.dataset_group.as_deref() == Some(&name.name);
        let calls: Vec<_> = calls.iter().copied().filter(about).collect();
        let first = name.existing.as_ref().map(|group| before(group, &calls));
        let mut moments: Vec<Moment> = Vec::new();
        for call in calls {
            let before = moments.last().map_or(&first, |moment| &moment.group);
            let group = after(call, before.as_ref());
            moments.push(Moment { call, at: call.ended_at.unwrap_or_default(), group });
        }
        Self { first, moments }
    }

    /// Right after each call.
    pub fn moments(&self) -> &[Moment<'a>] {
        &self.moments
    }

    /// Each call, with the group before it.
    pub fn steps(&self) -> impl Iterator<Item = (Option<&Group>, &Moment<'a>)> {
        let befores = std::iter::once(&self.first).chain(self.moments.iter().map(|moment| &moment.group));
        befores.map(Option::as_ref).zip(&self.moments)
    }

    /// The group at a moment.
    pub fn at(&self, moment: Timestamp) -> Option<&Group> {
        let later = self.moments.partition_point(|other| other.at <= moment);
        let group = if later == 0 { &self.first } else { &self.moments[later - 1].group };
        group.as_ref()
    }

    /// The group when the execution started, and after each call since then until it stopped.
    pub fn during(&self, started: Timestamp, stopped: Timestamp) -> impl Iterator<Item = Option<&Group>> {
        let within = self.moments.iter().filter(move |moment| moment.at > started && moment.at <= stopped);
        std::iter::once(self.at(started)).chain(within.map(|moment| moment.group.as_ref()))
    }
}

/// The group that exists before anybody asks. Calls that see it say which it is.
fn before(group: &DatasetGroupState, calls: &[&Call]) -> Group {
    let put = || group.status.clone().unwrap_or_else(|| "ACTIVE".to_owned());
    let status = group.steps.first().map_or_else(
        || Some(put()),
        |step| match &step.look {
            Look::Status { status, .. } => Some(status.clone()),
            Look::NotFound | Look::Gone => None,
        },
    );
    Group {
        generation: calls.first().and_then(|call| Some(call.transition.as_ref()?.generation)),
        configuration: Configuration::of(group),
        tags: by_key(&group.tags),
        deleting: is_deletion(status.as_deref()),
        status,
    }
}

fn is_deletion(status: Option<&str>) -> bool {
    status.is_some_and(|status| status.starts_with("DELETE "))
}

/// The group after a call.
fn after(call: &Call, before: Option<&Group>) -> Option<Group> {
    let created = call.effect && call.operation == "CreateDatasetGroup";
    let transition = call.transition.as_ref()?;
    let mut group = match before {
        Some(group) if !created => group.clone(),
        Some(_) | None => Group {
            generation: None,
            configuration: Configuration::of_creation(&call.request),
            tags: tags_of(call),
            status: None,
            deleting: false,
        },
    };
    group.generation = Some(transition.generation);
    group.status.clone_from(&transition.after);
    let deleted = call.effect && call.operation == "DeleteDatasetGroup";
    group.deleting |= deleted || is_deletion(group.status.as_deref());
    if call.effect && call.operation == "TagResource" {
        group.tags.extend(tags_of(call));
    }
    Some(group)
}

/// The tags in the request of a call.
pub fn tags_of(call: &Call) -> BTreeMap<String, String> {
    serde_json::from_value::<Vec<Tag>>(call.request["tags"].clone()).map(|tags| by_key(&tags)).unwrap_or_default()
}
