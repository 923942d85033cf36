//! The published JSON Schema as a second opinion on every document.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bad_input::{Judgement, Step, steps};
use jsonschema::Validator;
use serde_json::Value;

/// What is published in `events/schemas`.
pub static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let path = project::file("events/schemas/dataset-group-requested.schema.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    serde_json::from_str(&text).expect("JSON")
});

/// The members that a request knows, at any depth.
pub static MEMBERS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let parts = SCHEMA["definitions"].as_object().expect("definitions").values().chain([&*SCHEMA]);
    parts.flat_map(|part| part["properties"].as_object().into_iter().flatten()).map(|(name, _)| name.as_str()).collect()
});

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::validator_for(&SCHEMA).expect("a schema"));

pub fn is_valid(document: &Value) -> bool {
    VALIDATOR.is_valid(document)
}

/// Parser and schema come to the same verdict and find the same places, but for what a schema cannot say.
pub fn agrees(document: &Value, judgement: &Judgement) -> Result<(), String> {
    let faults: BTreeSet<Vec<String>> = VALIDATOR
        .iter_errors(document)
        .map(|fault| fault.instance_path().as_str().split('/').skip(1).map(decoded).collect())
        .collect();
    let violations = match judgement {
        Judgement::Accepted(_) if faults.is_empty() => return Ok(()),
        Judgement::Accepted(_) => return Err(format!("it is accepted, and the schema refuses {faults:?}")),
        Judgement::Refused(violations) => violations,
    };
    let mut named = BTreeSet::new();
    for violation in violations {
        let steps = steps(&violation.path)?;
        let place: Vec<_> = steps.iter().map(word).collect();
        // The schema names the object that a member is missing from, or that one too many is in.
        let parent = place.len().checked_sub(1).map(|length| place[..length].to_vec());
        let known = faults.contains(&place) || parent.as_ref().is_some_and(|parent| faults.contains(parent));
        if !known && !is_beyond(document, &place) {
            return Err(format!("{} is refused, and the schema finds only {faults:?}", violation.path));
        }
        named.extend(parent);
        named.insert(place);
    }
    let unnamed = faults.iter().find(|fault| !named.contains(*fault) && !is_in_too_many(document, fault));
    unnamed.map_or(Ok(()), |fault| Err(format!("the schema refuses {fault:?}, and no violation names it")))
}

/// What the schema cannot say: letters beyond ASCII, keys that stand twice, a length in bytes, blanks beyond ASCII, and that
/// a group has to be named by its id where there are projects.
fn is_beyond(document: &Value, place: &[String]) -> bool {
    let value = document.pointer(&format!("/{}", place.join("/")));
    let text = value.and_then(Value::as_str).unwrap_or_default();
    match place.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["datasetGroup", "tags", _, "tagKey" | "tagValue"] => !text.is_ascii(),
        ["datasetGroup", "tags", index] => is_repeated(document, "/datasetGroup/tags", index, "tagKey"),
        ["groupProfile", "projects", index] => {
            is_repeated(document, "/groupProfile/projects", index, "projectIdentifier")
        }
        ["groupProfile"] => {
            value.is_some_and(|profile| profile["projects"].as_array().is_some_and(|all| !all.is_empty()))
        }
        ["metadata"] => value.is_some_and(|metadata| metadata.to_string().len() > 16_384),
        ["groupProfile", "groupIdentifier"] => !text.is_ascii() && text.chars().all(char::is_whitespace),
        _ => false,
    }
}

/// Whether an earlier item of the list has the same member.
fn is_repeated(document: &Value, list: &str, index: &str, member: &str) -> bool {
    let of = |index: &str| document.pointer(&format!("{list}/{index}/{member}"));
    let own = index.parse::<usize>().expect("an index");
    of(index).is_some() && (0..own).any(|earlier| of(&earlier.to_string()) == of(index))
}

/// Whether the place is in a list that is too long: only as many items as are allowed are looked into.
fn is_in_too_many(document: &Value, place: &[String]) -> bool {
    [("datasetGroup", "tags", 48), ("groupProfile", "projects", 10)].into_iter().any(|(parent, list, most)| {
        place.starts_with(&[parent.to_owned(), list.to_owned()])
            && document[parent][list].as_array().is_some_and(|items| items.len() > most)
    })
}

fn word(step: &Step) -> String {
    match step {
        Step::Member(name) => name.clone(),
        Step::Item(index) => index.to_string(),
    }
}

fn decoded(word: &str) -> String {
    word.replace("~1", "/").replace("~0", "~")
}
