//! Part `fresh`: what a fresh process takes by the clock, on the processor and in memory, side by side with its peers.
//!
//! Each round starts every program once, in another order, so that whatever else the machine does meets all of them
//! alike; a ratio is made within a round.

use std::time::Duration;

use serde::Serialize;

use crate::error::Error;
use crate::process::{LambdaProcess, Used, Wrapper};
use crate::scenario::Scenario;
use crate::setup::{Setup, verify};
use crate::statistics::{Summary, shown};
use crate::subject::{Peer, Subject};
use crate::table::Table;
use crate::target::Target;
use crate::zips::{self, Zip};

/// Fresh processes of each program.
pub const ROUNDS: usize = 25;

/// The order of the programs in the rounds is the same in every run.
const SEED: u64 = 5;

/// What was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Fresh processes of each program.
    pub rounds: usize,
    /// Our functions, then the peers.
    pub programs: Vec<Program>,
    /// What would be uploaded of each.
    pub zips: Vec<Zip>,
}

/// One program.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    /// Its name.
    pub name: String,
    /// True for one of ours.
    pub ours: bool,
    /// From the start of the process to its first request for an event, in milliseconds.
    pub ready: Measured,
    /// From the first event being sent to its answer being there, in milliseconds.
    pub first_event: Measured,
    /// From the start of the process to its first answer, in milliseconds.
    pub first_answer: Measured,
    /// Time on the processor until the first answer, all threads, in milliseconds.
    pub processor: Measured,
    /// The most memory that was resident, in MB.
    pub peak_memory: Measured,
}

/// A figure, and how many times that of `poll-status` it is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// The figure.
    #[serde(flatten)]
    pub summary: Summary,
    /// The middle of the ratios to `poll-status` in the same round.
    pub times_poll_status: f64,
}

impl Figures {
    /// The tables of the report.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        vec![self.times(), self.sizes()]
    }

    fn times(&self) -> Table {
        let cell = |measured: &Measured| {
            let Summary { median, lower_quartile, upper_quartile, .. } = measured.summary;
            let [middle, lower, upper] = [median, lower_quartile, upper_quartile].map(shown);
            format!("{middle} ({lower} to {upper}) {} ×", shown(measured.times_poll_status))
        };
        let row = |program: &Program| {
            vec![
                program.name.clone(),
                cell(&program.ready),
                cell(&program.first_event),
                cell(&program.first_answer),
                cell(&program.processor),
                cell(&program.peak_memory),
            ]
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
            rows: self.programs.iter().map(row).collect(),
            notes: vec![
                format!(
                    "Each program ran in {} fresh processes. The order of the programs changed at random after each pass \
                     through all of them. A multiple is the median of the ratios within a pass.",
                    self.rounds
                ),
                "Processor: user space and kernel, all threads, until the first response. Peak memory: resident.".to_owned(),
                "Python starts from byte code that the installation has compiled. From a zip it would compile the code at \
                 every cold start."
                    .to_owned(),
            ],
        }
    }

    fn sizes(&self) -> Table {
        let reference = self.zips.first().map_or(f64::NAN, |zip| zip.megabytes);
        let row = |zip: &Zip| {
            vec![zip.name.clone(), format!("{:.2}", zip.megabytes), format!("{} ×", shown(zip.megabytes / reference))]
        };
        Table {
            title: "Uploaded zip, in MB".to_owned(),
            columns: vec!["program", "zip", "multiple of poll-status"],
            rows: self.zips.iter().map(row).collect(),
            notes: vec![
                "Zipped in the same way as by SAM. Lambda's image for Python contains boto3, so a zip can omit it. Then \
                 Lambda chooses the version of boto3."
                    .to_owned(),
            ],
        }
    }

    /// What was promised of fresh processes and zips.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let ours = self.programs.iter().filter(|program| program.ours);
        let mut targets: Vec<Target> = ours
            .map(|program| {
                let what = format!("{}: highest peak memory", program.name);
                Target::at_most(what, program.peak_memory.summary.highest, 20.0, "MB")
            })
            .collect();
        let ours = self.zips.iter().filter(|zip| zip.ours);
        targets.extend(ours.map(|zip| Target::at_most(format!("{}: zip", zip.name), zip.megabytes, 2.5, "MB")));
        let python = self.programs.iter().find(|program| program.name == Peer::Python.name());
        targets.extend(python.map(|python| {
            Target::times("faster than Python from start to first response", python.first_answer.times_poll_status, 5.0)
        }));
        targets
    }
}

/// One process.
#[derive(Debug, Clone, Copy)]
struct Run {
    ready: f64,
    first_event: f64,
    first_answer: f64,
    processor: f64,
    peak_memory: f64,
}

/// The programs, `poll-status` first.
fn subjects() -> Vec<Subject> {
    let functions = Scenario::ALL.map(Subject::Function);
    let peers = Peer::ALL.map(Subject::Peer);
    functions.into_iter().chain(peers).collect()
}

/// Measures all programs. `progress` is told how many rounds are done.
///
/// # Errors
/// When a program is missing or does something else than it should.
pub async fn measure(setup: &Setup, progress: impl Fn(usize)) -> Result<Figures, Error> {
    let subjects = subjects();
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); subjects.len()];
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut order: Vec<usize> = (0..subjects.len()).collect();
    for round in 0..ROUNDS {
        progress(round);
        random.shuffle(&mut order);
        for &place in &order {
            runs[place].push(run(&subjects[place], setup).await?);
        }
    }
    let programs = subjects.iter().zip(&runs).map(|(subject, own)| Program {
        name: subject.name(),
        ours: matches!(subject, Subject::Function(_)),
        ready: measured(own, &runs[0], |run| run.ready),
        first_event: measured(own, &runs[0], |run| run.first_event),
        first_answer: measured(own, &runs[0], |run| run.first_answer),
        processor: measured(own, &runs[0], |run| run.processor),
        peak_memory: measured(own, &runs[0], |run| run.peak_memory),
    });
    Ok(Figures { rounds: ROUNDS, programs: programs.collect(), zips: zips::measure()? })
}

async fn run(subject: &Subject, setup: &Setup) -> Result<Run, Error> {
    subject.prepare(&setup.control).await?;
    let before = setup.tally();
    let mut process = LambdaProcess::start(subject, setup, subject.trust(), &Wrapper::default()).await?;
    let ready = process.ready();
    let answered = process.invoke().await?;
    let Used { processor, peak_memory } = process.used()?;
    verify(&process, setup, before, subject.calls(), subject.connections()).await?;
    let first_answer = answered.at - process.started();
    process.terminate().await?;
    Ok(Run {
        ready: milliseconds(ready),
        first_event: milliseconds(answered.took),
        first_answer: milliseconds(first_answer),
        processor: milliseconds(processor),
        peak_memory: megabytes(peak_memory),
    })
}

fn measured(own: &[Run], poll_status: &[Run], figure: impl Fn(&Run) -> f64) -> Measured {
    let figures: Vec<f64> = own.iter().map(&figure).collect();
    let ratios: Vec<f64> = own.iter().zip(poll_status).map(|(own, other)| figure(own) / figure(other)).collect();
    Measured { summary: Summary::of(&figures), times_poll_status: Summary::of(&ratios).median }
}

/// In milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "memory is far below 2^53 bytes")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
