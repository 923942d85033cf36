//! The ways in that README.md shows: another workflow, `aws events put-events`, `sam remote invoke`.

use aws_sdk_sfn::types::ExecutionStatus;
use contract::outcome::REQUESTED;
use e2e_tests::{Execution, Setup, stack, tools};
use local_stack::LocalStack;
use serde_json::{Value, json};
use simulators::Kind;
use tokio::sync::OnceCell;

/// The state machine of examples/caller, deployed.
async fn caller(stack: &'static LocalStack) -> &'static str {
    static CALLER: OnceCell<String> = OnceCell::const_new();
    let deploy = || async { tools::deploy_example(stack, "caller", &[])["StateMachineArn"].clone() };
    CALLER.get_or_init(deploy).await
}

#[tokio::test]
async fn a_calling_workflow_goes_on_with_the_outcome() {
    let setup = Setup::new().await;
    let caller = caller(stack().await).await;
    let arn = setup.start_on(caller, &setup.request()).await;
    let execution = Execution::ended(&setup.workflow, &arn).await;
    let profile = setup.profiles().await.remove(0);
    let expected = json!({
        "datasetGroupArn": format!("arn:aws:personalize:us-east-1:000000000000:dataset-group/{}", setup.name),
        "groupProfileId": profile.id,
        "disposition": "CREATED"
    });
    assert_eq!(execution.output, Some(expected), "{:?} {:?}", execution.error, execution.cause);
}

#[tokio::test]
async fn a_calling_workflow_gets_the_error_and_the_cause() {
    let setup = Setup::new().await;
    let caller = caller(stack().await).await;
    setup.fault("CreateDatasetGroup", None, Kind::AccessDenied).await;
    let arn = setup.start_on(caller, &setup.request()).await;
    let execution = Execution::ended(&setup.workflow, &arn).await;
    assert_eq!((execution.status, execution.error.as_deref()), (ExecutionStatus::Failed, Some("AccessDenied")));
    let cause: Value = serde_json::from_str(execution.cause.as_deref().unwrap_or_default()).expect("a cause");
    assert_eq!((&cause["operation"], &cause["service"]), (&json!("CreateDatasetGroup"), &json!("personalize")));
}

#[tokio::test]
async fn an_event_that_the_aws_cli_puts_on_the_bus_starts_the_workflow() {
    let setup = Setup::new().await;
    let entries =
        json!([{"Source": "by-hand", "DetailType": "Dataset Group Requested", "Detail": setup.request().to_string()}])
            .to_string();
    let put = tools::aws(stack().await, &["events", "put-events", "--entries", &entries]);
    assert_eq!(put["FailedEntryCount"], 0);
    setup.executions_started_by_events(1).await.remove(0).provisioned().await;
}

#[tokio::test]
async fn sam_remote_invoke_runs_the_workflow() {
    let setup = Setup::new().await;
    // As README.md shows it: the file is the event, with the request as its detail.
    let event = json!({"detail-type": REQUESTED, "source": "by-hand", "detail": setup.request()});
    let file = tempfile::NamedTempFile::with_suffix(".json").expect("a file");
    std::fs::write(file.path(), event.to_string()).expect("written");
    let invoke = ["remote", "invoke", "ProvisionDatasetGroup", "--stack-name", "dataset-group-workflow"];
    let arguments = ["--region", "us-east-1", "--event-file", file.path().to_str().expect("a path")];
    let printed = tools::run(stack().await, "sam", &[&invoke[..], &arguments].concat());
    let outcome: Value = serde_json::from_str(&printed).unwrap_or_else(|fault| panic!("{fault}: {printed}"));
    assert_eq!((&outcome["disposition"], &outcome["datasetGroup"]["status"]), (&json!("CREATED"), &json!("ACTIVE")));
    assert_eq!(outcome["requestedBy"]["source"], "by-hand");
}
