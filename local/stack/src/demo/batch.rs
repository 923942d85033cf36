//! The demo of a batch: a manifest in, one outcome for each row.

use std::collections::BTreeSet;
use std::path::Path;

use local_stack::{LocalStack, MANIFEST_BUCKET, Progress, Workflow};
use serde_json::{Value, json};

use super::board::Board;
use super::error::Error;
use super::execution::{PAUSE, soon};
use super::invitation::quoted;
use super::outcome::Kind;
use super::start;

const REQUESTED: &str = "Dataset Groups Requested";
const FINISHED: &str = "Dataset Groups Batch Finished";
/// The states that run rows; their input has the number of rows.
const MAPS: [&str; 2] = ["ProvisionRows", "ProvisionLines"];

/// Runs a manifest, and shows its rows as they come along.
pub async fn run(manifest: &Path, keep: bool, progress: &mut Progress) -> Result<(LocalStack, Kind), Error> {
    if let Err(source) = std::fs::metadata(manifest) {
        return Err(Error::NoManifest { path: manifest.to_owned(), source });
    }
    let (stack, workflow) = start(&[("ManifestBucketName", MANIFEST_BUCKET)], progress).await?;
    let key = manifest.file_name().unwrap_or_default().to_string_lossy().into_owned();
    progress.say("uploading the manifest", "");
    stack.upload(manifest, &key)?;
    progress.done(&format!("{} uploaded to s3://{MANIFEST_BUCKET}/{key}", manifest.display()));

    let request = json!({"manifest": {"bucket": MANIFEST_BUCKET, "key": key}});
    workflow.send("demo", REQUESTED, &[&request]).await?;
    progress.done(&format!("{REQUESTED} ({key}) put on the bus {}", stack.outputs()["EventBusName"]));
    let batch = soon(async || Ok(workflow.batches().await?.pop())).await?;
    let batch = batch.ok_or_else(|| Error::NotStarted(REQUESTED.to_owned()))?.execution_arn;
    let (board, finished) = follow(&workflow, &batch, progress).await?;
    progress.done("the batch ended");
    progress.end();

    println!("\n{FINISHED}\n\n{}", report(&board, &finished));
    if keep {
        println!("\n{}", invitation(&stack, &request));
    }
    let failed = finished["error"].is_string();
    Ok((stack, if failed { Kind::Failed } else { Kind::Provisioned }))
}

/// Shows the rows until the batch has finished, and returns them with the outcome of the batch.
async fn follow(workflow: &Workflow, batch: &str, progress: &mut Progress) -> Result<(Board, Value), Error> {
    let (mut board, mut read) = (Board::default(), BTreeSet::new());
    let mut finished = None;
    loop {
        for delivery in workflow.deliveries().await? {
            if read.insert(delivery.clone()) {
                let event = workflow.delivered(&delivery).await?;
                board.take(&event, batch);
                if event["detail-type"] == FINISHED && event["detail"]["executionArn"] == batch {
                    finished = Some(event["detail"].clone());
                }
            }
        }
        if let Some(finished) = finished {
            return Ok((board, finished));
        }
        if board.rows == 0 {
            board.rows = rows(workflow, batch).await?;
        }
        board.started = workflow.executions().await?.len() as u64;
        progress.show(&board.line(), &board.table());
        tokio::time::sleep(PAUSE).await;
    }
}

/// The number of rows, when the manifest has been read; 0 before.
async fn rows(workflow: &Workflow, batch: &str) -> Result<u64, Error> {
    let history = workflow.history(batch).await?;
    let entered = history.iter().filter_map(|event| event.state_entered_event_details());
    let input = entered.filter(|state| MAPS.contains(&state.name())).find_map(|state| state.input());
    let input: Value = input.map(serde_json::from_str).transpose()?.unwrap_or_default();
    Ok(input["position"]["rows"].as_u64().unwrap_or_default())
}

fn report(board: &Board, finished: &Value) -> String {
    match finished["error"].as_str() {
        None => format!("  {} s\n{}", finished["summary"]["seconds"], board.report()),
        Some(error) => {
            let cause = |member: &str| finished["cause"][member].as_str().unwrap_or_default().to_owned();
            format!("  {error}: {}\n  {}", cause("message"), cause("remedy"))
        }
    }
}

/// How to send the manifest again.
fn invitation(stack: &LocalStack, request: &Value) -> String {
    let entry = json!([{
        "EventBusName": stack.outputs()["EventBusName"], "Source": "me", "DetailType": REQUESTED, "Detail": request.to_string()
    }]);
    let machine = &stack.outputs()["BatchStateMachineArn"];
    format!(
        "\
The stack keeps running until Ctrl-C. In another terminal, in the folder of the project:

  export PATH=$PWD/target/tools/aws/bin:$PATH AWS_ENDPOINT_URL={engine}
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1

  # the same manifest again: everything that exists is ADOPTED
  aws events put-events --entries {entry}
  # how the last batch ended
  aws stepfunctions describe-execution --query output --output text --execution-arn \\
    $(aws stepfunctions list-executions --state-machine-arn {machine} --max-items 1 --query 'executions[0].executionArn' --output text | head -1)",
        engine = stack.endpoint_url(),
        entry = quoted(&entry.to_string()),
    )
}
