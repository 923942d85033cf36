//! What the functions sign their calls with, as Lambda gives them the credentials of their role. The engine makes up the
//! id of the key. Nobody checks a signature here; these are words of their own so that a test can look for them where
//! they must never be.

/// The secret key.
pub const SECRET_ACCESS_KEY: &str = "secret-access-key-of-the-functions";
/// The session token.
pub const SESSION_TOKEN: &str = "session-token-of-the-functions";
