//! A linked group is deleted once, and waited for.

use contract::outcome::Disposition as Origin;
use contract::retirement::{Changes, Disposition, GroupAction, ProjectAction, RemovalChange};
use serde_json::json;
use simulators::{Behaviour, ContentsOfMissingGroup, DatasetGroupState, Kind, Script, Service, Step};
use tokio::join;
use workflow_tests::{NAME, PROJECT, Setup, changed, request, retirement};

use super::{changes, disposition, is_member, linked};

#[tokio::test]
async fn a_linked_group_loses_its_access_and_is_deleted_and_its_profile_stays() {
    for status in ["ACTIVE", "CREATE FAILED"] {
        let setup = linked(status).await;
        let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
        assert_eq!(disposition(&done), Some(Disposition::Deleted));
        assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
        assert_eq!(setup.group().await, None);
        assert_eq!(setup.profiles().await.len(), 1);
        assert_eq!(done.group_profile.map(|profile| profile.id), Some(setup.profiles().await.remove(0).id));
        assert_eq!(setup.effects().await, ["DeleteProjectMembership", "DeleteDatasetGroup"]);
        let calls = setup.take_calls().await;
        let first_run = [
            "DescribeDatasetGroup",
            "GetGroupProfile",
            "ListTagsForResource",
            "ListDatasets",
            "ListSolutions",
            "ListEventTrackers",
            "ListRecommenders",
            "ListFilters",
            "ListProjectMemberships",
            "DeleteProjectMembership effect",
            "ListProjectMemberships",
            "DescribeDatasetGroup",
            "DeleteDatasetGroup effect",
        ];
        assert_eq!(calls[..first_run.len()], first_run);

        // A rerun finds nothing, and says so.
        let again = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
        assert_eq!(
            (disposition(&again), changes(&again)),
            (Some(Disposition::Absent), vec![(RemovalChange::Absent, None)])
        );
    }
}

#[tokio::test]
async fn a_group_that_is_being_deleted_is_waited_for() {
    let setup = linked("ACTIVE").await;
    let steps = vec![Step::status("DELETE PENDING").times(3), Step::gone()];
    let group = setup.group().await.expect("a group");
    setup.put(DatasetGroupState { steps, ..group }).await;
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
    assert_eq!(disposition(&done), Some(Disposition::Deleted));
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
    assert_eq!(setup.effects().await, ["DeleteProjectMembership"], "others delete it");
}

#[tokio::test]
async fn a_linked_group_that_is_being_created_is_waited_for_and_deleted_whether_or_not_it_becomes_active() {
    for last in ["ACTIVE", "CREATE FAILED"] {
        let setup = linked("ACTIVE").await;
        let group = setup.group().await.expect("a group");
        let steps =
            vec![Step::status("CREATE PENDING").times(2), Step::status("CREATE IN_PROGRESS"), Step::status(last)];
        setup.put(DatasetGroupState { steps, creation_date_time: Some(setup.started), ..group }).await;
        let plan = setup.plan_retirement(&retirement(&[PROJECT])).await.expect("a plan");
        assert_eq!(plan.dataset_group.action, GroupAction::AwaitCreation);
        assert_eq!(plan.projects[0].action, ProjectAction::Remove);
        let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
        assert_eq!(disposition(&done), Some(Disposition::Deleted), "{last}");
        assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
        assert_eq!(setup.effects().await, ["DeleteProjectMembership", "DeleteDatasetGroup"]);
    }
}

#[tokio::test]
async fn a_group_that_takes_the_place_of_the_retired_one_is_not_touched() {
    let setup = linked("ACTIVE").await;
    let group = setup.group().await.expect("a group");
    let first = setup.retire_at(&retirement(&[PROJECT]), None, Changes::default(), 0).await.expect("deleted");
    let newer = DatasetGroupState { creation_date_time: Some(setup.started), ..group };
    setup.control.remove_dataset_group(NAME).await.expect("an order");
    setup.put(newer).await;
    setup.take_calls().await;
    let next = setup.retire_at(&retirement(&[PROJECT]), first.earlier, first.changes, 25).await.expect("retired");
    let gone = next.retired.expect("gone");
    assert_eq!(gone.disposition, Disposition::Deleted);
    assert_eq!(gone.dataset_group.creation_date_time, setup.older_group().creation_date_time);
    assert_eq!(next.changes.projects[0].change, RemovalChange::Removed);
    assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
}

#[tokio::test]
async fn an_execution_deletes_once_and_waits_for_a_deletion_that_is_not_visible_until_the_deadline() {
    let setup = linked("ACTIVE").await;
    let group = setup.group().await.expect("a group");
    let first = setup.retire_at(&retirement(&[]), None, Changes::default(), 0).await.expect("deleted");
    assert!(first.earlier.as_ref().is_some_and(|earlier| earlier.deleted));
    setup.put(group).await;
    setup.take_calls().await;
    let next = setup.retire_at(&retirement(&[]), first.earlier, first.changes, 25).await.expect("waiting");
    assert_eq!(next.dataset_group.as_ref().map(|group| group.status.as_str()), Some("DELETE PENDING"));
    assert_eq!((next.since, next.wait_seconds), (setup.started, 10));
    let late = setup.retire_at(&retirement(&[]), next.earlier, next.changes, 300).await.expect_err("too late");
    assert_eq!(late.name(), "ProvisioningTimedOut");
    assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup", "DescribeDatasetGroup"]);
}

#[tokio::test]
async fn two_retirements_at_once_delete_once_and_both_are_true() {
    for operation in ["DeleteDatasetGroup", "ListTagsForResource"] {
        let setup = linked("ACTIVE").await;
        setup.fail(Service::Personalize, operation, Kind::Delay { milliseconds: 100 }, Some(2)).await;
        let request = retirement(&[PROJECT]);
        let (one, other) = join!(setup.retire(&request), setup.retire(&request));
        for done in [one.expect("retired"), other.expect("retired")] {
            // One whose first look was lost in a retry finds the group absent.
            assert!(disposition(&done).is_some() && done.failed.is_none(), "{done:?}");
        }
        assert!(setup.group().await.is_none() && !is_member(&setup).await);
        let effects = setup.effects().await;
        assert_eq!(effects.iter().filter(|effect| *effect == "DeleteDatasetGroup").count(), 1, "{effects:?}");
    }
}

#[tokio::test]
async fn a_provisioning_and_a_retirement_of_one_name_end_in_one_of_the_two_states() {
    for (service, operation) in [
        (Service::Personalize, "DescribeDatasetGroup"),
        (Service::Personalize, "ListTagsForResource"),
        (Service::DataZone, "GetGroupProfile"),
        (Service::Personalize, "DeleteDatasetGroup"),
    ] {
        let setup = linked("ACTIVE").await;
        setup.fail(service, operation, Kind::Delay { milliseconds: 100 }, Some(1)).await;
        let (provision, retire) = (request(), retirement(&[PROJECT]));
        let (provisioned, retired) = join!(setup.provision(&provision), setup.retire(&retire));
        let retired = retired.expect("retired");
        assert_eq!(disposition(&retired), Some(Disposition::Deleted), "{operation}");
        if let Ok(provisioned) = provisioned
            && provisioned.disposition == Some(Origin::Created)
        {
            assert_eq!(setup.group().await.and_then(|group| group.status).as_deref(), Some("ACTIVE"), "{operation}");
        }
        let effects = setup.effects().await;
        assert_eq!(effects.iter().filter(|effect| *effect == "DeleteDatasetGroup").count(), 1, "{effects:?}");
    }
}

#[tokio::test]
async fn a_provisioned_group_can_be_retired_and_provisioned_again() {
    let setup = Setup::start().await;
    setup.put_project(PROJECT, &[]).await;
    setup.script(Script::default()).await;
    let projects = json!({"groupProfile": {"projects": [{"projectIdentifier": PROJECT}]}});
    let request = changed(request(), &projects);
    for _ in 0..2 {
        let provisioned = setup.provision(&request).await.expect("provisioned");
        assert_eq!(provisioned.disposition, Some(Origin::Created));
        let retired = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
        assert_eq!(changes(&retired), [(RemovalChange::Removed, Some("PROJECT_CONTRIBUTOR"))]);
        let gone = retired.gone.expect("gone").dataset_group;
        assert_eq!(gone.creation_date_time, provisioned.dataset_group.creation_date_time);
    }
    assert_eq!(setup.profiles().await.len(), 1);
}

#[tokio::test]
async fn a_group_that_is_gone_when_its_contents_are_listed_is_retired_whatever_the_lists_return() {
    for contents_of_missing_group in [
        ContentsOfMissingGroup::Empty,
        ContentsOfMissingGroup::InvalidInputException,
        ContentsOfMissingGroup::ResourceNotFoundException,
    ] {
        let setup = linked("ACTIVE").await;
        let behaviour = setup.control.behaviour().await.expect("the settings");
        let behaviour = Behaviour { contents_of_missing_group, ..behaviour };
        setup.control.set_behaviour(&behaviour).await.expect("an order");
        setup.fail(Service::Personalize, "ListSolutions", Kind::Delay { milliseconds: 500 }, Some(1)).await;
        let request = retirement(&[PROJECT]);
        let (one, other) = join!(setup.retire(&request), setup.retire(&request));
        for done in [one.expect("retired"), other.expect("retired")] {
            assert!(disposition(&done).is_some() && done.failed.is_none(), "{done:?}");
        }
    }
}
