//! The request: the `detail` of the triggering event, and the input when another workflow calls.

mod batch;
mod event;
mod guards;
mod reader;
mod retirement;
mod text;

use reader::{Member, Read, Reader};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::outcome::REQUESTED;
use crate::resources;

#[cfg(feature = "schema")]
use crate::schema;
use crate::step_error::listed;
use crate::whole_number::whole;
use crate::words::words;
pub use batch::{BatchRequest, Manifest, ManifestFormat};
pub use guards::{Guards, RetirementGuards};
pub use retirement::{GroupToRetire, LinkedProfile, RetirementPolicy, RetirementRequest};
pub use text::{
    BucketName, ClientToken, DatasetGroupName, DomainIdentifier, GroupIdentifier, KmsKeyArn, ManifestKey,
    ProjectIdentifier, RoleArn, RolePrincipalArn, TagKey, TagValue, shown,
};

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Violation {
    /// JSON path of the member, `$.datasetGroup.name`. In a row of a CSV manifest it begins with the column: `name`.
    pub path: String,
    /// What was wrong with it. Shows no tag, token or metadata.
    pub problem: String,
    /// What is allowed there.
    pub allowed: String,
}

/// A request that is valid as a whole, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "DatasetGroupRequested",
        description = "Asks for a dataset group that is attached to a group profile.",
        deny_unknown_fields,
        transform = schema::started_by_execution
    )
)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The dataset group that shall exist.
    pub dataset_group: DatasetGroupRequest,
    /// The group profile that it shall be attached to.
    pub group_profile: GroupProfileRequest,
    /// How to go about it.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub policy: Policy,
    /// Any object of at most 16 KiB and 125 levels. Returned in every outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// The requested dataset group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields, transform = schema::both_or_neither))]
#[serde(rename_all = "camelCase")]
pub struct DatasetGroupRequest {
    /// 1 to 63 letters, digits, hyphens and underscores, the first a letter or digit.
    pub name: DatasetGroupName,
    /// Absent for a custom dataset group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// A key and the role that may use it: both or neither.
    #[serde(flatten)]
    pub encryption: Option<Encryption>,
    /// At most 48; keys are unique.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MOST_TAGS)))]
    pub tags: Vec<Tag>,
}

words! {
    /// The domain of a Domain dataset group.
    pub enum Domain {
        /// Retail.
        Ecommerce = "ECOMMERCE",
        /// Streaming.
        VideoOnDemand = "VIDEO_ON_DEMAND",
    }

    /// What to do with a group that an execution finds in CREATE FAILED.
    pub enum IfCreateFailed {
        /// Leave it and say so.
        Fail = "FAIL",
        /// Delete it and create it again, once in an execution.
        Replace = "REPLACE",
    }

    /// Whether to do it.
    pub enum Mode {
        /// Do it.
        Apply = "APPLY",
        /// Change nothing, and say what APPLY would do now.
        Plan = "PLAN",
    }

    /// What a member may do in a project (`UserDesignation` of the Amazon DataZone API, without designations that users
    /// create).
    pub enum Designation {
        /// Everything, and who else may.
        ProjectOwner = "PROJECT_OWNER",
        /// Work with the project's data.
        ProjectContributor = "PROJECT_CONTRIBUTOR",
        /// See what the project publishes.
        ProjectCatalogViewer = "PROJECT_CATALOG_VIEWER",
        /// Subscribe to data for the project.
        ProjectCatalogConsumer = "PROJECT_CATALOG_CONSUMER",
        /// Describe the project's data.
        ProjectCatalogSteward = "PROJECT_CATALOG_STEWARD",
    }
}

/// How the datasets of the group are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Encryption {
    /// At most 2048 characters: `arn:{partition}:kms:{region}:{account}:key/{key id}`.
    pub kms_key_arn: KmsKeyArn,
    /// At most 256 characters: `arn:{partition}:iam::{account}:role/{role name}`.
    pub role_arn: RoleArn,
}

/// A tag of the dataset group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// 1 to 128 letters, digits, spaces and `_.:/=+-@`; no key of AWS, and none of the link to the group profile.
    pub tag_key: TagKey,
    /// 0 to 256 letters, digits, spaces and `_.:/=+-@`.
    pub tag_value: TagValue,
}

impl Tag {
    /// Key and value.
    #[must_use]
    pub fn pair(&self) -> (&str, &str) {
        (self.tag_key.as_str(), self.tag_value.as_str())
    }
}

/// The requested group profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields, transform = schema::exactly_one))]
#[serde(rename_all = "camelCase")]
pub struct GroupProfileRequest {
    /// The DataZone domain, `dzd_...`.
    pub domain_identifier: DomainIdentifier,
    /// Whose profile it is.
    #[serde(flatten)]
    pub principal: Principal,
    /// The same in every rerun, so that DataZone makes one profile. Derived from domain and principal when absent.
    #[cfg_attr(feature = "schema", schemars(with = "Option<ClientToken>"))]
    pub client_token: ClientToken,
    /// At most 10: the projects of the domain that the group profile becomes a member of. Projects are unique. A group then
    /// has to be named by its id, because the members of a project may be listed by it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MOST_PROJECTS)))]
    pub projects: Vec<Project>,
}

/// A project that the group profile becomes a member of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// The id of the project: 1 to 36 letters, digits, hyphens and underscores.
    pub project_identifier: ProjectIdentifier,
    /// What its members may do there. A member with another designation keeps it.
    #[cfg_attr(feature = "schema", schemars(default = "Designation::usual"))]
    pub designation: Designation,
}

impl Designation {
    /// That of a request that names none.
    const fn usual() -> Self {
        Self::ProjectContributor
    }
}

/// Whose profile a group profile is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Principal {
    /// An Identity Center group, by its id or name.
    #[serde(rename = "groupIdentifier")]
    Group(GroupIdentifier),
    /// An IAM role, by its ARN.
    #[serde(rename = "rolePrincipalArn")]
    Role(RolePrincipalArn),
}

impl Principal {
    /// What it is, for people.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Group(_) => "group",
            Self::Role(_) => "role",
        }
    }

    /// The group's identifier or the role's ARN.
    #[must_use]
    pub fn identifier(&self) -> &str {
        match self {
            Self::Group(group) => group.as_str(),
            Self::Role(role) => role.as_str(),
        }
    }
}

/// How to go about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// What to do with a group that exists in CREATE FAILED: leave it, or delete it and create it again, once.
    pub if_create_failed: IfCreateFailed,
    /// 60 to 86400, for the whole wait, counted from the start of the execution.
    #[cfg_attr(feature = "schema", schemars(range(min = SHORTEST_TIMEOUT, max = LONGEST_TIMEOUT)))]
    pub timeout_seconds: u64,
    /// APPLY does what the request asks for; PLAN changes nothing and says what APPLY would do now.
    pub mode: Mode,
}

impl Default for Policy {
    fn default() -> Self {
        Self { if_create_failed: IfCreateFailed::Fail, timeout_seconds: 3600, mode: Mode::Apply }
    }
}

impl Request {
    /// Reads a request from any JSON document.
    ///
    /// # Errors
    /// Every violation at once, in the order of the document's description.
    pub fn parse(document: &Value) -> Result<Self, Vec<Violation>> {
        reader::read(document)
    }

    /// Reads the input of an execution, which is a request or the event around it, in a deployment with these guards.
    ///
    /// # Errors
    /// Every violation at once; those of the guards come last.
    pub fn of_input(input: &Value, guards: &Guards) -> Result<Self, Vec<Violation>> {
        of_input(input, REQUESTED, |document| guards.violations(document))
    }
}

/// Reads the input of an execution: a request, or an event of this detail-type around it.
fn of_input<T: Read>(
    input: &Value,
    detail_type: &str,
    refused: impl Fn(&Value) -> Vec<Violation>,
) -> Result<T, Vec<Violation>> {
    let document = event::request(input, detail_type).map_err(|violation| vec![violation])?;
    let refused = refused(document);
    match reader::read(document) {
        Ok(request) if refused.is_empty() => Ok(request),
        Ok(_) => Err(refused),
        Err(violations) => Err([violations, refused].concat()),
    }
}

/// A member that the console of Step Functions, the CDK and examples of AWS add to the input of a nested execution. It
/// is accepted and used for nothing.
pub const STARTED_BY_EXECUTION: &str = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID";

impl Read for Request {
    fn read(at: &Reader) -> Option<Self> {
        let known = ["datasetGroup", "groupProfile", "policy", "metadata"];
        let [dataset_group, group_profile, policy, metadata] = at.members(known, Some(STARTED_BY_EXECUTION))?;
        let (dataset_group, group_profile) = (dataset_group.required(), group_profile.required());
        let (policy, metadata) = (policy.optional(), metadata.optional());
        Some(Self {
            dataset_group: dataset_group?,
            group_profile: group_profile?,
            policy: policy?.unwrap_or_default(),
            metadata: metadata?,
        })
    }
}

impl Read for DatasetGroupRequest {
    fn read(at: &Reader) -> Option<Self> {
        let [name, domain, key, role, tags] = at.members(["name", "domain", "kmsKeyArn", "roleArn", "tags"], None)?;
        let (name, domain) = (name.required(), domain.optional());
        let (read_key, read_role) = (key.optional(), role.optional());
        let or = "or neither of kmsKeyArn and roleArn";
        let both = match (key.is_absent(), role.is_absent()) {
            (false, true) => role.missing(&format!("the ARN of a role that may use the key, {or}")),
            (true, false) => key.missing(&format!("the ARN of the key that the role may use, {or}")),
            (true, true) | (false, false) => Some(()),
        };
        let tags = tags.optional();
        both?;
        let encryption = read_key?.zip(read_role?).map(|(kms_key_arn, role_arn)| Encryption { kms_key_arn, role_arn });
        Some(Self { name: name?, domain: domain?, encryption, tags: tags?.unwrap_or_default() })
    }
}

impl Read for Domain {
    fn read(at: &Reader) -> Option<Self> {
        at.word(Self::of, "ECOMMERCE, VIDEO_ON_DEMAND; absent for a custom dataset group")
    }
}

/// The link to the group profile takes two of the tags that a resource can have.
const MOST_TAGS: usize = resources::MOST_TAGS - 2;

impl Read for Vec<Tag> {
    fn read(at: &Reader) -> Option<Self> {
        let mut read = Self::new();
        for item in at.items(MOST_TAGS)? {
            let Some(tag) = Tag::read(&item) else { continue };
            if read.iter().any(|other: &Tag| other.tag_key == tag.tag_key) {
                item.refuse::<()>("repeats the tagKey of an earlier tag", "unique tagKeys");
            }
            read.push(tag);
        }
        Some(read)
    }
}

impl Read for Tag {
    fn read(at: &Reader) -> Option<Self> {
        let [key, value] = at.members(["tagKey", "tagValue"], None)?;
        let (key, value) = (key.required(), value.required());
        Some(Self { tag_key: key?, tag_value: value? })
    }
}

impl Principal {
    /// Reads the two members of a profile, of which exactly one is given.
    fn read(at: &Reader, group: &Member, role: &Member) -> Option<Self> {
        let one = "exactly one of groupIdentifier and rolePrincipalArn";
        match (group.optional(), role.optional()) {
            (Some(None), Some(None)) => at.refuse("has neither groupIdentifier nor rolePrincipalArn", one),
            (group, Some(None)) => group.flatten().map(Self::Group),
            (Some(None), role) => role.flatten().map(Self::Role),
            (_, _) => at.refuse("has both groupIdentifier and rolePrincipalArn", one),
        }
    }

    /// Whether it is a group that goes by its name: the members of a project may be listed by the id of the group.
    fn is_named(&self) -> bool {
        matches!(self, Self::Group(group) if !group.is_id())
    }
}

impl Read for GroupProfileRequest {
    fn read(at: &Reader) -> Option<Self> {
        let known = ["domainIdentifier", "groupIdentifier", "rolePrincipalArn", "clientToken", "projects"];
        let [domain, group, role, token, projects] = at.members(known, None)?;
        let domain = domain.required();
        let principal = Principal::read(at, &group, &role);
        let (token, projects) = (token.optional(), projects.optional::<Vec<Project>>());
        if let (Some(principal), Some(Some(projects))) = (&principal, &projects)
            && !projects.is_empty()
            && principal.is_named()
        {
            at.refuse::<()>("has projects, and names the group by its name", "with projects, the id of the group");
        }
        let (domain_identifier, principal) = (domain?, principal?);
        let client_token = token?.unwrap_or_else(|| ClientToken::derived(&domain_identifier, &principal));
        Some(Self { domain_identifier, principal, client_token, projects: projects?.unwrap_or_default() })
    }
}

/// Each of them takes up to three calls, and all of them the time of one function.
const MOST_PROJECTS: usize = 10;

impl Read for Vec<Project> {
    fn read(at: &Reader) -> Option<Self> {
        projects(at, |project: &Project| &project.project_identifier)
    }
}

/// A list of projects, each of which has an identifier of its own.
fn projects<T: Read>(at: &Reader, identifier: impl Fn(&T) -> &ProjectIdentifier) -> Option<Vec<T>> {
    let mut read: Vec<T> = Vec::new();
    for item in at.items(MOST_PROJECTS)? {
        let Some(project) = T::read(&item) else { continue };
        if read.iter().any(|other| identifier(other) == identifier(&project)) {
            item.refuse::<()>("repeats the projectIdentifier of an earlier project", "unique projectIdentifiers");
        }
        read.push(project);
    }
    Some(read)
}

impl Read for Project {
    fn read(at: &Reader) -> Option<Self> {
        let [project, designation] = at.members(["projectIdentifier", "designation"], None)?;
        let (project, designation) = (project.required(), designation.optional());
        Some(Self { project_identifier: project?, designation: designation?.unwrap_or(Designation::usual()) })
    }
}

impl Read for Designation {
    fn read(at: &Reader) -> Option<Self> {
        at.word(Self::of, &Self::ALL.map(Self::as_str).join(", "))
    }
}

impl Read for Policy {
    fn read(at: &Reader) -> Option<Self> {
        let [if_create_failed, timeout_seconds, mode] =
            at.members(["ifCreateFailed", "timeoutSeconds", "mode"], None)?;
        let (choice, timeout) = (if_create_failed.optional(), timeout_seconds.optional::<Timeout>());
        let mode = mode.optional();
        let default = Self::default();
        Some(Self {
            if_create_failed: choice?.unwrap_or(default.if_create_failed),
            timeout_seconds: timeout?.map_or(default.timeout_seconds, |timeout| timeout.0),
            mode: mode?.unwrap_or(default.mode),
        })
    }
}

impl Read for IfCreateFailed {
    fn read(at: &Reader) -> Option<Self> {
        at.word(Self::of, "FAIL, REPLACE")
    }
}

impl Read for Mode {
    fn read(at: &Reader) -> Option<Self> {
        at.word(Self::of, "APPLY, PLAN")
    }
}

/// In seconds, as the next one.
const SHORTEST_TIMEOUT: u64 = 60;
/// A day; the state machine gives up an hour after.
const LONGEST_TIMEOUT: u64 = 86_400;

struct Timeout(u64);

impl Read for Timeout {
    fn read(at: &Reader) -> Option<Self> {
        let allowed = format!("a whole number from {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}");
        let Value::Number(number) = at.value() else { return at.refuse_kind(&allowed) };
        let valid = whole(number).filter(|whole| (SHORTEST_TIMEOUT..=LONGEST_TIMEOUT).contains(whole));
        valid.map(Self).or_else(|| at.refuse(&format!("is {}", reader::shown(&number.to_string())), &allowed))
    }
}

/// An outcome with the metadata in it has to fit into an event.
const LONGEST_METADATA: usize = 16 * 1024;

impl Read for Map<String, Value> {
    fn read(at: &Reader) -> Option<Self> {
        let Value::Object(object) = at.value() else { return at.refuse_kind("an object") };
        let length = at.value().to_string().len();
        if length > LONGEST_METADATA {
            let allowed = format!("at most {LONGEST_METADATA} bytes of JSON");
            return at.refuse(&format!("is {length} bytes long"), &allowed);
        }
        Some(object.clone())
    }
}

/// The inputs of the steps hold parts of a request. They are read as the request is: no part has a second reader.
macro_rules! deserialized_by_the_reader {
    ($($part:ty),*) => {$(
        impl<'de> Deserialize<'de> for $part {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let violations = |violations: Vec<Violation>| D::Error::custom(listed(&violations));
                reader::read(&Value::deserialize(deserializer)?).map_err(violations)
            }
        }
    )*};
}
deserialized_by_the_reader!(
    Request,
    DatasetGroupRequest,
    Tag,
    GroupProfileRequest,
    Policy,
    RetirementRequest,
    DatasetGroupName
);

#[cfg(test)]
mod tests;
