//! Valid requests with a few things done to them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::documents::{leaf, text};
use crate::schema::MEMBERS;

/// One thing that is done to a document, at a place that `at` chooses among all that it has.
#[derive(Debug, Clone)]
pub struct Mutation {
    at: Index,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Drop,
    Rename(String),
    /// Another spelling of the same name.
    Misspell(fn(&str) -> String),
    Retype(Value),
    /// A text gets more at its end or its beginning; anything else is left.
    Lengthen(String, bool),
    Wrap(bool),
    /// The value stands under another name too, or once more in its list.
    Duplicate(String),
    /// The value of another place stands here.
    Splice(Index),
    Add(String, Value),
}

pub fn mutated(valid: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (valid, vec(mutation(), 1..5)).prop_map(|(mut document, mutations)| {
        for mutation in mutations {
            mutation.apply(&mut document);
        }
        document
    })
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let name = || prop_oneof![select(&**MEMBERS).prop_map(str::to_owned), text()];
    let misspellings: Vec<fn(&str) -> String> = vec![
        |name| name.to_uppercase(),
        |name| name.to_lowercase(),
        |name| format!("{name} "),
        |name| format!("{name}s"),
        |name| format!("{name}.name"),
        |name| format!("\u{feff}{name}"),
    ];
    let change = prop_oneof![
        Just(Change::Drop),
        text().prop_map(Change::Rename),
        select(misspellings).prop_map(Change::Misspell),
        leaf().prop_map(Change::Retype),
        select(vec![json!({}), json!([]), json!([[]]), json!([null]), json!(""), Value::Null]).prop_map(Change::Retype),
        (text(), any::<bool>()).prop_map(|(more, after)| Change::Lengthen(more, after)),
        any::<bool>().prop_map(Change::Wrap),
        name().prop_map(Change::Duplicate),
        any::<Index>().prop_map(Change::Splice),
        (name(), leaf()).prop_map(|(name, value)| Change::Add(name, value)),
    ];
    (any::<Index>(), change).prop_map(|(at, change)| Mutation { at, change })
}

impl Mutation {
    fn apply(self, document: &mut Value) {
        let mut places = Vec::new();
        collect(document, String::new(), &mut places);
        let place = self.at.get(&places).clone();
        let Some(value) = document.pointer(&place).cloned() else { return };
        match self.change {
            Change::Retype(other) => set(document, &place, other),
            Change::Lengthen(more, after) => {
                if let Value::String(text) = &value {
                    set(
                        document,
                        &place,
                        Value::from(if after { format!("{text}{more}") } else { format!("{more}{text}") }),
                    );
                }
            }
            Change::Wrap(in_list) => {
                set(document, &place, if in_list { json!([value]) } else { json!({"value": value}) });
            }
            Change::Splice(from) => {
                let other = document.pointer(from.get(&places).as_str()).cloned().unwrap_or_default();
                set(document, &place, other);
            }
            Change::Add(name, more) => {
                if let Some(members) = document.pointer_mut(&place).and_then(Value::as_object_mut) {
                    members.insert(name, more);
                }
            }
            Change::Drop => beside(document, &place, |_| None),
            Change::Rename(name) => beside(document, &place, |_| Some((name, value, false))),
            Change::Misspell(spell) => beside(document, &place, |name| Some((spell(name), value, false))),
            Change::Duplicate(name) => beside(document, &place, |_| Some((name, value, true))),
        }
    }
}

fn set(document: &mut Value, place: &str, value: Value) {
    if let Some(found) = document.pointer_mut(place) {
        *found = value;
    }
}

/// Takes the value from its object or list, unless it stays, and puts another member there.
fn beside(document: &mut Value, place: &str, change: impl FnOnce(&str) -> Option<(String, Value, bool)>) {
    let Some((parent, name)) = place.rsplit_once('/') else { return };
    let name = name.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => match change(&name) {
            None => drop(members.remove(&name)),
            Some((other, value, stays)) => {
                if !stays {
                    members.remove(&name);
                }
                members.insert(other, value);
            }
        },
        Some(Value::Array(items)) => match change(&name) {
            None => drop(items.remove(name.parse::<usize>().expect("the index of an item"))),
            Some((_, value, _)) => items.push(value),
        },
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        // What is deep inside of metadata is all the same.
        Value::Array(items) if place.len() < 60 => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{place}/{index}"), places);
            }
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    places.push(place);
}
