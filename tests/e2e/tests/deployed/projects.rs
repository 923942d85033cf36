//! Access to projects, on the deployed stack.

use contract::outcome::{Membership, MembershipChange};
use contract::request::Designation;
use e2e_tests::{Execution, Setup, eventually};
use serde_json::json;
use simulators::{DatasetGroupState, Kind};
use tokio::join;

const CONTRIBUTOR: &str = "PROJECT_CONTRIBUTOR";

fn membership(setup: &Setup, project: &str, change: MembershipChange) -> Membership {
    let (project_identifier, designation) = (setup.project(project), CONTRIBUTOR.to_owned());
    Membership { project_identifier, change, designation, requested_designation: None }
}

#[tokio::test]
async fn the_profile_of_a_new_and_of_an_adopted_group_becomes_a_member_of_each_project() {
    for existing in [None, Some(DatasetGroupState::default())] {
        let setup = Setup::new().await;
        if let Some(group) = existing {
            setup.put_group(group).await;
        }
        setup.put_project("a", &[]).await;
        setup.put_project("b", &[(&setup.group, "PROJECT_OWNER")]).await;
        let request = setup.request_for_projects(&["a", "b"]);
        let kept = Membership {
            designation: "PROJECT_OWNER".to_owned(),
            requested_designation: Some(Designation::ProjectContributor),
            ..membership(&setup, "b", MembershipChange::Kept)
        };
        for change in [MembershipChange::Added, MembershipChange::Kept] {
            let execution = setup.run(&request).await;
            let outcome = execution.provisioned().await;
            assert_eq!(outcome.changes.projects, [membership(&setup, "a", change), kept.clone()]);
            let end =
                ["BootstrapGroupProfile", "CheckStatus", "AddProjectMembers", "CheckStatus", "ComposeProvisioned"];
            assert!(execution.states().windows(end.len()).any(|states| states == end), "{:?}", execution.states());
            assert_eq!(execution.red_events(), 0);
        }
        assert_eq!(setup.members("a").await, [CONTRIBUTOR]);
        assert_eq!(setup.members("b").await, ["PROJECT_OWNER"]);
        assert_eq!(setup.count("CreateProjectMembership").await, 1);
    }
}

#[tokio::test]
async fn an_execution_that_is_stopped_between_two_projects_is_continued_by_a_rerun() {
    let setup = Setup::new().await;
    setup.put_project("a", &[]).await;
    setup.put_project("b", &[]).await;
    setup.fault_in("b", "ListProjectMemberships", Some(1), Kind::Delay { milliseconds: 1_500 }).await;
    let request = setup.request_for_projects(&["a", "b"]);
    let arn = setup.start(&request).await;
    let is_member = || async { (!setup.members("a").await.is_empty()).then_some(()) };
    eventually("the first project", is_member).await;
    setup.workflow.sfn.stop_execution().execution_arn(&arn).error("Stopped").send().await.expect("stopped");
    Execution::ended(&setup.workflow, &arn).await;

    let projects = setup.run(&request).await.provisioned().await.changes.projects;
    assert_eq!(projects[0], membership(&setup, "a", MembershipChange::Kept));
    assert_eq!(projects[1].designation, CONTRIBUTOR);
    assert_eq!(setup.members("b").await, [CONTRIBUTOR]);
}

#[tokio::test]
async fn two_executions_at_once_make_one_member() {
    let setup = Setup::new().await;
    setup.put_project("a", &[]).await;
    // Both look before one of them acts.
    setup.fault_in("a", "CreateProjectMembership", Some(2), Kind::Delay { milliseconds: 500 }).await;
    let request = setup.request_for_projects(&["a"]);
    let (one, other) = join!(setup.run(&request), setup.run(&request));
    for execution in [one, other] {
        assert_eq!(execution.provisioned().await.changes.projects.len(), 1);
    }
    assert_eq!(setup.members("a").await, [CONTRIBUTOR]);
    let effects = setup.effects().await;
    assert_eq!(effects.iter().filter(|effect| *effect == "CreateProjectMembership").count(), 1);
}

#[tokio::test]
async fn projects_that_fail_do_not_stop_the_others_and_a_rerun_adds_what_is_missing() {
    let setup = Setup::new().await;
    for project in ["a", "b", "d"] {
        setup.put_project(project, &[]).await;
    }
    // Nobody knows c, and d is throttled for a while.
    setup.fault_in("b", "CreateProjectMembership", None, Kind::AccessDenied).await;
    setup.fault_in("d", "CreateProjectMembership", Some(1), Kind::Throttle { code: None }).await;
    let request = setup.request_for_projects(&["a", "b", "c", "d"]);
    let execution = setup.run(&request).await;
    let outcome = execution.failed().await;
    assert_eq!((outcome.error.as_str(), execution.red_events()), ("AccessDenied", 0));
    assert!(execution.states().contains(&"WaitForCapacity"));
    let resource = outcome.cause.resource.expect("a resource");
    for named in [setup.project("b"), setup.domain.clone(), setup.group.clone(), CONTRIBUTOR.to_owned()] {
        assert!(resource.contains(&named), "{resource}");
    }
    assert!(outcome.cause.remedy.contains("datazone:CreateProjectMembership, and make it an owner of the project"));
    // The last run of the step finds what the throttled one did.
    let changes = [("a", MembershipChange::Kept), ("d", MembershipChange::Added)];
    assert_eq!(outcome.changes.projects, changes.map(|(project, change)| membership(&setup, project, change)));
    assert_eq!(outcome.dataset_group.map(|group| group.status.as_str()), Some("ACTIVE"));

    setup.end_faults().await;
    let outcome = setup.run(&request).await.failed().await;
    assert_eq!((outcome.error.as_str(), outcome.cause.resource), ("NotFound", Some(resource.replace("-b ", "-c "))));
    setup.put_project("c", &[]).await;
    let outcome = setup.run(&request).await.provisioned().await;
    assert_eq!(outcome.changes.projects.len(), 4);
    assert_eq!(setup.members("c").await, [CONTRIBUTOR]);
}

#[tokio::test]
async fn a_plan_lists_the_projects_and_adds_nobody() {
    let setup = Setup::new().await;
    setup.put_project("a", &[]).await;
    setup.put_project("b", &[(&setup.group, CONTRIBUTOR)]).await;
    let mut request = setup.request_for_projects(&["a", "b", "c"]);
    request["policy"] = json!({"mode": "PLAN"});
    let plan = setup.run(&request).await.planned().await.plan;
    let actions: Vec<_> = plan.projects.iter().map(|plan| (&plan.project_identifier, plan.action.as_str())).collect();
    assert_eq!(actions, [(&setup.project("a"), "ADD"), (&setup.project("b"), "KEEP")]);
    let failure = plan.would_fail.expect("nobody knows the third");
    assert_eq!((failure.error.as_str(), failure.operation.as_deref()), ("NotFound", Some("ListProjectMemberships")));
    assert_eq!(setup.effects().await, [""; 0]);
}

#[tokio::test]
async fn an_owner_of_a_project_is_made_only_where_the_deployment_allows_it() {
    let setup = Setup::new().await;
    let owner = json!([{"projectIdentifier": setup.project("a"), "designation": "PROJECT_OWNER"}]);
    let outcome = setup.run(&setup.request_with(&[("/groupProfile/projects", owner)])).await.failed().await;
    assert_eq!(outcome.error, "InvalidRequest");
    let paths: Vec<_> = outcome.cause.violations.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, ["$.groupProfile.projects[0].designation"]);
    assert_eq!(setup.calls().await.len(), 0);
}
