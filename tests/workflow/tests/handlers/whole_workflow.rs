//! All steps, one after the other.

use contract::outcome::{Disposition, ProfileChange};
use contract::{DatasetGroupStatus, GroupProfileStatus};
use serde_json::json;
use simulators::Scenario;
use workflow_tests::{DOMAIN, GROUP_NAME, ROLE, Setup, changed, request, request_for_role};

#[tokio::test]
async fn a_request_ends_in_an_active_group_that_is_attached_to_an_assigned_profile() {
    let setup = Setup::start().await;
    let done = setup.provision(&request()).await.expect("provisioned");
    assert_eq!(done.disposition, Some(Disposition::Created));
    assert_eq!(done.dataset_group.status, DatasetGroupStatus::Active);
    assert_eq!(done.group_profile.status, GroupProfileStatus::Assigned);
    assert_eq!(done.group_profile.group_name.as_deref(), Some(GROUP_NAME));
    assert_eq!(done.changes.group_profile, Some(ProfileChange::Created));
    assert_eq!(done.polls, 3);
    let linked = [
        format!("datazone:domain-id={DOMAIN}"),
        format!("datazone:group-profile-id={}", done.group_profile.id),
        "team=media-secret".to_owned(),
    ];
    assert_eq!(setup.tags().await, linked);
    assert_eq!(
        setup.take_calls().await,
        [
            "DescribeDatasetGroup ResourceNotFoundException",
            "CreateDatasetGroup effect",
            "DescribeDatasetGroup",
            "DescribeDatasetGroup",
            "DescribeDatasetGroup",
            "GetGroupProfile ResourceNotFoundException",
            "ListTagsForResource",
            "CreateGroupProfile effect",
            "ListTagsForResource",
            "TagResource effect",
            "ListTagsForResource",
        ]
    );
}

#[tokio::test]
async fn a_rerun_looks_and_changes_nothing() {
    for request in [request(), request_for_role()] {
        let setup = Setup::start().await;
        let first = setup.provision(&request).await.expect("provisioned");
        let before = (setup.group().await.map(|group| group.tags), setup.profiles().await);
        setup.take_calls().await;
        let second = setup.provision(&request).await.expect("provisioned");
        assert_eq!(second.group_profile, first.group_profile);
        assert_eq!(second.changes.group_profile, Some(ProfileChange::Kept));
        assert_eq!(second.changes.tags_added, [""; 0]);
        assert_eq!(second.polls, 0);
        assert_eq!(setup.effects().await, [""; 0]);
        assert_eq!((setup.group().await.map(|group| group.tags), setup.profiles().await), before);
    }
}

#[tokio::test]
async fn the_stormy_day_scenario_ends_as_without_faults() {
    let setup = Setup::start().await;
    let text = include_str!("../../../../local/simulators/scenarios/stormy-day.json");
    let scenario: Scenario = serde_json::from_str(text).expect("a scenario");
    setup.control.load_scenario(&scenario).await.expect("an order");
    let name = "media-recommendations";
    for request in [request(), request_for_role()] {
        let request = changed(request, &json!({"datasetGroup": {"name": name}}));
        let done = setup.provision(&request).await.expect("provisioned");
        assert_eq!(done.dataset_group.status, DatasetGroupStatus::Active);
        assert_eq!(done.group_profile.status, GroupProfileStatus::Assigned);
        // A dataset group is attached to one profile: the next request is about another.
        setup.control.remove_dataset_group(name).await.expect("an order");
    }
    assert_eq!(setup.profiles().await.len(), 2);
    let effects = setup.effects().await;
    assert_eq!(effects.iter().filter(|operation| *operation == "CreateDatasetGroup").count(), 2);
}

#[tokio::test]
async fn a_group_that_is_not_attached_for_want_of_a_profile_is_attached_by_a_rerun() {
    let setup = Setup::start().await;
    let role = format!("{ROLE}-of-tomorrow");
    let request = changed(request_for_role(), &json!({"groupProfile": {"rolePrincipalArn": role}}));
    let error = setup.provision(&request).await.expect_err("no such role");
    assert_eq!(error.name(), "NotFound");
    assert_eq!(setup.group().await.and_then(|group| group.status).as_deref(), Some("ACTIVE"));
    assert_eq!(setup.effects().await, ["CreateDatasetGroup"]);
    setup.control.add_role(DOMAIN, &role).await.expect("an order");
    let done = setup.provision(&request).await.expect("provisioned");
    assert_eq!(done.group_profile.role_principal_arn, Some(role));
    assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
}
