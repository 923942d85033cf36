//! Why nothing was measured.

use std::io;
use std::path::PathBuf;

use simulators::ControlError;

/// Why nothing was measured, and what to do about it.
#[expect(missing_docs, reason = "each variant says what went wrong; what its members are is in their names")]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something has to be built or installed first.
    #[error("{} is missing: {remedy}", what.display())]
    Missing { what: PathBuf, remedy: &'static str },
    /// valgrind counts the instructions.
    #[error(
        "valgrind is needed to count instructions, and was not found on PATH; Debian and Ubuntu: apt install valgrind"
    )]
    NoValgrind,
    /// A program under measurement did something else than it should, so its figures mean nothing. `log` is the end of
    /// what it printed.
    #[error("{program}: {what}\n{log}")]
    Misbehaved { program: String, what: String, log: String },
    /// The operating system refused what was to be done.
    #[error("{doing}: {source}")]
    System { doing: String, source: io::Error },
    /// A file does not hold what it should.
    #[error("{}: {problem}", file.display())]
    Unreadable { file: PathBuf, problem: String },
    /// The certificates of the front could not be made.
    #[error("the certificates of the measurement could not be made: {0}")]
    Certificates(String),
    /// The library refused to draw a chart.
    #[error("the chart {0} could not be drawn")]
    Chart(String),
    /// The local stack did not start or stop.
    #[error(transparent)]
    Stack(#[from] Box<local_stack::Error>),
    /// The simulators refused a control command.
    #[error(transparent)]
    Simulators(#[from] ControlError),
}

impl Error {
    /// For `map_err`: says what was being done.
    pub fn system(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::System { doing, source }
    }
}
