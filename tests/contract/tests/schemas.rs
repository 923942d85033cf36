//! The schemas against the files and the samples. (`tests/bad-input` compares the schema of the request with the parser.)

use std::collections::BTreeSet;

use contract::outcome::{BATCH_FINISHED, PLANNED, PROVISIONED};
use contract::retirement::{RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED};
use contract_tests::schemas::{
    FOLDER, OUTCOMES, assert_valid, detail_types, file_name, generated, sample, schema, violations,
};
use contract_tests::{project_file, read};
use serde_json::{Map, Value, json};

#[test]
fn the_schemas_are_current() {
    for (path, text) in generated() {
        let file = std::fs::read_to_string(project_file(&path)).unwrap_or_default();
        assert!(file == text, "{path} is not what the types say: run `make schemas`");
    }
    let files = std::fs::read_dir(project_file(FOLDER)).expect("a folder");
    let names = files.filter_map(|file| Some(format!("{FOLDER}/{}", file.ok()?.file_name().to_str()?)));
    let known = generated().into_keys().chain([format!("{FOLDER}/README.md")]);
    assert_eq!(names.collect::<BTreeSet<_>>(), known.collect(), "no file is left over: run `make schemas`");
}

#[test]
fn every_schema_is_one_of_draft_07_and_its_examples_are_valid() {
    for detail_type in detail_types() {
        let schema = schema(detail_type);
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        jsonschema::meta::validate(&schema).unwrap_or_else(|fault| panic!("{detail_type}: {fault}"));
        let examples = schema["examples"].as_array().expect("examples");
        assert_eq!(examples.len(), 1);
        assert_valid(detail_type, &examples[0]);
    }
}

/// Words of the Schema Object of OpenAPI 3.0, as far as they are used, and of the registry.
const OPENAPI_WORDS: [&str; 23] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minLength",
    "minimum",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "x-amazon-events-detail-type",
    "x-amazon-events-source",
];

fn words_of(schema: &Value, words: &mut BTreeSet<String>) {
    for (word, value) in schema.as_object().into_iter().flatten() {
        words.insert(word.clone());
        match word.as_str() {
            "properties" => value.as_object().into_iter().flatten().for_each(|(_, member)| words_of(member, words)),
            "allOf" | "anyOf" | "oneOf" => {
                value.as_array().into_iter().flatten().for_each(|schema| words_of(schema, words));
            }
            "items" | "not" => words_of(value, words),
            _ => {}
        }
    }
}

#[test]
fn the_registry_knows_every_word_of_the_openapi_documents() {
    for detail_type in detail_types() {
        let text = read(&format!("{FOLDER}/{}.openapi.json", file_name(detail_type)));
        // The quota of a schema's size in the registry.
        assert!(text.len() < 100_000);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["openapi"], "3.0.0");
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        assert_eq!(schemas["AWSEvent"]["x-amazon-events-detail-type"], detail_type);
        let mut words = BTreeSet::new();
        schemas.values().for_each(|schema| words_of(schema, &mut words));
        let known = OPENAPI_WORDS.map(str::to_owned).into();
        assert!(words.is_subset(&known), "{:?}", words.difference(&known));
        for reference in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(schemas.contains_key(reference), "{detail_type} has no schema {reference}");
        }
    }
}

#[test]
fn an_outcome_of_another_version_or_state_is_not_valid() {
    for detail_type in OUTCOMES {
        let detail = &sample(detail_type);
        assert_valid(detail_type, detail);
        let of_this_type = match detail_type {
            PROVISIONED => vec![
                ("/datasetGroup/creationDateTime", json!("yesterday")),
                ("/datasetGroup/status", json!("CREATE PENDING")),
                ("/groupProfile/status", json!("NOT_ASSIGNED")),
                ("/disposition", json!("FOUND")),
            ],
            BATCH_FINISHED => vec![("/summary/failedRows/0/row", json!("three")), ("/error", json!("Oops"))],
            PLANNED => vec![("/plan/link", json!("MAYBE")), ("/plan/datasetGroup/action", json!("CREATED"))],
            RETIRED => vec![("/disposition", json!("CREATED")), ("/changes/projects/0/change", json!("ADDED"))],
            RETIREMENT_PLANNED => vec![("/plan/datasetGroup/action", json!("CREATE")), ("/plan/link", json!("ADD"))],
            RETIREMENT_FAILED => {
                let foreign = json!("DatasetGroupCreateFailed");
                vec![("/error", foreign.clone()), ("/cause/error", foreign), ("/cause/failureReason", json!("why"))]
            }
            _ => vec![
                ("/error", json!("States.Timeout")),
                ("/cause/error", json!("DatasetGroupInUse")),
                ("/cause/contents", json!({})),
            ],
        };
        for (pointer, value) in [("/schemaVersion", json!("2.0"))].into_iter().chain(of_this_type) {
            let mut detail = detail.clone();
            let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
            detail.pointer_mut(parent).expect("the parent exists")[member] = value;
            assert!(!violations(detail_type, &detail).is_empty(), "{detail_type} {pointer}");
        }
        let required: Map<_, _> = detail.as_object().cloned().expect("an object");
        for member in required.keys().filter(|member| {
            let optional: &[&str] = match detail_type {
                PROVISIONED => &["metadata", "requestedBy"],
                RETIRED => &["metadata", "requestedBy", "groupProfile"],
                BATCH_FINISHED => &["metadata", "requestedBy", "summary"],
                _ => &["metadata", "requestedBy", "datasetGroup", "disposition"],
            };
            !optional.contains(&member.as_str())
        }) {
            let mut detail = required.clone();
            detail.remove(member);
            assert!(!violations(detail_type, &detail.into()).is_empty(), "{detail_type} without {member}");
        }
    }
}
