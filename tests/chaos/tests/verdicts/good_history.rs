//! A good history, as a storm could have left it: of seven names, each with one event in the storm and one rerun.

use chaos::{
    Asked, AskedProject, Configuration, Ended, Execution, History, Name, Plan, Principal, Purpose, Sent, ServicesState,
    Told, Trigger,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulators::{
    Answer, Behaviour, Call, ContentKind, Contents, DatasetGroupState, DomainState, Group, Membership, Profile,
    ProfileStatus, Project, ProjectMember, Resource, Service, Settings, Step, Tag, Transition,
};

pub const DOMAIN: &str = "dzd_a";
pub const GROUP: &str = "a1b2c3d4-5678-90ab-cdef-000000000001";
pub const PROFILE: &str = "00000000-0000-4000-8000-000000000001";
pub const FAILED: &str = "CREATE FAILED";
const ACTIVE: &str = "ACTIVE";
/// Created in the storm.
pub const NEW: &str = "new";
/// Stands in CREATE FAILED and is replaced.
pub const REPLACED: &str = "replaced";
/// Stands with another configuration.
pub const OTHER: &str = "other";
/// Its creation is denied in the storm, and works in the rerun.
pub const DENIED: &str = "denied";
/// Only planned.
pub const PLANNED: &str = "planned";
/// Is linked, and retired in the storm.
pub const RETIRED: &str = "retired";
/// Is linked, and cannot be retired: it has a dataset.
pub const FULL: &str = "full";
const DATASET: &str = "interactions";
const NAMES: [&str; 7] = [NEW, REPLACED, OTHER, DENIED, PLANNED, RETIRED, FULL];
/// A project whose access is taken with [`RETIRED`].
pub const GIVEN_BACK: &str = "given-back";
/// A project that [`NEW`] is asked for in and becomes a contributor of.
pub const JOINED: &str = "joined";
/// A project that [`NEW`] is asked for in as a contributor and is a viewer of.
pub const VIEWED: &str = "viewed";
pub const CONTRIBUTOR: &str = "PROJECT_CONTRIBUTOR";
pub const VIEWER: &str = "PROJECT_CATALOG_VIEWER";

/// A good history.
pub fn good_history() -> History {
    let mut recorder = Recorder::begin();
    recorder.created(NEW, "storm", 10);
    recorder.replaced();
    recorder.conflict("storm");
    recorder.denied();
    recorder.planned("storm");
    recorder.retired();
    recorder.full("storm");
    let before = ServicesState { groups: groups(&[NEW, REPLACED, OTHER, FULL]), domains: recorder.domains() };
    recorder.history.rounds.push(before);
    recorder.adopted(NEW, 10);
    recorder.adopted(REPLACED, 21);
    recorder.conflict("rerun");
    recorder.created(DENIED, "rerun", 40);
    recorder.planned("rerun");
    recorder.retired_before();
    recorder.full("rerun");
    recorder.history.end =
        ServicesState { groups: groups(&[NEW, REPLACED, OTHER, DENIED, FULL]), domains: recorder.domains() };
    recorder.history
}

/// Writes a history down, call by call.
pub struct Recorder {
    pub history: History,
    now: Timestamp,
    trace: u32,
}

impl Recorder {
    /// Goes on with a history after its end.
    pub fn after(history: History) -> Self {
        let last = history.executions.iter().map(|execution| execution.stopped).max().unwrap_or_default();
        Self { history, now: last + SignedDuration::from_secs(1), trace: 1_000 }
    }

    fn begin() -> Self {
        let trigger = |when: &str, request: usize, name: usize| Trigger {
            id: format!("{when}-{}", NAMES[name]),
            name,
            request,
            abort_in: None,
        };
        let plan = Plan {
            seed: 1,
            behaviour: Behaviour::of(&Settings::default()),
            domains: vec![DomainState {
                id: DOMAIN.to_owned(),
                groups: vec![Group { id: GROUP.to_owned(), name: "team".to_owned() }],
                projects: vec![
                    project(JOINED, None),
                    project(VIEWED, Some(VIEWER)),
                    project(GIVEN_BACK, Some(CONTRIBUTOR)),
                ],
                ..DomainState::default()
            }],
            names: NAMES.into_iter().map(planned).collect(),
            // The same request twice, so that one of them can be doctored alone.
            triggers: (0..NAMES.len()).map(|name| trigger("storm", 1, name)).collect(),
            order: (0..NAMES.len()).collect(),
            manifest: Vec::new(),
            at_once: NAMES.len(),
            faults: Vec::new(),
            rounds: vec![(0..NAMES.len()).map(|name| trigger("rerun", 0, name)).collect()],
        };
        let (sent, executions, batches, told, calls, rounds) = (vec![], vec![], vec![], vec![], vec![], vec![]);
        let history = History { plan, sent, executions, batches, told, calls, rounds, end: ServicesState::default() };
        Self { history, now: "2026-01-01T00:00:00Z".parse().expect("a moment"), trace: 0 }
    }

    /// The next invocation.
    pub fn invocation(&mut self) {
        self.trace += 1;
    }

    /// The trace of the invocation that is going on.
    pub fn trace(&self) -> String {
        format!("Root={}", self.trace)
    }

    fn tick(&mut self) -> Timestamp {
        self.now += SignedDuration::from_millis(10);
        self.now
    }

    /// A call to Personalize that went well.
    pub fn personalize(
        &mut self,
        operation: &str,
        name: &str,
        request: Value,
        transition: Option<(u64, Option<&str>, Option<&str>)>,
    ) -> &mut Call {
        let resource = Resource { dataset_group: Some(name.to_owned()), ..Resource::default() };
        let call = self.call(Service::Personalize, operation, resource, request);
        call.transition = transition.map(|(generation, before, after)| Transition {
            generation,
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        });
        call
    }

    /// A call about a project that went well, with the designation that the profile has there before and after it.
    pub fn project(&mut self, operation: &str, project: &str, before: Option<&str>, after: Option<&str>) -> &mut Call {
        let changes = before.is_some() || after.is_some();
        let member = || json!({"member": {"groupIdentifier": GROUP}, "designation": after});
        let call = self.datazone(operation, GROUP, if changes { member() } else { Value::Null });
        call.resource.project = Some(project.to_owned());
        call.resource.group = changes.then(|| GROUP.to_owned());
        let membership = || Membership { before: before.map(str::to_owned), after: after.map(str::to_owned) };
        call.membership = changes.then(membership);
        call
    }

    /// A call to DataZone that went well.
    pub fn datazone(&mut self, operation: &str, group: &str, request: Value) -> &mut Call {
        let (domain, group) = (Some(DOMAIN.to_owned()), Some(group.to_owned()));
        self.call(Service::DataZone, operation, Resource { domain, group, ..Resource::default() }, request)
    }

    fn call(&mut self, service: Service, operation: &str, resource: Resource, request: Value) -> &mut Call {
        let received_at = self.tick();
        let ended_at = Some(self.tick());
        let sequence = self.history.calls.len() as u64 + 1;
        let effect = [
            "CreateDatasetGroup",
            "DeleteDatasetGroup",
            "TagResource",
            "UntagResource",
            "CreateGroupProfile",
            "CreateProjectMembership",
            "DeleteProjectMembership",
        ];
        self.history.calls.push(Call {
            sequence,
            received_at,
            service,
            operation: operation.to_owned(),
            resource,
            request,
            status: Answer::Status(200),
            error_code: None,
            fault: None,
            rate_limited: false,
            effect: effect.contains(&operation),
            request_id: Some(format!("call-{sequence}")),
            trace_id: Some(self.trace()),
            credential: None,
            ended_at,
            transition: None,
            membership: None,
            contents: Contents::new(),
        });
        self.history.calls.last_mut().expect("just pushed")
    }

    /// An execution that goes on until [`Recorder::ends`].
    pub fn starts(&mut self, when: &str, name: &str) -> (String, Timestamp) {
        let trigger = format!("{when}-{name}");
        self.history.sent.push(Sent { trigger: trigger.clone() });
        (trigger, self.tick())
    }

    fn ends(&mut self, (trigger, started): (String, Timestamp), mut ended: Ended) {
        let arn = format!("execution-of-{trigger}");
        let retires = trigger.ends_with(RETIRED) || trigger.ends_with(FULL);
        let mut detail = match &mut ended {
            Ended::Succeeded(output) => {
                output["executionArn"] = json!(arn);
                output["metadata"] = json!({"correlationId": trigger});
                output.clone()
            }
            Ended::Failed { error, cause } => {
                let cause: Value = serde_json::from_str(cause).expect("JSON");
                let changes = if retires { json!({"projects": []}) } else { json!({"tagsAdded": [], "tagsKept": []}) };
                json!({"schemaVersion": "1.0", "error": error, "cause": cause, "changes": changes, "timings": {"polls": 0}})
            }
            Ended::Aborted | Ended::Otherwise(_) => json!({}),
        };
        detail["executionArn"] = json!(arn);
        let kind = match ended.word() {
            "Provisioned" => "Dataset Group Provisioned",
            "Planned" => "Dataset Group Planned",
            "Retired" => "Dataset Group Retired",
            _ if retires => "Dataset Group Retirement Failed",
            _ => "Dataset Group Provisioning Failed",
        };
        self.history.told.push(Told { detail_type: kind.to_owned(), detail });
        let stopped = self.tick();
        let (states, failed_attempts) = (vec!["CreateDatasetGroup".to_owned()], vec![]);
        let trigger = Some(trigger);
        self.history.executions.push(Execution { arn, trigger, started, stopped, ended, states, failed_attempts });
    }

    fn created(&mut self, name: &str, when: &str, generation: u64) {
        let started = self.starts(when, name);
        self.invocation();
        self.missing(name);
        self.creation(name, generation);
        self.becomes_active(name, generation);
        self.attached(name, generation, when == "storm");
        if name == NEW {
            self.invocation();
            self.project("ListProjectMemberships", JOINED, None, None);
            self.project("CreateProjectMembership", JOINED, None, Some(CONTRIBUTOR));
            self.project("ListProjectMemberships", JOINED, None, None);
            self.project("ListProjectMemberships", VIEWED, None, None);
        }
        self.ends(started, Ended::Succeeded(output(name, "ADDED")));
    }

    fn missing(&mut self, name: &str) {
        let look = self.personalize("DescribeDatasetGroup", name, json!({}), None);
        look.status = Answer::Status(400);
        look.error_code = Some("ResourceNotFoundException".to_owned());
    }

    fn creation(&mut self, name: &str, generation: u64) {
        let request = json!({"name": name, "tags": [{"tagKey": "team", "tagValue": "media"}]});
        let pending = Some("CREATE PENDING");
        self.personalize("CreateDatasetGroup", name, request, Some((generation, None, pending)));
    }

    fn becomes_active(&mut self, name: &str, generation: u64) {
        self.invocation();
        let transition = Some((generation, Some("CREATE PENDING"), Some(ACTIVE)));
        self.personalize("DescribeDatasetGroup", name, json!({}), transition);
    }

    fn attached(&mut self, name: &str, generation: u64, first: bool) {
        self.invocation();
        let still = Some((generation, Some(ACTIVE), Some(ACTIVE)));
        self.personalize("ListTagsForResource", name, json!({}), still);
        if first {
            let request = json!({"groupIdentifier": GROUP, "clientToken": "derived"});
            self.datazone("CreateGroupProfile", GROUP, request);
        }
        self.datazone("GetGroupProfile", PROFILE, Value::Null);
        self.personalize("ListTagsForResource", name, json!({}), still);
        self.personalize("TagResource", name, json!({"tags": link()}), still);
    }

    fn replaced(&mut self) {
        let started = self.starts("storm", REPLACED);
        self.invocation();
        self.personalize("DescribeDatasetGroup", REPLACED, json!({}), Some((20, Some(FAILED), Some(FAILED))));
        let deleted = Some((20, Some(FAILED), Some("DELETE PENDING")));
        self.personalize("DeleteDatasetGroup", REPLACED, json!({}), deleted);
        self.invocation();
        self.missing(REPLACED);
        self.invocation();
        self.creation(REPLACED, 21);
        self.becomes_active(REPLACED, 21);
        self.attached(REPLACED, 21, false);
        self.ends(started, Ended::Succeeded(output(REPLACED, "KEPT")));
    }

    fn adopted(&mut self, name: &str, generation: u64) {
        let started = self.starts("rerun", name);
        self.invocation();
        let still = Some((generation, Some(ACTIVE), Some(ACTIVE)));
        self.personalize("DescribeDatasetGroup", name, json!({}), still);
        self.ends(started, Ended::Succeeded(output(name, "KEPT")));
    }

    fn planned(&mut self, when: &str) {
        let started = self.starts(when, PLANNED);
        self.invocation();
        self.missing(PLANNED);
        self.invocation();
        self.datazone("GetGroupProfile", GROUP, Value::Null);
        self.project("ListProjectMemberships", JOINED, None, None);
        self.ends(started, Ended::Succeeded(plan()));
    }

    fn retired(&mut self) {
        let started = self.starts("storm", RETIRED);
        self.proves(RETIRED, 70);
        self.project("ListProjectMemberships", GIVEN_BACK, None, None);
        self.project("DeleteProjectMembership", GIVEN_BACK, Some(CONTRIBUTOR), None);
        self.project("ListProjectMemberships", GIVEN_BACK, None, None);
        self.deletes(RETIRED, 70);
        self.invocation();
        self.missing(RETIRED);
        self.ends(started, Ended::Succeeded(retired("DELETED", "REMOVED")));
    }

    fn retired_before(&mut self) {
        let started = self.starts("rerun", RETIRED);
        self.invocation();
        self.missing(RETIRED);
        self.project("ListProjectMemberships", GIVEN_BACK, None, None);
        self.ends(started, Ended::Succeeded(retired("ABSENT", "ABSENT")));
    }

    /// Somebody has created and linked another group of a name that was retired.
    pub fn linked(&mut self, name: &str, generation: u64) {
        let request = json!({"name": name, "tags": link()});
        self.personalize("CreateDatasetGroup", name, request, Some((generation, None, Some(ACTIVE))));
    }

    /// What the step that retires does first: it sees its own link, and that the group is empty.
    pub fn proves(&mut self, name: &str, generation: u64) {
        self.invocation();
        let still = Some((generation, Some(ACTIVE), Some(ACTIVE)));
        self.personalize("DescribeDatasetGroup", name, json!({}), still);
        self.datazone("GetGroupProfile", PROFILE, Value::Null);
        self.personalize("ListTagsForResource", name, json!({}), still);
        for kind in ContentKind::ALL {
            self.personalize(kind.list_operation(), name, json!({}), still);
        }
    }

    /// What it does last.
    pub fn deletes(&mut self, name: &str, generation: u64) {
        let still = Some((generation, Some(ACTIVE), Some(ACTIVE)));
        self.personalize("DescribeDatasetGroup", name, json!({}), still);
        let deleted = Some((generation, Some(ACTIVE), Some("DELETE PENDING")));
        self.personalize("DeleteDatasetGroup", name, json!({}), deleted);
    }

    fn full(&mut self, when: &str) {
        let started = self.starts(when, FULL);
        let first = self.history.calls.len();
        self.proves(FULL, 80);
        self.history.calls[first..].iter_mut().for_each(|call| call.contents = full());
        self.ends(started, failed("DatasetGroupInUse", json!({"contents": full()})));
    }

    fn conflict(&mut self, when: &str) {
        let started = self.starts(when, OTHER);
        self.invocation();
        let still = Some((30, Some(ACTIVE), Some(ACTIVE)));
        self.personalize("DescribeDatasetGroup", OTHER, json!({}), still);
        self.ends(started, failed("DatasetGroupConflict", json!({})));
    }

    fn denied(&mut self) {
        let started = self.starts("storm", DENIED);
        self.invocation();
        self.missing(DENIED);
        let call = self.personalize("CreateDatasetGroup", DENIED, json!({"name": DENIED}), None);
        call.status = Answer::Status(400);
        call.error_code = Some("AccessDeniedException".to_owned());
        call.fault = Some("accessDenied".to_owned());
        call.effect = false;
        let (code, id) = (call.error_code.clone(), call.request_id.clone());
        let answer =
            json!({"service": "personalize", "operation": "CreateDatasetGroup", "code": code, "requestId": id});
        self.ends(started, failed("AccessDenied", answer));
    }

    fn domains(&self) -> Vec<DomainState> {
        let profile = Profile { id: PROFILE.to_owned(), ..Profile::of_group(GROUP, ProfileStatus::Assigned) };
        self.history
            .plan
            .domains
            .iter()
            .map(|domain| DomainState {
                profiles: vec![profile.clone()],
                projects: vec![
                    project(JOINED, Some(CONTRIBUTOR)),
                    project(VIEWED, Some(VIEWER)),
                    project(GIVEN_BACK, None),
                ],
                ..domain.clone()
            })
            .collect()
    }
}

/// A failure with these members in its cause.
pub fn failed(error: &str, members: Value) -> Ended {
    let mut cause = json!({"error": error, "message": "it did not work", "remedy": "none"});
    if let (Some(cause), Value::Object(members)) = (cause.as_object_mut(), members) {
        cause.extend(members);
    }
    Ended::Failed { error: error.to_owned(), cause: cause.to_string() }
}

fn project(id: &str, designation: Option<&str>) -> Project {
    let group_id = Some(GROUP.to_owned());
    let member = |designation: &str| ProjectMember { group_id, user_id: None, designation: designation.to_owned() };
    Project { id: id.to_owned(), members: designation.map(member).into_iter().collect() }
}

fn planned(name: &str) -> Name {
    let projects = match name {
        NEW => vec![JOINED, VIEWED],
        PLANNED => vec![JOINED],
        RETIRED => vec![GIVEN_BACK],
        _ => vec![],
    };
    let asked = Asked {
        purpose: if [RETIRED, FULL].contains(&name) { Purpose::Retire } else { Purpose::Provision },
        configuration: Configuration::default(),
        tags: vec![],
        domain: DOMAIN.to_owned(),
        principal: Principal::Group(GROUP.to_owned()),
        projects: projects.into_iter().map(|id| AskedProject { id: id.to_owned(), designation: None }).collect(),
        plan_only: name == PLANNED,
        replace: name == REPLACED,
        timeout_seconds: 3_600,
    };
    let existing = match name {
        REPLACED => {
            Some(DatasetGroupState { steps: vec![Step::create_failed("no key")], ..DatasetGroupState::default() })
        }
        RETIRED => Some(DatasetGroupState { tags: link(), ..DatasetGroupState::default() }),
        FULL => Some(DatasetGroupState { tags: link(), contents: full(), ..DatasetGroupState::default() }),
        OTHER => Some(DatasetGroupState { domain: Some("ECOMMERCE".to_owned()), ..DatasetGroupState::default() }),
        _ => None,
    };
    let existing = existing.map(|group| DatasetGroupState { name: name.to_owned(), ..group });
    Name { name: name.to_owned(), existing, scripts: vec![], requests: vec![asked.clone(), asked] }
}

fn link() -> Vec<Tag> {
    let tags = [("datazone:domain-id", DOMAIN), ("datazone:group-profile-id", PROFILE)];
    tags.map(|(key, value)| Tag { tag_key: key.to_owned(), tag_value: value.to_owned() }).to_vec()
}

/// The outcome of a group that is provisioned, with what was done about the project that it joins.
fn output(name: &str, joined: &str) -> Value {
    let mut output = json!({
        "schemaVersion": "1.0",
        "disposition": "CREATED",
        "datasetGroup": {"datasetGroupArn": format!("arn/{name}"), "name": name, "status": ACTIVE},
        "groupProfile": {"domainId": DOMAIN, "id": PROFILE, "status": "ASSIGNED", "groupName": "team"},
        "changes": {"tagsAdded": [], "tagsKept": []},
        "timings": {"secondsUntilActive": 1, "polls": 1}
    });
    if name == NEW {
        output["changes"]["projects"] = json!([
            {"projectIdentifier": JOINED, "designation": CONTRIBUTOR, "change": joined},
            {
                "projectIdentifier": VIEWED,
                "designation": VIEWER,
                "requestedDesignation": CONTRIBUTOR,
                "change": "KEPT"
            }
        ]);
    }
    output
}

/// The outcome of a retirement, with what became of the access to a project.
fn retired(disposition: &str, change: &str) -> Value {
    let designation = (change == "REMOVED").then_some(CONTRIBUTOR);
    let mut project = json!({"projectIdentifier": GIVEN_BACK, "change": change});
    if let Some(designation) = designation {
        project["designation"] = json!(designation);
    }
    json!({
        "schemaVersion": "1.1",
        "disposition": disposition,
        "datasetGroup": {"datasetGroupArn": format!("arn/{RETIRED}"), "name": RETIRED},
        "groupProfile": {"domainId": DOMAIN, "id": PROFILE, "status": "ASSIGNED", "groupName": "team"},
        "changes": {"projects": [project]},
        "timings": {"secondsUntilGone": 1, "polls": 1}
    })
}

fn full() -> Contents {
    Contents::from([(ContentKind::Datasets, vec![DATASET.to_owned()])])
}

fn plan() -> Value {
    json!({
        "schemaVersion": "1.1",
        "plan": {
            "datasetGroup": {
                "datasetGroupArn": format!("arn/{PLANNED}"),
                "action": "CREATE",
                "tagsToAdd": [],
                "tagsKept": []
            },
            "groupProfile": {"action": "KEEP", "id": PROFILE},
            "link": "ADD",
            "projects": [{"projectIdentifier": JOINED, "designation": CONTRIBUTOR, "action": "KEEP"}]
        }
    })
}

/// As the groups of these names stand in the end.
fn groups(names: &[&str]) -> Vec<DatasetGroupState> {
    let group = |name: &&str| {
        let domain = (*name == OTHER).then(|| "ECOMMERCE".to_owned());
        let team = vec![Tag { tag_key: "team".to_owned(), tag_value: "media".to_owned() }];
        let tags = if *name == OTHER { vec![] } else { [team, link()].concat() };
        let contents = if *name == FULL { full() } else { Contents::new() };
        DatasetGroupState { domain, tags, contents, ..DatasetGroupState::in_status(name, ACTIVE) }
    };
    names.iter().map(group).collect()
}
