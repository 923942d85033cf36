//! What the workflow costs, side by side with its peers.

pub mod authority;
pub mod baseline;
pub mod callgrind;
pub mod chart;
pub mod cold;
pub mod error;
pub mod front;
pub mod instructions;
pub mod machine;
mod numbers;
pub mod picture;
pub mod places;
pub mod polling;
pub mod process;
pub mod progress;
pub mod promises;
pub mod report;
pub mod runtime_api;
pub mod scenario;
pub mod setup;
pub mod statistics;
pub mod subject;
pub mod table;
pub mod target;
pub mod warm;
pub mod workflow;
pub mod zips;

pub use error::Error;
