//! The whole stack on this machine: a local AWS engine with the deployed template, and the simulators of Amazon
//! Personalize and Amazon `DataZone`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use local_stack::{LocalStack, Options};
//!
//! let stack = LocalStack::start(Options::default()).await?;
//! println!("{} runs at {}", stack.outputs()["StateMachineArn"], stack.endpoint_url());
//! stack.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Whatever becomes of the process that started it (it returns, panics, is interrupted or killed), nothing stays behind:
//! the engine belongs to a supervisor, which tears everything down when the pipe to this process closes. So a stack
//! may also live in a `static`, for all tests of a binary.

pub mod credentials;
pub mod supervisor;

mod error;
mod folder;
mod keeper;
mod manifests;
mod options;
mod places;
mod progress;
mod protocol;
mod stack;
mod tools;
mod workflow;

pub use error::Error;
pub use manifests::MANIFEST_BUCKET;
pub use options::{Options, Stage};
pub use progress::Progress;
pub use stack::LocalStack;
pub use workflow::Workflow;
