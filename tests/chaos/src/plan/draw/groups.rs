//! The dataset groups that exist before a storm, and what happens to those that it creates.

use fastrand::Rng;
use simulators::{ContentKind, Contents, DatasetGroupState, DomainState, Script, Step, Tag};

use super::requests::tags;
use crate::plan::{Asked, Configuration};

/// The names of what is in a dataset group.
const CHILDREN: [&str; 3] = ["interactions", "items", "users"];
pub(super) const CREATE_PENDING: &str = "CREATE PENDING";
pub(super) const CREATE_IN_PROGRESS: &str = "CREATE IN_PROGRESS";
const ACTIVE: &str = "ACTIVE";
pub(super) const DELETE_PENDING: &str = "DELETE PENDING";

pub(super) fn existing(rng: &mut Rng, number: usize, first: &Asked, domains: &[DomainState]) -> DatasetGroupState {
    let Configuration { domain, kms_key_arn, role_arn } = first.configuration.clone();
    let same = DatasetGroupState { domain, kms_key_arn, role_arn, tags: tags(rng), ..DatasetGroupState::default() };
    let other_domain = if same.domain.is_none() { Some("ECOMMERCE".to_owned()) } else { None };
    let failed = || Step::create_failed(&format!("what storm-{number:03} was before"));
    let deletions = deletion(rng);
    // A group that is not ACTIVE yet, or has failed, has no contents.
    let active = DatasetGroupState { contents: contents(rng), late_contents: contents(rng), ..same.clone() };
    let own = || [&same.tags[..], &own_link(first, domains)].concat();
    let group = match rng.u8(..12) {
        0 => active,
        1 => DatasetGroupState { domain: other_domain, ..same },
        2 => {
            let domain = if rng.bool() { &first.domain } else { "dzd_elsewhere" };
            DatasetGroupState { tags: [&same.tags[..], &link(domain, "somebody-elses")].concat(), ..active }
        }
        3 => DatasetGroupState { steps: vec![failed()], ..same },
        4 => {
            let tags = if rng.bool() { link("dzd_elsewhere", "somebody-elses")[..1].to_vec() } else { vec![] };
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
        7 => DatasetGroupState { steps: vec![Step::status(CREATE_IN_PROGRESS).times(2), failed()], ..same },
        8 => DatasetGroupState { steps: vec![failed()], tags: own(), ..same },
        9 => DatasetGroupState {
            steps: vec![Step::status(CREATE_IN_PROGRESS).times(2), Step::status(ACTIVE)],
            tags: own(),
            ..same
        },
        10 => DatasetGroupState {
            steps: vec![Step::status(DELETE_PENDING).times(rng.u32(1..8)), Step::gone()],
            tags: own(),
            ..same
        },
        _ => DatasetGroupState { tags: own(), ..active },
    };
    DatasetGroupState { name: format!("storm-{number:03}"), delete_steps: deletions, ..group }
}

/// What happens to one creation, and to the group's deletion if it comes to that.
pub(super) fn script(rng: &mut Rng) -> Script {
    let mut steps = Vec::new();
    if rng.f64() < 0.15 {
        steps.push(Step::not_found().times(rng.u32(1..4)));
    }
    steps.push(Step::status(CREATE_PENDING).times(rng.u32(1..3)));
    steps.push(Step::status(CREATE_IN_PROGRESS).times(rng.u32(1..4)));
    let fails = rng.f64() < 0.25;
    let (contents, late_contents) = if fails {
        steps.push(Step::create_failed(&format!("no access to the key, case {}", rng.u16(..))));
        (Contents::new(), Contents::new())
    } else {
        steps.push(Step::status(ACTIVE));
        (contents(rng), contents(rng))
    };
    Script { contents, late_contents, ..Script::create(steps).and_delete(deletion(rng)) }
}

/// Some groups are held in DELETE PENDING.
fn deletion(rng: &mut Rng) -> Vec<Step> {
    let held = if rng.f64() < 0.3 { rng.u32(5..9) } else { rng.u32(1..3) };
    vec![Step::status(DELETE_PENDING).times(held), Step::gone()]
}

/// What is in a group that is ACTIVE: mostly nothing.
fn contents(rng: &mut Rng) -> Contents {
    if rng.f64() < 0.85 {
        return Contents::new();
    }
    let names = CHILDREN[..rng.usize(1..=CHILDREN.len())].iter().map(|name| (*name).to_owned()).collect();
    Contents::from([(ContentKind::ALL[rng.usize(..ContentKind::ALL.len())], names)])
}

/// The tags that link a group to the profile that the principal of a request has already.
fn own_link(asked: &Asked, domains: &[DomainState]) -> Vec<Tag> {
    let profiles = domains.iter().filter(|domain| domain.id == asked.domain).flat_map(|domain| &domain.profiles);
    let mut own = profiles.filter(|profile| asked.principal.is_of(profile));
    own.next().map(|profile| link(&asked.domain, &profile.id).to_vec()).unwrap_or_default()
}

fn link(domain: &str, profile: &str) -> [Tag; 2] {
    let tag = |key: &str, value: &str| Tag { tag_key: key.to_owned(), tag_value: value.to_owned() };
    [tag("datazone:domain-id", domain), tag("datazone:group-profile-id", profile)]
}
