//! What is asked for under a name.

use fastrand::Rng;
use simulators::{DomainState, Tag};

use super::services::{DESIGNATIONS, GROUPS, PROJECTS, ROLES, group_id};
use crate::plan::{Asked, AskedProject, Configuration, Principal, Purpose};

/// Long enough for whatever the plan holds back.
const PATIENT: u64 = 1_200;
/// Eight looks after a creation; what the plan holds back may take more.
pub(super) const IMPATIENT: u64 = 60;

pub(super) fn asked(rng: &mut Rng, domains: &[DomainState]) -> Asked {
    let (domain, principal) = principal(rng, domains);
    Asked {
        purpose: Purpose::Provision,
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

pub(super) fn tags(rng: &mut Rng) -> Vec<Tag> {
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
pub(super) fn variant(rng: &mut Rng, first: &Asked, domains: &[DomainState]) -> Asked {
    let mut variant = Asked { plan_only: is_plan_only(rng), ..first.clone() };
    match rng.u8(..8) {
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
        6 => return retirement(rng, first, domains),
        _ => (variant.timeout_seconds, variant.replace) = (IMPATIENT, false),
    }
    variant
}

/// Of the group that the first request asks for, with its projects or others; sometimes by somebody else.
pub(super) fn retirement(rng: &mut Rng, first: &Asked, domains: &[DomainState]) -> Asked {
    let (domain, principal) =
        if rng.f64() < 0.2 { principal(rng, domains) } else { (first.domain.clone(), first.principal.clone()) };
    let projects =
        if rng.bool() && domain == first.domain { first.projects.clone() } else { projects(rng, &domain, domains) };
    let projects = projects.into_iter().map(|project| AskedProject { designation: None, ..project }).collect();
    let timeout_seconds = if rng.f64() < 0.15 { IMPATIENT } else { PATIENT };
    let plan_only = is_plan_only(rng);
    Asked { purpose: Purpose::Retire, domain, principal, projects, plan_only, timeout_seconds, ..first.clone() }
}
