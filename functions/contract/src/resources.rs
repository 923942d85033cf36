//! The dataset group and the group profile as the steps hand them on.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::request::Domain;
#[cfg(feature = "schema")]
use crate::schema;

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

/// The status of a dataset group: `CreateDatasetGroup` in the Amazon Personalize API reference, and
/// `DELETE IN_PROGRESS`, which other Personalize resources have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = schema::words))]
pub enum DatasetGroupStatus {
    /// Creation was accepted.
    #[serde(rename = "CREATE PENDING")]
    CreatePending,
    /// Creation is under way.
    #[serde(rename = "CREATE IN_PROGRESS")]
    CreateInProgress,
    /// The group can be used.
    #[serde(rename = "ACTIVE")]
    Active,
    /// Creation failed, for good; the service gives a reason.
    #[serde(rename = "CREATE FAILED")]
    CreateFailed,
    /// Deletion was accepted.
    #[serde(rename = "DELETE PENDING")]
    DeletePending,
    /// Deletion is under way.
    #[serde(rename = "DELETE IN_PROGRESS")]
    DeleteInProgress,
}

impl DatasetGroupStatus {
    /// Every status that is known.
    pub const ALL: [Self; 6] = [
        Self::CreatePending,
        Self::CreateInProgress,
        Self::Active,
        Self::CreateFailed,
        Self::DeletePending,
        Self::DeleteInProgress,
    ];

    /// The service's own word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreatePending => "CREATE PENDING",
            Self::CreateInProgress => "CREATE IN_PROGRESS",
            Self::Active => "ACTIVE",
            Self::CreateFailed => "CREATE FAILED",
            Self::DeletePending => "DELETE PENDING",
            Self::DeleteInProgress => "DELETE IN_PROGRESS",
        }
    }
}

/// A status of a dataset group that nobody knows. `status` is a free string in the service's model.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the unknown status {0:?}")]
pub struct UnknownStatus(pub String);

impl FromStr for DatasetGroupStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// What the state machine chooses its next state by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Progress {
    /// The group can be used.
    Active,
    /// Wait, then look again.
    Creating,
    /// Wait until it is gone, then create.
    Deleting,
    /// It was being deleted and is gone, or another one has taken its place: the create step decides.
    Recreate,
}

impl Progress {
    /// Every value, for the contract tests.
    pub const ALL: [Self; 4] = [Self::Active, Self::Creating, Self::Deleting, Self::Recreate];
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

/// The status of a group profile (`GroupProfileStatus` of the Amazon DataZone API).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = schema::words))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GroupProfileStatus {
    /// The group may use the domain.
    Assigned,
    /// The profile exists, without access.
    NotAssigned,
}

/// The most tags of a resource (Amazon Personalize, "Tag restrictions"). Those of AWS itself do not count.
pub const MOST_TAGS: usize = 50;
/// The beginning of the keys that AWS keeps for itself, in any case.
pub const PREFIX_OF_AWS: &str = "aws:";
/// The tag of a dataset group that names the DataZone domain it is attached in.
pub const DOMAIN_TAG: &str = "datazone:domain-id";
/// The tag of a dataset group that names the group profile it is attached to.
pub const GROUP_PROFILE_TAG: &str = "datazone:group-profile-id";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_and_written_as_the_service_spells_it() {
        for status in DatasetGroupStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(serde_json::json!(status), serde_json::json!(status.as_str()));
        }
    }

    #[test]
    fn a_status_that_nobody_knows_is_named() {
        assert_eq!("UPDATE PENDING".parse::<DatasetGroupStatus>(), Err(UnknownStatus("UPDATE PENDING".to_owned())));
    }
}
