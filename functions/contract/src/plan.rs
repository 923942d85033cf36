//! What an execution would do: made by the decisions that do it, when `policy.mode` is PLAN.

use serde::{Deserialize, Serialize};

use crate::StepError;
use crate::outcome::ProfileChange;
use crate::request::Designation;
use crate::step_error::Cause;
use crate::words::words;

/// What an execution in the mode APPLY would do now. Each step adds its part; where `wouldFail` is present, no later step
/// would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// The dataset group.
    pub dataset_group: GroupPlan,
    /// The group profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_profile: Option<ProfilePlan>,
    /// The link of the group to the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkAction>,
    /// The projects of the request, in its order.
    #[serde(default)]
    pub projects: Vec<ProjectPlan>,
    /// What the execution would end with, where that is a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_fail: Option<Box<Cause>>,
}

/// What would be done to the dataset group. Tags are named by their keys: values may be sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupPlan {
    /// The ARN of the group, which may not exist.
    pub dataset_group_arn: String,
    /// What would be done.
    pub action: GroupAction,
    /// Keys of the tags that would be added after the creation of the group, those of the link among them.
    #[serde(default)]
    pub tags_to_add: Vec<String>,
    /// Keys of tags that the group has with another value, which would be kept.
    #[serde(default)]
    pub tags_kept: Vec<String>,
}

/// What would be done to the group profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfilePlan {
    /// What would be done.
    pub action: ProfileAction,
    /// The id of the profile; absent where there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What would be done about a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectPlan {
    /// The project.
    pub project_identifier: String,
    /// What would be done.
    pub action: ProjectAction,
    /// What the group profile would be in the project: a designation of a request, or any other that the domain has, such
    /// as `USER_CREATED_DESIGNATION`.
    pub designation: String,
    /// What the request asks for, where the group profile is a member with another designation, which would be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_designation: Option<Designation>,
}

words! {
    /// What would be done to a dataset group.
    pub enum GroupAction {
        /// Create it.
        Create = "CREATE",
        /// Use the one that exists.
        Adopt = "ADOPT",
        /// Wait until it is gone, then create it.
        AwaitDeletion = "AWAIT_DELETION",
        /// Delete it, because its creation failed, wait until it is gone, then create it.
        Replace = "REPLACE",
        /// Nothing: `wouldFail` says why.
        Refuse = "REFUSE",
    }

    /// What would be done to a group profile.
    pub enum ProfileAction {
        /// Create it.
        Create = "CREATE",
        /// Give it the status ASSIGNED.
        Assign = "ASSIGN",
        /// Nothing: it is ASSIGNED.
        Keep = "KEEP",
    }

    /// What would be done to the link.
    pub enum LinkAction {
        /// Add its tags to the dataset group, or the one that is missing.
        Add = "ADD",
        /// Nothing: the group has it.
        Keep = "KEEP",
        /// Nothing: the group is linked to another profile, as `wouldFail` says.
        Refuse = "REFUSE",
    }

    /// What would be done about a project.
    pub enum ProjectAction {
        /// Make the group profile a member.
        Add = "ADD",
        /// Nothing: it is a member.
        Keep = "KEEP",
    }
}

impl From<ProfileChange> for ProfileAction {
    fn from(change: ProfileChange) -> Self {
        match change {
            ProfileChange::Created => Self::Create,
            ProfileChange::Assigned => Self::Assign,
            ProfileChange::Kept => Self::Keep,
        }
    }
}

impl Plan {
    /// The plan for a dataset group, before anything is known of the rest.
    #[must_use]
    pub fn about(dataset_group_arn: &str, action: GroupAction) -> Self {
        Self {
            dataset_group: GroupPlan {
                dataset_group_arn: dataset_group_arn.to_owned(),
                action,
                tags_to_add: vec![],
                tags_kept: vec![],
            },
            group_profile: None,
            link: None,
            projects: vec![],
            would_fail: None,
        }
    }

    /// The plan with what the execution would end with.
    ///
    /// # Errors
    /// The error itself where it ends a plan as well: the request is invalid, a service denies a call or does not respond.
    pub fn failing(self, error: StepError) -> Result<Self, StepError> {
        if error.ends_a_plan() {
            return Err(error);
        }
        Ok(Self { would_fail: Some(Box::new(error.cause())), ..self })
    }
}
