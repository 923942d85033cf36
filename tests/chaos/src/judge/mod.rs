//! The judge: reads a history, and says what must never be. Pure: no I/O.
//!
//! It goes by the log of the simulators, in the order in which the calls had their effects, and by nothing that the
//! workflow says of itself.

mod batches;
mod convergence;
mod failures;
mod groups;
mod memberships;
mod plans;
mod profiles;
mod replay;
mod retirements;
mod successes;
mod triggers;

use std::collections::BTreeMap;

use jiff::Timestamp;
use simulators::{Answer, Call};

use crate::history::{Ended, Execution, History};
use crate::plan::{Asked, AskedProject, Name, Purpose, Trigger};
use crate::verdict::Verdict;
use replay::Life;

/// Judges a history.
#[must_use]
pub fn judge(history: &History) -> Verdict {
    let evidence = Evidence::of(history);
    let mut verdict = Verdict::default();
    triggers::check(&evidence, &mut verdict);
    batches::check(&evidence, &mut verdict);
    groups::check(&evidence, &mut verdict);
    profiles::check(&evidence, &mut verdict);
    memberships::check(&evidence, &mut verdict);
    plans::calls(&evidence, &mut verdict);
    retirements::calls(&evidence, &mut verdict);
    for run in &evidence.runs {
        match &run.execution.ended {
            Ended::Succeeded(output) if run.asked.plan_only => plans::check(&evidence, run, output, &mut verdict),
            Ended::Succeeded(output) => match run.asked.purpose {
                Purpose::Provision => successes::check(&evidence, run, output, &mut verdict),
                Purpose::Retire => retirements::check(&evidence, run, output, &mut verdict),
            },
            Ended::Failed { error, cause } => failures::check(&evidence, run, error, cause, &mut verdict),
            Ended::Aborted | Ended::Otherwise(_) => {}
        }
    }
    convergence::check(&evidence, &mut verdict);
    verdict
}

/// A history, put in order.
struct Evidence<'a> {
    history: &'a History,
    /// The calls that have ended, in the order in which they did.
    calls: Vec<&'a Call>,
    /// The same by the trace that all calls of an invocation share.
    invocations: BTreeMap<&'a str, Vec<&'a Call>>,
    /// What became of the groups of each name.
    lives: BTreeMap<&'a str, Life<'a>>,
    /// The executions with what they were asked.
    runs: Vec<Run<'a>>,
}

/// An execution with what it was asked.
struct Run<'a> {
    execution: &'a Execution,
    trigger: &'a Trigger,
    name: &'a Name,
    asked: &'a Asked,
    /// The id of the profile that its principal has in the end.
    profile: Option<&'a str>,
}

impl<'a> Evidence<'a> {
    fn of(history: &'a History) -> Self {
        let plan = &history.plan;
        let mut calls: Vec<_> = history.calls.iter().filter(|call| call.ended_at.is_some()).collect();
        calls.sort_by_key(|call| call.ended_at);
        let mut invocations: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for call in &calls {
            if let Some(trace) = call.trace_id.as_deref() {
                invocations.entry(trace).or_default().push(*call);
            }
        }
        let lives = plan.names.iter().map(|name| (name.name.as_str(), Life::of(name, &calls))).collect();
        let triggers: BTreeMap<_, _> = plan.all_triggers().map(|trigger| (trigger.id.as_str(), trigger)).collect();
        let runs = history.executions.iter().filter_map(|execution| {
            let trigger = *triggers.get(execution.trigger.as_deref()?)?;
            let (name, asked) = plan.asked(trigger);
            let profile = profiles::asked_for(&history.end.domains, asked).map(|profile| profile.id.as_str());
            Some(Run { execution, trigger, name, asked, profile })
        });
        Self { history, calls, invocations, lives, runs: runs.collect() }
    }

    fn life(&self, run: &Run) -> &Life<'a> {
        &self.lives[run.name.name.as_str()]
    }

    /// The calls that the same invocation made before, in order. Without a trace nobody knows whose a call is.
    fn earlier<'b>(&'b self, call: &'b Call) -> impl DoubleEndedIterator<Item = &'a Call> + 'b {
        let invocation = call.trace_id.as_deref().and_then(|trace| self.invocations.get(trace));
        invocation.into_iter().flatten().copied().filter(move |other| other.ended_at < call.ended_at)
    }

    /// The last of them that went well and is meant.
    fn last_before(&self, call: &Call, is_meant: impl Fn(&Call) -> bool) -> Option<&'a Call> {
        self.earlier(call).rfind(|earlier| earlier.status == Answer::Status(200) && is_meant(earlier))
    }

    /// The calls that an execution may have made while it ran.
    fn calls_of<'b>(&'b self, run: &'b Run<'a>) -> impl Iterator<Item = &'a Call> + 'b {
        self.calls.iter().copied().filter(move |call| run.covers(call.received_at) && run.is_about(call))
    }

    /// The executions that may have made a call: they ran then and are about it, and so for every call of its invocation.
    fn runs_of<'b>(&'b self, call: &'b Call) -> impl Iterator<Item = &'b Run<'a>> + 'b {
        let invocation = call.trace_id.as_deref().and_then(|trace| self.invocations.get(trace));
        self.runs.iter().filter(move |run| {
            let mut calls = invocation.into_iter().flatten().copied().chain([call]);
            calls.all(|call| run.covers(call.received_at) && run.is_about(call))
        })
    }
}

impl Run<'_> {
    /// Whether it ran at this moment. The engine's clock is cut to milliseconds.
    fn covers(&self, moment: Timestamp) -> bool {
        let started = self.execution.started.as_millisecond();
        let stopped = self.execution.stopped.as_millisecond();
        (started..=stopped + 1).contains(&moment.as_millisecond())
    }

    /// Whether a call is about its name, or about its principal or the profile of that, and one of its projects; a search
    /// names none of them, and a list of members no principal.
    fn is_about(&self, call: &Call) -> bool {
        let group = call.resource.dataset_group.as_deref();
        let own = |id: &str| id == self.asked.principal.identifier() || Some(id) == self.profile;
        group == Some(&self.name.name)
            || (call.resource.domain.as_deref() == Some(&self.asked.domain)
                && call.resource.group.as_deref().is_none_or(own)
                && call.resource.project.as_deref().is_none_or(|id| self.asked_project(id).is_some()))
    }

    /// What is asked for in a project.
    fn asked_project(&self, id: &str) -> Option<&AskedProject> {
        self.asked.projects.iter().find(|project| project.id == id)
    }
}
