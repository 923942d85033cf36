//! What an execution leaves behind: its output, and the detail of its event.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::batch::BatchRow;
use crate::plan::Plan;
use crate::request::Designation;
use crate::resources::{DatasetGroup, GroupProfile};
use crate::step_error::Cause;
use crate::words::words;

/// The version of the outcome documents; a change that breaks a reader raises the first number.
pub const SCHEMA_VERSION: &str = "1.1";
/// `source` of the outcome events.
pub const EVENT_SOURCE: &str = "dataset-group-workflow";
/// `detail-type` of [`Provisioned`].
pub const PROVISIONED: &str = "Dataset Group Provisioned";
/// `detail-type` of [`ProvisioningFailed`].
pub const PROVISIONING_FAILED: &str = "Dataset Group Provisioning Failed";
/// `detail-type` of [`Planned`].
pub const PLANNED: &str = "Dataset Group Planned";
/// `detail-type` of the event that starts an execution.
pub const REQUESTED: &str = "Dataset Group Requested";
/// `detail-type` of the event that starts a batch.
pub const BATCH_REQUESTED: &str = "Dataset Groups Requested";
/// `detail-type` of [`crate::batch::BatchFinished`].
pub const BATCH_FINISHED: &str = "Dataset Groups Batch Finished";

/// The dataset group is ACTIVE, its group profile is ASSIGNED, and the one carries the link to the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DatasetGroupProvisioned"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provisioned {
    /// The version of this document.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The execution that did it.
    pub execution_arn: String,
    /// Who asked: absent where no event started the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<RequestedBy>,
    /// CREATED where the group did not exist when this execution started, whoever created it since; else ADOPTED. An
    /// event may be delivered twice, and several requests may name one group: all of their outcomes can say CREATED. They
    /// are told apart by `datasetGroupArn` and `creationDateTime` of the group.
    pub disposition: Disposition,
    /// The group, ACTIVE.
    #[cfg_attr(feature = "schema", schemars(extend("type" = "object", "properties" = {"status": {"const": "ACTIVE"}})))]
    pub dataset_group: DatasetGroup,
    /// The profile, ASSIGNED.
    #[cfg_attr(feature = "schema", schemars(extend("type" = "object", "properties" = {"status": {"const": "ASSIGNED"}})))]
    pub group_profile: GroupProfile,
    /// What this execution changed on what it found.
    pub changes: Changes,
    /// How long it took.
    pub timings: Timings,
    /// The request's own, untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// The request was not fulfilled; whatever exists already is named, and a rerun continues from there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DatasetGroupProvisioningFailed"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProvisioningFailed {
    /// The version of this document.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The execution that failed.
    pub execution_arn: String,
    /// Who asked: absent where no event started the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<RequestedBy>,
    /// The name of the error.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = crate::StepError::names_of_provisioning())))]
    pub error: String,
    /// What failed, where, and what to do.
    pub cause: Cause,
    /// CREATED where the group did not exist when this execution started, else ADOPTED; absent when the execution failed
    /// before it knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// The group, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_group: Option<DatasetGroup>,
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DatasetGroupPlanned"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Planned {
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

/// The event that asked for the group, by its own members, each cut to 256 characters. A member that the event does not
/// have is an empty text. EventBridge writes all of them; an event that somebody hands to the state machine has what they
/// wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestedBy {
    /// `source`, which the sender chose.
    pub source: String,
    /// `account` of the sender.
    pub account: String,
    /// `region` of the sender.
    pub region: String,
    /// `id`: the same where EventBridge delivers an event twice.
    pub event_id: String,
    /// `time`, as the sender or EventBridge set it (RFC 3339).
    pub time: String,
    /// The row of a batch; absent where the event was no batch. The other members are those of the batch's event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchRow>,
}

/// What an execution changed, as the last attempt of each step saw it: what an attempt changed before it failed is, to
/// the next one, what it found. Tags are named by their keys: values may be sensitive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Changes {
    /// Keys of the tags that were added after the creation of the group, those of the link among them.
    #[serde(default)]
    pub tags_added: Vec<String>,
    /// Keys of tags that the group already had with another value, which was kept.
    #[serde(default)]
    pub tags_kept: Vec<String>,
    /// What was done to the group profile; absent when nothing was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_profile: Option<ProfileChange>,
    /// The projects of the request that the group profile is a member of, in the request's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<Membership>,
}

/// The group profile as a member of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Membership {
    /// The project.
    pub project_identifier: String,
    /// What was done.
    pub change: MembershipChange,
    /// What the group profile is in the project: a designation of a request, or any other that the domain has, such as
    /// `USER_CREATED_DESIGNATION`.
    pub designation: String,
    /// What the request asks for, where the group profile was a member with another designation, which was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_designation: Option<Designation>,
}

impl Changes {
    /// What the last step logs. The metric Provisioned counts these.
    #[must_use]
    pub const fn decision(&self) -> &'static str {
        match self.group_profile {
            Some(ProfileChange::Created) => "profile created",
            Some(ProfileChange::Assigned) => "profile assigned",
            Some(ProfileChange::Kept) | None => "profile kept",
        }
    }
}

words! {
    /// Where the dataset group came from.
    pub enum Disposition {
        /// It did not exist when this execution started.
        Created = "CREATED",
        /// It existed, with the requested configuration.
        Adopted = "ADOPTED",
    }

    /// What was done to the group profile.
    pub enum ProfileChange {
        /// There was none.
        Created = "CREATED",
        /// It was `NOT_ASSIGNED`.
        Assigned = "ASSIGNED",
        /// It was ASSIGNED already.
        Kept = "KEPT",
    }

    /// What was done about a project.
    pub enum MembershipChange {
        /// The group profile became a member.
        Added = "ADDED",
        /// It was a member already.
        Kept = "KEPT",
    }
}

/// How long an execution took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timings {
    /// Seconds from the start of the execution until it saw the group ACTIVE; absent when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_until_active: Option<u64>,
    /// Number of runs of the poll step.
    pub polls: u64,
}
