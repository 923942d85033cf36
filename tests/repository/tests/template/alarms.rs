//! The alarms, the rules that they count, and the messages of the topic.

use std::collections::BTreeMap;

use contract::StepError;
use contract::outcome::{BATCH_FINISHED, EVENT_SOURCE, PROVISIONING_FAILED};
use contract::retirement::RETIREMENT_FAILED;
use repository_tests::{of_type, run, template};
use serde_json::{Value, json};

use super::{if_on, of_machine, properties, queue};

/// The errors that an operator has to fix; all others are for the requester.
const OPERATOR_ERRORS: [&str; 4] = ["AccessDenied", "QuotaExceeded", "Unavailable", "Unexpected"];

#[test]
fn each_error_has_one_rule_and_only_those_for_operators_have_an_alarm() {
    let of_machine = |name: &str| {
        let execution = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution";
        json!({"prefix": {"Fn::Sub": format!("{execution}:${{{name}.Name}}:")}})
    };
    let requester_errors: Vec<_> =
        StepError::NAMES.into_iter().filter(|error| !OPERATOR_ERRORS.contains(error)).collect();
    let mut rules = vec![
        ("ReportedFailuresRule".to_owned(), None, "HasAlarms"),
        ("RequesterErrorsRule".to_owned(), Some(requester_errors), "RequesterErrorsAreSent"),
    ];
    rules.extend(OPERATOR_ERRORS.map(|error| (format!("{error}Rule"), Some(vec![error]), "OperatorErrorsAreMatched")));
    for (name, errors, condition) in &rules {
        let rule = &template()["Resources"][name];
        assert_eq!(rule["Condition"], *condition, "{name}");
        assert_eq!(rule["Properties"]["EventBusName"], json!({"Ref": "EventBusName"}), "{name}");
        let mut pattern = rule["Properties"]["EventPattern"].clone();
        let listed = pattern["detail"].as_object_mut().expect("a detail").remove("error");
        // In any order.
        let sorted = |errors: Value| {
            let mut errors: Vec<String> = serde_json::from_value(errors).expect("names");
            errors.sort();
            errors
        };
        assert_eq!(listed.map(sorted), errors.as_ref().map(|errors| sorted(json!(errors))), "{name}");
        let retirement_failed = if_on("RetirementIsOn", &json!(RETIREMENT_FAILED));
        let of_retirement = if_on("RetirementIsOn", &of_machine("RetireDatasetGroup"));
        let mut executions = vec![of_machine("ProvisionDatasetGroup"), of_retirement];
        // A batch also reports rows that failed without an execution, so its failures have a rule of their own there.
        if name != "ReportedFailuresRule" {
            executions.push(if_on("BatchIsOn", &of_machine("ProvisionDatasetGroups")));
        }
        let expected = json!({
            "source": [EVENT_SOURCE],
            "detail-type": [PROVISIONING_FAILED, retirement_failed, if_on("BatchIsOn", &json!(BATCH_FINISHED))],
            "detail": {"executionArn": executions}
        });
        assert_eq!(pattern, expected, "{name}");
    }
    let of_batches = json!({
        "source": [EVENT_SOURCE], "detail-type": [BATCH_FINISHED],
        "detail": {"error": [{"exists": true}], "executionArn": [of_machine("ProvisionDatasetGroups")]}
    });
    assert_eq!(properties("ReportedBatchFailuresRule")["EventPattern"], of_batches);
    assert_eq!(of_type("AWS::Events::Rule").count(), rules.len() + 4, "that one, and the rules for requests");

    let conditions = &template()["Conditions"];
    let has_topic = json!({"Condition": "HasTopic"});
    let any = json!({"Fn::Or": [{"Condition": "HasAlarms"}, has_topic]});
    let wanted = json!({"Fn::Equals": [{"Ref": "NotifyRequesterErrors"}, "true"]});
    assert_eq!(conditions["OperatorErrorsAreMatched"], any);
    assert_eq!(conditions["RequesterErrorsAreSent"], json!({"Fn::And": [has_topic, wanted]}));
    assert_eq!(template()["Parameters"]["NotifyRequesterErrors"]["Default"], "false");
}

#[test]
fn the_topic_gets_one_message_for_each_failure_with_a_link_to_the_console_of_the_partition() {
    let message = &properties("RequesterErrorsRule")["Targets"];
    let targets = json!({"Fn::If": ["HasTopic", message, {"Ref": "AWS::NoValue"}]});
    for error in OPERATOR_ERRORS {
        assert_eq!(properties(&format!("{error}Rule"))["Targets"], targets, "{error}");
    }
    assert!(properties("ReportedFailuresRule")["Targets"].is_null(), "it would send a second message");
    assert_eq!(message[0]["Arn"], json!({"Ref": "NotificationTopicArn"}));
    // EventBridge may not deliver to a topic with a role.
    assert!(message[0]["RoleArn"].is_null());

    let transformer = &message[0]["InputTransformer"];
    let [text, values] = [0, 1].map(|index| &transformer["InputTemplate"]["Fn::Sub"][index]);
    let console = |condition, console: &str, other: Value| json!({"Fn::If": [condition, console, other]});
    let gov_cloud = console("IsInGovCloud", "console.amazonaws-us-gov.com", json!("console.aws.amazon.com"));
    assert_eq!(*values, json!({"Console": console("IsInChina", "console.amazonaws.cn", gov_cloud)}));
    for (condition, partition) in [("IsInChina", "aws-cn"), ("IsInGovCloud", "aws-us-gov")] {
        assert_eq!(template()["Conditions"][condition], json!({"Fn::Equals": [{"Ref": "AWS::Partition"}, partition]}));
    }
    // EventBridge leaves a variable without a path as it is. It takes a text as lines in quotes.
    let text = text.as_str().expect("text");
    for name in transformer["InputPathsMap"].as_object().expect("paths").keys() {
        assert_eq!(text.matches(&format!("<{name}>")).count(), 1, "{name}");
    }
    assert_eq!(text.matches('<').count(), 6);
    for line in text.lines() {
        assert!(line.starts_with('"') && line.ends_with('"') && line.matches('"').count() == 2, "{line}");
    }
}

#[test]
fn each_alarm_has_its_own_metrics_and_looks_at_single_minutes() {
    let executions = |name| {
        let machines = ["ProvisionDatasetGroup", "RetireDatasetGroup", "ProvisionDatasetGroups"];
        machines.map(|machine| metric("AWS/States", name, &json!([of_machine(machine)]), "Sum")).to_vec()
    };
    let rule = |rule: &str, name| metric("AWS/Events", name, &of_rule(rule), "Sum");
    let of_requests =
        |name| ["", "Retirement", "s"].map(|kind| rule(&format!("DatasetGroup{kind}RequestedRule"), name)).to_vec();
    let reported = ["ReportedFailuresRule", "ReportedBatchFailuresRule"];
    let waiting = metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", &json!([queue()]), "Maximum");
    let mut expected = BTreeMap::from([
        ("ExecutionsTimedOut", executions("ExecutionsTimedOut")),
        ("ExecutionsAborted", executions("ExecutionsAborted")),
        (
            "Unreported",
            [executions("ExecutionsFailed"), reported.map(|name| rule(name, "TriggeredRules")).to_vec()].concat(),
        ),
        ("UndeliveredRequests", [of_requests("InvocationsSentToDlq"), vec![waiting]].concat()),
        ("LostRequests", of_requests("InvocationsFailedToBeSentToDlq")),
    ]);
    expected.extend(OPERATOR_ERRORS.map(|error| (error, vec![rule(&format!("{error}Rule"), "TriggeredRules")])));
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        let metrics = expected.remove(name.trim_end_matches("Alarm")).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(metrics_of(properties), metrics, "{name}");
        let rule = (&properties["Threshold"], &properties["ComparisonOperator"], &properties["TreatMissingData"]);
        assert_eq!(rule, (&json!(1), &json!("GreaterThanOrEqualToThreshold"), &json!("notBreaching")), "{name}");
        let datapoints = (&properties["DatapointsToAlarm"], &properties["EvaluationPeriods"]);
        assert_eq!(datapoints, (&json!(1), &json!(5)), "{name}");
        let actions = json!({"Fn::If": ["HasTopic", [{"Ref": "NotificationTopicArn"}], {"Ref": "AWS::NoValue"}]});
        assert_eq!((&properties["AlarmActions"], &properties["OKActions"]), (&actions, &actions), "{name}");
        assert_eq!(alarm["Condition"], "HasAlarms", "{name}");
    }
    assert!(expected.is_empty(), "{expected:?}");
}

/// The dimensions of the metrics of a rule, which differ between the default bus and others.
fn of_rule(rule: &str) -> Value {
    let part = |index: u64| {
        let parts = json!({"Fn::Split": ["/", {"Fn::GetAtt": [rule, "Arn"]}]});
        json!({"Fn::Select": [index, parts]})
    };
    let bus = json!({"Name": "EventBusName", "Value": {"Ref": "EventBusName"}});
    json!([
        {"Fn::If": ["IsDefaultBus", {"Ref": "AWS::NoValue"}, bus]},
        {"Name": "RuleName", "Value": {"Fn::If": ["IsDefaultBus", part(1), part(2)]}}
    ])
}

/// A metric of an alarm, in the form of an alarm on one metric.
fn metric(namespace: &str, name: &str, dimensions: &Value, statistic: &str) -> Value {
    json!({
        "Namespace": namespace, "MetricName": name, "Dimensions": dimensions, "Statistic": statistic, "Period": 60
    })
}

/// The metrics of an alarm, each in the form of an alarm on one metric.
fn metrics_of(alarm: &Value) -> Vec<Value> {
    let field = |name: &str| alarm[name].as_str().expect("text");
    let Some(metrics) = alarm["Metrics"].as_array() else {
        assert_eq!(alarm["Period"], 60);
        return vec![metric(field("Namespace"), field("MetricName"), &alarm["Dimensions"], field("Statistic"))];
    };
    let of_stat = |stat: &Value| {
        let mut metric = stat["Metric"].clone();
        (metric["Statistic"], metric["Period"]) = (stat["Stat"].clone(), stat["Period"].clone());
        metric
    };
    switched_on(metrics).iter().filter_map(|metric| metric.get("MetricStat")).map(of_stat).collect()
}

/// The metrics of an alarm in a stack with retirement and batches.
fn switched_on(metrics: &[Value]) -> Vec<&Value> {
    let second = |metric: &'_ Value| ["RetirementIsOn", "BatchIsOn"].iter().any(|on| metric["Fn::If"][0] == *on);
    metrics.iter().map(|metric| if second(metric) { &metric["Fn::If"][1] } else { metric }).collect()
}

#[test]
fn an_execution_that_fails_without_an_event_raises_an_alarm_and_a_reported_failure_does_not() {
    let (none, one, two) = (None, Some(1), Some(2));
    let reported_later = [none, none, none, one, none, none];
    for (failed, reported, expected, description) in [
        ([none; 6], [none; 6], false, "nothing happens"),
        ([none, none, one, none, none, none], [none; 6], true, "no event"),
        ([none, none, one, none, none, none], [none, none, one, none, none, none], false, "in the same minute"),
        ([none, none, one, none, none, none], reported_later, false, "the event counts in the next minute"),
        ([none, none, none, none, one, none], reported_later, false, "the event counts in the minute before"),
        ([none, none, none, none, none, one], [none; 6], false, "the metric of the event may be late"),
        ([none, none, none, two, none, none], reported_later, true, "one of two is reported"),
        ([none, one, none, two, none, none], [none, none, one, two, none, none], false, "several are reported"),
    ] {
        // Executions of any machine; batches are reported to a rule of their own.
        let quiet = [none; 6];
        for values in [
            [failed, quiet, quiet, reported, quiet],
            [quiet, failed, quiet, reported, quiet],
            [quiet, quiet, failed, quiet, reported],
        ] {
            let raised = raises("UnreportedAlarm", &values.each_ref().map(|values| &values[..]));
            assert_eq!(raised, expected, "{description}");
        }
    }
}

#[test]
fn a_request_in_the_dead_letter_queue_raises_an_alarm_as_soon_as_one_metric_shows_it() {
    let (none, quiet) = (&[None; 5][..], &[None, None, Some(0), Some(0), Some(0)][..]);
    let once = &[None, None, None, Some(1), None][..];
    for (sent, waiting, expected) in [(none, none, false), (none, quiet, false), (once, none, true), (none, once, true)]
    {
        for [provisionings, retirements, batches] in [[sent, none, none], [none, sent, none], [none, none, sent]] {
            let values = [provisionings, retirements, batches, waiting];
            assert_eq!(raises("UndeliveredRequestsAlarm", &values), expected);
        }
    }
}

/// What the alarm says after minutes with these values of its metrics.
fn raises(alarm: &str, values: &[&[Option<u8>]]) -> bool {
    let metrics = switched_on(properties(alarm)["Metrics"].as_array().expect("metrics"));
    let arguments = [json!(metrics).to_string(), json!(values).to_string()];
    run("target/tools/aws/bin/python", &["-c", METRIC_MATH, &arguments[0], &arguments[1]]).trim() == "true"
}

/// The functions of CloudWatch that the alarms use, for values of one metric each minute; None is a missing value.
const METRIC_MATH: &str = "
import json, sys

class Series(list):
    def with_each(self, other, operator):
        others = other if isinstance(other, Series) else [other] * len(self)
        return Series(operator(one, other) for one, other in zip(self, others))
    def __add__(self, other): return self.with_each(other, lambda one, other: one + other)
    def __sub__(self, other): return self.with_each(other, lambda one, other: one - other)
    def __gt__(self, other): return self.with_each(other, lambda one, other: one > other)

def FILL(series, value):
    if not isinstance(series, Series): return [FILL(one, value) for one in series]
    return Series(value if one is None else one for one in series)
def DIFF(series): return Series([0] + [later - one for one, later in zip(series, series[1:])])
def METRICS(part=''): return [series for name, series in globals().items() if isinstance(series, Series) and part in name]
def SUM(all): return Series(map(sum, zip(*all)))
def IF(condition, series, other): return Series(one if true else other for true, one in zip(condition, series))

metrics, values = json.loads(sys.argv[1]), json.loads(sys.argv[2])
for metric in metrics:
    series = eval(metric['Expression']) if 'Expression' in metric else Series(values.pop(0))
    globals()[metric['Id']] = series
    if metric['ReturnData']: print(json.dumps(any(one >= 1 for one in series[-5:])))";
