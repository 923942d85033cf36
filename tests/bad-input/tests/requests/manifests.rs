//! Rows and manifests: whatever is in the cells, a row is a request, nothing, or refused by columns; and no text of a tag is
//! shown.

use batch_dataset_groups::{COLUMNS, Input, Output, handle};
use contract::{FunctionArn, StepError};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use wiring::Invocation;

use crate::documents::{any_document, leaf};
use crate::run::{cases, hold};

const SECRET: &str = "s3cret!";

/// A cell: nothing, something valid, any characters, or very many of them.
fn cell() -> impl Strategy<Value = String> {
    let valid = vec![
        "media",
        "dzd_a",
        "ECOMMERCE",
        "a=b;c=d",
        "p1:PROJECT_CATALOG_VIEWER;p2",
        "arn:aws:iam::123456789012:role/r",
    ];
    prop_oneof![
        Just(String::new()),
        select(valid).prop_map(str::to_owned),
        "\\PC{0,40}",
        "[=;:, \"\u{feff}a-z]{0,20}",
        Just("x".repeat(10_000)),
    ]
}

/// A row as the reader of a table hands it over.
fn item() -> impl Strategy<Value = Value> {
    let columns = prop_oneof![12 => select(COLUMNS.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,8}"];
    btree_map(columns, cell(), 0..10).prop_map(|mut row| {
        // What a tag holds is shown nowhere.
        row.entry("tags".to_owned()).and_modify(|tags| *tags = format!("{tags};key={SECRET}"));
        json!(row)
    })
}

fn done(task: &Value) -> Result<Output, StepError> {
    let execution = json!({"arn": "e", "startTime": "2026-11-20T09:00:00Z", "waitedSeconds": 0});
    let mut input = json!({"execution": execution});
    input.as_object_mut().expect("an object").extend(task.as_object().cloned().unwrap_or_default());
    let input: Input = serde_json::from_value(input).expect("an input");
    let function = "arn:aws:lambda:us-east-1:123456789012:function:batch:1";
    let invocation =
        Invocation { function: FunctionArn::parse(function)?, now: "2026-11-20T09:00:10Z".parse().expect("a time") };
    Runtime::new().expect("a runtime").block_on(handle(input, &invocation))
}

fn row(format: &str, item: &Value) -> Result<&'static str, String> {
    let guards = json!({
        "allowedDomainIds": "", "allowedProjectIds": "", "allowedDesignations": "", "requiredTagKeys": "", "replaceAllowed": "true"
    });
    let request = json!({"manifest": {"bucket": "manifests", "key": format!("a.{format}")}});
    let task = json!({
        "task": "ROW", "request": request, "bucket": "manifests", "guards": guards, "row": 1, "item": item, "hasExtraValues": false
    });
    match done(&task) {
        Ok(Output::Row(row)) => {
            let request = contract::Request::parse(&row.input["detail"]);
            request.map(|_| "accepted").map_err(|violations| format!("it is refused later: {violations:?}"))
        }
        Ok(Output::Result(_)) => Ok("blank"),
        Err(StepError::InvalidRequest(violations)) => {
            let of_table = format == "csv";
            let named =
                |path: &str| COLUMNS.iter().any(|column| path.starts_with(column)) || ["header", "row"].contains(&path);
            if let Some(violation) = violations.iter().find(|violation| of_table && !named(&violation.path)) {
                return Err(format!("no column is named: {violation:?}"));
            }
            let told = format!("{violations:?}");
            if told.contains(SECRET) { Err(told) } else { Ok("refused") }
        }
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn a_row_of_any_cells_is_a_request_or_refused_by_columns() {
    hold("rows of tables", cases() / 4, &item(), |item| row("csv", item));
    hold("lines", cases() / 4, &prop_oneof![any_document(), leaf()], |line| row("jsonl", line));
}

#[test]
fn a_manifest_of_any_text_can_be_run_or_is_refused() {
    let header = "name,domainIdentifier,groupIdentifier\n";
    let texts = vec(prop_oneof!["\\PC{0,30}", "[,\"\r\n a]{0,12}", Just("{}\n".to_owned())], 0..12)
        .prop_map(|parts| parts.concat());
    let texts = (any::<bool>(), any::<bool>(), texts);
    hold("manifests", cases() / 4, &texts, |(is_table, has_header, text)| {
        let text = if *has_header { format!("{header}{text}") } else { text.clone() };
        let key = if *is_table { "a.csv" } else { "a.jsonl" };
        let range = format!("bytes 0-{}/{}", text.len().saturating_sub(1), text.len());
        let request = json!({"manifest": {"bucket": "manifests", "key": key}});
        let part = json!({"Body": text, "ContentRange": range});
        let task = json!({"task": "OPEN", "request": request, "bucket": "manifests", "position": null, "part": part});
        match done(&task) {
            Ok(Output::Opened(opened)) if opened.position.rows > 0 => Ok("run"),
            Err(StepError::InvalidRequest(violations)) if !violations.is_empty() => Ok("refused"),
            other => Err(format!("{other:?}")),
        }
    });
}
