//! What each state of the dataset group leads to, on the deployed stack. What configurations conflict is tested without it.

use contract::outcome::Disposition;
use e2e_tests::Setup;
use serde_json::json;
use simulators::{DatasetGroupState, Script, Step, Tag};

fn tag(key: &str, value: &str) -> Tag {
    Tag { tag_key: key.to_owned(), tag_value: value.to_owned() }
}

#[tokio::test]
async fn a_group_that_exists_is_adopted_and_its_missing_tags_are_added() {
    let setup = Setup::new().await;
    let tags = vec![tag("team", "media"), tag("owner", "somebody")];
    setup.put_group(DatasetGroupState { tags, ..DatasetGroupState::default() }).await;
    let asked = json!([{"tagKey": "team", "tagValue": "media"}, {"tagKey": "owner", "tagValue": "us"}, {"tagKey": "stage", "tagValue": "test"}]);
    let execution = setup.run(&setup.request_with(&[("/datasetGroup/tags", asked)])).await;
    let outcome = execution.provisioned().await;

    assert_eq!(outcome.disposition, Disposition::Adopted);
    assert_eq!(outcome.changes.tags_added, ["datazone:domain-id", "datazone:group-profile-id", "stage"]);
    assert_eq!(outcome.changes.tags_kept, ["owner"]);
    let tags = setup.tags().await;
    for tag in ["team=media", "owner=somebody", "stage=test"] {
        assert!(tags.iter().any(|found| found == tag), "{tags:?}");
    }
    assert!(!execution.states().contains(&"PollStatus"), "an ACTIVE group needs no poll");
    assert_eq!(setup.effects().await, ["CreateGroupProfile", "TagResource"]);
}

#[tokio::test]
async fn a_group_that_is_still_being_created_is_adopted_and_waited_for() {
    let setup = Setup::new().await;
    let steps = vec![Step::status("CREATE PENDING").times(2), Step::status("ACTIVE")];
    setup.put_group(DatasetGroupState { steps, ..DatasetGroupState::default() }).await;
    let outcome = setup.run(&setup.request()).await.provisioned().await;
    assert_eq!((outcome.disposition, outcome.timings.polls), (Disposition::Adopted, 2));
}

#[tokio::test]
async fn a_creation_that_fails_ends_with_the_reason_of_the_service() {
    let setup = Setup::new().await;
    setup
        .control
        .script_dataset_group(&setup.name, Script::create_fails("the key is disabled"))
        .await
        .expect("a script");
    let execution = setup.run(&setup.request()).await;
    let outcome = execution.failed().await;
    assert_eq!(outcome.error, "DatasetGroupCreateFailed");
    assert_eq!(outcome.cause.failure_reason.as_deref(), Some("the key is disabled"));
    assert_eq!((outcome.disposition, outcome.timings.polls), (Some(Disposition::Created), 3));
    assert_eq!(setup.profiles().await.len(), 0);
}

#[tokio::test]
async fn a_group_in_create_failed_is_left_alone_unless_it_may_be_replaced() {
    let setup = Setup::new().await;
    let steps = vec![Step::create_failed("no such role")];
    setup.put_group(DatasetGroupState { steps, ..DatasetGroupState::default() }).await;
    let outcome = setup.run(&setup.request()).await.failed().await;
    assert_eq!(
        (outcome.error.as_str(), outcome.cause.failure_reason.as_deref()),
        ("DatasetGroupCreateFailed", Some("no such role"))
    );
    assert!(outcome.cause.remedy.contains("REPLACE"));
    assert_eq!(setup.effects().await, [""; 0]);

    let replaced = setup.run(&setup.request_with(&[("/policy", json!({"ifCreateFailed": "REPLACE"}))])).await;
    let outcome = replaced.provisioned().await;
    assert_eq!(outcome.disposition, Disposition::Created);
    assert_eq!(
        setup.effects().await,
        ["DeleteDatasetGroup", "CreateDatasetGroup", "CreateGroupProfile", "TagResource"]
    );
    assert_eq!(replaced.red_events(), 0);
}

#[tokio::test]
async fn a_group_is_replaced_once_and_not_for_ever() {
    let setup = Setup::new().await;
    let steps = vec![Step::create_failed("first")];
    setup.put_group(DatasetGroupState { steps, ..DatasetGroupState::default() }).await;
    setup.control.script_dataset_group(&setup.name, Script::create_fails("second")).await.expect("a script");
    let outcome =
        setup.run(&setup.request_with(&[("/policy", json!({"ifCreateFailed": "REPLACE"}))])).await.failed().await;
    assert_eq!(
        (outcome.error.as_str(), outcome.cause.failure_reason.as_deref()),
        ("DatasetGroupCreateFailed", Some("second"))
    );
    assert_eq!((setup.count("DeleteDatasetGroup").await, setup.count("CreateDatasetGroup").await), (1, 1));
}

#[tokio::test]
async fn a_group_that_is_being_deleted_is_waited_out_and_created_anew() {
    for status in ["DELETE PENDING", "DELETE IN_PROGRESS"] {
        let setup = Setup::new().await;
        let steps = vec![Step::status(status).times(3), Step::gone()];
        let other = Some("ECOMMERCE".to_owned());
        setup.put_group(DatasetGroupState { steps, domain: other, ..DatasetGroupState::default() }).await;
        let execution = setup.run(&setup.request()).await;
        let outcome = execution.provisioned().await;
        assert_eq!((outcome.disposition, outcome.dataset_group.domain), (Disposition::Created, None));
        assert_eq!((setup.count("CreateDatasetGroup").await, setup.count("DeleteDatasetGroup").await), (1, 0));
        assert_eq!(execution.red_events(), 0);
    }
}

#[tokio::test]
async fn a_group_that_does_not_show_right_after_its_creation_is_not_created_twice() {
    let setup = Setup::new().await;
    let steps = [Step::not_found().times(3), Step::status("CREATE IN_PROGRESS"), Step::status("ACTIVE")];
    setup.control.script_dataset_group(&setup.name, Script::create(steps)).await.expect("a script");
    let execution = setup.run(&setup.request()).await;
    let outcome = execution.provisioned().await;
    assert_eq!((outcome.disposition, outcome.timings.polls), (Disposition::Created, 5));
    assert_eq!((setup.count("CreateDatasetGroup").await, execution.red_events()), (1, 0));
}

#[tokio::test]
async fn a_status_that_nobody_knows_ends_the_execution_and_is_named() {
    let setup = Setup::new().await;
    setup
        .control
        .script_dataset_group(&setup.name, Script::create([Step::status("UPDATE PENDING")]))
        .await
        .expect("a script");
    let outcome = setup.run(&setup.request()).await.failed().await;
    assert_eq!(outcome.error, "Unexpected");
    assert!(outcome.cause.message.contains("UPDATE PENDING"), "{}", outcome.cause.message);
    assert_eq!(setup.profiles().await.len(), 0);
}

#[tokio::test]
async fn the_deadline_of_the_request_ends_a_wait_that_does_not_end() {
    for (steps, status) in [
        (vec![Step::status("CREATE IN_PROGRESS")], "CREATE IN_PROGRESS"),
        (vec![Step::status("DELETE PENDING")], "DELETE PENDING"),
    ] {
        let setup = Setup::new().await;
        setup.put_group(DatasetGroupState { steps, ..DatasetGroupState::default() }).await;
        let outcome =
            setup.run(&setup.request_with(&[("/policy", json!({"timeoutSeconds": 60}))])).await.failed().await;
        assert_eq!(outcome.error, "ProvisioningTimedOut");
        assert!(outcome.cause.message.contains(status), "{}", outcome.cause.message);
        assert_eq!(outcome.dataset_group.map(|group| group.status.as_str()), Some(status));
        assert_eq!(setup.effects().await, [""; 0]);
    }
}
