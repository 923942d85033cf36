//! The bootstrap of the Lambda function `bootstrap-group-profile`.

use domain_access::Clients;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    wiring::start_logging();
    let config = wiring::sdk_config().await;
    let personalize = &aws_sdk_personalize::Client::new(&config);
    let domain = &Clients::new(config);
    wiring::serve(async |input, _| bootstrap_group_profile::handle(domain, personalize, input).await).await
}
