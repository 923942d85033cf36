//! Every call that a role is for is allowed, and its neighbours are denied: asked of IAM's simulator with the policies
//! of the deployed stack.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use e2e_tests::tools::{self, decisions};
use e2e_tests::{Setup, stack};
use local_stack::{LocalStack, MANIFEST_BUCKET};
use serde_json::json;

const GROUPS: &str = "arn:aws:personalize:us-east-1:000000000000:dataset-group/media";
const ELSEWHERE: &str = "arn:aws:personalize:eu-west-1:000000000000:dataset-group/media";
const OTHER_KIND: &str = "arn:aws:personalize:us-east-1:000000000000:solution/media";
/// The role that the tests' stack is deployed with.
const PASSED: &str = "arn:aws:iam::000000000000:role/personalize";
const NOT_PASSED: &str = "arn:aws:iam::000000000000:role/administrator";

/// The stack's resources, read once.
fn resources(stack: &LocalStack) -> &'static BTreeMap<String, String> {
    static RESOURCES: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    RESOURCES.get_or_init(|| tools::resources(stack))
}

/// Asks for each case, and names every one that came out differently.
fn assert_decisions(stack: &LocalStack, role: &str, allowed: &[(&str, &str)], denied: &[(&str, &str)]) {
    let ids = resources(stack);
    let mut wrong = Vec::new();
    for (expected, cases) in [(true, allowed), (false, denied)] {
        let mut by_resource: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (action, resource) in cases {
            by_resource.entry(resource).or_default().push(action);
        }
        for (resource, actions) in by_resource {
            let decided = decisions(stack, &ids[role], &actions, resource);
            assert_eq!(decided.len(), actions.len());
            for (action, decided) in actions.iter().zip(decided) {
                if (decided == "allowed") != expected {
                    wrong.push(format!("{role}: {action} on {resource} is {decided}"));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// The tests' own stack, once the first of them has started it.
async fn deployed() -> &'static LocalStack {
    Setup::new().await;
    stack().await
}

#[tokio::test]
async fn create_dataset_group_may_do_what_it_does_to_dataset_groups_here_and_nothing_else() {
    let allowed =
        ["CreateDatasetGroup", "DescribeDatasetGroup", "DeleteDatasetGroup", "ListTagsForResource", "TagResource"]
            .map(|call| format!("personalize:{call}"));
    let allowed: Vec<_> = allowed.iter().map(|action| (action.as_str(), GROUPS)).collect();
    let denied = [
        ("personalize:CreateDatasetGroup", ELSEWHERE),
        ("personalize:DeleteDatasetGroup", ELSEWHERE),
        ("personalize:TagResource", OTHER_KIND),
        ("personalize:UntagResource", GROUPS),
        ("personalize:ListDatasetGroups", "*"),
        ("personalize:CreateDataset", GROUPS),
        ("datazone:GetGroupProfile", "*"),
        ("datazone:CreateGroupProfile", "*"),
        ("lambda:InvokeFunction", "*"),
        ("events:PutEvents", "*"),
    ];
    assert_decisions(deployed().await, "CreateDatasetGroupRole", &allowed, &denied);
}

#[tokio::test]
async fn only_roles_of_the_parameter_are_passed_and_only_to_personalize() {
    let stack = deployed().await;
    let role = &resources(stack)["CreateDatasetGroupRole"];
    // The engine's simulator knows no context keys, so it sees a condition as never met.
    for passed in [PASSED, NOT_PASSED] {
        assert_eq!(decisions(stack, role, &["iam:PassRole"], passed), ["implicitDeny"]);
    }
    let policy =
        tools::aws(stack, &["iam", "get-role-policy", "--role-name", role, "--policy-name", "PassRolesToPersonalize"]);
    let mut document = policy["PolicyDocument"].clone();
    let statement = document["Statement"][0].as_object_mut().expect("a statement");
    let condition = statement.remove("Condition");
    assert_eq!(condition, Some(json!({"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}})));
    let document = document.to_string();
    for (passed, expected) in [(PASSED, "allowed"), (NOT_PASSED, "implicitDeny")] {
        let arguments = [
            "iam",
            "simulate-custom-policy",
            "--policy-input-list",
            &document,
            "--action-names",
            "iam:PassRole",
            "--resource-arns",
            passed,
        ];
        assert_eq!(tools::aws(stack, &arguments)["EvaluationResults"][0]["EvalDecision"], expected, "{passed}");
    }
}

#[tokio::test]
async fn poll_status_may_look_and_nothing_else() {
    let denied = [
        ("personalize:DescribeDatasetGroup", ELSEWHERE),
        ("personalize:CreateDatasetGroup", GROUPS),
        ("personalize:DeleteDatasetGroup", GROUPS),
        ("personalize:ListTagsForResource", GROUPS),
        ("personalize:TagResource", GROUPS),
        ("datazone:GetGroupProfile", "*"),
        ("iam:PassRole", PASSED),
    ];
    assert_decisions(deployed().await, "PollStatusRole", &[("personalize:DescribeDatasetGroup", GROUPS)], &denied);
}

#[tokio::test]
async fn bootstrap_group_profile_may_handle_group_profiles_and_tags_and_nothing_else() {
    let allowed = [
        ("datazone:CreateGroupProfile", "*"),
        ("datazone:GetGroupProfile", "*"),
        ("datazone:UpdateGroupProfile", "*"),
        ("datazone:SearchGroupProfiles", "*"),
        ("sso:AssociateProfile", "*"),
        ("personalize:ListTagsForResource", GROUPS),
        ("personalize:TagResource", GROUPS),
    ];
    let denied = [
        ("datazone:CreateUserProfile", "*"),
        ("datazone:CreateProjectMembership", "*"),
        ("datazone:DeleteDomain", "*"),
        ("sso:DisassociateProfile", "*"),
        ("personalize:TagResource", ELSEWHERE),
        ("personalize:UntagResource", GROUPS),
        ("personalize:DescribeDatasetGroup", GROUPS),
        ("personalize:CreateDatasetGroup", GROUPS),
        ("personalize:DeleteDatasetGroup", GROUPS),
        ("iam:PassRole", PASSED),
    ];
    assert_decisions(deployed().await, "BootstrapGroupProfileRole", &allowed, &denied);
}

#[tokio::test]
async fn add_project_members_may_list_and_add_members_and_nothing_else() {
    let allowed = [("datazone:CreateProjectMembership", "*"), ("datazone:ListProjectMemberships", "*")];
    let denied = [
        ("datazone:DeleteProjectMembership", "*"),
        ("datazone:CreateProject", "*"),
        ("datazone:CreateGroupProfile", "*"),
        ("datazone:UpdateGroupProfile", "*"),
        ("sso:AssociateProfile", "*"),
        ("personalize:TagResource", GROUPS),
        ("personalize:DescribeDatasetGroup", GROUPS),
        ("iam:PassRole", PASSED),
    ];
    assert_decisions(deployed().await, "AddProjectMembersRole", &allowed, &denied);
}

#[tokio::test]
async fn retire_dataset_group_may_read_remove_members_and_delete_groups_and_nothing_else() {
    let on_groups = ["DescribeDatasetGroup", "ListTagsForResource", "DeleteDatasetGroup"];
    let lists = ["ListDatasets", "ListSolutions", "ListEventTrackers", "ListRecommenders", "ListFilters"];
    let on_domain = ["GetGroupProfile", "SearchGroupProfiles", "ListProjectMemberships", "DeleteProjectMembership"];
    let named = |service: &str, call: &&str| format!("{service}:{call}");
    let on_groups = on_groups.each_ref().map(|call| named("personalize", call));
    let elsewhere = lists.iter().map(|call| named("personalize", call));
    let elsewhere: Vec<_> = elsewhere.chain(on_domain.iter().map(|call| named("datazone", call))).collect();
    let on_groups = on_groups.iter().map(|action| (action.as_str(), GROUPS));
    let allowed: Vec<_> = on_groups.chain(elsewhere.iter().map(|action| (action.as_str(), "*"))).collect();
    let denied = [
        ("personalize:DeleteDatasetGroup", ELSEWHERE),
        ("personalize:DeleteSolution", OTHER_KIND),
        ("personalize:DeleteDataset", "*"),
        ("personalize:CreateDatasetGroup", GROUPS),
        ("personalize:TagResource", GROUPS),
        ("personalize:UntagResource", GROUPS),
        ("datazone:CreateGroupProfile", "*"),
        ("datazone:UpdateGroupProfile", "*"),
        ("datazone:CreateProjectMembership", "*"),
        ("datazone:DeleteProject", "*"),
        ("sso:AssociateProfile", "*"),
        ("iam:PassRole", PASSED),
    ];
    assert_decisions(deployed().await, "RetireDatasetGroupRole", &allowed, &denied);
}

#[tokio::test]
async fn each_machine_may_call_its_functions_and_publish_and_nothing_else() {
    let stack = deployed().await;
    let ids = resources(stack);
    let version =
        |name: &str| format!("arn:aws:lambda:us-east-1:000000000000:function:{}:1", ids[&format!("{name}Function")]);
    let bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    let provisioning = ["CreateDatasetGroup", "BootstrapGroupProfile", "AddProjectMembers"].map(version);
    let (retirement, poll) = ([version("RetireDatasetGroup")], version("PollStatus"));
    for (role, own, others) in
        [("StateMachineRole", &provisioning[..], &retirement[..]), ("RetireMachineRole", &retirement, &provisioning)]
    {
        let invoke = |version| ("lambda:InvokeFunction", version);
        let allowed = own.iter().chain([&poll]).map(|version| invoke(version.as_str()));
        let allowed: Vec<_> = allowed.chain([("events:PutEvents", bus)]).collect();
        let denied = [
            ("lambda:UpdateFunctionCode", poll.as_str()),
            ("events:PutEvents", "arn:aws:events:us-east-1:000000000000:event-bus/another"),
            ("events:PutRule", bus),
            ("personalize:CreateDatasetGroup", GROUPS),
            ("personalize:DeleteDatasetGroup", GROUPS),
            ("states:StartExecution", ids["ProvisionDatasetGroup"].as_str()),
            ("iam:PassRole", PASSED),
        ];
        let denied: Vec<_> = others.iter().map(|version| invoke(version.as_str())).chain(denied).collect();
        assert_decisions(stack, role, &allowed, &denied);
    }
}

/// The state machines, by the prefixes of what belongs to each.
fn machines(stack: &LocalStack) -> [(&'static str, &str); 2] {
    ["", "Retirement"].map(|prefix| (prefix, stack.outputs()[&format!("{prefix}StateMachineArn")].as_str()))
}

#[tokio::test]
async fn each_rule_may_start_its_machine_and_nothing_else() {
    let stack = deployed().await;
    let [(_, provisioning), (_, retirement)] = machines(stack);
    for (role, own, other) in [
        ("DatasetGroupRequestedRole", provisioning, retirement),
        ("DatasetGroupRetirementRequestedRole", retirement, provisioning),
    ] {
        let denied = [("states:StartExecution", other), ("states:StopExecution", own), ("lambda:InvokeFunction", "*")];
        assert_decisions(stack, role, &[("states:StartExecution", own)], &denied);
    }
}

#[tokio::test]
async fn a_caller_with_an_exported_policy_may_run_its_machine_and_nothing_else() {
    let stack = deployed().await;
    let [provisioning, retirement] = machines(stack);
    assert_caller(stack, provisioning, retirement.1);
    assert_caller(stack, retirement, provisioning.1);
}

fn assert_caller(stack: &LocalStack, (prefix, machine): (&str, &str), other: &str) {
    let policy = &stack.outputs()[&format!("{prefix}CallerPolicyArn")];
    let version =
        tools::aws(stack, &["iam", "get-policy", "--policy-arn", policy])["Policy"]["DefaultVersionId"].clone();
    let version = version.as_str().expect("a version");
    let read = tools::aws(stack, &["iam", "get-policy-version", "--policy-arn", policy, "--version-id", version]);
    let document = read["PolicyVersion"]["Document"].to_string();
    let execution_of = |machine: &str| format!("{}:one", machine.replace(":stateMachine:", ":execution:"));
    let (execution, of_other) = (execution_of(machine), execution_of(other));
    let managed = "arn:aws:events:us-east-1:000000000000:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule";
    let cases: [(&[&str], &str, &str); 7] = [
        (&["states:StartExecution"], machine, "allowed"),
        (&["states:DescribeExecution", "states:StopExecution"], &execution, "allowed"),
        (&["events:PutRule", "events:PutTargets", "events:DescribeRule"], managed, "allowed"),
        (&["states:StartExecution"], other, "implicitDeny"),
        (&["states:StopExecution"], &of_other, "implicitDeny"),
        (&["states:DeleteStateMachine", "lambda:InvokeFunction"], machine, "implicitDeny"),
        (&["events:PutRule"], "arn:aws:events:us-east-1:000000000000:rule/another", "implicitDeny"),
    ];
    for (actions, resource, expected) in cases {
        let simulate = ["iam", "simulate-custom-policy", "--policy-input-list", &document];
        let question = ["--resource-arns", resource, "--action-names"];
        let simulated = tools::aws(stack, &[&simulate[..], &question, actions].concat());
        let results = simulated["EvaluationResults"].as_array().expect("results");
        let decided: Vec<_> = results.iter().map(|result| &result["EvalDecision"]).collect();
        assert_eq!(decided, vec![expected; actions.len()], "{actions:?} on {resource}");
    }
}

#[tokio::test]
async fn a_batch_may_read_its_bucket_run_its_rows_and_nothing_else() {
    let stack = deployed().await;
    let ids = resources(stack);
    let execution = |machine: &str| ids[machine].replace(":stateMachine:", ":execution:") + ":1";
    let (provisioning, batches) = (&ids["ProvisionDatasetGroup"], &ids["ProvisionDatasetGroups"]);
    let row = execution("ProvisionDatasetGroup");
    let [manifest, bucket] = ["/2026/november.csv", ""].map(|key| format!("arn:aws:s3:::{MANIFEST_BUCKET}{key}"));
    let allowed = [
        ("s3:GetObject", manifest.as_str()),
        ("s3:ListBucket", &bucket),
        ("states:StartExecution", provisioning),
        ("states:StartExecution", batches),
        ("states:DescribeExecution", &row),
        ("states:StopExecution", &row),
    ];
    let denied = [
        ("s3:GetObject", "arn:aws:s3:::others/2026/november.csv"),
        ("s3:ListBucket", "arn:aws:s3:::others"),
        ("s3:PutObject", &manifest),
        ("s3:DeleteObject", &manifest),
        ("states:RedriveExecution", &row),
        ("states:StartExecution", "arn:aws:states:us-east-1:000000000000:stateMachine:others"),
        ("personalize:CreateDatasetGroup", GROUPS),
        ("datazone:GetGroupProfile", "*"),
    ];
    assert_decisions(stack, "BatchMachineRole", &allowed, &denied);
    let denied = [("s3:GetObject", manifest.as_str()), ("states:StartExecution", provisioning)];
    assert_decisions(stack, "BatchDatasetGroupsRole", &[], &denied);
}
