//! The last step: finds, creates or assigns the group profile, and writes the missing tags of the dataset group, the link
//! to the profile among them. No other step writes tags.

mod profile;
mod response;
mod tagging;

use aws_sdk_datazone::Client as DataZone;
use aws_sdk_personalize::Client as Personalize;
use contract::outcome::{Changes, ProfileChange};
use contract::request::{GroupProfileRequest, Tag};
use contract::{DatasetGroup, Execution, GroupProfile, StepError};
use dataset_group::{Link, Tags, add_tags, call, list_tags};
use domain_access::{Clients, DomainAccess};
use serde::{Deserialize, Serialize};
use wiring::LogSummary;

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The group, ACTIVE.
    pub dataset_group: DatasetGroup,
    /// The tags that the request asks for.
    pub tags: Vec<Tag>,
    /// The profile that the group shall be linked to.
    pub group_profile: GroupProfileRequest,
    /// Where the domain is.
    pub domain_access: DomainAccess,
    /// The execution.
    pub execution: Execution,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// The profile, ASSIGNED.
    pub group_profile: GroupProfile,
    /// What the execution has changed on what it found.
    pub changes: Changes,
}

impl LogSummary for Output {
    fn decision(&self) -> &'static str {
        match self.changes.group_profile {
            Some(ProfileChange::Created) => "profile created",
            Some(ProfileChange::Assigned) => "profile assigned",
            Some(ProfileChange::Kept) | None => "profile kept",
        }
    }
}

/// Makes sure that the profile exists, is ASSIGNED, and is the one that the group is linked to, and that the group has
/// the tags of the request.
///
/// Profile and tags are read before anything is changed: a group that is linked to another profile, or that has no room
/// for the tags, stays as it is.
///
/// # Errors
/// [`StepError::DatasetGroupConflict`] when the group is linked to another profile, [`StepError::TooManyTags`],
/// [`StepError::NotFound`] when DataZone does not know the domain or the group, [`StepError::Unavailable`] when the
/// profile is not returned as ASSIGNED or a tag is not visible yet, and what the services' errors mean.
pub async fn handle(clients: &Clients, personalize: &Personalize, input: Input) -> Result<Output, StepError> {
    let domain = input.domain_access.clone();
    let datazone = clients.client(&domain, &input.execution).await?;
    attach(&datazone, personalize, input).await.map_err(|error| domain.named(error))
}

async fn attach(datazone: &DataZone, personalize: &Personalize, input: Input) -> Result<Output, StepError> {
    let Input { dataset_group: DatasetGroup { dataset_group_arn: arn, .. }, tags, group_profile: request, .. } = input;
    let mut found = profile::find(datazone, &request).await?;
    let existing = list_tags(personalize, &arn).await?;
    let link = Link::read(&existing);
    // Another execution may have created the profile and linked the group to it between the two reads.
    if found.is_none() && link.group_profile_id.is_some() {
        found = profile::find(datazone, &request).await?;
    }
    let id = found.as_ref().map(|profile| profile.id.as_str());
    link.conflict(&arn, request.domain_identifier.as_str(), id)?;
    tagging::room(&arn, &tags, &existing)?;
    let (group_profile, change) = profile::ensure_assigned(datazone, &request, found).await?;
    let requested = tags.iter().map(Tag::pair).map(|(key, value)| (key.to_owned(), value.to_owned()));
    let wanted = requested.chain(Link::tags(&group_profile)).collect();
    let fresh = change == ProfileChange::Kept;
    let (tags_added, tags_kept) = tag(personalize, &arn, &group_profile, &wanted, existing, fresh).await?;
    Ok(Output { group_profile, changes: Changes { tags_added, tags_kept, group_profile: Some(change) } })
}

/// Adds the missing tags, and returns the keys of the added ones and of those that the group has with another value.
///
/// Tags cannot be written on a condition. So they are read right before they are written (again, if the profile took its
/// time and they are not `fresh`), and once more afterwards: of two executions that link the group to different profiles at
/// once, the one that comes second finds the other's link. What is left is the moment between a read and its write.
async fn tag(
    personalize: &Personalize,
    arn: &str,
    profile: &GroupProfile,
    wanted: &Tags,
    mut existing: Tags,
    fresh: bool,
) -> Result<(Vec<String>, Vec<String>), StepError> {
    let conflict = |tags: &Tags| Link::read(tags).conflict(arn, &profile.domain_id, Some(&profile.id));
    let mut missing = tagging::missing(wanted, &existing);
    if !missing.is_empty() {
        if !fresh {
            existing = list_tags(personalize, arn).await?;
            conflict(&existing)?;
            missing = tagging::missing(wanted, &existing);
        }
        add_tags(personalize, arn, &missing).await?;
        let written = list_tags(personalize, arn).await?;
        conflict(&written)?;
        if let Some(key) = tagging::missing(wanted, &written).keys().next() {
            let message =
                format!("tag {key} was added but is not visible: it may appear later, or somebody removed it");
            return Err(call("ListTagsForResource", arn).unfinished(message));
        }
    }
    Ok((missing.into_keys().collect(), tagging::kept(wanted, &existing)))
}
