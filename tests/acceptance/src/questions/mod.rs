//! Questions about behaviour that AWS documents nowhere, with the answers that the simulators give by default
//! (local/simulators/README.md, "Where AWS documents nothing").

pub mod groups;
pub mod members;
pub mod profiles;

/// What `CreateGroupProfile` and a search return.
pub const RETURNS: &str = "returns the profile";
pub const FINDS: &str = "finds the profile";
pub const ACCEPTED: &str = "accepted";
pub const NOT_FOUND: &str = "ResourceNotFoundException";
