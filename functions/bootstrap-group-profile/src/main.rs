//! The bootstrap of the Lambda function `bootstrap-group-profile`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    wiring::start_logging();
    let config = wiring::sdk_config().await;
    let datazone = &aws_sdk_datazone::Client::new(&config);
    let personalize = &aws_sdk_personalize::Client::new(&config);
    wiring::serve(async |input, _| bootstrap_group_profile::handle(datazone, personalize, input).await).await
}
