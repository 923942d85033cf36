//! The bootstrap of the Lambda function `batch-dataset-groups`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    wiring::start_logging();
    wiring::serve(async |input, invocation| batch_dataset_groups::handle(input, &invocation).await).await
}
