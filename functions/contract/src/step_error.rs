//! The errors of the steps. A variant is a decision of the state machine, and its name is the error name there.

use serde::{Deserialize, Serialize};

use crate::request::Violation;
use crate::resources::{DatasetGroupStatus, MOST_TAGS};
use crate::words::words;

/// Step Functions cuts a cause at 32,768 characters, and the document travels in it as a string in a string.
const LONGEST_CAUSE: usize = 30_000;
/// More than anybody mends at once; the message says how many there are in all.
const MOST_VIOLATIONS: usize = 50;
/// The longest text of a service that is passed on.
const LONGEST_MESSAGE: usize = 1_000;
/// The longest side of a difference: an ARN of a key as a whole, less where that is too long for a cause.
const LONGEST_SIDES: [usize; 3] = [2_048, 1_000, 250];

/// Why a step cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The same input can never succeed. Caught.
    #[error("the request has {}: {}", counted(.0.len(), "violation"), listed(.0))]
    InvalidRequest(Vec<Violation>),
    /// The service refuses what this workflow thought valid. Caught.
    #[error("{} refused the request: {}", .0.service.title(), .0.message)]
    RefusedRequest(Box<ServiceAnswer>),
    /// The group exists, and is not the one that was asked for. Caught; nothing that exists was changed.
    #[error("the dataset group exists with another configuration: {}", differing(.differences))]
    DatasetGroupConflict {
        /// The group's ARN.
        resource: String,
        /// At least one.
        differences: Vec<Difference>,
    },
    /// The group has no room for the tags. Caught; nothing that exists was changed.
    #[error(
        "the dataset group has {}, so {} more can be added, and {} needed",
        counted(*existing, "tag"),
        MOST_TAGS.saturating_sub(*existing),
        if *missing == 1 { "1 is".to_owned() } else { format!("{missing} are") }
    )]
    TooManyTags {
        /// The group's ARN.
        resource: String,
        /// Tags that the group has.
        existing: usize,
        /// Tags of the request and of the link that it has not.
        missing: usize,
    },
    /// Other executions kept replacing the group. Caught.
    #[error("the dataset group was deleted or replaced more than {rounds} times while this execution waited for it")]
    ReplacedTooOften {
        /// The group's ARN.
        resource: String,
        /// How often an execution may begin again.
        rounds: u64,
    },
    /// Creation of the group failed, for good. Caught.
    #[error("the creation of the dataset group failed: {}", .failure_reason.as_deref().unwrap_or("the service gave no reason"))]
    DatasetGroupCreateFailed {
        /// The group's ARN.
        resource: String,
        /// The service's own.
        failure_reason: Option<String>,
    },
    /// The deadline of the request passed. Caught.
    #[error("the dataset group was still {} after {timeout_seconds} seconds", .status.as_str())]
    ProvisioningTimedOut {
        /// The group's ARN.
        resource: String,
        /// Its status at the last look.
        status: DatasetGroupStatus,
        /// `policy.timeoutSeconds`.
        timeout_seconds: u64,
    },
    /// A limit of the account is reached, and stayed reached for the SDK's retries. Caught.
    #[error("a quota of {} is reached: {}", .0.service.title(), .0.message)]
    QuotaExceeded(Box<ServiceAnswer>),
    /// The function may not make the call. Caught: permissions do not heal by trying again.
    #[error("{} denied {}: {}", .0.service.title(), .0.action(), .0.message)]
    AccessDenied(Box<ServiceAnswer>),
    /// Something that the request names does not exist. Caught.
    #[error("{} could not find {}: {}", .0.service.title(), .0.resource, .0.message)]
    NotFound(Box<ServiceAnswer>),
    /// The service was busy or out of reach. Retried.
    #[error("{} is unavailable or its data is not yet consistent: {}", .0.service.title(), .0.message)]
    Unavailable(Box<ServiceAnswer>),
    /// The services were so slow that the function's own time ran out. Retried.
    #[error("the services did not answer within the {seconds} seconds that the function had")]
    OutOfTime {
        /// Seconds that the function had.
        seconds: u64,
    },
    /// An unexpected error. Caught.
    #[error("{message}")]
    Unexpected {
        /// What happened.
        message: String,
        /// Where a service was involved.
        answer: Option<Box<ServiceAnswer>>,
    },
}

words! {
    /// The service that a call went to, by the prefix of its IAM actions.
    pub enum Service {
        /// Amazon Personalize.
        Personalize = "personalize",
        /// Amazon DataZone.
        DataZone = "datazone",
    }
}

impl Service {
    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Personalize => "Amazon Personalize",
            Self::DataZone => "Amazon DataZone",
        }
    }
}

/// A call that failed, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAnswer {
    /// Who was called.
    pub service: Service,
    /// The operation, as the API names it.
    pub operation: &'static str,
    /// What it was called for: an ARN, or the identifiers.
    pub resource: String,
    /// The service's error code; `None` when no answer came, or none that could be read.
    pub code: Option<String>,
    /// The service's message, or what went wrong on the way. Never a whole HTTP answer.
    pub message: String,
    /// The service's id of the call.
    pub request_id: Option<String>,
}

impl ServiceAnswer {
    /// The IAM action of the call.
    #[must_use]
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.as_str(), self.operation)
    }
}

/// One way in which an existing group differs from the one that was asked for.
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

/// The Cause of a failed execution: a JSON document that people and programs can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// `personalize` or `datazone`.
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
    /// True where the outcome leaves out the metadata of the request: they break a rule, or no step has read them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub metadata_omitted: bool,
}

impl StepError {
    /// Every name that [`StepError::name`] gives.
    pub const NAMES: [&'static str; 9] = [
        "InvalidRequest",
        "DatasetGroupConflict",
        "DatasetGroupCreateFailed",
        "ProvisioningTimedOut",
        "QuotaExceeded",
        "AccessDenied",
        "NotFound",
        "Unavailable",
        "Unexpected",
    ];

    /// Something that nobody foresaw, and no service was involved in.
    #[must_use]
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::Unexpected { message: message.into(), answer: None }
    }

    /// The error's name in the state machine.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) | Self::RefusedRequest(_) | Self::TooManyTags { .. } => "InvalidRequest",
            Self::DatasetGroupConflict { .. } | Self::ReplacedTooOften { .. } => "DatasetGroupConflict",
            Self::DatasetGroupCreateFailed { .. } => "DatasetGroupCreateFailed",
            Self::ProvisioningTimedOut { .. } => "ProvisioningTimedOut",
            Self::QuotaExceeded(_) => "QuotaExceeded",
            Self::AccessDenied(_) => "AccessDenied",
            Self::NotFound(_) => "NotFound",
            Self::Unavailable(_) | Self::OutOfTime { .. } => "Unavailable",
            Self::Unexpected { .. } => "Unexpected",
        }
    }

    /// The document for the state machine's Cause; its JSON, as a string in JSON, stays below 30,000 bytes.
    #[must_use]
    pub fn cause(&self) -> Cause {
        let Parts { answer, resource, failure_reason, violations, differences } = self.parts();
        let mut cause = Cause {
            error: self.name().to_owned(),
            message: shortened(&self.to_string(), LONGEST_MESSAGE),
            remedy: self.remedy(),
            resource: resource.map(|resource| shortened(resource, LONGEST_MESSAGE)),
            service: answer.map(|answer| answer.service),
            operation: answer.map(|answer| answer.operation.to_owned()),
            code: answer.and_then(|answer| answer.code.as_deref()).map(|code| shortened(code, LONGEST_MESSAGE)),
            request_id: answer.and_then(|answer| answer.request_id.as_deref()).map(|id| shortened(id, LONGEST_MESSAGE)),
            failure_reason: failure_reason.map(|reason| shortened(reason, LONGEST_MESSAGE)),
            violations: violations.iter().take(MOST_VIOLATIONS).cloned().collect(),
            differences: Vec::new(),
            metadata_omitted: violations.iter().any(|violation| ["$", "$.metadata"].contains(&violation.path.as_str())),
        };
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

    /// What the error holds.
    fn parts(&self) -> Parts<'_> {
        match self {
            Self::InvalidRequest(violations) => Parts { violations, ..Parts::default() },
            Self::RefusedRequest(answer)
            | Self::QuotaExceeded(answer)
            | Self::AccessDenied(answer)
            | Self::NotFound(answer)
            | Self::Unavailable(answer) => Parts::of(answer),
            Self::Unexpected { message: _, answer } => answer.as_deref().map(Parts::of).unwrap_or_default(),
            Self::DatasetGroupConflict { resource, differences } => {
                Parts { resource: Some(resource), differences, ..Parts::default() }
            }
            Self::DatasetGroupCreateFailed { resource, failure_reason } => {
                Parts { resource: Some(resource), failure_reason: failure_reason.as_deref(), ..Parts::default() }
            }
            Self::ProvisioningTimedOut { resource, status: _, timeout_seconds: _ }
            | Self::TooManyTags { resource, existing: _, missing: _ }
            | Self::ReplacedTooOften { resource, rounds: _ } => Parts { resource: Some(resource), ..Parts::default() },
            Self::OutOfTime { seconds: _ } => Parts::default(),
        }
    }

    fn remedy(&self) -> String {
        match self {
            Self::InvalidRequest(_) => "Correct the members that are listed and send the event again.".to_owned(),
            Self::RefusedRequest(_) => "Correct what the service message reports and send the event again.".to_owned(),
            Self::DatasetGroupConflict { .. } => {
                "Request the existing configuration or use another name.".to_owned()
            }
            Self::DatasetGroupCreateFailed { .. } => {
                "Fix the cause given in the failure reason, then send the event again with policy.ifCreateFailed REPLACE.".to_owned()
            }
            Self::ProvisioningTimedOut { .. } => {
                "Send the event again to continue waiting, with a larger policy.timeoutSeconds if necessary.".to_owned()
            }
            Self::TooManyTags { .. } => {
                "Remove tags from the dataset group or request fewer, then send the event again.".to_owned()
            }
            Self::ReplacedTooOften { .. } => {
                "Find out who deletes or replaces the dataset group, then send the event again.".to_owned()
            }
            Self::QuotaExceeded(answer) if answer.service == Service::DataZone => {
                "Remove group profiles or other resources of the domain that are not needed, or ask for a larger quota of Amazon DataZone (Service Quotas), then send the event again.".to_owned()
            }
            Self::QuotaExceeded(_) => {
                "Delete dataset groups that are not needed or ask for a larger quota (Service Quotas L-14011066), then send the event again.".to_owned()
            }
            Self::AccessDenied(answer) => format!("Grant the function's role permission for {}, then send the event again.", answer.action()),
            Self::NotFound(answer) if answer.service == Service::Personalize => {
                "Find out who deleted the dataset group, then send the event again; the workflow then creates it again.".to_owned()
            }
            Self::NotFound(_) => "Correct the identifiers or create what they name, then send the event again; the workflow continues from existing resources.".to_owned(),
            Self::Unavailable(_) | Self::OutOfTime { .. } => "Wait until the service responds and returns the written data, then send the event again; the workflow continues from existing resources.".to_owned(),
            Self::Unexpected { .. } => "Check the function's log for this execution, then send the event again.".to_owned(),
        }
    }
}

/// What a cause is made of, besides the words.
#[derive(Default)]
struct Parts<'a> {
    answer: Option<&'a ServiceAnswer>,
    resource: Option<&'a str>,
    failure_reason: Option<&'a str>,
    violations: &'a [Violation],
    differences: &'a [Difference],
}

impl<'a> Parts<'a> {
    fn of(answer: &'a ServiceAnswer) -> Self {
        Self { answer: Some(answer), resource: Some(&answer.resource), ..Self::default() }
    }
}

pub(crate) fn listed(violations: &[Violation]) -> String {
    violations
        .iter()
        .map(|v| format!("{} {} (allowed: {})", v.path, v.problem, v.allowed))
        .collect::<Vec<_>>()
        .join("; ")
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

fn shortened(text: &str, most: usize) -> String {
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

    fn one_of_each() -> Vec<StepError> {
        let answer = || {
            Box::new(ServiceAnswer {
                service: Service::Personalize,
                operation: "CreateDatasetGroup",
                resource: "arn".to_owned(),
                code: Some("Code".to_owned()),
                message: "no".to_owned(),
                request_id: Some("id".to_owned()),
            })
        };
        vec![
            StepError::InvalidRequest(vec![]),
            StepError::RefusedRequest(answer()),
            StepError::TooManyTags { resource: "arn".to_owned(), existing: 49, missing: 3 },
            StepError::DatasetGroupConflict { resource: "arn".to_owned(), differences: vec![] },
            StepError::ReplacedTooOften { resource: "arn".to_owned(), rounds: 20 },
            StepError::DatasetGroupCreateFailed { resource: "arn".to_owned(), failure_reason: Some("key".to_owned()) },
            StepError::ProvisioningTimedOut {
                resource: "arn".to_owned(),
                status: DatasetGroupStatus::CreatePending,
                timeout_seconds: 60,
            },
            StepError::QuotaExceeded(answer()),
            StepError::AccessDenied(answer()),
            StepError::NotFound(answer()),
            StepError::Unavailable(answer()),
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
        let denied = one_of_each().into_iter().find(|error| error.name() == "AccessDenied").expect("one of each");
        let cause = denied.cause();
        assert!(cause.remedy.contains("personalize:CreateDatasetGroup"));
        assert_eq!(
            (cause.code.as_deref(), cause.request_id.as_deref(), cause.resource.as_deref()),
            (Some("Code"), Some("id"), Some("arn"))
        );
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

    #[test]
    fn the_remedy_of_a_quota_is_that_of_its_service() {
        let remedy = |service| {
            let answer = ServiceAnswer {
                service,
                operation: "CreateGroupProfile",
                resource: String::new(),
                code: None,
                message: String::new(),
                request_id: None,
            };
            StepError::QuotaExceeded(Box::new(answer)).cause().remedy
        };
        assert!(remedy(Service::Personalize).contains("L-14011066"));
        assert!(remedy(Service::DataZone).contains("DataZone") && !remedy(Service::DataZone).contains("L-14011066"));
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
        assert!(length_in_a_cause(&cause) <= LONGEST_CAUSE);
        assert!(!cause.violations.is_empty() && cause.message.starts_with("the request has 500 violations: "));
        let endless = StepError::DatasetGroupCreateFailed {
            resource: "a".repeat(90_000),
            failure_reason: Some("\u{1}".repeat(300_000)),
        };
        assert!(length_in_a_cause(&endless.cause()) <= LONGEST_CAUSE);
    }

    #[test]
    fn a_conflict_fits_too_however_long_what_the_service_answered_is() {
        let difference = |existing: String| Difference {
            member: "datasetGroup.kmsKeyArn".to_owned(),
            requested: None,
            existing: Some(existing),
        };
        let conflict =
            |differences| StepError::DatasetGroupConflict { resource: "arn".to_owned(), differences }.cause();
        let longest_arn = "k".repeat(2_048);
        assert_eq!(conflict(vec![difference(longest_arn.clone())]).differences, [difference(longest_arn)]);
        for endless in ["k", "\u{1}", "\u{1f600}"] {
            for number in [1, 3, 100] {
                let cause = conflict(vec![difference(endless.repeat(300_000)); number]);
                assert!(length_in_a_cause(&cause) <= LONGEST_CAUSE, "{number} times {endless:?}");
                let existing = cause.differences[0].existing.as_deref().expect("a side");
                assert!(existing.starts_with(&endless.repeat(200)) && existing.ends_with("..."));
            }
        }
    }
}
