//! The profile becomes a member of each project, once, and what fails in one project concerns no other.

use contract::StepError;
use contract::outcome::{Membership, MembershipChange};
use contract::plan::ProjectAction;
use contract::request::Designation;
use contract::step_error::Cause;
use serde_json::{Value, json};
use simulators::{Behaviour, ExistingMembership, Fault, Kind, MemberGroupId, Profile, ProfileStatus, Service};
use tokio::join;
use workflow_tests::{DOMAIN, GROUP, ROLE, Setup, changed, request, request_for_role};

const VIEWER: &str = "PROJECT_CATALOG_VIEWER";
const OWNER: &str = "PROJECT_OWNER";

/// The request with these projects, each as a viewer.
fn for_projects(request: Value, projects: &[&str]) -> Value {
    let project = |id: &&str| json!({"projectIdentifier": id, "designation": VIEWER});
    let projects: Vec<_> = projects.iter().map(project).collect();
    changed(request, &json!({"groupProfile": {"projects": projects}}))
}

/// The group and its profile are there, and projects without members.
async fn with_projects(projects: &[&str]) -> Setup {
    let setup = Setup::start().await;
    setup.put_group("ACTIVE").await;
    setup.put_profile(Profile::of_group(GROUP, ProfileStatus::Assigned)).await;
    setup.put_profile(Profile::of_role(ROLE, ProfileStatus::Assigned)).await;
    for project in projects {
        setup.put_project(project, &[]).await;
    }
    setup
}

async fn behave(setup: &Setup, change: impl FnOnce(Behaviour) -> Behaviour) {
    let behaviour = setup.control.behaviour().await.expect("the settings");
    setup.control.set_behaviour(&change(behaviour)).await.expect("an order");
}

/// Lets something go wrong in one project.
async fn fail_in(setup: &Setup, project: &str, operation: &str, kind: Kind, times: Option<u32>) {
    let fault = Fault { times, resource: Some(project.to_owned()), ..Fault::new(Service::DataZone, kind) };
    setup.control.add_fault(fault.operation(operation)).await.expect("a fault");
}

fn error(status: u16, code: &str) -> Kind {
    Kind::Error { status, code: code.to_owned(), message: None }
}

/// The calls about projects.
async fn calls(setup: &Setup) -> Vec<String> {
    let calls = setup.take_calls().await;
    calls.into_iter().filter(|call| call.contains("ProjectMembership")).collect()
}

/// The designations of the members of a project.
async fn members(setup: &Setup, project: &str) -> Vec<String> {
    let project = setup.projects().await.into_iter().find(|known| known.id == project).expect("a project");
    project.members.into_iter().map(|member| member.designation).collect()
}

fn membership(project: &str, change: MembershipChange) -> Membership {
    let (project_identifier, designation) = (project.to_owned(), VIEWER.to_owned());
    Membership { project_identifier, change, designation, requested_designation: None }
}

#[tokio::test]
async fn a_profile_becomes_a_member_of_each_project_once() {
    let (group, profile) = (MemberGroupId::Group, MemberGroupId::Profile);
    for (request, member_group_id) in
        [(request(), group), (request(), profile), (request_for_role(), group), (request_for_role(), profile)]
    {
        let setup = with_projects(&["p1", "p2"]).await;
        behave(&setup, |behaviour| Behaviour { member_group_id, ..behaviour }).await;
        let request = for_projects(request, &["p1", "p2"]);
        let list = "ListProjectMemberships";
        for (change, expected) in [
            (MembershipChange::Added, vec![list, "CreateProjectMembership effect", list]),
            (MembershipChange::Kept, vec![list]),
        ] {
            let done = setup.provision(&request).await.expect("provisioned");
            let projects = ["p1", "p2"].map(|id| membership(id, change));
            assert_eq!((done.changes.projects, done.failed), (projects.into(), None));
            assert_eq!(calls(&setup).await, [&expected[..], &expected].concat());
        }
        for project in ["p1", "p2"] {
            assert_eq!(members(&setup, project).await, [VIEWER]);
        }
    }
}

#[tokio::test]
async fn a_member_keeps_any_other_designation_and_the_outcome_has_both() {
    for designation in [OWNER, "USER_CREATED_DESIGNATION", "PROJECT_ASTRONAUT"] {
        let setup = with_projects(&[]).await;
        setup.put_project("p1", &[(GROUP, designation)]).await;
        let request = for_projects(request(), &["p1"]);
        let planned = setup.plan(&request).await.expect("a plan").projects.remove(0);
        let done = setup.provision(&request).await.expect("provisioned");
        let kept = Membership {
            designation: designation.to_owned(),
            requested_designation: Some(Designation::ProjectCatalogViewer),
            ..membership("p1", MembershipChange::Kept)
        };
        assert_eq!(planned.action, ProjectAction::Keep);
        assert_eq!(
            (&planned.designation, planned.requested_designation),
            (&kept.designation, kept.requested_designation)
        );
        assert_eq!(done.changes.projects, [kept]);
        assert_eq!(members(&setup, "p1").await, [designation]);
    }
}

#[tokio::test]
async fn a_member_that_is_listed_on_a_later_page_is_found_and_a_user_is_no_member() {
    let setup = with_projects(&[]).await;
    let ids: Vec<_> = (0..60).map(|number| format!("00000000-0000-4000-8000-0000000000{number:02}")).collect();
    let groups: Vec<_> = ids.iter().map(|id| (id.as_str(), id.as_str())).collect();
    setup.control.add_domain(DOMAIN, &groups).await.expect("an order");
    let others: Vec<_> = ids.iter().map(|id| (id.as_str(), OWNER)).collect();
    setup.put_project("p1", &others).await;
    setup.put_project("p1", &[(GROUP, VIEWER)]).await;
    let done = setup.provision(&for_projects(request(), &["p1"])).await.expect("provisioned");
    assert_eq!(done.changes.projects, [membership("p1", MembershipChange::Kept)]);
    assert_eq!(calls(&setup).await, ["ListProjectMemberships"; 2]);
}

#[tokio::test]
async fn a_creation_whose_response_is_lost_is_found_by_the_next_run_of_the_step() {
    for (kind, change, created) in [
        (Kind::CutAfterEffect, MembershipChange::Kept, 1),
        (Kind::CutBeforeEffect, MembershipChange::Added, 2),
        (error(500, "InternalServerException"), MembershipChange::Added, 2),
        (Kind::Throttle { code: None }, MembershipChange::Added, 2),
    ] {
        let setup = with_projects(&["p1"]).await;
        // It would be seen if the call were sent again.
        behave(&setup, |behaviour| Behaviour { existing_membership: ExistingMembership::Overwrite, ..behaviour }).await;
        setup.fail(Service::DataZone, "CreateProjectMembership", kind.clone(), Some(1)).await;
        let done = setup.provision(&for_projects(request(), &["p1"])).await.expect("provisioned");
        assert_eq!(done.changes.projects, [membership("p1", change)], "{kind:?}");
        let creations = calls(&setup).await.into_iter().filter(|call| call.starts_with("Create")).count();
        assert_eq!(creations, created, "{kind:?}");
    }
}

#[tokio::test]
async fn a_rejected_creation_of_a_member_that_exists_by_now_is_no_failure() {
    for kind in [
        error(400, "ValidationException"),
        error(409, "ConflictException"),
        error(402, "ServiceQuotaExceededException"),
        error(400, "SomethingNew"),
    ] {
        let setup = with_projects(&[]).await;
        setup.put_project("p1", &[(GROUP, VIEWER)]).await;
        // The first list is from before another execution added the profile.
        let nobody =
            Kind::Raw { status: 200, headers: [].into(), body: json!({"members": []}).to_string(), effect: false };
        setup.fail(Service::DataZone, "ListProjectMemberships", nobody, Some(1)).await;
        setup.fail(Service::DataZone, "CreateProjectMembership", kind.clone(), Some(1)).await;
        let done = setup.provision(&for_projects(request(), &["p1"])).await.expect("provisioned");
        assert_eq!(
            (done.changes.projects, done.failed),
            (vec![membership("p1", MembershipChange::Kept)], None),
            "{kind:?}"
        );
        let list = "ListProjectMemberships".to_owned();
        let calls = calls(&setup).await;
        assert_eq!((calls.len(), &calls[0], &calls[2]), (3, &list, &list), "{kind:?}");
    }
}

#[tokio::test]
async fn a_project_that_fails_does_not_stop_the_others_and_the_first_failure_is_told() {
    for (kind, name) in [
        (Kind::AccessDenied, "AccessDenied"),
        (error(404, "ResourceNotFoundException"), "NotFound"),
        (error(400, "ValidationException"), "InvalidRequest"),
        (error(402, "ServiceQuotaExceededException"), "QuotaExceeded"),
        (error(418, "Teapot"), "Unexpected"),
    ] {
        for operation in ["ListProjectMemberships", "CreateProjectMembership"] {
            let setup = with_projects(&["p1", "p2", "p4"]).await;
            fail_in(&setup, "p2", operation, kind.clone(), None).await;
            // The project p3 does not exist.
            let done = setup.provision(&for_projects(request(), &["p1", "p2", "p3", "p4"])).await.expect("the others");
            let added = ["p1", "p4"].map(|id| membership(id, MembershipChange::Added));
            assert_eq!(done.changes.projects, added, "{name} {operation}");
            let cause = done.failed.expect("a failure");
            assert_eq!((cause.error.as_str(), cause.operation.as_deref()), (name, Some(operation)));
            let resource = format!("project p2 in domain {DOMAIN} for group {GROUP} as {VIEWER}");
            assert_eq!(cause.resource, Some(resource));
            // Once the reason is gone, a rerun adds what is missing.
            setup.control.clear_faults().await.expect("an order");
            setup.put_project("p3", &[]).await;
            let rerun =
                setup.provision(&for_projects(request(), &["p1", "p2", "p3", "p4"])).await.expect("provisioned");
            let kept = |id| if ["p1", "p4"].contains(&id) { MembershipChange::Kept } else { MembershipChange::Added };
            let all = ["p1", "p2", "p3", "p4"].map(|id| membership(id, kept(id)));
            assert_eq!((rerun.changes.projects, rerun.failed), (all.into(), None), "{name} {operation}");
        }
    }
}

#[tokio::test]
async fn a_profile_that_datazone_takes_for_no_member_is_not_found_and_the_group_stays_provisioned() {
    let setup = with_projects(&["p1"]).await;
    behave(&setup, |behaviour| Behaviour { member_by_profile_id: false, ..behaviour }).await;
    let done = setup.provision(&for_projects(request_for_role(), &["p1"])).await.expect("the rest");
    let cause = done.failed.expect("a failure");
    assert_eq!((cause.error.as_str(), cause.operation.as_deref()), ("NotFound", Some("CreateProjectMembership")));
    assert!(cause.resource.is_some_and(|resource| resource.contains(&format!("for role {ROLE}"))));
    assert_eq!(done.changes.tags_added.len(), 3);
}

#[tokio::test]
async fn a_project_that_is_not_available_ends_the_step_before_the_projects_that_follow() {
    let setup = with_projects(&["p1", "p2"]).await;
    fail_in(&setup, "p1", "ListProjectMemberships", error(500, "InternalServerException"), None).await;
    let error = setup.provision(&for_projects(request(), &["p1", "p2"])).await.expect_err("not available");
    assert_eq!(error.name(), "Unavailable");
    assert_eq!(members(&setup, "p2").await, [""; 0]);
}

#[tokio::test]
async fn a_member_that_is_not_listed_after_its_creation_is_unavailable() {
    let setup = with_projects(&["p1"]).await;
    behave(&setup, |behaviour| Behaviour { existing_membership: ExistingMembership::Return, ..behaviour }).await;
    let nobody = Kind::Raw { status: 200, headers: [].into(), body: json!({"members": []}).to_string(), effect: false };
    setup.fail(Service::DataZone, "ListProjectMemberships", nobody, None).await;
    let error = setup.provision(&for_projects(request(), &["p1"])).await.expect_err("never listed");
    assert!(matches!(error, StepError::Unavailable(_)) && error.to_string().contains("not listed yet as"), "{error}");
}

#[tokio::test]
async fn two_executions_at_once_make_one_member_whatever_a_second_creation_does() {
    for existing_membership in [
        ExistingMembership::ValidationException,
        ExistingMembership::ConflictException,
        ExistingMembership::Return,
        ExistingMembership::Overwrite,
    ] {
        let setup = with_projects(&["p1"]).await;
        behave(&setup, |behaviour| Behaviour { existing_membership, ..behaviour }).await;
        // Both look before one of them acts.
        setup.fail(Service::DataZone, "CreateProjectMembership", Kind::Delay { milliseconds: 100 }, Some(2)).await;
        let request = for_projects(request(), &["p1"]);
        let (one, other) = join!(setup.provision(&request), setup.provision(&request));
        for ended in [one, other] {
            let done = ended.expect("provisioned");
            assert_eq!((done.changes.projects.len(), done.failed), (1, None), "{existing_membership:?}");
        }
        assert_eq!(members(&setup, "p1").await, [VIEWER]);
        let effects = setup.effects().await.into_iter().filter(|effect| effect == "CreateProjectMembership").count();
        assert_eq!(effects, 1, "{existing_membership:?}");
    }
}

#[tokio::test]
async fn a_plan_of_projects_is_what_happens_next_and_changes_nothing() {
    let setup = Setup::start().await;
    for (project, members) in [("p1", vec![]), ("p2", vec![(GROUP, VIEWER)]), ("p4", vec![])] {
        setup.put_project(project, &members).await;
    }
    // The project p3 does not exist.
    let request = for_projects(request(), &["p1", "p2", "p3", "p4"]);
    let plan = setup.plan(&request).await.expect("a plan");
    assert_eq!(setup.effects().await, [""; 0]);
    let planned: Vec<_> = plan.projects.iter().map(|plan| (plan.project_identifier.as_str(), plan.action)).collect();
    let (add, keep) = (ProjectAction::Add, ProjectAction::Keep);
    assert_eq!(planned, [("p1", add), ("p2", keep), ("p4", add)]);
    let done = setup.provision(&request).await.expect("the others");
    let told = |cause: Option<Box<Cause>>| cause.map(|cause| (cause.error, cause.message));
    assert_eq!(told(done.failed), told(plan.would_fail));
    let did: Vec<_> =
        done.changes.projects.iter().map(|done| (done.project_identifier.as_str(), done.change)).collect();
    let (added, kept) = (MembershipChange::Added, MembershipChange::Kept);
    assert_eq!(did, [("p1", added), ("p2", kept), ("p4", added)]);
}

#[tokio::test]
async fn a_plan_that_may_not_look_into_a_project_fails() {
    let setup = with_projects(&["p1", "p2"]).await;
    fail_in(&setup, "p2", "ListProjectMemberships", Kind::AccessDenied, None).await;
    let error = setup.plan(&for_projects(request(), &["p1", "p2"])).await.expect_err("denied");
    assert_eq!(error.name(), "AccessDenied");
}
