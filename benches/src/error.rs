//! Why nothing was measured.

use std::io;
use std::path::PathBuf;

use simulators::ControlError;

use crate::chart::NoChart;
use crate::workflow;

/// Why nothing was measured, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something has to be built or installed first.
    #[error("{} is missing: {remedy}", what.display())]
    Missing {
        /// The file.
        what: PathBuf,
        /// What makes it.
        remedy: &'static str,
    },
    /// valgrind counts the instructions.
    #[error(
        "valgrind is needed to count instructions, and was not found on PATH; Debian and Ubuntu: apt install valgrind"
    )]
    NoValgrind,
    /// A program under measurement did something else than it should, so its figures mean nothing.
    #[error("{program}: {what}\n{log}")]
    Misbehaved {
        /// Which program.
        program: String,
        /// What it did.
        what: String,
        /// The end of what it printed.
        log: String,
    },
    /// The operating system refused something.
    #[error("{doing}: {source}")]
    System {
        /// What was to be done.
        doing: String,
        /// What it said.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {problem}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The certificates of the front could not be made.
    #[error("the certificates of the measurement could not be made: {0}")]
    Certificates(String),
    /// The whole workflow could not be run.
    #[error(transparent)]
    Workflow(#[from] Box<workflow::Fault>),
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] NoChart),
    /// The simulators refused an order.
    #[error(transparent)]
    Simulators(#[from] ControlError),
}

impl Error {
    /// For `map_err`: says what was being done.
    pub(crate) fn system(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::System { doing, source }
    }
}
