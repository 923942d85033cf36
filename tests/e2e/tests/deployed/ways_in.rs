//! One event in, one outcome out.

use contract::GroupProfileStatus;
use contract::outcome::{Disposition, ProfileChange, REQUESTED};
use contract_tests::read;
use e2e_tests::Setup;
use serde_json::{Value, json};

#[tokio::test]
async fn an_event_becomes_an_active_dataset_group_with_its_profile_attached() {
    let setup = Setup::new().await;
    let metadata = json!({"correlationId": "ticket-4711", "nested": [{"a": null}]});
    let request = setup.request_with(&[
        ("/datasetGroup/domain", json!("VIDEO_ON_DEMAND")),
        ("/datasetGroup/tags", json!([{"tagKey": "team", "tagValue": "media"}])),
        ("/metadata", metadata.clone()),
    ]);
    setup.send(&request).await;
    let execution = setup.executions_started_by_events(1).await.remove(0);
    let outcome = execution.provisioned().await;

    assert_eq!(outcome.disposition, Disposition::Created);
    assert_eq!(outcome.dataset_group.status.as_str(), "ACTIVE");
    assert!(outcome.dataset_group.creation_date_time.is_some());
    assert_eq!(outcome.group_profile.status, GroupProfileStatus::Assigned);
    assert_eq!(outcome.group_profile.group_name.as_deref(), Some("analysts"));
    assert_eq!(outcome.changes.group_profile, Some(ProfileChange::Created));
    assert_eq!((outcome.execution_arn.as_str(), outcome.timings.polls), (execution.arn.as_str(), 3));
    assert_eq!(outcome.metadata.map(Value::Object), Some(metadata));
    let asked = outcome.requested_by.expect("an event asked");
    let sender = [asked.source.as_str(), &asked.account, &asked.region];
    assert_eq!(sender, ["recommendation-platform", "000000000000", "us-east-1"]);
    assert!(asked.event_id.len() == 36 && asked.time.ends_with('Z'), "{asked:?}");
    assert_eq!(
        setup.tags().await,
        [
            format!("datazone:domain-id={}", setup.domain),
            format!("datazone:group-profile-id={}", outcome.group_profile.id),
            "team=media".to_owned()
        ]
    );
}

#[tokio::test]
async fn a_healthy_history_is_all_green_and_waits_by_value() {
    let setup = Setup::new().await;
    let execution = setup.run(&setup.request()).await;
    execution.provisioned().await;
    assert_eq!(execution.red_events(), 0);
    let round = ["CheckStatus", "WaitForStatus", "PollStatus"];
    let expected = [
        &["Begin", "CreateDatasetGroup"][..],
        &round,
        &round,
        &round,
        &["CheckStatus", "BootstrapGroupProfile", "CheckStatus"],
        &["ComposeProvisioned", "PublishProvisioned", "Provisioned"],
    ];
    assert_eq!(execution.states(), expected.concat());
}

#[tokio::test]
async fn an_invalid_request_lists_every_violation_and_no_service_is_called() {
    let setup = Setup::new().await;
    let sample: Value = serde_json::from_str(&read("events/dataset-group-requested-invalid.json")).expect("JSON");
    let mut request = sample["detail"].clone();
    request["metadata"] = json!({"setup": setup.domain});
    request["groupProfile"]["groupIdentifier"] = json!(setup.group);
    let outcome = setup.run(&request).await.failed().await;

    assert_eq!(outcome.error, "InvalidRequest");
    let paths: Vec<_> = outcome.cause.violations.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, ["$.datasetGroup.name", "$.datasetGroup.domain", "$.groupProfile.domainIdentifier"]);
    assert!(outcome.cause.violations.iter().all(|violation| !violation.allowed.is_empty()));
    assert_eq!(outcome.metadata, Some(request["metadata"].clone()));
    assert_eq!((outcome.dataset_group, outcome.disposition), (None, None));
    let named = [&request["datasetGroup"]["name"], &request["groupProfile"]["domainIdentifier"]];
    for name in named.map(|name| name.as_str().expect("text")) {
        let calls = setup.control.calls(simulators::CallFilter::all().about(name)).await.expect("calls");
        assert_eq!(calls.len(), 0, "{calls:?}");
    }
    assert_eq!(setup.calls().await.len(), 0);
}

#[tokio::test]
async fn an_input_that_is_no_request_at_all_is_an_invalid_request() {
    let setup = Setup::new().await;
    let other = json!({"detail-type": "Dataset Group Deleted", "source": "somebody", "detail": setup.request()});
    let hostile = json!({"_jsonata_lambda": true});
    let nothing = json!({"detail-type": REQUESTED});
    for input in [json!([]), json!("text"), json!(7), json!({"detail": {}}), hostile, nothing, other] {
        let outcome = setup.run(&input).await.failed().await;
        assert_eq!(outcome.error, "InvalidRequest", "{input}");
        let asked = outcome.requested_by.map(|asked| asked.source);
        assert_eq!(asked.is_some(), input["detail-type"].is_string(), "{asked:?}");
        assert_eq!(setup.calls().await.len(), 0);
    }
}

#[tokio::test]
async fn an_event_with_another_detail_type_starts_nothing() {
    let setup = Setup::new().await;
    // The event that starts something is sent last: when it has, the other would have too.
    setup.send_as("Dataset Group Deleted", &setup.request()).await;
    setup.send(&setup.request()).await;
    setup.executions_started_by_events(1).await.remove(0).provisioned().await;
}

/// By success and by failure, whatever JSONata thinks of them: one of its implementations takes the first for a function,
/// the other measures the second sixfold.
#[tokio::test]
async fn accepted_metadata_come_back_in_every_outcome_as_they_were() {
    for metadata in [json!({"_jsonata_lambda": true, "number": 1e300}), json!({"text": "数".repeat(5_000)})] {
        let setup = Setup::new().await;
        let request = setup.request_with(&[
            ("/metadata", metadata.clone()),
            ("/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID", json!("arn:aws:states:::execution:caller:1")),
        ]);
        let provisioned = setup.run(&request).await.provisioned().await;
        assert_eq!(provisioned.metadata.map(Value::from), Some(metadata.clone()));
        let mut invalid = request.clone();
        invalid["policy"] = json!({"timeoutSeconds": 1});
        let mut conflict = request;
        conflict["datasetGroup"]["domain"] = json!("ECOMMERCE");
        for request in [invalid, conflict] {
            assert_eq!(setup.run(&request).await.failed().await.metadata, Some(metadata.clone()));
        }
    }
}

#[tokio::test]
async fn metadata_that_break_a_rule_are_left_out_and_the_outcome_says_so() {
    for metadata in [
        json!({"text": "x".repeat(200_000)}),
        json!([1]),
        json!({"deep": (0..200).fold(json!(1), |inner, _| json!([inner]))}),
    ] {
        let setup = Setup::new().await;
        let outcome = setup.run(&setup.request_with(&[("/metadata", metadata)])).await.failed().await;
        assert_eq!((outcome.error.as_str(), outcome.metadata), ("InvalidRequest", None));
        assert!(outcome.cause.metadata_omitted);
    }
}
