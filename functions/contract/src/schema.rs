//! What a derived JSON Schema cannot say by itself.

use schemars::Schema;
use serde_json::{Map, Value, json};

use crate::request::STARTED_BY_EXECUTION;

/// The words of an enum as one list. Derived is an alternative for each word, of which validators say no more than
/// that none is met.
pub(crate) fn words(schema: &mut Schema) {
    if let Some(Value::Array(alternatives)) = schema.remove("oneOf") {
        let words: Vec<_> = alternatives.iter().map(|alternative| &alternative["const"]).collect();
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), json!(words));
    }
}

/// That the object has the member, and not as null, which counts as absent.
fn has(member: &str) -> Value {
    json!({"required": [member], "properties": {member: {"not": {"enum": [null]}}}})
}

/// A key and its role: both or neither. `dependentRequired` would say it too, but only from draft 2019-09 on.
pub(crate) fn both_or_neither(schema: &mut Schema) {
    let each = ["kmsKeyArn", "roleArn"].map(has);
    schema.insert("anyOf".to_owned(), json!([{"allOf": each}, {"not": {"anyOf": each}}]));
}

/// The member of nested executions, which may hold anything.
pub(crate) fn started_by_execution(schema: &mut Schema) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let description = "Added by Step Functions tools to the input of a nested execution; used for nothing.";
        properties.insert(STARTED_BY_EXECUTION.to_owned(), json!({"description": description}));
    }
}

/// The members of all alternatives side by side, and exactly one of them required. Derived is a whole object for each
/// alternative, out of which programs that generate code make a class each.
pub(crate) fn exactly_one(schema: &mut Schema) {
    let mut members = Map::new();
    for alternative in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let description = alternative["description"].take();
        if let Value::Object(properties) = alternative["properties"].take() {
            for (name, mut member) in properties {
                member["description"] = description.clone();
                *alternative = has(&name);
                members.insert(name, member);
            }
        }
    }
    let object = schema.ensure_object();
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.append(&mut members);
    }
    // Now that every member is named beside it, the older word does, which every draft knows.
    let closed = object.remove("unevaluatedProperties");
    object.extend(closed.map(|closed| ("additionalProperties".to_owned(), closed)));
}
