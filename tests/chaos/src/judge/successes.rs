//! Provisioned means ACTIVE, ASSIGNED and linked, and the group that was asked for.

use serde_json::Value;

use super::replay::Group;
use super::{Evidence, Run, memberships, profiles, retirements};
use crate::verdict::{Race, Verdict, Violation};

pub(super) fn check(evidence: &Evidence, run: &Run, output: &Value, verdict: &mut Verdict) {
    let execution = || run.execution.arn.clone();
    let name = || run.name.name.clone();
    let standing = standing(evidence, run);
    if let Some(group) = standing.filter(|group| group.configuration != run.asked.configuration) {
        let ended = run.execution.ended.word().to_owned();
        let standing = format!("{:?}", group.configuration);
        verdict.violations.push(Violation::ConflictHidden { execution: execution(), name: name(), ended, standing });
    }
    let mut lacks = said(run, output);
    lacks.extend(group(evidence, run, output, standing, verdict));
    lacks.extend(profile(evidence, run, output));
    if !lacks.is_empty() {
        verdict.violations.push(Violation::NotReady { execution: execution(), name: name(), lacks });
    }
}

/// The group when the execution ended, or the one that a retirement deleted while it ran: that may have been between its
/// last look and its end.
fn standing<'a>(evidence: &'a Evidence, run: &Run) -> Option<&'a Group> {
    let (life, stopped) = (evidence.life(run), run.execution.stopped);
    let last = life.at(stopped);
    let is_ready = |group: &&Group| {
        group.status.as_deref() == Some("ACTIVE")
            && group.configuration == run.asked.configuration
            && retirements::is_own(run, group)
    };
    let retired = life.steps().filter_map(|(before, moment)| {
        let deletes = moment.call.effect && moment.call.operation == "DeleteDatasetGroup";
        let is_meant = deletes && run.covers(moment.at) && retirements::is_retiring(evidence, moment.call);
        before.filter(|_| is_meant)
    });
    last.into_iter().chain(retired).find(is_ready).or(last)
}

/// What the output does not say.
fn said(run: &Run, output: &Value) -> Vec<String> {
    let expected = [
        ("/datasetGroup/name", run.name.name.as_str()),
        ("/datasetGroup/status", "ACTIVE"),
        ("/groupProfile/status", "ASSIGNED"),
        ("/groupProfile/domainId", &run.asked.domain),
        ("/executionArn", &run.execution.arn),
        ("/metadata/correlationId", &run.trigger.id),
    ];
    let other =
        expected.into_iter().filter(|(pointer, value)| output.pointer(pointer).is_none_or(|said| said != value));
    let lacks = other.map(|(pointer, value)| format!("{pointer} {value} in its output"));
    lacks.chain(memberships::lacking(run, output)).collect()
}

/// What the group lacked when the execution ended.
fn group(
    evidence: &Evidence,
    run: &Run,
    output: &Value,
    standing: Option<&Group>,
    verdict: &Verdict,
) -> Option<String> {
    let Some(group) = standing else { return Some("a dataset group".to_owned()) };
    // The group that a race deleted was ACTIVE until then.
    let taken = |race: &Race| match race {
        Race::Deletion { name, at, .. } => *name == run.name.name && run.covers(*at),
        Race::Tag { .. } | Race::Designation { .. } => false,
    };
    if group.status.as_deref() != Some("ACTIVE") && !verdict.races.iter().any(taken) {
        return Some(format!("ACTIVE: it was {}", group.status.as_deref().unwrap_or("invisible")));
    }
    let link = ["/groupProfile/domainId", "/groupProfile/id"].map(|pointer| output.pointer(pointer)?.as_str());
    if group.link() == link {
        return None;
    }
    // Another execution may have written its own link since; whether it was allowed to is judged where it did.
    let life = evidence.life(run);
    let mut before = life.during(run.execution.started, run.execution.stopped);
    let overwritten = |race: &Race| match race {
        Race::Tag { name, keys, at, .. } => {
            let link = keys.iter().any(|key| key.starts_with("datazone:"));
            *name == run.name.name && link && *at <= run.execution.stopped
        }
        Race::Deletion { name, at, .. } => *name == run.name.name && run.covers(*at),
        Race::Designation { .. } => false,
    };
    if before.any(|group| group.is_some_and(|group| group.link() == link)) && verdict.races.iter().any(overwritten) {
        return None;
    }
    Some(format!("the tags of the link: they were {:?}", group.link()))
}

/// What the profile lacked.
fn profile(evidence: &Evidence, run: &Run, output: &Value) -> Option<String> {
    let id = output.pointer("/groupProfile/id").and_then(Value::as_str).unwrap_or_default();
    let standing = profiles::asked_for(&evidence.history.end.domains, run.asked);
    match standing {
        Some(profile) if profile.id != id => Some(format!("the profile {id}: its principal's is {}", profile.id)),
        Some(_) if profiles::was_assigned(evidence, run.asked, id, run.execution.stopped) => None,
        Some(_) => Some("ASSIGNED: the profile was not".to_owned()),
        None => Some(format!("the profile {id}: there is none")),
    }
}
