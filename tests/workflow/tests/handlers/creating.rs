//! A dataset group that does not exist is created.

use contract::outcome::Disposition;
use contract::{DatasetGroupStatus, Progress};
use serde_json::{Value, json};
use simulators::{Behaviour, CallFilter, Settings};
use wiring::LogSummary;
use workflow_tests::{KEY, NAME, Pace, ROLE, Setup, changed, request};

/// What `CreateDatasetGroup` was asked.
async fn asked(setup: &Setup) -> Value {
    let calls = setup.control.calls(CallFilter::operation("CreateDatasetGroup")).await.expect("the log");
    assert_eq!(calls.len(), 1);
    calls[0].request.clone()
}

#[tokio::test]
async fn a_group_that_does_not_exist_is_created() {
    let setup = Setup::start().await;
    let output = setup.create(&request()).await.expect("created");
    assert_eq!(output.disposition, Some(Disposition::Created));
    assert_eq!((output.progress, output.decision()), (Progress::Creating, "created"));
    assert_eq!(output.dataset_group, setup.dataset_group(DatasetGroupStatus::CreatePending));
    assert_eq!((output.since, output.wait_seconds, output.elapsed_seconds), (setup.started, 25, 0));
    assert_eq!(
        setup.take_calls().await,
        ["DescribeDatasetGroup ResourceNotFoundException", "CreateDatasetGroup effect"]
    );
    assert_eq!(setup.tags().await, ["team=media-secret"]);
}

#[tokio::test]
async fn the_service_is_asked_for_every_member_of_the_request() {
    let setup = Setup::start().await;
    let encrypted = changed(request(), &json!({"datasetGroup": {"kmsKeyArn": KEY, "roleArn": ROLE}}));
    setup.create(&encrypted).await.expect("created");
    let expected = json!({
        "name": NAME,
        "domain": "ECOMMERCE",
        "kmsKeyArn": KEY,
        "roleArn": ROLE,
        "tags": [{"tagKey": "team", "tagValue": "media-secret"}]
    });
    assert_eq!(asked(&setup).await, expected);
}

#[tokio::test]
async fn the_service_is_asked_for_no_member_that_the_request_does_not_have() {
    let setup = Setup::start().await;
    let custom = changed(request(), &json!({"datasetGroup": {"domain": null, "tags": null}}));
    let output = setup.create(&custom).await.expect("created");
    assert_eq!(output.dataset_group.domain, None);
    assert_eq!(asked(&setup).await, json!({"name": NAME}));
}

#[tokio::test]
async fn an_invalid_request_is_refused_without_a_call() {
    let setup = Setup::start().await;
    let wrong = [
        json!(null),
        json!({}),
        changed(request(), &json!({"datasetGroup": {"name": "-media"}})),
        changed(request(), &json!({"datasetGroup": {"domain": "MUSIC"}})),
        changed(request(), &json!({"datasetGroup": {"kmsKeyArn": KEY}})),
        changed(request(), &json!({"groupProfile": {"domainIdentifier": "media"}})),
        changed(request(), &json!({"groupProfile": {"rolePrincipalArn": ROLE}})),
        changed(request(), &json!({"policy": {"timeoutSeconds": 1}})),
        changed(request(), &json!({"unknown": 1})),
    ];
    for document in wrong {
        let error = setup.create(&document).await.expect_err("invalid");
        assert_eq!(error.name(), "InvalidRequest", "{document}");
        assert!(!error.cause().violations.is_empty(), "{document}");
    }
    assert_eq!(setup.calls().await, []);
}

#[tokio::test]
async fn the_group_lies_in_the_partition_region_and_account_of_the_function() {
    let settings = Settings {
        partition: "aws-cn".to_owned(),
        region: "cn-north-1".to_owned(),
        account: "123456789012".to_owned(),
        ..Settings::default()
    };
    let setup = Setup::start_with(settings, Pace::Deployed).await;
    let done = setup.provision(&request()).await.expect("provisioned");
    assert_eq!(
        done.dataset_group.dataset_group_arn,
        "arn:aws-cn:personalize:cn-north-1:123456789012:dataset-group/media"
    );
}

#[tokio::test]
async fn a_quota_that_is_reached_ends_the_execution_and_a_rerun_goes_on_when_it_is_raised() {
    let setup = Setup::start().await;
    let behaviour = setup.control.behaviour().await.expect("settings");
    let order = |dataset_group_quota| Behaviour { dataset_group_quota, ..behaviour.clone() };
    setup.control.set_behaviour(&order(0)).await.expect("an order");
    let error = setup.create(&request()).await.expect_err("no room");
    assert_eq!(error.name(), "QuotaExceeded");
    let cause = error.cause();
    assert_eq!(cause.code.as_deref(), Some("LimitExceededException"));
    assert!(cause.remedy.contains("L-14011066"), "{}", cause.remedy);
    assert_eq!(setup.effects().await, [""; 0]);
    setup.control.set_behaviour(&order(1)).await.expect("an order");
    assert_eq!(setup.create(&request()).await.map(|output| output.disposition), Ok(Some(Disposition::Created)));
}
