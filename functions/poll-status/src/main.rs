//! The bootstrap of the Lambda function `poll-status`.

use aws_sdk_personalize::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    wiring::start_logging();
    let personalize = &Client::new(&wiring::sdk_config().await);
    wiring::serve(async |input, invocation| poll_status::handle(personalize, input, &invocation).await).await
}
