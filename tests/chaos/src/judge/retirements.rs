//! What retirements took away: only what they had proven to be meant, empty, and in order.

use serde_json::Value;
use simulators::{Answer, Call, ContentKind};

use super::replay::{Group, link};
use super::{Evidence, Run, memberships};
use crate::plan::Purpose;
use crate::verdict::{Verdict, Violation};

pub(super) fn calls(evidence: &Evidence, verdict: &mut Verdict) {
    for call in evidence.calls.iter().filter(|call| call.effect) {
        match call.operation.as_str() {
            "DeleteProjectMembership" => removed(evidence, call, verdict),
            // The rules of a deletion are in `groups`.
            "DeleteDatasetGroup" => {}
            _ => added(evidence, call, verdict),
        }
    }
}

/// A retirement only takes away.
fn added(evidence: &Evidence, call: &Call, verdict: &mut Verdict) {
    let runs: Vec<_> = evidence.runs_of(call).collect();
    if let Some(run) = runs.first().filter(|_| runs.iter().all(|run| run.asked.purpose == Purpose::Retire)) {
        verdict.violations.push(Violation::RetirementChanged {
            execution: run.execution.arn.clone(),
            name: run.name.name.clone(),
            call: call.sequence,
            operation: call.operation.clone(),
        });
    }
}

/// A membership is taken by a retirement that names it, that has seen its own link, and that has seen the group empty, or on
/// its way out.
fn removed(evidence: &Evidence, call: &Call, verdict: &mut Verdict) {
    let refused = refused(evidence, call, |run| {
        linked(evidence, run, call)?;
        let looked = evidence.last_before(call, |look| look.operation == "DescribeDatasetGroup");
        let status = looked.and_then(|look| look.transition.as_ref()?.after.as_deref());
        if status.is_some_and(|status| status.starts_with("DELETE ")) { Ok(()) } else { empty(evidence, call) }
    });
    if let Some(why) = refused {
        verdict.violations.push(Violation::MemberRemoved {
            domain: call.resource.domain.clone().unwrap_or_default(),
            project: call.resource.project.clone().unwrap_or_default(),
            member: call.request["member"].to_string(),
            call: call.sequence,
            why,
        });
    }
}

/// Whether an invocation of the step that retires made a call: unlike the create step, it asks `DataZone` for the profile.
pub(super) fn is_retiring(evidence: &Evidence, call: &Call) -> bool {
    evidence.earlier(call).any(|earlier| earlier.service == simulators::Service::DataZone)
}

/// Why no retirement that was running was allowed to delete a group; nothing when one was.
pub(super) fn deletion_refused(evidence: &Evidence, call: &Call) -> Option<String> {
    refused(evidence, call, |run| {
        linked(evidence, run, call)?;
        empty(evidence, call)?;
        let left = run.asked.projects.iter().find(|project| !was_taken(evidence, run, call, &project.id));
        left.map_or(Ok(()), |project| Err(format!("its profile had not lost the access to {}", project.id)))
    })
}

/// Why none of the retirements that may have made a call was allowed to; nothing when one was.
fn refused(evidence: &Evidence, call: &Call, allow: impl Fn(&Run) -> Result<(), String>) -> Option<String> {
    let mut why = "no retirement that asked for it was running".to_owned();
    for run in evidence.runs_of(call).filter(|run| run.asked.purpose == Purpose::Retire && !run.asked.plan_only) {
        match allow(run) {
            Ok(()) => return None,
            Err(reason) => why = reason,
        }
    }
    Some(why)
}

/// Whether the tags that the invocation read last were a link to the profile of the run.
fn linked(evidence: &Evidence, run: &Run, call: &Call) -> Result<(), String> {
    let read = evidence.last_before(call, |read| read.operation == "ListTagsForResource");
    let read = read.and_then(|read| read.ended_at).ok_or("nobody had read its link")?;
    let group = evidence.life(run).at(read);
    if group.is_some_and(|group| is_own(run, group)) {
        return Ok(());
    }
    Err(format!("it was linked to {:?}", group.map(|group| link(&group.tags))))
}

/// Whether a group is linked to the profile of a run.
pub(super) fn is_own(run: &Run, group: &Group) -> bool {
    run.profile.is_some() && group.link() == [Some(run.asked.domain.as_str()), run.profile]
}

/// Whether the invocation had listed the resources of each kind, and there were none.
fn empty(evidence: &Evidence, call: &Call) -> Result<(), String> {
    for kind in ContentKind::ALL {
        let list = evidence.last_before(call, |list| list.operation == kind.list_operation());
        let list = list.ok_or_else(|| format!("nobody had looked for {kind:?}"))?;
        if let Some(names) = list.contents.get(&kind) {
            return Err(format!("there were {kind:?}: {names:?}"));
        }
    }
    Ok(())
}

/// Whether the invocation had read the members of a project, and the profile of the run was none of them.
fn was_taken(evidence: &Evidence, run: &Run, call: &Call, project: &str) -> bool {
    let of_project = |list: &&Call| list.resource.project.as_deref() == Some(project);
    let list = evidence.last_before(call, |list| list.operation == "ListProjectMemberships" && of_project(&list));
    let moment = list.and_then(|list| list.ended_at);
    moment.is_some_and(|moment| memberships::designation_at(evidence, run, project, moment).is_none())
}

/// Retired means gone, and the outcome says what became of each project.
pub(super) fn check(evidence: &Evidence, run: &Run, output: &Value, verdict: &mut Verdict) {
    let expected = [
        ("/datasetGroup/name", run.name.name.as_str()),
        ("/executionArn", &run.execution.arn),
        ("/metadata/correlationId", &run.trigger.id),
    ];
    let other =
        expected.into_iter().filter(|(pointer, value)| output.pointer(pointer).is_none_or(|said| said != value));
    let mut lacks: Vec<_> = other.map(|(pointer, value)| format!("{pointer} {value} in its output")).collect();
    lacks.extend(memberships::lacking(run, output));
    lacks.extend(not_gone(evidence, run, output));
    if !lacks.is_empty() {
        let (execution, name) = (run.execution.arn.clone(), run.name.name.clone());
        verdict.violations.push(Violation::NotRetired { execution, name, lacks });
    }
}

/// What contradicts the disposition.
fn not_gone(evidence: &Evidence, run: &Run, output: &Value) -> Option<String> {
    let life = evidence.life(run);
    let last = life.at(run.execution.stopped).and_then(|group| group.generation);
    let during: Vec<_> = life.during(run.execution.started, run.execution.stopped).collect();
    let is_visible = |group: &&&Group| group.status.is_some();
    match output["disposition"].as_str() {
        Some("DELETED") if during.iter().flatten().filter(is_visible).any(|group| group.generation != last) => None,
        Some("DELETED") => Some("a group that is gone".to_owned()),
        Some("ABSENT") if during.iter().any(|group| group.is_none_or(|group| group.status.is_none())) => None,
        Some("ABSENT") => Some("a moment without a group".to_owned()),
        other => Some(format!("a disposition: it is {other:?}")),
    }
}

/// Whether what a cause says to be in a group was in it, when it was listed.
pub(super) fn was_in_use(evidence: &Evidence, run: &Run, contents: &Value) -> Result<(), String> {
    let mut is_empty = true;
    for kind in ContentKind::ALL {
        let member = serde_json::to_value(kind).unwrap_or_default();
        let said = member.as_str().and_then(|member| contents.get(member)?.as_array());
        let Some(said) = said else { continue };
        is_empty = false;
        let was_listed = |list: &Call| {
            let names = list.contents.get(&kind).into_iter().flatten().take(contract::step_error::MOST_NAMES);
            list.operation == kind.list_operation() && list.status == Answer::Status(200) && names.eq(said)
        };
        if !evidence.calls_of(run).any(was_listed) {
            return Err(format!("{kind:?} were not {said:?}"));
        }
    }
    if is_empty { Err("it names nothing".to_owned()) } else { Ok(()) }
}
