//! Without a proof nothing is changed, and what is left is reported.

use contract::retirement::{Disposition, GroupAction, RemovalChange};
use serde_json::Value;
use simulators::{DatasetGroupState, Kind, Profile, ProfileStatus, Service, Step};
use workflow_tests::{DOMAIN, Forgery, NAME, OTHER_DOMAIN, PROJECT, ROLE, retirement, retirement_for_role, tag};

use super::{changes, disposition, is_member, linked};

#[tokio::test]
async fn without_the_link_to_the_very_profile_nothing_is_changed_in_any_status() {
    let stranger = "0f0e0d0c-5678-90ab-cdef-112233445566";
    for status in
        ["ACTIVE", "CREATE FAILED", "CREATE PENDING", "CREATE IN_PROGRESS", "DELETE PENDING", "DELETE IN_PROGRESS"]
    {
        for tags in [
            vec![],
            vec![tag("datazone:domain-id", DOMAIN)],
            vec![tag("datazone:domain-id", DOMAIN), tag("datazone:group-profile-id", stranger)],
            vec![tag("datazone:domain-id", OTHER_DOMAIN), tag("datazone:group-profile-id", stranger)],
        ] {
            let setup = linked(status).await;
            let status = Some(status.to_owned());
            setup.put(DatasetGroupState { status, tags, ..setup.older_group() }).await;
            let error = setup.retire(&retirement(&[PROJECT])).await.expect_err("a conflict");
            assert_eq!(error.name(), "DatasetGroupConflict");
            assert!(setup.effects().await.is_empty() && is_member(&setup).await);
            let plan = setup.plan_retirement(&retirement(&[PROJECT])).await.expect("a plan");
            assert_eq!(plan.dataset_group.action, GroupAction::Refuse);
            assert_eq!(plan.would_fail.map(|cause| cause.differences), Some(error.cause().differences));
        }
    }
}

#[tokio::test]
async fn the_profile_of_another_principal_is_no_proof() {
    let setup = linked("ACTIVE").await;
    let of_role = retirement_for_role(&[PROJECT]);
    for profile in [None, Some(Profile::of_role(ROLE, ProfileStatus::Assigned))] {
        if let Some(profile) = profile {
            setup.put_profile(profile).await;
        }
        let error = setup.retire(&of_role).await.expect_err("a conflict");
        assert_eq!(error.name(), "DatasetGroupConflict");
    }
    assert!(setup.effects().await.is_empty());
}

#[tokio::test]
async fn a_group_that_is_absent_takes_no_access_away_and_what_is_left_is_reported() {
    let setup = linked("ACTIVE").await;
    setup.control.remove_dataset_group(NAME).await.expect("an order");
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("absent");
    assert_eq!(disposition(&done), Some(Disposition::Absent));
    assert_eq!(changes(&done), [(RemovalChange::Left, Some("PROJECT_OWNER"))]);
    assert!(is_member(&setup).await);
    let missing = "DescribeDatasetGroup ResourceNotFoundException";
    assert_eq!(setup.take_calls().await, [missing, "GetGroupProfile", "ListProjectMemberships", missing]);
    let gone = done.gone.expect("gone").dataset_group;
    assert_eq!((gone.dataset_group_arn, gone.name.as_str(), gone.creation_date_time), (setup.arn(NAME), NAME, None));
}

/// Without tags nothing is proven, so nothing is removed.
#[tokio::test]
async fn a_group_that_is_being_deleted_and_whose_tags_cannot_be_read_leaves_the_access() {
    let setup = linked("ACTIVE").await;
    let steps = vec![Step::status("DELETE PENDING").times(3), Step::gone()];
    let group = setup.group().await.expect("a group");
    setup.put(DatasetGroupState { steps, ..group }).await;
    let code = "ResourceNotFoundException".to_owned();
    setup
        .fail(Service::Personalize, "ListTagsForResource", Kind::Error { status: 400, code, message: None }, None)
        .await;
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
    assert_eq!(disposition(&done), Some(Disposition::Deleted));
    assert_eq!(changes(&done), [(RemovalChange::Left, Some("PROJECT_OWNER"))]);
    assert!(is_member(&setup).await && setup.effects().await.is_empty());
}

#[tokio::test]
async fn a_group_without_a_creation_date_is_not_touched() {
    let mut setup = linked("ACTIVE").await;
    let between = setup.put_between().await;
    setup.plan_retirement(&retirement(&[])).await.expect("a plan");
    let mut exchange = between.take_exchanges().remove(0);
    let mut body: Value = serde_json::from_slice(&exchange.answer.body).expect("JSON");
    body["datasetGroup"].as_object_mut().map(|group| group.remove("creationDateTime"));
    exchange.answer.body = body.to_string().into();
    let operation = exchange.operation.clone();
    between.forge(Some(Forgery { operation, after: 0, times: None, effect: true, answer: exchange.answer }));
    let error = setup.retire(&retirement(&[PROJECT])).await.expect_err("no date");
    assert_eq!(error.name(), "Unexpected");
    assert!(error.to_string().contains("no creation date"), "{error}");
    assert!(setup.effects().await.is_empty());
}
