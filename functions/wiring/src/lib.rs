//! What every function needs around its decisions: the loop that takes events, the configuration of the SDK, what
//! an error of a service means, and the log.

mod classify;
mod logs;
mod sdk;
mod serve;

pub use classify::{Call, classify};
pub use logs::start_logging;
pub use sdk::sdk_config;
pub use serve::{Activation, Decided, Invocation, serve};
