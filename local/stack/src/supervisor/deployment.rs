//! Deploys the built template to the engine, or that of a release archive, as a user deploys it to AWS: with `sam deploy` and
//! samconfig.toml.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::bound::{self, Socket};
use super::engine::{Engine, end_of};
use super::watch::Watch;
use super::{Trouble, artifacts};
use crate::folder::Folder;
use crate::protocol::Deployment;
use crate::tools;

/// Deploys, and returns the outputs of the stack.
///
/// # Errors
/// When `sam` fails, with the end of what it said; or when the stack is to go.
pub fn deploy(
    deployment: &Deployment,
    engine: &mut Engine,
    folder: &Folder,
    watch: &Watch,
) -> Result<BTreeMap<String, String>, Trouble> {
    let mut sam = tool("sam", deployment, engine, folder)?;
    sam.args(["deploy", "--no-progressbar"]).args(config(deployment));
    if !deployment.parameters.is_empty() {
        sam.arg("--parameter-overrides").args(overrides(&deployment.parameters));
    }
    let log = folder.logs().join("deploy.log");
    let mut deploy =
        |template: &Path| run(sam.arg("--template-file").arg(template), "sam deploy", &log, None, engine, watch);
    match &deployment.built {
        Some(built) => artifacts::hold(built, watch, deploy)?,
        None => deploy(&deployment.root.join("template.yaml"))?,
    }

    if let Some(limit) = deployment.parameters.get("FunctionConcurrency") {
        reserve_concurrency(limit, deployment, engine, folder, watch)?;
    }

    let mut list = tool("sam", deployment, engine, folder)?;
    list.args(["list", "stack-outputs", "--output", "json"]).args(config(deployment));
    let (log, answer) = (folder.logs().join("outputs.log"), folder.path().join("tmp/outputs.json"));
    run(&mut list, "sam list stack-outputs", &log, Some(&answer), engine, watch)?;
    let answer = fs::read_to_string(answer).map_err(|error| Trouble::Outputs(error.to_string()))?;
    outputs(&answer).map_err(|error| Trouble::Outputs(format!("{error} in {answer:?}")))
}

/// The engine ignores `ReservedConcurrentExecutions` in a template, and takes it in a call.
fn reserve_concurrency(
    limit: &str,
    deployment: &Deployment,
    engine: &mut Engine,
    folder: &Folder,
    watch: &Watch,
) -> Result<(), Trouble> {
    let mut list = tool("aws", deployment, engine, folder)?;
    list.args(["lambda", "list-functions", "--query", "Functions[].FunctionName", "--output", "json"]);
    let (log, answer) = (folder.logs().join("concurrency.log"), folder.path().join("tmp/functions.json"));
    run(&mut list, "aws lambda list-functions", &log, Some(&answer), engine, watch)?;
    let names = fs::read_to_string(answer).map_err(|error| Trouble::Outputs(error.to_string()))?;
    let names: Vec<String> = serde_json::from_str(&names).map_err(|error| Trouble::Outputs(error.to_string()))?;
    for name in names {
        let mut put = tool("aws", deployment, engine, folder)?;
        put.args(["lambda", "put-function-concurrency", "--function-name", &name]);
        put.args(["--reserved-concurrent-executions", limit]);
        run(&mut put, "aws lambda put-function-concurrency", &log, None, engine, watch)?;
    }
    Ok(())
}

/// `sam` or `aws` with nothing of the user's environment.
fn tool(name: &str, deployment: &Deployment, engine: &Engine, folder: &Folder) -> Result<Command, Trouble> {
    let tool = bound::command(&deployment.tools.join(name), Socket::None);
    let mut tool = tool.map_err(|source| Trouble::Start { what: name.to_owned(), source })?;
    tool.env_clear()
        .envs(tools::environment(&deployment.tools, &folder.path().join("home"), &engine.endpoint_url()))
        .env("TMPDIR", folder.path().join("tmp"))
        .current_dir(&deployment.root)
        .stdin(Stdio::null());
    Ok(tool)
}

/// What samconfig.toml says about the local engine: the name of the stack, and that nobody is asked.
fn config(deployment: &Deployment) -> [OsString; 4] {
    ["--config-env".into(), "local".into(), "--config-file".into(), deployment.root.join("samconfig.toml").into()]
}

/// Runs a step to its end, with what it says in a log, and its answer there too or in a file of its own.
fn run(
    step: &mut Command,
    what: &str,
    log: &Path,
    answer: Option<&Path>,
    engine: &mut Engine,
    watch: &Watch,
) -> Result<(), Trouble> {
    let mut start = || {
        let out = File::create(log)?;
        let answer = answer.map_or_else(|| out.try_clone(), File::create)?;
        step.stdout(answer).stderr(out).spawn()
    };
    let mut child = start().map_err(|source| Trouble::Start { what: what.to_owned(), source })?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(None) => {}
            Ok(Some(status)) => {
                let (what, status) = (what.to_owned(), status.to_string());
                return Err(Trouble::Deployment { what, status, log: end_of(log) });
            }
            Err(source) => return Err(Trouble::Start { what: what.to_owned(), source }),
        }
        engine.check()?;
        watch.pause()?;
    }
}

fn overrides(parameters: &BTreeMap<String, String>) -> Vec<String> {
    parameters.iter().map(|(key, value)| format!("{key}={value}")).collect()
}

fn outputs(answer: &str) -> serde_json::Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        output_key: String,
        output_value: String,
    }
    let outputs: Vec<Output> = serde_json::from_str(answer)?;
    Ok(outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_as_sam_prints_them() {
        let printed = r#"[{"OutputKey": "EventBusName", "OutputValue": "default", "Description": "The bus"}]"#;
        let read = outputs(printed).expect("it is what sam prints");
        assert_eq!(read, BTreeMap::from([("EventBusName".to_owned(), "default".to_owned())]));
    }

    #[test]
    fn parameters_are_passed_as_key_and_value() {
        let parameters = BTreeMap::from([("A".to_owned(), "http://127.0.0.1:1".to_owned())]);
        assert_eq!(overrides(&parameters), ["A=http://127.0.0.1:1"]);
    }
}
