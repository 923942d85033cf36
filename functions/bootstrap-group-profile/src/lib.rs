//! The last step: finds, creates or assigns the group profile, verifies that it is ASSIGNED, and tags the dataset
//! group with the link to it.

mod answer;
mod attach;
mod profile;

use aws_sdk_datazone::Client as DataZone;
use aws_sdk_personalize::Client as Personalize;
use contract::outcome::{Changes, ProfileChange};
use contract::request::GroupProfileRequest;
use contract::{DatasetGroup, Execution, GroupProfile, StepError};
use dataset_group::{Link, add_tags, call, list_tags};
use serde::{Deserialize, Serialize};
use wiring::Decided;

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The group, ACTIVE.
    pub dataset_group: DatasetGroup,
    /// The profile that it shall be attached to.
    pub group_profile: GroupProfileRequest,
    /// What the execution has changed so far.
    pub changes: Changes,
    /// The execution.
    pub execution: Execution,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// The profile, ASSIGNED.
    pub group_profile: GroupProfile,
    /// What the execution has changed, this step included.
    pub changes: Changes,
    /// The group that the link is on, for the log.
    #[serde(skip)]
    dataset_group_arn: String,
}

impl Decided for Output {
    fn decision(&self) -> &'static str {
        match self.changes.group_profile {
            Some(ProfileChange::Created) => "profile created",
            Some(ProfileChange::Assigned) => "profile assigned",
            Some(ProfileChange::Kept) | None => "profile kept",
        }
    }

    fn dataset_group(&self) -> &str {
        &self.dataset_group_arn
    }
}

/// Makes sure that the profile exists, is ASSIGNED, and is the one that the group is linked to.
///
/// The group's link is read before anything is changed: a group that is attached to another profile stays as it is.
///
/// # Errors
/// [`StepError::DatasetGroupConflict`] when the group is attached to another profile, [`StepError::NotFound`] when
/// DataZone does not know the domain or the group, [`StepError::Unavailable`] when the profile does not read ASSIGNED
/// or a tag does not show yet, and what the services' errors mean.
pub async fn handle(datazone: &DataZone, personalize: &Personalize, input: Input) -> Result<Output, StepError> {
    let arn = input.dataset_group.dataset_group_arn;
    let tags = list_tags(personalize, &arn).await?;
    let found = profile::find(datazone, &input.group_profile).await?;
    attach::permitted(&arn, &Link::read(&tags), &input.group_profile, found.as_ref())?;
    // What the create step added was answered with 200 and nothing else: this look is the proof of it.
    if let Some(key) = attach::unseen(&input.changes.tags_added, &tags) {
        let message = format!("the tag {key}, which was added, is not shown: not yet, or somebody removed it");
        return Err(call("ListTagsForResource", &arn).unfinished(message));
    }
    let (group_profile, change) = profile::ensure_assigned(datazone, &input.group_profile, found).await?;
    let tags_added = if attach::missing(&tags, &group_profile).is_empty() {
        Vec::new()
    } else {
        link_to(personalize, &arn, &input.group_profile, &group_profile).await?
    };
    let mut changes = input.changes;
    changes.group_profile = Some(change);
    changes.tags_added.extend(tags_added);
    Ok(Output { group_profile, changes, dataset_group_arn: arn })
}

/// Writes what is missing of the link, and returns the keys of those tags.
///
/// Tags cannot be written on a condition, and the profile took its time. So the link is read again right before it is
/// written, and once more afterwards: of two executions that attach the group to different profiles at once, the one
/// that comes second finds the other's link. What is left is the moment between a read and its write.
async fn link_to(
    personalize: &Personalize,
    arn: &str,
    asked: &GroupProfileRequest,
    profile: &GroupProfile,
) -> Result<Vec<String>, StepError> {
    let tags = list_tags(personalize, arn).await?;
    attach::permitted(arn, &Link::read(&tags), asked, Some(profile))?;
    let missing = attach::missing(&tags, profile);
    add_tags(personalize, arn, &missing).await?;
    let written = list_tags(personalize, arn).await?;
    attach::permitted(arn, &Link::read(&written), asked, Some(profile))?;
    if !attach::missing(&written, profile).is_empty() {
        return Err(call("ListTagsForResource", arn).unfinished("the tags of the link do not show yet"));
    }
    Ok(missing.into_iter().map(|tag| tag.tag_key).collect())
}
