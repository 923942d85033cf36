//! Convergence: without faults every name comes to what its state allows.

use std::collections::BTreeSet;

use simulators::{ContentKind, DatasetGroupState, DeletionWithFilters, Look, Step};

use super::failures::{LONGEST_PAUSE, TIMED_OUT};
use super::replay::{by_key, failed_and_linked_by_others, link};
use super::{Evidence, Run, memberships, plans, profiles};
use crate::history::{Ended, ServicesState};
use crate::plan::{Asked, Configuration, Name, Purpose};
use crate::verdict::{Verdict, Violation};

const PROVISIONED: &str = "Provisioned";
const RETIRED: &str = "Retired";
const IN_USE: &str = "DatasetGroupInUse";
const CONFLICT: &str = "DatasetGroupConflict";
const FAILED_TO_CREATE: &str = "DatasetGroupCreateFailed";
const NOT_FOUND: &str = "NotFound";

pub(super) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    for (round, before) in evidence.history.plan.rounds.iter().zip(&evidence.history.rounds) {
        for trigger in round {
            if !evidence.runs.iter().any(|run| run.trigger.id == trigger.id) {
                let (name, asked) = evidence.history.plan.asked(trigger);
                verdict.violations.push(Violation::NotConverged {
                    execution: "none".to_owned(),
                    name: name.name.clone(),
                    ended: "never started".to_owned(),
                    allowed: owned(allowed(evidence, name, asked, before)),
                    state: described(before.group(&name.name)),
                });
            }
            for run in evidence.runs.iter().filter(|run| run.trigger.id == trigger.id) {
                let allowed = allowed(evidence, run.name, run.asked, before);
                let ended = ended(run);
                let by_engine = verdict.engine_failures.iter().any(|failure| failure.execution == run.execution.arn);
                if !allowed.contains(ended.as_str())
                    && !by_engine
                    && !matches!(run.execution.ended, Ended::Otherwise(_))
                {
                    verdict.violations.push(Violation::NotConverged {
                        execution: run.execution.arn.clone(),
                        name: run.name.name.clone(),
                        ended,
                        allowed: owned(allowed),
                        state: described(before.group(&run.name.name)),
                    });
                }
            }
        }
    }
}

/// How an execution ended, or what APPLY would end with by its plan.
fn ended(run: &Run) -> String {
    let word = run.execution.ended.word();
    if !run.asked.plan_only {
        return word.to_owned();
    }
    match &run.execution.ended {
        Ended::Succeeded(output) => plans::would_end(run, output).to_owned(),
        Ended::Failed { .. } | Ended::Aborted | Ended::Otherwise(_) => format!("{word} instead of a plan"),
    }
}

/// What the request can come to, given the state before.
fn allowed(evidence: &Evidence, name: &Name, asked: &Asked, before: &ServicesState) -> BTreeSet<&'static str> {
    let mut allowed = match asked.purpose {
        Purpose::Provision => applied(evidence, name, asked, before),
        Purpose::Retire => retired(evidence, name, asked, before),
    };
    if before.group(&name.name).is_some_and(|group| is_held(group, asked)) {
        allowed.insert(TIMED_OUT);
    }
    if asked.purpose == Purpose::Retire {
        return allowed;
    }
    if asked.plan_only {
        let status = before.group(&name.name).map(|group| group.status.as_deref());
        let is_at_rest = [None, Some(Some("ACTIVE")), Some(Some("CREATE FAILED")), Some(Some("DELETE PENDING"))];
        if !is_at_rest.contains(&status) {
            // A plan says nothing of what becomes of the group.
            allowed.extend([PROVISIONED, CONFLICT]);
        }
        if allowed.contains(NOT_FOUND) {
            // Only the creation of a profile or of a membership tells of an unknown group.
            allowed.insert(PROVISIONED);
        }
    }
    allowed
}

/// Whether the deadline may pass before so many looks show that the group is gone.
fn is_held(group: &DatasetGroupState, asked: &Asked) -> bool {
    let steps = match (group.status.as_deref(), asked.purpose) {
        (Some("DELETE PENDING"), _) => &group.steps,
        (_, Purpose::Retire) => &group.delete_steps,
        (_, Purpose::Provision) => return false,
    };
    let looks: u64 = steps.iter().map(|step| u64::from(step.times)).sum();
    !asked.plan_only && asked.timeout_seconds <= LONGEST_PAUSE * looks
}

/// What the request can come to in the mode APPLY: one outcome, but where the group is on its way and the first look
/// decides.
fn applied(evidence: &Evidence, name: &Name, asked: &Asked, before: &ServicesState) -> BTreeSet<&'static str> {
    let known = profiles::is_known(evidence, asked) && memberships::are_possible(evidence, asked, &before.domains);
    let created = if known { PROVISIONED } else { NOT_FOUND };
    let Some(group) = before.group(&name.name) else { return BTreeSet::from([created]) };
    let replaced = if asked.replace { created } else { FAILED_TO_CREATE };
    let other = Configuration::of(group) != asked.configuration;
    match group.status.as_deref() {
        Some("ACTIVE") if other => BTreeSet::from([CONFLICT]),
        Some("ACTIVE") => BTreeSet::from([attached(asked, before, group, created)]),
        Some("CREATE FAILED")
            if asked.replace && failed_and_linked_by_others(link(&by_key(&group.tags)), &asked.domain) =>
        {
            BTreeSet::from([CONFLICT])
        }
        Some("CREATE FAILED") => BTreeSet::from([replaced]),
        Some("DELETE PENDING") => BTreeSet::from([created]),
        // On its way, or not shown yet.
        Some(_) | None => {
            let fails = group.steps.last().is_some_and(|last| *last != Step::status("ACTIVE").times(last.times));
            match (fails, other) {
                (true, true) => BTreeSet::from([CONFLICT, FAILED_TO_CREATE, replaced]),
                (true, false) => BTreeSet::from([FAILED_TO_CREATE, replaced]),
                (false, true) => BTreeSet::from([CONFLICT]),
                (false, false) => BTreeSet::from([attached(asked, before, group, created)]),
            }
        }
    }
}

/// What a retirement can come to. A plan says nothing of what becomes of a group that is on its way.
fn retired(evidence: &Evidence, name: &Name, asked: &Asked, before: &ServicesState) -> BTreeSet<&'static str> {
    let known = memberships::are_possible(evidence, asked, &before.domains);
    let retired = if known { RETIRED } else { NOT_FOUND };
    let Some(group) = before.group(&name.name) else { return BTreeSet::from([retired]) };
    let own = profiles::asked_for(&before.domains, asked).map(|profile| profile.id.as_str());
    let is_own = own.is_some() && link(&by_key(&group.tags)) == [Some(asked.domain.as_str()), own];
    let filters_block = match evidence.history.plan.behaviour.deletion_with_filters {
        DeletionWithFilters::Return => false,
        DeletionWithFilters::ResourceInUseException => true,
    };
    let blocks = |kind: &ContentKind| *kind != ContentKind::Filters || filters_block;
    match group.status.as_deref() {
        // The group is gone when its tags are read, or not visible yet.
        Some("DELETE PENDING") | None if !is_own => BTreeSet::from([CONFLICT, retired]),
        Some("DELETE PENDING") | None => BTreeSet::from([retired]),
        Some(_) if !is_own => BTreeSet::from([CONFLICT]),
        Some("ACTIVE" | "CREATE FAILED") if !group.contents.is_empty() => BTreeSet::from([IN_USE]),
        Some("ACTIVE" | "CREATE FAILED") if asked.plan_only => BTreeSet::from([retired]),
        Some("ACTIVE" | "CREATE FAILED") if known && group.late_contents.keys().any(blocks) => BTreeSet::from([IN_USE]),
        Some("ACTIVE" | "CREATE FAILED") => BTreeSet::from([retired]),
        Some(_) => BTreeSet::from([retired, IN_USE]),
    }
}

/// What comes of a group that is the one that was asked for, when it is ACTIVE.
fn attached(asked: &Asked, before: &ServicesState, group: &DatasetGroupState, otherwise: &'static str) -> &'static str {
    let tags = by_key(&group.tags);
    let [domain, profile] = link(&tags);
    let own = profiles::asked_for(&before.domains, asked).map(|profile| profile.id.as_str());
    let elsewhere = domain.is_some_and(|domain| domain != asked.domain) || profile.is_some_and(|id| Some(id) != own);
    if elsewhere { CONFLICT } else { otherwise }
}

fn owned(words: BTreeSet<&str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

fn described(group: Option<&DatasetGroupState>) -> String {
    let Some(group) = group else { return "there was no group".to_owned() };
    let last = group.steps.last().map(|step| match &step.look {
        Look::Status { status, .. } => status.as_str(),
        Look::NotFound => "not found",
        Look::Gone => "gone",
    });
    format!(
        "the group was {} (at last {}) with {:?} and the link {:?}",
        group.status.as_deref().unwrap_or("invisible"),
        last.unwrap_or("the same"),
        Configuration::of(group),
        link(&by_key(&group.tags))
    )
}
