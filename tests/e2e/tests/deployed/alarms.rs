//! Who learns of a failure: the rules of the deployed stack, its alarms, and the messages to the topic.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_sdk_eventbridge::Client;
use aws_sdk_sfn::types::ExecutionStatus;
use contract::StepError;
use e2e_tests::{Execution, Setup, TOPIC, eventually, stack, tools};
use serde_json::{Value, json};
use simulators::{ContentKind, Contents, DatasetGroupState, Kind, Script, Step};

/// The physical names of the stack's resources of a type, by logical ID.
async fn deployed(kind: &str) -> BTreeMap<String, String> {
    let arguments = ["cloudformation", "describe-stack-resources", "--stack-name", "dataset-group-workflow"];
    let resources = tools::aws(stack().await, &arguments);
    let resources = resources["StackResources"].as_array().expect("resources").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    resources
        .filter(|resource| resource["ResourceType"] == kind)
        .map(|resource| (text(&resource["LogicalResourceId"]), text(&resource["PhysicalResourceId"])))
        .collect()
}

/// An execution that failed with the error.
async fn failure(error: &str) -> Execution {
    let setup = Setup::new().await;
    let put = |steps| setup.put_group(DatasetGroupState { steps, ..DatasetGroupState::default() });
    let returned = |status, code: &str| Kind::Error { status, code: code.to_owned(), message: None };
    let mut members = Vec::new();
    match error {
        "InvalidRequest" => members.push(("/policy", json!({"timeoutSeconds": 1}))),
        "DatasetGroupConflict" => {
            put(Vec::new()).await;
            members.push(("/datasetGroup/domain", json!("ECOMMERCE")));
        }
        "DatasetGroupCreateFailed" => put(vec![Step::create_failed("no such role")]).await,
        "ProvisioningTimedOut" => {
            put(vec![Step::status("CREATE IN_PROGRESS")]).await;
            members.push(("/policy", json!({"timeoutSeconds": 60})));
        }
        "QuotaExceeded" => setup.fault("CreateDatasetGroup", None, returned(400, "LimitExceededException")).await,
        "AccessDenied" => setup.fault("GetGroupProfile", None, Kind::AccessDenied).await,
        "NotFound" => members.push(("/groupProfile/domainIdentifier", json!(format!("{}-other", setup.domain)))),
        // One attempt of the SDK, so that the retries of the state machine take less time.
        "Unavailable" => setup.fault("TagResource", None, returned(503, "ServiceUnavailable")).await,
        "Unexpected" => {
            let script = Script::create([Step::status("UPDATE PENDING")]);
            setup.control.script_dataset_group(&setup.name, script).await.expect("a script");
        }
        other => panic!("nothing leads to {other} here"),
    }
    let execution = setup.run(&setup.request_with(&members)).await;
    assert_eq!(execution.failed().await.error, error);
    execution
}

/// A retirement that failed with the error.
async fn failed_retirement(error: &str) -> Execution {
    let setup = Setup::new().await;
    let put = |group| setup.put_linked_group(group);
    let returned = |status, code: &str| Kind::Error { status, code: code.to_owned(), message: None };
    let mut policy = json!({});
    match error {
        "InvalidRequest" => policy = json!({"timeoutSeconds": 1}),
        "DatasetGroupConflict" => setup.put_group(DatasetGroupState::default()).await,
        "DatasetGroupInUse" => {
            let contents = Contents::from([(ContentKind::Datasets, vec!["interactions".to_owned()])]);
            put(DatasetGroupState { contents, ..DatasetGroupState::default() }).await;
        }
        "ProvisioningTimedOut" => {
            put(DatasetGroupState { steps: vec![Step::status("DELETE PENDING")], ..DatasetGroupState::default() })
                .await;
            policy = json!({"timeoutSeconds": 60});
        }
        "QuotaExceeded" => setup.fault("GetGroupProfile", None, returned(402, "ServiceQuotaExceededException")).await,
        "AccessDenied" => setup.fault("DescribeDatasetGroup", None, Kind::AccessDenied).await,
        "NotFound" => {
            put(DatasetGroupState::default()).await;
            policy = json!({"removeProjects": [setup.project("nobody-knows-it")]});
        }
        "Unavailable" => {
            put(DatasetGroupState::default()).await;
            setup.fault("DeleteDatasetGroup", None, returned(503, "ServiceUnavailable")).await;
        }
        "Unexpected" => setup.fault("DescribeDatasetGroup", None, returned(400, "StrangeException")).await,
        other => panic!("nothing leads to {other} here"),
    }
    let execution = setup.retire(&setup.request_with(&[("/policy", policy)])).await;
    assert_eq!(execution.retirement_failed().await.error, error);
    execution
}

/// The rules that match an event, by logical ID.
async fn matching(patterns: &BTreeMap<String, String>, event: &Value) -> Vec<String> {
    let client = Client::new(&stack().await.sdk_config());
    let mut matching = Vec::new();
    for (rule, pattern) in patterns {
        let tested = client.test_event_pattern().event_pattern(pattern).event(event.to_string()).send().await;
        if tested.unwrap_or_else(|fault| panic!("{rule}: {fault:?}")).result() {
            matching.push(rule.clone());
        }
    }
    matching
}

#[tokio::test]
async fn each_failure_matches_the_rule_of_its_error_and_raises_no_other_alarm() {
    let client = Client::new(&stack().await.sdk_config());
    let names = deployed("AWS::Events::Rule").await;
    let mut patterns = BTreeMap::new();
    for (rule, name) in &names {
        let described = client.describe_rule().name(name).send().await.expect("a rule");
        patterns.insert(rule.clone(), described.event_pattern.expect("a pattern"));
    }
    // The alarm of an error counts its rule, and nothing else counts it.
    let alarms = deployed("AWS::CloudWatch::Alarm").await;
    let described = tools::aws(stack().await, &["cloudwatch", "describe-alarms"]);
    let counting = |rule: &str| {
        let dimensions = json!([{"Name": "RuleName", "Value": names[rule]}]);
        let described = described["MetricAlarms"].as_array().expect("alarms").iter();
        let counting = described
            .filter(|alarm| alarm["MetricName"] == "TriggeredRules" && alarm["Dimensions"] == dimensions)
            .map(|alarm| alarm["AlarmName"].clone());
        counting.collect::<Vec<_>>()
    };

    let mut failures = Vec::new();
    for error in StepError::names_of_provisioning() {
        failures.push((error, failure(error).await));
    }
    for error in StepError::names_of_retirement() {
        failures.push((error, failed_retirement(error).await));
    }
    for (error, execution) in failures {
        let event = execution.outcome_event().await;
        let own = format!("{error}Rule");
        let rule = if names.contains_key(&own) { own } else { "RequesterErrorsRule".to_owned() };
        assert_eq!(matching(&patterns, &event).await, sorted([&rule, "ReportedFailuresRule"]), "{error}");
        let alarm = alarms.get(&format!("{error}Alarm"));
        assert_eq!(counting(&rule), alarm.map(|name| json!(name)).into_iter().collect::<Vec<_>>(), "{error}");

        // Another stack on the same bus, whose state machine may have a similar name.
        let mut other = event.clone();
        let arn = event["detail"]["executionArn"].as_str().expect("an ARN");
        let (machine, execution) = arn.rsplit_once(':').expect("an ARN");
        other["detail"]["executionArn"] = json!(format!("{machine}-2:{execution}"));
        assert_eq!(matching(&patterns, &other).await, [""; 0], "{error}");
    }
    let setup = Setup::new().await;
    for succeeded in [setup.run(&setup.request()).await, setup.retire(&setup.request()).await] {
        assert_eq!(succeeded.status, ExecutionStatus::Succeeded);
        assert_eq!(matching(&patterns, &succeeded.outcome_event().await).await, [""; 0]);
    }
}

fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_subscriber_of_the_topic_reads_what_failed_why_and_what_to_do() {
    let stack = stack().await;
    let topic = tools::aws(stack, &["sns", "create-topic", "--name", "operators"]);
    assert_eq!(topic["TopicArn"], TOPIC);
    // This version of the CLI does not take the endpoint of SQS from the environment.
    let sqs = |arguments: &[&str]| {
        let arguments = [&["sqs", "--endpoint-url", stack.endpoint_url()], arguments].concat();
        tools::run(stack, "aws", &[&arguments[..], &["--output", "json"]].concat())
    };
    // Every message is received once, however many failures of other tests are here too.
    let create = ["create-queue", "--queue-name", "operator", "--attributes", "VisibilityTimeout=43200"];
    let created: Value = serde_json::from_str(&sqs(&create)).expect("JSON");
    let seen = RefCell::new(Vec::<String>::new());
    let queue = created["QueueUrl"].as_str().expect("a queue");
    let subscribe = ["sns", "subscribe", "--topic-arn", TOPIC, "--protocol", "sqs", "--notification-endpoint"];
    let endpoint = ["arn:aws:sqs:us-east-1:000000000000:operator", "--attributes", "RawMessageDelivery=true"];
    let _ = tools::aws(stack, &[&subscribe[..], &endpoint].concat());

    // The second one fails before the name of the group is known.
    for execution in
        [failure("AccessDenied").await, failure("InvalidRequest").await, failed_retirement("DatasetGroupInUse").await]
    {
        let outcome = execution.outcome_event().await["detail"].clone();
        let text = |pointer| outcome.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let receive = ["receive-message", "--max-number-of-messages", "10", "--wait-time-seconds", "1"];
        let message = eventually("the message", || async {
            let received = sqs(&[&receive[..], &["--queue-url", queue]].concat());
            let received: Value = serde_json::from_str(&received).unwrap_or_default();
            let messages = received["Messages"].as_array().into_iter().flatten();
            let mut seen = seen.borrow_mut();
            seen.extend(messages.filter_map(|message| message["Body"].as_str()).map(str::to_owned));
            seen.iter().find(|body| body.contains(&execution.arn)).cloned()
        })
        .await;
        let expected = [
            format!("{}: a request for a dataset group failed.", text("/error")),
            format!("Dataset group, if known: {}", text("/datasetGroup/name")),
            format!("Resource, if known: {}", text("/cause/resource")),
            format!("Why: {}", text("/cause/message")),
            format!("What to do: {}", text("/cause/remedy")),
            format!(
                "Execution: https://console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/{}",
                execution.arn
            ),
        ];
        assert_eq!(message, expected.map(|line| format!("\"{line}\"")).join("\n"));
    }
}
