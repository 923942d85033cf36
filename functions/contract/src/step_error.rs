//! The errors of the steps. A variant is a decision of the state machine, and its name is the error name there.

use serde::{Deserialize, Serialize};

use crate::request::Violation;
use crate::resources::{DatasetGroupStatus, MOST_TAGS};
use crate::words::words;

/// Step Functions cuts a cause at 32,768 characters, and the document travels in it as a string in a string.
const LONGEST_CAUSE: usize = 30_000;
/// More than anybody fixes at once; the message says how many there are in all.
const MOST_VIOLATIONS: usize = 50;
/// The longest text of a service that is passed on.
const LONGEST_MESSAGE: usize = 1_000;
/// The longest side of a difference: an ARN of a key as a whole, less where that is too long for a cause.
const LONGEST_SIDES: [usize; 3] = [2_048, 1_000, 250];

/// Why a step cannot go on. `resource` is the ARN of the dataset group.
#[expect(missing_docs, reason = "each variant says what happened; what its members are is in their names")]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The same input can never succeed. Caught.
    #[error("the request has {}: {}", counted(.0.len(), "violation"), listed(.0))]
    InvalidRequest(Vec<Violation>),
    /// The service refuses what this workflow thought valid. Caught.
    #[error("{} refused the request: {}", .0.service.title(), .0.message)]
    RefusedRequest(Box<ServiceResponse>),
    /// The group exists, with at least one difference from the request. Caught; nothing that exists was changed.
    #[error("the dataset group exists with another configuration: {}", differing(.differences))]
    DatasetGroupConflict { resource: String, differences: Vec<Difference> },
    /// The group still has contents, so it cannot be deleted. Caught. Only a retirement ends so.
    #[error("the dataset group still contains {}", .contents.listed())]
    DatasetGroupInUse { resource: String, contents: Box<Contents> },
    /// The group has no room for the `missing` tags of the request and of the link. Caught; nothing that exists was changed.
    #[error(
        "the dataset group has {}, so {} more can be added, and {} needed",
        counted(*existing, "tag"),
        MOST_TAGS.saturating_sub(*existing),
        if *missing == 1 { "1 is".to_owned() } else { format!("{missing} are") }
    )]
    TooManyTags { resource: String, existing: usize, missing: usize },
    /// Others kept replacing the group: this execution began again `rounds` times. Caught.
    #[error("the dataset group was deleted or replaced more than {rounds} times while this execution waited for it")]
    ReplacedTooOften { resource: String, rounds: u64 },
    /// Creation of the group failed, for good; the reason is the service's own. Caught.
    #[error("the creation of the dataset group failed: {}", .failure_reason.as_deref().unwrap_or("the service gave no reason"))]
    DatasetGroupCreateFailed { resource: String, failure_reason: Option<String> },
    /// `policy.timeoutSeconds` of the request passed, of a provisioning or a retirement; the status is that of the last poll.
    /// Caught.
    #[error("the dataset group was still {} after {timeout_seconds} seconds", .status.as_str())]
    ProvisioningTimedOut { resource: String, status: DatasetGroupStatus, timeout_seconds: u64 },
    /// The service throttled all attempts of the SDK. Waited for, and reported when `policy.timeoutSeconds` has passed.
    #[error("{} throttled {} until the deadline: {}", .0.service.title(), .0.operation, .0.message)]
    Throttled(Box<ServiceResponse>),
    /// A limit of the account is reached, and stayed reached for the SDK's retries. Caught.
    #[error("a quota of {} is reached: {}", .0.service.title(), .0.message)]
    QuotaExceeded(Box<ServiceResponse>),
    /// The function may not make the call. Caught: a retry does not fix permissions.
    #[error("{} denied {}: {}", .0.service.title(), .0.action(), .0.message)]
    AccessDenied(Box<ServiceResponse>),
    /// Something that the request names does not exist. Caught.
    #[error("{} could not find {}: {}", .0.service.title(), .0.resource, .0.message)]
    NotFound(Box<ServiceResponse>),
    /// The service failed or was out of reach. Retried.
    #[error("{} is unavailable or its data is not yet consistent: {}", .0.service.title(), .0.message)]
    Unavailable(Box<ServiceResponse>),
    /// The services were so slow that the function's own time ran out. Retried.
    #[error("the services did not respond within the {seconds} seconds that the function had")]
    OutOfTime { seconds: u64 },
    /// An unexpected error, with a response where a service was involved. Caught.
    #[error("{message}")]
    Unexpected { message: String, response: Option<Box<ServiceResponse>> },
}

words! {
    /// The service that a call went to, by the prefix of its IAM actions.
    pub enum Service {
        /// Amazon Personalize.
        Personalize = "personalize",
        /// Amazon DataZone.
        DataZone = "datazone",
        /// AWS Security Token Service, for the role in the account of the domain.
        Sts = "sts",
        /// Amazon S3, for the manifest of a batch.
        S3 = "s3",
    }
}

impl Service {
    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Personalize => "Amazon Personalize",
            Self::DataZone => "Amazon DataZone",
            Self::Sts => "AWS STS",
            Self::S3 => "Amazon S3",
        }
    }
}

/// A call that failed, and what was returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceResponse {
    /// Who was called.
    pub service: Service,
    /// The operation, as the API names it.
    pub operation: &'static str,
    /// What it was called for: an ARN, or the identifiers.
    pub resource: String,
    /// The service's error code; `None` when no response came, or none that could be parsed.
    pub code: Option<String>,
    /// The service's message, or what went wrong on the way. Never a whole HTTP response.
    pub message: String,
    /// The service's id of the call.
    pub request_id: Option<String>,
    /// The ARN of the role whose credentials signed the call; `None` for the function's own role.
    pub role: Option<String>,
}

/// What DataZone says to a caller in another account than the domain's.
const NO_RESOURCE_POLICY: &str = "no resource-based policy allows";

impl ServiceResponse {
    /// The IAM action of the call.
    #[must_use]
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.as_str(), self.operation)
    }
}

/// One way in which an existing group differs from the requested one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Difference {
    /// The member of the request, `datasetGroup.domain`.
    pub member: String,
    /// What the request asks for; absent means that it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<String>,
    /// What the group has; absent means that it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<String>,
}

impl Difference {
    fn shortened(&self, most: usize) -> Self {
        let side = |side: &Option<String>| side.as_deref().map(|text| shortened(text, most));
        Self { member: self.member.clone(), requested: side(&self.requested), existing: side(&self.existing) }
    }
}

/// The most names of each kind in [`Contents`].
pub const MOST_NAMES: usize = 20;

/// What is in a dataset group, by name: at most 20 of each kind, so there may be more where there are 20.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Contents {
    /// Datasets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// Solutions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub solutions: Vec<String>,
    /// Event trackers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_trackers: Vec<String>,
    /// Recommenders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recommenders: Vec<String>,
    /// Filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
}

impl Contents {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn listed(&self) -> String {
        let kinds = [
            ("dataset", &self.datasets),
            ("solution", &self.solutions),
            ("event tracker", &self.event_trackers),
            ("recommender", &self.recommenders),
            ("filter", &self.filters),
        ];
        let kinds = kinds.into_iter().filter(|(_, names)| !names.is_empty()).map(|(kind, names)| {
            let or_more = if names.len() < MOST_NAMES { "" } else { " or more" };
            format!("{}{or_more}: {}", counted(names.len(), kind), names.join(", "))
        });
        kinds.collect::<Vec<_>>().join("; ")
    }
}

/// The Cause of a failed execution: a JSON document that people and programs can act on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cause {
    /// The name of the error.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = StepError::NAMES)))]
    pub error: String,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do next, in a sentence.
    pub remedy: String,
    /// The ARN or the identifiers of what failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// `personalize`, `datazone`, `sts` or `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The operation that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The service's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The service's id of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Why the service failed to create the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// What is wrong with the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// How the existing group differs from the requested one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// What is in the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<Box<Contents>>,
    /// True where the outcome leaves out the metadata of the request: they break a rule, or no step has read them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub metadata_omitted: bool,
}

impl StepError {
    /// Every name that [`StepError::name`] gives.
    pub const NAMES: [&'static str; 10] = [
        "InvalidRequest",
        "DatasetGroupConflict",
        "DatasetGroupInUse",
        "DatasetGroupCreateFailed",
        "ProvisioningTimedOut",
        "QuotaExceeded",
        "AccessDenied",
        "NotFound",
        "Unavailable",
        "Unexpected",
    ];

    /// The names that a provisioning can end with.
    #[must_use]
    pub fn names_of_provisioning() -> Vec<&'static str> {
        Self::NAMES.into_iter().filter(|name| *name != "DatasetGroupInUse").collect()
    }

    /// The names that a retirement can end with: a group whose creation failed is deleted like any other.
    #[must_use]
    pub fn names_of_retirement() -> Vec<&'static str> {
        Self::NAMES.into_iter().filter(|name| *name != "DatasetGroupCreateFailed").collect()
    }

    /// An unexpected error that no service was involved in.
    #[must_use]
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::Unexpected { message: message.into(), response: None }
    }

    /// The error's name in the state machine.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) | Self::RefusedRequest(_) | Self::TooManyTags { .. } => "InvalidRequest",
            Self::DatasetGroupConflict { .. } | Self::ReplacedTooOften { .. } => "DatasetGroupConflict",
            Self::DatasetGroupInUse { .. } => "DatasetGroupInUse",
            Self::DatasetGroupCreateFailed { .. } => "DatasetGroupCreateFailed",
            Self::ProvisioningTimedOut { .. } | Self::Throttled(_) => "ProvisioningTimedOut",
            Self::QuotaExceeded(_) => "QuotaExceeded",
            Self::AccessDenied(_) => "AccessDenied",
            Self::NotFound(_) => "NotFound",
            Self::Unavailable(_) | Self::OutOfTime { .. } => "Unavailable",
            Self::Unexpected { .. } => "Unexpected",
        }
    }

    /// Whether it ends a plan as it ends what was planned. Any other is part of a plan.
    #[must_use]
    pub const fn ends_a_plan(&self) -> bool {
        match self {
            Self::InvalidRequest(_)
            | Self::RefusedRequest(_)
            | Self::TooManyTags { .. }
            | Self::AccessDenied(_)
            | Self::Unavailable(_)
            | Self::OutOfTime { .. }
            | Self::Throttled(_) => true,
            Self::DatasetGroupConflict { .. }
            | Self::DatasetGroupInUse { .. }
            | Self::ReplacedTooOften { .. }
            | Self::DatasetGroupCreateFailed { .. }
            | Self::ProvisioningTimedOut { .. }
            | Self::QuotaExceeded(_)
            | Self::NotFound(_)
            | Self::Unexpected { .. } => false,
        }
    }

    /// The document for the state machine's Cause; its JSON, as a string in JSON, stays below 30,000 bytes.
    #[must_use]
    pub fn cause(&self) -> Cause {
        let bounded = |text: &str| shortened(text, LONGEST_MESSAGE);
        let (error, message) = (self.name().to_owned(), bounded(&self.to_string()));
        let mut cause = Cause { error, message, remedy: self.remedy(), ..Cause::default() };
        let resource = match self {
            Self::InvalidRequest(violations) => {
                let of_metadata = |violation: &Violation| ["$", "$.metadata"].contains(&violation.path.as_str());
                cause.metadata_omitted = violations.iter().any(of_metadata);
                cause.violations = violations.iter().take(MOST_VIOLATIONS).cloned().collect();
                None
            }
            Self::RefusedRequest(response)
            | Self::Throttled(response)
            | Self::QuotaExceeded(response)
            | Self::AccessDenied(response)
            | Self::NotFound(response)
            | Self::Unavailable(response)
            | Self::Unexpected { message: _, response: Some(response) } => {
                cause.service = Some(response.service);
                cause.operation = Some(response.operation.to_owned());
                cause.code = response.code.as_deref().map(bounded);
                cause.request_id = response.request_id.as_deref().map(bounded);
                Some(&response.resource)
            }
            Self::DatasetGroupCreateFailed { resource, failure_reason } => {
                cause.failure_reason = failure_reason.as_deref().map(bounded);
                Some(resource)
            }
            Self::DatasetGroupInUse { resource, contents } => {
                cause.contents = Some(contents.clone());
                Some(resource)
            }
            Self::DatasetGroupConflict { resource, differences: _ }
            | Self::ProvisioningTimedOut { resource, status: _, timeout_seconds: _ }
            | Self::TooManyTags { resource, existing: _, missing: _ }
            | Self::ReplacedTooOften { resource, rounds: _ } => Some(resource),
            Self::OutOfTime { seconds: _ } | Self::Unexpected { message: _, response: None } => None,
        };
        cause.resource = resource.map(|resource| bounded(resource));
        let differences =
            if let Self::DatasetGroupConflict { differences, .. } = self { &differences[..] } else { &[] };
        for longest in LONGEST_SIDES {
            cause.differences = differences.iter().map(|difference| difference.shortened(longest)).collect();
            if length_in_a_cause(&cause) <= LONGEST_CAUSE {
                return cause;
            }
        }
        while length_in_a_cause(&cause) > LONGEST_CAUSE
            && (cause.violations.pop().is_some() || cause.differences.pop().is_some())
        {}
        cause
    }

    fn remedy(&self) -> String {
        let remedy = match self {
            Self::InvalidRequest(_) => "Correct the members that are listed and send the event again.",
            Self::RefusedRequest(_) => "Correct what the service message reports and send the event again.",
            Self::DatasetGroupConflict { .. } => "Request the existing configuration or use another name.",
            Self::DatasetGroupInUse { .. } => {
                "Delete what is listed, event trackers and solutions before datasets, then send the event again."
            }
            Self::DatasetGroupCreateFailed { .. } => {
                "Fix the cause given in the failure reason, then send the event again with policy.ifCreateFailed REPLACE."
            }
            Self::ProvisioningTimedOut { .. } | Self::Throttled(_) => {
                "Send the event again to continue waiting, with a larger policy.timeoutSeconds if necessary."
            }
            Self::TooManyTags { .. } => "Remove tags of the group or request fewer, then send the event again.",
            Self::ReplacedTooOften { .. } => "Find out who deletes or replaces the group, then send the event again.",
            Self::QuotaExceeded(response) if response.service != Service::Personalize => {
                "Remove group profiles or other resources of the domain that are not needed, or ask for a larger quota of Amazon DataZone (Service Quotas), then send the event again."
            }
            Self::QuotaExceeded(_) => {
                "Delete dataset groups that are not needed or ask for a larger quota (Service Quotas L-14011066), then send the event again."
            }
            Self::AccessDenied(response) => return denial_remedy(response),
            Self::NotFound(response) if response.service == Service::Personalize => {
                "Find out who deleted the dataset group, then send the event again; the workflow then creates it again."
            }
            Self::NotFound(response) if response.service == Service::S3 => {
                "Correct the key or upload the manifest, then send the event again."
            }
            Self::NotFound(_) => {
                "Correct the identifiers or create what they name, then send the event again; the workflow continues from existing resources."
            }
            Self::Unavailable(_) | Self::OutOfTime { .. } => {
                "Wait until the service responds and returns the written data, then send the event again; the workflow continues from existing resources."
            }
            Self::Unexpected { .. } => "Check the function's log for this execution, then send the event again.",
        };
        remedy.to_owned()
    }
}

/// The remedy names the account that denied the call: more permissions for a role do not help where another account denies.
fn denial_remedy(response: &ServiceResponse) -> String {
    let action = response.action();
    // DataZone has permissions of its own beside those of IAM: the members of a project are its owners' to choose.
    let ownership =
        if action.contains("ProjectMembership") { ", and make it an owner of the project in the domain" } else { "" };
    let remedy = match (response.service, &response.role) {
        (Service::Sts, _) => {
            format!("Let the role {} trust the function's role, and check that the function may assume it", response.resource)
        }
        (Service::S3, _) => {
            let key = "and kms:Decrypt where a key of your own encrypts the bucket";
            format!("Grant the role of the batch state machine permission for {action} on {}, {key}", response.resource)
        }
        (Service::Personalize | Service::DataZone, Some(role)) => {
            format!("In the account of the domain, grant the role {role} permission for {action}{ownership}")
        }
        (Service::DataZone, None) if response.message.contains(NO_RESOURCE_POLICY) => {
            "The domain belongs to another account: deploy examples/hub-role there and set the parameter DataZoneRoleArn".to_owned()
        }
        (Service::Personalize | Service::DataZone, None) => {
            format!("Grant the function's role permission for {action}{ownership}")
        }
    };
    format!("{remedy}, then send the event again.")
}

pub(crate) fn listed(violations: &[Violation]) -> String {
    let listed = violations.iter().map(|v| format!("{} {} (allowed: {})", v.path, v.problem, v.allowed));
    listed.collect::<Vec<_>>().join("; ")
}

/// `1 violation`, `2 violations`.
pub(crate) fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn differing(differences: &[Difference]) -> String {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let differing = differences
        .iter()
        .map(|d| format!("{}: existing {}, requested {}", d.member, side(&d.existing), side(&d.requested)));
    differing.collect::<Vec<_>>().join("; ")
}

/// The text, or its beginning with `...` where it has more characters than `most`, which is at least 3.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 3).collect::<String>() + "..."
}

/// The length of the document as it travels: JSON in a JSON string.
fn length_in_a_cause(cause: &Cause) -> usize {
    serde_json::to_string(cause).and_then(|json| serde_json::to_string(&json)).map_or(0, |json| json.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(service: Service) -> ServiceResponse {
        let [resource, code, message, request_id] = ["arn", "Code", "no", "id"].map(str::to_owned);
        let (code, request_id) = (Some(code), Some(request_id));
        ServiceResponse { service, operation: "CreateDatasetGroup", resource, code, message, request_id, role: None }
    }

    fn one_of_each() -> [StepError; 15] {
        let (resource, response) = (|| "arn".to_owned(), || Box::new(response(Service::Personalize)));
        let status = DatasetGroupStatus::CreatePending;
        [
            StepError::InvalidRequest(vec![]),
            StepError::RefusedRequest(response()),
            StepError::TooManyTags { resource: resource(), existing: 49, missing: 3 },
            StepError::DatasetGroupConflict { resource: resource(), differences: vec![] },
            StepError::ReplacedTooOften { resource: resource(), rounds: 20 },
            StepError::DatasetGroupInUse { resource: resource(), contents: Box::default() },
            StepError::DatasetGroupCreateFailed { resource: resource(), failure_reason: Some("key".to_owned()) },
            StepError::ProvisioningTimedOut { resource: resource(), status, timeout_seconds: 60 },
            StepError::Throttled(response()),
            StepError::QuotaExceeded(response()),
            StepError::AccessDenied(response()),
            StepError::NotFound(response()),
            StepError::Unavailable(response()),
            StepError::OutOfTime { seconds: 89 },
            StepError::unexpected("what"),
        ]
    }

    #[test]
    fn every_error_has_one_of_the_listed_names_and_every_name_an_error() {
        let mut names: Vec<_> = one_of_each().iter().map(StepError::name).collect();
        names.dedup();
        assert_eq!(names, StepError::NAMES);
    }

    #[test]
    fn a_cause_says_what_failed_where_and_what_to_do() {
        for error in one_of_each() {
            let cause = error.cause();
            assert_eq!(cause.error, error.name());
            assert!(cause.remedy.ends_with('.') && !cause.message.is_empty());
        }
        let denied = StepError::AccessDenied(Box::new(response(Service::Personalize))).cause();
        assert!(denied.remedy.contains("personalize:CreateDatasetGroup"));
        assert_eq!(denied.message, "Amazon Personalize denied personalize:CreateDatasetGroup: no");
        let denied_by_datazone = StepError::AccessDenied(Box::new(response(Service::DataZone))).to_string();
        assert!(denied_by_datazone.starts_with("Amazon DataZone denied"), "{denied_by_datazone}");
        let named = [denied.code, denied.request_id, denied.resource];
        assert_eq!(named, ["Code", "id", "arn"].map(|text| Some(text.to_owned())));
    }

    #[test]
    fn the_remedy_of_a_denial_names_the_account_that_denied() {
        let remedy = |service, message: &str, role: Option<&str>| {
            let role = role.map(str::to_owned);
            let response = ServiceResponse { message: message.to_owned(), role, ..response(service) };
            StepError::AccessDenied(Box::new(response)).cause().remedy
        };
        let hub = "User: arn is not authorized because no resource-based policy allows the datazone action";
        for (service, message, role, words) in [
            (Service::DataZone, "no", None, "Grant the function's role permission for datazone:"),
            (Service::DataZone, hub, None, "set the parameter DataZoneRoleArn"),
            (
                Service::DataZone,
                hub,
                Some("hub-role"),
                "In the account of the domain, grant the role hub-role permission",
            ),
            (Service::Sts, "no", None, "Let the role arn trust the function's role"),
        ] {
            assert!(remedy(service, message, role).contains(words), "{}", remedy(service, message, role));
        }
    }

    #[test]
    fn the_remedy_of_a_denial_in_a_project_says_that_its_owners_choose_its_members() {
        let remedy = |role: Option<&str>| {
            let role = role.map(str::to_owned);
            let operation = "CreateProjectMembership";
            let response = ServiceResponse { operation, role, ..response(Service::DataZone) };
            StepError::AccessDenied(Box::new(response)).cause().remedy
        };
        for role in [None, Some("hub-role")] {
            let remedy = remedy(role);
            let words = "for datazone:CreateProjectMembership, and make it an owner of the project in the domain, then";
            assert!(remedy.contains(words), "{remedy}");
        }
    }

    #[test]
    fn a_group_without_room_for_the_tags_is_described_by_numbers() {
        for (existing, missing, words) in [
            (49, 3, "has 49 tags, so 1 more can be added, and 3 are needed"),
            (50, 1, "has 50 tags, so 0 more can be added, and 1 is needed"),
        ] {
            let message = StepError::TooManyTags { resource: "arn".to_owned(), existing, missing }.to_string();
            assert!(message.contains(words), "{message}");
        }
    }

    fn travelling(cause: &Cause) -> usize {
        serde_json::Value::from(serde_json::to_string(cause).expect("JSON")).to_string().len()
    }

    #[test]
    fn the_remedy_of_a_quota_and_of_a_missing_resource_is_that_of_the_service() {
        let remedy = |service| StepError::QuotaExceeded(Box::new(response(service))).cause().remedy;
        assert!(remedy(Service::Personalize).contains("L-14011066"));
        assert!(remedy(Service::DataZone).contains("DataZone") && !remedy(Service::DataZone).contains("L-14011066"));
        let missing = |service| StepError::NotFound(Box::new(response(service))).cause().remedy;
        assert!(missing(Service::Personalize).contains("deleted") && !missing(Service::DataZone).contains("deleted"));
    }

    #[test]
    fn metadata_that_break_a_rule_are_left_out_of_the_outcome_however_many_violations_there_are() {
        let at = |path: &str| Violation { path: path.to_owned(), problem: String::new(), allowed: String::new() };
        let omitted = |last: &str| {
            let violations = vec![at("$.datasetGroup.tags[0].tagKey"); 100];
            StepError::InvalidRequest([violations, vec![at(last)]].concat()).cause().metadata_omitted
        };
        assert!(omitted("$.metadata") && omitted("$"));
        assert!(!omitted("$.policy"));
        assert!(!StepError::unexpected("what").cause().metadata_omitted);
    }

    #[test]
    fn a_cause_fits_into_the_state_machine_however_much_is_wrong() {
        let violation =
            Violation { path: "\u{1}\"".repeat(40), problem: "\\".repeat(200), allowed: "\u{2028}".repeat(100) };
        let cause = StepError::InvalidRequest(vec![violation; 500]).cause();
        assert!(travelling(&cause) <= LONGEST_CAUSE);
        assert!(!cause.violations.is_empty() && cause.message.starts_with("the request has 500 violations: "));
        let endless = StepError::DatasetGroupCreateFailed {
            resource: "a".repeat(90_000),
            failure_reason: Some("\u{1}".repeat(300_000)),
        };
        assert!(travelling(&endless.cause()) <= LONGEST_CAUSE);
    }

    #[test]
    fn the_longest_contents_fit_and_the_message_says_where_there_may_be_more() {
        let names = |number: usize| (0..number).map(|_| "n".repeat(63)).collect::<Vec<_>>();
        let full = Contents {
            datasets: names(MOST_NAMES),
            solutions: names(MOST_NAMES),
            event_trackers: names(MOST_NAMES),
            recommenders: names(MOST_NAMES),
            filters: names(MOST_NAMES),
        };
        let in_use =
            |contents| StepError::DatasetGroupInUse { resource: "arn".to_owned(), contents: Box::new(contents) };
        let cause = in_use(full.clone()).cause();
        assert_eq!(cause.contents.as_deref(), Some(&full));
        assert!(travelling(&cause) <= LONGEST_CAUSE && cause.message.contains("20 datasets or more: nnn"));
        let one = Contents { datasets: names(1), event_trackers: vec!["t".to_owned(); 2], ..Contents::default() };
        assert_eq!(
            in_use(one).to_string(),
            format!("the dataset group still contains 1 dataset: {}; 2 event trackers: t, t", "n".repeat(63))
        );
    }

    #[test]
    fn a_conflict_fits_too_however_long_the_values_of_the_service_are() {
        let difference = |existing: String| Difference {
            member: "datasetGroup.kmsKeyArn".to_owned(),
            requested: None,
            existing: Some(existing),
        };
        let conflict =
            |differences| StepError::DatasetGroupConflict { resource: "arn".to_owned(), differences }.cause();
        let message = conflict(vec![difference("arn".to_owned())]).message;
        assert!(message.ends_with("datasetGroup.kmsKeyArn: existing arn, requested none"), "{message}");
        let longest_arn = "k".repeat(2_048);
        assert_eq!(conflict(vec![difference(longest_arn.clone())]).differences, [difference(longest_arn)]);
        for endless in ["k", "\u{1}", "\u{1f600}"] {
            for number in [1, 3, 100] {
                let cause = conflict(vec![difference(endless.repeat(300_000)); number]);
                assert!(travelling(&cause) <= LONGEST_CAUSE, "{number} times {endless:?}");
                let existing = cause.differences[0].existing.as_deref().expect("a side");
                assert!(existing.starts_with(&endless.repeat(200)) && existing.ends_with("..."));
            }
        }
    }
}
