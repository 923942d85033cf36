//! What was found.

use contract::outcome::REQUESTED;
use local_stack::{LocalStack, Options};
use serde::Serialize;
use serde_json::Value;

use super::clients::Clients;
use super::load::{Ran, Target};
use super::memory::{Memory, Watcher};
use super::request_counts::RequestCounts;
use super::subscriber::Subscriber;
use super::{Fault, baseline, requests};
use crate::statistics::percentile;

/// So many events at once, so many times: small loads are over too soon for one time to say anything.
const LOADS: [(usize, usize); 4] = [(1, 9), (10, 5), (100, 1), (500, 1)];

/// As many failures as a reader can use.
const FAILURES: usize = 3;
/// Attempts at the baseline.
const TRIES: usize = 3;

/// Everything about the whole workflow.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// One after the other, on the same engine.
    pub loads: Vec<LoadFigures>,
}

/// So many events at once.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadFigures {
    /// Events in a round.
    pub events: usize,
    /// Rounds of each; times are the medians of these.
    pub rounds: usize,
    /// The workflow.
    pub ours: Round,
    /// The same machine with functions that do nothing.
    pub baseline: Round,
    /// Seconds of the workflow for each second of the baseline.
    pub ratio: f64,
    /// The most memory meanwhile, of either.
    pub memory: Memory,
}

/// One kind of executions.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Round {
    /// What became of the requests of all rounds.
    #[serde(flatten)]
    pub requests: RequestCounts,
    /// Why executions failed, the first few.
    pub failures: Vec<String>,
    /// From the first event to the end of the last execution.
    pub seconds: f64,
    /// What an execution took.
    pub execution_seconds: f64,
    /// What the slowest took.
    pub slowest_execution_seconds: f64,
}

/// Deploys both machines, and runs all loads: some minutes. `progress` is told what is being done.
///
/// # Errors
/// When something is not built, does not start, or refuses a call; what becomes of requests is a figure.
pub async fn measure(progress: impl Fn(&str)) -> Result<Figures, Fault> {
    progress("starting the local stack");
    let stack = LocalStack::start(Options::default()).await?;
    progress("deploying the baseline");
    let baseline = baseline::deploy(&stack).await?;
    let clients = Clients::of(&stack);
    let bus = stack.outputs()["EventBusName"].clone();
    let subscriber = Subscriber::subscribe(&clients, &bus).await?;
    let workflow = Target { machine: stack.outputs()["StateMachineArn"].clone(), bus, detail_type: REQUESTED };
    let mut bench = Bench { stack, clients, subscriber, workflow, baseline };
    let mut loads = Vec::new();
    for (events, rounds) in LOADS {
        loads.push(bench.load(events, rounds, &progress).await?);
    }
    progress("stopping the local stack");
    bench.stack.stop().await?;
    Ok(Figures { loads })
}

struct Bench {
    stack: LocalStack,
    clients: Clients,
    subscriber: Subscriber,
    workflow: Target,
    baseline: Target,
}

impl Bench {
    async fn load(&mut self, events: usize, rounds: usize, progress: &impl Fn(&str)) -> Result<LoadFigures, Fault> {
        let watcher = Watcher::start();
        let (mut ours, mut baseline) = (Vec::new(), Vec::new());
        for round in 1..=rounds {
            progress(&format!("{events} at once, round {round} of {rounds}"));
            // Whoever comes second finds a warmer machine, so they take turns.
            if round % 2 == 0 {
                ours.push(self.ours(events).await?);
                baseline.push(self.nothing(events).await?);
            } else {
                baseline.push(self.nothing(events).await?);
                ours.push(self.ours(events).await?);
            }
        }
        let (ours, baseline) = (Round::of(&ours), Round::of(&baseline));
        let ratio = ours.seconds / baseline.seconds;
        Ok(LoadFigures { events, rounds, ours, baseline, ratio, memory: watcher.stop().await })
    }

    async fn ours(&mut self, events: usize) -> Result<(Ran, RequestCounts), Fault> {
        let control = self.stack.control();
        requests::prepare(&control, events).await?;
        let ran = self.workflow.load(&all_requests(events), &self.clients, &mut self.subscriber).await?;
        let services = requests::provisioned(&control, events).await?;
        let counts = RequestCounts::of(&names(events), &ran.started, &ran.outcomes, Some(&services));
        Ok((ran, counts))
    }

    /// Once more where the engine fails an execution by itself, which it does on a busy machine: seconds of executions
    /// that failed early would make the workflow look slow, or fast.
    async fn nothing(&mut self, events: usize) -> Result<(Ran, RequestCounts), Fault> {
        let mut message = String::new();
        for _ in 0..TRIES {
            let ran = self.baseline.load(&all_requests(events), &self.clients, &mut self.subscriber).await?;
            let counts = RequestCounts::of(&names(events), &ran.started, &ran.outcomes, None);
            if counts.done == events {
                return Ok((ran, counts));
            }
            let failure = ran.started.iter().find_map(|started| started.failure.clone()).unwrap_or_default();
            message = format!("{} of {events} executions of no-op functions succeeded; {failure}", counts.done);
        }
        Err(Fault::Engine { doing: "running the baseline", message })
    }
}

impl Round {
    fn of(rounds: &[(Ran, RequestCounts)]) -> Self {
        let executions: Vec<f64> = rounds.iter().flat_map(|(ran, _)| ran.executions.iter().copied()).collect();
        let failures = rounds.iter().flat_map(|(ran, _)| &ran.started).filter_map(|started| started.failure.as_ref());
        Self {
            requests: rounds.iter().map(|(_, counts)| *counts).fold(RequestCounts::default(), RequestCounts::and),
            failures: failures.take(FAILURES).cloned().collect(),
            seconds: median(&rounds.iter().map(|(ran, _)| ran.seconds).collect::<Vec<_>>()),
            execution_seconds: median(&executions),
            slowest_execution_seconds: executions.iter().copied().fold(0.0, f64::max),
        }
    }
}

pub fn all_requests(events: usize) -> Vec<Value> {
    (0..events).map(requests::request).collect()
}

pub fn names(events: usize) -> Vec<String> {
    (0..events).map(requests::name).collect()
}

/// The middle one; 0 when nothing has ended.
fn median(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { percentile(values, 0.5) }
}
