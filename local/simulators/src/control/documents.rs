//! The JSON documents that the control endpoint takes and gives, shared by server and client.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::faults::Fault;
use crate::lifecycle::{Script, Step};
use crate::rate_limits::RateLimit;
use crate::settings::Settings;

/// Where the three listeners are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// Personalize.
    pub personalize: String,
    /// `DataZone`.
    pub datazone: String,
    /// The control endpoint.
    pub control: String,
}

/// How the services behave where AWS documents nothing, and the quota. A document with some of the members
/// changes those and leaves the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Behaviour {
    /// Most dataset groups that may be active at once.
    pub dataset_group_quota: usize,
    /// What `CreateGroupProfile` answers for a profile that exists, to another client token. Undocumented by AWS.
    pub existing_profile: ExistingProfile,
    /// Status of a profile that was just made.
    pub new_profile_status: ProfileStatus,
    /// Whether `DataZone` takes the name of a group where it takes its id. The model's pattern allows it.
    pub lookup_by_name: bool,
    /// Whether Get and Update take the role's ARN in place of the profile's id. Undocumented by AWS.
    pub lookup_by_role_arn: bool,
    /// What `CreateProjectMembership` answers for a member that exists. Undocumented by AWS.
    pub existing_membership: ExistingMembership,
    /// By which id `ListProjectMemberships` shows a group. Undocumented by AWS. A role is shown by the id of its profile.
    pub member_group_id: MemberGroupId,
    /// Whether `CreateProjectMembership` takes the id of a profile. Undocumented by AWS.
    pub member_by_profile_id: bool,
    /// What `DeleteProjectMembership` answers for a group that is no member. Undocumented by AWS.
    pub missing_membership: MissingMembership,
    /// What `DeleteDatasetGroup` answers for a group that has filters and nothing else. Undocumented by AWS.
    pub deletion_with_filters: DeletionWithFilters,
    /// What the lists of the contents of a dataset group answer when there is no such group. Undocumented by AWS.
    pub contents_of_missing_group: ContentsOfMissingGroup,
    /// How many calls a second are taken, by operation; without an entry all are.
    pub rate_limits: BTreeMap<String, RateLimit>,
}

impl Behaviour {
    /// How the simulators behave until told otherwise.
    #[must_use]
    pub const fn of(settings: &Settings) -> Self {
        Self {
            dataset_group_quota: settings.dataset_group_quota,
            existing_profile: ExistingProfile::Return,
            new_profile_status: ProfileStatus::Assigned,
            lookup_by_name: true,
            lookup_by_role_arn: false,
            existing_membership: ExistingMembership::ValidationException,
            member_group_id: MemberGroupId::Group,
            member_by_profile_id: true,
            missing_membership: MissingMembership::ResourceNotFoundException,
            deletion_with_filters: DeletionWithFilters::Return,
            contents_of_missing_group: ContentsOfMissingGroup::Empty,
            rate_limits: BTreeMap::new(),
        }
    }
}

/// What `CreateGroupProfile` answers for a profile that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExistingProfile {
    /// The profile as it is.
    Return,
    /// A `ValidationException`.
    ValidationException,
}

/// What `CreateProjectMembership` answers for a member that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExistingMembership {
    /// A `ValidationException`.
    ValidationException,
    /// A `ConflictException`, which is not in the model of this operation.
    ConflictException,
    /// Success, and the member keeps its designation.
    Return,
    /// Success, and the member gets the new designation.
    Overwrite,
}

/// By which id `ListProjectMemberships` shows a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberGroupId {
    /// The group's own.
    Group,
    /// That of its profile; the group's own while it has none.
    Profile,
}

/// What `DeleteProjectMembership` answers for a group that is no member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingMembership {
    /// A `ResourceNotFoundException`.
    ResourceNotFoundException,
    /// A `ValidationException`.
    ValidationException,
    /// Success, and nothing changes.
    Return,
}

/// What `DeleteDatasetGroup` answers for a group that has filters and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeletionWithFilters {
    /// Success, and the filters are gone with the group.
    Return,
    /// A `ResourceInUseException`.
    ResourceInUseException,
}

/// What `ListDatasets` and the other lists of contents answer for a dataset group that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ContentsOfMissingGroup {
    /// An empty list.
    Empty,
    /// An `InvalidInputException`.
    InvalidInputException,
    /// A `ResourceNotFoundException`, which is not in the model of these operations.
    ResourceNotFoundException,
}

/// Status of a group profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProfileStatus {
    /// The group may use the domain.
    #[default]
    Assigned,
    /// The group may not use the domain.
    NotAssigned,
}

/// A group of Identity Center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// A UUID, or ten hexadecimal digits, a hyphen and a UUID.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A group profile: of a group (`groupId`, `groupName`) or of a role (`rolePrincipalArn`, `rolePrincipalId`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// The profile's own id; a fresh UUID unless given.
    #[serde(default = "fresh_id")]
    pub id: String,
    /// ASSIGNED unless given.
    #[serde(default)]
    pub status: ProfileStatus,
    /// The group's id. It has to be one of the domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// The group's name; that of the group unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_principal_arn: Option<String>,
    /// The role's own id; a fresh one unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_principal_id: Option<String>,
}

impl Profile {
    /// A profile of a group of the domain.
    #[must_use]
    pub fn of_group(group_id: &str, status: ProfileStatus) -> Self {
        Self { group_id: Some(group_id.to_owned()), ..Self::of_nobody(status) }
    }

    /// A profile of a role.
    #[must_use]
    pub fn of_role(role_arn: &str, status: ProfileStatus) -> Self {
        Self { role_principal_arn: Some(role_arn.to_owned()), ..Self::of_nobody(status) }
    }

    fn of_nobody(status: ProfileStatus) -> Self {
        Self {
            id: fresh_id(),
            status,
            group_id: None,
            group_name: None,
            role_principal_arn: None,
            role_principal_id: None,
        }
    }
}

/// A project of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Such as `a1b2c3d4e5f6g7`.
    pub id: String,
    /// Its members, in the order in which they were added.
    #[serde(default)]
    pub members: Vec<ProjectMember>,
}

/// A member of a project: a group or a role (`groupId`), or a user (`userId`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectMember {
    /// Id of a group of the domain, or of a profile. It is shown as the group's id, and for a role as that of its profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Id of a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Such as `PROJECT_CONTRIBUTOR`, or any other text.
    pub designation: String,
}

impl ProjectMember {
    /// Whether both are the same group, role or user.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.group_id, &self.user_id) == (&other.group_id, &other.user_id)
    }
}

/// A fresh id of a profile or a group.
pub fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

/// A `DataZone` domain with what it knows. What is registered adds to what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DomainState {
    /// Such as `dzd_simulated`.
    pub id: String,
    /// Groups of Identity Center that the domain can see.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// ARNs of roles that exist.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Group profiles.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// Projects.
    #[serde(default)]
    pub projects: Vec<Project>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tag {
    /// The key.
    pub tag_key: String,
    /// The value.
    pub tag_value: String,
}

/// A dataset group, as it is put and as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatasetGroupState {
    /// The name.
    pub name: String,
    /// The status as everything but the next `DescribeDatasetGroup` sees it; absent while the group is not visible.
    /// When put without `steps`, the group stays in it (absent: ACTIVE) until it is told otherwise or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why the creation failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// ECOMMERCE or `VIDEO_ON_DEMAND`; absent: a custom group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Role that may use the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// Key that encrypts the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// Tags, by key when shown.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// RFC 3339; now unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_date_time: Option<Timestamp>,
    /// RFC 3339; the creation unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated_date_time: Option<Timestamp>,
    /// What is in the group.
    #[serde(default, skip_serializing_if = "Contents::is_empty")]
    pub contents: Contents,
    /// What is added to the group right before the next `DeleteDatasetGroup` is carried out.
    #[serde(default, skip_serializing_if = "Contents::is_empty")]
    pub late_contents: Contents,
    /// What its `DescribeDatasetGroup` calls show; wins over `status`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What they show after `DeleteDatasetGroup`; empty: the life cycle of the settings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delete_steps: Vec<Step>,
}

/// What is in a dataset group: the names of the resources of each kind.
pub type Contents = BTreeMap<ContentKind, Vec<String>>;

/// A kind of resources in a dataset group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ContentKind {
    /// Datasets.
    Datasets,
    /// Solutions.
    Solutions,
    /// Event trackers.
    EventTrackers,
    /// Recommenders, of a domain dataset group.
    Recommenders,
    /// Filters.
    Filters,
}

impl ContentKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Datasets, Self::Solutions, Self::EventTrackers, Self::Recommenders, Self::Filters];

    /// The operation that lists the resources of this kind.
    #[must_use]
    pub const fn list_operation(self) -> &'static str {
        match self {
            Self::Datasets => "ListDatasets",
            Self::Solutions => "ListSolutions",
            Self::EventTrackers => "ListEventTrackers",
            Self::Recommenders => "ListRecommenders",
            Self::Filters => "ListFilters",
        }
    }
}

impl DatasetGroupState {
    /// A custom group that can be used.
    #[must_use]
    pub fn active(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A custom group in a status, where it stays.
    #[must_use]
    pub fn in_status(name: &str, status: &str) -> Self {
        Self { status: Some(status.to_owned()), ..Self::active(name) }
    }
}

/// What happens to the next dataset group of a name, in a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedScript {
    /// The name.
    pub name: String,
    /// What happens to its creations, one after the other.
    pub creations: Vec<Script>,
}

/// A fault with what has become of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceivedFault {
    /// Number of the fault.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// Matching calls so far.
    pub matched: u32,
    /// Calls that were hit.
    pub applied: u32,
    /// Matching calls so far, by operation and resource.
    #[serde(skip)]
    pub(crate) of_each: BTreeMap<(String, String), u32>,
}

/// A state of the services with scripts and faults, added to what is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// What the scenario is for, in a sentence.
    pub description: String,
    /// Members of [`Behaviour`] that change.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Domains with groups, roles, profiles and projects.
    pub domains: Vec<DomainState>,
    /// Dataset groups.
    pub dataset_groups: Vec<DatasetGroupState>,
    /// What happens to the next creations.
    pub scripts: Vec<NamedScript>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}
