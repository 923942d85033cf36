//! Every boundary of every constraint, taken from the published schema: a constraint that is added to it is tested.

use bad_input::{Judgement, judged};
use contract::request::STARTED_BY_EXECUTION;
use serde_json::{Map, Value, json};

use crate::parser::lawful;
use crate::run::is_full;
use crate::schema::{SCHEMA, is_valid};

/// A request with a value in every place that the schema knows; the one for a group and the one for a role.
fn complete() -> [Value; 2] {
    let group = json!({
        "datasetGroup": {
            "name": "media",
            "domain": "ECOMMERCE",
            "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1",
            "roleArn": "arn:aws:iam::123456789012:role/r",
            "tags": [{"tagKey": "team", "tagValue": "media"}]
        },
        "groupProfile": {"domainIdentifier": "dzd_a", "groupIdentifier": "g", "clientToken": "t"},
        "policy": {"ifCreateFailed": "FAIL", "timeoutSeconds": 3600},
        "metadata": {"correlationId": "1"}
    });
    let mut role = group.clone();
    let profile = role["groupProfile"].as_object_mut().expect("an object");
    profile.remove("groupIdentifier");
    profile.insert("rolePrincipalArn".to_owned(), json!("arn:aws:iam::123456789012:role/analysts"));
    [group, role]
}

/// A place of the schema: its pointer in a document, and what is said about it.
struct Place {
    pointer: String,
    schema: Map<String, Value>,
}

fn places() -> Vec<Place> {
    fn collect(schema: &Value, pointer: String, places: &mut Vec<Place>) {
        let mut said = schema.as_object().expect("a schema").clone();
        let referred =
            [schema, &schema["allOf"][0], &schema["anyOf"][0]].into_iter().find_map(|at| at["$ref"].as_str());
        if let Some(reference) = referred {
            let target = SCHEMA.pointer(reference.trim_start_matches('#')).expect("a definition");
            return collect(target, pointer, places);
        }
        let Some(kind) = said.get_mut("type") else {
            assert_eq!(pointer, format!("/{STARTED_BY_EXECUTION}"), "only what is used for nothing may be anything");
            return;
        };
        // What is not required may be null; null itself has tests of its own.
        if let Some(kinds) = kind.as_array() {
            assert_eq!((kinds.len(), &kinds[1]), (2, &json!("null")));
            *kind = kinds[0].clone();
        }
        if let Some(words) = said.get_mut("enum").and_then(Value::as_array_mut) {
            words.retain(|word| !word.is_null());
        }
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            collect(member, format!("{pointer}/{name}"), places);
        }
        if schema["items"].is_object() {
            collect(&schema["items"], format!("{pointer}/0"), places);
        }
        places.push(Place { pointer, schema: said });
    }
    let mut places = Vec::new();
    collect(&SCHEMA, String::new(), &mut places);
    places
}

impl Place {
    fn path(&self) -> String {
        let steps = self.pointer.split('/').skip(1);
        steps.fold("$".to_owned(), |path, step| match step.parse::<usize>() {
            Ok(index) => format!("{path}[{index}]"),
            Err(_) => format!("{path}.{step}"),
        })
    }

    fn number(&self, word: &str) -> Option<usize> {
        self.schema.get(word).and_then(Value::as_u64).map(|number| usize::try_from(number).expect("a small number"))
    }

    /// The complete request that has the place.
    fn document(&self) -> Value {
        let has = |document: &Value| document.pointer(&self.pointer).is_some();
        complete().into_iter().find(has).unwrap_or_else(|| panic!("{} is in no complete request", self.pointer))
    }

    fn with(&self, value: Value) -> Value {
        let mut document = self.document();
        *document.pointer_mut(&self.pointer).expect("the place") = value;
        document
    }

    /// The text that stands there, made so long.
    fn stretched(&self, length: usize) -> Option<String> {
        let document = self.document();
        let text = document.pointer(&self.pointer).and_then(Value::as_str)?;
        let kept = text.chars().count().min(length);
        let text: String = text.chars().take(kept).collect();
        Some(text + &"a".repeat(length - kept))
    }
}

fn assert_accepted(document: &Value, why: &str) {
    assert_eq!(lawful(document), Ok("accepted"), "{why}");
}

/// Refused with exactly one violation, at the path.
fn assert_refused(document: &Value, path: &str, why: &str) {
    lawful(document).unwrap_or_else(|law| panic!("{why}: {law}"));
    let Ok(Judgement::Refused(violations)) = judged(document) else { panic!("{why} is accepted") };
    let paths: Vec<_> = violations.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, [path], "{why}");
}

#[test]
fn lengths_are_taken_up_to_the_boundary_and_not_beyond() {
    let mut checked = 0;
    for place in places().iter().filter(|place| place.schema.get("type") == Some(&json!("string"))) {
        let Some(longest) = place.number("maxLength") else {
            assert!(place.schema.contains_key("enum"), "{} has no bound", place.pointer);
            continue;
        };
        let shortest = place.number("minLength").expect("a shortest length");
        let path = place.path();
        let text = |length| Value::from(place.stretched(length).expect("a text"));
        assert_accepted(&place.with(text(longest - 1)), &format!("{path} of {} characters", longest - 1));
        assert_accepted(&place.with(text(longest)), &format!("{path} of {longest} characters"));
        assert_refused(&place.with(text(longest + 1)), &path, &format!("{path} of {} characters", longest + 1));
        // Some patterns want more than the shortest length; then the schema says so too.
        let least = place.with(text(shortest));
        if is_valid(&least) {
            assert_accepted(&least, &format!("{path} of {shortest} characters"));
        } else {
            assert_refused(&least, &path, &format!("{path} of {shortest} characters"));
        }
        if let Some(shorter) = shortest.checked_sub(1) {
            assert_refused(&place.with(text(shorter)), &path, &format!("{path} of {shorter} characters"));
        }
        checked += 1;
    }
    assert_eq!(checked, 9, "texts with a length");
}

#[test]
fn a_length_counts_characters_and_not_bytes() {
    for place in places() {
        let Some(longest) = place.number("maxLength") else { continue };
        let document = place.with(Value::from("字".repeat(longest)));
        if is_valid(&document) {
            assert_accepted(&document, &place.path());
            assert_refused(&place.with(Value::from("字".repeat(longest + 1))), &place.path(), &place.path());
        }
    }
}

#[test]
fn numbers_are_taken_from_boundary_to_boundary() {
    let places = places();
    let numbers: Vec<_> = places.iter().filter(|place| place.schema.get("type") == Some(&json!("integer"))).collect();
    assert_eq!(numbers.len(), 1);
    for place in numbers {
        let (least, most) = (place.number("minimum").expect("a minimum"), place.number("maximum").expect("a maximum"));
        for number in [least, least + 1, most - 1, most] {
            assert_accepted(&place.with(json!(number)), &number.to_string());
            let float = f64::from(u32::try_from(number).expect("a small number"));
            assert_accepted(&place.with(json!(float)), &float.to_string());
            assert_refused(&place.with(json!(float + 0.5)), &place.path(), "a fraction");
            assert_refused(&place.with(json!(number.to_string())), &place.path(), "a number in quotes");
        }
        for number in
            [json!(least - 1), json!(most + 1), json!(0), json!(-1), json!(-3600), json!(u64::MAX), json!(i64::MIN)]
        {
            assert_refused(&place.with(number.clone()), &place.path(), &number.to_string());
        }
        for number in [1e300, -1e300, 5e-324, 59.999_999, 86_400.000_001, 1e20] {
            assert_refused(&place.with(json!(number)), &place.path(), &number.to_string());
        }
    }
}

#[test]
fn lists_are_taken_up_to_the_boundary_and_not_beyond() {
    let places = places();
    let lists: Vec<_> = places.iter().filter(|place| place.schema.get("type") == Some(&json!("array"))).collect();
    assert_eq!(lists.len(), 1);
    for place in lists {
        let most = place.number("maxItems").expect("a bound");
        let items = |number: usize| (0..number).map(|n| json!({"tagKey": format!("k{n}"), "tagValue": ""})).collect();
        for number in [0, 1, most - 1, most] {
            assert_accepted(&place.with(items(number)), &format!("{number} items"));
        }
        assert_refused(&place.with(items(most + 1)), &place.path(), &format!("{} items", most + 1));
        assert_refused(&place.with(items(10_000)), &place.path(), "10000 items");
    }
}

#[test]
fn words_are_taken_as_they_are_spelt() {
    let mut checked = 0;
    for place in places() {
        let Some(words) = place.schema.get("enum").and_then(Value::as_array) else { continue };
        for word in words.iter().map(|word| word.as_str().expect("a word")) {
            assert_accepted(&place.with(json!(word)), word);
            let others = [
                word.to_lowercase(),
                format!("{word} "),
                format!(" {word}"),
                format!("{word}\0"),
                word[1..].to_owned(),
            ];
            for other in others {
                assert_refused(&place.with(json!(other)), &place.path(), &format!("{other:?}"));
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 4, "words");
}

#[test]
fn nothing_of_another_type_is_taken() {
    let values =
        [json!(true), json!(7), json!(7.5), json!("\u{7}"), json!([]), json!([[]]), json!({}), json!({"a": {}})];
    for place in places() {
        let kind = place.schema.get("type").cloned().expect("a type");
        for value in &values {
            let same = match value {
                Value::Null => unreachable!("not among the values"),
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            if kind != same {
                assert_refused(&place.with(value.clone()), &place.path(), &format!("{} as {value}", place.pointer));
            }
        }
    }
}

#[test]
fn null_is_taken_for_absent_where_the_member_is_not_required() {
    let mut accepted = 0;
    for place in places() {
        let mut without = place.document();
        let (parent, member) = place.pointer.rsplit_once('/').unwrap_or_default();
        without.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|parent| parent.remove(member));
        let null = place.with(Value::Null);
        let required = member.is_empty() || member.parse::<usize>().is_ok() || {
            let parent = places().into_iter().find(|other| other.pointer == parent).expect("a parent");
            parent.schema.get("required").and_then(Value::as_array).is_some_and(|names| names.contains(&json!(member)))
        };
        if required {
            assert_refused(&null, &place.path(), &format!("{} as null", place.pointer));
            continue;
        }
        assert_eq!(lawful(&null), lawful(&without), "{}", place.pointer);
        if let (Ok(Judgement::Accepted(null)), Ok(Judgement::Accepted(without))) = (judged(&null), judged(&without)) {
            assert_eq!(null, without, "{}", place.pointer);
            accepted += 1;
        }
    }
    assert_eq!(accepted, 7, "members that can be absent by themselves");
}

#[test]
fn what_is_required_is_missed_and_what_is_unknown_is_named() {
    let (mut required, mut closed) = (0, 0);
    for place in places() {
        let document = place.document();
        for member in place.schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let member = member.as_str().expect("a name");
            let mut without = document.clone();
            without.pointer_mut(&place.pointer).and_then(Value::as_object_mut).expect("an object").remove(member);
            assert_refused(&without, &format!("{}.{member}", place.path()), &format!("without {member}"));
            required += 1;
        }
        if place.schema.get("additionalProperties") == Some(&json!(false)) {
            let mut more = document;
            more.pointer_mut(&place.pointer).expect("an object")["colour"] = json!(1);
            assert_refused(&more, &format!("{}.colour", place.path()), &format!("{}/colour", place.pointer));
            closed += 1;
        }
    }
    assert_eq!((required, closed), (6, 5), "members that are required, and objects that take no others");
}

#[test]
fn every_character_is_taken_or_refused_as_the_schema_says() {
    let beyond_ascii = "\u{80}\u{9f}\u{a0}\u{ad}éßñ字あ٣\u{301}\u{200b}\u{200e}\u{202e}\u{2028}\u{2029}\u{2066}\u{3000}\u{3164}\u{d7ff}\u{e000}\u{feff}\u{fffd}\u{ffff}\u{1f600}\u{10ffff}";
    let characters: Vec<_> = ('\0'..='\u{7f}').chain(beyond_ascii.chars()).collect();
    let (mut taken, mut refused) = (0, 0);
    for place in places().iter().filter(|place| place.schema.contains_key("pattern")) {
        let document = place.document();
        let text = document.pointer(&place.pointer).and_then(Value::as_str).expect("a text");
        let length = text.chars().count();
        // A short run looks at both ends and the middle only.
        for at in (0..=length).filter(|at| is_full() || [0, 1, length / 2, length - 1, length].contains(at)) {
            for character in &characters {
                let mut changed: Vec<_> = text.chars().collect();
                changed.insert(at, *character);
                let changed: String = changed.into_iter().collect();
                let document = place.with(json!(changed));
                match lawful(&document).unwrap_or_else(|law| panic!("{} {changed:?}: {law}", place.pointer)) {
                    "accepted" => taken += 1,
                    _ => refused += 1,
                }
            }
        }
    }
    println!(
        "bad input: characters at every place of every text: {} cases ({taken} accepted, {refused} refused)",
        taken + refused
    );
    assert!(taken > 1_000 && refused > 1_000);
}

#[test]
fn metadata_is_taken_up_to_16_kib_however_it_is_nested() {
    let metadata = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())});
    for (metadata, fits) in [(metadata(16_384), true), (metadata(16_385), false), (metadata(300_000), false)] {
        let mut document = complete()[0].clone();
        document["metadata"] = metadata;
        if fits {
            assert_accepted(&document, "16384 bytes");
        } else {
            assert_refused(&document, "$.metadata", "more than 16384 bytes");
        }
    }
    let wide = json!({"a": "\u{1}".repeat(2_729)});
    assert_eq!(wide.to_string().len(), 16_382, "what is escaped counts as it is written");
    let mut document = complete()[0].clone();
    document["metadata"] = wide;
    assert_accepted(&document, "16382 bytes of escapes");
    document["metadata"] = json!({"a": "\u{1}".repeat(2_730)});
    assert_refused(&document, "$.metadata", "16388 bytes of escapes");
}
