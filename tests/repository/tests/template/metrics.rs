//! What the functions log, the metrics that are made of it, and the dashboard.

use std::iter::successors;

use contract::outcome::ProfileChange;
use contract::retirement::Disposition;
use contract_tests::definition::steps;
use repository_tests::{of_type, template};
use serde_json::{Value, json};
use wiring::LogSummary;

use super::{MACHINES, of_machine, properties, queue};

#[test]
fn the_metrics_are_read_from_lines_that_the_functions_log() {
    // What `wiring::serve` writes; the end-to-end tests see it in the logs of the deployed functions.
    let members = ["$.message", "$.decision", "$.secondsUntilActive", "$.polls"];
    assert_eq!(template()["Globals"]["Function"]["LoggingConfig"]["ApplicationLogLevel"], json!({"Ref": "LogLevel"}));
    assert_eq!(template()["Parameters"]["LogLevel"]["AllowedValues"], json!(["TRACE", "DEBUG", "INFO"]));
    for (name, filter) in of_type("AWS::Logs::MetricFilter") {
        let properties = &filter["Properties"];
        let mut read: Vec<String> = vec![properties["FilterPattern"].as_str().unwrap_or_default().to_owned()];
        let transformation = &properties["MetricTransformations"][0];
        read.push(transformation["MetricValue"].as_str().unwrap_or_default().to_owned());
        read.extend(
            transformation["Dimensions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|dimension| dimension["Value"].as_str())
                .map(str::to_owned),
        );
        for text in read {
            for member in
                text.split_whitespace().map(|word| word.trim_matches(['(', ')'])).filter(|word| word.starts_with('$'))
            {
                assert!(members.contains(&member), "{name} reads {member}");
            }
        }
        assert_eq!(transformation["MetricNamespace"], json!({"Fn::Sub": "DatasetGroupWorkflow/${AWS::StackName}"}));
        // A filter for a number publishes it, and any other one counts.
        let pattern = properties["FilterPattern"].as_str().unwrap_or_default();
        let value = pattern.strip_prefix("{ ").and_then(|rest| rest.strip_suffix(" = * }")).unwrap_or("1");
        assert_eq!(transformation["MetricValue"], value, "{name}");
    }
    for (name, operator) in [("ProvisioningFailedMetric", "!="), ("StepUnavailableMetric", "=")] {
        let pattern = format!("{{ ($.message = \"failed\") && ($.decision {operator} \"Unavailable\") }}");
        assert_eq!(properties(name)["FilterPattern"], pattern);
    }
    assert_eq!(properties("StepThrottledMetric")["FilterPattern"], "{ $.message = \"throttled\" }");
    assert_eq!(of_type("AWS::Logs::MetricFilter").count(), 7);
}

#[test]
fn provisioned_counts_every_decision_of_the_last_step_and_no_other_line() {
    // A new variant does not compile until it stands here.
    let next = |change: &ProfileChange| match change {
        ProfileChange::Created => Some(ProfileChange::Assigned),
        ProfileChange::Assigned => Some(ProfileChange::Kept),
        ProfileChange::Kept => None,
    };
    let counted: Vec<_> = successors(Some(ProfileChange::Created), next)
        .map(|change| {
            let profile = json!({"domainId": "dzd_a", "id": "p", "status": "ASSIGNED"});
            let changes = json!({"groupProfile": change});
            let output = json!({"groupProfile": profile, "changes": changes});
            let output: bootstrap_group_profile::Output = serde_json::from_value(output).expect("an output");
            // Where projects follow, the step for them logs it.
            let later: add_project_members::Output =
                serde_json::from_value(json!({"changes": changes})).expect("an output");
            assert_eq!(later.decision(), output.decision());
            format!("($.decision = \"{}\")", output.decision())
        })
        .collect();
    let pattern = format!("{{ {} }}", counted.join(" || "));
    assert_eq!(properties("ProvisionedMetric")["FilterPattern"], pattern);
}

#[test]
fn retired_counts_every_retirement_that_succeeds() {
    let request = json!({"datasetGroup": {"name": "media"}, "groupProfile": {"domainIdentifier": "dzd_a", "groupIdentifier": "g"}});
    let counted = Disposition::ALL.map(|disposition| {
        let output: retire_dataset_group::Output = serde_json::from_value(json!({
            "request": request, "datasetGroup": null, "groupProfile": null, "earlier": null, "progress": null,
            "since": "2026-12-01T09:00:00Z", "waitSeconds": 0, "elapsedSeconds": 1, "changes": {"projects": []},
            "retired": {"disposition": disposition, "datasetGroup": {"datasetGroupArn": "arn", "name": "media"}},
            "failed": null, "plan": null
        }))
        .expect("an output");
        format!("($.decision = \"{}\")", output.decision())
    });
    assert_eq!(properties("RetiredMetric")["FilterPattern"], format!("{{ {} }}", counted.join(" || ")));
}

#[test]
fn the_dashboard_is_json_and_shows_metrics_that_exist() {
    let board: Value = serde_json::from_str(&dashboard()).expect("JSON");
    // A search names its metric in escaped quotes.
    let text = board.to_string().replace("\\\"", "\"");
    let mut known = vec!["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"];
    known.extend(["ExecutionsAborted", "Duration", "Errors", "ApproximateNumberOfMessagesVisible"]);
    for (_, filter) in of_type("AWS::Logs::MetricFilter") {
        let transformation = &filter["Properties"]["MetricTransformations"][0];
        let metric = transformation["MetricName"].as_str().expect("a name");
        // A namespace with a hyphen in it has to be quoted in a search.
        let shown = transformation["Dimensions"][0]["Key"].as_str().map_or_else(
            || format!("[\"DatasetGroupWorkflow/${{AWS::StackName}}\",\"{metric}\","),
            |key| format!("SEARCH('{{\"DatasetGroupWorkflow/${{AWS::StackName}}\",{key}}} MetricName=\"{metric}\"'"),
        );
        assert!(text.contains(&shown), "{metric} is not shown");
        known.push(metric);
    }
    let functions = steps().into_iter().map(|(step, _)| {
        (json!("AWS/Lambda"), json!({"Name": "FunctionName", "Value": {"Ref": format!("{step}Function")}}))
    });
    let machines = MACHINES.map(|(machine, _)| (json!("AWS/States"), of_machine(machine)));
    let emitters: Vec<_> = functions.chain(machines).chain([(json!("AWS/SQS"), queue())]).collect();
    let widgets = board["widgets"].as_array().expect("widgets").iter();
    for row in widgets.flat_map(|widget| widget["properties"]["metrics"].as_array().into_iter().flatten()) {
        assert!(row[1].as_str().is_none_or(|metric| known.contains(&metric)), "nothing publishes {row}");
        let Some(reference) = row[3].as_str() else { continue };
        let reference = reference.trim_start_matches("${").trim_end_matches('}');
        let value = reference.split_once('.').map_or_else(
            || json!({"Ref": reference}),
            |(resource, attribute)| json!({"Fn::GetAtt": [resource, attribute]}),
        );
        let dimension = json!({"Name": row[2], "Value": value});
        assert!(emitters.contains(&(row[0].clone(), dimension)), "nothing has the dimension of {row}");
    }
    assert_eq!(board["widgets"].as_array().map(Vec::len), Some(7));
    assert_eq!(template()["Resources"]["OperationsDashboard"]["Condition"], "HasDashboard");
}

/// The dashboard of a stack with retirement and batches.
fn dashboard() -> String {
    let sub = &properties("OperationsDashboard")["DashboardBody"]["Fn::Sub"];
    let mut body = sub[0].as_str().expect("text").to_owned();
    for (variable, value) in sub[1].as_object().expect("variables") {
        let condition = if variable.starts_with("Batch") { "BatchIsOn" } else { "RetirementIsOn" };
        assert_eq!((&value["Fn::If"][0], &value["Fn::If"][2]), (&json!(condition), &json!("")), "{variable}");
        let placeholder = format!("${{{variable}}}");
        assert_eq!(body.matches(&placeholder).count(), 1, "{variable}");
        body = body.replace(&placeholder, value["Fn::If"][1]["Fn::Sub"].as_str().expect("text"));
    }
    body
}

#[test]
fn every_log_group_is_kept_for_the_time_and_with_the_key_of_the_parameters() {
    for (name, group) in of_type("AWS::Logs::LogGroup") {
        let properties = &group["Properties"];
        assert_eq!(properties["RetentionInDays"], json!({"Ref": "LogRetentionDays"}), "{name}");
        assert_eq!(
            properties["KmsKeyId"],
            json!({"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]}),
            "{name}"
        );
    }
    assert_eq!(of_type("AWS::Logs::LogGroup").count(), 4);
}

#[test]
fn all_functions_log_to_one_group_that_metric_filters_read_and_write_nowhere_else() {
    let group = json!({"Ref": "FunctionsLogGroup"});
    assert_eq!(template()["Globals"]["Function"]["LoggingConfig"]["LogGroup"], group);
    for (name, filter) in of_type("AWS::Logs::MetricFilter") {
        assert_eq!(filter["Properties"]["LogGroupName"], group, "{name}");
    }
    let write = json!({
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": {"Fn::GetAtt": ["FunctionsLogGroup", "Arn"]},
    });
    for (resource, _) in steps() {
        assert!(properties(&format!("{resource}Function"))["LoggingConfig"].is_null(), "{resource}");
        let policies = &properties(&format!("{resource}Role"))["Policies"];
        let statements = policies[0]["PolicyDocument"]["Statement"].as_array().expect("statements");
        assert!(statements.contains(&write), "{resource}");
        assert_eq!(policies.to_string().matches("\"logs:").count(), 2, "{resource}");
    }
}
