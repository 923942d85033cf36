//! The tools that people use, pointed at the engine.

use std::collections::BTreeMap;

use contract_tests::{printed_by, project_file};
use local_stack::LocalStack;
use serde_json::Value;

/// The stack of the workflow.
const WORKFLOW: &str = "dataset-group-workflow";

/// Runs `aws` or `sam` in the project's folder, with nothing of the user's environment, and returns what it printed.
///
/// # Panics
/// When it fails, with what it printed.
#[must_use]
pub fn run(stack: &LocalStack, tool: &str, arguments: &[&str]) -> String {
    printed_by(stack.tool(tool).unwrap_or_else(|fault| panic!("{fault}")).args(arguments))
}

/// Runs `aws` and reads the JSON that it prints.
///
/// # Panics
/// When it fails or prints none.
#[must_use]
pub fn aws(stack: &LocalStack, arguments: &[&str]) -> Value {
    let printed = run(stack, "aws", &[arguments, &["--output", "json"]].concat());
    serde_json::from_str(&printed).unwrap_or_else(|fault| panic!("aws {arguments:?}: {fault}: {printed}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What a list of a stack holds, by the first member of each item, as the second one.
fn pairs(list: &Value, [name, value]: [&str; 2]) -> BTreeMap<String, String> {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| (text(&item[name]), text(&item[value]))).collect()
}

fn described(stack: &LocalStack, name: &str) -> Value {
    aws(stack, &["cloudformation", "describe-stacks", "--stack-name", name])["Stacks"][0].take()
}

/// Deploys a template of examples/ with these parameters, and returns the outputs of its stack.
///
/// # Panics
/// When it is not deployed.
#[must_use]
pub fn deploy_example(stack: &LocalStack, example: &str, parameters: &[(&str, &str)]) -> BTreeMap<String, String> {
    let (template, name) = (format!("examples/{example}/template.yaml"), format!("example-{example}"));
    let deploy = ["deploy", "--template-file", &template, "--stack-name", &name, "--resolve-s3"];
    let quietly = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "--no-confirm-changeset"];
    let overrides: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let overrides = ["--parameter-overrides"].into_iter().chain(overrides.iter().map(String::as_str));
    let overrides: Vec<_> = if parameters.is_empty() { vec![] } else { overrides.collect() };
    let _ = run(stack, "sam", &[&deploy[..], &quietly, &overrides].concat());
    pairs(&described(stack, &name)["Outputs"], ["OutputKey", "OutputValue"])
}

/// Deploys the workflow again, with the parameters that it has and with these, and returns what `sam` printed and the
/// outputs.
///
/// # Panics
/// When it is not deployed.
#[must_use]
pub fn redeploy(stack: &LocalStack, parameters: &[(&str, &str)]) -> (String, BTreeMap<String, String>) {
    // sam looks for its configuration beside the template.
    let config = project_file("samconfig.toml").canonicalize().expect("a path");
    let deploy =
        ["deploy", "--template-file", "target/sam/build/template.yaml", "--config-env", "local", "--config-file"];
    let mut overrides = pairs(&described(stack, WORKFLOW)["Parameters"], ["ParameterKey", "ParameterValue"]);
    overrides.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    overrides.retain(|_, value| !value.is_empty());
    // In quotes, sam takes a value with spaces.
    let overrides: Vec<_> = overrides.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let arguments = [config.to_str().expect("text"), "--parameter-overrides"].into_iter();
    let arguments: Vec<_> = deploy.into_iter().chain(arguments).chain(overrides.iter().map(String::as_str)).collect();
    let printed = run(stack, "sam", &arguments);
    (printed, pairs(&described(stack, WORKFLOW)["Outputs"], ["OutputKey", "OutputValue"]))
}

/// Logical ids of the workflow's resources with their physical ids.
///
/// # Panics
/// When the engine does not list them.
#[must_use]
pub fn resources(stack: &LocalStack) -> BTreeMap<String, String> {
    let listed = aws(stack, &["cloudformation", "list-stack-resources", "--stack-name", WORKFLOW]);
    pairs(&listed["StackResourceSummaries"], ["LogicalResourceId", "PhysicalResourceId"])
}

/// IAM's decision about each action of a role on one resource.
///
/// # Panics
/// When the engine does not decide.
#[must_use]
pub fn decisions(stack: &LocalStack, role: &str, actions: &[&str], resource: &str) -> Vec<String> {
    let role = format!("arn:aws:iam::000000000000:role/{role}");
    let simulate = ["iam", "simulate-principal-policy", "--policy-source-arn", &role];
    let question = ["--resource-arns", resource, "--action-names"];
    let simulated = aws(stack, &[&simulate[..], &question, actions].concat());
    let results = simulated["EvaluationResults"].as_array().expect("results").iter();
    let decided = |(result, action): (&Value, &&str)| {
        assert_eq!(result["EvalActionName"], **action);
        text(&result["EvalDecision"])
    };
    results.zip(actions).map(decided).collect()
}
