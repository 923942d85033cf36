//! The bootstrap of the Lambda function `retire-dataset-group`.

use aws_sdk_personalize::Client;
use domain_access::Clients;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    wiring::start_logging();
    let config = wiring::sdk_config().await;
    let personalize = &Client::new(&config);
    let domain = &Clients::new(config);
    wiring::serve(async |input, invocation| retire_dataset_group::handle(domain, personalize, input, &invocation).await)
        .await
}
