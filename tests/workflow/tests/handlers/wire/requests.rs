//! Exchanges as documents, without what changes from run to run.

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};
use workflow_tests::Exchange;

/// Everything of the requests that a service could mind.
pub fn sent(exchanges: &[Exchange]) -> Value {
    let ids = Ids::of(exchanges);
    exchanges
        .iter()
        .map(|exchange| {
            let mut document = Map::new();
            let mut add = |name: &str, value: Value| document.insert(name.to_owned(), value);
            add("operation", json!(exchange.operation));
            add("method", json!(exchange.method));
            add("target", json!(ids.replaced(&exchange.target)));
            for name in ["content-type", "x-amz-target"] {
                if let Some(value) = header(&exchange.headers, name) {
                    add(name, json!(value));
                }
            }
            add("signed", signed(&exchange.headers));
            add("body", json_of(&ids.replaced(&String::from_utf8_lossy(&exchange.body))));
            Value::Object(document)
        })
        .collect()
}

/// Requests and answers as they were, for the models.
pub fn exchanged(exchanges: &[Exchange]) -> Vec<Value> {
    let document = |exchange: &Exchange| {
        json!({
            "service": exchange.service.name(),
            "operation": exchange.operation,
            "method": exchange.method,
            "target": exchange.target,
            "contentType": header(&exchange.headers, "content-type"),
            "amzTarget": header(&exchange.headers, "x-amz-target"),
            "body": json_of(&String::from_utf8_lossy(&exchange.body)),
            "status": exchange.answer.status,
            "errorType": header(&exchange.answer.headers, "x-amzn-errortype"),
            "answer": json_of(&String::from_utf8_lossy(&exchange.answer.body)),
        })
    };
    exchanges.iter().map(document).collect()
}

/// The scope of the signature and the headers that it covers; that there is a date and a token.
fn signed(headers: &HeaderMap) -> Value {
    let authorization = header(headers, "authorization").unwrap_or_default();
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(name)?;
        Some(rest.split(',').next().unwrap_or_default().to_owned())
    };
    // Key, date, region, service and the end.
    let credential = part("Credential=").unwrap_or_default();
    let scope: Vec<_> = credential.split('/').skip(2).collect();
    let covered = part("SignedHeaders=").unwrap_or_default();
    let covered: Vec<_> = covered
        .split(';')
        .filter(|name| ["host", "x-amz-date", "x-amz-target", "content-type"].contains(name))
        .collect();
    json!({
        "algorithm": authorization.split(' ').next(),
        "scope": scope,
        "headers": covered,
        "date": header(headers, "x-amz-date").is_some(),
        "token": header(headers, "x-amz-security-token").is_some(),
        "signature": part("Signature=").is_some_and(|signature| signature.len() == 64),
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn json_of(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { serde_json::from_str(text).unwrap_or_else(|_| json!(text)) }
}

/// The ids of profiles and the tokens of pages, which the services make up.
struct Ids(Vec<(String, &'static str)>);

impl Ids {
    fn of(exchanges: &[Exchange]) -> Self {
        let mut ids = Vec::new();
        for exchange in exchanges {
            let answer = json_of(&String::from_utf8_lossy(&exchange.answer.body));
            let mut note = |pointer: &str, name| {
                if let Some(id) = answer.pointer(pointer).and_then(Value::as_str) {
                    ids.push((id.to_owned(), name));
                }
            };
            note("/id", "id-of-the-profile");
            note("/nextToken", "token-of-the-page");
            for number in 0..50 {
                note(&format!("/items/{number}/id"), "id-of-the-profile");
            }
        }
        Self(ids)
    }

    fn replaced(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id.as_str(), name))
    }
}
