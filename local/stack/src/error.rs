//! Why there is no stack.

use std::io;
use std::path::PathBuf;

/// Why there is no stack, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The current directory is outside the project.
    #[error("{0}")]
    NoProject(#[source] io::Error),
    /// The tools are not installed.
    #[error("{} is missing: run `make tools`", .0.display())]
    NoTools(PathBuf),
    /// There is nothing to deploy.
    #[error("{} is missing: run `make build`", .0.display())]
    NoArtifacts(PathBuf),
    /// The supervisor is a program of this package, and cargo builds no programs of a dependency.
    #[error("{} is missing: run `cargo build --workspace --bin local-stack`", .0.display())]
    NoProgram(PathBuf),
    /// The simulators could not listen.
    #[error("the simulators did not start: {0}")]
    Simulators(#[source] io::Error),
    /// The supervisor could not be started or spoken to.
    #[error("the supervisor of the local stack did not start: {0}")]
    Supervisor(#[source] io::Error),
    /// The supervisor says why.
    #[error("the local stack did not start: {0}")]
    Failed(String),
    /// The supervisor speaks another language than this library.
    #[error(
        "the supervisor said {0:?}; if it is older than this library, run `cargo build --workspace --bin local-stack`"
    )]
    Strange(String),
    /// The supervisor ended unasked; the engine went with it.
    #[error("the supervisor of the local stack ended unexpectedly: {0}")]
    Ended(String),
    /// The engine rejected a call, or its response was unexpected.
    #[error("{doing}: {message}")]
    Engine {
        /// What was to be done.
        doing: &'static str,
        /// What it said.
        message: String,
    },
}

impl Error {
    /// For `map_err` of a call to the engine: the SDK's errors say the least themselves, and their sources the rest.
    pub fn engine<E: std::error::Error>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| {
            let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
            let message = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
            Self::Engine { doing, message }
        }
    }
}
