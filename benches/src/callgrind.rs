//! Counts the instructions of a function in user space, with callgrind.
//!
//! The binary is the one that is deployed. A count is cut by ending the process at a moment when it waits for an event
//! and has nothing else to do; callgrind writes what it has counted when the process gets SIGTERM. So a count of the
//! first response holds the request for the second event, some thousands of instructions, too.
//!
//! The processor of the machine hardly matters: valgrind shows every program the same one, an Intel Haswell, wherever
//! the real one has AVX2, so that ring and the C library choose the same code everywhere.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::places;
use crate::process::LambdaProcess;
use crate::scenario::Scenario;
use crate::setup::{Setup, Trust, verify};
use crate::subject::Subject;

/// Counts are the same within a thousandth, but callgrind is some fifty times slower than the machine: on a busy one a
/// time-out of the SDK can end an attempt at a call. Such a run made other calls than it should, and is made again.
const ATTEMPTS: u32 = 5;

/// One thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The program, with the event that it gets.
    pub subject: Subject,
    /// How far it is let come.
    pub until: Until,
}

/// How far a process is let come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Its first request for an event.
    Ready,
    /// Its first response, and the request for the next event.
    FirstResponse,
}

/// A count.
#[derive(Debug, Clone)]
pub struct Count {
    /// Its name, as in the baseline: `poll-status ready`.
    pub name: String,
    /// Millions of instructions, the median of the runs.
    pub millions: f64,
    /// The difference between the highest and the lowest run, as a share of the median.
    pub spread: f64,
    /// The profile of the last run, for `callgrind_annotate`.
    pub profile: PathBuf,
}

/// valgrind, as it names itself.
///
/// # Errors
/// When it is not installed.
pub fn version() -> Result<String, Error> {
    let output = Command::new("valgrind").arg("--version").output().map_err(|_| Error::NoValgrind)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Counted {
    /// What is counted of our functions: each one's start, and the first response of each scenario.
    #[must_use]
    pub fn functions() -> Vec<Self> {
        let subjects = Scenario::ALL.map(Subject::Function);
        let mut counted: Vec<Self> = Vec::new();
        for (subject, until) in subjects.iter().flat_map(|subject| Until::BOTH.map(|until| (*subject, until))) {
            let one = Self { subject, until };
            // The start of a function is the same for all of its scenarios.
            if counted.iter().all(|other| other.name() != one.name()) {
                counted.push(one);
            }
        }
        counted
    }

    /// Its name, as in the baseline.
    #[must_use]
    pub fn name(&self) -> String {
        match self.until {
            Until::Ready => format!("{} ready", self.subject.function()),
            Until::FirstResponse => format!("{} first response", self.subject.name()),
        }
    }

    /// Counts it in so many fresh processes.
    ///
    /// # Errors
    /// When valgrind is missing, or the program does something else than it should.
    pub async fn count(&self, setup: &Setup, runs: usize) -> Result<Count, Error> {
        version()?;
        let name = self.name();
        let profile = places::results()?.join(format!("callgrind.{}.out", name.replace(' ', "-")));
        let mut millions = Vec::new();
        let mut attempt = 1;
        while millions.len() < runs {
            match self.count_once(setup, &profile).await {
                Err(Error::Misbehaved { .. }) if attempt < ATTEMPTS => attempt += 1,
                counted => millions.push(counted?),
            }
        }
        millions.sort_by(f64::total_cmp);
        let median = millions[millions.len() / 2];
        let spread = (millions[millions.len() - 1] - millions[0]) / median;
        Ok(Count { name, millions: median, spread, profile })
    }

    async fn count_once(&self, setup: &Setup, profile: &Path) -> Result<f64, Error> {
        let Self { subject, until } = self;
        subject.scenario().prepare(&setup.control).await?;
        // What an earlier run left is not taken for this one's.
        if profile.exists() {
            fs::remove_file(profile).map_err(Error::system(format!("cannot remove {}", profile.display())))?;
        }
        let mut file = OsString::from("--callgrind-out-file=");
        file.push(profile);
        let callgrind = ["valgrind".into(), "--tool=callgrind".into(), "--quiet".into(), file];
        let before = setup.tally();
        let (trust, calls, connections) = match until {
            // Exactly as on AWS. A connection would fail where the root of the measurement is not trusted.
            Until::Ready if subject.is_ours() => (Trust::CompiledIn, &[][..], 0),
            Until::Ready => (subject.trust(), &[][..], 0),
            Until::FirstResponse => (subject.trust(), subject.calls(), subject.connections()),
        };
        let mut process = LambdaProcess::start(subject, setup, trust, &callgrind).await?;
        if *until == Until::FirstResponse {
            process.invoke().await?;
        }
        verify(&process, setup, before, calls, connections).await?;
        process.terminate().await?;
        total(profile)
    }
}

impl Until {
    /// Both, in the order in which a process gets there.
    pub const BOTH: [Self; 2] = [Self::Ready, Self::FirstResponse];
}

/// The millions of instructions of a profile.
fn total(profile: &Path) -> Result<f64, Error> {
    let unreadable = |problem: &str| Error::Unreadable { file: PathBuf::from(profile), problem: problem.to_owned() };
    let text = fs::read_to_string(profile).map_err(|_| unreadable("callgrind has written nothing"))?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let totals: f64 =
        totals.and_then(|totals| totals.trim().parse().ok()).ok_or_else(|| unreadable("it has no total"))?;
    Ok(totals / 1e6)
}
