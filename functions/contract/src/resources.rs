//! The dataset group and the group profile as the steps hand them on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::request::Domain;
use crate::words::words;

/// A dataset group as the service last described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatasetGroup {
    /// `arn:{partition}:personalize:{region}:{account}:dataset-group/{name}`.
    pub dataset_group_arn: String,
    /// 1 to 63 characters.
    pub name: String,
    /// Absent for a custom dataset group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// Where the group is in its life.
    pub status: DatasetGroupStatus,
    /// Absent until the group was described for the first time: the answer to its creation does not hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_date_time: Option<Timestamp>,
}

words! {
    /// The status of a dataset group: `CreateDatasetGroup` in the Amazon Personalize API reference, and
    /// `DELETE IN_PROGRESS`, which other Personalize resources have.
    pub enum DatasetGroupStatus {
        /// Creation was accepted.
        CreatePending = "CREATE PENDING",
        /// Creation is under way.
        CreateInProgress = "CREATE IN_PROGRESS",
        /// The group can be used.
        Active = "ACTIVE",
        /// Creation failed, for good; the service gives a reason.
        CreateFailed = "CREATE FAILED",
        /// Deletion was accepted.
        DeletePending = "DELETE PENDING",
        /// Deletion is under way.
        DeleteInProgress = "DELETE IN_PROGRESS",
    }

    /// What the state machine chooses its next state by.
    pub enum Progress {
        /// The group can be used.
        Active = "ACTIVE",
        /// Wait, then poll again.
        Creating = "CREATING",
        /// Wait until it is gone, then create.
        Deleting = "DELETING",
        /// It was being deleted and is gone, or another one has taken its place: the create step decides.
        Recreate = "RECREATE",
    }

    /// The status of a group profile (`GroupProfileStatus` of the Amazon DataZone API).
    pub enum GroupProfileStatus {
        /// The group may use the domain.
        Assigned = "ASSIGNED",
        /// The profile exists, without access.
        NotAssigned = "NOT_ASSIGNED",
    }
}

impl Progress {
    /// Whether the group is polled again after a pause.
    #[must_use]
    pub const fn waits(self) -> bool {
        match self {
            Self::Creating | Self::Deleting => true,
            Self::Active | Self::Recreate => false,
        }
    }
}

/// A DataZone group profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupProfile {
    /// The DataZone domain, `dzd_...`.
    pub domain_id: String,
    /// The id of the profile (not of the group).
    pub id: String,
    /// Whether the group has access to the domain.
    pub status: GroupProfileStatus,
    /// The name of the Identity Center group; absent for the profile of a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// The IAM role; absent for the profile of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_principal_arn: Option<String>,
}

/// The most tags of a resource (Amazon Personalize, "Tag restrictions"). Those of AWS itself do not count.
pub const MOST_TAGS: usize = 50;
/// The beginning of the keys that AWS keeps for itself, in any case.
pub const PREFIX_OF_AWS: &str = "aws:";
/// The tag of a dataset group that names the DataZone domain it is attached in.
pub const DOMAIN_TAG: &str = "datazone:domain-id";
/// The tag of a dataset group that names the group profile it is attached to.
pub const GROUP_PROFILE_TAG: &str = "datazone:group-profile-id";
