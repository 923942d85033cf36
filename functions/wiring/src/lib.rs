//! What every function needs around its decisions: the loop that takes events, the configuration of the SDK, and the log.

mod logs;
mod sdk;
mod serve;

pub use logs::start_logging;
pub use sdk::sdk_config;
pub use serve::{Activation, Invocation, LogSummary, serve};
