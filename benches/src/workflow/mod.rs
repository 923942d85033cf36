//! The whole workflow under load, on the local engine: so many events at once, what became of each, and how long it
//! took. The same load on the same machine with functions that do nothing says what the engine takes of that.

mod baseline;
mod clients;
pub mod crowd;
mod figures;
mod load;
mod memory;
mod request_counts;
mod requests;
mod subscriber;
mod tables;

pub use figures::{Figures, LoadFigures, Round, measure};
pub use memory::Memory;
pub use request_counts::RequestCounts;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The stack did not start, or stop.
    #[error(transparent)]
    Stack(#[from] local_stack::Error),
    /// The simulators rejected a control command.
    #[error(transparent)]
    Simulators(#[from] simulators::ControlError),
    /// The engine rejected a call, or its response was unexpected.
    #[error("the local engine, {doing}: {message}")]
    Engine {
        /// What was to be done.
        doing: &'static str,
        /// What it said.
        message: String,
    },
    /// Something has to be built first, or the operating system refused something.
    #[error(transparent)]
    Place(#[from] crate::Error),
}

impl Fault {
    /// For `map_err` of a call to the engine.
    fn engine<E: std::error::Error>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| {
            // The SDK's errors say the least themselves, and their sources the rest.
            let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
            let message = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
            Self::Engine { doing, message }
        }
    }
}
