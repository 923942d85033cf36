//! Judges outcomes. Pure, apart from reading the schemas.

use std::path::Path;

use serde_json::Value;

use crate::trouble::{Trouble, broken, ensure};

/// The detail-types of outcomes, by the names of their schemas and of the states that publish them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Provisioned,
    Failed,
    Planned,
    Retired,
    RetirementFailed,
    RetirementPlanned,
}

impl Kind {
    const fn schema(self) -> &'static str {
        match self {
            Self::Provisioned => "dataset-group-provisioned",
            Self::Failed => "dataset-group-provisioning-failed",
            Self::Planned => "dataset-group-planned",
            Self::Retired => "dataset-group-retired",
            Self::RetirementFailed => "dataset-group-retirement-failed",
            Self::RetirementPlanned => "dataset-group-retirement-planned",
        }
    }

    pub const fn state(self) -> &'static str {
        match self {
            Self::Provisioned => "PublishProvisioned",
            Self::Failed | Self::RetirementFailed => "PublishFailed",
            Self::Planned | Self::RetirementPlanned => "PublishPlanned",
            Self::Retired => "PublishRetired",
        }
    }
}

/// Checks a document against its JSON Schema in events/schemas.
///
/// # Errors
/// The members that break the schema, without their values.
pub fn valid(root: &Path, kind: Kind, outcome: &Value) -> Result<(), Trouble> {
    let path = root.join("events/schemas").join(format!("{}.schema.json", kind.schema()));
    let schema = std::fs::read(&path).map_err(|error| broken(format!("{}: {error}", kind.schema())))?;
    let schema: Value = serde_json::from_slice(&schema).map_err(|error| broken(error.to_string()))?;
    let validator = jsonschema::options().should_validate_formats(true).build(&schema);
    let validator = validator.map_err(|error| broken(format!("the schema: {error}")))?;
    let wrong: Vec<_> = validator.iter_errors(outcome).map(|error| error.instance_path().to_string()).collect();
    ensure(wrong.is_empty(), || format!("the outcome breaks its schema at {}", wrong.join(", ")))
}

/// What a provisioned outcome has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub disposition: &'a str,
    /// The change of the group profile.
    pub profile: &'a str,
    pub marker: &'a str,
    /// The event that asked for it.
    pub event: Option<&'a str>,
}

/// Judges a provisioned outcome.
///
/// # Errors
/// The first member that is different.
pub fn provisioned(outcome: &Value, expected: Expected) -> Result<(), Trouble> {
    let members = [
        ("/disposition", expected.disposition),
        ("/datasetGroup/status", "ACTIVE"),
        ("/groupProfile/status", "ASSIGNED"),
        ("/changes/groupProfile", expected.profile),
        ("/metadata/acceptance", expected.marker),
    ];
    let event = expected.event.map(|event| ("/requestedBy/eventId", event));
    for (pointer, value) in members.into_iter().chain(event) {
        ensure(outcome.pointer(pointer).is_some_and(|member| member == value), || format!("{pointer} is different"))?;
    }
    Ok(())
}

/// The change of a profile that has this status, as the outcome names it.
pub fn profile_change(status: Option<&str>) -> &'static str {
    match status {
        None => "CREATED",
        Some("ASSIGNED") => "KEPT",
        Some(_) => "ASSIGNED",
    }
}

/// Judges the tags of a provisioned group: the link of the outcome.
///
/// # Errors
/// When a tag of the link is missing or different.
pub fn linked(outcome: &Value, tags: &Value) -> Result<(), Trouble> {
    let tag = |key: &str| {
        let mut tags = tags["tags"].as_array().into_iter().flatten();
        tags.find(|tag| tag["tagKey"] == *key).map(|tag| &tag["tagValue"])
    };
    let profile = &outcome["groupProfile"];
    let holds = tag("datazone:domain-id") == Some(&profile["domainId"])
        && tag("datazone:group-profile-id") == Some(&profile["id"]);
    ensure(holds, || "the tags of the group do not name its profile".to_owned())
}

/// Judges a rerun by its outcome: nothing was changed.
///
/// # Errors
/// When the outcome lists a change.
pub fn unchanged(outcome: &Value) -> Result<(), Trouble> {
    let added = outcome["changes"]["tagsAdded"].as_array();
    ensure(added.is_some_and(Vec::is_empty), || "the rerun added tags".to_owned())
}

/// Judges the log of an execution, given as the messages of all lines.
///
/// # Errors
/// What is missing, or must not be there.
pub fn logged(lines: &[String], execution: &str, group: &str, secret: &str) -> Result<usize, Trouble> {
    let parsed = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let own: Vec<_> = parsed.filter(|line| line["executionArn"] == *execution).collect();
    let decided = |decision: &str| {
        own.iter().any(|line| line["decision"].as_str().is_some_and(|text| text.starts_with(decision)))
    };
    for decision in ["created", "active", "profile "] {
        ensure(decided(decision), || format!("no line has the decision {decision:?}"))?;
    }
    for line in &own {
        for member in ["timestamp", "level", "message", "requestId", "datasetGroup", "decision"] {
            ensure(line[member].is_string(), || format!("a line has no {member}"))?;
        }
        ensure(line["datasetGroup"] == *group, || "a line names another group".to_owned())?;
        ensure(!line.to_string().contains(secret), || "a line has metadata of the request".to_owned())?;
    }
    Ok(own.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EXPECTED: Expected = Expected { disposition: "CREATED", profile: "ASSIGNED", marker: "m", event: Some("e") };

    fn outcome() -> Value {
        json!({
            "disposition": "CREATED", "datasetGroup": {"status": "ACTIVE"}, "metadata": {"acceptance": "m"},
            "groupProfile": {"status": "ASSIGNED", "domainId": "d", "id": "p"}, "requestedBy": {"eventId": "e"},
            "changes": {"groupProfile": "ASSIGNED", "tagsAdded": []}
        })
    }

    #[test]
    fn a_different_member_is_named() {
        provisioned(&outcome(), EXPECTED).expect("as expected");
        let broken = |expected| provisioned(&outcome(), expected).expect_err("different").to_string();
        assert!(broken(Expected { event: Some("f"), ..EXPECTED }).contains("eventId"));
        assert!(broken(Expected { disposition: "ADOPTED", ..EXPECTED }).contains("disposition"));
    }

    #[test]
    fn a_link_names_domain_and_profile() {
        let tags = |id: &str| {
            json!({"tags": [
                {"tagKey": "datazone:domain-id", "tagValue": "d"}, {"tagKey": "datazone:group-profile-id", "tagValue": id}
            ]})
        };
        linked(&outcome(), &tags("p")).expect("linked");
        linked(&outcome(), &tags("q")).expect_err("another profile");
        linked(&outcome(), &json!({"tags": []})).expect_err("no link");
    }

    #[test]
    fn the_sample_outcomes_are_valid_and_a_broken_one_names_the_member() {
        let root = project::root().expect("the project");
        let retirements = [Kind::Retired, Kind::RetirementFailed, Kind::RetirementPlanned];
        for kind in [Kind::Provisioned, Kind::Failed, Kind::Planned].into_iter().chain(retirements) {
            let sample = std::fs::read(root.join(format!("events/{}.json", kind.schema()))).expect("a sample");
            let mut sample: Value = serde_json::from_slice(&sample).expect("JSON");
            valid(&root, kind, &sample["detail"]).expect("valid");
            sample["detail"]["schemaVersion"] = json!(7);
            let trouble = valid(&root, kind, &sample["detail"]).expect_err("broken").to_string();
            assert!(trouble.contains("schemaVersion"), "{trouble}");
        }
    }

    #[test]
    fn a_log_has_every_decision_and_no_metadata() {
        let line = |decision: &str| {
            json!({
                "timestamp": "t", "level": "INFO", "message": "decided", "requestId": "r", "executionArn": "e",
                "datasetGroup": "g", "decision": decision
            })
            .to_string()
        };
        let lines = ["START", &line("created"), &line("active"), &line("profile kept")].map(str::to_owned);
        assert_eq!(logged(&lines, "e", "g", "secret"), Ok(3));
        logged(&lines[..3], "e", "g", "secret").expect_err("no line of the last step");
        logged(&lines, "e", "h", "secret").expect_err("another group");
        logged(&lines, "e", "g", "kept").expect_err("a word of the request");
    }
}
