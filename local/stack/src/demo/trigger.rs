//! The request event.

use std::fs;
use std::path::{Path, PathBuf};

use local_stack::Workflow;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::Error;

const RETIREMENT_REQUESTED: &str = "Dataset Group Retirement Requested";

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

    /// The request that creates what this one retires: the dataset group, its link, and the memberships. Nothing if this one
    /// retires nothing.
    pub fn preparation(&self) -> Option<Self> {
        if self.detail_type != RETIREMENT_REQUESTED {
            return None;
        }
        let mut detail = json!({
            "datasetGroup": {"name": self.detail["datasetGroup"]["name"]}, "groupProfile": self.detail["groupProfile"]
        });
        let projects = self.detail["policy"]["removeProjects"].as_array().into_iter().flatten();
        let projects: Vec<_> = projects.map(|project| json!({"projectIdentifier": project})).collect();
        if let Some(profile) = detail["groupProfile"].as_object_mut() {
            profile.insert("projects".to_owned(), json!(projects));
        }
        Some(Self { source: self.source.clone(), detail_type: "Dataset Group Requested".to_owned(), detail })
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
    fn a_retirement_is_prepared_with_what_it_removes_and_nothing_else_is_prepared() {
        let root = project::root().expect("the project");
        let path = root.join("events/dataset-group-retirement-requested.json");
        let retirement = Trigger::load(Some(&path)).expect("it is there");
        let preparation = retirement.preparation().expect("a retirement");
        assert_eq!(preparation.summary(), "Dataset Group Requested (media-recommendations)");
        assert_eq!(preparation.detail["groupProfile"]["projects"].as_array().map(Vec::len), Some(2));
        assert!(preparation.preparation().is_none());
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
