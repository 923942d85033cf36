//! A dataset group that exists as it was asked for is adopted.

use contract::outcome::Disposition;
use contract::{DatasetGroupStatus, Progress};
use serde_json::json;
use simulators::{DatasetGroupState, Kind, Script, Service, Step};
use wiring::LogSummary;
use workflow_tests::{DOMAIN, OTHER_DOMAIN, Setup, changed, request, tag};

#[tokio::test]
async fn an_active_group_is_adopted_with_the_tags_that_it_misses() {
    let setup = Setup::start().await;
    let tags = vec![tag("cost", "1"), tag("owner", "somebody else")];
    setup.put(DatasetGroupState { tags, ..setup.older_group() }).await;
    let more = json!({"datasetGroup": {"tags": [
        {"tagKey": "team", "tagValue": "media"}, {"tagKey": "cost", "tagValue": "2"}, {"tagKey": "stage", "tagValue": ""}
    ]}});
    let output = setup.provision(&changed(request(), &more)).await.expect("adopted");
    assert_eq!((output.disposition, output.polls), (Some(Disposition::Adopted), 0));
    assert_eq!(output.dataset_group.status, DatasetGroupStatus::Active);
    assert!(output.dataset_group.creation_date_time < Some(setup.started));
    assert_eq!(output.changes.tags_added, ["datazone:domain-id", "datazone:group-profile-id", "stage", "team"]);
    assert_eq!(output.changes.tags_kept, ["cost"]);
    let tags = setup.tags().await;
    for tag in ["cost=1", "owner=somebody else", "stage=", "team=media"] {
        assert!(tags.contains(&tag.to_owned()), "{tags:?}");
    }
}

/// Its tags are written when the whole link is known to be right, by the last step.
#[tokio::test]
async fn the_create_step_looks_at_a_group_that_exists_and_writes_nothing() {
    let setup = Setup::start().await;
    setup.put_group("ACTIVE").await;
    let output = setup.create(&request()).await.expect("adopted");
    assert_eq!((output.progress, output.wait_seconds, output.decision()), (Progress::Active, 0, "adopted"));
    assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
}

#[tokio::test]
async fn a_group_that_is_linked_to_another_profile_gets_no_tag() {
    for link in [
        vec![tag("datazone:domain-id", OTHER_DOMAIN)],
        vec![tag("datazone:domain-id", DOMAIN), tag("datazone:group-profile-id", "another")],
    ] {
        let setup = Setup::start().await;
        setup.put(DatasetGroupState { tags: link.clone(), ..setup.older_group() }).await;
        let before = setup.tags().await;
        let error = setup.provision(&request()).await.expect_err("a conflict");
        assert_eq!(error.name(), "DatasetGroupConflict");
        assert_eq!(error.cause().differences[0].existing, link.last().map(|tag| tag.tag_value.clone()));
        assert_eq!((setup.effects().await, setup.tags().await), (vec![], before));
    }
}

#[tokio::test]
async fn a_group_that_is_still_being_created_is_adopted_and_waited_for() {
    for status in ["CREATE PENDING", "CREATE IN_PROGRESS"] {
        let setup = Setup::start().await;
        setup.put_group(status).await;
        let output = setup.create(&request()).await.expect("adopted");
        assert_eq!(output.progress, Progress::Creating);
        assert_eq!(output.disposition, Some(Disposition::Adopted));
        // It has been on its way for an hour, so the next look is not due for the longest pause.
        assert_eq!((Some(output.since), output.wait_seconds), (output.dataset_group.creation_date_time, 50));
        assert_eq!(setup.effects().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_the_executions_own() {
    let setup = Setup::start().await;
    setup.fail(Service::Personalize, "CreateDatasetGroup", Kind::CutAfterEffect, Some(1)).await;
    let output = setup.create(&request()).await.expect("found again");
    assert_eq!(output.disposition, Some(Disposition::Created));
    assert_eq!(output.progress, Progress::Creating);
    assert_eq!(
        setup.take_calls().await,
        [
            "DescribeDatasetGroup ResourceNotFoundException",
            "CreateDatasetGroup cut effect",
            "CreateDatasetGroup ResourceAlreadyExistsException",
            "DescribeDatasetGroup",
        ]
    );
}

#[tokio::test]
async fn a_creation_that_another_execution_won_is_adopted() {
    let setup = Setup::start().await;
    let steps = vec![Step::not_found(), Step::status("CREATE IN_PROGRESS")];
    setup.put(DatasetGroupState { steps, ..setup.older_group() }).await;
    let output = setup.create(&request()).await.expect("adopted");
    assert_eq!(output.disposition, Some(Disposition::Adopted));
    assert_eq!(
        setup.take_calls().await,
        [
            "DescribeDatasetGroup ResourceNotFoundException",
            "CreateDatasetGroup ResourceAlreadyExistsException",
            "DescribeDatasetGroup",
        ]
    );
}

#[tokio::test]
async fn a_creation_that_another_execution_won_with_another_configuration_is_a_conflict() {
    let setup = Setup::start().await;
    let steps = vec![Step::not_found(), Step::status("CREATE PENDING")];
    let domain = Some("VIDEO_ON_DEMAND".to_owned());
    setup.put(DatasetGroupState { steps, domain, ..setup.older_group() }).await;
    let error = setup.create(&request()).await.expect_err("a conflict");
    assert_eq!(error.name(), "DatasetGroupConflict");
    assert_eq!(setup.effects().await, [""; 0]);
}

#[tokio::test]
async fn existing_group_not_visible_yet_is_not_created_twice() {
    let setup = Setup::start().await;
    setup.script(Script::create([Step::not_found().times(3), Step::status("CREATE PENDING")])).await;
    setup.create(&request()).await.expect("created");
    // The next look consumes the first "not found", and the look after the refused creation the second.
    let error = setup.create(&request()).await.expect_err("not visible");
    assert_eq!(error.name(), "Unavailable");
    assert!(error.cause().message.contains("already exists"));
    let output = setup.create(&request()).await.expect("visible");
    assert_eq!(output.disposition, Some(Disposition::Created));
    assert_eq!(setup.effects().await, ["CreateDatasetGroup"]);
}
