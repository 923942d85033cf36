//! The outcome of an execution, put together as the states `ComposeProvisioned`, `ComposeRetired` and `ComposeFailed` do, to
//! see that it fits wherever it has to go. (`tests/e2e` shows that the machine composes what the types say.)

use contract::batch::BatchRow;
use contract::outcome::{
    Changes, Disposition, EVENT_SOURCE, Membership, MembershipChange, PROVISIONED, PROVISIONING_FAILED, Provisioned,
    ProvisioningFailed, RequestedBy, SCHEMA_VERSION, Timings,
};
use contract::request::{Designation, Project, ProjectIdentifier};
use contract::retirement::{self, RETIRED, Removal, RemovalChange, Retired, RetiredGroup};
use contract::step_error::Cause;
use contract::{DatasetGroup, DatasetGroupStatus, GroupProfile, GroupProfileStatus, Request, RetirementRequest};
use serde_json::{Value, json};

/// The bytes that a state may pass on, and an entry of `PutEvents` may have.
pub const EVENT_LIMIT: usize = 262_144;
/// As long as one can be.
const EXECUTION: &str = "arn:aws-iso-b:states:us-isob-east-1:123456789012:execution:";

/// The entry of `PutEvents` for a failed execution with this input and cause.
#[must_use]
pub fn provisioning_failed(input: &Value, cause: Cause) -> String {
    let is_kept = |metadata: &&Value| !cause.metadata_omitted && !metadata.is_null();
    let metadata = input.get("metadata").filter(is_kept).cloned();
    let outcome = ProvisioningFailed {
        schema_version: SCHEMA_VERSION.to_owned(),
        execution_arn: execution(),
        requested_by: Some(requested_by()),
        error: cause.error.clone(),
        cause,
        disposition: None,
        dataset_group: None,
        changes: Changes::default(),
        timings: Timings { seconds_until_active: None, polls: 0 },
        metadata,
    };
    entry(PROVISIONING_FAILED, &json!(outcome))
}

/// The entry for an execution that succeeds with this request, with everything as long as the services make it.
#[must_use]
pub fn provisioned(request: &Request) -> String {
    let keys = || request.dataset_group.tags.iter().map(|tag| tag.tag_key.as_str().to_owned());
    let outcome = Provisioned {
        schema_version: SCHEMA_VERSION.to_owned(),
        execution_arn: execution(),
        requested_by: Some(requested_by()),
        disposition: Disposition::Adopted,
        dataset_group: DatasetGroup {
            dataset_group_arn: "a".repeat(256),
            name: request.dataset_group.name.as_str().to_owned(),
            domain: request.dataset_group.domain,
            status: DatasetGroupStatus::Active,
            creation_date_time: None,
        },
        group_profile: profile(request.group_profile.domain_identifier.as_str()),
        changes: Changes {
            tags_added: keys().collect(),
            tags_kept: keys().collect(),
            group_profile: None,
            projects: memberships(request),
        },
        timings: Timings { seconds_until_active: Some(86_400), polls: 9_999 },
        metadata: request.metadata.clone(),
    };
    entry(PROVISIONED, &json!(outcome))
}

/// The entry for a retirement that succeeds with this request.
#[must_use]
pub fn retired(request: &RetirementRequest) -> String {
    let left = |project: &ProjectIdentifier| Removal {
        project_identifier: project.as_str().to_owned(),
        change: RemovalChange::Left,
        designation: Some("d".repeat(64)),
    };
    let outcome = Retired {
        schema_version: SCHEMA_VERSION.to_owned(),
        execution_arn: execution(),
        requested_by: Some(requested_by()),
        disposition: retirement::Disposition::Absent,
        dataset_group: RetiredGroup {
            dataset_group_arn: "a".repeat(256),
            name: request.dataset_group.name.as_str().to_owned(),
            domain: None,
            creation_date_time: None,
        },
        group_profile: Some(profile(request.group_profile.domain_identifier.as_str())),
        changes: retirement::Changes { projects: request.policy.remove_projects.iter().map(left).collect() },
        timings: retirement::Timings { seconds_until_gone: Some(86_400), polls: 9_999 },
        metadata: request.metadata.clone(),
    };
    entry(RETIRED, &json!(outcome))
}

/// As long as the service makes it.
fn profile(domain_id: &str) -> GroupProfile {
    GroupProfile {
        domain_id: domain_id.to_owned(),
        id: "i".repeat(256),
        status: GroupProfileStatus::Assigned,
        group_name: Some("\u{1}".repeat(1_024)),
        role_principal_arn: Some("\u{1}".repeat(2_048)),
    }
}

/// Each of them with another designation than the requested one.
fn memberships(request: &Request) -> Vec<Membership> {
    let kept = |project: &Project| Membership {
        project_identifier: project.project_identifier.as_str().to_owned(),
        change: MembershipChange::Kept,
        designation: Designation::ProjectCatalogConsumer.as_str().to_owned(),
        requested_designation: Some(project.designation),
    };
    request.group_profile.projects.iter().map(kept).collect()
}

/// With the detail as JSON in JSON, which is the longer of the ways to count it.
fn entry(detail_type: &str, outcome: &Value) -> String {
    json!({"Source": EVENT_SOURCE, "DetailType": detail_type, "Detail": outcome.to_string(), "EventBusName": "b".repeat(256)})
        .to_string()
}

/// As long as the state machine lets it be.
fn requested_by() -> RequestedBy {
    let [source, account, region, event_id, time] = ["\u{1}"; 5].map(|character| character.repeat(256));
    let batch = Some(BatchRow { execution_arn: "\u{1}".repeat(256), row: 800 });
    RequestedBy { source, account, region, event_id, time, batch }
}

fn execution() -> String {
    format!("{EXECUTION}{}:{}", "m".repeat(80), "e".repeat(80))
}
