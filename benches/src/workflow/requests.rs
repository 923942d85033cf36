//! The requests of a round: what they need, and what the simulators have after them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulators::{Behaviour, CallFilter, Control, DomainState, Group, ProfileStatus, Settings};

use super::Fault;

const DOMAIN: &str = "dzd_load";
/// The tags that link a dataset group to its profile.
const LINK: [&str; 2] = ["datazone:domain-id", "datazone:group-profile-id"];

/// A request, by the number of its event.
pub fn request(number: usize) -> Value {
    json!({
        "datasetGroup": {"name": name(number)},
        "groupProfile": {"domainIdentifier": DOMAIN, "groupIdentifier": group(number)}
    })
}

/// The name of the dataset group that is asked for.
pub fn name(number: usize) -> String {
    format!("load-{number}")
}

fn group(number: usize) -> String {
    format!("a1b2c3d4-5678-90ab-cdef-{number:012}")
}

/// Empties the simulators, and gives them room for so many dataset groups and an Identity Center group for each.
pub async fn prepare(control: &Control, events: usize) -> Result<(), Fault> {
    control.reset().await?;
    let room = Behaviour { dataset_group_quota: events, ..Behaviour::of(&Settings::default()) };
    control.set_behaviour(&room).await?;
    let groups = (0..events).map(|number| Group { id: group(number), name: name(number) }).collect();
    control.put_domain(&DomainState { id: DOMAIN.to_owned(), groups, ..DomainState::default() }).await?;
    Ok(())
}

/// What became of one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Provisioned {
    /// The dataset group is ACTIVE and linked, its profile is ASSIGNED.
    pub complete: bool,
    /// Dataset groups and profiles that were created for it beyond one of each.
    pub doubled: usize,
}

/// What became of each request, by the name of its dataset group.
pub async fn provisioned(control: &Control, events: usize) -> Result<BTreeMap<String, Provisioned>, Fault> {
    let groups = control.dataset_groups().await?;
    let profiles = control.profiles(DOMAIN).await?;
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    for (operation, member) in [("CreateDatasetGroup", "name"), ("CreateGroupProfile", "groupIdentifier")] {
        let filter = CallFilter { operation: Some(operation.to_owned()), ..CallFilter::default() };
        for call in control.calls(filter).await?.into_iter().filter(|call| call.effect) {
            *created.entry(call.request[member].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    let beyond_one = |created: Option<&usize>| created.map_or(0, |number| number.saturating_sub(1));
    let request = |number| {
        let (name, group) = (name(number), group(number));
        let is_linked = groups.iter().any(|found| {
            let has = |key: &&str| found.tags.iter().any(|tag| tag.tag_key == **key);
            found.name == name && found.status.as_deref() == Some("ACTIVE") && LINK.iter().all(has)
        });
        let is_assigned = profiles.iter().any(|profile| {
            profile.group_id.as_deref() == Some(group.as_str()) && profile.status == ProfileStatus::Assigned
        });
        let doubled = beyond_one(created.get(&name)) + beyond_one(created.get(&group));
        (name, Provisioned { complete: is_linked && is_assigned, doubled })
    };
    Ok((0..events).map(request).collect())
}
