//! Facts of the template, among them those that the local engine ignores.

use contract_tests::template::{run, template};
use serde_json::{Value, json};

const FUNCTIONS: [(&str, &str); 3] = [
    ("CreateDatasetGroup", "create-dataset-group"),
    ("PollStatus", "poll-status"),
    ("BootstrapGroupProfile", "bootstrap-group-profile"),
];

fn properties(resource: &str) -> &'static Value {
    &template()["Resources"][resource]["Properties"]
}

#[test]
fn the_linter_of_templates_finds_nothing() {
    let printed = run("target/tools/aws/bin/sam", &["validate", "--lint", "--region", "us-east-1"]);
    assert!(printed.contains("is a valid SAM Template"), "{printed}");
}

#[test]
fn each_function_is_built_from_its_own_crate_and_runs_with_its_own_role() {
    for (resource, binary) in FUNCTIONS {
        let function = &template()["Resources"][format!("{resource}Function")];
        assert_eq!(
            function["Metadata"],
            json!({"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": binary}})
        );
        assert_eq!(function["Properties"]["CodeUri"], json!(format!("./functions/{binary}")));
        assert_eq!(function["Properties"]["Role"], json!({"Fn::GetAtt": [format!("{resource}Role"), "Arn"]}));
        assert_eq!(function["Properties"]["LoggingConfig"]["LogGroup"], json!({"Ref": format!("{resource}LogGroup")}));
    }
    assert_eq!(template()["Globals"]["Function"]["Runtime"], "provided.al2023");
}

#[test]
fn no_role_has_an_action_with_a_wildcard() {
    let text = template().to_string();
    let actions = text.split("\"Action\":").skip(1).map(|rest| rest.split("\"Resource\"").next().unwrap_or_default());
    for action in actions {
        assert!(!action.contains('*'), "{action}");
    }
}

#[test]
fn roles_are_passed_to_personalize_only_and_only_those_of_the_parameter() {
    let policy = &properties("CreateDatasetGroupRole")["Policies"][1]["Fn::If"];
    assert_eq!(policy[0], "RolesMayBePassed");
    let statement = &policy[1]["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Resource"], json!({"Ref": "PersonalizeRoleArns"}));
    assert_eq!(statement["Condition"], json!({"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}));
    assert_eq!(template().to_string().matches("iam:PassRole").count(), 1);
}

#[test]
fn the_machine_is_traced_and_logs_everything_but_the_data() {
    let machine = properties("ProvisionDatasetGroup");
    assert_eq!(machine["Tracing"], json!({"Enabled": true}));
    assert_eq!(machine["Logging"]["Level"], "ALL");
    assert_eq!(machine["Logging"]["IncludeExecutionData"], false);
    assert_eq!(machine["Type"], "STANDARD");
}

#[test]
fn the_rule_hands_the_detail_of_a_requested_event_to_the_machine() {
    let rule = &properties("ProvisionDatasetGroup")["Events"]["DatasetGroupRequested"]["Properties"];
    assert_eq!(rule["Pattern"], json!({"detail-type": [contract::outcome::REQUESTED]}));
    assert_eq!(rule["InputPath"], "$.detail");
    assert_eq!(rule["EventBusName"], json!({"Ref": "EventBusName"}));
}

#[test]
fn on_aws_the_functions_use_the_services_own_endpoints() {
    for (service, variable) in
        [("Personalize", "AWS_ENDPOINT_URL_PERSONALIZE"), ("DataZone", "AWS_ENDPOINT_URL_DATAZONE")]
    {
        assert_eq!(template()["Parameters"][format!("{service}EndpointUrl")]["Default"], "");
        let value = &template()["Globals"]["Function"]["Environment"]["Variables"][variable]["Fn::If"];
        assert_eq!((&value[0], &value[2]), (&json!(format!("{service}IsElsewhere")), &json!({"Ref": "AWS::NoValue"})));
    }
}

#[test]
fn no_arn_is_written_for_one_partition() {
    assert!(!template().to_string().contains("arn:aws:"));
}

#[test]
fn every_parameter_is_described_and_stands_in_a_group() {
    let parameters = template()["Parameters"].as_object().expect("parameters");
    let groups =
        template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"].as_array().expect("groups");
    let grouped: Vec<_> = groups
        .iter()
        .flat_map(|group| group["Parameters"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    for (name, parameter) in parameters {
        assert!(parameter["Description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}");
        assert!(parameter.get("Default").is_some(), "{name} has no default");
        assert!(grouped.contains(&name.as_str()), "{name} stands in no group");
    }
    assert_eq!(grouped.len(), parameters.len());
}

#[test]
fn the_outputs_are_those_that_others_rely_on() {
    let outputs: Vec<_> = template()["Outputs"].as_object().expect("outputs").keys().cloned().collect();
    assert_eq!(outputs, ["CallerPolicyArn", "EventBusName", "StateMachineArn"]);
}
