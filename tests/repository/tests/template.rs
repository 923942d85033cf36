//! Facts of the template, among them those that the local engine ignores.

use std::collections::BTreeMap;
use std::fs;
use std::iter::successors;

use contract::StepError;
use contract::outcome::{EVENT_SOURCE, PROVISIONING_FAILED, ProfileChange, REQUESTED};
use contract::request::Guards;
use contract::retirement::{Disposition, RETIREMENT_FAILED, RETIREMENT_REQUESTED};
use contract_tests::definition::{machines, steps};
use repository_tests::{actions, files, load, of_type, run, template, templates};
use serde_json::{Value, json};
use wiring::LogSummary;

fn properties(resource: &str) -> &'static Value {
    &template()["Resources"][resource]["Properties"]
}

#[test]
fn the_linter_of_templates_finds_nothing() {
    for template in templates() {
        let printed =
            run("target/tools/aws/bin/sam", &["validate", "--lint", "--region", "us-east-1", "--template", &template]);
        assert!(printed.contains("is a valid SAM Template"), "{printed}");
    }
}

/// CloudFormation rejects anchors, aliases and merge keys. SAM resolves them, and cfn-lint's W1100 is off for that reason.
#[test]
fn the_template_that_sam_builds_has_no_yaml_aliases_and_the_same_resources() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("text").to_owned();
    let (source, built) = (path("source.yaml"), path("build/template.yaml"));
    // The functions need not be compiled for this.
    let text = contract_tests::read("template.yaml");
    let (compiled, skipped) = ("BuildMethod: rust-cargolambda", "SkipBuild: true");
    assert_eq!(text.matches(compiled).count(), steps().len());
    fs::write(&source, text.replace(compiled, skipped)).expect("written");
    let folders = ["--base-dir", ".", "--build-dir", &path("build")];
    let printed = run("target/tools/aws/bin/sam", &[&["build", "--template", &source], &folders[..]].concat());
    assert!(printed.contains("Build Succeeded"), "{printed}");

    let program = "import sys, yaml
for event in yaml.parse(open(sys.argv[1])):
    if getattr(event, 'anchor', None) or getattr(event, 'value', None) == '<<':
        print(event.start_mark.line + 1, event)";
    let aliases = |file: &str| run("target/tools/aws/bin/python", &["-c", program, file]);
    assert_ne!(aliases(&source), "", "the search finds them in the source");
    assert_eq!(aliases(&built), "");

    let built = load(&built);
    for section in ["Parameters", "Conditions", "Globals", "Outputs"] {
        assert_eq!(built[section], template()[section], "{section}");
    }
    let [built, expected] = [&built, template()].map(|template| template["Resources"].as_object().expect("resources"));
    assert_eq!(built.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, resource) in expected {
        assert_eq!(without_paths(&built[name]), without_paths(resource), "{name}");
    }
}

/// Without what `sam build` changes: where the code or the definition is, and how it is built.
fn without_paths(resource: &Value) -> Value {
    let mut resource = resource.clone();
    for (part, member) in [("", "Metadata"), ("/Properties", "CodeUri"), ("/Properties", "DefinitionS3Location")] {
        resource.pointer_mut(part).and_then(Value::as_object_mut).expect("an object").remove(member);
    }
    resource
}

#[test]
fn each_function_is_built_from_its_own_crate_and_runs_with_its_own_role() {
    for (resource, binary) in steps() {
        let function = &template()["Resources"][format!("{resource}Function")];
        assert_eq!(
            function["Metadata"],
            json!({"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": binary}})
        );
        assert_eq!(function["Properties"]["CodeUri"], json!(format!("./functions/{binary}")));
        assert_eq!(function["Properties"]["Role"], json!({"Fn::GetAtt": [format!("{resource}Role"), "Arn"]}));
    }
    let globals = &template()["Globals"]["Function"];
    assert_eq!(
        (&globals["Runtime"], &globals["Architectures"]),
        (&json!("provided.al2023"), &json!([{"Ref": "Architecture"}]))
    );
    assert_eq!(globals["MemorySize"], 256, "docs/benchmarks.md has the costs with this much");
}

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
            "DatasetGroupRequestedRole" | "DatasetGroupRetirementRequestedRole" => ("events", ["", ""]),
            "StateMachineRole" | "RetireMachineRole" => ("states", [traces, deliveries]),
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

/// A rule stops a deployment before anything is created.
#[test]
fn subnets_and_security_groups_are_given_together() {
    let given = |parameter: &str| json!({"Fn::Not": [{"Fn::EachMemberEquals": [{"Ref": parameter}, ""]}]});
    let rules = template()["Rules"].as_object().expect("rules");
    assert_eq!(rules.len(), 2);
    for (one, other) in [("VpcSubnetIds", "VpcSecurityGroupIds"), ("VpcSecurityGroupIds", "VpcSubnetIds")] {
        let rule = rules.values().find(|rule| rule["RuleCondition"] == given(one)).expect("a rule");
        assert_eq!(rule["Assertions"][0]["Assert"], given(other));
        assert_eq!(rule["Assertions"][0]["AssertDescription"], format!("{one} needs {other}."));
    }
}

#[test]
fn every_condition_is_true_when_its_parameter_is_given_or_true() {
    let is = |parameter: &str, value: &str| json!({"Fn::Equals": [{"Ref": parameter}, value]});
    let switches = [
        ("ExecutionDataIsLogged", "LogExecutionData"),
        ("MayReplace", "ReplaceAllowed"),
        ("RetirementIsOn", "Retirement"),
    ];
    for (condition, parameter) in
        switches.into_iter().chain([("IsTraced", "Tracing"), ("HasAlarms", "Alarms"), ("HasDashboard", "Dashboard")])
    {
        assert_eq!(template()["Conditions"][condition], is(parameter, "true"), "{condition}");
    }
    let given = [
        ("HasKey", "KmsKeyArn"),
        ("HasTopic", "NotificationTopicArn"),
        ("HasFunctionConcurrency", "FunctionConcurrency"),
        ("HasDataZoneRegion", "DataZoneRegion"),
        ("HasDataZoneRole", "DataZoneRoleArn"),
        ("HasPermissionsBoundary", "PermissionsBoundaryArn"),
        ("HasRolePath", "RolePath"),
    ];
    for (condition, parameter) in given {
        assert_eq!(template()["Conditions"][condition], json!({"Fn::Not": [is(parameter, "")]}), "{condition}");
    }
    // With a role in the account of the domain, that role needs the permissions and the function's own does not.
    let key = json!({"Fn::Not": [is("DataZoneKmsKeyArn", "")]});
    for (condition, parameter) in
        [("IdentityCenterIsUsed", is("IdentityCenterAccess", "true")), ("HasDataZoneKey", key)]
    {
        let and_no_role = json!({"Fn::And": [parameter, {"Fn::Not": [{"Condition": "HasDataZoneRole"}]}]});
        assert_eq!(template()["Conditions"][condition], and_no_role, "{condition}");
    }
    for (condition, list) in [
        ("HasAllowedSources", "AllowedSources"),
        ("HasRetirementSources", "RetirementSources"),
        ("IsInVpc", "VpcSubnetIds"),
    ] {
        let joined = json!({"Fn::Join": ["", {"Ref": list}]});
        assert_eq!(
            template()["Conditions"][condition],
            json!({"Fn::Not": [{"Fn::Equals": [joined, ""]}]}),
            "{condition}"
        );
    }
}

#[test]
fn by_default_requests_may_give_every_designation_but_that_of_an_owner() {
    let default = template()["Parameters"]["AllowedDesignations"]["Default"].as_str().expect("text");
    assert_eq!(default.split(',').collect::<Vec<_>>(), Guards::default().allowed_designations);
}

/// The state machine that provisions and the one that retires, each with the beginning of its parts' names.
const MACHINES: [(&str, &str); 2] =
    [("ProvisionDatasetGroup", "StateMachine"), ("RetireDatasetGroup", "RetireMachine")];

#[test]
fn each_machine_logs_everything_and_data_only_where_asked() {
    assert_eq!(
        machines().into_iter().map(|machine| machine.resource()).collect::<Vec<_>>(),
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
    for (machine, (name, parts)) in machines().iter().zip(MACHINES) {
        let substitutions = &properties(name)["DefinitionSubstitutions"];
        let role = properties(&format!("{parts}Role"));
        let invoked = role["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"].as_array().expect("a list");
        for step in machine.steps() {
            let version = json!({"Ref": format!("{step}Function.Version")});
            assert_eq!(substitutions[format!("{step}FunctionArn")], version);
            let versions = json!({"Fn::Sub": format!("${{{step}Function.Arn}}:*")});
            assert!(invoked.contains(&versions), "{step}");
        }
        assert_eq!(invoked.len(), machine.steps().len(), "{name}");
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
    let retirement = if_on(&arn("DatasetGroupRetirementRequested"));
    let source = json!({
        "ArnEquals": {"aws:SourceArn": [arn("DatasetGroupRequested"), retirement]},
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

/// What a stack has only with retirement.
fn if_on(value: &Value) -> Value {
    json!({"Fn::If": ["RetirementIsOn", value, {"Ref": "AWS::NoValue"}]})
}

/// A part of the template as CloudFormation evaluates it where the condition is false: members and items without a value are
/// left out.
fn without(condition: &str, value: &Value) -> Option<Value> {
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
        let expected = json!({
            "source": [EVENT_SOURCE],
            "detail-type": [PROVISIONING_FAILED, if_on(&json!(RETIREMENT_FAILED))],
            "detail": {"executionArn": [of_machine("ProvisionDatasetGroup"), if_on(&of_machine("RetireDatasetGroup"))]}
        });
        assert_eq!(pattern, expected, "{name}");
    }
    assert_eq!(of_type("AWS::Events::Rule").count(), rules.len() + 2, "and the rules for requests");

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

#[test]
fn each_alarm_has_its_own_metrics_and_looks_at_single_minutes() {
    let executions =
        |name| MACHINES.map(|(machine, _)| metric("AWS/States", name, &json!([of_machine(machine)]), "Sum")).to_vec();
    let rule = |rule: &str, name| metric("AWS/Events", name, &of_rule(rule), "Sum");
    let of_requests =
        |name| ["", "Retirement"].map(|kind| rule(&format!("DatasetGroup{kind}RequestedRule"), name)).to_vec();
    let waiting = metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", &json!([queue()]), "Maximum");
    let mut expected = BTreeMap::from([
        ("ExecutionsTimedOut", executions("ExecutionsTimedOut")),
        ("ExecutionsAborted", executions("ExecutionsAborted")),
        ("Unreported", [executions("ExecutionsFailed"), vec![rule("ReportedFailuresRule", "TriggeredRules")]].concat()),
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

fn of_machine(machine: &str) -> Value {
    json!({"Name": "StateMachineArn", "Value": {"Ref": machine}})
}

fn queue() -> Value {
    json!({"Name": "QueueName", "Value": {"Fn::GetAtt": ["UndeliveredRequests", "QueueName"]}})
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

/// The metrics of an alarm in a stack with retirement.
fn switched_on(metrics: &[Value]) -> Vec<&Value> {
    let second = |metric: &'_ Value| metric["Fn::If"][0] == "RetirementIsOn";
    metrics.iter().map(|metric| if second(metric) { &metric["Fn::If"][1] } else { metric }).collect()
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

/// What the alarm says after minutes with these values of its metrics.
fn raises(alarm: &str, values: [&[Option<u8>]; 3]) -> bool {
    let metrics = switched_on(properties(alarm)["Metrics"].as_array().expect("metrics"));
    let arguments = [json!(metrics).to_string(), json!(values).to_string()];
    run("target/tools/aws/bin/python", &["-c", METRIC_MATH, &arguments[0], &arguments[1]]).trim() == "true"
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
        // Executions of either machine.
        for [provisionings, retirements] in [[failed, [none; 6]], [[none; 6], failed]] {
            let raised = raises("UnreportedAlarm", [&provisionings, &retirements, &reported]);
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
        assert_eq!(raises("UndeliveredRequestsAlarm", [sent, none, waiting]), expected);
        assert_eq!(raises("UndeliveredRequestsAlarm", [none, sent, waiting]), expected);
    }
}

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

/// The dashboard of a stack with retirement.
fn dashboard() -> String {
    let sub = &properties("OperationsDashboard")["DashboardBody"]["Fn::Sub"];
    let mut body = sub[0].as_str().expect("text").to_owned();
    for (variable, value) in sub[1].as_object().expect("variables") {
        assert_eq!((&value["Fn::If"][0], &value["Fn::If"][2]), (&json!("RetirementIsOn"), &json!("")), "{variable}");
        let placeholder = format!("${{{variable}}}");
        assert_eq!(body.matches(&placeholder).count(), 1, "{variable}");
        body = body.replace(&placeholder, value["Fn::If"][1]["Fn::Sub"].as_str().expect("text"));
    }
    body
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
    assert_eq!(of_type("AWS::Logs::LogGroup").count(), 3);
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

#[test]
fn nothing_outlives_the_stack() {
    for (name, resource) in template()["Resources"].as_object().expect("resources") {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            assert!(resource[policy].is_null() || resource[policy] == "Delete", "{name}: {policy}");
        }
    }
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

#[test]
fn the_linter_of_infrastructure_finds_nothing_but_what_is_excused() {
    // At once, because it prints nothing about a template that none of its checks is for.
    let templates = templates();
    let files = templates.iter().flat_map(|template| ["--file", template]);
    let arguments: Vec<_> = files.chain(["--config-file", ".checkov.yaml"]).collect();
    let printed = run("target/tools/lint/bin/checkov", &arguments);
    assert!(printed.contains("Failed checks: 0"), "{printed}");
    // It says the same of a template that it cannot parse, as with an overridden merge key.
    assert!(!printed.contains("Passed checks: 0,") && !printed.contains("Parsing errors"), "{printed}");
}

#[test]
fn the_application_can_be_published_and_has_one_version_everywhere() {
    let version =
        template()["Metadata"]["AWS::ServerlessRepo::Application"]["SemanticVersion"].as_str().expect("a version");
    assert!(contract_tests::read("Cargo.toml").contains(&format!("\nversion = \"{version}\"\n")));
    let author = template()["Metadata"]["AWS::ServerlessRepo::Application"]["Author"].as_str().expect("an author");
    assert!(
        author.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
        "the repository refuses {author}"
    );
    assert!(contract_tests::read("CHANGELOG.md").contains(&format!("\n## {version}\n")));
}

#[test]
fn on_aws_the_functions_use_the_services_own_endpoints() {
    for (service, variable) in
        [("Personalize", "AWS_ENDPOINT_URL_PERSONALIZE"), ("DataZone", "AWS_ENDPOINT_URL_DATAZONE")]
    {
        assert_eq!(template()["Parameters"][format!("{service}EndpointUrl")]["Default"], "");
        let value = &template()["Globals"]["Function"]["Environment"]["Variables"][variable]["Fn::If"];
        assert_eq!(
            (&value[0], &value[2]),
            (&json!(format!("Has{service}EndpointUrl")), &json!({"Ref": "AWS::NoValue"}))
        );
    }
}

#[test]
fn no_arn_is_written_for_one_partition() {
    for file in templates().into_iter().chain(files(".asl.json")) {
        assert!(!contract_tests::read(&file).contains("arn:aws:"), "{file}");
    }
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
    let expected = "CallerPolicyArn EventBusName GroupProfileRoleArn ProjectMembersRoleArn RetirementCallerPolicyArn \
         RetirementRoleArn RetirementStateMachineArn StateMachineArn";
    assert_eq!(outputs, expected.split_whitespace().collect::<Vec<_>>());
}
