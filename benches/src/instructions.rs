//! Part `instructions`: how many instructions until a function is ready, and until its first answer.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::callgrind::{Until, count};
use crate::error::Error;
use crate::places;
use crate::scenario::Scenario;
use crate::setup::Setup;
use crate::statistics::Summary;
use crate::subject::{Peer, Subject};
use crate::table::Table;
use crate::target::Target;

/// Fresh processes of each count. They are within a thousandth of each other, so that these are enough.
const RUNS: u32 = 3;

/// What was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Our functions, then the floor and the naive form.
    pub programs: Vec<Program>,
    /// `poll-status` and the scenario with two services once more, before certificates with the curve P-256.
    pub with_p256: Vec<Count>,
    /// `poll-status` until it is ready, with the same roots from a file instead of compiled in.
    pub ready_with_file: Count,
}

/// A program with one of its events.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    /// Its name.
    pub name: String,
    /// True for one of ours.
    pub ours: bool,
    /// Calls of its event.
    pub calls: usize,
    /// Until it is ready.
    pub ready: Count,
    /// Until its first answer.
    pub first_answer: Count,
}

/// Counts everything. `progress` is told how many of [`STEPS`] are done.
///
/// # Errors
/// When valgrind or a program is missing, or a program does something else than it should.
pub async fn measure(setup: &Setup, setup_with_p256: &Setup, progress: impl Fn(usize)) -> Result<Figures, Error> {
    let subjects = Scenario::ALL.map(Subject::Function).into_iter().chain(PEERS.map(Subject::Peer));
    let mut programs: Vec<Program> = Vec::new();
    for (step, subject) in subjects.enumerate() {
        progress(step);
        let ready = Counted { subject: subject.clone(), until: Until::Ready };
        // The start of a function is the same for all of its scenarios.
        let ready = match programs.iter().find(|other| other.ready.name == ready.name()) {
            Some(other) => other.ready.clone(),
            None => ready.count(setup, RUNS).await?,
        };
        let first_answer = Counted { subject: subject.clone(), until: Until::FirstAnswer }.count(setup, RUNS).await?;
        programs.push(Program {
            name: subject.name(),
            ours: matches!(subject, Subject::Function(_)),
            calls: subject.calls().len(),
            ready,
            first_answer,
        });
    }
    progress(programs.len());
    let mut with_p256 = Vec::new();
    for scenario in [Scenario::Poll, Scenario::Keep] {
        let counted = Counted { subject: Subject::Function(scenario), until: Until::FirstAnswer };
        with_p256.push(counted.count(setup_with_p256, 1).await?);
    }
    let poll = Counted { subject: Subject::Function(Scenario::Poll), until: Until::ReadyWithFile };
    Ok(Figures { programs, with_p256, ready_with_file: poll.count(setup, 1).await? })
}

/// What [`measure`] counts one after the other.
pub const STEPS: usize = Scenario::ALL.len() + PEERS.len() + 1;

/// The peers that can be counted: callgrind would count an interpreter, and take minutes.
const PEERS: [Peer; 2] = [Peer::Hello, Peer::Naive];

impl Figures {
    /// The table of the report.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let hello = self.first_of(Peer::Hello);
        let naive = self.first_of(Peer::Naive);
        let rows = self.programs.iter().map(|program| {
            let (ready, first) = (program.ready.millions, program.first_answer.millions);
            vec![
                program.name.clone(),
                program.calls.to_string(),
                format!("{ready:.2}"),
                hello.map_or_else(String::new, |hello| format!("{:.1} ×", ready / hello.ready.millions)),
                format!("{first:.2}"),
                hello.map_or_else(String::new, |hello| format!("{:.1} ×", first / hello.first_answer.millions)),
                naive.map_or_else(String::new, |naive| format!("{:.0} ×", naive.first_answer.millions / first)),
            ]
        });
        let spread = self.programs.iter().filter(|program| program.ours);
        let spread = spread.flat_map(|program| [&program.ready, &program.first_answer]);
        let spread = spread.map(|count| count.spread).fold(0.0, f64::max);
        let p256: Vec<String> =
            self.with_p256.iter().map(|count| format!("{} {:.2}", count.name, count.millions)).collect();
        vec![Table {
            title: "Instructions of a cold start, in millions".to_owned(),
            columns: vec![
                "program",
                "calls",
                "ready",
                "multiple of hello",
                "first response",
                "multiple of hello",
                "naive needs",
            ],
            rows: rows.collect(),
            notes: vec![
                format!(
                    "User space, counted by callgrind, median of {RUNS} fresh processes. Counts of our functions differ by at \
                     most {:.2} %.",
                    spread * 100.0
                ),
                format!(
                    "Certificates have RSA keys with 2,048 bits, like those of the services. With the curve P-256: {}.",
                    p256.join(", ")
                ),
                format!(
                    "Ready is counted with the compiled-in roots, as on AWS. Until a first response the function reads the \
                     same number of roots from a file, because the root of the measurement must be among them. Ready with \
                     that file: {:.2} for poll-status.",
                    self.ready_with_file.millions
                ),
            ],
        }]
    }

    /// What was promised of the counts.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        for program in self.programs.iter().filter(|program| program.ours) {
            let ready = Target::at_most(&program.ready.name, program.ready.millions, 2.0, "M instructions");
            if targets.iter().all(|other: &Target| other.what != ready.what) {
                targets.push(ready);
            }
            let first = &program.first_answer;
            let what = format!("{}, calls: {}", first.name, program.calls);
            match program.calls {
                1 => targets.push(Target::at_most(what, first.millions, 6.0, "M instructions")),
                2 | 3 => targets.push(Target::at_most(what, first.millions, 9.0, "M instructions")),
                // Nothing was promised of longer paths.
                _ => {}
            }
        }
        if let (Some(naive), Some(ours)) = (self.first_of(Peer::Naive), self.programs.first()) {
            let times = naive.first_answer.millions / ours.first_answer.millions;
            targets.push(Target::times("fewer instructions than naive to the first response", times, 50.0));
        }
        targets
    }

    fn first_of(&self, peer: Peer) -> Option<&Program> {
        self.programs.iter().find(|program| program.name == peer.name())
    }
}

/// One thing that is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The program, with the event that it gets.
    pub subject: Subject,
    /// How far it is let come.
    pub until: Until,
}

/// A count.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// Its name, as in the baseline: `poll-status ready`.
    pub name: String,
    /// Millions of instructions; of several runs, the middle one.
    pub millions: f64,
    /// The difference between the highest and the lowest run, as a share of the middle one.
    pub spread: f64,
    /// The profile of the last run, for `callgrind_annotate`.
    #[serde(skip)]
    pub profile: PathBuf,
}

impl Counted {
    /// What is counted of our functions: each one's start, and the first answer of each scenario.
    #[must_use]
    pub fn functions() -> Vec<Self> {
        let mut counted: Vec<Self> = Vec::new();
        for scenario in Scenario::ALL {
            let subject = Subject::Function(scenario);
            // The start of a function is the same for all of its scenarios.
            if !counted.iter().any(|other| other.subject.function() == subject.function()) {
                counted.push(Self { subject: subject.clone(), until: Until::Ready });
            }
            counted.push(Self { subject, until: Until::FirstAnswer });
        }
        counted
    }

    /// Its name, as in the baseline.
    #[must_use]
    pub fn name(&self) -> String {
        match self.until {
            Until::Ready => format!("{} ready", self.subject.function()),
            Until::ReadyWithFile => format!("{} ready, roots from a file", self.subject.function()),
            Until::FirstAnswer => format!("{} first response", self.subject.name()),
        }
    }

    /// Counts it in so many fresh processes.
    ///
    /// # Errors
    /// When valgrind is missing, or the program does something else than it should.
    pub async fn count(&self, setup: &Setup, runs: u32) -> Result<Count, Error> {
        let profile = profile(&places::results()?, &self.name());
        let mut millions = Vec::new();
        for _ in 0..runs {
            millions.push(in_millions(count(&self.subject, setup, self.until, &profile).await?));
        }
        let median = Summary::of(&millions).median;
        let highest = millions.iter().copied().fold(f64::MIN, f64::max);
        let lowest = millions.iter().copied().fold(f64::MAX, f64::min);
        Ok(Count { name: self.name(), millions: median, spread: (highest - lowest) / median, profile })
    }
}

fn profile(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("callgrind.{}.out", name.replace([' ', ','], "-")))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn in_millions(instructions: u64) -> f64 {
    instructions as f64 / 1e6
}
