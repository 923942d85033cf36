//! A storm of faults over the deployed stack, and the judge of what came of it.
//!
//! A [`Plan`] is drawn from a seed: what is asked for, in which order, what exists already, what goes wrong. Another one has
//! no faults. The [`storm`] carries a plan out and writes down a [`History`]; the [`judge()`] reads that and nothing else.

mod history;
mod judge;
mod plan;
mod report;
pub mod storm;
mod verdict;

pub use history::{Ended, Execution, History, Sent, ServicesState, Told};
pub use judge::judge;
pub use plan::{Asked, AskedProject, Configuration, ManifestRow, Name, Plan, Principal, Purpose, Trigger};
pub use report::Report;
pub use verdict::{EngineFailure, Race, Verdict, Violation};
