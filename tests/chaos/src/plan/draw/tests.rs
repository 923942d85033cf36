//! What a plan consists of.

use std::collections::BTreeSet;

use simulators::{DatasetGroupState, Service};

use super::events::states;
use super::groups::{CREATE_IN_PROGRESS, CREATE_PENDING, DELETE_PENDING};
use super::requests::IMPATIENT;
use super::services::DESIGNATIONS;
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
            let violations = match plan.asked(trigger).1.purpose {
                Purpose::Provision => contract::Request::parse(&document).err(),
                Purpose::Retire => contract::RetirementRequest::parse(&document).err(),
            };
            assert!(violations.is_none(), "{violations:?} {document}");
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
    let is_undisturbed = |name: &Name| name.existing.is_none() && name.scripts.is_empty() && name.requests.len() == 1;
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
    assert_eq!(sent.len(), 400);
    assert!((410..480).contains(&plan.order.len()), "{}", plan.order.len());
    assert!(plan.order.windows(2).any(|two| two[0] == two[1]), "some at once");
    assert!(plan.order.windows(2).any(|two| two[0] > two[1]), "out of order");
    assert_eq!(plan.rounds[0].len(), 200);
}

#[test]
fn a_hundred_of_them_are_rows_some_invalid_some_for_one_name_and_some_for_names_of_single_events() {
    let plan = Plan::draw(7, 500);
    assert_eq!((plan.manifest.len(), plan.manifest_lines().lines().count()), (100, 100));
    let in_order: BTreeSet<_> = plan.order.iter().chain(plan.manifest.iter().map(|row| &row.trigger)).collect();
    assert_eq!(in_order.len(), 500, "each event is in the order or a row");
    let invalid = plan.manifest.iter().filter(|row| !row.is_valid).count();
    assert!((3..25).contains(&invalid), "{invalid}");
    for (row, line) in plan.manifest.iter().zip(plan.manifest_lines().lines()) {
        let request = serde_json::from_str(line).expect("JSON");
        assert_eq!(contract::Request::parse(&request).is_ok(), row.is_valid, "{line}");
    }
    let valid = || plan.manifest.iter().filter(|row| row.is_valid).map(|row| plan.event_of_row(row));
    let configuration = |trigger: &Trigger| &plan.asked(trigger).1.configuration;
    let disagree =
        |one: &Trigger, other: &Trigger| one.name == other.name && configuration(one) != configuration(other);
    assert!(valid().any(|one| valid().any(|other| disagree(one, other))), "one name and different configurations");
    let is_met = |row: &Trigger| plan.order.iter().any(|place| plan.triggers[*place].name == row.name);
    assert!(valid().any(is_met), "single events of the name of a row");
}

#[test]
fn a_plan_has_everything_that_a_storm_is_made_of() {
    let plan = Plan::draw(8, 500);
    let existing: Vec<_> = plan.names.iter().filter_map(|name| name.existing.as_ref()).collect();
    assert!(existing.iter().any(|group| group.steps.is_empty()), "ACTIVE");
    assert!(existing.iter().any(|group| group.tags.iter().any(|tag| tag.tag_value == "dzd_elsewhere")), "linked");
    let first = |group: &DatasetGroupState| serde_json::to_value(group.steps.first()).expect("JSON")["status"].clone();
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
    assert!(!plan.behaviour.rate_limits.is_empty() || !Plan::draw(9, 500).behaviour.rate_limits.is_empty());
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
fn executions_are_aborted_in_every_state_of_each_machine_that_has_another_after_it() {
    let plan = Plan::draw(7, 8_000);
    for (purpose, early, all) in [(Purpose::Provision, 9, 16), (Purpose::Retire, 7, 14)] {
        let drawn: BTreeSet<_> = plan
            .triggers
            .iter()
            .filter(|trigger| plan.asked(trigger).1.purpose == purpose)
            .filter_map(|trigger| trigger.abort_in.clone())
            .collect();
        assert_eq!(drawn, states(purpose, false).into_iter().collect());
        assert_eq!((states(purpose, true).len(), states(purpose, false).len()), (early, all));
    }
}

#[test]
fn groups_are_retired_by_their_owners_and_others_with_contents_and_projects_planned_and_impatient() {
    let plan = Plan::draw(7, 500);
    let retirements: Vec<_> = plan
        .names
        .iter()
        .flat_map(|name| name.requests.iter().map(|asked| (&name.requests[0], asked)))
        .filter(|(_, asked)| asked.purpose == Purpose::Retire)
        .collect();
    assert!((60..150).contains(&retirements.len()), "{}", retirements.len());
    for (what, is_so) in [
        ("by the owner", (|first, asked| first.principal == asked.principal) as fn(&Asked, &Asked) -> bool),
        ("by others", |first, asked| first.principal != asked.principal),
        ("with projects", |_, asked| !asked.projects.is_empty()),
        ("only planned", |_, asked| asked.plan_only),
        ("impatient", |_, asked| asked.timeout_seconds == IMPATIENT),
    ] {
        assert!(retirements.iter().any(|(first, asked)| is_so(first, asked)), "{what}");
        assert!(!retirements.iter().all(|(first, asked)| is_so(first, asked)), "all {what}");
    }
    let scripts: Vec<_> = plan.names.iter().flat_map(|name| &name.scripts).collect();
    assert!(scripts.iter().any(|script| !script.contents.is_empty()), "contents");
    assert!(scripts.iter().any(|script| !script.late_contents.is_empty()), "late contents");
}
