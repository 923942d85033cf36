//! Facts of the templates in `examples`, among them those that the local engine ignores: trust and policies.

use std::collections::BTreeSet;

use contract::outcome::{BATCH_FINISHED, BATCH_REQUESTED, PROVISIONED, PROVISIONING_FAILED, REQUESTED};
use contract::retirement::{RETIRED, RETIREMENT_FAILED, RETIREMENT_REQUESTED};
use repository_tests::{actions, load, template, templates};
use serde_json::{Value, json};

const HUB_ROLE: &str = "examples/hub-role/template.yaml";
const EVENT_BUS: &str = "examples/event-bus/template.yaml";

/// The texts of a value that is one text or a list of texts, in the account of the stacks.
fn texts(value: &Value) -> Vec<String> {
    if let Some(items) = value.as_array() {
        return items.iter().flat_map(texts).collect();
    }
    let text = value["Fn::Sub"].as_str().or_else(|| value.as_str()).unwrap_or_else(|| panic!("{value}"));
    let text = text.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "123456789012");
    vec![text.replace("${WorkflowStackName}", "dataset-group-workflow")]
}

#[test]
fn a_parameter_of_an_example_allows_what_the_workflow_allows() {
    for file in templates() {
        for (name, parameter) in load(&file)["Parameters"].as_object().expect("parameters") {
            assert!(parameter["Description"].as_str().is_some_and(|text| text.ends_with('.')), "{file}: {name}");
            let original = &template()["Parameters"][name];
            for rule in ["Type", "AllowedPattern", "AllowedValues"].iter().filter(|_| !original.is_null()) {
                assert_eq!(parameter[rule], original[rule], "{file}: {name}");
            }
        }
    }
}

#[test]
fn the_role_of_the_hub_can_be_assumed_by_the_roles_of_its_parameter_only() {
    let hub = load(HUB_ROLE);
    let role = &hub["Resources"]["GroupProfileRole"]["Properties"];
    let trust =
        json!([{"Effect": "Allow", "Principal": {"AWS": {"Ref": "FunctionRoleArns"}}, "Action": "sts:AssumeRole"}]);
    assert_eq!(role["AssumeRolePolicyDocument"]["Statement"], trust);
    let parameter = &hub["Parameters"]["FunctionRoleArns"];
    assert!(parameter["Default"].is_null(), "it has to be given");
    let pattern = parameter["AllowedPattern"].as_str().expect("a pattern");
    assert!(pattern.contains(":role/[") && !pattern.contains(['*', '?']), "roles, and no account: {pattern}");
    assert_eq!(hub["Resources"].as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(hub["Outputs"]["RoleArn"]["Value"], json!({"Fn::GetAtt": ["GroupProfileRole", "Arn"]}));
}

#[test]
fn the_role_of_the_hub_allows_the_calls_of_the_functions_in_the_domain_and_no_others() {
    let hub = load(HUB_ROLE);
    let policies = &hub["Resources"]["GroupProfileRole"]["Properties"]["Policies"];
    let of_the_functions = ["BootstrapGroupProfileRole", "AddProjectMembersRole", "RetireDatasetGroupRole"]
        .into_iter()
        .flat_map(|role| actions(&template()["Resources"][role]["Properties"]["Policies"]));
    let in_the_domain = |action: &&str| action.starts_with("datazone:") || action.starts_with("sso:");
    let expected = of_the_functions.filter(in_the_domain).chain(["kms:Decrypt", "kms:GenerateDataKey"]);
    assert_eq!(actions(policies).into_iter().collect::<BTreeSet<_>>(), expected.collect());

    let statements = policies[0]["PolicyDocument"]["Statement"].as_array().expect("statements");
    let only_if = |condition: &str| {
        let statement = statements.iter().find(|statement| statement["Fn::If"][0] == condition);
        &statement.unwrap_or_else(|| panic!("{condition}"))["Fn::If"][1]
    };
    assert_eq!(actions(only_if("RetirementIsOn")), ["datazone:DeleteProjectMembership"]);
    assert!(actions(only_if("IdentityCenterIsUsed")).iter().all(|action| action.starts_with("sso:")));
    let key = only_if("HasDataZoneKey");
    let through_datazone =
        json!({"StringEquals": {"kms:ViaService": {"Fn::Sub": "datazone.${AWS::Region}.amazonaws.com"}}});
    assert_eq!((&key["Resource"], &key["Condition"]), (&json!({"Ref": "DataZoneKmsKeyArn"}), &through_datazone));
}

/// The roles of the state machines, without and with a path.
const ROLES: [&str; 4] = [
    "arn:aws:iam::123456789012:role/dataset-group-workflow-BatchMachineRole-1A2B3C4D5E6F7",
    "arn:aws:iam::123456789012:role/teams/data/dataset-group-workflow-RetireMachineRole-1A2B3C4D5E6F7",
    "arn:aws:iam::123456789012:role/dataset-group-workflow-StateMachineRole-1A2B3C4D5E6F7",
    "arn:aws:iam::123456789012:role/teams/data/dataset-group-workflow-StateMachineRole-1A2B3C4D5E6F7",
];
const OTHERS_OF_THE_ACCOUNT: [Option<&str>; 4] = [
    Some("arn:aws:iam::123456789012:role/Admin"),
    Some("arn:aws:iam::123456789012:role/dataset-group-workflow-PollStatusRole-1A2B3C4D5E6F7"),
    Some("arn:aws:iam::123456789012:role/my-dataset-group-workflow-StateMachineRole-1A2B3C4D5E6F7"),
    // A service of AWS.
    None,
];
const SENDER: &str = "arn:aws:iam::000000000000:role/dataset-group-workflow-StateMachineRole-1A2B3C4D5E6F7";

/// Whether an ARN matches a pattern with stars.
fn is_like(arn: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => arn == pattern,
        Some((start, rest)) => {
            arn.strip_prefix(start).is_some_and(|end| (0..=end.len()).any(|at| is_like(&end[at..], rest)))
        }
    }
}

/// Whether the conditions of a statement hold for an event. A negated condition on a key without a value holds.
fn applies(statement: &Value, principal: Option<&str>, source: &str, detail_type: &str) -> bool {
    let operators = statement["Condition"].as_object().expect("conditions").iter();
    let mut conditions =
        operators.flat_map(|(operator, keys)| keys.as_object().expect("keys").iter().map(move |key| (operator, key)));
    conditions.all(|(operator, (key, allowed))| {
        let value = match key.as_str() {
            "aws:PrincipalArn" => principal,
            "events:source" => Some(source),
            "events:detail-type" => Some(detail_type),
            other => panic!("{other} is not known here"),
        };
        let any = |matches: fn(&str, &str) -> bool| {
            value.is_some_and(|value| texts(allowed).iter().any(|allowed| matches(value, allowed)))
        };
        match operator.as_str() {
            "StringEquals" | "ForAnyValue:StringEquals" => any(|value, allowed| value == allowed),
            "StringNotEquals" => !any(|value, allowed| value == allowed),
            "ArnNotLike" => !any(is_like),
            other => panic!("{other} is not known here"),
        }
    })
}

#[test]
fn on_the_bus_only_the_workflow_puts_outcomes_and_others_only_requests() {
    let bus = load(EVENT_BUS);
    let statements = bus["Resources"]["EventBus"]["Properties"]["Policy"]["Statement"].as_array().expect("statements");
    let [senders, denials @ ..] = &statements[..] else { panic!("{statements:?}") };
    assert_eq!((&senders["Fn::If"][0], &senders["Fn::If"][2]), (&json!("HasSenders"), &json!({"Ref": "AWS::NoValue"})));
    let allow = &senders["Fn::If"][1];
    assert_eq!(
        (&allow["Effect"], &allow["Principal"]),
        (&json!("Allow"), &json!({"AWS": {"Ref": "SenderAccountIds"}}))
    );
    for denial in denials {
        assert_eq!((&denial["Effect"], &denial["Principal"]), (&json!("Deny"), &json!("*")));
    }
    let arn = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}";
    for statement in denials.iter().chain([allow]) {
        assert_eq!(
            (&statement["Action"], &statement["Resource"]),
            (&json!("events:PutEvents"), &json!({"Fn::Sub": arn}))
        );
    }

    let denied =
        |principal, source, detail_type| denials.iter().any(|denial| applies(denial, principal, source, detail_type));
    let allowed_from_another_account = |source, detail_type| {
        applies(allow, Some(SENDER), source, detail_type) && !denied(Some(SENDER), source, detail_type)
    };
    let (own, other) = ("dataset-group-workflow", "team-a");
    for request in [REQUESTED, RETIREMENT_REQUESTED, BATCH_REQUESTED] {
        assert!(allowed_from_another_account(other, request));
        assert!(!allowed_from_another_account(own, request));
        for principal in OTHERS_OF_THE_ACCOUNT {
            assert!(!denied(principal, other, request), "{principal:?}");
            assert!(denied(principal, own, request), "{principal:?}");
        }
    }
    for outcome in [PROVISIONED, PROVISIONING_FAILED, RETIRED, RETIREMENT_FAILED, BATCH_FINISHED] {
        for role in ROLES {
            assert!(!denied(Some(role), own, outcome), "{role}");
        }
        for source in [own, other] {
            assert!(!allowed_from_another_account(source, outcome), "{source}");
            assert!(OTHERS_OF_THE_ACCOUNT.iter().all(|principal| denied(*principal, source, outcome)), "{source}");
        }
    }
}

/// CloudFormation cuts the stack's name where the name of a role, `{stack}-{resource}-{suffix}`, is longer than IAM allows.
#[test]
fn the_name_of_the_state_machines_role_begins_with_the_whole_name_of_a_stack_that_the_bus_accepts() {
    const LONGEST_NAME_OF_A_ROLE: usize = 64;
    const LONGEST_SUFFIX: usize = 13;
    let bus = load(EVENT_BUS);
    let pattern = bus["Parameters"]["WorkflowStackName"]["AllowedPattern"].as_str().expect("a pattern");
    let after_the_first = pattern.strip_prefix("[A-Za-z][A-Za-z0-9-]{0,").and_then(|rest| rest.strip_suffix('}'));
    let longest: usize = 1 + after_the_first.and_then(|number| number.parse::<usize>().ok()).expect("a number");
    for role in ["StateMachineRole", "RetireMachineRole", "BatchMachineRole"] {
        assert_eq!(template()["Resources"][role]["Type"], "AWS::IAM::Role");
        assert!(template()["Resources"][role]["Properties"]["RoleName"].is_null());
        assert!(longest + format!("-{role}-").len() + LONGEST_SUFFIX <= LONGEST_NAME_OF_A_ROLE, "{longest}");
    }
    assert_eq!(bus["Outputs"]["EventBusName"]["Value"], json!({"Ref": "EventBus"}));
}
