//! Who became a member of which project, and what the outcomes tell of it.

use jiff::Timestamp;
use serde_json::Value;
use simulators::{Call, DomainState, Membership};

use super::groups::look_right_before;
use super::{Evidence, Run, profiles};
use crate::plan::{Asked, Principal, Purpose};
use crate::verdict::{Race, Verdict, Violation};

pub(super) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    for call in evidence.calls.iter().filter(|call| is_addition(call)) {
        added(evidence, call, verdict);
        if let Some(Membership { before: Some(from), after: Some(after) }) = &call.membership {
            changed(evidence, call, from, after, verdict);
        }
    }
    for run in &evidence.runs {
        told(evidence, run, verdict);
    }
}

fn is_addition(call: &Call) -> bool {
    call.effect && call.operation == "CreateProjectMembership"
}

/// An execution that was running was asked for this.
fn added(evidence: &Evidence, call: &Call, verdict: &mut Verdict) {
    let project = call.resource.project.as_deref().unwrap_or_default();
    let asked_for = evidence.runs_of(call).any(|run| {
        let asked = run.asked_project(project);
        !run.asked.plan_only
            && run.asked.purpose == Purpose::Provision
            && call.resource.group.is_some()
            && asked.is_some_and(|asked| call.request["designation"] == asked.designation())
    });
    if !asked_for {
        verdict.violations.push(Violation::MemberAdded {
            domain: call.resource.domain.clone().unwrap_or_default(),
            project: project.to_owned(),
            member: call.request["member"].to_string(),
            designation: call.request["designation"].as_str().unwrap_or_default().to_owned(),
            call: call.sequence,
        });
    }
}

/// The service replaced the designation of a member, who may have come between the look and the act.
fn changed(evidence: &Evidence, call: &Call, from: &str, to: &str, verdict: &mut Verdict) {
    let domain = call.resource.domain.clone().unwrap_or_default();
    let project = call.resource.project.clone().unwrap_or_default();
    let look = look_right_before(evidence, call, "ListProjectMemberships");
    let looked = look.filter(|look| look.resource.project == call.resource.project).and_then(|look| look.ended_at);
    let came = |other: &&&Call| {
        is_addition(other)
            && other.ended_at < call.ended_at
            && other.trace_id != call.trace_id
            && other.resource == call.resource
    };
    let came = evidence.calls.iter().rfind(came).and_then(|other| other.ended_at);
    match looked.zip(call.ended_at) {
        Some((looked, at)) if came.is_some_and(|came| looked < came) => {
            verdict.races.push(Race::Designation { domain, project, call: call.sequence, at, looked });
        }
        Some(_) | None => {
            let (call, from, to) = (call.sequence, from.to_owned(), to.to_owned());
            verdict.violations.push(Violation::DesignationChanged { domain, project, call, from, to });
        }
    }
}

/// The memberships that the outcome of an execution tells of, whether it failed or not.
fn told(evidence: &Evidence, run: &Run, verdict: &mut Verdict) {
    let events = evidence.history.told.iter().filter(|told| told.detail["executionArn"] == run.execution.arn);
    for membership in events.filter_map(|told| told.detail["changes"]["projects"].as_array()).flatten() {
        let project = membership["projectIdentifier"].as_str().unwrap_or_default();
        if let Err(why) = is_true(evidence, run, project, membership) {
            let (execution, name) = (run.execution.arn.clone(), run.name.name.clone());
            verdict.violations.push(Violation::NotMember { execution, name, project: project.to_owned(), why });
        }
    }
}

fn is_true(evidence: &Evidence, run: &Run, project: &str, membership: &Value) -> Result<(), String> {
    let asked = run.asked_project(project).ok_or("it was not asked for")?;
    match run.asked.purpose {
        Purpose::Provision => {}
        Purpose::Retire => return is_true_of_removal(evidence, run, project, membership),
    }
    let before = designation(&evidence.history.plan.domains, run.asked, project);
    let additions = || {
        let calls = evidence.calls.iter().filter(|call| is_addition(call) && run.is_about(call));
        calls.filter(|call| {
            call.resource.project.as_deref() == Some(project)
                && call.ended_at.is_some_and(|at| at <= run.execution.stopped || run.covers(at))
        })
    };
    let had: Vec<_> =
        before.into_iter().chain(additions().filter_map(|call| call.membership.as_ref()?.after.as_deref())).collect();
    let said = membership["designation"].as_str().unwrap_or_default();
    if !had.contains(&said) {
        return Err(format!("{said}, and it had {had:?}"));
    }
    let requested = Some(asked.designation()).filter(|asked| *asked != said);
    if membership["requestedDesignation"].as_str() != requested {
        return Err(format!("requestedDesignation is not {requested:?}"));
    }
    match membership["change"].as_str() {
        Some("ADDED") if additions().any(|call| run.covers(call.received_at)) => Ok(()),
        Some("ADDED") => Err("it was not added while the execution ran".to_owned()),
        Some("KEPT") => Ok(()),
        other => Err(format!("the change is {other:?}")),
    }
}

fn is_true_of_removal(evidence: &Evidence, run: &Run, project: &str, membership: &Value) -> Result<(), String> {
    let (started, stopped) = (run.execution.started, run.execution.stopped);
    let within: Vec<_> = changes(evidence, run, project)
        .filter(|(at, _)| *at > started && (*at <= stopped || run.covers(*at)))
        .collect();
    let mut had = std::iter::once(designation_at(evidence, run, project, started))
        .chain(within.iter().map(|(_, change)| change.after.as_deref()));
    let said = membership["designation"].as_str();
    let is_so = match (membership["change"].as_str(), said) {
        (Some("REMOVED"), Some(said)) => {
            within.iter().any(|(_, change)| change.after.is_none() && change.before.as_deref() == Some(said))
        }
        (Some("LEFT"), Some(said)) => had.any(|had| had == Some(said)),
        (Some("ABSENT"), None) => had.any(|had| had.is_none()),
        _ => false,
    };
    is_so.then_some(()).ok_or_else(|| format!("{membership}, and while it ran that was {within:?}"))
}

/// What was changed of the membership of the principal of a run in a project, and when.
fn changes<'a>(
    evidence: &Evidence<'a>,
    run: &Run<'a>,
    project: &str,
) -> impl DoubleEndedIterator<Item = (Timestamp, &'a Membership)> {
    let (asked, profile) = (run.asked, run.profile);
    evidence.calls.iter().filter(|call| call.effect).filter_map(move |call| {
        let own = |id: &str| id == asked.principal.identifier() || Some(id) == profile;
        let is_meant = call.resource.domain.as_deref() == Some(&asked.domain)
            && call.resource.project.as_deref() == Some(project)
            && call.resource.group.as_deref().is_some_and(own);
        Some((call.ended_at?, call.membership.as_ref()?)).filter(|_| is_meant)
    })
}

/// What the principal of a run was in a project at a moment; nothing when it was no member.
pub(super) fn designation_at<'a>(
    evidence: &Evidence<'a>,
    run: &Run<'a>,
    project: &str,
    moment: Timestamp,
) -> Option<&'a str> {
    match changes(evidence, run, project).rfind(|(at, _)| *at <= moment) {
        Some((_, change)) => change.after.as_deref(),
        None => designation(&evidence.history.plan.domains, run.asked, project),
    }
}

/// The projects of a request, when the output of its execution does not tell of each in its order.
pub(super) fn lacking(run: &Run, output: &Value) -> Option<String> {
    let told = output["changes"]["projects"].as_array().into_iter().flatten();
    let told = told.filter_map(|project| project["projectIdentifier"].as_str());
    let asked = run.asked.projects.iter().map(|project| project.id.as_str());
    (!told.eq(asked.clone())).then(|| format!("/changes/projects {:?} in its output", asked.collect::<Vec<_>>()))
}

/// Whether the principal is, or can become, a member of each project that is asked for, in these domains; or the project
/// exists, for a retirement.
pub(super) fn are_possible(evidence: &Evidence, asked: &Asked, domains: &[DomainState]) -> bool {
    let projects = domains.iter().find(|domain| domain.id == asked.domain).map(|domain| &domain.projects);
    let joins = match asked.principal {
        Principal::Group(_) => true,
        Principal::Role(_) => evidence.history.plan.behaviour.member_by_profile_id,
    };
    asked.projects.iter().all(|project| {
        let exists = projects.is_some_and(|projects| projects.iter().any(|other| other.id == project.id));
        let joins = joins || asked.purpose == Purpose::Retire;
        exists && (joins || designation(domains, asked, &project.id).is_some())
    })
}

/// The designation of the principal in a project, as it is in these domains. A role is a member by its profile.
fn designation<'a>(domains: &'a [DomainState], asked: &Asked, project: &str) -> Option<&'a str> {
    let id = match &asked.principal {
        Principal::Group(id) => id,
        Principal::Role(_) => &profiles::asked_for(domains, asked)?.id,
    };
    let domain = domains.iter().find(|domain| domain.id == asked.domain)?;
    let project = domain.projects.iter().find(|other| other.id == project)?;
    let member = project.members.iter().find(|member| member.group_id.as_deref() == Some(id))?;
    Some(&member.designation)
}
