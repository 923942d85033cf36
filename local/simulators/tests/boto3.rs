//! The simulators against the clients that people use, boto3 and the AWS CLI, and their models against the pinned ones.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::path::PathBuf;
use std::process::Command;

use simulators::{Settings, Simulators};

/// A program of the tools folder: `TOOLS_DIR`, or `target/tools` of the workspace.
fn tool(name: &str) -> PathBuf {
    let tools = std::env::var_os("TOOLS_DIR").map_or_else(|| project::file("target/tools"), PathBuf::from);
    let tool = tools.join(name);
    assert!(tool.exists(), "{} is missing: run `make tools` first, or set TOOLS_DIR", tool.display());
    tool
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_and_the_aws_cli_cannot_tell_the_simulators_from_the_services() {
    let (python, aws) = (tool("aws/bin/python"), tool("aws/bin/aws"));
    let simulators = Simulators::start(Settings::default()).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let configuration = home.path().join("config");
    std::fs::write(&configuration, "").unwrap();
    let mut script = Command::new(python);
    script
        .arg(project::file("local/simulators/tests/life_cycle_with_boto3.py"))
        .args([simulators.personalize_url(), simulators.datazone_url(), simulators.control_url()])
        .arg(aws)
        // Nothing of the environment, so that no profile, proxy or endpoint of the machine has a say.
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("AWS_CONFIG_FILE", &configuration)
        .env("AWS_SHARED_CREDENTIALS_FILE", &configuration)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = tokio::task::spawn_blocking(move || script.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    simulators.stop().await;
}

#[test]
fn the_models_are_excerpts_of_the_pinned_ones() {
    let mut check = Command::new(tool("models/bin/python"));
    check.arg(project::file("local/simulators/models/excerpt.py")).arg("--check").env("PYTHONDONTWRITEBYTECODE", "1");
    let output = check.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
