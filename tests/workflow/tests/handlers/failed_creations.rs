//! A dataset group whose creation failed.

use contract::outcome::Disposition;
use contract::{DatasetGroupStatus, Progress, StepError};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Script, Step};
use workflow_tests::{DOMAIN, OTHER_DOMAIN, Setup, changed, request, tag};

const REASON: &str = "the role cannot use the key";

fn replacing() -> Value {
    changed(request(), &json!({"policy": {"ifCreateFailed": "REPLACE"}}))
}

async fn with_a_failed_group() -> Setup {
    let setup = Setup::start().await;
    let failure_reason = Some(REASON.to_owned());
    let status = Some("CREATE FAILED".to_owned());
    setup.put(DatasetGroupState { status, failure_reason, ..setup.older_group() }).await;
    setup
}

fn assert_failed(error: &StepError, setup: &Setup) {
    assert_eq!(error.name(), "DatasetGroupCreateFailed");
    let cause = error.cause();
    assert_eq!(cause.failure_reason.as_deref(), Some(REASON));
    assert_eq!(cause.resource, Some(setup.arn("media")));
    assert!(cause.remedy.contains("REPLACE"), "{}", cause.remedy);
}

#[tokio::test]
async fn a_group_that_failed_before_is_left_alone() {
    let setup = with_a_failed_group().await;
    let error = setup.create(&request()).await.expect_err("failed");
    assert_failed(&error, &setup);
    assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
}

#[tokio::test]
async fn a_group_that_failed_before_is_deleted_where_the_request_says_so() {
    let setup = with_a_failed_group().await;
    let output = setup.create(&replacing()).await.expect("deleting");
    assert_eq!((output.progress, output.disposition), (Progress::Deleting, None));
    assert_eq!(output.dataset_group.status, DatasetGroupStatus::DeletePending);
    assert_eq!((output.since, output.wait_seconds), (setup.started, 25));
    assert_eq!(
        setup.take_calls().await,
        ["DescribeDatasetGroup", "ListTagsForResource", "DescribeDatasetGroup", "DeleteDatasetGroup effect"]
    );
}

/// This workflow links ACTIVE groups only, so a failed group that is linked to a profile is somebody else's, also where
/// the domain is the same.
#[tokio::test]
async fn a_failed_group_that_is_linked_elsewhere_is_a_conflict_and_is_not_deleted() {
    let domain = |id: &str| tag("datazone:domain-id", id);
    let profile = tag("datazone:group-profile-id", "another");
    for tags in [vec![domain(OTHER_DOMAIN)], vec![domain(DOMAIN), profile.clone()], vec![profile]] {
        let setup = with_a_failed_group().await;
        setup.put(DatasetGroupState { tags, ..setup.group().await.expect("the group") }).await;
        let error = setup.provision(&replacing()).await.expect_err("a conflict");
        assert_eq!(error.name(), "DatasetGroupConflict");
        assert_eq!(error.cause().differences.len(), 1);
        assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup", "ListTagsForResource", "DescribeDatasetGroup"]);
    }
}

#[tokio::test]
async fn a_failed_group_whose_link_names_the_domain_of_the_request_is_replaced() {
    let setup = with_a_failed_group().await;
    let tags = vec![tag("datazone:domain-id", DOMAIN), tag("owner", "x")];
    setup.put(DatasetGroupState { tags, ..setup.group().await.expect("the group") }).await;
    setup.provision(&replacing()).await.expect("provisioned");
}

#[tokio::test]
async fn a_failed_group_that_was_replaced_while_its_tags_were_read_is_looked_at_again() {
    let setup = with_a_failed_group().await;
    let steps = vec![Step::create_failed(REASON), Step::status("ACTIVE")];
    // The tags are those of the group that took its place: they are no conflict of the failed one.
    let tags = vec![tag("datazone:domain-id", DOMAIN), tag("datazone:group-profile-id", "its own")];
    setup.put(DatasetGroupState { steps, tags, ..setup.older_group() }).await;
    let error = setup.create(&replacing()).await.expect_err("replaced");
    assert_eq!(error.name(), "Unavailable");
    assert_eq!(setup.create(&replacing()).await.map(|output| output.progress), Ok(Progress::Active));
    assert_eq!(setup.effects().await, [""; 0]);
}

#[tokio::test]
async fn a_failed_group_with_another_configuration_is_replaced_all_the_same() {
    let setup = with_a_failed_group().await;
    let custom = changed(replacing(), &json!({"datasetGroup": {"domain": null}}));
    let done = setup.provision(&custom).await.expect("provisioned");
    assert_eq!(done.disposition, Some(Disposition::Created));
    assert_eq!(setup.group().await.map(|group| group.domain), Some(None));
}

#[tokio::test]
async fn a_group_is_replaced_once_and_not_for_ever() {
    let setup = with_a_failed_group().await;
    setup.script(Script::create_fails(REASON)).await;
    let error = setup.provision(&replacing()).await.expect_err("failed again");
    assert_failed(&error, &setup);
    assert_eq!(setup.effects().await, ["DeleteDatasetGroup", "CreateDatasetGroup"]);
    setup.take_calls().await;
    // Another execution created it between the deletion and the creation, and failed as well.
    let error = setup.create_at(&replacing(), 1, 100).await.expect_err("failed");
    assert_failed(&error, &setup);
    assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
}
