//! The outcome event.

use serde::Deserialize;
use serde_json::Value;

/// The outcome of the request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The detail-type of the event.
    #[serde(rename = "detail-type")]
    pub kind: Kind,
    detail: Value,
}

/// The detail-types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// The group is ACTIVE and its profile ASSIGNED.
    #[serde(rename = "Dataset Group Provisioned")]
    Provisioned,
    /// The execution failed, and the event has the cause.
    #[serde(rename = "Dataset Group Provisioning Failed")]
    Failed,
    /// Nothing was done, and the event says what would be.
    #[serde(rename = "Dataset Group Planned")]
    Planned,
    /// The group is gone.
    #[serde(rename = "Dataset Group Retired")]
    Retired,
    /// The retirement failed, and the event has the cause.
    #[serde(rename = "Dataset Group Retirement Failed")]
    RetirementFailed,
    /// Nothing was removed, and the event says what would be.
    #[serde(rename = "Dataset Group Retirement Planned")]
    RetirementPlanned,
}

impl Outcome {
    /// A member of the detail.
    pub fn member(&self, pointer: &str) -> Option<&Value> {
        self.detail.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The items of a member of the detail.
    pub fn items(&self, pointer: &str) -> &[Value] {
        self.member(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The ARN of the group.
    pub fn dataset_group_arn(&self) -> Option<&str> {
        self.text("/datasetGroup/datasetGroupArn").or_else(|| self.text("/plan/datasetGroup/datasetGroupArn"))
    }

    /// A text member of the detail.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.member(pointer).and_then(Value::as_str)
    }
}
