//! Questions about behaviour that AWS documents nowhere, with the answers that the simulators give by default
//! (local/simulators/README.md, "Where AWS documents nothing").

pub mod groups;
pub mod members;
pub mod profiles;

use serde_json::Value;

use crate::aws::Failure;
use crate::trouble::Trouble;

pub type Answer = Result<String, Trouble>;

/// What `CreateGroupProfile` and a search return.
pub const RETURNS: &str = "returns the profile";
pub const FINDS: &str = "finds the profile";
pub const ACCEPTED: &str = "accepted";
pub const NOT_FOUND: &str = "ResourceNotFoundException";

/// The answer of a call: this text for a success, else the code of the refusal.
///
/// # Errors
/// When the service did not answer, or denied the call.
pub fn answer(called: Result<Value, Failure>, success: &str) -> Answer {
    called.map_or_else(Failure::answer, |_| Ok(success.to_owned()))
}
