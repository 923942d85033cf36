//! What has to hold for any JSON document that somebody sends as a request. Pure: the tests and the fuzzer share it.

mod laws;
mod outcomes;
mod paths;

pub use laws::{Judgement, MARK, judged, judged_as_retirement};
pub use outcomes::{EVENT_LIMIT, provisioned, provisioning_failed, retired};
pub use paths::{Step, steps};
