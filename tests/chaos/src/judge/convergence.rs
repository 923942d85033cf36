//! Convergence: without faults every name comes to what its state allows.

use std::collections::BTreeSet;

use simulators::{DatasetGroupState, Look, Step};

use super::replay::{by_key, failed_and_linked_by_others, link};
use super::{Evidence, profiles};
use crate::history::{Ended, ServicesState};
use crate::plan::{Asked, Configuration, Name};
use crate::verdict::{Verdict, Violation};

const PROVISIONED: &str = "Provisioned";
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
                let ended = run.execution.ended.word();
                let by_engine = verdict.engine_failures.iter().any(|failure| failure.execution == run.execution.arn);
                if !allowed.contains(ended) && !by_engine && !matches!(run.execution.ended, Ended::Otherwise(_)) {
                    verdict.violations.push(Violation::NotConverged {
                        execution: run.execution.arn.clone(),
                        name: run.name.name.clone(),
                        ended: ended.to_owned(),
                        allowed: owned(allowed),
                        state: described(before.group(&run.name.name)),
                    });
                }
            }
        }
    }
}

/// What the request can come to, given the state before: one outcome, but where the group is on its way and the first
/// look decides.
fn allowed(evidence: &Evidence, name: &Name, asked: &Asked, before: &ServicesState) -> BTreeSet<&'static str> {
    let created = if profiles::is_known(evidence, asked) { PROVISIONED } else { NOT_FOUND };
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
