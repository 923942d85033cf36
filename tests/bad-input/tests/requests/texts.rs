//! Documents as they travel: text with what a parser of JSON makes of it.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::documents::leaf;
use crate::documents::valid_request;
use crate::mutations::mutated;
use crate::parser::lawful;
use crate::run::{cases, hold};

/// Tokens that no value of this program would be written as.
const TOKENS: [&str; 18] = [
    "1e400",
    "-1e400",
    "1E+400",
    "1e-400",
    "00",
    "-",
    "+1",
    ".5",
    "NaN",
    "Infinity",
    "123456789012345678901234567890",
    r#""\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud83d\ude00""#,
    r#""\u0000""#,
    "\"\n\"",
    "'a'",
    "undefined",
];
const PLACE: &str = "here stands the token";

/// A mutated request as text, with a token in place of a member of it, and perhaps a member twice.
fn text() -> impl Strategy<Value = String> {
    let members = vec!["name", "tags", "domainIdentifier", "timeoutSeconds", "metadata"];
    let depth = prop_oneof![6 => 1_usize..200, 1 => Just(100_000)];
    let token = prop_oneof![
        2 => select(&TOKENS[..]).prop_map(str::to_owned),
        2 => leaf().prop_map(|leaf| leaf.to_string()),
        1 => depth.clone().prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
        1 => depth.prop_map(|depth| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth))),
    ];
    (mutated(valid_request()), select(members), token, any::<bool>()).prop_map(
        |(mut document, member, token, twice)| {
            let parent = match member {
                "name" | "tags" => "datasetGroup",
                "domainIdentifier" => "groupProfile",
                "timeoutSeconds" => "policy",
                _ => "",
            };
            let pointer = if parent.is_empty() { String::new() } else { format!("/{parent}") };
            if let Some(members) = document.pointer_mut(&pointer).and_then(Value::as_object_mut) {
                let before = members.insert(member.to_owned(), json!(PLACE)).unwrap_or_default();
                let token = if twice { format!("{token},\"{member}\":{before}") } else { token };
                return document.to_string().replace(&format!("\"{PLACE}\""), &token);
            }
            format!("[{document},{token}]")
        },
    )
}

#[test]
fn any_text_is_a_document_or_refused_by_the_parser_of_json() {
    hold("texts", cases(), &text(), |text| {
        // Twice, as Lambda's runtime and the fuzzer read it: as a whole, and inside of what the machine adds.
        let wrapped = serde_json::from_str::<Value>(&format!(r#"{{"request":{text}}}"#));
        match serde_json::from_str::<Value>(text) {
            Ok(document) => lawful(&document),
            Err(_) if wrapped.is_err() => Ok("no JSON"),
            Err(fault) => Err(format!("{fault}, and inside of another object it is read")),
        }
    });
}

/// 127 levels is what `serde_json` reads, and the machine wraps the request once.
#[test]
fn metadata_is_read_as_deep_as_the_input_of_a_function_can_be() {
    for (levels, read) in [(125, true), (126, false)] {
        let metadata = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        let request = format!(
            r#"{{"datasetGroup": {{"name": "media"}}, "groupProfile": {{"domainIdentifier": "dzd_a", "groupIdentifier": "g"}}, "metadata": {metadata}}}"#
        );
        let input = serde_json::from_str::<Value>(&format!(r#"{{"request": {request}}}"#));
        assert_eq!(input.is_ok(), read, "{levels} levels");
        if let Ok(input) = input {
            assert_eq!(lawful(&input["request"]), Ok("accepted"));
        }
    }
}
