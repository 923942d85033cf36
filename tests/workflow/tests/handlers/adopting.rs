//! A dataset group that exists as it was asked for is adopted.

use contract::outcome::Disposition;
use contract::{DatasetGroupStatus, Progress};
use serde_json::json;
use simulators::DatasetGroupState;
use wiring::LogSummary;
use workflow_tests::{Setup, changed, request, tag};

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

/// Its tags are written when the whole link is known to be right, by the bootstrap step.
#[tokio::test]
async fn the_create_step_looks_at_a_group_that_exists_and_writes_nothing() {
    let setup = Setup::start().await;
    setup.put_group("ACTIVE").await;
    let output = setup.create(&request()).await.expect("adopted");
    assert_eq!((output.progress, output.wait_seconds, output.decision()), (Progress::Active, 0, "adopted"));
    assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
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
