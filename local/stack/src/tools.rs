//! The tools that people use, pointed at the engine.

use std::ffi::OsString;
use std::path::Path;

/// All that `sam` and `aws` are run with: nothing of the user's, so that they cannot reach an account of theirs.
pub(crate) fn environment(tools: &Path, home: &Path, endpoint_url: &str) -> [(&'static str, OsString); 9] {
    let mut path = OsString::from(tools);
    path.push(":/usr/bin:/bin");
    [
        ("PATH", path),
        ("HOME", home.into()),
        ("AWS_ENDPOINT_URL", endpoint_url.into()),
        ("AWS_ACCESS_KEY_ID", "test".into()),
        ("AWS_SECRET_ACCESS_KEY", "test".into()),
        ("AWS_DEFAULT_REGION", "us-east-1".into()),
        ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true".into()),
        ("SAM_CLI_TELEMETRY", "0".into()),
        ("SAM_CLI_POLL_DELAY", "0.2".into()),
    ]
}
