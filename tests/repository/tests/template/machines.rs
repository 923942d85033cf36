//! The state machines, the rules that start them, and the switch of the retirement.

use contract::outcome::{BATCH_REQUESTED, REQUESTED};
use contract::retirement::RETIREMENT_REQUESTED;
use contract_tests::definition::{all_machines, steps};
use repository_tests::{actions, template};
use serde_json::{Value, json};

use super::{MACHINES, if_on, properties};

#[test]
fn each_machine_logs_everything_and_data_only_where_asked() {
    assert_eq!(
        all_machines().into_iter().map(|machine| machine.resource()).collect::<Vec<_>>(),
        MACHINES.map(|(name, _)| name)
    );
    for (name, parts) in MACHINES {
        let machine = properties(name);
        assert_eq!(machine["StateMachineType"], "STANDARD");
        let logging = &machine["LoggingConfiguration"];
        assert_eq!(logging["Level"], "ALL");
        assert_eq!(logging["IncludeExecutionData"], json!({"Fn::If": ["ExecutionDataIsLogged", true, false]}));
        let log = &logging["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"];
        assert_eq!(*log, json!({"Fn::GetAtt": [format!("{parts}LogGroup"), "Arn"]}));
    }
    assert_eq!(template()["Parameters"]["LogExecutionData"]["Default"], "false");
}

#[test]
fn machines_and_functions_are_traced_unless_switched_off() {
    for (name, _) in MACHINES {
        let enabled = &properties(name)["TracingConfiguration"]["Enabled"];
        assert_eq!(*enabled, json!({"Fn::If": ["IsTraced", true, false]}), "{name}");
    }
    assert_eq!(template()["Globals"]["Function"]["Tracing"], json!({"Fn::If": ["IsTraced", "Active", "PassThrough"]}));
    assert_eq!(template()["Parameters"]["Tracing"]["Default"], "true");
}

/// The local engine ignores it in a template; `local-stack` sets it by a call.
#[test]
fn the_concurrency_of_each_function_is_limited_where_the_parameter_says_so() {
    let limit = json!({"Fn::If": ["HasFunctionConcurrency", {"Ref": "FunctionConcurrency"}, {"Ref": "AWS::NoValue"}]});
    assert_eq!(template()["Globals"]["Function"]["ReservedConcurrentExecutions"], limit);
    let pattern = template()["Parameters"]["FunctionConcurrency"]["AllowedPattern"].as_str().expect("a pattern");
    assert!(pattern.starts_with("([1-9]"), "0 would stop the function: {pattern}");
}

#[test]
fn a_running_execution_keeps_the_versions_of_the_functions_that_it_began_with() {
    assert_eq!(template()["Globals"]["Function"]["AutoPublishAlias"], "live");
    for (resource, _) in steps() {
        // A changed parameter is a version too; SAM itself looks only at the code and the properties.
        let description = "${LogLevel} ${Tracing} ${Architecture} ${Key} ${Subnets} ${SecurityGroups} ${PersonalizeEndpointUrl} \
             ${DataZoneEndpointUrl}";
        let without = |prefix: &str, ids: &str| {
            let ids = json!({"Fn::Join": [",", {"Ref": ids}]});
            json!({"Fn::Join": ["", {"Fn::Split": [prefix, ids]}]})
        };
        let key = json!({"Fn::Split": [":", {"Fn::Sub": "${KmsKeyArn}:::::"}]});
        let parameters = json!({
            "Key": {"Fn::Select": [5, key]},
            "Subnets": without("subnet-", "VpcSubnetIds"), "SecurityGroups": without("sg-", "VpcSecurityGroupIds")
        });
        let described = &properties(&format!("{resource}Function"))["VersionDescription"];
        assert_eq!(*described, json!({"Fn::Sub": [description, parameters]}));
        // SAM keeps the old versions of a function that has no policy of its own.
        assert!(template()["Resources"][format!("{resource}Function")]["DeletionPolicy"].is_null());
        assert_eq!(properties(&format!("{resource}Function"))["AutoPublishAliasAllProperties"], true);
    }
    for (machine, (name, parts)) in all_machines().iter().zip(MACHINES) {
        let substitutions = &properties(name)["DefinitionSubstitutions"];
        let role = properties(&format!("{parts}Role"));
        let invoked = role["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"].as_array().expect("a list");
        for step in machine.functions() {
            let version = json!({"Ref": format!("{step}Function.Version")});
            assert_eq!(substitutions[format!("{step}FunctionArn")], version);
            let versions = json!({"Fn::Sub": format!("${{{step}Function.Arn}}:*")});
            assert!(invoked.contains(&versions), "{step}");
        }
        assert_eq!(invoked.len(), machine.functions().len(), "{name}");
    }
}

#[test]
fn each_rule_hands_each_request_of_an_allowed_source_to_its_machine_and_loses_none() {
    let sources = json!({"Fn::If": ["HasRetirementSources", {"Ref": "RetirementSources"}, {"Ref": "AllowedSources"}]});
    let any = json!({"Fn::Or": [{"Condition": "HasRetirementSources"}, {"Condition": "HasAllowedSources"}]});
    assert_eq!(template()["Conditions"]["HasAnyRetirementSources"], any);
    for (name, machine, detail_type, condition, sources) in [
        (
            "DatasetGroupRequested",
            "ProvisionDatasetGroup",
            REQUESTED,
            "HasAllowedSources",
            json!({"Ref": "AllowedSources"}),
        ),
        (
            "DatasetGroupRetirementRequested",
            "RetireDatasetGroup",
            RETIREMENT_REQUESTED,
            "HasAnyRetirementSources",
            sources,
        ),
        (
            "DatasetGroupsRequested",
            "ProvisionDatasetGroups",
            BATCH_REQUESTED,
            "HasAllowedSources",
            json!({"Ref": "AllowedSources"}),
        ),
    ] {
        let rule = properties(&format!("{name}Rule"));
        let every = json!({"detail-type": [detail_type]});
        let mut allowed = every.clone();
        allowed["source"] = sources;
        assert_eq!(rule["EventPattern"], json!({"Fn::If": [condition, allowed, every]}));
        assert_eq!(rule["EventBusName"], json!({"Ref": "EventBusName"}));
        let target = &rule["Targets"][0];
        assert_eq!(target["Arn"], json!({"Ref": machine}));
        assert_eq!(target["RoleArn"], json!({"Fn::GetAtt": [format!("{name}Role"), "Arn"]}));
        let start = &properties(&format!("{name}Role"))["Policies"][0]["PolicyDocument"]["Statement"][0];
        assert_eq!((&start["Action"], &start["Resource"]), (&json!("states:StartExecution"), &json!({"Ref": machine})));
        // The whole event: the outcome names who asked.
        assert!(target["InputPath"].is_null() && target["InputTransformer"].is_null());
        assert_eq!(target["RetryPolicy"], json!({"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}));
        assert_eq!(target["DeadLetterConfig"], json!({"Arn": {"Fn::GetAtt": ["UndeliveredRequests", "Arn"]}}));
    }
    let queue = properties("UndeliveredRequests");
    assert_eq!(queue["MessageRetentionPeriod"], 1_209_600, "the longest that there is: 14 days");
    let statements = &properties("UndeliveredRequestsPolicy")["PolicyDocument"]["Statement"];
    let (statement, unencrypted) = (&statements[0], &statements[1]);
    assert_eq!(statement["Principal"], json!({"Service": "events.amazonaws.com"}));
    let arn = |rule: &str| json!({"Fn::GetAtt": [format!("{rule}Rule"), "Arn"]});
    let retirement = if_on("RetirementIsOn", &arn("DatasetGroupRetirementRequested"));
    let batch = if_on("BatchIsOn", &arn("DatasetGroupsRequested"));
    let source = json!({
        "ArnEquals": {"aws:SourceArn": [arn("DatasetGroupRequested"), retirement, batch]},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    });
    assert_eq!((&statement["Action"], &statement["Condition"]), (&json!("sqs:SendMessage"), &source));
    for statement in [statement, unencrypted] {
        assert_eq!(statement["Resource"], json!({"Fn::GetAtt": ["UndeliveredRequests", "Arn"]}));
    }
    let key = json!({"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]});
    assert_eq!((&queue["KmsMasterKeyId"], &unencrypted["Effect"]), (&key, &json!("Deny")));
    for (_, parts) in MACHINES {
        let publish = &properties(&format!("{parts}Role"))["Policies"][0]["PolicyDocument"]["Statement"][1];
        assert!(publish["Resource"]["Fn::Sub"].as_str().is_some_and(|bus| bus.ends_with(":event-bus/${EventBusName}")));
    }
}

#[test]
fn a_stack_without_retirement_has_nothing_of_it_and_may_delete_only_what_a_replacement_needs() {
    assert_eq!(template()["Parameters"]["Retirement"]["Default"], "false");
    for section in ["Resources", "Outputs"] {
        let of_retirement: Vec<_> = template()[section]
            .as_object()
            .expect("members")
            .iter()
            .filter(|(name, _)| name.contains("Retire"))
            .map(|(name, member)| (name, &member["Condition"]))
            .collect();
        assert!(of_retirement.len() > 2);
        assert!(of_retirement.iter().all(|(_, condition)| **condition == "RetirementIsOn"), "{of_retirement:?}");
        let rest = without("RetirementIsOn", &template()[section]).expect("the rest");
        assert!(
            rest.as_object().is_some_and(|rest| rest.len() > 4 && rest.keys().all(|name| !name.contains("Retire")))
        );
        let text = rest.to_string();
        // Names of resources, functions and machines; the variables of the dashboard are empty.
        let named = text.replace("${Retirement", "").replace("\"Retirement", "");
        assert!(!named.contains("Retire"), "{:?}", named.split("Retire").nth(1));
    }
    let rest = without("RetirementIsOn", &template()["Resources"]).expect("the rest");
    let rest = actions(&rest);
    let deletions: Vec<_> = rest
        .iter()
        .filter(|action| action.contains(":Delete") && !action.starts_with("logs:") && !action.starts_with("ec2:"))
        .collect();
    assert!(deletions.is_empty(), "but that of a replacement, which stands in a condition of its own: {deletions:?}");
    for list in ["Datasets", "Solutions", "EventTrackers", "Recommenders", "Filters"] {
        assert!(!rest.contains(&format!("personalize:List{list}").as_str()));
    }
    let replaces = template().to_string().matches("\"personalize:DeleteDatasetGroup\"").count();
    assert_eq!(replaces, 2, "for a replacement, and for a retirement");
}

/// A part of the template as CloudFormation evaluates it where the condition is false: members and items without a value are
/// left out.
pub(super) fn without(condition: &str, value: &Value) -> Option<Value> {
    if let Some([name, _, other]) = value["Fn::If"].as_array().map(Vec::as_slice)
        && *name == condition
    {
        return without(condition, other);
    }
    match value {
        Value::Object(members) if members.get("Ref").is_some_and(|name| name == "AWS::NoValue") => None,
        Value::Object(members) if members.get("Condition").is_some_and(|name| name == condition) => None,
        Value::Object(members) => {
            let members = members.iter().filter_map(|(name, value)| Some((name.clone(), without(condition, value)?)));
            Some(Value::Object(members.collect()))
        }
        Value::Array(items) => Some(items.iter().filter_map(|item| without(condition, item)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.clone()),
    }
}
