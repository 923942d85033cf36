//! The one call of `poll-status`, as the first page of the SDK's guide shows it: default features, default
//! configuration, the client made once.

use aws_config::BehaviorVersion;
use aws_sdk_personalize::Client;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = &Client::new(&config);
    run(service_fn(async |event: LambdaEvent<Value>| look(client, event).await)).await
}

async fn look(client: &Client, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let arn = event.payload["datasetGroup"]["datasetGroupArn"].as_str().ok_or("the event names no dataset group")?;
    let answer = client.describe_dataset_group().dataset_group_arn(arn).send().await?;
    let group = answer.dataset_group().ok_or("there is no dataset group in the answer")?;
    Ok(json!({"name": group.name(), "status": group.status()}))
}
