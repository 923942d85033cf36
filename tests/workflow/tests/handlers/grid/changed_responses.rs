//! Everything that can stand in the place of a true response.

use std::fmt::Write as _;

use axum::body::Bytes;
use serde_json::{Value, json};
use workflow_tests::{Answer, Exchange, content_type};

/// A response, and what was done to it.
#[derive(Debug, Clone)]
pub struct ChangedResponse {
    pub what: String,
    pub answer: Answer,
    pub effect: bool,
}

impl ChangedResponse {
    /// What a service may well do some day.
    pub fn is_likely(&self) -> bool {
        ["is missing", "is null", "nobody knows", "has more", "300 KB"].iter().any(|end| self.what.ends_with(end))
            || self.what.starts_with("an empty object")
    }
}

/// All changes of a response: each member changed in every way, and other things in the place of the whole.
pub fn changed_responses(exchange: &Exchange) -> Vec<ChangedResponse> {
    let mut all = Vec::new();
    if let Ok(response) = serde_json::from_slice::<Value>(&exchange.answer.body) {
        let mut members = Vec::new();
        pointers(&response, String::new(), &mut members);
        for pointer in &members {
            members_changed(exchange, &response, pointer, &mut all);
        }
        more_of_everything(exchange, &response, &mut all);
    }
    in_place_of_the_whole(exchange, &mut all);
    all
}

fn members_changed(exchange: &Exchange, response: &Value, pointer: &str, all: &mut Vec<ChangedResponse>) {
    let value = response.pointer(pointer).expect("a member of the answer");
    let mut changes = vec![
        ("null", Value::Null),
        ("a boolean", json!(true)),
        ("a number", json!(-7.5)),
        ("an endless number", json!(1e300)),
        ("an object", json!({"status": {"value": "ACTIVE"}})),
        ("a list", json!([[null]])),
        ("nothing in a list", json!([])),
        ("an empty text", json!("")),
        ("a word that nobody knows", json!("NOBODY KNOWS")),
        ("hostile text", json!("\u{0}\u{1b}[2J\u{202e}\"\\\u{1f600}")),
        ("300 KB", json!("\u{1}é\u{1f600}".repeat(43_000))),
    ];
    // Only an equal text could be read as the same kind of thing, and be something else.
    changes.retain(|(_, other)| other != value);
    if value.is_number() {
        changes.push(("a date as text", json!("2026-01-01T00:00:00Z")));
        changes.push(("NaN", json!("NaN")));
        changes.push(("Infinity", json!("Infinity")));
        changes.push(("the far past", json!(-62_135_596_800_i64)));
        changes.push(("beyond all dates", json!(i64::MAX)));
    }
    for (what, other) in changes {
        let mut body = response.clone();
        *body.pointer_mut(pointer).expect("the member") = other;
        all.push(answered(exchange, format!("{pointer} is {what}"), body.to_string()));
    }
    let mut body = response.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a member");
    match body.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.remove(name)),
        Some(Value::Array(items)) => drop(items.remove(name.parse::<usize>().expect("an index"))),
        Some(_) | None => unreachable!("a member stands in an object or a list"),
    }
    all.push(answered(exchange, format!("{pointer} is missing"), body.to_string()));
}

/// What a newer or a broken service may add: unknown members, long lists, members twice.
fn more_of_everything(exchange: &Exchange, response: &Value, all: &mut Vec<ChangedResponse>) {
    let mut objects = Vec::new();
    pointers(response, String::new(), &mut objects);
    objects.push(String::new());
    for pointer in objects {
        let mut more = response.clone();
        match more.pointer_mut(&pointer) {
            Some(Value::Object(members)) => {
                members.insert("statusOfTomorrow".to_owned(), json!({"status": "FAILED", "list": [1, {"a": null}]}));
                members.insert("\u{202e}\u{0}".to_owned(), json!("x".repeat(1_000)));
            }
            Some(Value::Array(items)) => items.extend(vec![json!({}); 1_000]),
            Some(_) | None => continue,
        }
        all.push(answered(exchange, format!("{pointer} has more"), more.to_string()));
    }
    let text = response.to_string();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = format!("\"{}\"", "x".repeat(5_000_000));
    for (what, first) in [("is deep below", deep), ("has 5 MB", huge)] {
        let more = text.replacen('{', &format!("{{\"unknown\":{first},"), 1).replacen(",}", "}", 1);
        all.push(answered(exchange, format!("an unknown member {what}"), more));
    }
    // The last one counts, as everywhere, so the first may be anything.
    let mut twice = String::from("{");
    for (name, member) in response.as_object().into_iter().flatten() {
        let _ = write!(twice, "\"{name}\":null,\"{name}\":{member},");
    }
    all.push(answered(exchange, "every member twice".to_owned(), twice.trim_end_matches(',').to_owned() + "}"));
}

fn in_place_of_the_whole(exchange: &Exchange, all: &mut Vec<ChangedResponse>) {
    let page = "<html><body>signed out</body></html>";
    let deep = "{\"datasetGroup\":".repeat(100_000);
    let bodies: [(&str, &[u8]); 14] = [
        ("nothing", b""),
        ("a blank", b" "),
        ("an empty object", b"{}"),
        ("a list", b"[]"),
        ("null", b"null"),
        ("a text", b"\"ACTIVE\""),
        ("a number", b"7"),
        ("half an object", b"{\"datasetGroup\": {\"sta"),
        ("two objects", b"{}{}"),
        (
            "bytes that are no text",
            b"{\"datasetGroup\": \"\xff\xfe\xc0\x80\", \"id\": \"\xed\xa0\x80\", \"tags\": \"\xff\"}",
        ),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("half a surrogate", b"{\"id\": \"\\ud800\", \"status\": \"\\ud800\", \"tags\": [{\"tagKey\": \"\\ud800\"}]}"),
        ("a page", page.as_bytes()),
        ("an abyss", deep.as_bytes()),
    ];
    let statuses = [exchange.answer.status, 204, 299];
    for (what, body) in bodies {
        for effect in [true, false] {
            let answer = Answer { body: Bytes::copy_from_slice(body), ..exchange.answer.clone() };
            let what =
                format!("{what} in place of the whole, {}", if effect { "carried out" } else { "not carried out" });
            all.push(ChangedResponse { what, answer, effect });
        }
    }
    for status in statuses.into_iter().filter(|status| *status < 300) {
        let answer = Answer { status, headers: content_type("text/html"), body: Bytes::from_static(page.as_bytes()) };
        all.push(ChangedResponse { what: format!("a page with status {status}"), answer, effect: false });
    }
    for status in [200, 302, 400, 403, 404, 500] {
        let answer = Answer { status, ..exchange.answer.clone() };
        all.push(ChangedResponse { what: format!("the same with status {status}"), answer, effect: true });
    }
}

fn answered(exchange: &Exchange, what: String, body: String) -> ChangedResponse {
    ChangedResponse { what, answer: Answer { body: body.into(), ..exchange.answer.clone() }, effect: true }
}

fn pointers(value: &Value, pointer: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| pointers(member, format!("{pointer}/{name}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, format!("{pointer}/{index}"), all));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    if !pointer.is_empty() {
        all.push(pointer);
    }
}
