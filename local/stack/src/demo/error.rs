//! Errors of the demo.

use std::io;
use std::path::PathBuf;

/// The reason why the demo has no outcome to show.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the event {} cannot be read: {source}", path.display())]
    NoEvent { path: PathBuf, source: io::Error },
    #[error(
        "the event {} is not an EventBridge event: {source}\n  it needs \"source\", \"detail-type\" and \"detail\"; see events/",
        path.display()
    )]
    BadEvent { path: PathBuf, source: serde_json::Error },
    #[error("the manifest {} cannot be read: {source}", path.display())]
    NoManifest { path: PathBuf, source: io::Error },
    #[error("{0}")]
    Stack(#[from] local_stack::Error),
    #[error("`aws {command}` failed: {message}")]
    Aws { command: String, message: String },
    #[error(
        "no execution started: a rule starts one for the detail-type \"Dataset Group Requested\", \"Dataset Group Retirement \
         Requested\" or \"Dataset Groups Requested\", this event has {0:?}"
    )]
    NotStarted(String),
    #[error("the execution ended, but no outcome event came from the bus within 10 s")]
    NoOutcome,
    #[error("the outcome event cannot be parsed: {0}")]
    BadOutcome(#[from] serde_json::Error),
}
