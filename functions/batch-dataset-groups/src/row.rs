//! The task that makes the request of a row: the input for an execution of the provisioning state machine.

use contract::batch::{BatchRow, RowOutcome, RowResult};
use contract::outcome::REQUESTED;
use contract::request::{BatchRequest, Guards, ManifestFormat, Request};
use contract::{Execution, StepError, Violation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Output;
use crate::columns::{self, column};

/// The input of the task.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Row {
    /// The execution of the batch.
    pub execution: Execution,
    /// The input of that execution: the request, or the event around it.
    pub request: Value,
    /// The bucket of the deployment.
    pub bucket: String,
    /// What the deployment allows.
    pub guards: Guards,
    /// The number of the row, from 1.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub row: u64,
    /// The row as the reader of the Distributed Map hands it over: texts by column, or a line of JSON Lines.
    pub item: Value,
    /// Whether the row has more values than the header has columns. The reader drops them.
    pub has_extra_values: bool,
}

/// The input for the execution of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowRequest {
    /// An event with the request of the row, of whoever sent the batch.
    pub input: Value,
}

/// The members of the batch's event that say who asked.
const SENDER: [&str; 5] = ["source", "account", "region", "id", "time"];

impl Row {
    /// Makes the request. A row of empty values asks for nothing.
    pub(crate) fn decide(self) -> Result<Output, StepError> {
        let batch = BatchRequest::of_input(&self.request, &self.bucket).map_err(StepError::InvalidRequest)?;
        let format = batch.manifest.format();
        let detail = match format {
            ManifestFormat::Csv => {
                let Some(values) = self.values()? else {
                    let (outcome, row) = (RowOutcome::Blank, self.row);
                    return Ok(Output::Result(RowResult { row, outcome, name: None, error: None, message: None }));
                };
                document(values)
            }
            ManifestFormat::JsonLines => self.item.clone(),
        };
        let input = self.event(with_defaults(detail, &batch));
        match Request::of_input(&input, &self.guards) {
            Ok(_) => Ok(Output::Row(RowRequest { input })),
            Err(violations) => Err(StepError::InvalidRequest(match format {
                ManifestFormat::Csv => violations.into_iter().map(of_column).collect(),
                ManifestFormat::JsonLines => violations,
            })),
        }
    }

    /// The values that are not empty, by column, without spaces around them.
    fn values(&self) -> Result<Option<Map<String, Value>>, StepError> {
        let none = Map::new();
        let cells = self.item.as_object().unwrap_or(&none);
        let violations = columns::violations(cells.keys().map(String::as_str));
        if !violations.is_empty() {
            return Err(StepError::InvalidRequest(violations));
        }
        let cells = cells.iter().map(|(header, value)| (column(header), value.as_str().unwrap_or_default().trim()));
        let cells = cells.filter(|(_, value)| !value.is_empty());
        let values: Map<_, _> = cells.map(|(column, value)| (column.to_owned(), json!(value))).collect();
        if self.has_extra_values {
            let problem = "has more values than the header has columns".to_owned();
            let allowed = "a value for each column; a value with a comma in double quotes".to_owned();
            return Err(StepError::InvalidRequest(vec![Violation { path: "row".to_owned(), problem, allowed }]));
        }
        Ok((!values.is_empty()).then_some(values))
    }

    fn event(&self, detail: Value) -> Value {
        let mut event: Map<String, Value> = SENDER
            .into_iter()
            .filter(|_| self.request.get("detail-type").is_some_and(|of_event| !of_event.is_null()))
            .filter_map(|member| Some((member.to_owned(), self.request.get(member)?.clone())))
            .collect();
        event.insert("detail-type".to_owned(), json!(REQUESTED));
        event.insert("detail".to_owned(), detail);
        let batch = BatchRow { execution_arn: self.execution.arn.clone(), row: self.row };
        event.insert("batch".to_owned(), json!(batch));
        event.into()
    }
}

/// The request that the values of a table are.
fn document(mut values: Map<String, Value>) -> Value {
    let mut part = |columns: &[&str]| -> Map<String, Value> {
        columns.iter().filter_map(|column| Some(((*column).to_owned(), values.remove(*column)?))).collect()
    };
    let mut group = part(&["name", "domain", "kmsKeyArn", "roleArn", "tags"]);
    let mut profile = part(&["domainIdentifier", "groupIdentifier", "rolePrincipalArn", "projects"]);
    for (part, column, separator, [first, second]) in [
        (&mut group, "tags", '=', ["tagKey", "tagValue"]),
        (&mut profile, "projects", ':', ["projectIdentifier", "designation"]),
    ] {
        if let Some(Value::String(typed)) = part.get(column) {
            let items = typed.split(';').map(str::trim).filter(|item| !item.is_empty());
            let items = items.map(|item| match item.split_once(separator) {
                Some((key, value)) => json!({first: key.trim(), second: value.trim()}),
                None => json!({first: item}),
            });
            let items: Vec<_> = items.collect();
            part.insert(column.to_owned(), items.into());
        }
    }
    json!({"datasetGroup": group, "groupProfile": profile})
}

/// The request of a row with the policy and the metadata of the batch where it has none of its own.
fn with_defaults(mut detail: Value, batch: &BatchRequest) -> Value {
    let Value::Object(request) = &mut detail else { return detail };
    let mut policy = json!(batch.policy);
    match request.remove("policy").unwrap_or_default() {
        Value::Null => {}
        Value::Object(own) => {
            for (member, value) in own.into_iter().filter(|(_, value)| !value.is_null()) {
                policy[member] = value;
            }
        }
        other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => policy = other,
    }
    request.insert("policy".to_owned(), policy);
    if let Some(metadata) = &batch.metadata
        && request.get("metadata").is_none_or(Value::is_null)
    {
        request.insert("metadata".to_owned(), json!(metadata));
    }
    detail
}

/// The violation of a member, named by its column.
fn of_column(violation: Violation) -> Violation {
    let path = violation.path.as_str();
    let column = ["$.datasetGroup.", "$.groupProfile."].into_iter().find_map(|part| path.strip_prefix(part));
    let path = match path {
        // Neither of the two, or both.
        "$.groupProfile" => "groupIdentifier".to_owned(),
        path => column.unwrap_or(path).to_owned(),
    };
    Violation { path, ..violation }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, item: &Value) -> Row {
        let manifest = json!({"bucket": "manifests", "key": key});
        let detail = json!({"manifest": manifest, "policy": {"timeoutSeconds": 600}, "metadata": {"ticket": 7}});
        let event = json!({"detail-type": "Dataset Groups Requested", "source": "me", "id": "1", "detail": detail});
        let guards = Guards::default();
        let execution =
            Execution { arn: "batch".to_owned(), start_time: jiff::Timestamp::UNIX_EPOCH, waited_seconds: 0 };
        let (bucket, item) = ("manifests".to_owned(), item.clone());
        Row { execution, request: event, bucket, guards, row: 7, item, has_extra_values: false }
    }

    fn of_table(values: &Value) -> Result<Output, StepError> {
        let mut item = json!({"name": "media", "domainIdentifier": "dzd_a", "groupIdentifier": "analysts"});
        for (column, value) in values.as_object().expect("columns") {
            item[column] = value.clone();
        }
        row("a.csv", &item).decide()
    }

    fn detail(decided: Result<Output, StepError>) -> Value {
        let Ok(Output::Row(RowRequest { input })) = decided else { panic!("no request: {decided:?}") };
        input["detail"].clone()
    }

    fn paths(decided: Result<Output, StepError>) -> Vec<String> {
        let Err(StepError::InvalidRequest(violations)) = decided else { panic!("not refused: {decided:?}") };
        violations.into_iter().map(|violation| violation.path).collect()
    }

    #[test]
    fn a_row_becomes_a_request_of_whoever_sent_the_batch() {
        let values = json!({
            " tags ": " team = media ; cost-center=4711=a;; ", "domain": "ECOMMERCE", "kmsKeyArn": "", "roleArn": " ",
            "groupIdentifier": "11111111-2222-3333-4444-555555555555", "projects": "p1:PROJECT_CATALOG_VIEWER; p2"
        });
        let Ok(Output::Row(RowRequest { input })) = of_table(&values) else { panic!("no request") };
        let sent = [&input["source"], &input["id"], &input["detail-type"], &input["batch"]];
        assert_eq!(sent, [&json!("me"), &json!("1"), &json!(REQUESTED), &json!({"executionArn": "batch", "row": 7})]);
        let expected = json!({
            "datasetGroup": {"name": "media", "domain": "ECOMMERCE", "tags": [
                {"tagKey": "team", "tagValue": "media"}, {"tagKey": "cost-center", "tagValue": "4711=a"}
            ]},
            "groupProfile": {
                "domainIdentifier": "dzd_a", "groupIdentifier": "11111111-2222-3333-4444-555555555555",
                "projects": [{"projectIdentifier": "p1", "designation": "PROJECT_CATALOG_VIEWER"}, {"projectIdentifier": "p2"}]
            },
            "policy": {"ifCreateFailed": "FAIL", "timeoutSeconds": 600, "mode": "APPLY"},
            "metadata": {"ticket": 7}
        });
        assert_eq!(input["detail"], expected);
    }

    #[test]
    fn every_fault_of_a_row_is_named_by_its_column() {
        for (values, expected) in [
            (json!({"name": ""}), vec!["name"]),
            (json!({"name": "-", "domain": "MUSIC"}), vec!["name", "domain"]),
            (json!({"kmsKeyArn": "key"}), vec!["kmsKeyArn", "roleArn"]),
            (json!({"tags": "team"}), vec!["tags[0].tagValue"]),
            (json!({"tags": "team=a;team=b"}), vec!["tags[1]"]),
            (json!({"groupIdentifier": ""}), vec!["groupIdentifier"]),
            (json!({"rolePrincipalArn": "role"}), vec!["rolePrincipalArn", "groupIdentifier"]),
            (json!({"projects": "p:OWNER"}), vec!["projects[0].designation"]),
            (json!({"projects": "p:PROJECT_OWNER"}), vec!["groupIdentifier", "projects[0].designation"]),
            (json!({"colour": "red"}), vec!["header"]),
        ] {
            assert_eq!(paths(of_table(&values)), expected, "{values}");
        }
    }

    #[test]
    fn a_long_value_is_a_short_violation_and_no_tag_is_shown() {
        let long = "s3cret!".repeat(1_500);
        for column in ["name", "tags", "projects", "groupIdentifier", "kmsKeyArn"] {
            let value = if column == "tags" { format!("team={long}") } else { long.clone() };
            let error = of_table(&json!({ column: value })).expect_err("refused");
            let told = error.to_string();
            assert!(told.len() < 700, "{column}: {told}");
            assert!(column != "tags" || !told.contains("s3cret"), "{told}");
        }
    }

    #[test]
    fn a_row_of_empty_values_asks_for_nothing_and_one_with_extra_values_is_invalid() {
        let blank = row("a.csv", &json!({"name": "", "domainIdentifier": " ", "groupIdentifier": ""}));
        let Ok(Output::Result(result)) = blank.decide() else { panic!("not blank") };
        assert_eq!((result.row, result.outcome), (7, RowOutcome::Blank));
        let item = json!({"name": "media", "domainIdentifier": "dzd_a", "groupIdentifier": "analysts"});
        assert_eq!(paths(Row { has_extra_values: true, ..row("a.csv", &item) }.decide()), ["row"]);
    }

    #[test]
    fn a_line_may_have_a_policy_and_metadata_of_its_own() {
        let line = json!({
            "datasetGroup": {"name": "media"}, "groupProfile": {"domainIdentifier": "dzd_a", "groupIdentifier": "analysts"},
            "policy": {"mode": "PLAN", "timeoutSeconds": null}, "metadata": {"own": true}
        });
        let request = detail(row("a.jsonl", &line).decide());
        assert_eq!(request["policy"], json!({"ifCreateFailed": "FAIL", "timeoutSeconds": 600, "mode": "PLAN"}));
        assert_eq!(request["metadata"], json!({"own": true}));
        for (line, path) in [
            (json!(7), "$"),
            (json!({"policy": []}), "$.policy"),
            (json!({"detail-type": REQUESTED, "detail": line}), "$.detail"),
        ] {
            let paths = paths(row("a.jsonl", &line).decide());
            assert!(paths.iter().any(|given| given == path), "{paths:?}");
        }
    }

    #[test]
    fn a_batch_that_no_event_started_has_no_sender() {
        let item = json!({"name": "media", "domainIdentifier": "dzd_a", "groupIdentifier": "analysts"});
        let mut bare = row("a.csv", &item);
        bare.request = json!({"manifest": {"bucket": "manifests", "key": "a.csv"}});
        let Ok(Output::Row(RowRequest { input })) = bare.decide() else { panic!("no request") };
        assert!(input.get("source").is_none() && input["detail"].get("metadata").is_none(), "{input}");
    }
}
