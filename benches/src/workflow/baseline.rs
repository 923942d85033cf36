//! The baseline: the same state machine with three functions that do nothing, deployed beside the workflow.

use local_stack::LocalStack;
use serde_json::Value;
use tokio::process::Command;

use super::Fault;
use super::load::Target;
use crate::places;

const NAME: &str = "workflow-baseline";

/// Deploys it with `sam`, as the workflow itself was deployed.
pub async fn deploy(stack: &LocalStack) -> Result<Target, Fault> {
    places::existing("target/peers/lambda/no-op/bootstrap", "run `make bench`, which builds what is compared")?;
    let template = places::root()?.join("benches/src/workflow/baseline.yaml");
    let template = template.to_string_lossy();
    let deploy = ["deploy", "--template-file", &template, "--stack-name", NAME, "--resolve-s3"];
    let answers = ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"];
    run(stack, "sam", &[&deploy[..], &answers].concat()).await?;
    let describe = ["cloudformation", "describe-stacks", "--stack-name", NAME, "--output", "json"];
    let described = run(stack, "aws", &describe).await?;
    let described: Value = serde_json::from_str(&described).unwrap_or_default();
    match described["Stacks"][0]["Outputs"][0]["OutputValue"].as_str() {
        Some(machine) => {
            Ok(Target { machine: machine.to_owned(), bus: "default".to_owned(), detail_type: "Nothing Requested" })
        }
        None => Err(Fault::Engine { doing: "deploying the baseline", message: described.to_string() }),
    }
}

/// Runs `aws` or `sam`, and returns what it printed.
async fn run(stack: &LocalStack, tool: &str, arguments: &[&str]) -> Result<String, Fault> {
    let failed = |message: String| Fault::Engine { doing: "deploying the baseline", message };
    let run = Command::from(stack.tool(tool)?).args(arguments).kill_on_drop(true).output().await;
    let run = run.map_err(|error| failed(format!("{tool}: {error}")))?;
    if run.status.success() {
        return Ok(String::from_utf8_lossy(&run.stdout).into_owned());
    }
    let said = [run.stdout, run.stderr].concat();
    Err(failed(format!("{tool}: {}: {}", run.status, String::from_utf8_lossy(&said).trim())))
}
