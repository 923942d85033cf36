//! What has to hold for any JSON document that somebody sends as a request. Pure: the tests and the fuzzer share it.

mod laws;
mod outcomes;
mod paths;

pub use laws::{Judgement, MARK, judged};
pub use outcomes::{EVENT_LIMIT, provisioned, provisioning_failed};
pub use paths::{Step, steps};
