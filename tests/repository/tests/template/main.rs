//! Facts of the template, among them those that the local engine ignores.

mod alarms;
mod machines;
mod metrics;
mod permissions;
mod whole;

use repository_tests::template;
use serde_json::{Value, json};

fn properties(resource: &str) -> &'static Value {
    &template()["Resources"][resource]["Properties"]
}

/// What a stack has only with retirement.
fn if_on(value: &Value) -> Value {
    json!({"Fn::If": ["RetirementIsOn", value, {"Ref": "AWS::NoValue"}]})
}

fn of_machine(machine: &str) -> Value {
    json!({"Name": "StateMachineArn", "Value": {"Ref": machine}})
}

fn queue() -> Value {
    json!({"Name": "QueueName", "Value": {"Fn::GetAtt": ["UndeliveredRequests", "QueueName"]}})
}

/// The state machine that provisions and the one that retires, each with the beginning of its parts' names.
const MACHINES: [(&str, &str); 2] =
    [("ProvisionDatasetGroup", "StateMachine"), ("RetireDatasetGroup", "RetireMachine")];
