//! A dataset group is retired only with the proof that it is meant, access first, and once.

use contract::StepError;
use std::cell::OnceCell;

use contract::outcome::Disposition as Origin;
use contract::retirement::{Changes, Disposition, GroupAction, ProjectAction, RemovalChange};
use serde_json::{Value, json};
use simulators::{
    Behaviour, ContentKind, Contents, ContentsOfMissingGroup, DatasetGroupState, Kind, Profile, ProfileStatus, Script,
    Service, Step,
};
use tokio::join;
use workflow_tests::{DOMAIN, GROUP, NAME, OTHER_DOMAIN, ROLE, Retired, Setup, changed, request, retirement, tag};

const PROJECT: &str = "5rz8k2m4n6p1qa";

/// A group in this status that is linked to the profile of the requests, which is a member of the project.
async fn linked(status: &str) -> Setup {
    let setup = Setup::start().await;
    setup.put_linked_group(status, Profile::of_group(GROUP, ProfileStatus::Assigned), PROJECT).await;
    setup
}

async fn is_member(setup: &Setup) -> bool {
    setup.projects().await.iter().any(|project| !project.members.is_empty())
}

fn changes(done: &Retired) -> Vec<(RemovalChange, Option<&str>)> {
    done.changes.projects.iter().map(|removal| (removal.change, removal.designation.as_deref())).collect()
}

fn disposition(done: &Retired) -> Option<Disposition> {
    done.gone.as_ref().map(|gone| gone.disposition)
}

fn datasets() -> Contents {
    Contents::from([(ContentKind::Datasets, vec!["interactions".to_owned()])])
}

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
async fn a_group_that_is_absent_takes_no_access_away_and_what_is_left_is_reported() {
    let setup = linked("ACTIVE").await;
    setup.control.remove_dataset_group(NAME).await.expect("an order");
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("absent");
    assert_eq!(disposition(&done), Some(Disposition::Absent));
    assert_eq!(changes(&done), [(RemovalChange::Left, Some("PROJECT_OWNER"))]);
    assert!(is_member(&setup).await && setup.effects().await.is_empty());
    let gone = done.gone.expect("gone").dataset_group;
    assert_eq!((gone.dataset_group_arn, gone.name.as_str(), gone.creation_date_time), (setup.arn(NAME), NAME, None));
}

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
    let role = json!({"groupProfile": {"groupIdentifier": null, "rolePrincipalArn": ROLE}});
    let of_role = changed(retirement(&[PROJECT]), &role);
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
async fn a_group_with_contents_keeps_its_access_and_each_kind_is_named() {
    let all = |number: usize| {
        let names = |kind: &str| (0..number).map(|index| format!("{kind}{index:02}")).collect::<Vec<_>>();
        Contents::from([
            (ContentKind::Datasets, names("d")),
            (ContentKind::Solutions, names("s")),
            (ContentKind::EventTrackers, names("e")),
            (ContentKind::Recommenders, names("r")),
            (ContentKind::Filters, names("f")),
        ])
    };
    for (number, listed) in [(1, 1), (20, 20), (21, 20)] {
        let setup = linked("ACTIVE").await;
        setup.control.put_contents(NAME, &all(number)).await.expect("an order");
        let error = setup.retire(&retirement(&[PROJECT])).await.expect_err("in use");
        assert_eq!(error.name(), "DatasetGroupInUse");
        let contents = error.cause().contents.expect("contents");
        let kinds =
            [contents.datasets, contents.solutions, contents.event_trackers, contents.recommenders, contents.filters];
        assert_eq!(kinds.map(|names| names.len()), [listed; 5]);
        assert!(setup.effects().await.is_empty() && is_member(&setup).await);
        let plan = setup.plan_retirement(&retirement(&[PROJECT])).await.expect("a plan");
        assert_eq!(plan.would_fail.map(|cause| cause.error).as_deref(), Some("DatasetGroupInUse"));
    }
}

#[tokio::test]
async fn contents_that_come_late_end_it_with_what_was_removed() {
    let setup = linked("ACTIVE").await;
    let group = setup.group().await.expect("a group");
    setup.put(DatasetGroupState { late_contents: datasets(), ..group }).await;
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("an output");
    let failed = done.failed.as_ref().expect("in use");
    assert_eq!(failed.error, "DatasetGroupInUse");
    assert_eq!(
        failed.contents.as_ref().map(|contents| contents.datasets.clone()),
        Some(vec!["interactions".to_owned()])
    );
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
    assert_eq!((disposition(&done), setup.effects().await), (None, vec!["DeleteProjectMembership".to_owned()]));
}

#[tokio::test]
async fn a_project_that_fails_keeps_the_group_and_not_the_other_projects() {
    let setup = linked("ACTIVE").await;
    let done = setup.retire(&retirement(&["unknown", PROJECT])).await.expect("an output");
    assert_eq!(done.failed.as_ref().map(|cause| cause.error.as_str()), Some("NotFound"));
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
    assert_eq!(setup.effects().await, ["DeleteProjectMembership"]);
    // Without the project it goes on.
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
    assert_eq!((disposition(&done), changes(&done)), (Some(Disposition::Deleted), vec![(RemovalChange::Absent, None)]));
}

#[tokio::test]
async fn a_denial_after_access_was_removed_says_what_was_removed() {
    let setup = linked("ACTIVE").await;
    setup.fail(Service::Personalize, "DeleteDatasetGroup", Kind::AccessDenied, None).await;
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("an output");
    assert_eq!(done.failed.as_ref().map(|cause| cause.error.as_str()), Some("AccessDenied"));
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
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
async fn a_group_without_a_creation_date_is_not_touched() {
    let mut setup = linked("ACTIVE").await;
    let between = setup.put_between().await;
    setup.plan_retirement(&retirement(&[])).await.expect("a plan");
    let mut exchange = between.take_exchanges().remove(0);
    let mut body: Value = serde_json::from_slice(&exchange.answer.body).expect("JSON");
    body["datasetGroup"].as_object_mut().map(|group| group.remove("creationDateTime"));
    exchange.answer.body = body.to_string().into();
    let operation = exchange.operation.clone();
    between.forge(Some(workflow_tests::Forgery {
        operation,
        after: 0,
        times: None,
        effect: true,
        answer: exchange.answer,
    }));
    let error = setup.retire(&retirement(&[PROJECT])).await.expect_err("no date");
    assert_eq!(error.name(), "Unexpected");
    assert!(error.to_string().contains("no creation date"), "{error}");
    assert!(setup.effects().await.is_empty());
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

/// An execution that is killed after any call, whether or not the call had its effect, is continued by a rerun.
#[tokio::test]
async fn a_retirement_that_is_killed_between_any_two_calls_is_ended_by_a_rerun() {
    let calls = {
        let setup = linked("ACTIVE").await;
        setup.retire(&retirement(&[PROJECT])).await.expect("retired");
        setup.calls().await
    };
    for (index, call) in calls.iter().enumerate() {
        let earlier = calls[..index].iter().filter(|earlier| earlier.service == call.service).count();
        let passed = u32::try_from(earlier).expect("few");
        for kind in [Kind::CutBeforeEffect, Kind::CutAfterEffect] {
            let setup = linked("ACTIVE").await;
            let fault = simulators::Fault::new(call.service, kind.clone()).after(passed);
            setup.control.add_fault(fault).await.expect("a fault");
            let killed = setup.retire_at(&retirement(&[PROJECT]), None, Changes::default(), 0).await;
            setup.control.clear_faults().await.expect("an order");
            let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
            assert!(disposition(&done).is_some(), "{passed} {kind:?} {killed:?}");
            assert!(setup.group().await.is_none() && !is_member(&setup).await, "{passed} {kind:?}");
            assert_eq!(setup.effects().await, ["DeleteProjectMembership", "DeleteDatasetGroup"], "{passed} {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_plan_reads_only_and_says_what_happens_next() {
    let (member, none) = (ProjectAction::Remove, ProjectAction::None);
    for (prepared, group, project) in [
        (Some("ACTIVE"), GroupAction::Delete, member),
        (Some("CREATE FAILED"), GroupAction::Delete, member),
        (Some("DELETE PENDING"), GroupAction::AwaitDeletion, member),
        (None, GroupAction::None, ProjectAction::Leave),
    ] {
        let setup = linked(prepared.unwrap_or("ACTIVE")).await;
        if prepared.is_none() {
            setup.control.remove_dataset_group(NAME).await.expect("an order");
        }
        setup.put_project("empty", &[]).await;
        let plan = setup.plan_retirement(&retirement(&[PROJECT, "empty"])).await.expect("a plan");
        assert_eq!(plan.dataset_group.action, group);
        assert_eq!(plan.projects.iter().map(|project| project.action).collect::<Vec<_>>(), [project, none]);
        assert!(plan.would_fail.is_none() && setup.effects().await.is_empty());
        let plan = setup.plan_retirement(&retirement(&["unknown"])).await.expect("a plan");
        assert_eq!(plan.would_fail.map(|cause| cause.error).as_deref(), Some("NotFound"));
        if group == GroupAction::AwaitDeletion {
            setup
                .control
                .move_dataset_group(NAME, &[Step::status("DELETE PENDING").times(4), Step::gone()])
                .await
                .expect("an order");
        }
        let done = setup.retire(&retirement(&[PROJECT, "empty"])).await.expect("retired");
        let change = if project == member { RemovalChange::Removed } else { RemovalChange::Left };
        assert_eq!(changes(&done), [(change, Some("PROJECT_OWNER")), (RemovalChange::Absent, None)]);
    }
}

#[tokio::test]
async fn an_error_that_ends_a_plan_ends_this_one() {
    for (service, operation) in [
        (Service::Personalize, "ListDatasets"),
        (Service::Personalize, "ListFilters"),
        (Service::DataZone, "ListProjectMemberships"),
    ] {
        let setup = linked("ACTIVE").await;
        setup.fail(service, operation, Kind::AccessDenied, None).await;
        let error = setup.plan_retirement(&retirement(&[PROJECT])).await.expect_err("denied");
        assert!(matches!(error, StepError::AccessDenied(_)), "{error}");
        assert!(error.cause().remedy.contains(operation), "{}", error.cause().remedy);
    }
}

/// Each call, and what its failure means for the state machine. A rerun without it ends as without a failure, and nothing is
/// changed twice.
#[tokio::test]
async fn a_failure_of_any_call_is_reported_as_what_it_is_and_a_rerun_ends_the_retirement() {
    let error = |status, code: &str| Kind::Error { status, code: code.to_owned(), message: None };
    let calls = {
        let setup = linked("ACTIVE").await;
        setup.retire(&retirement(&[PROJECT])).await.expect("retired");
        setup.calls().await
    };
    // The calls of the retire step, and the first of the poll step.
    let deletion = calls.iter().position(|call| call.operation == "DeleteDatasetGroup").expect("a deletion");
    for (index, call) in calls[..=deletion + 1].iter().enumerate() {
        let earlier = calls[..index].iter().filter(|earlier| earlier.operation == call.operation).count();
        let passed = u32::try_from(earlier).expect("few");
        for (kind, times, name) in [
            (Kind::AccessDenied, None, Some("AccessDenied")),
            (error(500, "InternalServerException"), None, Some("Unavailable")),
            (error(400, "ThrottlingException"), None, Some("ProvisioningTimedOut")),
            (error(400, "ValidationException"), None, Some("InvalidRequest")),
            (error(400, "ExceptionOfTomorrow"), None, Some("Unexpected")),
            (
                error(500, "InternalServerException"),
                Some(1),
                (call.operation == "DeleteDatasetGroup").then_some("Unavailable"),
            ),
        ] {
            let setup = linked("ACTIVE").await;
            let fault = simulators::Fault { times, ..simulators::Fault::new(call.service, kind.clone()) };
            setup.control.add_fault(fault.operation(&call.operation).after(passed)).await.expect("a fault");
            let first = OnceCell::new();
            let request = retirement(&[PROJECT]);
            let ended = setup.retire_reporting(&request, async |cause| {
                if first.set(cause.clone()).is_ok() {
                    setup.control.clear_faults().await.expect("an order");
                }
            });
            let ended = ended.await;
            let what = format!("{} {} {kind:?} {times:?}", call.operation, passed + 1);
            assert_eq!(first.get().map(|cause| cause.error.as_str()), name, "{what}");
            if let Some(cause) = first.get() {
                assert_eq!(cause.operation.as_ref(), Some(&call.operation), "{what}");
                let about = cause.resource.as_deref().unwrap_or_default();
                assert!(about == setup.arn(NAME) || about.contains(GROUP), "{what}: {about}");
            }
            let done = match ended {
                Ok(done) if done.failed.is_none() => done,
                Ok(_) | Err(_) => setup.retire(&request).await.expect("retired"),
            };
            assert!(disposition(&done).is_some() && setup.group().await.is_none(), "{what}");
            assert_eq!(setup.effects().await, ["DeleteProjectMembership", "DeleteDatasetGroup"], "{what}");
        }
    }
}

/// A group that one response does not find, or that a deletion does not find, is looked for again.
#[tokio::test]
async fn one_response_that_finds_no_group_ends_no_retirement() {
    for (operation, passed) in [("DescribeDatasetGroup", 1), ("DeleteDatasetGroup", 0), ("DescribeDatasetGroup", 2)] {
        let setup = linked("ACTIVE").await;
        let code = "ResourceNotFoundException".to_owned();
        let missing = Kind::Error { status: 400, code, message: None };
        let fault = simulators::Fault { times: Some(1), ..simulators::Fault::new(Service::Personalize, missing) };
        setup.control.add_fault(fault.operation(operation).after(passed)).await.expect("a fault");
        let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
        assert_eq!((disposition(&done), setup.group().await), (Some(Disposition::Deleted), None), "{operation}");
        assert_eq!(setup.effects().await, ["DeleteProjectMembership", "DeleteDatasetGroup"], "{operation}");
    }
}
