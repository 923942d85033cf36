//! What was done to the group profiles.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use simulators::{Profile, ProfileStatus};

use super::Evidence;
use crate::plan::{Asked, Principal};
use crate::verdict::{Verdict, Violation};

pub(super) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    standing(evidence, verdict);
    let mut tokens: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for call in &evidence.calls {
        let domain = call.resource.domain.as_deref().unwrap_or_default();
        let of = call.resource.group.as_deref().unwrap_or_default();
        match call.operation.as_str() {
            "CreateGroupProfile" => {
                let token = call.request["clientToken"].as_str().unwrap_or_default();
                tokens.entry((domain, of)).or_default().insert(token);
            }
            "UpdateGroupProfile" if call.effect && call.request["status"] != "ASSIGNED" => {
                let (domain, profile) = (domain.to_owned(), of.to_owned());
                verdict.violations.push(Violation::Unassigned { domain, profile, call: call.sequence });
            }
            _ => {}
        }
    }
    // DataZone knows by the token that it was asked for the same again.
    for ((domain, principal), tokens) in tokens {
        if tokens.len() > 1 {
            verdict.violations.push(Violation::TwoProfiles {
                domain: domain.to_owned(),
                principal: principal.to_owned(),
                found: format!("asked for with {} client tokens", tokens.len()),
            });
        }
    }
}

/// At the end there is one profile for a principal at most.
fn standing(evidence: &Evidence, verdict: &mut Verdict) {
    for domain in &evidence.history.end.domains {
        let mut profiles: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for profile in &domain.profiles {
            let of = profile.group_id.as_deref().or(profile.role_principal_arn.as_deref()).unwrap_or_default();
            profiles.entry(of).or_default().push(&profile.id);
        }
        for (principal, ids) in profiles.into_iter().filter(|(_, ids)| ids.len() > 1) {
            let (domain, principal, found) = (domain.id.clone(), principal.to_owned(), ids.join(", "));
            verdict.violations.push(Violation::TwoProfiles { domain, principal, found });
        }
    }
}

/// The profile of the principal that was asked for, as it is in these domains.
pub(super) fn asked_for<'a>(domains: &'a [simulators::DomainState], asked: &Asked) -> Option<&'a Profile> {
    let domain = domains.iter().find(|domain| domain.id == asked.domain)?;
    domain.profiles.iter().find(|profile| asked.principal.is_of(profile))
}

/// Whether the domain knows the principal that was asked for.
pub(super) fn is_known(evidence: &Evidence, asked: &Asked) -> bool {
    let mut domains = evidence.history.plan.domains.iter().filter(|domain| domain.id == asked.domain);
    domains.any(|domain| match &asked.principal {
        Principal::Group(id) => domain.groups.iter().any(|group| group.id == *id),
        Principal::Role(arn) => domain.roles.contains(arn),
    })
}

/// Whether the profile of an id was ASSIGNED at a moment, by the log.
pub(super) fn was_assigned(evidence: &Evidence, asked: &Asked, id: &str, moment: Timestamp) -> bool {
    let plan = &evidence.history.plan;
    if asked_for(&plan.domains, asked).is_some_and(|profile| profile.status == ProfileStatus::Assigned) {
        return true;
    }
    evidence.calls.iter().filter(|call| call.effect && call.ended_at.is_some_and(|at| at <= moment)).any(|call| {
        if call.resource.domain.as_deref() != Some(&asked.domain) {
            return false;
        }
        let of = call.resource.group.as_deref().unwrap_or_default();
        match call.operation.as_str() {
            "CreateGroupProfile" => {
                of == asked.principal.identifier() && plan.behaviour.new_profile_status == ProfileStatus::Assigned
            }
            "UpdateGroupProfile" => of == id && call.request["status"] == "ASSIGNED",
            _ => false,
        }
    })
}
