//! The outcome of a batch, and what its rows return to the map that runs them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::outcome::RequestedBy;
#[cfg(feature = "schema")]
use crate::outcome::SCHEMA_VERSION;
use crate::step_error::Cause;
use crate::words::words;

/// The most rows of a manifest: what so many rows return fits into the 256 KiB of a state.
pub const MOST_ROWS: u64 = 800;
/// The most bytes of JSON that a row returns.
pub const LONGEST_RESULT: usize = 300;
/// The most failed rows in the outcome of a batch.
pub const MOST_FAILED_ROWS: usize = 50;

/// All rows of a manifest have ended, or the batch failed before it ran a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DatasetGroupsBatchFinished"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchFinished {
    /// The version of this document.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The execution of the batch.
    pub execution_arn: String,
    /// Who asked: absent where no event started the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<RequestedBy>,
    /// The name of the error, where the batch failed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = crate::StepError::names_of_provisioning())))]
    pub error: Option<String>,
    /// What failed, and what to do, where the batch failed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// How its rows ended; absent where the batch failed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// The request's own, untouched; absent where `cause.metadataOmitted` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// How the rows of a batch ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    /// Number of rows. A row of empty values is none.
    pub rows: u64,
    /// Rows whose group was created.
    pub created: u64,
    /// Rows whose group existed, with the requested configuration.
    pub adopted: u64,
    /// Rows with a plan.
    pub planned: u64,
    /// Rows that failed, by the name of the error.
    pub failed: BTreeMap<String, u64>,
    /// Rows among the planned ones that would fail, by the name of the error.
    pub would_fail: BTreeMap<String, u64>,
    /// Seconds from the start of the batch to its end.
    pub seconds: u64,
    /// At most 50 rows that failed or would fail, by number.
    #[cfg_attr(feature = "schema", schemars(length(max = MOST_FAILED_ROWS)))]
    pub failed_rows: Vec<FailedRow>,
}

/// A row that failed or, in a plan, would fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailedRow {
    /// Its number, from 1. The header is not counted.
    pub row: u64,
    /// The name of the dataset group, where the row has a valid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the error.
    pub error: String,
    /// The beginning of what happened; the outcome of the row has the rest.
    pub message: String,
}

/// What a row returns to the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowResult {
    /// Its number, from 1.
    pub row: u64,
    /// How it ended.
    pub outcome: RowOutcome,
    /// The name of the dataset group, where the row has a valid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the error of a row that failed or would fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What happened to such a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

words! {
    /// How a row ended.
    pub enum RowOutcome {
        /// The group was created.
        Created = "CREATED",
        /// The group existed.
        Adopted = "ADOPTED",
        /// There is a plan.
        Planned = "PLANNED",
        /// The row is invalid, or its execution failed.
        Failed = "FAILED",
        /// All values of the row are empty: it asks for nothing.
        Blank = "BLANK",
        /// Its execution has not ended: ask again.
        Running = "RUNNING",
    }
}

/// The row of a batch that an execution of the provisioning state machine belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchRow {
    /// The execution of the batch.
    pub execution_arn: String,
    /// The number of the row, from 1; 0 where an event that somebody wrote has no number here.
    #[serde(deserialize_with = "crate::whole_number::deserialize")]
    pub row: u64,
}
