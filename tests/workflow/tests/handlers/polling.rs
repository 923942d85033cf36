//! One look at the dataset group.

use contract::{DatasetGroupStatus, Progress};
use serde_json::json;
use simulators::{DatasetGroupState, Script, Step};
use workflow_tests::{Setup, changed, request};

#[tokio::test]
async fn each_status_is_told_with_the_seconds_until_the_next_look() {
    let cases = [
        ("CREATE PENDING", DatasetGroupStatus::CreatePending, Progress::Creating, 5),
        ("CREATE IN_PROGRESS", DatasetGroupStatus::CreateInProgress, Progress::Creating, 5),
        ("ACTIVE", DatasetGroupStatus::Active, Progress::Active, 0),
        ("DELETE PENDING", DatasetGroupStatus::DeletePending, Progress::Deleting, 5),
        ("DELETE IN_PROGRESS", DatasetGroupStatus::DeleteInProgress, Progress::Deleting, 5),
    ];
    for (status, read, progress, wait) in cases {
        let setup = Setup::start().await;
        setup.put_group(status).await;
        let output = setup.poll(DatasetGroupStatus::CreatePending, 25).await.expect("a look");
        assert_eq!((output.dataset_group.status, output.progress, output.wait_seconds), (read, progress, wait));
        assert_eq!(output.elapsed_seconds, 25);
        assert!(output.dataset_group.creation_date_time.is_some());
        assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
    }
}

#[tokio::test]
async fn a_failed_creation_ends_the_wait_with_the_reason() {
    let setup = Setup::start().await;
    setup.put(DatasetGroupState { steps: vec![Step::create_failed("no key")], ..setup.older_group() }).await;
    let error = setup.poll(DatasetGroupStatus::CreateInProgress, 25).await.expect_err("failed");
    assert_eq!(error.name(), "DatasetGroupCreateFailed");
    assert_eq!(error.cause().failure_reason.as_deref(), Some("no key"));
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_unexpected_and_named() {
    let setup = Setup::start().await;
    setup.put_group("UPDATE PENDING").await;
    for error in [
        setup.poll(DatasetGroupStatus::CreatePending, 25).await.expect_err("unknown"),
        setup.create(&request()).await.expect_err("unknown"),
    ] {
        assert_eq!(error.name(), "Unexpected");
        assert!(error.to_string().contains("\"UPDATE PENDING\""), "{error}");
        assert!(error.to_string().contains(&setup.arn("media")), "{error}");
    }
    assert_eq!(setup.effects().await, [""; 0]);
}

#[tokio::test]
async fn a_group_that_is_not_shown_right_after_its_creation_is_waited_for_and_never_created_twice() {
    let setup = Setup::start().await;
    setup.script(Script::create([Step::not_found().times(4), Step::status("ACTIVE")])).await;
    let done = setup.provision(&request()).await.expect("provisioned");
    assert_eq!(done.polls, 5);
    assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
}

#[tokio::test]
async fn a_group_that_is_not_shown_for_longer_is_not_found() {
    let setup = Setup::start().await;
    let waiting = setup.poll(DatasetGroupStatus::CreatePending, 60).await.expect("a look");
    assert_eq!(waiting.progress, Progress::Creating);
    let error = setup.poll(DatasetGroupStatus::CreatePending, 61).await.expect_err("missed");
    assert_eq!(error.name(), "NotFound");
    assert_eq!(error.cause().resource, Some(setup.arn("media")));
    assert_eq!(setup.effects().await, [""; 0]);
}

#[tokio::test]
async fn a_creation_that_outlasts_the_deadline_ends_the_wait_and_a_rerun_goes_on() {
    let setup = Setup::start().await;
    setup.script(Script::create([Step::status("CREATE IN_PROGRESS")])).await;
    let soon = changed(request(), &json!({"policy": {"timeoutSeconds": 120}}));
    let error = setup.provision(&soon).await.expect_err("too late");
    assert_eq!(error.name(), "ProvisioningTimedOut");
    assert!(error.to_string().contains("CREATE IN_PROGRESS after 120 seconds"), "{error}");
    setup.control.move_dataset_group("media", &[Step::status("ACTIVE")]).await.expect("an order");
    let done = setup.provision(&soon).await.expect("provisioned");
    assert_eq!(done.polls, 0);
    assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
}
