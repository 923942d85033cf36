//! Why a promise does not hold, or a question has no answer.

/// The reason, without names of resources or people: it is part of the report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The caller lacks a permission.
    #[error("you are not allowed to call {0}")]
    Denied(String),
    /// The workflow lacks a permission.
    #[error("the workflow is not allowed to call {0}")]
    WorkflowDenied(String),
    /// The endpoint is not AWS, and does not know the operation.
    #[error("not played by this endpoint: {0}")]
    NotPlayed(String),
    /// Something before it failed, or it needs something that was not given.
    #[error("not asked: {0}")]
    NotAsked(String),
    /// It was tried, and something else came out.
    #[error("{0}")]
    Broken(String),
}

/// For an answer that was unexpected.
pub fn broken(what: impl Into<String>) -> Trouble {
    Trouble::Broken(what.into())
}

/// What was promised, unless it does not hold.
///
/// # Errors
/// [`Trouble::Broken`] with the text.
pub fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Trouble> {
    if holds { Ok(()) } else { Err(Trouble::Broken(otherwise())) }
}
