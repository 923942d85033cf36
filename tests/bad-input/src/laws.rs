//! The laws, each checked by itself: a document is accepted or refused, and either way everything that is said about it
//! is true, short, printable and discreet.

use std::fmt::Debug;

use contract::request::Violation;
use contract::{Request, RetirementRequest, StepError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::outcomes::{EVENT_LIMIT, provisioned, provisioning_failed, retired};
use crate::paths::{Step, follow, steps};

/// What tests put into tag values, tokens and metadata. No message, cause or outcome may repeat it.
pub const MARK: &str = "s3cr3tM4rk";

/// The most characters that a cause may have, counted as Lambda hands it on: JSON in a JSON string.
const CAUSE_LIMIT: usize = 30_000;

/// What became of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement<T = Request> {
    /// It is a request.
    Accepted(Box<T>),
    /// It is none.
    Refused(Vec<Violation>),
}

/// Reads the document as a request for a dataset group, and checks every law.
///
/// # Errors
/// The law that does not hold.
pub fn judged(document: &Value) -> Result<Judgement, String> {
    judge(document, Request::parse, provisioned)
}

/// Reads the document as a request to retire one, and checks every law.
///
/// # Errors
/// The law that does not hold.
pub fn judged_as_retirement(document: &Value) -> Result<Judgement<RetirementRequest>, String> {
    judge(document, RetirementRequest::parse, retired)
}

fn judge<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    document: &Value,
    parse: fn(&Value) -> Result<T, Vec<Violation>>,
    outcome: fn(&T) -> String,
) -> Result<Judgement<T>, String> {
    match parse(document) {
        Ok(request) => {
            accepted(document, &request, parse, &outcome(&request))?;
            Ok(Judgement::Accepted(Box::new(request)))
        }
        Err(violations) => {
            refused(document, &violations)?;
            Ok(Judgement::Refused(violations))
        }
    }
}

fn accepted<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    document: &Value,
    request: &T,
    parse: fn(&Value) -> Result<T, Vec<Violation>>,
    entry: &str,
) -> Result<(), String> {
    let filled = serde_json::to_value(request).map_err(|fault| format!("it cannot be written: {fault}"))?;
    let crossed: T = serde_json::from_value(filled.clone()).map_err(|fault| format!("no step reads it: {fault}"))?;
    law(&crossed == request, || format!("it crosses the steps as {crossed:?}"))?;
    // With every default filled in it is still a request, and the same one.
    law(parse(&filled).as_ref() == Ok(request), || format!("{filled} is another request"))?;
    let metadata = |document: &Value| document.get("metadata").filter(|metadata| !metadata.is_null()).cloned();
    law(metadata(document) == metadata(&filled), || "other metadata".to_owned())?;
    law(entry.len() <= EVENT_LIMIT, || format!("its event has {} bytes", entry.len()))?;
    // The output of the first step holds the whole request.
    law(filled.to_string().len() <= EVENT_LIMIT / 2, || format!("the request has {} bytes", filled.to_string().len()))
}

fn refused(document: &Value, violations: &[Violation]) -> Result<(), String> {
    law(!violations.is_empty(), || "it is refused, and nothing is wrong with it".to_owned())?;
    for violation in violations {
        true_of(document, violation)?;
        printable(violation)?;
    }
    let cause = StepError::InvalidRequest(violations.to_vec()).cause();
    let told = serde_json::to_string(&cause).map_err(|fault| format!("the cause cannot be written: {fault}"))?;
    let length = Value::from(told.as_str()).to_string().len();
    law(length <= CAUSE_LIMIT, || format!("the cause has {length} bytes"))?;
    law(!cause.violations.is_empty(), || "the cause names no violation".to_owned())?;
    let told_of = format!("the request has {} violation", violations.len());
    law(cause.message.starts_with(&told_of), || format!("the message is {:?}", cause.message))?;
    if !is_mark_in_the_open(document) {
        law(!told.contains(MARK), || format!("a secret is in the cause {told}"))?;
        let all = format!("{violations:?}");
        law(!all.contains(MARK), || format!("a secret is in the violations {all}"))?;
    }
    let entry = provisioning_failed(document, cause);
    law(entry.len() <= EVENT_LIMIT, || format!("its event has {} bytes", entry.len()))
}

/// The path leads to what is at fault: a place in the document, or the object that a member is missing from.
fn true_of(document: &Value, violation: &Violation) -> Result<(), String> {
    let steps = steps(&violation.path)?;
    let found = follow(document, &steps);
    if violation.problem != "is missing" {
        return law(found.is_some(), || format!("{} leads nowhere", violation.path));
    }
    let parent = match steps.split_last() {
        Some((Step::Member(_), parent)) => follow(document, parent),
        Some((Step::Item(_), _)) | None => None,
    };
    law(found.is_none_or(Value::is_null), || format!("{} is not missing", violation.path))?;
    law(parent.is_some_and(Value::is_object), || format!("nothing is there for {} to be missing from", violation.path))
}

/// Nothing that a terminal would obey or hide, and nothing endless.
fn printable(violation: &Violation) -> Result<(), String> {
    for text in [&violation.path, &violation.problem, &violation.allowed] {
        let shown = |c: char| c == ' ' || c.is_ascii_graphic() || (c.is_alphanumeric() && c != '\u{3164}');
        law(!text.is_empty() && text.chars().all(shown), || format!("{text:?} is not printable"))?;
        law(text.chars().count() <= 1_000, || format!("{} characters are shown", text.chars().count()))?;
    }
    Ok(())
}

/// Whether the mark stands where a wrong value, or the name of a member, may be shown.
fn is_mark_in_the_open(document: &Value) -> bool {
    fn in_names(value: &Value) -> bool {
        match value {
            Value::Object(members) => members.iter().any(|(name, value)| name.contains(MARK) || in_names(value)),
            Value::Array(items) => items.iter().any(in_names),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    fn without<'a>(value: Option<&'a Value>, secret: &[&str]) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let members: Option<&Map<String, Value>> = value.and_then(Value::as_object);
        members.into_iter().flatten().filter(|(name, _)| !secret.contains(&name.as_str()))
    }
    let holds = |(name, value): (&String, &Value)| name.contains(MARK) || value.to_string().contains(MARK);
    without(Some(document), &["metadata", "datasetGroup", "groupProfile"]).any(holds)
        || without(document.get("datasetGroup"), &["tags"]).any(holds)
        || without(document.get("groupProfile"), &["clientToken"]).any(holds)
        || document.pointer("/datasetGroup/tags").is_some_and(in_names)
}

fn law(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
