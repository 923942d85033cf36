//! Counts the instructions of a function in user space, with callgrind.
//!
//! The binary is the one that is deployed. A count is cut by ending the process at a moment when it waits for an event
//! and has nothing else to do; callgrind writes what it has counted when the process gets SIGTERM. So a count of the
//! first answer holds the request for the second event, some thousands of instructions, too.
//!
//! The processor of the machine hardly matters: valgrind shows every program the same one, an Intel Haswell, wherever
//! the real one has AVX2, so that ring and the C library choose the same code everywhere.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process::{LambdaProcess, Wrapper};
use crate::setup::{Setup, verify};
use crate::subject::Subject;

/// How far a process is let come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Its first request for an event.
    Ready,
    /// The same, with the roots that it trusts in a file, as [`Until::FirstAnswer`] needs it.
    ReadyWithFile,
    /// Its first answer, and the request for the next event.
    FirstAnswer,
}

/// Counts are the same within a thousandth, but callgrind is some fifty times slower than the machine: on a busy one a
/// time-out of the SDK can end an attempt at a call. Such a run made other calls than it should, and is made again.
const RUNS: u32 = 5;

/// valgrind, as it names itself.
///
/// # Errors
/// When it is not installed.
pub fn version() -> Result<String, Error> {
    let output = Command::new("valgrind").arg("--version").output().map_err(|_| Error::NoValgrind)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Instructions from the start of a fresh process. The profile is kept in `profile`.
///
/// # Errors
/// When valgrind is missing, or the function does something else than it should.
pub async fn count(subject: &Subject, setup: &Setup, until: Until, profile: &Path) -> Result<u64, Error> {
    version()?;
    let mut run = 1;
    loop {
        match count_once(subject, setup, until, profile).await {
            Err(Error::Misbehaved { .. }) if run < RUNS => run += 1,
            counted => return counted,
        }
    }
}

async fn count_once(subject: &Subject, setup: &Setup, until: Until, profile: &Path) -> Result<u64, Error> {
    subject.prepare(&setup.control).await?;
    // What an earlier run left is not taken for this one's.
    if profile.exists() {
        fs::remove_file(profile).map_err(Error::system(format!("cannot remove {}", profile.display())))?;
    }
    let before = setup.tally();
    let trust = match until {
        Until::Ready => subject.trust_at_start(),
        Until::ReadyWithFile | Until::FirstAnswer => subject.trust(),
    };
    let mut process = LambdaProcess::start(subject, setup, trust, &callgrind(profile)).await?;
    match until {
        // A connection would have failed where the root of the measurement is not trusted.
        Until::Ready | Until::ReadyWithFile => verify(&process, setup, before, &[], 0).await?,
        Until::FirstAnswer => {
            process.invoke().await?;
            verify(&process, setup, before, subject.calls(), subject.connections()).await?;
        }
    }
    process.terminate().await?;
    total(profile)
}

fn callgrind(profile: &Path) -> Wrapper {
    let mut file = OsString::from("--callgrind-out-file=");
    file.push(profile);
    Wrapper(vec!["valgrind".into(), "--tool=callgrind".into(), "--quiet".into(), file])
}

/// The instructions of a profile.
fn total(profile: &Path) -> Result<u64, Error> {
    let unreadable = |problem: &str| Error::Unreadable { file: PathBuf::from(profile), problem: problem.to_owned() };
    let text = fs::read_to_string(profile).map_err(|_| unreadable("callgrind has written nothing"))?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let totals = totals.ok_or_else(|| unreadable("it has no totals"))?;
    totals.trim().parse().map_err(|_| unreadable("its totals are no number"))
}
