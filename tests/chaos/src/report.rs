//! What is said of a storm.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use simulators::{Answer, Call, Fault, Word};

use crate::history::{Ended, History};
use crate::verdict::Verdict;

/// The figures of a storm, with the verdict.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The seed of the plan.
    pub seed: u64,
    /// Events of the storm.
    pub events: usize,
    /// Those of them that were rows of a manifest.
    pub rows: usize,
    /// Names that they were for.
    pub names: usize,
    /// How many times an event was put on the bus, those of the reruns included.
    pub sent: usize,
    /// Executions.
    pub executions: usize,
    /// How many ended in which way.
    pub ended: BTreeMap<String, usize>,
    /// The last state of those that were aborted.
    pub aborted_in: BTreeMap<String, usize>,
    /// Attempts of steps that failed, whether or not they were retried, by error.
    pub failed_attempts: BTreeMap<String, usize>,
    /// Calls to the services.
    pub calls: usize,
    /// The same for each execution.
    pub calls_per_execution: f64,
    /// Calls that a fault hit, by kind.
    pub faults: BTreeMap<String, usize>,
    /// What could go wrong in the storm, and how often: the plan's faults.
    pub fault_plan: Vec<Fault>,
    /// Calls whose caller hung up before the answer.
    pub abandoned_calls: usize,
    /// Dataset groups whose creation failed at some time.
    pub failed_creations: usize,
    /// Looks at groups that were held in DELETE PENDING.
    pub looks_at_deletions: usize,
    /// Members that were added to projects.
    pub added_members: usize,
    /// Members that were removed from projects.
    pub removed_members: usize,
    /// Seconds from the start of the first execution to the end of the last one, without the reruns.
    pub event_seconds: f64,
    /// Seconds of everything, the start of the stack included.
    pub seconds: f64,
    /// What the judge found.
    pub verdict: Verdict,
}

impl Report {
    /// The figures of a history.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 calls")]
    pub fn of(history: &History, verdict: Verdict, took: Duration) -> Self {
        let History { plan, sent, executions, calls, .. } = history;
        let aborted = executions.iter().filter(|execution| execution.ended == Ended::Aborted);
        let mut failed: Vec<_> =
            looks_at(calls, "CREATE FAILED").filter_map(|call| Some(call.transition.as_ref()?.generation)).collect();
        failed.sort_unstable();
        failed.dedup();
        Self {
            seed: plan.seed,
            events: plan.triggers.len(),
            rows: plan.manifest.len(),
            names: plan.names.len(),
            sent: sent.len(),
            executions: executions.len(),
            ended: counted(executions.iter().map(|execution| execution.ended.word())),
            aborted_in: counted(aborted.filter_map(|execution| execution.states.last().map(String::as_str))),
            failed_attempts: counted(
                executions.iter().flat_map(|execution| &execution.failed_attempts).map(String::as_str),
            ),
            calls: calls.len(),
            calls_per_execution: calls.len() as f64 / executions.len().max(1) as f64,
            faults: counted(calls.iter().filter_map(|call| call.fault.as_deref())),
            fault_plan: plan.faults.clone(),
            abandoned_calls: calls.iter().filter(|call| call.status == Answer::Word(Word::Pending)).count(),
            failed_creations: failed.len(),
            looks_at_deletions: looks_at(calls, "DELETE PENDING").count(),
            added_members: effects_of(calls, "CreateProjectMembership"),
            removed_members: effects_of(calls, "DeleteProjectMembership"),
            event_seconds: history.seconds(),
            seconds: took.as_secs_f64(),
            verdict,
        }
    }

    /// Writes the report into `target/chaos`, and the history that it is about beside it.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the current directory is outside the project.
    pub fn write(&self, history: &History) -> io::Result<PathBuf> {
        let folder = project::root()?.join("target/chaos");
        fs::create_dir_all(&folder)?;
        let path = folder.join("report.json");
        fs::write(&path, serde_json::to_vec_pretty(self)?)?;
        fs::write(folder.join("history.json"), serde_json::to_vec(history)?)?;
        Ok(path)
    }
}

/// The looks that showed a dataset group in this status.
fn looks_at<'a>(calls: &'a [Call], status: &'static str) -> impl Iterator<Item = &'a Call> {
    calls.iter().filter(move |call| {
        let after = call.transition.as_ref().and_then(|transition| transition.after.as_deref());
        call.operation == "DescribeDatasetGroup" && after == Some(status)
    })
}

fn effects_of(calls: &[Call], operation: &str) -> usize {
    calls.iter().filter(|call| call.effect && call.operation == operation).count()
}

fn counted<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for word in words {
        *counted.entry(word.to_owned()).or_default() += 1;
    }
    counted
}

fn listed(counted: &BTreeMap<String, usize>) -> String {
    counted.iter().map(|(word, number)| format!("{word} {number}")).collect::<Vec<_>>().join(", ")
}

/// The line of figures, and every violation, race and failure of the engine with its evidence.
impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            events,
            rows,
            names,
            executions,
            calls_per_execution,
            faults,
            event_seconds,
            seconds,
            verdict,
            ..
        } = self;
        let plan = if self.fault_plan.is_empty() { "without faults".to_owned() } else { format!("seed {seed}") };
        let number = faults.values().sum::<usize>();
        let faulty = if number == 0 { String::new() } else { format!("{number} faults ({}); ", listed(faults)) };
        write!(
            formatter,
            "{plan}: {executions} executions of {events} events ({rows} rows of a manifest) for {names} names ({}); {faulty}{} violations, {} races, {} failures of the engine; {calls_per_execution:.1} calls per execution; \
             {event_seconds:.1} s for the events, {seconds:.0} s in all",
            listed(&self.ended),
            verdict.violations.len(),
            verdict.races.len(),
            verdict.engine_failures.len(),
        )?;
        for violation in &verdict.violations {
            write!(formatter, "\n  violation ({plan}, {}): {violation}", violation.about())?;
        }
        for race in &verdict.races {
            write!(formatter, "\n  race ({plan}): {race}")?;
        }
        for failure in &verdict.engine_failures {
            write!(formatter, "\n  failure of the engine: {} {}", failure.execution, failure.message)?;
        }
        Ok(())
    }
}
