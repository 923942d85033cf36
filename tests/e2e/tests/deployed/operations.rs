//! What those who operate the stack rely on.

use std::collections::BTreeMap;

use aws_sdk_sfn::types::ExecutionStatus;
use e2e_tests::{Execution, Setup, eventually, stack, tools};
use local_stack::{LocalStack, Options, Workflow};
use serde_json::{Value, json};
use simulators::{Fault, Kind, Registration, Service};

/// The JSON lines of the functions' logs with this value in a field, as one query of Logs Insights finds them.
async fn lines(field: &str, value: &str) -> Vec<Value> {
    let stack = stack().await;
    let groups = tools::aws(stack, &["logs", "describe-log-groups"]);
    let mut lines = Vec::new();
    for group in groups["logGroups"].as_array().into_iter().flatten().filter_map(|group| group["logGroupName"].as_str())
    {
        let events = tools::aws(stack, &["logs", "filter-log-events", "--log-group-name", group]);
        let messages = events["events"].as_array().into_iter().flatten().filter_map(|event| event["message"].as_str());
        lines.extend(
            messages
                .filter_map(|message| serde_json::from_str::<Value>(message).ok())
                .filter(|line| line[field] == value),
        );
    }
    lines
}

#[tokio::test]
async fn every_decision_is_a_line_of_json_without_tags_or_tokens() {
    let setup = Setup::new().await;
    let request = setup.request_with(&[
        ("/datasetGroup/tags", json!([{"tagKey": "marked-key", "tagValue": "marked-value"}])),
        ("/groupProfile/clientToken", json!("marked-token")),
        ("/metadata", json!({"note": "marked-metadata"})),
    ]);
    let execution = setup.run(&request).await;
    execution.provisioned().await;
    let logged = || async { Some(lines("executionArn", &execution.arn).await).filter(|lines| lines.len() == 5) };
    let lines = eventually("a line for each step", logged).await;

    let mut decisions: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &lines {
        for member in ["timestamp", "level", "message", "requestId", "executionArn", "datasetGroup", "decision"] {
            assert!(line[member].is_string(), "{member}: {line}");
        }
        let timestamp = line["timestamp"].as_str().unwrap_or_default();
        assert!(timestamp.len() > 20 && timestamp.ends_with('Z') && timestamp.contains('T'), "{timestamp}");
        *decisions.entry(line["decision"].as_str().unwrap_or_default()).or_default() += 1;
        assert_eq!(line["datasetGroup"], setup.name, "{line}");
        assert!(!line.to_string().contains("marked"), "{line}");
    }
    assert_eq!(
        decisions,
        BTreeMap::from([("created", 1), ("wait for creation", 2), ("active", 1), ("profile created", 1)])
    );
    // What the metric filters of the template read.
    let active = lines.iter().find(|line| line["decision"] == "active").expect("the line");
    assert!(active["secondsUntilActive"].is_u64() && active["polls"] == 3, "{active}");
    assert!(lines.iter().filter(|line| line.get("polls").is_some()).count() == 1);
}

/// The metrics count the line of the last step, and a failure that is no error of the function.
#[tokio::test]
async fn an_execution_with_projects_counts_once() {
    for (kind, last) in [(None, ("decided", "profile created")), (Some(Kind::AccessDenied), ("failed", "AccessDenied"))]
    {
        let setup = Setup::new().await;
        setup.put_project("a", &[]).await;
        if let Some(kind) = kind {
            setup.fault_in("a", "CreateProjectMembership", None, kind).await;
        }
        let arn = setup.run(&setup.request_for_projects(&["a"])).await.arn;
        let logged = || async { Some(lines("executionArn", &arn).await).filter(|lines| lines.len() == 6) };
        let lines = eventually("a line for each step", logged).await;
        let told = |line: &Value| {
            [&line["message"], &line["decision"]].map(|text| text.as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(told(&lines[4]), ["decided", "projects follow"]);
        assert_eq!(told(&lines[5]), [last.0, last.1]);
    }
}

/// Also of a request that breaks a rule, or that cannot be parsed as a whole.
#[tokio::test]
async fn each_line_about_a_failure_has_the_execution_and_the_name_of_the_group() {
    let setup = Setup::new().await;
    let nested = (0..200).fold(json!(1), |inner, _| json!([inner]));
    let conflict = setup.request_with(&[("/datasetGroup/domain", json!("ECOMMERCE"))]);
    let invalid = setup.request_with(&[("/policy", json!({"timeoutSeconds": 1}))]);
    let unreadable = setup.request_with(&[("/metadata", json!({"deep": nested}))]);
    setup.put_group(simulators::DatasetGroupState::default()).await;
    for (request, error) in
        [(conflict, "DatasetGroupConflict"), (invalid, "InvalidRequest"), (unreadable, "InvalidRequest")]
    {
        let execution = setup.run(&request).await;
        assert_eq!(execution.failed().await.error, error);
        let logged = || async { lines("executionArn", &execution.arn).await.pop() };
        let line = eventually("the line of the failure", logged).await;
        assert_eq!((&line["datasetGroup"], &line["decision"]), (&json!(setup.name), &json!(error)));
    }
    assert_eq!(lines("datasetGroup", &setup.name).await.len(), 3);
}

#[tokio::test]
async fn deploying_twice_changes_nothing() {
    let stack = stack().await;
    let before = machine_and_versions().await;
    let (printed, _) = tools::redeploy(stack, &[]);
    assert_eq!(machine_and_versions().await, before, "{printed}");
}

/// What a deployment could have changed: the definition, and the versions that it calls.
async fn machine_and_versions() -> (Value, Vec<Value>) {
    let stack = stack().await;
    let machine = &stack.outputs()["StateMachineArn"];
    let described = tools::aws(stack, &["stepfunctions", "describe-state-machine", "--state-machine-arn", machine]);
    let functions = tools::aws(stack, &["lambda", "list-functions"]);
    let mut versions = Vec::new();
    for function in functions["Functions"].as_array().into_iter().flatten() {
        let name = function["FunctionName"].as_str().unwrap_or_default();
        let listed = tools::aws(stack, &["lambda", "list-versions-by-function", "--function-name", name]);
        let numbers = listed["Versions"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|version| json!([name, version["Version"], version["CodeSha256"]]));
        versions.extend(numbers);
    }
    (described["definition"].clone(), versions)
}

#[tokio::test]
async fn executions_above_the_concurrency_of_the_functions_wait_and_are_provisioned() {
    let limit = [("FunctionConcurrency".to_owned(), "1".to_owned())];
    // Without real time between two tries the deadline would pass at once.
    let (parameters, registration) = (limit.into(), Registration::Optional);
    let options = Options { parameters, registration, wait_scale: 0.1, ..Options::default() };
    let stack = LocalStack::start(options).await.unwrap_or_else(|fault| panic!("{fault}"));
    let slow = Fault::new(Service::Personalize, Kind::Delay { milliseconds: 700 }).operation("DescribeDatasetGroup");
    stack.control().add_fault(slow.times(4)).await.expect("a fault");
    let workflow = Workflow::of(&stack);
    let mut started = Vec::new();
    for number in 0..3 {
        let profile =
            json!({"domainIdentifier": "dzd_crowd", "groupIdentifier": "a1b2c3d4-5678-90ab-cdef-112233445566"});
        let request = json!({"datasetGroup": {"name": format!("crowd-{number}")}, "groupProfile": profile});
        let start = workflow.sfn.start_execution().state_machine_arn(&workflow.machine).input(request.to_string());
        let execution = start.send();
        started.push(execution.await.expect("started").execution_arn);
    }
    let mut waits = 0;
    for arn in started {
        let execution = Execution::ended(&workflow, &arn).await;
        assert_eq!(execution.status, ExecutionStatus::Succeeded, "{:?}", execution.cause);
        let throttled = execution.states().into_iter().filter(|state| *state == "WaitForCapacity").count();
        // A throttle of Lambda is the only event that fails, and no retry follows it.
        assert_eq!(execution.red_events(), throttled, "{:?}", execution.states());
        waits += throttled;
    }
    assert!(waits > 0, "Lambda throttled nobody");
    stack.stop().await.expect("the stack stops");
}

#[tokio::test]
async fn deleting_the_stack_leaves_nothing() {
    let stack = LocalStack::start(Options::default()).await.unwrap_or_else(|fault| panic!("{fault}"));
    let left = |stack: &LocalStack| {
        let list =
            |arguments: &[&str], member: &str| tools::aws(stack, arguments)[member].as_array().map_or(0, Vec::len);
        [
            list(&["lambda", "list-functions"], "Functions"),
            list(&["stepfunctions", "list-state-machines"], "stateMachines"),
            list(&["logs", "describe-log-groups"], "logGroups"),
            list(&["iam", "list-roles"], "Roles"),
            list(&["iam", "list-policies", "--scope", "Local"], "Policies"),
            list(&["events", "list-rules"], "Rules"),
            list(&["cloudwatch", "describe-alarms"], "MetricAlarms"),
            list(&["cloudwatch", "list-dashboards"], "DashboardEntries"),
        ]
    };
    assert!(left(&stack).iter().all(|number| *number > 0), "{:?}", left(&stack));
    let delete = ["delete", "--stack-name", "dataset-group-workflow", "--region", "us-east-1", "--no-prompts"];
    let printed = tools::run(&stack, "sam", &delete);
    assert_eq!(left(&stack), [0; 8], "{printed}");
    stack.stop().await.expect("the stack stops");
}
