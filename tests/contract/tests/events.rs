//! Every sample event against the types.

use std::collections::BTreeSet;

use contract::batch::BatchFinished;
use contract::outcome::{
    BATCH_FINISHED, BATCH_REQUESTED, EVENT_SOURCE, PLANNED, PROVISIONED, PROVISIONING_FAILED, Planned, Provisioned,
    ProvisioningFailed, REQUESTED,
};
use contract::plan::ProjectPlan;
use contract::request::{BatchRequest, Guards, Mode, RetirementGuards};
use contract::retirement::{
    RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED, RETIREMENT_REQUESTED, Retired, RetirementFailed, RetirementPlanned,
};
use contract::step_error::StepError;
use contract::{Request, RetirementRequest};
use contract_tests::schemas::assert_valid;
use contract_tests::{project_file, read_json};
use serde_json::Value;

fn event(name: &str) -> Value {
    read_json(&format!("events/{name}"))
}

#[test]
fn every_sample_is_known_to_a_test() {
    let files = std::fs::read_dir(project_file("events")).expect("events");
    let names: BTreeSet<_> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    let tested = [
        "dataset-group-requested.json",
        "dataset-group-requested-for-role.json",
        "dataset-group-requested-invalid.json",
        "dataset-group-requested-plan.json",
        "dataset-group-requested-projects.json",
        "dataset-group-provisioned.json",
        "dataset-group-planned.json",
        "dataset-group-provisioning-failed.json",
        "dataset-group-retirement-requested.json",
        "dataset-group-retirement-requested-plan.json",
        "dataset-group-retired.json",
        "dataset-group-retirement-failed.json",
        "dataset-group-retirement-planned.json",
        "dataset-groups-requested.json",
        "dataset-groups-batch-finished.json",
        // See schemas.rs.
        "schemas",
    ];
    assert_eq!(names, tested.map(str::to_owned).into());
}

#[test]
fn the_triggering_samples_are_events_with_a_valid_request() {
    for name in [
        "dataset-group-requested.json",
        "dataset-group-requested-for-role.json",
        "dataset-group-requested-plan.json",
        "dataset-group-requested-projects.json",
    ] {
        let event = event(name);
        assert_eq!(event["detail-type"], REQUESTED, "{name}");
        // The state machine takes the whole event, and the request alone.
        for input in [&event, &event["detail"]] {
            assert_eq!(Request::of_input(input, &Guards::default()).map(|_| ()), Ok(()), "{name}");
        }
        assert_valid(REQUESTED, &event["detail"]);
    }
}

#[test]
fn the_invalid_sample_has_three_violations() {
    let event = event("dataset-group-requested-invalid.json");
    assert_eq!(event["detail-type"], REQUESTED);
    let paths: Vec<_> = Request::parse(&event["detail"]).expect_err("invalid").into_iter().map(|v| v.path).collect();
    assert_eq!(paths, ["$.datasetGroup.name", "$.datasetGroup.domain", "$.groupProfile.domainIdentifier"]);
}

/// The sample of an outcome event: its type, its schema and its envelope fit.
fn outcome<T: serde::de::DeserializeOwned + serde::Serialize>(name: &str, detail_type: &str) -> T {
    let event = event(name);
    assert_eq!((&event["detail-type"], &event["source"]), (&detail_type.into(), &EVENT_SOURCE.into()), "{name}");
    assert_eq!(event["resources"][0], event["detail"]["executionArn"], "{name}");
    assert_valid(detail_type, &event["detail"]);
    let outcome: T = serde_json::from_value(event["detail"].clone()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    assert_eq!(serde_json::json!(outcome), event["detail"], "{name}");
    outcome
}

#[test]
fn the_sample_of_a_success_answers_the_sample_of_a_request() {
    let provisioned: Provisioned = outcome("dataset-group-provisioned.json", PROVISIONED);
    let requested = Request::parse(&event("dataset-group-requested.json")["detail"]).expect("valid");
    assert_eq!(provisioned.dataset_group.name, requested.dataset_group.name.as_str());
    assert_eq!(provisioned.dataset_group.domain, requested.dataset_group.domain);
    assert_eq!(provisioned.group_profile.domain_id, requested.group_profile.domain_identifier.as_str());
    assert_eq!(provisioned.metadata, requested.metadata);
    let event = event("dataset-group-requested.json");
    let asked = provisioned.requested_by.expect("an event asked");
    let members = [&asked.source, &asked.account, &asked.region, &asked.event_id, &asked.time];
    assert_eq!(
        members,
        ["source", "account", "region", "id", "time"].map(|member| event[member].as_str().expect("text"))
    );
}

#[test]
fn the_sample_of_a_plan_answers_the_sample_of_a_request_for_one() {
    let planned: Planned = outcome("dataset-group-planned.json", PLANNED);
    let requested = Request::parse(&event("dataset-group-requested-plan.json")["detail"]).expect("valid");
    assert_eq!(requested.policy.mode, Mode::Plan);
    let name = format!("/{}", requested.dataset_group.name.as_str());
    assert!(planned.plan.dataset_group.dataset_group_arn.ends_with(&name));
    let projects = |projects: Vec<ProjectPlan>| projects.into_iter().map(|p| (p.project_identifier, p.designation));
    let asked = requested.group_profile.projects.into_iter();
    let asked =
        asked.map(|project| (project.project_identifier.as_str().to_owned(), project.designation.as_str().to_owned()));
    assert!(asked.eq(projects(planned.plan.projects)));
    assert_eq!(planned.metadata, requested.metadata);
}

#[test]
fn the_sample_of_a_failure_tells_of_it_as_the_steps_do() {
    let failed: ProvisioningFailed = outcome("dataset-group-provisioning-failed.json", PROVISIONING_FAILED);
    let told = StepError::DatasetGroupCreateFailed {
        resource: failed.dataset_group.expect("a group").dataset_group_arn,
        failure_reason: failed.cause.failure_reason.clone(),
    };
    assert_eq!((failed.error.as_str(), &failed.cause), (told.name(), &told.cause()));
}

fn retirement(name: &str) -> RetirementRequest {
    let event = event(name);
    assert_eq!(event["detail-type"], RETIREMENT_REQUESTED, "{name}");
    assert_valid(RETIREMENT_REQUESTED, &event["detail"]);
    let [request, alone] =
        [&event, &event["detail"]].map(|input| RetirementRequest::of_input(input, &RetirementGuards::default()));
    assert_eq!(request, alone, "{name}");
    request.expect("valid")
}

#[test]
fn the_samples_of_a_retirement_answer_the_sample_of_its_request() {
    let request = retirement("dataset-group-retirement-requested.json");
    let projects = || request.policy.remove_projects.iter().map(|project| project.as_str().to_owned());
    let retired: Retired = outcome("dataset-group-retired.json", RETIRED);
    assert_eq!(retired.dataset_group.name, request.dataset_group.name.as_str());
    assert!(projects().eq(retired.changes.projects.into_iter().map(|removal| removal.project_identifier)));
    assert_eq!(retired.metadata, request.metadata);
    // The one that is retired is the one that was provisioned.
    let provisioned: Provisioned = outcome("dataset-group-provisioned.json", PROVISIONED);
    assert_eq!(retired.dataset_group.creation_date_time, provisioned.dataset_group.creation_date_time);
    assert_eq!(retired.group_profile, Some(provisioned.group_profile));

    let failed: RetirementFailed = outcome("dataset-group-retirement-failed.json", RETIREMENT_FAILED);
    let cause = failed.cause;
    let told = StepError::DatasetGroupInUse {
        resource: cause.resource.clone().expect("a group"),
        contents: cause.contents.clone().expect("contents"),
    };
    assert_eq!((failed.error.as_str(), &cause), (told.name(), &told.cause()));

    let planned: RetirementPlanned = outcome("dataset-group-retirement-planned.json", RETIREMENT_PLANNED);
    let request = retirement("dataset-group-retirement-requested-plan.json");
    assert_eq!(request.policy.mode, Mode::Plan);
    assert!(projects().eq(planned.plan.projects.into_iter().map(|project| project.project_identifier)));
    assert_eq!(planned.metadata, request.metadata);
}

#[test]
fn the_sample_of_a_batch_answers_the_sample_of_a_manifest() {
    let event = event("dataset-groups-requested.json");
    assert_eq!(event["detail-type"], BATCH_REQUESTED);
    assert_valid(BATCH_REQUESTED, &event["detail"]);
    let bucket = event["detail"]["manifest"]["bucket"].as_str().expect("text");
    // The state machine takes the whole event, and the request alone.
    for input in [&event, &event["detail"]] {
        assert_eq!(BatchRequest::of_input(input, bucket).map(|_| ()), Ok(()));
    }
    let finished: BatchFinished = outcome("dataset-groups-batch-finished.json", BATCH_FINISHED);
    assert_eq!(finished.metadata.as_ref(), Some(&event["detail"]["metadata"]));
    let summary = finished.summary.expect("a summary");
    let failed: u64 = summary.failed.values().sum();
    assert_eq!(summary.created + summary.adopted + summary.planned + failed, summary.rows);
    assert_eq!(failed, summary.failed_rows.len() as u64);
}
