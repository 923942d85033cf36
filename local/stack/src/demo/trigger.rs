//! The request event.

use std::fs;
use std::path::{Path, PathBuf};

use local_stack::Workflow;
use serde::Deserialize;
use serde_json::Value;

use super::error::Error;

/// The members of an EventBridge event that the sender sets.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trigger {
    source: String,
    /// The rule matches this member.
    pub detail_type: String,
    /// The request.
    pub detail: Value,
}

impl Trigger {
    /// Reads an event from a file; without a path, the sample.
    pub fn load(path: Option<&Path>) -> Result<Self, Error> {
        let path = path.map_or_else(sample, |path| Ok(path.to_owned()))?;
        match fs::read_to_string(&path) {
            Err(source) => Err(Error::NoEvent { path, source }),
            Ok(text) => Self::parse(&text).map_err(|source| Error::BadEvent { path, source }),
        }
    }

    fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// Puts the event on the bus.
    pub async fn send(&self, workflow: &Workflow) -> Result<(), Error> {
        Ok(workflow.send(&self.source, &self.detail_type, &[&self.detail]).await?)
    }

    /// For people: the detail-type and the name of the requested group.
    pub fn summary(&self) -> String {
        match self.detail.pointer("/datasetGroup/name").and_then(Value::as_str) {
            Some(name) => format!("{} ({name})", self.detail_type),
            None => self.detail_type.clone(),
        }
    }
}

fn sample() -> Result<PathBuf, Error> {
    let root = project::root().map_err(local_stack::Error::NoProject)?;
    Ok(root.join("events/dataset-group-requested.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_matches_the_rule() {
        let trigger = Trigger::load(None).expect("it is there");
        assert_eq!(trigger.detail_type, "Dataset Group Requested");
        assert_eq!(trigger.summary(), "Dataset Group Requested (media-recommendations)");
    }

    #[test]
    fn an_error_names_the_missing_member() {
        let error = Trigger::parse(r#"{"source": "me", "detail": {}}"#).expect_err("it has no type");
        assert!(error.to_string().contains("detail-type"), "{error}");
    }

    #[test]
    fn an_error_names_the_missing_file() {
        let error = Trigger::load(Some(Path::new("no/such.json"))).expect_err("it is not there");
        assert!(error.to_string().contains("no/such.json"), "{error}");
    }

    #[test]
    fn a_request_without_a_name_is_summarized_by_its_detail_type() {
        let trigger = Trigger::parse(r#"{"source": "me", "detail-type": "T", "detail": null}"#).expect("an event");
        assert_eq!(trigger.summary(), "T");
    }
}
