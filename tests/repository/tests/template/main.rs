//! Facts of the template, among them those that the local engine ignores.

mod alarms;
mod batches;
mod machines;
mod metrics;
mod permissions;
mod whole;

use repository_tests::template;
use serde_json::{Value, json};

fn properties(resource: &str) -> &'static Value {
    &template()["Resources"][resource]["Properties"]
}

/// What a stack has only where a condition is true.
fn if_on(condition: &str, value: &Value) -> Value {
    json!({"Fn::If": [condition, value, {"Ref": "AWS::NoValue"}]})
}

fn of_machine(machine: &str) -> Value {
    json!({"Name": "StateMachineArn", "Value": {"Ref": machine}})
}

fn queue() -> Value {
    json!({"Name": "QueueName", "Value": {"Fn::GetAtt": ["UndeliveredRequests", "QueueName"]}})
}

/// The state machines in the order of their names, each with the beginning of its parts' names.
const MACHINES: [(&str, &str); 3] = [
    ("ProvisionDatasetGroup", "StateMachine"),
    ("ProvisionDatasetGroups", "BatchMachine"),
    ("RetireDatasetGroup", "RetireMachine"),
];
