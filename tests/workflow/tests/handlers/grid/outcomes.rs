//! What an execution of a cell ends with, and whether it is true.

use contract::outcome::Membership;
use contract::retirement::{Disposition, RemovalChange};
use contract::step_error::Cause;
use simulators::{ProfileStatus, Tag};
use workflow_tests::{GROUP, Provisioned, Retired, Setup};

use super::cell::law;

/// What an execution ends with, unless a step fails.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Provisioned(Provisioned),
    Retired(Retired),
}

impl Outcome {
    /// Why the execution fails after all.
    pub fn failed(&self) -> Option<&Cause> {
        match self {
            Self::Provisioned(done) => done.failed.as_deref(),
            Self::Retired(done) => done.failed.as_deref(),
        }
    }

    /// Whether a rerun has nothing to do. (A provisioning is told truly only where it has fulfilled the request.)
    pub async fn is_fulfilled(&self, setup: &Setup) -> bool {
        match self {
            Self::Provisioned(_) => true,
            Self::Retired(_) => setup.group().await.is_none() && designations(setup).await.is_empty(),
        }
    }
}

/// Whether everything that an outcome says is so.
pub async fn told_truly(setup: &Setup, done: &Outcome) -> Result<(), String> {
    match done {
        Outcome::Provisioned(done) => provisioned_truly(setup, done).await,
        Outcome::Retired(done) => retired_truly(setup, done).await,
    }
}

/// What the members of all projects are.
async fn designations(setup: &Setup) -> Vec<String> {
    let projects = setup.projects().await;
    projects.into_iter().flat_map(|project| project.members).map(|member| member.designation).collect()
}

/// Whether everything that the outcome of a retirement says is so. It may name another group of that name than the one that is
/// there: then that one is gone.
async fn retired_truly(setup: &Setup, done: &Retired) -> Result<(), String> {
    let law = |holds: bool, what: &str| law(holds, || format!("{what}, and the outcome is {done:?}"));
    let group = setup.group().await;
    if let Some(gone) = &done.gone {
        law(gone.dataset_group.dataset_group_arn == setup.arn(&gone.dataset_group.name), "it has another ARN")?;
        let is_gone = match gone.disposition {
            Disposition::Absent => group.is_none(),
            Disposition::Deleted => {
                group.is_none_or(|group| group.creation_date_time != gone.dataset_group.creation_date_time)
            }
        };
        law(is_gone, "the group is still there")?;
    }
    law(done.gone.is_some() || done.failed.is_some(), "it has no end")?;
    let members = designations(setup).await;
    for removal in &done.changes.projects {
        let (was_member, is_member) = match removal.change {
            RemovalChange::Removed => (true, false),
            RemovalChange::Absent => (false, false),
            RemovalChange::Left => (true, true),
        };
        law(removal.designation.is_some() == was_member, "it says what a stranger was, or not what a member was")?;
        law(members.is_empty() != is_member, "the profile is a member, or none any more")?;
    }
    let profiles = setup.profiles().await;
    let exists = done.group_profile.as_ref().is_none_or(|said| profiles.iter().any(|profile| profile.id == said.id));
    law(exists, "there is no such profile")
}

/// Whether everything that the outcome of a provisioning says is so, and the request is fulfilled.
async fn provisioned_truly(setup: &Setup, done: &Provisioned) -> Result<(), String> {
    let law = |holds: bool, what: &str| law(holds, || format!("{what}, and the outcome is {done:?}"));
    let group = setup.group().await.ok_or("there is no group")?;
    law(group.status.as_deref() == Some("ACTIVE"), "the group is not ACTIVE")?;
    law(done.dataset_group.status.as_str() == "ACTIVE", "the outcome is not ACTIVE")?;
    law(done.dataset_group.dataset_group_arn == setup.arn(&group.name), "it has another ARN")?;
    law(
        done.dataset_group.domain.map(contract::request::Domain::as_str) == group.domain.as_deref(),
        "it has another domain",
    )?;
    let profiles = setup.profiles().await;
    let profile =
        profiles.iter().find(|profile| profile.id == done.group_profile.id).ok_or("there is no such profile")?;
    law(profile.status == ProfileStatus::Assigned, "the profile is not ASSIGNED")?;
    law(done.group_profile.status == contract::GroupProfileStatus::Assigned, "the outcome is not ASSIGNED")?;
    let said = |said: &Option<String>, known: &Option<String>| said.is_none() || said == known;
    law(said(&done.group_profile.group_name, &profile.group_name), "it has another name")?;
    law(said(&done.group_profile.role_principal_arn, &profile.role_principal_arn), "it has another role")?;
    let carries =
        |key: &str, value: &str| group.tags.contains(&Tag { tag_key: key.to_owned(), tag_value: value.to_owned() });
    law(carries("datazone:domain-id", &done.group_profile.domain_id), "it is not linked to the domain")?;
    law(carries("datazone:group-profile-id", &done.group_profile.id), "it is not linked to the profile")?;
    law(carries("team", "media-secret"), "it lacks the tag that was asked for")?;
    let members: Vec<_> = setup.projects().await.into_iter().flat_map(|project| project.members).collect();
    for Membership { designation, .. } in &done.changes.projects {
        let is_member = members
            .iter()
            .any(|member| member.group_id.as_deref() == Some(GROUP) && member.designation == *designation);
        law(is_member, "the profile is no such member")?;
    }
    let shows = |key: &String| group.tags.iter().any(|tag| tag.tag_key == *key);
    law(done.changes.tags_added.iter().all(shows), "a tag that was added is not there")?;
    law(
        group.tags.iter().all(|tag| tag.tag_key != "other" || tag.tag_value == "kept"),
        "somebody's tag was overwritten",
    )
}
