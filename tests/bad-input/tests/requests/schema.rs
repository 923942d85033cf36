//! The published JSON Schema as a second opinion on every document.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bad_input::{Judgement, Step, steps};
use jsonschema::Validator;
use serde_json::Value;

/// What is published in `events/schemas` for the requests of one state machine.
pub struct Schema {
    /// The JSON Schema.
    pub text: Value,
    validator: Validator,
}

/// That of the request for a dataset group.
pub static REQUEST: LazyLock<Schema> = LazyLock::new(|| Schema::read("dataset-group-requested"));
/// That of the request to retire one.
pub static RETIREMENT: LazyLock<Schema> = LazyLock::new(|| Schema::read("dataset-group-retirement-requested"));

/// The members that the requests know, at any depth.
pub static MEMBERS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let schemas = [&REQUEST.text, &RETIREMENT.text];
    let parts = schemas
        .into_iter()
        .flat_map(|schema| schema["definitions"].as_object().expect("definitions").values().chain([schema]));
    let members = parts.flat_map(|part| part["properties"].as_object().into_iter().flatten());
    members.map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
});

impl Schema {
    fn read(name: &str) -> Self {
        let path = project::file(&format!("events/schemas/{name}.schema.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let text = serde_json::from_str(&text).expect("JSON");
        Self { validator: jsonschema::validator_for(&text).expect("a schema"), text }
    }

    pub fn is_valid(&self, document: &Value) -> bool {
        self.validator.is_valid(document)
    }

    /// Parser and schema come to the same verdict and find the same places, but for what a schema cannot say.
    pub fn agrees<T>(&self, document: &Value, judgement: &Judgement<T>) -> Result<(), String> {
        let faults: BTreeSet<Vec<String>> = self
            .validator
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
            // The schema names the object that a member is missing from, or that one too many is in. An optional object is an
            // alternative to null: the schema names the object and nothing in it.
            let parent = place.len().checked_sub(1).map(|length| place[..length].to_vec());
            let optional = place.first().filter(|member| *member == "policy").map(|policy| vec![policy.clone()]);
            let around: Vec<_> = parent.into_iter().chain(optional).collect();
            let known = faults.contains(&place) || around.iter().any(|around| faults.contains(around));
            if !known && !is_beyond(document, &place) {
                return Err(format!("{} is refused, and the schema finds only {faults:?}", violation.path));
            }
            named.extend(around);
            named.insert(place);
        }
        let unnamed = faults.iter().find(|fault| !named.contains(*fault) && !is_in_too_many(document, fault));
        unnamed.map_or(Ok(()), |fault| Err(format!("the schema refuses {fault:?}, and no violation names it")))
    }
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
        ["policy", "removeProjects", index] => {
            let of = |index: usize| document.pointer(&format!("/policy/removeProjects/{index}"));
            let own = index.parse().expect("an index");
            (0..own).any(|earlier| of(earlier) == of(own))
        }
        ["groupProfile"] => ["/groupProfile/projects", "/policy/removeProjects"]
            .into_iter()
            .any(|projects| document.pointer(projects).and_then(Value::as_array).is_some_and(|all| !all.is_empty())),
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
    [("datasetGroup", "tags", 48), ("groupProfile", "projects", 10), ("policy", "removeProjects", 10)].into_iter().any(
        |(parent, list, most)| {
            place.starts_with(&[parent.to_owned(), list.to_owned()])
                && document[parent][list].as_array().is_some_and(|items| items.len() > most)
        },
    )
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
