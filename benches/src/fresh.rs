//! Part `fresh`: what a fresh process takes by the clock, on the processor and in memory, side by side with its peers.
//!
//! Each round starts every program once, in another order, so that whatever else the machine does meets all of them
//! alike; a ratio is made within a round.

use std::time::Duration;

use benches::Error;
use benches::process::{LambdaProcess, Used};
use benches::setup::{Setup, verify};
use benches::subject::{Peer, Subject};
use local_stack::Progress;

use crate::chart::bars;
use crate::report::{Section, Table, Target};
use crate::statistics::{median, quantile, shown};
use crate::zips;

const TITLE: &str = "Fresh processes";
/// Fresh processes of each program.
const ROUNDS: usize = 25;
/// The order of the programs in the rounds is the same in every run.
const SEED: u64 = 5;

/// What one process took, in the order of the columns of the table: three times, processor time, memory.
type Run = [f64; 5];
const READY: usize = 0;
const FIRST_RESPONSE: usize = 2;
const PEAK_MEMORY: usize = 4;

/// A program with its runs.
struct Program {
    subject: Subject,
    runs: Vec<Run>,
}

impl Program {
    /// A figure of each of its runs.
    fn figures(&self, metric: usize) -> Vec<f64> {
        self.runs.iter().map(|run| run[metric]).collect()
    }

    /// How many times the figure of another program its own is: the median of the ratios of the same round.
    fn times(&self, other: &Self, metric: usize) -> f64 {
        let ratios = self.runs.iter().zip(&other.runs).map(|(own, other)| own[metric] / other[metric]);
        median(&ratios.collect::<Vec<_>>())
    }
}

/// Measures all programs. `bars` are those of the chart so far.
pub async fn measure(setup: &Setup, progress: &mut Progress, bars: &mut Vec<bars::Section>) -> Result<Section, Error> {
    let mut programs: Vec<Program> = Subject::all().map(|subject| Program { subject, runs: Vec::new() }).collect();
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut order: Vec<usize> = (0..programs.len()).collect();
    for round in 1..=ROUNDS {
        progress.say(TITLE, &format!("{round} of {ROUNDS}"));
        random.shuffle(&mut order);
        for &place in &order {
            let run = run(&programs[place].subject, setup).await?;
            programs[place].runs.push(run);
        }
    }
    progress.done(TITLE);
    let ours = programs.iter().filter(|program| program.subject.is_ours());
    let mut targets: Vec<Target> = ours
        .map(|program| {
            let what = format!("{}: highest peak memory", program.subject.name());
            Target::at_most(what, quantile(&program.figures(PEAK_MEMORY), 1.0), 20.0, "MB")
        })
        .collect();
    let (zips, zip_targets) = zips::measure()?;
    targets.extend(zip_targets);
    let python = programs.iter().find(|program| program.subject == Subject::Peer(Peer::Python));
    let faster = python.map(|python| python.times(&programs[0], FIRST_RESPONSE));
    targets.extend(faster.map(|times| Target::times("faster than Python from start to first response", times, 5.0)));
    let row = |program: &Program| {
        let [ready, first] = [READY, FIRST_RESPONSE].map(|metric| median(&program.figures(metric)));
        bars::Row::of(program.subject, ready, first)
    };
    let rows = programs.iter().map(row).collect();
    bars.push(bars::Section { title: "Time", unit: "milliseconds", suffix: " ms", rows });
    let charts = vec![bars::cold_starts(bars)?];
    Ok(Section { title: TITLE, charts, tables: vec![table(&programs), zips], targets })
}

async fn run(subject: &Subject, setup: &Setup) -> Result<Run, Error> {
    subject.scenario().prepare(&setup.control).await?;
    let before = setup.tally();
    let mut process = LambdaProcess::start(subject, setup, subject.trust(), &[]).await?;
    let ready = process.ready();
    let answered = process.invoke().await?;
    let Used { processor, peak_memory } = process.used()?;
    verify(&process, setup, before, subject.calls(), subject.connections()).await?;
    let first_response = answered.at - process.started();
    process.terminate().await?;
    let [ready, event, first_response, processor] = [ready, answered.took, first_response, processor].map(milliseconds);
    #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^53 bytes")]
    let megabytes = peak_memory as f64 / 1e6;
    Ok([ready, event, first_response, processor, megabytes])
}

/// In milliseconds.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn table(programs: &[Program]) -> Table {
    let row = |program: &Program| {
        let cell = |metric| {
            let figures = program.figures(metric);
            let [median, lower, upper] = [0.5, 0.25, 0.75].map(|share| shown(quantile(&figures, share)));
            format!("{median} ({lower} to {upper}) {} ×", shown(program.times(&programs[0], metric)))
        };
        std::iter::once(program.subject.name()).chain((READY..=PEAK_MEMORY).map(cell)).collect()
    };
    Table {
        title: "A fresh process: milliseconds and MB, median (middle half), and multiple of poll-status".to_owned(),
        columns: vec![
            "program",
            "start to ready, ms",
            "first event, ms",
            "start to first response, ms",
            "processor, ms",
            "peak memory, MB",
        ],
        rows: programs.iter().map(row).collect(),
        notes: vec![
            format!(
                "Each program ran in {ROUNDS} fresh processes. The order of the programs changed at random after each pass \
                 through all of them. A multiple is the median of the ratios within a pass."
            ),
            "Processor: user space and kernel, all threads, until the first response. Peak memory: resident."
                .to_owned(),
            "Python starts from byte code that the installation has compiled. From a zip it would compile the code at \
             every cold start."
                .to_owned(),
        ],
    }
}
