//! The tools that people use, pointed at the engine.

use std::process::Command;

use contract_tests::project_file;
use local_stack::LocalStack;
use serde_json::Value;

/// Runs `aws` or `sam` in the project's folder, with nothing of the user's environment, and returns what it printed.
///
/// # Panics
/// When it fails, with what it printed.
#[must_use]
pub fn run(stack: &LocalStack, tool: &str, arguments: &[&str]) -> String {
    let folder = project_file("target/tools/aws/bin").canonicalize().expect("`make tools` installs the tools");
    let output = Command::new(folder.join(tool))
        .args(arguments)
        .current_dir(project_file(""))
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("HOME", stack.logs())
        .env("AWS_ENDPOINT_URL", stack.endpoint_url())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
        .env("SAM_CLI_TELEMETRY", "0")
        .output()
        .expect("the tool starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool} {arguments:?}: {printed}{complaint}");
    printed
}

/// Runs `aws` and reads the JSON that it prints.
///
/// # Panics
/// When it fails or prints none.
#[must_use]
pub fn aws(stack: &LocalStack, arguments: &[&str]) -> Value {
    let printed = run(stack, "aws", &[arguments, &["--output", "json"]].concat());
    serde_json::from_str(&printed).unwrap_or_else(|fault| panic!("aws {arguments:?}: {fault}: {printed}"))
}
