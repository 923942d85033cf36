//! A plan changes nothing, and what it says is what happens next.

use std::collections::BTreeSet;

use contract::outcome::{Changes, Disposition, Membership, MembershipChange, ProfileChange};
use contract::plan::{GroupAction, LinkAction, Plan, ProfileAction, ProjectAction, ProjectPlan};
use contract::step_error::Cause;
use contract::{DatasetGroupStatus, StepError};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Kind, Profile, ProfileStatus, Service, Step, Tag};
use workflow_tests::{
    DOMAIN, GROUP, KEY, NAME, OTHER_DOMAIN, PROJECT, ROLE, Setup, changed, request, request_for_role, tag,
};

/// What an execution finds.
#[derive(Debug, Clone)]
struct World {
    /// The status of the dataset group, where there is one.
    group: Option<DatasetGroupStatus>,
    tags: Vec<Tag>,
    profile: Option<Profile>,
    project: Project,
    request: Value,
}

/// What the project of the request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Project {
    /// The request has none.
    None,
    Unknown,
    New,
    /// The group is a member with the designation of the request.
    Joined,
    /// The group is a member with another one.
    JoinedAsOwner,
}

const PROJECTS: [Project; 5] = [Project::None, Project::Unknown, Project::New, Project::Joined, Project::JoinedAsOwner];

const GROUPS: [Option<DatasetGroupStatus>; 6] = [
    None,
    Some(DatasetGroupStatus::Active),
    Some(DatasetGroupStatus::CreateInProgress),
    Some(DatasetGroupStatus::CreateFailed),
    Some(DatasetGroupStatus::DeletePending),
    Some(DatasetGroupStatus::DeleteInProgress),
];

/// Tags of the group; some link it to the profile.
fn tags(profile: Option<&Profile>) -> [Vec<Tag>; 7] {
    let domain = |id: &str| tag("datazone:domain-id", id);
    let profile = tag("datazone:group-profile-id", profile.map_or("another", |profile| &profile.id));
    [
        vec![],
        vec![tag("team", "another"), domain(DOMAIN)],
        vec![tag("team", "media-secret"), domain(DOMAIN), profile.clone()],
        vec![profile],
        vec![domain(OTHER_DOMAIN)],
        (0..48).map(|number| tag(&number.to_string(), "")).collect(),
        (0..47).map(|number| tag(&number.to_string(), "")).collect(),
    ]
}

fn requests() -> [Value; 4] {
    let role = "arn:aws:iam::123456789012:role/personalize";
    [
        request(),
        request_for_role(),
        changed(request(), &json!({"policy": {"ifCreateFailed": "REPLACE"}})),
        changed(request(), &json!({"datasetGroup": {"kmsKeyArn": KEY, "roleArn": role}})),
    ]
}

fn worlds() -> Vec<World> {
    let mut worlds = vec![];
    for request in requests() {
        let for_role = request["groupProfile"]["groupIdentifier"].is_null();
        let of = |status| if for_role { Profile::of_role(ROLE, status) } else { Profile::of_group(GROUP, status) };
        for profile in [None, Some(of(ProfileStatus::NotAssigned)), Some(of(ProfileStatus::Assigned))] {
            for group in GROUPS {
                let tags = if group.is_some() { tags(profile.as_ref()).to_vec() } else { vec![vec![]] };
                for tags in tags {
                    let (profile, request) = (profile.clone(), request.clone());
                    worlds.push(World { group, tags, profile, project: Project::None, request });
                }
            }
        }
    }
    // In turn: what is done about a project depends on nothing else.
    worlds.into_iter().zip(PROJECTS.into_iter().cycle()).map(|(world, project)| World { project, ..world }).collect()
}

impl World {
    async fn made(&self) -> Setup {
        let setup = Setup::start().await;
        if let Some(status) = self.group {
            let (status, tags) = (Some(status.as_str().to_owned()), self.tags.clone());
            setup.put(DatasetGroupState { status, tags, ..setup.older_group() }).await;
        }
        if let Some(profile) = &self.profile {
            setup.put_profile(profile.clone()).await;
        }
        let members: &[_] = match self.project {
            Project::None | Project::Unknown => return setup,
            Project::New => &[],
            Project::Joined => &[(GROUP, "PROJECT_CONTRIBUTOR")],
            Project::JoinedAsOwner => &[(GROUP, "PROJECT_OWNER")],
        };
        setup.put_project(PROJECT, members).await;
        setup
    }

    fn request(&self) -> Value {
        match self.project {
            Project::None => self.request.clone(),
            Project::Unknown | Project::New | Project::Joined | Project::JoinedAsOwner => {
                let projects = json!([{"projectIdentifier": PROJECT}]);
                changed(self.request.clone(), &json!({"groupProfile": {"projects": projects}}))
            }
        }
    }

    /// How the group goes on by itself.
    fn steps(&self) -> Vec<Step> {
        use DatasetGroupStatus::{
            Active, CreateFailed, CreateInProgress, CreatePending, DeleteInProgress, DeletePending,
        };
        match self.group {
            None | Some(Active | CreateFailed) => vec![],
            Some(status @ (CreatePending | CreateInProgress)) => {
                vec![Step::status(status.as_str()), Step::status(Active.as_str())]
            }
            Some(status @ (DeletePending | DeleteInProgress)) => vec![Step::status(status.as_str()), Step::gone()],
        }
    }
}

/// The calls with an effect that a plan foresees.
fn effects(plan: &Plan) -> Vec<&'static str> {
    let of_group: &[_] = match plan.dataset_group.action {
        GroupAction::Create | GroupAction::AwaitDeletion => &["CreateDatasetGroup"],
        GroupAction::Replace => &["DeleteDatasetGroup", "CreateDatasetGroup"],
        GroupAction::Adopt | GroupAction::Refuse => &[],
    };
    let of_profile = plan.group_profile.as_ref().and_then(|profile| match profile.action {
        ProfileAction::Create => Some("CreateGroupProfile"),
        ProfileAction::Assign => Some("UpdateGroupProfile"),
        ProfileAction::Keep => None,
    });
    let of_tags = (!plan.dataset_group.tags_to_add.is_empty()).then_some("TagResource");
    let is_new = |project: &ProjectPlan| project.action == ProjectAction::Add;
    let of_projects = plan.projects.iter().any(is_new).then_some("CreateProjectMembership");
    [of_group, of_profile.as_slice(), of_tags.as_slice(), of_projects.as_slice()].concat()
}

/// The cause without the id of the call.
fn told(cause: &Cause) -> Cause {
    Cause { request_id: None, ..cause.clone() }
}

/// Plans, checks that nothing has changed, does it, and checks that this is what the plan said. Returns how it ended.
async fn keeps_its_word(world: &World) -> String {
    let setup = world.made().await;
    let planned = setup.plan(&world.request()).await;
    assert_eq!(setup.effects().await, [""; 0], "{world:?}");
    setup.take_calls().await;
    if !world.steps().is_empty() {
        setup.control.move_dataset_group(NAME, &world.steps()).await.expect("an order");
    }
    let done = setup.provision(&world.request()).await;
    let plan = match planned {
        Ok(plan) => plan,
        Err(error) => {
            assert_eq!(told(&done.expect_err("as the plan").cause()), told(&error.cause()), "{world:?}");
            return error.name().to_owned();
        }
    };
    assert_eq!(setup.effects().await, effects(&plan), "{world:?} {plan:?}");
    let failure = match &done {
        Ok(done) => done.failed.as_deref().map(told),
        Err(error) => Some(told(&error.cause())),
    };
    assert_eq!(plan.would_fail.as_deref().map(told), failure, "{world:?}");
    if let Ok(done) = done {
        let adopts = plan.dataset_group.action == GroupAction::Adopt;
        let disposition = if adopts { Disposition::Adopted } else { Disposition::Created };
        assert_eq!(done.disposition, Some(disposition), "{world:?}");
        assert_eq!(changes(&plan), done.changes, "{world:?}");
    }
    ended(&plan)
}

/// What a plan says that an execution would report.
fn changes(plan: &Plan) -> Changes {
    let profile = plan.group_profile.as_ref().map(|profile| match profile.action {
        ProfileAction::Create => ProfileChange::Created,
        ProfileAction::Assign => ProfileChange::Assigned,
        ProfileAction::Keep => ProfileChange::Kept,
    });
    let membership = |project: &ProjectPlan| Membership {
        project_identifier: project.project_identifier.clone(),
        change: match project.action {
            ProjectAction::Add => MembershipChange::Added,
            ProjectAction::Keep => MembershipChange::Kept,
        },
        designation: project.designation.clone(),
        requested_designation: project.requested_designation,
    };
    Changes {
        tags_added: plan.dataset_group.tags_to_add.clone(),
        tags_kept: plan.dataset_group.tags_kept.clone(),
        group_profile: profile,
        projects: plan.projects.iter().map(membership).collect(),
    }
}

fn ended(plan: &Plan) -> String {
    let profile = plan.group_profile.as_ref().map_or("-", |profile| profile.action.as_str());
    let link = plan.link.map_or("-", LinkAction::as_str);
    format!("{} {profile} {link}", plan.dataset_group.action.as_str())
}

#[tokio::test]
async fn what_a_plan_says_is_what_happens_next_in_every_world() {
    let mut seen = BTreeSet::new();
    for world in worlds() {
        seen.insert(keeps_its_word(&world).await);
    }
    let new = |group: &'static str| ["CREATE ADD", "ASSIGN ADD", "KEEP ADD"].map(|rest| format!("{group} {rest}"));
    let groups = ["CREATE", "ADOPT", "AWAIT_DELETION", "REPLACE"].map(new).into_iter().flatten();
    let others = ["ADOPT ASSIGN KEEP", "ADOPT KEEP KEEP", "ADOPT - REFUSE", "REFUSE - -", "InvalidRequest"];
    assert_eq!(seen, groups.chain(others.map(str::to_owned)).collect());
}

#[tokio::test]
async fn a_plan_is_ended_by_what_ends_it_at_any_call_and_by_nothing_else() {
    let error = |status, code: &str| Kind::Error { status, code: code.to_owned(), message: None };
    for (kind, name) in [
        (Kind::AccessDenied, Err("AccessDenied")),
        (error(500, "InternalServerException"), Err("Unavailable")),
        (error(400, "ValidationException"), Err("InvalidRequest")),
        (error(429, "ThrottlingException"), Err("ProvisioningTimedOut")),
        (error(402, "ServiceQuotaExceededException"), Ok("QuotaExceeded")),
        (error(418, "Teapot"), Ok("Unexpected")),
    ] {
        for (service, operation) in [
            (Service::Personalize, "DescribeDatasetGroup"),
            (Service::Personalize, "ListTagsForResource"),
            (Service::DataZone, "GetGroupProfile"),
            (Service::DataZone, "SearchGroupProfiles"),
            (Service::DataZone, "ListProjectMemberships"),
        ] {
            let setup = Setup::start().await;
            setup.put_group("ACTIVE").await;
            setup.put_project(PROJECT, &[]).await;
            setup.fail(service, operation, kind.clone(), None).await;
            let request = if operation == "SearchGroupProfiles" { request_for_role() } else { request() };
            let projects = json!({"groupProfile": {"projects": [{"projectIdentifier": PROJECT}]}});
            let planned = setup.plan(&changed(request, &projects)).await;
            let planned = planned.as_ref().map(|plan| plan.would_fail.as_ref().expect("a failure").error.as_str());
            assert_eq!(planned.map_err(StepError::name), name, "{operation} {kind:?}");
            assert_eq!(setup.effects().await, [""; 0]);
        }
    }
}
