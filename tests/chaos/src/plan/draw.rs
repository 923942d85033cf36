//! Draws a plan.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use fastrand::Rng;
use serde_json::Value;
use simulators::{
    Behaviour, ContentsOfMissingGroup, DatasetGroupState, DeletionWithFilters, DomainState, ExistingMembership,
    ExistingProfile, Group, MemberGroupId, MissingMembership, Profile, ProfileStatus, Project, ProjectMember,
    RateLimit, Script, Settings, Step, Tag,
};

use super::{Asked, AskedProject, Configuration, Name, Plan, Principal, Trigger, fault_plan};

/// Executions of a plan with faults that run at the same time. Enough that those of one name meet; few enough that the engine, which
/// has a process for each Lambda function that runs, keeps up on two cores.
const AT_ONCE: usize = 48;
/// More than any plan creates.
const QUOTA: usize = 10_000;
const MOST_NAMES: usize = 200;
const DOMAINS: usize = 8;
const GROUPS: usize = 5;
const ROLES: usize = 3;
const PROJECTS: usize = 3;
/// Users of each domain's first project: more than a page of its members has.
const CROWD: usize = 60;
/// What a member can be; a deployment that leaves its parameters alone allows a request all but the last.
const DESIGNATIONS: [&str; 5] = [
    "PROJECT_CONTRIBUTOR",
    "PROJECT_CATALOG_VIEWER",
    "PROJECT_CATALOG_CONSUMER",
    "PROJECT_CATALOG_STEWARD",
    "PROJECT_OWNER",
];
/// Long enough for whatever the plan holds back.
const PATIENT: u64 = 1_200;
/// Eight looks after a creation; what the plan holds back may take more.
const IMPATIENT: u64 = 60;
/// The definition of the state machine.
const DEFINITION: &str = include_str!("../../../../statemachine/provision-dataset-group.asl.json");

/// Where an execution can be aborted: in every state that it does not end in and that it can be brought to. In the early
/// ones it is some time to the end. The others are over in milliseconds, so hardly any execution is still running when its
/// abort comes; a test of `tests/e2e` stops one after each state instead.
fn states(early_only: bool) -> Vec<String> {
    let definition: Value = serde_json::from_str(DEFINITION).unwrap_or_default();
    let is_early = |name: &str, state: &Value| {
        let calls_a_function = state["Resource"].as_str().is_some_and(|resource| resource.ends_with("lambda:invoke"));
        definition["StartAt"] == name || calls_a_function || ["Choice", "Wait"].contains(&type_of(state))
    };
    let states = definition["States"].as_object().into_iter().flatten();
    let states =
        states.filter(|(name, state)| !["Succeed", "Fail"].contains(&type_of(state)) && *name != "RefuseProgress");
    states.filter(|(name, state)| !early_only || is_early(name, state)).map(|(name, _)| name.clone()).collect()
}

fn type_of(state: &Value) -> &str {
    state["Type"].as_str().unwrap_or_default()
}

const CREATE_PENDING: &str = "CREATE PENDING";
const CREATE_IN_PROGRESS: &str = "CREATE IN_PROGRESS";
const ACTIVE: &str = "ACTIVE";
const DELETE_PENDING: &str = "DELETE PENDING";

impl Plan {
    /// Draws a storm of so many events, for 200 names or fewer when the events are few.
    #[must_use]
    pub fn draw(seed: u64, events: usize) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let behaviour = behaviour(rng);
        let domains: Vec<_> = (1..=DOMAINS).map(|number| domain(rng, number)).collect();
        let count = (events * 2 / 5).clamp(1, MOST_NAMES);
        let names: Vec<_> = (1..=count).map(|number| name(rng, number, &domains)).collect();
        let triggers = triggers(rng, events, &names);
        let order = order(rng, &triggers);
        let faults = fault_plan::draw(rng, &names, &domains);
        let rounds = rounds(&names);
        Self { seed, behaviour, domains, names, triggers, order, at_once: AT_ONCE, faults, rounds }
    }

    /// So many events at once, each for a name and a group profile of its own, while nothing exists and nothing goes wrong.
    #[must_use]
    pub fn without_faults(events: usize) -> Self {
        let group = |number| Group { id: group_id(1, number), name: format!("team-{number}") };
        let groups: Vec<_> = (1..=events).map(group).collect();
        let name = |(place, group): (usize, &Group)| Name {
            name: format!("load-{place:03}"),
            existing: None,
            scripts: Vec::new(),
            requests: vec![Asked {
                configuration: Configuration::default(),
                tags: Vec::new(),
                domain: domain_id(1),
                principal: Principal::Group(group.id.clone()),
                projects: Vec::new(),
                plan_only: false,
                replace: false,
                timeout_seconds: 3_600,
            }],
        };
        let names: Vec<_> = groups.iter().enumerate().map(name).collect();
        let event = |name| Trigger { id: format!("event-{name:05}"), name, request: 0, abort_in: None };
        Self {
            seed: 0,
            behaviour: Behaviour { dataset_group_quota: QUOTA, ..Behaviour::of(&Settings::default()) },
            domains: vec![DomainState { id: domain_id(1), groups, ..DomainState::default() }],
            triggers: (0..events).map(event).collect(),
            order: (0..events).collect(),
            at_once: events,
            faults: Vec::new(),
            rounds: rounds(&names),
            names,
        }
    }
}

fn behaviour(rng: &mut Rng) -> Behaviour {
    Behaviour {
        dataset_group_quota: QUOTA,
        existing_profile: if rng.bool() { ExistingProfile::Return } else { ExistingProfile::ValidationException },
        new_profile_status: if rng.bool() { ProfileStatus::Assigned } else { ProfileStatus::NotAssigned },
        lookup_by_name: rng.bool(),
        lookup_by_role_arn: rng.bool(),
        existing_membership: match rng.u8(..4) {
            0 => ExistingMembership::ValidationException,
            1 => ExistingMembership::ConflictException,
            2 => ExistingMembership::Return,
            _ => ExistingMembership::Overwrite,
        },
        member_group_id: if rng.bool() { MemberGroupId::Group } else { MemberGroupId::Profile },
        member_by_profile_id: rng.bool(),
        missing_membership: match rng.u8(..3) {
            0 => MissingMembership::ResourceNotFoundException,
            1 => MissingMembership::ValidationException,
            _ => MissingMembership::Return,
        },
        deletion_with_filters: if rng.bool() {
            DeletionWithFilters::Return
        } else {
            DeletionWithFilters::ResourceInUseException
        },
        contents_of_missing_group: match rng.u8(..3) {
            0 => ContentsOfMissingGroup::Empty,
            1 => ContentsOfMissingGroup::InvalidInputException,
            _ => ContentsOfMissingGroup::ResourceNotFoundException,
        },
        rate_limits: rate_limits(rng),
    }
}

/// A storm makes up to 60 calls a second of an operation. Limits below that make a day on which everything is slow.
fn rate_limits(rng: &mut Rng) -> BTreeMap<String, RateLimit> {
    let operations = [
        "DescribeDatasetGroup",
        "CreateDatasetGroup",
        "ListTagsForResource",
        "GetGroupProfile",
        "ListProjectMemberships",
    ];
    let limited = operations.into_iter().filter_map(|operation| {
        let per_second = NonZeroU32::new(rng.u32(15..60))?;
        rng.bool().then(|| (operation.to_owned(), RateLimit::of(per_second)))
    });
    limited.collect()
}

fn domain(rng: &mut Rng, number: usize) -> DomainState {
    let groups: Vec<_> = (1..=GROUPS)
        .map(|group| Group { id: group_id(number, group), name: format!("team-{number}-{group}") })
        .collect();
    let roles: Vec<_> = (1..=ROLES).map(|role| role_arn(number, role)).collect();
    let mut profiles = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        if let Some(status) = existing_profile(rng) {
            profiles.push(Profile { id: profile_id(number, place), ..Profile::of_group(&group.id, status) });
        }
    }
    for (place, role) in roles.iter().enumerate() {
        if let Some(status) = existing_profile(rng) {
            profiles.push(Profile { id: profile_id(number, GROUPS + place), ..Profile::of_role(role, status) });
        }
    }
    let projects = (1..=PROJECTS).map(|place| project(rng, number, place, &groups, &profiles)).collect();
    DomainState { id: domain_id(number), groups, roles, profiles, projects }
}

/// A project of users, some groups, and some roles that have profiles.
fn project(rng: &mut Rng, domain: usize, number: usize, groups: &[Group], profiles: &[Profile]) -> Project {
    let user = |user: usize| ProjectMember {
        group_id: None,
        user_id: Some(format!("user-{user}")),
        designation: "PROJECT_OWNER".to_owned(),
    };
    let mut members: Vec<_> = (1..=if number == 1 { CROWD } else { 1 }).map(user).collect();
    let of_roles = profiles.iter().filter(|profile| profile.role_principal_arn.is_some());
    let joinable = groups.iter().map(|group| &group.id).chain(of_roles.map(|profile| &profile.id));
    for id in joinable {
        if rng.f64() < 0.25 {
            let designation = DESIGNATIONS[rng.usize(..DESIGNATIONS.len())].to_owned();
            members.push(ProjectMember { group_id: Some(id.clone()), user_id: None, designation });
        }
    }
    Project { id: project_id(domain, number), members }
}

fn existing_profile(rng: &mut Rng) -> Option<ProfileStatus> {
    match rng.u8(..4) {
        0 => Some(ProfileStatus::Assigned),
        1 => Some(ProfileStatus::NotAssigned),
        _ => None,
    }
}

fn domain_id(number: usize) -> String {
    format!("dzd_storm{number}")
}

fn group_id(domain: usize, number: usize) -> String {
    format!("a1b2c3d4-5678-90ab-cdef-{domain:04}{number:08}")
}

fn role_arn(domain: usize, number: usize) -> String {
    format!("arn:aws:iam::123456789012:role/storm-{domain}-{number}")
}

fn project_id(domain: usize, number: usize) -> String {
    format!("storm{domain}-{number}")
}

fn profile_id(domain: usize, number: usize) -> String {
    format!("00000000-0000-4000-8000-{domain:04}{number:08}")
}

fn name(rng: &mut Rng, number: usize, domains: &[DomainState]) -> Name {
    let first = asked(rng, domains);
    let existing = (rng.f64() < 0.35).then(|| existing(rng, number, &first));
    let scripts = (0..3).map(|_| script(rng)).collect();
    let mut requests = vec![first];
    while requests.len() < 4 && rng.f64() < 0.45 {
        requests.push(variant(rng, &requests[0], domains));
    }
    Name { name: format!("storm-{number:03}"), existing, scripts, requests }
}

fn asked(rng: &mut Rng, domains: &[DomainState]) -> Asked {
    let (domain, principal) = principal(rng, domains);
    Asked {
        configuration: configuration(rng),
        tags: tags(rng),
        projects: projects(rng, &domain, domains),
        domain,
        principal,
        plan_only: is_plan_only(rng),
        replace: rng.f64() < 0.45,
        timeout_seconds: PATIENT,
    }
}

fn is_plan_only(rng: &mut Rng) -> bool {
    rng.f64() < 0.125
}

/// None to three projects of a domain, in any order; rarely one that the domain does not have.
fn projects(rng: &mut Rng, domain: &str, domains: &[DomainState]) -> Vec<AskedProject> {
    let known = domains.iter().filter(|other| other.id == domain).flat_map(|domain| &domain.projects);
    let mut ids: Vec<_> = known.map(|project| project.id.clone()).collect();
    rng.shuffle(&mut ids);
    ids.truncate(rng.usize(..=PROJECTS));
    if rng.f64() < 0.02 {
        ids.push("nowhere".to_owned());
    }
    let allowed = &DESIGNATIONS[..DESIGNATIONS.len() - 1];
    let mut asked = |id| {
        let designation = rng.bool().then(|| allowed[rng.usize(..allowed.len())].to_owned());
        AskedProject { id, designation }
    };
    ids.into_iter().map(&mut asked).collect()
}

fn configuration(rng: &mut Rng) -> Configuration {
    let domain = [None, Some("ECOMMERCE"), Some("VIDEO_ON_DEMAND")][rng.usize(..3)].map(str::to_owned);
    let key = (rng.f64() < 0.2).then(|| rng.u8(1..3));
    Configuration {
        domain,
        kms_key_arn: key.map(|key| format!("arn:aws:kms:us-east-1:123456789012:key/storm-{key}")),
        role_arn: key.map(|_| "arn:aws:iam::123456789012:role/personalize".to_owned()),
    }
}

/// A group or a role of one of the domains; rarely a group that its domain does not know.
fn principal(rng: &mut Rng, domains: &[DomainState]) -> (String, Principal) {
    let place = rng.usize(..domains.len());
    let domain = &domains[place];
    let principal = if rng.f64() < 0.02 {
        Principal::Group(group_id(place + 1, GROUPS + 1))
    } else if rng.f64() < 0.25 {
        Principal::Role(domain.roles[rng.usize(..ROLES)].clone())
    } else {
        Principal::Group(domain.groups[rng.usize(..GROUPS)].id.clone())
    };
    (domain.id.clone(), principal)
}

fn tags(rng: &mut Rng) -> Vec<Tag> {
    let mut tags = Vec::new();
    for key in ["team", "cost-center", "stage"] {
        if rng.f64() < 0.4 {
            tags.push(Tag { tag_key: key.to_owned(), tag_value: format!("{key}-{}", rng.u8(1..3)) });
        }
    }
    tags
}

/// The same request, or a plan of it, with one thing other than in the first; another configuration may come to replace
/// it, and another domain has other projects.
fn variant(rng: &mut Rng, first: &Asked, domains: &[DomainState]) -> Asked {
    let mut variant = Asked { plan_only: is_plan_only(rng), ..first.clone() };
    match rng.u8(..7) {
        0 | 1 => {
            while variant.configuration == first.configuration {
                variant.configuration = configuration(rng);
            }
            variant.replace = rng.bool();
        }
        2 => {
            (variant.domain, variant.principal) = principal(rng, domains);
            variant.projects = projects(rng, &variant.domain, domains);
        }
        3 => variant.tags = tags(rng),
        4 => variant.replace = !first.replace,
        5 => variant.projects = projects(rng, &variant.domain, domains),
        _ => (variant.timeout_seconds, variant.replace) = (IMPATIENT, false),
    }
    variant
}

fn existing(rng: &mut Rng, number: usize, first: &Asked) -> DatasetGroupState {
    let Configuration { domain, kms_key_arn, role_arn } = first.configuration.clone();
    let same = DatasetGroupState { domain, kms_key_arn, role_arn, tags: tags(rng), ..DatasetGroupState::default() };
    let other_domain = if same.domain.is_none() { Some("ECOMMERCE".to_owned()) } else { None };
    let failed = || Step::create_failed(&format!("what storm-{number:03} was before"));
    let linked = |key: &str, value: &str| Tag { tag_key: key.to_owned(), tag_value: value.to_owned() };
    let deletions = deletion(rng);
    let group = match rng.u8(..8) {
        0 => same,
        1 => DatasetGroupState { domain: other_domain, ..same },
        2 => {
            let domain = if rng.bool() { &first.domain } else { "dzd_elsewhere" };
            let link = [linked("datazone:domain-id", domain), linked("datazone:group-profile-id", "somebody-elses")];
            DatasetGroupState { tags: [&same.tags[..], &link].concat(), ..same }
        }
        3 => DatasetGroupState { steps: vec![failed()], ..same },
        4 => {
            let tags = if rng.bool() { vec![linked("datazone:domain-id", "dzd_elsewhere")] } else { vec![] };
            DatasetGroupState { steps: vec![failed()], tags: [same.tags.clone(), tags].concat(), ..same }
        }
        5 => DatasetGroupState {
            steps: vec![Step::status(DELETE_PENDING).times(rng.u32(1..8)), Step::gone()],
            domain: other_domain,
            ..same
        },
        6 => DatasetGroupState {
            steps: vec![Step::status(CREATE_PENDING), Step::status(CREATE_IN_PROGRESS).times(2), Step::status(ACTIVE)],
            ..same
        },
        _ => DatasetGroupState { steps: vec![Step::status(CREATE_IN_PROGRESS).times(2), failed()], ..same },
    };
    DatasetGroupState { name: format!("storm-{number:03}"), delete_steps: deletions, ..group }
}

/// What happens to one creation, and to the group's deletion if it comes to that.
fn script(rng: &mut Rng) -> Script {
    let mut steps = Vec::new();
    if rng.f64() < 0.15 {
        steps.push(Step::not_found().times(rng.u32(1..4)));
    }
    steps.push(Step::status(CREATE_PENDING).times(rng.u32(1..3)));
    steps.push(Step::status(CREATE_IN_PROGRESS).times(rng.u32(1..4)));
    let fails = rng.f64() < 0.25;
    steps.push(if fails {
        Step::create_failed(&format!("no access to the key, case {}", rng.u16(..)))
    } else {
        Step::status(ACTIVE)
    });
    Script::create(steps).and_delete(deletion(rng))
}

/// Some groups are held in DELETE PENDING.
fn deletion(rng: &mut Rng) -> Vec<Step> {
    let held = if rng.f64() < 0.3 { rng.u32(5..9) } else { rng.u32(1..3) };
    vec![Step::status(DELETE_PENDING).times(held), Step::gone()]
}

/// One event for each name's first request, then any request of any name; every other one of a few names, so that many
/// executions meet there.
fn triggers(rng: &mut Rng, events: usize, names: &[Name]) -> Vec<Trigger> {
    let busy = names.len().div_ceil(10);
    let (early, all) = (states(true), states(false));
    (0..events)
        .map(|number| {
            let (name, request) = if number < names.len() {
                (number, 0)
            } else {
                let among = if rng.bool() { busy } else { names.len() };
                let name = rng.usize(..among);
                (name, rng.usize(..names[name].requests.len()))
            };
            let abort_in = (rng.f64() < 0.12).then(|| {
                let states = if rng.f64() < 0.8 { &early } else { &all };
                states[rng.usize(..states.len())].clone()
            });
            Trigger { id: format!("event-{number:05}"), name, request, abort_in }
        })
        .collect()
}

/// Every event once, in any order, those of a name often one right after the other; and some twice: at once or later.
fn order(rng: &mut Rng, triggers: &[Trigger]) -> Vec<usize> {
    let mut shuffled: Vec<_> = (0..triggers.len()).collect();
    rng.shuffle(&mut shuffled);
    let mut bursts: Vec<Vec<usize>> = Vec::new();
    for trigger in shuffled {
        let of_its_name = |burst: &&mut Vec<usize>| triggers[burst[0]].name == triggers[trigger].name;
        match bursts.iter_mut().rfind(of_its_name) {
            Some(burst) if rng.f64() < 0.7 => burst.push(trigger),
            Some(_) | None => bursts.push(vec![trigger]),
        }
    }
    rng.shuffle(&mut bursts);
    let mut order: Vec<usize> = Vec::new();
    for trigger in bursts.into_iter().flatten() {
        order.push(trigger);
        if rng.f64() < 0.04 {
            order.push(trigger);
        }
    }
    for trigger in 0..triggers.len() {
        if rng.f64() < 0.04 {
            let sent = order.iter().position(|other| *other == trigger).unwrap_or_default();
            order.insert(rng.usize(sent + 1..=order.len()), trigger);
        }
    }
    order
}

/// Each name's first request, then each name's second, and so on.
fn rounds(names: &[Name]) -> Vec<Vec<Trigger>> {
    let most = names.iter().map(|name| name.requests.len()).max().unwrap_or_default();
    let trigger = |name: usize, request: usize| Trigger {
        id: format!("rerun-{request}-{name:03}"),
        name,
        request,
        abort_in: None,
    };
    let having = |request: usize| (0..names.len()).filter(move |name| names[*name].requests.len() > request);
    (0..most).map(|request| having(request).map(|name| trigger(name, request)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use simulators::Service;

    use super::*;

    #[test]
    fn a_seed_gives_one_plan_and_another_seed_another() {
        assert_eq!(Plan::draw(7, 100), Plan::draw(7, 100));
        assert_ne!(Plan::draw(7, 100), Plan::draw(8, 100));
    }

    #[test]
    fn every_request_is_valid_and_every_id_is_its_own() {
        for plan in [Plan::draw(7, 500), Plan::without_faults(500)] {
            let mut ids = BTreeSet::new();
            for trigger in plan.all_triggers() {
                let document = plan.document(trigger);
                contract::Request::parse(&document).unwrap_or_else(|violations| panic!("{violations:?} {document}"));
                assert!(ids.insert(trigger.id.clone()), "{}", trigger.id);
            }
        }
    }

    #[test]
    fn without_faults_all_events_come_at_once_for_names_and_profiles_of_their_own_and_each_once_more() {
        let plan = Plan::without_faults(500);
        assert_eq!((plan.at_once, plan.order.len(), plan.names.len(), plan.rounds[0].len()), (500, 500, 500, 500));
        let requested: BTreeSet<_> = plan.triggers.iter().map(|trigger| trigger.name).collect();
        let principals: BTreeSet<_> = plan.names.iter().map(|name| &name.requests[0].principal).collect();
        assert_eq!((requested.len(), principals.len()), (500, 500));
        assert!(plan.faults.is_empty() && plan.behaviour.rate_limits.is_empty());
        let is_undisturbed =
            |name: &Name| name.existing.is_none() && name.scripts.is_empty() && name.requests.len() == 1;
        assert!(plan.names.iter().all(is_undisturbed));
        assert!(plan.all_triggers().all(|trigger| trigger.abort_in.is_none()));
    }

    #[test]
    fn five_hundred_events_are_for_two_hundred_names_each_asked_for_some_twice_and_out_of_order() {
        let plan = Plan::draw(7, 500);
        assert_eq!((plan.names.len(), plan.triggers.len()), (200, 500));
        let asked_for: BTreeSet<_> = plan.triggers.iter().map(|trigger| trigger.name).collect();
        assert_eq!(asked_for.len(), 200);
        let sent: BTreeSet<_> = plan.order.iter().collect();
        assert_eq!(sent.len(), 500);
        assert!((510..600).contains(&plan.order.len()), "{}", plan.order.len());
        assert!(plan.order.windows(2).any(|two| two[0] == two[1]), "some at once");
        assert!(plan.order.windows(2).any(|two| two[0] > two[1]), "out of order");
        assert_eq!(plan.rounds[0].len(), 200);
    }

    #[test]
    fn a_plan_has_everything_that_a_storm_is_made_of() {
        let plan = Plan::draw(7, 500);
        let existing: Vec<_> = plan.names.iter().filter_map(|name| name.existing.as_ref()).collect();
        assert!(existing.iter().any(|group| group.steps.is_empty()), "ACTIVE");
        assert!(existing.iter().any(|group| group.tags.iter().any(|tag| tag.tag_value == "dzd_elsewhere")), "linked");
        let first =
            |group: &DatasetGroupState| serde_json::to_value(group.steps.first()).expect("JSON")["status"].clone();
        for status in ["CREATE FAILED", DELETE_PENDING, CREATE_PENDING, CREATE_IN_PROGRESS] {
            assert!(existing.iter().any(|group| first(group) == status), "{status}");
        }
        let scripts = serde_json::to_string(&plan.names.iter().map(|name| &name.scripts).collect::<Vec<_>>());
        let scripts = scripts.expect("JSON");
        assert!(scripts.contains("notFound") && scripts.contains("CREATE FAILED"), "late and failing creations");
        let differs = |differs: fn(&Asked, &Asked) -> bool| {
            plan.names.iter().any(|name| name.requests.iter().any(|other| differs(&name.requests[0], other)))
        };
        assert!(differs(|one, other| one.configuration.domain != other.configuration.domain));
        assert!(differs(|one, other| one.configuration.kms_key_arn != other.configuration.kms_key_arn));
        assert!(differs(|one, other| one.principal != other.principal));
        assert!(differs(|one, other| one.replace != other.replace));
        assert!(differs(|one, other| one.timeout_seconds != other.timeout_seconds));
        assert!(differs(|one, other| one.tags != other.tags));
        assert!(differs(|one, other| one.domain == other.domain && one.projects != other.projects));
        assert!(differs(|one, other| one.plan_only != other.plan_only));
        assert!(!plan.behaviour.rate_limits.is_empty() || !Plan::draw(8, 500).behaviour.rate_limits.is_empty());
        let asked: Vec<_> = plan.names.iter().flat_map(|name| &name.requests).collect();
        let plans = asked.iter().filter(|asked| asked.plan_only).count();
        assert!((asked.len() / 16..asked.len() / 4).contains(&plans), "{plans} of {}", asked.len());
        let asked: Vec<_> = asked.iter().flat_map(|asked| &asked.projects).collect();
        for designation in [None, Some("PROJECT_CONTRIBUTOR"), Some("PROJECT_CATALOG_STEWARD")] {
            assert!(asked.iter().any(|project| project.designation.as_deref() == designation), "{designation:?}");
        }
        assert!(asked.iter().all(|project| project.designation() != "PROJECT_OWNER"));
        assert!(asked.iter().any(|project| project.id == "nowhere"));
        let members: Vec<_> =
            plan.domains.iter().flat_map(|domain| &domain.projects).flat_map(|project| &project.members).collect();
        for designation in DESIGNATIONS {
            let mut groups = members.iter().filter(|member| member.group_id.is_some());
            assert!(groups.any(|member| member.designation == designation), "{designation}");
        }
        let outages = plan.faults.iter().filter(|fault| fault.service == Service::DataZone && fault.resource.is_some());
        assert!(outages.count() > 0, "of projects");
        let kinds: BTreeSet<_> = plan.faults.iter().map(|fault| fault.kind.name()).collect();
        let expected = [
            "accessDenied",
            "cutAfterEffect",
            "cutBeforeEffect",
            "delay",
            "error",
            "htmlBadGateway",
            "throttle",
            "truncatedBody",
        ];
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn executions_are_aborted_in_every_state_of_the_machine_that_has_another_after_it() {
        let drawn: BTreeSet<_> =
            Plan::draw(7, 2_000).triggers.into_iter().filter_map(|trigger| trigger.abort_in).collect();
        assert_eq!(drawn, states(false).into_iter().collect());
        assert_eq!((states(true).len(), states(false).len()), (9, 16));
    }
}
