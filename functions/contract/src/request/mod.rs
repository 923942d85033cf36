//! The request: the `detail` of the triggering event, and the input when another workflow calls.

mod reader;
mod rules;

use reader::Reader;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

#[cfg(feature = "schema")]
use crate::schema;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Violation {
    /// JSON path of the member, `$.datasetGroup.name`.
    pub path: String,
    /// What was wrong with it. Shows no tag, token or metadata.
    pub problem: String,
    /// What is allowed there.
    pub allowed: String,
}

/// A request that is valid as a whole, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Any object of at most 16 KiB. Returned in every outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// The dataset group that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields, transform = schema::both_or_neither))]
pub struct DatasetGroupRequest {
    /// 1 to 63 letters, digits, hyphens and underscores, the first a letter or digit.
    #[cfg_attr(feature = "schema", schemars(transform = rules::DATASET_GROUP_NAME.in_schema()))]
    pub name: String,
    /// Absent for a custom dataset group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// A key and the role that may use it: both or neither.
    #[serde(flatten)]
    pub encryption: Option<Encryption>,
    /// At most 48; keys are unique.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = rules::MOST_TAGS)))]
    pub tags: Vec<Tag>,
}

/// The domain of a Domain dataset group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = schema::words))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Domain {
    /// Retail.
    Ecommerce,
    /// Streaming.
    VideoOnDemand,
}

impl Domain {
    /// Every domain.
    pub const ALL: [Self; 2] = [Self::Ecommerce, Self::VideoOnDemand];

    /// The service's own word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ecommerce => "ECOMMERCE",
            Self::VideoOnDemand => "VIDEO_ON_DEMAND",
        }
    }
}

/// How the datasets of the group are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Encryption {
    /// At most 2048 characters: `arn:{partition}:kms:{region}:{account}:key/{key id}`.
    #[cfg_attr(feature = "schema", schemars(transform = rules::KMS_KEY_ARN.in_schema()))]
    pub kms_key_arn: String,
    /// At most 256 characters: `arn:{partition}:iam::{account}:role/{role name}`.
    #[cfg_attr(feature = "schema", schemars(transform = rules::PERSONALIZE_ROLE_ARN.in_schema()))]
    pub role_arn: String,
}

/// A tag of the dataset group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// 1 to 128 letters, digits, spaces and `_.:/=+-@`; no key of AWS, and none of the link to the group profile.
    #[cfg_attr(feature = "schema", schemars(transform = rules::TAG_KEY.in_schema(), transform = rules::not_reserved))]
    pub tag_key: String,
    /// 0 to 256 letters, digits, spaces and `_.:/=+-@`.
    #[cfg_attr(feature = "schema", schemars(transform = rules::TAG_VALUE.in_schema()))]
    pub tag_value: String,
}

/// The group profile that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields, transform = schema::exactly_one))]
#[serde(rename_all = "camelCase")]
pub struct GroupProfileRequest {
    /// The DataZone domain, `dzd_...`.
    #[cfg_attr(feature = "schema", schemars(transform = rules::DOMAIN_IDENTIFIER.in_schema()))]
    pub domain_identifier: String,
    /// Whose profile it is.
    #[serde(flatten)]
    pub principal: Principal,
    /// The same in every rerun, so that DataZone makes one profile. Derived from domain and principal when absent.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", transform = rules::CLIENT_TOKEN.in_schema()))]
    pub client_token: String,
}

/// Whose profile a group profile is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Principal {
    /// An Identity Center group, by its id or name.
    #[serde(rename = "groupIdentifier")]
    Group(
        #[cfg_attr(feature = "schema", schemars(transform = rules::GROUP_IDENTIFIER.in_schema()))]
        #[cfg_attr(feature = "schema", schemars(transform = rules::not_a_step))]
        String,
    ),
    /// An IAM role, by its ARN.
    #[serde(rename = "rolePrincipalArn")]
    Role(#[cfg_attr(feature = "schema", schemars(transform = rules::ROLE_PRINCIPAL_ARN.in_schema()))] String),
}

impl Principal {
    /// The group's identifier or the role's ARN.
    #[must_use]
    pub fn identifier(&self) -> &str {
        match self {
            Self::Group(identifier) | Self::Role(identifier) => identifier,
        }
    }
}

/// How to go about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// What to do with a group that exists in CREATE FAILED: leave it, or delete it and create it again, once.
    pub if_create_failed: IfCreateFailed,
    /// 60 to 86400, for the whole wait, counted from the start of the execution.
    #[cfg_attr(feature = "schema", schemars(range(min = rules::SHORTEST_TIMEOUT, max = rules::LONGEST_TIMEOUT)))]
    pub timeout_seconds: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { if_create_failed: IfCreateFailed::Fail, timeout_seconds: 3600 }
    }
}

/// What to do with a group that exists in CREATE FAILED.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = schema::words))]
#[serde(rename_all = "UPPERCASE")]
pub enum IfCreateFailed {
    /// Leave it and say so.
    Fail,
    /// Delete it and create it again, once in an execution.
    Replace,
}

impl Request {
    /// Reads a request from any JSON document.
    ///
    /// # Errors
    /// Every violation at once, in the order of the document's description.
    pub fn parse(document: &Value) -> Result<Self, Vec<Violation>> {
        let mut violations = Vec::new();
        let request = read_request(&Reader::root(document), &mut violations);
        match request {
            Some(request) if violations.is_empty() => Ok(request),
            Some(_) | None => Err(violations),
        }
    }
}

/// A member that the console of Step Functions, the CDK and examples of AWS add to the input of a nested execution. It
/// is accepted and used for nothing.
pub const STARTED_BY_EXECUTION: &str = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID";

type Violations = Vec<Violation>;

fn read_request(root: &Reader, violations: &mut Violations) -> Option<Request> {
    let members =
        root.object(&["datasetGroup", "groupProfile", "policy", "metadata", STARTED_BY_EXECUTION], violations)?;
    let dataset_group =
        members.required("datasetGroup", violations).and_then(|group| read_dataset_group(&group, violations));
    let group_profile =
        members.required("groupProfile", violations).and_then(|profile| read_group_profile(&profile, violations));
    let policy = members.optional("policy").map_or(Some(Policy::default()), |policy| read_policy(&policy, violations));
    let metadata = members.optional("metadata").map(|metadata| rules::metadata(&metadata, violations));
    Some(Request {
        dataset_group: dataset_group?,
        group_profile: group_profile?,
        policy: policy?,
        metadata: metadata.flatten(),
    })
}

fn read_dataset_group(group: &Reader, violations: &mut Violations) -> Option<DatasetGroupRequest> {
    let members = group.object(&["name", "domain", "kmsKeyArn", "roleArn", "tags"], violations)?;
    let name = members.required("name", violations).and_then(|name| rules::DATASET_GROUP_NAME.read(&name, violations));
    let domain = members.optional("domain").map(|domain| rules::domain(&domain, violations));
    let key = members.optional("kmsKeyArn").map(|key| rules::KMS_KEY_ARN.read(&key, violations));
    let role = members.optional("roleArn").map(|role| rules::PERSONALIZE_ROLE_ARN.read(&role, violations));
    let encryption = match (key, role) {
        (None, None) => None,
        (Some(key), Some(role)) => key.zip(role).map(|(kms_key_arn, role_arn)| Encryption { kms_key_arn, role_arn }),
        (Some(_), None) => {
            members.missing(
                "roleArn",
                "the ARN of a role that may use the key, or neither of kmsKeyArn and roleArn",
                violations,
            );
            None
        }
        (None, Some(_)) => {
            members.missing(
                "kmsKeyArn",
                "the ARN of the key that the role may use, or neither of kmsKeyArn and roleArn",
                violations,
            );
            None
        }
    };
    let tags = members.optional("tags").map_or(Some(Vec::new()), |tags| read_tags(&tags, violations));
    Some(DatasetGroupRequest { name: name?, domain: domain.flatten(), encryption, tags: tags? })
}

fn read_tags(tags: &Reader, violations: &mut Violations) -> Option<Vec<Tag>> {
    let items = tags.array(rules::MOST_TAGS, violations)?;
    let mut read: Vec<Tag> = Vec::new();
    for item in items {
        let Some(members) = item.object(&["tagKey", "tagValue"], violations) else { continue };
        let key = members.required("tagKey", violations).and_then(|key| rules::tag_key(&key, violations));
        let value = members.required("tagValue", violations).and_then(|value| rules::tag_value(&value, violations));
        let (Some(tag_key), Some(tag_value)) = (key, value) else { continue };
        if read.iter().any(|tag| tag.tag_key == tag_key) {
            item.refuse("the tagKey stands in an earlier tag too", "each tagKey once", violations);
        }
        read.push(Tag { tag_key, tag_value });
    }
    Some(read)
}

fn read_group_profile(profile: &Reader, violations: &mut Violations) -> Option<GroupProfileRequest> {
    let members =
        profile.object(&["domainIdentifier", "groupIdentifier", "rolePrincipalArn", "clientToken"], violations)?;
    let domain = members
        .required("domainIdentifier", violations)
        .and_then(|domain| rules::DOMAIN_IDENTIFIER.read(&domain, violations));
    let group = members.optional("groupIdentifier").map(|group| rules::group_identifier(&group, violations));
    let role = members.optional("rolePrincipalArn").map(|role| rules::ROLE_PRINCIPAL_ARN.read(&role, violations));
    let principal = match (group, role) {
        (Some(group), None) => group.map(Principal::Group),
        (None, Some(role)) => role.map(Principal::Role),
        (given_group, _) => {
            let problem = if given_group.is_some() {
                "groupIdentifier and rolePrincipalArn are both given"
            } else {
                "neither groupIdentifier nor rolePrincipalArn is given"
            };
            profile.refuse(problem, "exactly one of groupIdentifier and rolePrincipalArn", violations);
            None
        }
    };
    let token = members.optional("clientToken").map(|token| rules::client_token(&token, violations));
    let (domain_identifier, principal) = (domain?, principal?);
    let client_token = token.flatten().unwrap_or_else(|| derived_client_token(&domain_identifier, &principal));
    Some(GroupProfileRequest { domain_identifier, principal, client_token })
}

fn read_policy(policy: &Reader, violations: &mut Violations) -> Option<Policy> {
    let members = policy.object(&["ifCreateFailed", "timeoutSeconds"], violations)?;
    let default = Policy::default();
    let if_create_failed = members
        .optional("ifCreateFailed")
        .map_or(Some(default.if_create_failed), |choice| rules::if_create_failed(&choice, violations));
    let timeout_seconds = members
        .optional("timeoutSeconds")
        .map_or(Some(default.timeout_seconds), |seconds| rules::timeout_seconds(&seconds, violations));
    Some(Policy { if_create_failed: if_create_failed?, timeout_seconds: timeout_seconds? })
}

/// A token that is the same in every retry and rerun: DataZone makes one profile for it. The SDK would make a new
/// one for each call.
fn derived_client_token(domain_identifier: &str, principal: &Principal) -> String {
    let kind = match principal {
        Principal::Group(_) => "group",
        Principal::Role(_) => "role",
    };
    // A line feed cannot stand in a domain identifier, so no two pairs share a text.
    let digest = Sha256::digest(format!("{domain_identifier}\n{kind}\n{}", principal.identifier()));
    digest.iter().take(16).fold(String::with_capacity(32), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests;
