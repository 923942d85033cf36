//! The judge: reads a history, and says what must never be. Pure: no I/O.
//!
//! It goes by the log of the simulators, in the order in which the calls had their effects, and by nothing that the
//! workflow says of itself.

mod convergence;
mod failures;
mod groups;
mod profiles;
mod replay;
mod successes;
mod triggers;

use std::collections::BTreeMap;

use jiff::Timestamp;
use simulators::Call;

use crate::history::{Ended, Execution, History};
use crate::plan::{Asked, Name, Trigger};
use crate::verdict::Verdict;
use replay::Life;

/// Judges a history.
#[must_use]
pub fn judge(history: &History) -> Verdict {
    let evidence = Evidence::of(history);
    let mut verdict = Verdict::default();
    triggers::check(&evidence, &mut verdict);
    groups::check(&evidence, &mut verdict);
    profiles::check(&evidence, &mut verdict);
    for run in &evidence.runs {
        match &run.execution.ended {
            Ended::Succeeded(output) => successes::check(&evidence, run, output, &mut verdict),
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
        let lives = plan.names.iter().map(|name| (name.name.as_str(), Life::of(name, &calls))).collect();
        let triggers: BTreeMap<_, _> = plan.all_triggers().map(|trigger| (trigger.id.as_str(), trigger)).collect();
        let runs = history.executions.iter().filter_map(|execution| {
            let trigger = *triggers.get(execution.trigger.as_deref()?)?;
            let (name, asked) = plan.asked(trigger);
            let profile = profiles::asked_for(&history.end.domains, asked).map(|profile| profile.id.as_str());
            Some(Run { execution, trigger, name, asked, profile })
        });
        Self { history, calls, lives, runs: runs.collect() }
    }

    fn life(&self, run: &Run) -> &Life<'a> {
        &self.lives[run.name.name.as_str()]
    }

    /// The calls that an execution may have made while it ran.
    fn calls_of<'b>(&'b self, run: &'b Run<'a>) -> impl Iterator<Item = &'a Call> + 'b {
        self.calls.iter().copied().filter(move |call| run.covers(call.received_at) && run.is_about(call))
    }
}

impl Run<'_> {
    /// Whether it ran at this moment. The engine's clock is cut to milliseconds.
    fn covers(&self, moment: Timestamp) -> bool {
        let started = self.execution.started.as_millisecond();
        let stopped = self.execution.stopped.as_millisecond();
        (started..=stopped + 1).contains(&moment.as_millisecond())
    }

    /// Whether a call is about its name, or about its principal or the profile of that; a search names neither.
    fn is_about(&self, call: &Call) -> bool {
        let group = call.resource.dataset_group.as_deref();
        let own = |id: &str| id == self.asked.principal.identifier() || Some(id) == self.profile;
        group == Some(&self.name.name)
            || (call.resource.domain.as_deref() == Some(&self.asked.domain)
                && call.resource.group.as_deref().is_none_or(own))
    }
}
