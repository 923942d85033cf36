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
    let (lines, decided) = decisions(&setup, &execution, 5).await;
    assert_eq!(
        decided,
        decisions_of(&[("created", 1), ("wait for creation", 2), ("active", 1), ("profile created", 1)])
    );
    // What the metric filters of the template read.
    let active = lines.iter().find(|line| line["decision"] == "active").expect("the line");
    assert!(active["secondsUntilActive"].is_u64() && active["polls"] == 3, "{active}");
    assert!(lines.iter().filter(|line| line.get("polls").is_some()).count() == 1);

    let execution = setup.retire(&setup.request_with(&[("/metadata", request["metadata"].clone())])).await;
    execution.retired().await;
    let (_, decided) = decisions(&setup, &execution, 5).await;
    assert_eq!(
        decided,
        decisions_of(&[("await deletion", 1), ("wait for deletion", 2), ("create", 1), ("retired", 1)])
    );
}

fn decisions_of(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(decision, number)| ((*decision).to_owned(), *number)).collect()
}

/// The lines of an execution, when there are so many, and how often each decision is in them.
async fn decisions(setup: &Setup, execution: &Execution, number: usize) -> (Vec<Value>, BTreeMap<String, usize>) {
    let logged = || async { Some(lines("executionArn", &execution.arn).await).filter(|lines| lines.len() == number) };
    let lines = eventually("a line for each step", logged).await;
    let mut decisions = BTreeMap::new();
    for line in &lines {
        for member in ["timestamp", "level", "message", "requestId", "executionArn", "datasetGroup", "decision"] {
            assert!(line[member].is_string(), "{member}: {line}");
        }
        let timestamp = line["timestamp"].as_str().unwrap_or_default();
        assert!(timestamp.len() > 20 && timestamp.ends_with('Z') && timestamp.contains('T'), "{timestamp}");
        *decisions.entry(line["decision"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        assert_eq!(line["datasetGroup"], setup.name, "{line}");
        assert!(!line.to_string().contains("marked"), "{line}");
    }
    (lines, decisions)
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
    let before = machines_and_versions().await;
    let (printed, _) = tools::redeploy(stack, &[]);
    assert_eq!(machines_and_versions().await, before, "{printed}");
}

/// What a deployment could have changed: the definitions, and the versions that they call.
async fn machines_and_versions() -> ([Value; 2], Vec<Value>) {
    let stack = stack().await;
    let definitions = ["StateMachineArn", "RetirementStateMachineArn"].map(|machine| {
        let describe = ["stepfunctions", "describe-state-machine", "--state-machine-arn", &stack.outputs()[machine]];
        tools::aws(stack, &describe)["definition"].take()
    });
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
    (definitions, versions)
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

/// What the stack has, by the command that lists it.
const LISTS: [(&[&str], &str); 9] = [
    (&["lambda", "list-functions"], "Functions"),
    (&["stepfunctions", "list-state-machines"], "stateMachines"),
    (&["logs", "describe-log-groups"], "logGroups"),
    (&["logs", "describe-metric-filters"], "metricFilters"),
    (&["iam", "list-roles"], "Roles"),
    (&["iam", "list-policies", "--scope", "Local"], "Policies"),
    (&["events", "list-rules"], "Rules"),
    (&["cloudwatch", "describe-alarms"], "MetricAlarms"),
    (&["cloudwatch", "list-dashboards"], "DashboardEntries"),
];

/// The first words of the lists that name anything of a retirement.
fn with_retirement(stack: &LocalStack) -> Vec<&'static str> {
    let names = |(command, _): &&(&'static [&'static str], _)| {
        tools::aws(stack, command).to_string().to_lowercase().contains("retire")
    };
    LISTS.iter().filter(names).map(|(command, _)| command[1]).collect()
}

/// The roles whose policies have each of these actions, by logical ID.
fn roles_with(stack: &LocalStack, actions: &[&str]) -> Vec<Vec<String>> {
    let details = tools::aws(stack, &["iam", "get-account-authorization-details", "--filter", "Role"]);
    let roles: Vec<_> = details["RoleDetailList"].as_array().into_iter().flatten().collect();
    let with = |action: &&str| {
        let action = format!("\"{action}\"");
        let having = roles.iter().filter(|role| role["RolePolicyList"].to_string().contains(&action));
        let name =
            |role: &&&Value| role["RoleName"].as_str().and_then(|name| name.rsplit('-').nth(1)).map(str::to_owned);
        let mut names: Vec<_> = having.filter_map(|role| name(&role)).collect();
        names.sort_unstable();
        names
    };
    actions.iter().map(with).collect()
}

#[tokio::test]
async fn retirement_is_no_part_of_a_stack_without_its_parameter_and_deleting_a_stack_leaves_nothing() {
    let stack = LocalStack::start(Options::default()).await.unwrap_or_else(|fault| panic!("{fault}"));
    let retiring = [
        "personalize:DeleteDatasetGroup",
        "personalize:ListDatasets",
        "personalize:ListSolutions",
        "personalize:ListEventTrackers",
        "personalize:ListRecommenders",
        "personalize:ListFilters",
        "datazone:DeleteProjectMembership",
    ];
    assert_eq!(with_retirement(&stack), [""; 0]);
    assert!(!stack.outputs().keys().any(|output| output.starts_with("Retirement")), "{:?}", stack.outputs());
    // For REPLACE.
    let (create, retire) = ("CreateDatasetGroupRole".to_owned(), "RetireDatasetGroupRole".to_owned());
    let mut expected = vec![vec![]; retiring.len()];
    expected[0].push(create);
    assert_eq!(roles_with(&stack, &retiring), expected);

    let _ = tools::redeploy(&stack, &[("Retirement", "true")]);
    // The engine lists no metrics of alarms and no texts of dashboards.
    let lists = LISTS.map(|(command, _)| command[1]);
    assert_eq!(with_retirement(&stack), lists[..lists.len() - 2]);
    for roles in &mut expected {
        roles.push(retire.clone());
    }
    assert_eq!(roles_with(&stack, &retiring), expected);

    let left = || LISTS.map(|(command, member)| tools::aws(&stack, command)[member].as_array().map_or(0, Vec::len));
    assert!(left().iter().all(|number| *number > 0), "{:?}", left());
    let delete = ["delete", "--stack-name", "dataset-group-workflow", "--region", "us-east-1", "--no-prompts"];
    let printed = tools::run(&stack, "sam", &delete);
    assert_eq!(left(), [0; LISTS.len()], "{printed}");
    stack.stop().await.expect("the stack stops");
}
