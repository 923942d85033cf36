//! The schemas of what people send and what they are sent, generated from the types, in two forms: JSON Schema for
//! validators and editors, OpenAPI for the schema registry of EventBridge.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contract::batch::BatchFinished;
use contract::outcome::{
    BATCH_FINISHED, BATCH_REQUESTED, EVENT_SOURCE, PLANNED, PROVISIONED, PROVISIONING_FAILED, Planned, Provisioned,
    ProvisioningFailed, REQUESTED, SCHEMA_VERSION,
};
use contract::request::BatchRequest;
use contract::retirement::{
    RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED, RETIREMENT_REQUESTED, Retired, RetirementFailed, RetirementPlanned,
};
use contract::{Request, RetirementRequest, StepError};
use jsonschema::Validator;
use schemars::Schema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RestrictFormats, transform_subschemas};
use serde_json::{Value, json};

use crate::read_json;

/// Where the schemas lie.
pub const FOLDER: &str = "events/schemas";
/// The detail-types of requests that have schemas.
pub const REQUESTS: [&str; 3] = [REQUESTED, RETIREMENT_REQUESTED, BATCH_REQUESTED];
/// The detail-types of outcomes that have schemas.
pub const OUTCOMES: [&str; 7] =
    [PROVISIONED, PROVISIONING_FAILED, PLANNED, RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED, BATCH_FINISHED];

/// The detail-types that have schemas.
pub fn detail_types() -> impl Iterator<Item = &'static str> {
    REQUESTS.into_iter().chain(OUTCOMES)
}

/// The JSON Schema of the detail of that type, as it lies in the project.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn schema(detail_type: &str) -> Value {
    read_json(&format!("{FOLDER}/{}.schema.json", file_name(detail_type)))
}

/// What the JSON Schema of that detail-type has against a document: nothing, when it is valid.
///
/// # Panics
/// When there is no such schema.
#[must_use]
pub fn violations(detail_type: &str, detail: &Value) -> Vec<String> {
    static VALIDATORS: LazyLock<BTreeMap<&str, Validator>> =
        LazyLock::new(|| detail_types().map(|known| (known, validator(known))).collect());
    let validator = VALIDATORS.get(detail_type).unwrap_or_else(|| panic!("no schema is known for {detail_type}"));
    validator.iter_errors(detail).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn validator(detail_type: &str) -> Validator {
    let validator = jsonschema::options().should_validate_formats(true).build(&schema(detail_type));
    validator.unwrap_or_else(|fault| panic!("the schema of {detail_type}: {fault}"))
}

/// Holds a document against the JSON Schema of its detail-type.
///
/// # Panics
/// When it is not valid, or there is no such schema.
pub fn assert_valid(detail_type: &str, detail: &Value) {
    let violations = violations(detail_type, detail);
    assert!(violations.is_empty(), "{detail_type}: {violations:#?}\n{detail:#}");
}

/// The text of every generated file by its path from the root of the project.
#[must_use]
pub fn generated() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for detail_type in detail_types() {
        let name = file_name(detail_type);
        files.insert(format!("{FOLDER}/{name}.schema.json"), pretty(&json_schema(detail_type)));
        files.insert(format!("{FOLDER}/{name}.openapi.json"), pretty(&openapi(detail_type)));
    }
    files
}

/// `Dataset Group Requested` as `dataset-group-requested`: the samples are named like that too.
#[must_use]
pub fn file_name(detail_type: &str) -> String {
    detail_type.to_lowercase().replace(' ', "-")
}

/// The detail of the sample event of that type.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn sample(detail_type: &str) -> Value {
    read_json(&format!("events/{}.json", file_name(detail_type)))["detail"].take()
}

fn json_schema(detail_type: &str) -> Value {
    let mut settings = SchemaSettings::draft07().with_transform(never_null);
    // Draft-07 has no formats for numbers, and some validators refuse a schema with a format that they do not know.
    settings.transforms.push(Box::new(RestrictFormats::default()));
    let mut generator = if REQUESTS.contains(&detail_type) {
        settings.with_transform(|schema: &mut Schema| null_is_absent(schema, Null::Type)).for_deserialize()
    } else {
        settings.for_serialize()
    }
    .into_generator();
    let mut schema = of_type(detail_type, &mut generator, true);
    of_machine(detail_type, schema.pointer_mut("/definitions/Cause"));
    schema.insert("examples".to_owned(), json!([sample(detail_type)]));
    schema.into()
}

/// The schema of the type of that detail: as the root of a document, or as a reference to one of its definitions.
fn of_type(detail_type: &str, generator: &mut SchemaGenerator, root: bool) -> Schema {
    macro_rules! schema {
        ($type:ty) => {
            if root { generator.root_schema_for::<$type>() } else { generator.subschema_for::<$type>() }
        };
    }
    match detail_type {
        REQUESTED => schema!(Request),
        PROVISIONED => schema!(Provisioned),
        PROVISIONING_FAILED => schema!(ProvisioningFailed),
        PLANNED => schema!(Planned),
        RETIREMENT_REQUESTED => schema!(RetirementRequest),
        RETIRED => schema!(Retired),
        RETIREMENT_FAILED => schema!(RetirementFailed),
        RETIREMENT_PLANNED => schema!(RetirementPlanned),
        BATCH_REQUESTED => schema!(BatchRequest),
        BATCH_FINISHED => schema!(BatchFinished),
        unknown => panic!("no schema is known for {unknown}"),
    }
}

/// Narrows the cause to the errors that the state machine of the detail-type can end with.
fn of_machine(detail_type: &str, cause: Option<&mut Value>) {
    let Some(cause) = cause else { return };
    let retirement = [RETIREMENT_FAILED, RETIREMENT_PLANNED].contains(&detail_type);
    let (names, foreign) = if retirement {
        (StepError::names_of_retirement(), "failureReason")
    } else {
        (StepError::names_of_provisioning(), "contents")
    };
    cause["properties"]["error"]["enum"] = json!(names);
    cause["properties"].as_object_mut().expect("members").remove(foreign);
}

/// The form of the registry for the events of a custom bus: a document for each detail-type, in it `AWSEvent`, the
/// envelope, whose detail is another schema of the same document.
fn openapi(detail_type: &str) -> Value {
    let settings = SchemaSettings::openapi3().with_transform(never_null).with_transform(numbers_of_64_bits);
    let mut generator = if REQUESTS.contains(&detail_type) {
        settings.with_transform(|schema: &mut Schema| null_is_absent(schema, Null::Keyword)).for_deserialize()
    } else {
        settings.for_serialize()
    }
    .into_generator();
    let detail = of_type(detail_type, &mut generator, false);
    let mut event = json!({
        "type": "object",
        "required": ["detail-type", "resources", "detail", "id", "source", "time", "region", "version", "account"],
        "x-amazon-events-detail-type": detail_type,
        "properties": {
            "detail": detail,
            "account": {"type": "string"},
            "detail-type": {"type": "string"},
            "id": {"type": "string"},
            "region": {"type": "string"},
            "resources": {"type": "array", "items": {"type": "string"}},
            "source": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "version": {"type": "string"}
        }
    });
    // A request may have any source.
    if !REQUESTS.contains(&detail_type) {
        event["x-amazon-events-source"] = json!(EVENT_SOURCE);
    }
    let mut schemas = generator.take_definitions(true);
    of_machine(detail_type, schemas.get_mut("Cause"));
    schemas.insert("AWSEvent".to_owned(), event);
    json!({
        "openapi": "3.0.0",
        "info": {"version": SCHEMA_VERSION, "title": detail_type},
        "paths": {},
        "components": {"schemas": schemas}
    })
}

/// How a dialect says that a value may be null.
#[derive(Clone, Copy)]
enum Null {
    /// `"type": ["string", "null"]`
    Type,
    /// `"nullable": true`
    Keyword,
}

/// Every member of the request that is not required may be null, which counts as absent.
fn null_is_absent(schema: &mut Schema, null: Null) {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, member) in properties.into_iter().flatten().filter(|(name, _)| !required.contains(&json!(name))) {
        if let Some(words) = member.get_mut("enum").and_then(Value::as_array_mut) {
            words.push(Value::Null);
        }
        match (null, member["type"].take()) {
            (Null::Type, Value::String(kind)) => member["type"] = json!([kind, "null"]),
            (Null::Keyword, Value::String(kind)) => {
                member["type"] = json!(kind);
                member["nullable"] = json!(true);
            }
            (_, _) => {
                member.as_object_mut().and_then(|member| member.remove("type"));
                // A reference beside other words stands in a list of its own.
                let all = member.as_object_mut().and_then(|member| member.remove("allOf"));
                if let Some(reference) = all.as_ref().and_then(|all| all.get(0)) {
                    member["anyOf"] = match null {
                        Null::Type => json!([reference, {"type": "null"}]),
                        Null::Keyword => json!([reference, {"enum": [null], "nullable": true}]),
                    };
                }
            }
        }
    }
    transform_subschemas(&mut |schema: &mut Schema| null_is_absent(schema, null), schema);
}

/// What is absent is left out of an outcome, and [`null_is_absent`] says where null may stand in a request.
fn never_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") {
        alternatives.retain(|alternative| alternative["type"] != "null");
        if let [Value::Object(only)] = alternatives.as_mut_slice() {
            let only = std::mem::take(only);
            schema.remove("anyOf");
            schema.ensure_object().extend(only);
        }
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum")
        && words.len() > 1
    {
        words.retain(|word| !word.is_null());
    }
    schema.remove("nullable");
    transform_subschemas(&mut never_null, schema);
}

fn numbers_of_64_bits(schema: &mut Schema) {
    if schema.get("format").is_some_and(|format| format == "uint64") {
        schema.insert("format".to_owned(), "int64".into());
    }
    transform_subschemas(&mut numbers_of_64_bits, schema);
}

fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}
