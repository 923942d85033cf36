//! Dataset groups are given back: what a retirement takes away, what stays, and who may ask.

use contract::outcome::Disposition as Origin;
use contract::retirement::{Disposition, RETIREMENT_REQUESTED, Removal, RemovalChange};
use contract_tests::read;
use e2e_tests::{Setup, link};
use serde_json::{Value, json};
use simulators::{ContentKind, Contents, DatasetGroupState, Kind, ProfileStatus, Step};
use tokio::join;

const CONTRIBUTOR: &str = "PROJECT_CONTRIBUTOR";

/// A group in these statuses, one after the other, whose profile is a contributor of the project a.
async fn linked(steps: Vec<Step>) -> Setup {
    let setup = Setup::new().await;
    setup.put_linked_group(DatasetGroupState { steps, ..DatasetGroupState::default() }).await;
    setup.put_project("a", &[(&setup.group, CONTRIBUTOR)]).await;
    setup
}

fn removal(setup: &Setup, project: &str, change: RemovalChange) -> Removal {
    let designation = (change != RemovalChange::Absent).then(|| CONTRIBUTOR.to_owned());
    Removal { project_identifier: setup.project(project), change, designation }
}

#[tokio::test]
async fn a_provisioned_group_is_gone_its_access_is_removed_and_its_profile_stays() {
    let setup = Setup::new().await;
    for project in ["a", "b", "c"] {
        setup.put_project(project, &[]).await;
    }
    let provisioned = setup.run(&setup.request_for_projects(&["a", "b"])).await.provisioned().await;
    let before = setup.effects().await.len();
    let mut request = setup.retirement(&["a", "b", "c"]);
    request["metadata"] = json!({"ticket": 7});
    let execution = setup.retire_by_event(&request, 1).await.remove(0);
    let outcome = execution.retired().await;

    assert_eq!(outcome.disposition, Disposition::Deleted);
    assert_eq!(outcome.dataset_group.dataset_group_arn, provisioned.dataset_group.dataset_group_arn);
    assert_eq!(outcome.dataset_group.creation_date_time, provisioned.dataset_group.creation_date_time);
    let changes = [("a", RemovalChange::Removed), ("b", RemovalChange::Removed), ("c", RemovalChange::Absent)];
    assert_eq!(outcome.changes.projects, changes.map(|(project, change)| removal(&setup, project, change)));
    assert_eq!(outcome.metadata.map(Value::Object), Some(request["metadata"].clone()));
    assert!(outcome.requested_by.is_some_and(|asked| asked.source == "recommendation-platform"));
    assert!(outcome.timings.seconds_until_gone.is_some() && outcome.timings.polls > 0);
    assert_eq!(outcome.group_profile, Some(provisioned.group_profile));

    assert_eq!(setup.dataset_group().await, None);
    let profiles: Vec<_> = setup.profiles().await.into_iter().map(|profile| profile.status).collect();
    assert_eq!(profiles, [ProfileStatus::Assigned]);
    for project in ["a", "b", "c"] {
        assert_eq!(setup.members(project).await, [""; 0]);
    }
    let expected = ["DeleteProjectMembership", "DeleteProjectMembership", "DeleteDatasetGroup"];
    assert_eq!(setup.effects().await[before..], expected);
    assert_eq!(execution.red_events(), 0);
    let states = execution.states();
    assert_eq!(states[..5], ["Begin", "RetireDatasetGroup", "CheckStatus", "WaitForStatus", "PollStatus"]);
    assert_eq!(states[states.len() - 3..], ["ComposeRetired", "PublishRetired", "Retired"]);

    // Sent again, it finds nothing to do; the team may have a group of that name again.
    let again = setup.retire_by_event(&request, 2).await;
    let outcomes = [again[0].retired().await, again[1].retired().await];
    let absent = outcomes.iter().find(|outcome| outcome.disposition == Disposition::Absent).expect("the second one");
    assert!(absent.changes.projects.iter().all(|removal| removal.change == RemovalChange::Absent));
    assert_eq!(setup.effects().await.len(), before + expected.len());
    let provisioned = setup.run(&setup.request()).await.provisioned().await;
    assert_eq!(provisioned.disposition, Origin::Created);
}

#[tokio::test]
async fn the_bare_request_of_a_calling_workflow_is_enough_for_a_group_in_each_status() {
    let status = Step::status;
    for (steps, deletions) in [
        (vec![], 1),
        (vec![Step::create_failed("why")], 1),
        (vec![status("CREATE PENDING"), status("CREATE IN_PROGRESS"), status("ACTIVE")], 1),
        (vec![status("CREATE IN_PROGRESS"), Step::create_failed("why")], 1),
        (vec![status("DELETE PENDING"), status("DELETE IN_PROGRESS"), Step::gone()], 0),
    ] {
        let setup = linked(steps.clone()).await;
        let execution = setup.retire(&setup.request()).await;
        let outcome = execution.retired().await;
        assert_eq!((outcome.disposition, outcome.requested_by), (Disposition::Deleted, None), "{steps:?}");
        assert_eq!(setup.dataset_group().await, None, "{steps:?}");
        assert_eq!(setup.effects().await, vec!["DeleteDatasetGroup"; deletions], "{steps:?}");
        // A failed creation is an error of the poll step.
        let failed = usize::from(steps.len() == 2);
        assert_eq!(execution.red_events(), failed, "{steps:?}");
    }
}

#[tokio::test]
async fn access_is_removed_while_a_linked_group_is_being_deleted() {
    let setup = linked(vec![Step::status("DELETE PENDING").times(3), Step::gone()]).await;
    let outcome = setup.retire(&setup.retirement(&["a"])).await.retired().await;
    assert_eq!(outcome.disposition, Disposition::Deleted);
    assert_eq!(outcome.changes.projects, [removal(&setup, "a", RemovalChange::Removed)]);
    assert_eq!(setup.effects().await, ["DeleteProjectMembership"]);
}

#[tokio::test]
async fn an_absent_group_takes_no_access_away_and_the_outcome_says_what_is_left() {
    let setup = linked(vec![]).await;
    setup.control.remove_dataset_group(&setup.name).await.expect("removed");
    let outcome = setup.retire(&setup.retirement(&["a"])).await.retired().await;
    assert_eq!((outcome.disposition, outcome.dataset_group.creation_date_time), (Disposition::Absent, None));
    assert_eq!(outcome.dataset_group.name, setup.name);
    assert_eq!(outcome.changes.projects, [removal(&setup, "a", RemovalChange::Left)]);
    assert!(outcome.group_profile.is_some());
    assert_eq!((setup.effects().await, setup.members("a").await), (vec![], vec![CONTRIBUTOR.to_owned()]));
}

#[tokio::test]
async fn a_group_in_use_is_named_with_its_contents_before_any_access_is_taken() {
    let kinds = ["datasets", "solutions", "eventTrackers", "recommenders", "filters"];
    let contents = |kinds: &[&str]| -> Contents {
        let contents = kinds.iter().map(|kind| (*kind, vec![format!("some-{kind}")]));
        serde_json::from_value(contents.collect()).expect("contents")
    };
    for kinds in kinds.map(|kind| vec![kind]).into_iter().chain([kinds.to_vec()]) {
        let setup = linked(vec![]).await;
        setup.control.put_contents(&setup.name, &contents(&kinds)).await.expect("contents");
        let outcome = setup.retire(&setup.retirement(&["a"])).await.retirement_failed().await;
        assert_eq!(outcome.error, "DatasetGroupInUse");
        assert_eq!(json!(outcome.cause.contents), json!(contents(&kinds)));
        assert!(kinds.iter().all(|kind| outcome.cause.message.contains(&format!("some-{kind}"))), "{kinds:?}");
        assert_eq!((setup.effects().await, outcome.changes.projects), (vec![], vec![]));
    }
}

#[tokio::test]
async fn a_dataset_that_is_added_late_ends_the_retirement_with_what_was_already_removed() {
    let setup = linked(vec![]).await;
    let late_contents = Contents::from([(ContentKind::Datasets, vec!["late".to_owned()])]);
    setup.put_linked_group(DatasetGroupState { late_contents, ..DatasetGroupState::default() }).await;
    let outcome = setup.retire(&setup.retirement(&["a"])).await.retirement_failed().await;
    assert_eq!(outcome.error, "DatasetGroupInUse");
    assert_eq!(outcome.cause.contents.expect("contents").datasets, ["late"]);
    assert_eq!(outcome.changes.projects, [removal(&setup, "a", RemovalChange::Removed)]);
    assert_eq!(outcome.dataset_group.map(|group| group.status.as_str()), Some("ACTIVE"));
}

#[tokio::test]
async fn without_the_link_to_the_profile_of_the_request_nothing_is_touched() {
    for status in ["ACTIVE", "CREATE PENDING", "CREATE FAILED", "DELETE IN_PROGRESS"] {
        for tags in [vec![], link("dzd_of_another_team", "another")] {
            let setup = linked(vec![]).await;
            let differences = 2;
            setup.put_group(DatasetGroupState { status: Some(status.to_owned()), tags, ..Default::default() }).await;
            let outcome = setup.retire(&setup.retirement(&["a"])).await.retirement_failed().await;
            assert_eq!(outcome.error, "DatasetGroupConflict", "{status}");
            assert_eq!(outcome.cause.differences.len(), differences, "{status}");
            assert_eq!((setup.effects().await, outcome.dataset_group), (vec![], None), "{status}");
        }
    }
}

#[tokio::test]
async fn only_a_source_of_the_parameter_starts_a_retirement() {
    let setup = linked(vec![]).await;
    // The event that starts something is sent last: when it has, the other would have too.
    setup.send_from("somebody", RETIREMENT_REQUESTED, &setup.retirement(&["a"])).await;
    let execution = setup.retire_by_event(&setup.request(), 1).await.remove(0);
    assert_eq!(execution.retired().await.disposition, Disposition::Deleted);
    assert_eq!(setup.members("a").await, [CONTRIBUTOR]);
}

#[tokio::test]
async fn an_invalid_retirement_lists_every_violation_and_no_service_is_called() {
    let setup = linked(vec![]).await;
    let mut request = setup.retirement(&["a", "a"]);
    request["datasetGroup"]["domain"] = json!("ECOMMERCE");
    let outcome = setup.retire(&request).await.retirement_failed().await;
    let paths: Vec<_> = outcome.cause.violations.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, ["$.datasetGroup.domain", "$.policy.removeProjects[1]"]);
    // An event for the other state machine.
    let sample: Value = serde_json::from_str(&read("events/dataset-group-requested.json")).expect("JSON");
    assert_eq!(setup.retire(&sample).await.retirement_failed().await.error, "InvalidRequest");
    assert_eq!(setup.calls().await.len(), 0);
}

#[tokio::test]
async fn a_plan_says_what_would_be_removed_and_removes_nothing() {
    let planned = async |setup: &Setup| {
        let mut request = setup.retirement(&["a"]);
        request["policy"]["mode"] = json!("PLAN");
        let execution = setup.retire(&request).await;
        let plan = execution.retirement_planned().await.plan;
        assert_eq!((setup.effects().await, execution.red_events()), (vec![], 0));
        assert!(!execution.states().contains(&"WaitForStatus"), "a plan waits for nothing");
        let projects = plan.projects.iter().map(|project| project.action.as_str());
        let actions = [plan.dataset_group.action.as_str()].into_iter().chain(projects);
        (actions.collect::<Vec<_>>().join(" "), plan.would_fail.map(|cause| cause.error))
    };
    let status = |status| vec![Step::status(status)];
    for (steps, expected) in [
        (vec![], "DELETE REMOVE"),
        (status("CREATE IN_PROGRESS"), "AWAIT_CREATION REMOVE"),
        (status("DELETE PENDING"), "AWAIT_DELETION REMOVE"),
    ] {
        assert_eq!(planned(&linked(steps).await).await, (expected.to_owned(), None));
    }
    let setup = linked(vec![]).await;
    setup.put_group(DatasetGroupState::default()).await;
    assert_eq!(planned(&setup).await, ("REFUSE".to_owned(), Some("DatasetGroupConflict".to_owned())));
    setup.control.remove_dataset_group(&setup.name).await.expect("removed");
    assert_eq!(planned(&setup).await, ("NONE LEAVE".to_owned(), None));
}

#[tokio::test]
async fn a_denied_removal_keeps_the_group_and_a_rerun_continues() {
    let setup = linked(vec![]).await;
    setup.put_project("b", &[(&setup.group, CONTRIBUTOR)]).await;
    setup.fault_in("a", "DeleteProjectMembership", None, Kind::AccessDenied).await;
    setup.fault_in("b", "DeleteProjectMembership", Some(1), Kind::Throttle { code: None }).await;
    let request = setup.retirement(&["a", "b"]);
    let execution = setup.retire(&request).await;
    let outcome = execution.retirement_failed().await;
    assert_eq!((outcome.error.as_str(), execution.red_events()), ("AccessDenied", 0));
    assert!(outcome.cause.remedy.contains("datazone:DeleteProjectMembership"), "{}", outcome.cause.remedy);
    assert_eq!(outcome.changes.projects, [removal(&setup, "b", RemovalChange::Removed)]);
    assert_eq!(setup.dataset_group().await.and_then(|group| group.status).as_deref(), Some("ACTIVE"));

    setup.end_faults().await;
    let changes = setup.retire(&request).await.retired().await.changes.projects;
    assert_eq!(changes, [removal(&setup, "a", RemovalChange::Removed), removal(&setup, "b", RemovalChange::Absent)]);
}

#[tokio::test]
async fn two_retirements_at_once_delete_the_group_once_and_both_succeed() {
    let setup = linked(vec![]).await;
    // Both look before one of them deletes.
    setup.fault("DeleteDatasetGroup", Some(2), Kind::Delay { milliseconds: 2_000 }).await;
    let request = setup.retirement(&["a"]);
    let (one, other) = join!(setup.retire(&request), setup.retire(&request));
    let dispositions = [one.retired().await.disposition, other.retired().await.disposition];
    assert!(dispositions.contains(&Disposition::Deleted), "{dispositions:?}");
    let effects = setup.effects().await;
    assert_eq!(effects.iter().filter(|effect| *effect == "DeleteDatasetGroup").count(), 1);
    assert_eq!((setup.dataset_group().await, setup.members("a").await), (None, vec![]));
}

#[tokio::test]
async fn a_retirement_and_a_provisioning_at_once_end_in_one_of_the_two_and_both_outcomes_are_true() {
    let setup = linked(vec![]).await;
    let (retirement, request) = (setup.request(), setup.request());
    let (retired, provisioned) = join!(setup.retire(&retirement), setup.run(&request));
    let retired = retired.retired().await;
    assert_eq!(retired.disposition, Disposition::Deleted);
    let created = |group: &Value| group["creationDateTime"].clone();
    let retired = created(&json!(retired.dataset_group));
    match (setup.dataset_group().await, &provisioned.output) {
        // The group that there is now is another one than the retired one.
        (Some(group), Some(output)) => {
            assert_eq!(created(&output["datasetGroup"]), created(&json!(group)));
            assert_ne!(created(&output["datasetGroup"]), retired);
        }
        // It was adopted first, and retired then.
        (None, Some(output)) => assert_eq!(created(&output["datasetGroup"]), retired),
        // It vanished while the provisioning was at work.
        (_, None) => assert_eq!(provisioned.failed().await.error, "NotFound"),
    }
}
