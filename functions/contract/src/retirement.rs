//! What a retirement leaves behind: its plan and its outcomes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::StepError;
use crate::outcome::RequestedBy;
#[cfg(feature = "schema")]
use crate::outcome::SCHEMA_VERSION;
use crate::request::Domain;
use crate::resources::{DatasetGroup, GroupProfile};
use crate::step_error::Cause;
use crate::words::words;

/// `detail-type` of the event that starts a retirement.
pub const RETIREMENT_REQUESTED: &str = "Dataset Group Retirement Requested";
/// `detail-type` of [`Retired`].
pub const RETIRED: &str = "Dataset Group Retired";
/// `detail-type` of [`RetirementFailed`].
pub const RETIREMENT_FAILED: &str = "Dataset Group Retirement Failed";
/// `detail-type` of [`RetirementPlanned`].
pub const RETIREMENT_PLANNED: &str = "Dataset Group Retirement Planned";

/// The dataset group is gone. The group profile stays, because it belongs to the domain, and dataset groups of other
/// accounts may be linked to it; so do its memberships that the request did not name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DatasetGroupRetired"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retired {
    /// The version of this document.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The execution that did it.
    pub execution_arn: String,
    /// Who asked: absent where no event started the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<RequestedBy>,
    /// DELETED where the group existed when this execution first looked, whoever deleted it then; else ABSENT.
    pub disposition: Disposition,
    /// The group that is gone.
    pub dataset_group: RetiredGroup,
    /// The profile, which stays; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_profile: Option<GroupProfile>,
    /// What this execution changed, and what it left.
    pub changes: Changes,
    /// How long it took.
    pub timings: Timings,
    /// The request's own, untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// The request was not fulfilled; what this execution changed is named, and a rerun continues from there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DatasetGroupRetirementFailed"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetirementFailed {
    /// The version of this document.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The execution that failed.
    pub execution_arn: String,
    /// Who asked: absent where no event started the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<RequestedBy>,
    /// The name of the error.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = StepError::names_of_retirement())))]
    pub error: String,
    /// What failed, where, and what to do.
    pub cause: Cause,
    /// The group as this execution last saw it; absent where it failed before it knew that it may retire the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_group: Option<DatasetGroup>,
    /// The profile that the group is linked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_profile: Option<GroupProfile>,
    /// Changes made before the failure.
    pub changes: Changes,
    /// How long it took.
    pub timings: Timings,
    /// The request's own, untouched; absent where `cause.metadataOmitted` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// The answer to a request in the mode PLAN: what APPLY would do now. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DatasetGroupRetirementPlanned"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetirementPlanned {
    /// The version of this document.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The execution that made the plan.
    pub execution_arn: String,
    /// Who asked: absent where no event started the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<RequestedBy>,
    /// What would be done.
    pub plan: Plan,
    /// The request's own, untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// A group that is gone, as it was when this execution first saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetiredGroup {
    /// `arn:{partition}:personalize:{region}:{account}:dataset-group/{name}`.
    pub dataset_group_arn: String,
    /// 1 to 63 characters.
    pub name: String,
    /// Absent for a custom dataset group, and where the group was gone already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// Which group of that name it was; absent where the group was gone already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_date_time: Option<Timestamp>,
}

/// What an execution did about the projects of the request. What an attempt removed before it failed is ABSENT to the next
/// one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RetirementChanges"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Changes {
    /// The projects of the request, in its order, without those that failed.
    #[serde(default)]
    pub projects: Vec<Removal>,
}

/// What was done about the membership of the group profile in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Removal {
    /// The project.
    pub project_identifier: String,
    /// What was done.
    pub change: RemovalChange,
    /// What the group profile was or is in the project; absent where it was no member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub designation: Option<String>,
}

/// What a retirement in the mode APPLY would do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RetirementPlan"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// The dataset group.
    pub dataset_group: GroupPlan,
    /// The projects of the request, in its order.
    #[serde(default)]
    pub projects: Vec<ProjectPlan>,
    /// What the execution would end with, where that is a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_fail: Option<Box<Cause>>,
}

/// What would be done about the dataset group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RetirementGroupPlan"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupPlan {
    /// The ARN of the group, which may not exist.
    pub dataset_group_arn: String,
    /// What would be done.
    pub action: GroupAction,
}

/// What would be done about the membership of the group profile in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RetirementProjectPlan"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectPlan {
    /// The project.
    pub project_identifier: String,
    /// What would be done.
    pub action: ProjectAction,
    /// What the group profile is in the project; absent where it is no member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub designation: Option<String>,
}

words! {
    /// Whether there was a dataset group to retire.
    pub enum Disposition {
        /// It existed when this execution first looked, and is gone.
        Deleted = "DELETED",
        /// It did not exist when this execution first looked.
        Absent = "ABSENT",
    }

    /// What was done about a membership.
    pub enum RemovalChange {
        /// The group profile was a member and is none any more.
        Removed = "REMOVED",
        /// It was no member.
        Absent = "ABSENT",
        /// It is still a member: no link proved that the request may take its access away.
        Left = "LEFT",
    }

    /// What would be done about a dataset group.
    pub enum GroupAction {
        /// Delete it and wait until it is gone.
        Delete = "DELETE",
        /// Wait until it is gone: it is being deleted.
        AwaitDeletion = "AWAIT_DELETION",
        /// Wait until it has been created, then delete it.
        AwaitCreation = "AWAIT_CREATION",
        /// Nothing: it does not exist.
        None = "NONE",
        /// Nothing: `wouldFail` says why.
        Refuse = "REFUSE",
    }

    /// What would be done about a membership.
    pub enum ProjectAction {
        /// Remove it.
        Remove = "REMOVE",
        /// Nothing, though the group profile is a member: no link proves that the request may take its access away.
        Leave = "LEAVE",
        /// Nothing: the group profile is no member.
        None = "NONE",
    }
}

/// How long a retirement took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RetirementTimings"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timings {
    /// Seconds from the start of the execution until it saw that the group is gone; absent when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_until_gone: Option<u64>,
    /// Number of runs of the poll step.
    pub polls: u64,
}

impl Plan {
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
