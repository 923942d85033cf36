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

/// The two detail-types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// The group is ACTIVE and its profile ASSIGNED.
    #[serde(rename = "Dataset Group Provisioned")]
    Provisioned,
    /// The execution failed, and the event has the cause.
    #[serde(rename = "Dataset Group Provisioning Failed")]
    Failed,
}

impl Outcome {
    /// A member of the detail.
    pub fn member(&self, pointer: &str) -> Option<&Value> {
        self.detail.pointer(pointer).filter(|value| !value.is_null())
    }

    /// A text member of the detail.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.member(pointer).and_then(Value::as_str)
    }
}
