//! A dataset group that is going away is waited for.

use contract::Progress;
use contract::outcome::Disposition;
use serde_json::json;
use simulators::{DatasetGroupState, Step};
use wiring::LogSummary;
use workflow_tests::{Setup, changed, request};

async fn with_a_group_that(steps: Vec<Step>) -> Setup {
    let setup = Setup::start().await;
    setup.put(DatasetGroupState { steps, ..setup.older_group() }).await;
    setup
}

#[tokio::test]
async fn a_group_that_is_being_deleted_is_waited_for_without_a_change() {
    for status in ["DELETE PENDING", "DELETE IN_PROGRESS"] {
        let setup = with_a_group_that(vec![Step::status(status)]).await;
        let output = setup.create(&request()).await.expect("waiting");
        assert_eq!((output.progress, output.disposition), (Progress::Deleting, None));
        assert_eq!(output.decision(), "await deletion");
        assert_eq!((output.since, output.wait_seconds), (setup.started, 25));
        assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
    }
}

#[tokio::test]
async fn a_group_that_is_gone_is_created_again() {
    let steps = vec![Step::status("DELETE PENDING").times(2), Step::status("DELETE IN_PROGRESS"), Step::gone()];
    let setup = with_a_group_that(steps).await;
    let done = setup.provision(&request()).await.expect("provisioned");
    assert_eq!(done.disposition, Some(Disposition::Created));
    assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
    assert_eq!(setup.tags().await.len(), 3);
}

#[tokio::test]
async fn a_group_that_takes_the_place_of_the_deleted_one_is_compared_before_it_is_used() {
    let setup = with_a_group_that(vec![Step::status("DELETE PENDING"), Step::status("ACTIVE")]).await;
    let custom = changed(request(), &json!({"datasetGroup": {"domain": null}}));
    let error = setup.provision(&custom).await.expect_err("a conflict");
    assert_eq!(error.name(), "DatasetGroupConflict");
    assert_eq!(setup.effects().await, [""; 0]);
}

#[tokio::test]
async fn a_group_that_others_keep_replacing_is_given_up_after_twenty_rounds() {
    let setup = Setup::start().await;
    setup.put_group("ACTIVE").await;
    setup.create_at(&request(), 20, 0).await.expect("one more round");
    setup.take_calls().await;
    let error = setup.create_at(&request(), 21, 0).await.expect_err("too many rounds");
    assert_eq!(error.name(), "DatasetGroupConflict");
    assert_eq!(error.cause().resource, Some(setup.arn("media")));
    assert!(error.to_string().contains("more than 20 times"), "{error}");
    assert_eq!(setup.take_calls().await, [""; 0]);
}
