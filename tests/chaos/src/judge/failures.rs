//! What an execution fails with is what happened.

use contract::step_error::Cause;
use simulators::{Answer, Call};

use super::replay::{Group, failed_and_linked_by_others};
use super::{Evidence, Run, memberships, profiles, retirements};
use crate::plan::{Asked, Purpose};
use crate::verdict::{EngineFailure, Verdict, Violation};

/// In these states a group has a configuration that counts.
const STANDING: [&str; 3] = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"];
/// Seconds between two looks at most, by the rule in `contract::waiting`, which keeps its numbers to itself.
pub(super) const LONGEST_PAUSE: u64 = 50;
/// Seconds that a throttled step waits at most, by the definition.
const LONGEST_WAIT: u64 = 100;
/// Errors of Lambda that are the engine's doing. What a function itself does wrong
/// (`Runtime.ExitError`) is not among them.
const OF_THE_ENGINE: [&str; 2] = ["Lambda.Unknown", "Lambda.ServiceException"];
pub(super) const TIMED_OUT: &str = "ProvisioningTimedOut";
/// The codes of calls that are throttled in a storm.
const THROTTLES: [&str; 2] = ["ThrottlingException", "TooManyRequestsException"];

pub(super) fn check(evidence: &Evidence, run: &Run, error: &str, cause: &str, verdict: &mut Verdict) {
    let execution = || run.execution.arn.clone();
    let name = || run.name.name.clone();
    let unfounded =
        |why: String| Violation::Unfounded { execution: execution(), name: name(), error: error.to_owned(), why };
    let cause: Cause = match serde_json::from_str(cause) {
        Ok(cause) => cause,
        Err(fault) => return verdict.violations.push(unfounded(format!("its cause cannot be read: {fault}: {cause}"))),
    };
    if is_of_the_engine(run, error) {
        return verdict.engine_failures.push(EngineFailure { execution: execution(), message: cause.message });
    }
    let ends_a_plan = ["AccessDenied", "Unavailable"].contains(&error) || cause.service.is_some() && error == TIMED_OUT;
    if run.asked.plan_only && !ends_a_plan {
        verdict.violations.push(unfounded("it only plans, and a plan says what would fail".to_owned()));
    }
    if let Err(why) = founded(evidence, run, error, &cause) {
        verdict.violations.push(unfounded(format!("{why}; it says: {}", cause.message)));
    }
    if !["DatasetGroupConflict", "AccessDenied", "Unavailable", "Unexpected"].contains(&error)
        && let Some(standing) = other_throughout(evidence, run)
    {
        let ended = error.to_owned();
        verdict.violations.push(Violation::ConflictHidden { execution: execution(), name: name(), ended, standing });
    }
}

/// Whether the last attempt failed by the engine, as the engine itself noted. The machine describes that as Unavailable.
fn is_of_the_engine(run: &Run, error: &str) -> bool {
    let last = run.execution.failed_attempts.last();
    error == "Unavailable" && last.is_some_and(|last| OF_THE_ENGINE.contains(&last.as_str()))
}

/// Whether what happened while the execution ran explains an error.
pub(super) fn founded(evidence: &Evidence, run: &Run, error: &str, cause: &Cause) -> Result<(), String> {
    let life = evidence.life(run);
    let (started, stopped) = (run.execution.started, run.execution.stopped);
    let during = life.during(started, stopped);
    match error {
        "DatasetGroupConflict" if run.asked.purpose == Purpose::Retire => {
            let differs = |group: &Group| group.status.is_some() && !retirements::is_own(run, group);
            during
                .flatten()
                .any(differs)
                .then_some(())
                .ok_or_else(|| "every group was linked to its profile".to_owned())
        }
        "DatasetGroupInUse" => {
            let contents = serde_json::to_value(&cause.contents).unwrap_or_default();
            retirements::was_in_use(evidence, run, &contents)
        }
        "DatasetGroupConflict" => {
            let differs = |group: &Group| {
                let failed_for_others = group.status.as_deref() == Some("CREATE FAILED")
                    && failed_and_linked_by_others(group.link(), &run.asked.domain);
                (run.asked.replace && failed_for_others)
                    || stands(group)
                        && (group.configuration != run.asked.configuration
                            || links_elsewhere(evidence, run.asked, group))
            };
            during.flatten().any(differs).then_some(()).ok_or_else(|| "no group that stood there differed".to_owned())
        }
        "DatasetGroupCreateFailed" => {
            let failed = during.flatten().any(|group| group.status.as_deref() == Some("CREATE FAILED"));
            let plan = serde_json::to_string(run.name).unwrap_or_default();
            let reason = cause.failure_reason.as_deref().unwrap_or_default();
            match (failed, !reason.is_empty() && plan.contains(reason)) {
                (true, true) => Ok(()),
                (false, _) => Err("no group was CREATE FAILED".to_owned()),
                (true, false) => Err(format!("no creation was to fail for {reason:?}")),
            }
        }
        TIMED_OUT if cause.service.is_some() => {
            let call = answered(evidence, run, cause)?;
            is_throttled(call).then_some(()).ok_or_else(|| format!("call {} was not throttled", call.sequence))
        }
        TIMED_OUT => {
            let looks = evidence.calls_of(run).filter(|call| call.operation == "DescribeDatasetGroup").count();
            let throttled = evidence.calls_of(run).filter(|call| is_throttled(call)).count();
            let longest = LONGEST_PAUSE * (looks as u64 + 1) + LONGEST_WAIT * throttled as u64;
            let pending = during.flatten().any(|group| group.status.as_deref() != Some("ACTIVE"));
            if !pending {
                return Err("nothing was on its way".to_owned());
            }
            (longest >= run.asked.timeout_seconds).then_some(()).ok_or_else(|| {
                format!(
                    "{looks} looks with pauses of {LONGEST_PAUSE} s and {throttled} throttled calls are at most {longest} s, not {} s",
                    run.asked.timeout_seconds
                )
            })
        }
        "NotFound" if cause.service == Some(contract::Service::Personalize) => vanished(evidence, run, cause),
        "NotFound"
            if profiles::is_known(evidence, run.asked)
                && memberships::are_possible(evidence, run.asked, &evidence.history.end.domains) =>
        {
            Err("everything that was asked for exists".to_owned())
        }
        "NotFound" | "QuotaExceeded" => answered(evidence, run, cause).map(drop),
        "AccessDenied" => {
            let call = answered(evidence, run, cause)?;
            (call.fault.as_deref() == Some("accessDenied"))
                .then_some(())
                .ok_or_else(|| format!("call {} was not denied", call.sequence))
        }
        "Unavailable" => unavailable(evidence, run, cause),
        _ => Err("nothing that was done explains it".to_owned()),
    }
}

/// Whether the group is linked to another profile than the one that was asked for.
pub(super) fn links_elsewhere(evidence: &Evidence, asked: &Asked, group: &Group) -> bool {
    let id = profiles::asked_for(&evidence.history.end.domains, asked).map(|profile| profile.id.as_str());
    let [domain, profile] = group.link();
    domain.is_some_and(|domain| domain != asked.domain) || profile.is_some_and(|profile| Some(profile) != id)
}

/// The call that the cause names by the service's id.
fn answered<'a>(evidence: &Evidence<'a>, run: &Run<'a>, cause: &Cause) -> Result<&'a Call, String> {
    let id = cause.request_id.as_deref().ok_or("it names no call")?;
    let call = evidence.calls_of(run).find(|call| call.request_id.as_deref() == Some(id));
    let call = call.ok_or_else(|| format!("there was no call {id} while it ran"))?;
    if cause.operation.as_deref() != Some(&call.operation) {
        return Err(format!("call {id} was {}", call.operation));
    }
    // A response that was cut has its id in the head, and its code in the body.
    let was_cut = cause.code.is_none() && call.fault.as_deref() == Some("truncatedBody");
    if cause.code != call.error_code && !was_cut {
        return Err(format!("call {id} was answered {:?}", call.error_code));
    }
    Ok(call)
}

/// There was a group while the execution ran, and somebody who replaced or retired it had it deleted before the next call.
fn vanished(evidence: &Evidence, run: &Run, cause: &Cause) -> Result<(), String> {
    let call = answered(evidence, run, cause)?;
    let mut before = evidence.life(run).during(run.execution.started, call.received_at);
    let (seen, gone) = (before.any(|group| group.is_some()), call.transition.is_none());
    (seen && gone).then_some(()).ok_or_else(|| format!("no group vanished before call {}", call.sequence))
}

/// A fault that leaves no answer, an answer that tells of one, or a resource that another call holds.
fn unavailable(evidence: &Evidence, run: &Run, cause: &Cause) -> Result<(), String> {
    const UNANSWERED: [&str; 5] = ["cutBeforeEffect", "cutAfterEffect", "truncatedBody", "htmlBadGateway", "delay"];
    let Some(operation) = cause.operation.as_deref() else {
        // A function that ran out of its time names nothing; the machine names the state for an error that is not one of a
        // function.
        if let Some(state) = &cause.resource {
            return Err(format!("{state} failed by what is neither a function's error nor the engine's"));
        }
        let slow = evidence.calls_of(run).any(|call| call.fault.is_some());
        return slow.then_some(()).ok_or_else(|| "no call was slow".to_owned());
    };
    let pending = evidence.history.calls.iter().filter(|call| {
        // The function gave up, so it never ended.
        call.ended_at.is_none() && run.covers(call.received_at) && run.is_about(call)
    });
    let mut calls = evidence.calls_of(run).chain(pending).filter(|call| call.operation == operation);
    let found = match cause.request_id {
        Some(_) => {
            let call = answered(evidence, run, cause)?;
            // What was answered late was answered all the same.
            call.fault.as_deref().is_some_and(|fault| fault != "delay")
                || call.error_code.as_deref() == Some("ResourceInUseException")
        }
        None => {
            calls.any(|call| call.fault.as_deref().is_some_and(|fault| UNANSWERED.contains(&fault)) || hidden(call))
        }
    };
    found.then_some(()).ok_or_else(|| format!("nothing happened to {operation}"))
}

fn is_throttled(call: &Call) -> bool {
    THROTTLES.contains(&call.error_code.as_deref().unwrap_or_default())
}

/// A look at a group that exists and is not shown yet.
fn hidden(call: &Call) -> bool {
    let invisible = call.transition.as_ref().is_some_and(|transition| transition.after.is_none());
    invisible && call.status == Answer::Status(400)
}

fn stands(group: &Group) -> bool {
    group.status.as_deref().is_some_and(|status| STANDING.contains(&status))
}

/// The configuration or the link of the group, when one and the same stood there with another one than that of the request
/// as long as the execution ran.
pub(super) fn other_throughout(evidence: &Evidence, run: &Run) -> Option<String> {
    let groups: Vec<_> = evidence.life(run).during(run.execution.started, run.execution.stopped).collect();
    let first = (*groups.first()?)?;
    let stood = groups.iter().all(|group| {
        group.is_some_and(|group| {
            let differs = match run.asked.purpose {
                Purpose::Provision => stands(group) && group.configuration != run.asked.configuration,
                Purpose::Retire => group.status.is_some() && !retirements::is_own(run, group),
            };
            group.generation == first.generation && differs
        })
    });
    stood.then(|| match run.asked.purpose {
        Purpose::Provision => format!("{:?}", first.configuration),
        Purpose::Retire => format!("{:?}", first.link()),
    })
}
