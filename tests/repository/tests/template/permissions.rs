//! What the roles may do, and who may take them.

use contract_tests::definition::steps;
use repository_tests::{actions, load, of_type, template, templates};
use serde_json::{Value, json};

use super::properties;

#[test]
fn no_statement_has_an_action_with_a_wildcard() {
    assert!(actions(template()).len() > 20);
    for file in templates() {
        for action in actions(&load(&file)) {
            assert!(action.contains(':') && !action.contains('*'), "{file}: {action}");
        }
    }
}

#[test]
fn roles_are_passed_to_personalize_only_and_only_those_of_the_parameter() {
    let policy = &properties("CreateDatasetGroupRole")["Policies"][1]["Fn::If"];
    assert_eq!(policy[0], "RolesMayBePassed");
    let pattern = template()["Parameters"]["PersonalizeRoleArns"]["AllowedPattern"].as_str().expect("a pattern");
    assert!(!pattern.contains('*'), "a star would pass every role");
    let statement = &policy[1]["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Resource"], json!({"Ref": "PersonalizeRoleArns"}));
    assert_eq!(statement["Condition"], json!({"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}));
    assert_eq!(template().to_string().matches("iam:PassRole").count(), 1);
}

/// The local engine asks for none of these permissions, and lets every service use every role.
#[test]
fn what_only_aws_asks_for_is_allowed() {
    let traces = "xray:PutTraceSegments xray:PutTelemetryRecords";
    let deliveries = "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery \
         logs:ListLogDeliveries logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups \
         xray:GetSamplingRules xray:GetSamplingTargets";
    for (name, role) in of_type("AWS::IAM::Role") {
        let (service, needed) = match name.as_str() {
            "DatasetGroupRequestedRole" | "DatasetGroupRetirementRequestedRole" | "DatasetGroupsRequestedRole" => {
                ("events", ["", ""])
            }
            "StateMachineRole" | "RetireMachineRole" | "BatchMachineRole" => ("states", [traces, deliveries]),
            "BootstrapGroupProfileRole" => (
                "lambda",
                [traces, "sso:GetManagedApplicationInstance sso:ListProfiles sso:GetProfile sso:AssociateProfile"],
            ),
            _ => ("lambda", [traces, ""]),
        };
        let trusted = &role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"];
        assert_eq!(*trusted, format!("{service}.amazonaws.com"), "{name}");
        let allowed = actions(&role["Properties"]["Policies"]);
        assert!(needed.join(" ").split_whitespace().all(|action| allowed.contains(&action)), "{name}: {allowed:?}");
    }
}

/// Many organisations deny `iam:CreateRole` without a boundary. A service that acts for another account has no role here.
#[test]
fn every_role_has_the_boundary_and_the_path_of_the_parameters_and_trusts_services_of_this_account_only() {
    let if_given =
        |condition: &str, parameter: &str| json!({"Fn::If": [condition, {"Ref": parameter}, {"Ref": "AWS::NoValue"}]});
    for file in templates() {
        let template = load(&file);
        let resources = template["Resources"].as_object().expect("resources");
        for (name, role) in resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role") {
            let role = &role["Properties"];
            assert_eq!(
                role["PermissionsBoundary"],
                if_given("HasPermissionsBoundary", "PermissionsBoundaryArn"),
                "{name}"
            );
            assert_eq!(role["Path"], if_given("HasRolePath", "RolePath"), "{name}");
            if file == "examples/hub-role/template.yaml" {
                continue; // It trusts a role; examples.rs checks which.
            }
            for statement in role["AssumeRolePolicyDocument"]["Statement"].as_array().expect("statements") {
                let this_account = json!({"aws:SourceAccount": {"Ref": "AWS::AccountId"}});
                assert_eq!(statement["Condition"]["StringEquals"], this_account, "{name}");
                let source = match statement["Principal"]["Service"].as_str() {
                    Some("states.amazonaws.com") => arn_of("states", "stateMachine:*"),
                    Some("events.amazonaws.com") => arn_of("events", "rule/*"),
                    // Lambda does not document that it sends the ARN of the function.
                    _ => Value::Null,
                };
                assert_eq!(statement["Condition"]["ArnLike"]["aws:SourceArn"], source, "{name}");
            }
        }
    }
}

/// A resource of this account and Region.
fn arn_of(service: &str, resource: &str) -> Value {
    json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")})
}

/// The local engine knows no condition on a key.
#[test]
fn the_key_of_a_domain_is_used_through_datazone_only() {
    let through = |region: &str| json!({"Fn::Sub": format!("datazone.${{{region}}}.amazonaws.com")});
    let service = json!({"Fn::If": ["HasDataZoneRegion", through("DataZoneRegion"), through("AWS::Region")]});
    let through_datazone = json!({"StringEquals": {"kms:ViaService": service}});
    for role in ["BootstrapGroupProfileRole", "AddProjectMembersRole", "RetireDatasetGroupRole"] {
        let statements = properties(role)["Policies"][0]["PolicyDocument"]["Statement"].as_array().expect("statements");
        let if_key = statements.iter().find(|statement| statement["Fn::If"][0] == "HasDataZoneKey");
        let statement = &if_key.expect("a statement")["Fn::If"][1];
        assert_eq!(
            (&statement["Action"], &statement["Resource"], &statement["Condition"]),
            (&json!(["kms:Decrypt", "kms:GenerateDataKey"]), &json!({"Ref": "DataZoneKmsKeyArn"}), &through_datazone)
        );
    }
}

/// The local engine stores a VPC and looks at no rule of a template.
#[test]
fn in_a_vpc_lambda_may_manage_network_interfaces_and_the_code_of_the_functions_may_not() {
    let vpc = json!({"SubnetIds": {"Ref": "VpcSubnetIds"}, "SecurityGroupIds": {"Ref": "VpcSecurityGroupIds"}});
    let nothing = json!({"Ref": "AWS::NoValue"});
    assert_eq!(template()["Globals"]["Function"]["VpcConfig"], json!({"Fn::If": ["IsInVpc", vpc, nothing]}));
    let needed = ["Create", "Delete", "Describe"].map(|verb| format!("ec2:{verb}NetworkInterface"));
    for (step, _) in steps() {
        let statements = &properties(&format!("{step}Role"))["Policies"][0]["PolicyDocument"]["Statement"];
        let in_vpc: Vec<_> = statements
            .as_array()
            .expect("statements")
            .iter()
            .filter(|statement| statement["Fn::If"][0] == "IsInVpc")
            .map(|statement| &statement["Fn::If"][1])
            .collect();
        let [allow, deny] = in_vpc[..] else { panic!("{step}: {in_vpc:?}") };
        assert_eq!((&allow["Effect"], &deny["Effect"]), (&json!("Allow"), &json!("Deny")), "{step}");
        assert_eq!(allow["Action"], deny["Action"], "{step}");
        for action in &needed {
            assert!(allow["Action"].to_string().contains(action), "{step}: {action}");
        }
        assert_eq!(deny["Condition"], json!({"Null": {"lambda:SourceFunctionArn": "false"}}), "{step}");
    }
}

/// What the function of a retirement may do: nothing that creates.
#[test]
fn the_role_of_a_retirement_may_only_read_and_remove() {
    let allowed = actions(&properties("RetireDatasetGroupRole")["Policies"]);
    let of_services =
        allowed.iter().filter(|action| action.starts_with("personalize:") || action.starts_with("datazone:"));
    let changes = ["personalize:DeleteDatasetGroup", "datazone:DeleteProjectMembership"];
    for action in of_services {
        let reads = ["Describe", "List", "Get", "Search"].iter().any(|verb| action.contains(&format!(":{verb}")));
        assert!(reads || changes.contains(action), "{action}");
    }
    assert!(changes.iter().all(|change| allowed.contains(change)));
}

#[test]
fn every_resource_that_is_a_star_has_its_reason_beside_it() {
    for file in templates() {
        let text = contract_tests::read(&file);
        let lines: Vec<_> = text.lines().collect();
        let stars: Vec<_> = (0..lines.len()).filter(|line| lines[*line].trim() == "Resource: \"*\"").collect();
        assert!(!stars.is_empty() || file != "template.yaml");
        for star in stars {
            assert!(lines[star - 1].trim().starts_with("# "), "{file}:{}", star + 1);
        }
    }
}
