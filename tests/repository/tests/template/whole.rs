//! The template as a whole: what the linters say, what SAM builds, its parameters, conditions and outputs.

use std::fs;

use contract::request::Guards;
use contract_tests::definition::steps;
use repository_tests::{files, load, run, template, templates};
use serde_json::{Value, json};

#[test]
fn the_linter_of_templates_finds_nothing() {
    for template in templates() {
        let printed =
            run("target/tools/aws/bin/sam", &["validate", "--lint", "--region", "us-east-1", "--template", &template]);
        assert!(printed.contains("is a valid SAM Template"), "{printed}");
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
        ("BatchIsOn", "ManifestBucketName"),
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
    let expected = "BatchCallerPolicyArn BatchStateMachineArn CallerPolicyArn EventBusName GroupProfileRoleArn ProjectMembersRoleArn RetirementCallerPolicyArn \
         RetirementRoleArn RetirementStateMachineArn StateMachineArn";
    assert_eq!(outputs, expected.split_whitespace().collect::<Vec<_>>());
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
