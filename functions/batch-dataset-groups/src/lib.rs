//! What the batch state machine decides in Rust: whether a manifest can be run, which request a row is, how a row ended,
//! and how the batch did. No task calls a service: the state machine reads the manifest and runs the rows.

mod columns;
mod csv;
mod manifest;
mod open;
mod result;
mod row;
mod summary;

use contract::StepError;
use contract::batch::{RowOutcome, RowResult, Summary};
use serde::{Deserialize, Serialize};
use wiring::{Invocation, LogSummary};

pub use columns::COLUMNS;
pub use manifest::{PART, Position};
pub use open::{Open, Opened, Part, Progress};
pub use result::{Close, Described};
pub use row::{Row, RowRequest};
pub use summary::Summarize;

/// What the state machine passes: the task, and its input beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "task", rename_all = "UPPERCASE")]
pub enum Input {
    /// Validates the request of the batch, and then the manifest, part by part.
    Open(Open),
    /// Makes a request out of a row.
    Row(Row),
    /// Says in at most 300 bytes how a row ended.
    Close(Close),
    /// Counts how the rows ended.
    Summarize(Summarize),
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// Where the manifest is, and how far it has been validated.
    Opened(Opened),
    /// The input of the execution for a row.
    Row(RowRequest),
    /// How a row ended.
    Result(RowResult),
    /// How the batch ended.
    Summary(Summary),
}

impl LogSummary for Output {
    fn decision(&self) -> &'static str {
        match self {
            Self::Opened(Opened { progress: Progress::Read, .. }) => "read the manifest",
            Self::Opened(Opened { progress: Progress::Csv | Progress::Jsonl, .. }) => "run the rows",
            Self::Row(_) => "run the row",
            Self::Result(result) => match result.outcome {
                RowOutcome::Created | RowOutcome::Adopted | RowOutcome::Planned => "row succeeded",
                RowOutcome::Failed => "row failed",
                RowOutcome::Blank => "row is blank",
                RowOutcome::Running => "row is running",
            },
            Self::Summary(_) => "batch finished",
        }
    }
}

/// Does one of the tasks.
///
/// # Errors
/// [`StepError::InvalidRequest`] for a batch, a manifest or a row that breaks a rule, and what it means that the manifest could
/// not be read.
#[expect(clippy::unused_async, reason = "the event loop awaits every handler")]
pub async fn handle(input: Input, invocation: &Invocation) -> Result<Output, StepError> {
    match input {
        Input::Open(open) => open.decide().map(Output::Opened),
        Input::Row(row) => row.decide(),
        Input::Close(close) => Ok(Output::Result(close.decide())),
        Input::Summarize(summarize) => Ok(Output::Summary(summarize.decide(invocation.now))),
    }
}
