//! The bootstrap of the Lambda function `add-project-members`.

use domain_access::Clients;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    wiring::start_logging();
    let domain = &Clients::new(wiring::sdk_config().await);
    wiring::serve(async |input, _| add_project_members::handle(domain, input).await).await
}
