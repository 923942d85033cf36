//! The definition of the state machine.

use serde_json::{Map, Value};

/// Where it stands.
pub const PATH: &str = "statemachine/provision-dataset-group.asl.json";

/// The definition as JSON.
///
/// # Panics
/// When it is not JSON.
#[must_use]
pub fn definition() -> Value {
    crate::read_json(PATH)
}

/// Its states by name.
///
/// # Panics
/// When it has none.
#[must_use]
pub fn states() -> Map<String, Value> {
    definition()["States"].as_object().cloned().unwrap_or_else(|| panic!("{PATH}: no States"))
}

/// The failures of a call to Lambda that may heal (Step Functions developer guide, "Handling transient Lambda service
/// exceptions"; Lambda API reference, `Invoke`, for those of a function in a VPC that has just been created or that
/// finds no free address), a function's time-out under its two names, and the time-out of the task.
pub const TRANSIENT: [&str; 12] = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ResourceNotReadyException",
    "Lambda.ENILimitReachedException",
    "Lambda.EC2ThrottledException",
    "Lambda.EC2UnexpectedException",
    "Lambda.SubnetIPAddressLimitReachedException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "States.Timeout",
];

/// The names of the states that call a resource whose ARN ends like this, as `lambda:invoke`.
#[must_use]
pub fn tasks(resource: &str) -> Vec<String> {
    let calls = |state: &Value| state["Resource"].as_str().is_some_and(|arn| arn.ends_with(resource));
    states().into_iter().filter(|(_, state)| calls(state)).map(|(name, _)| name).collect()
}

/// The steps, each with the name of its function's crate: the same in kebab case.
#[must_use]
pub fn steps() -> Vec<(String, String)> {
    tasks("lambda:invoke").into_iter().map(|step| (step.clone(), kebab(&step))).collect()
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

/// The names under which a step of the state machine retries or catches.
#[must_use]
pub fn error_names(handlers: &Value) -> Vec<&str> {
    let handlers = handlers.as_array().map_or(&[][..], Vec::as_slice);
    handlers
        .iter()
        .flat_map(|handler| handler["ErrorEquals"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect()
}

/// The last choice of `CheckStatus` whose condition begins so.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn choice(beginning: &str) -> Value {
    let choices = states()["CheckStatus"]["Choices"].clone();
    let begins = |choice: &&Value| choice["Condition"].as_str().is_some_and(|text| text.starts_with(beginning));
    choices.as_array().into_iter().flatten().rfind(begins).expect("a choice").clone()
}
