//! Every boundary of every constraint, taken from the published schema: a constraint that is added to it is tested.

use std::collections::BTreeMap;

use bad_input::{Judgement, judged};
use contract::request::STARTED_BY_EXECUTION;
use serde_json::{Map, Value, json};

use crate::parser::lawful;
use crate::run::is_full;
use crate::schema::REQUEST;

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
        "groupProfile": {
            "domainIdentifier": "dzd_a",
            "groupIdentifier": "g",
            "clientToken": "t"
        },
        "policy": {"ifCreateFailed": "FAIL", "timeoutSeconds": 3600, "mode": "APPLY"},
        "metadata": {"correlationId": "1"}
    });
    let mut role = group.clone();
    let profile = role["groupProfile"].as_object_mut().expect("an object");
    profile.remove("groupIdentifier");
    profile.insert("rolePrincipalArn".to_owned(), json!("arn:aws:iam::123456789012:role/analysts"));
    // A group with projects could not have any identifier.
    let projects = json!([{"projectIdentifier": "p", "designation": "PROJECT_CONTRIBUTOR"}]);
    profile.insert("projects".to_owned(), projects);
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
            let target = REQUEST.text.pointer(reference.trim_start_matches('#')).expect("a definition");
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
    collect(&REQUEST.text, String::new(), &mut places);
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

/// Values for the place, and whether each is taken: both sides of every boundary, and every other type.
fn values(place: &Place) -> Vec<(Value, bool)> {
    let number = |word: &str| place.number(word).unwrap_or_else(|| panic!("{} has no {word}", place.pointer));
    let kind = place.schema["type"].as_str().expect("a type");
    let others = json!([true, 7, 7.5, "\u{7}", [], [[]], {}, {"a": {}}]);
    let is_other = |value: &Value| match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(_) => kind != "integer",
        Value::String(_) => kind != "string",
        Value::Array(_) => kind != "array",
        Value::Object(_) => kind != "object",
    };
    let others = others.as_array().into_iter().flatten().filter(|value| is_other(value));
    let mut values: Vec<_> = others.map(|value| (value.clone(), false)).collect();
    let words: Option<Vec<_>> = place
        .schema
        .get("enum")
        .map(|words| words.as_array().into_iter().flatten().filter_map(Value::as_str).collect());
    match (kind, words) {
        (_, Some(words)) => {
            for word in words {
                let others = [word.to_lowercase(), format!("{word} "), format!(" {word}"), format!("{word}\0")];
                values.push((json!(word), true));
                values.extend(others.iter().chain([&word[1..].to_owned()]).map(|other| (json!(other), false)));
            }
        }
        ("string", None) => {
            let (shortest, longest) = (number("minLength"), number("maxLength"));
            let text = |length| Value::from(place.stretched(length).expect("a text"));
            // Some patterns need more than the shortest length; then the schema says so too.
            values.push((text(shortest), REQUEST.is_valid(&place.with(text(shortest)))));
            values.extend(shortest.checked_sub(1).map(|shorter| (text(shorter), false)));
            values.extend([(text(longest - 1), true), (text(longest), true), (text(longest + 1), false)]);
            // A length counts characters and not bytes.
            let wide = |length| Value::from("字".repeat(length));
            values.extend(
                [longest, longest + 1].map(|length| (wide(length), REQUEST.is_valid(&place.with(wide(length))))),
            );
        }
        ("integer", None) => {
            let (least, most) = (number("minimum"), number("maximum"));
            for number in [least, least + 1, most - 1, most] {
                let float = f64::from(u32::try_from(number).expect("a small number"));
                values.extend([(json!(number), true), (json!(float), true), (json!(float + 0.5), false)]);
                values.push((json!(number.to_string()), false));
            }
            let wrong = json!([least - 1, most + 1, 0, -1, -3600, u64::MAX, i64::MIN, 1e300, -1e300, 5e-324, 1e20]);
            let near = json!([59.999_999, 86_400.000_001]);
            let wrong = [&wrong, &near].into_iter().filter_map(Value::as_array).flatten();
            values.extend(wrong.map(|number| (number.clone(), false)));
        }
        ("array", None) => {
            let item = |number: usize| match place.pointer.as_str() {
                "/datasetGroup/tags" => json!({"tagKey": number.to_string(), "tagValue": ""}),
                "/groupProfile/projects" => json!({"projectIdentifier": number.to_string()}),
                unknown => panic!("{unknown} has no items"),
            };
            let items = |number| (0..number).map(item).collect();
            let most = number("maxItems");
            values.extend([0, 1, most - 1, most].map(|number| (items(number), true)));
            values.extend([most + 1, 10_000].map(|number| (items(number), false)));
        }
        ("object", None) => {}
        (kind, None) => panic!("{} is of the unknown type {kind}", place.pointer),
    }
    values
}

#[test]
fn values_are_taken_up_to_the_boundaries_of_the_schema_and_not_beyond() {
    let mut kinds = BTreeMap::<String, u32>::new();
    for place in places() {
        for (value, is_taken) in values(&place) {
            let why = format!("{} as {}", place.pointer, value.to_string().chars().take(60).collect::<String>());
            if is_taken {
                assert_accepted(&place.with(value), &why);
            } else {
                assert_refused(&place.with(value), &place.path(), &why);
            }
        }
        *kinds.entry(place.schema["type"].as_str().expect("a type").to_owned()).or_default() += 1;
    }
    let known = [("array", 2), ("integer", 1), ("object", 7), ("string", 14)];
    assert_eq!(kinds, known.map(|(kind, number)| (kind.to_owned(), number)).into());
}

/// Texts that are taken and texts that are refused at each place with a pattern.
const EXAMPLES: [(&str, &[&str], &[&str]); 10] = [
    ("/datasetGroup/name", &["9", "A-_"], &["-media", "media\n", "médias"]),
    (
        "/datasetGroup/kmsKeyArn",
        &["arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1"],
        &["key", "arn:aws:kms:us-east-1:1:key/1"],
    ),
    (
        "/datasetGroup/roleArn",
        &["arn:aws-cn:iam::123456789012:role/a/b"],
        &["role", "arn:aws:iam::12345678901٢:role/personalize"],
    ),
    (
        "/datasetGroup/tags/0/tagKey",
        &["é 1_.:/=+-@", "数据", "awsx", "datazone:domain-id-2"],
        &["k\u{85}", "aws:x", "AwS:", "datazone:domain-id", "datazone:group-profile-id"],
    ),
    ("/datasetGroup/tags/0/tagValue", &["aws:", "数据"], &["k\u{85}"]),
    ("/groupProfile/domainIdentifier", &["dzd-a", "dzd_A_9"], &["dzd_", "dz"]),
    (
        "/groupProfile/groupIdentifier",
        &[" a b ", "...", "é", "a1b2c3d4-5678-90ab-cdef-112233445566"],
        &["  ", "\u{a0}", ".", "..", "a\u{7f}", "a\nb"],
    ),
    ("/groupProfile/rolePrincipalArn", &["arn:aws:iam::123456789012:role/a/b"], &["arn:aws:iam::123456789012:user/u"]),
    ("/groupProfile/clientToken", &["!~"], &["a b", "é"]),
    ("/groupProfile/projects/0/projectIdentifier", &["5rz8k2_A-", "-"], &["a/b", "é", "a\n"]),
];

#[test]
fn examples_of_each_text_are_taken_or_refused() {
    let places: Vec<_> = places().into_iter().filter(|place| place.schema.contains_key("pattern")).collect();
    assert_eq!(places.len(), EXAMPLES.len());
    for place in places {
        let examples = EXAMPLES.iter().find(|(pointer, ..)| *pointer == place.pointer);
        let (_, taken, refused) = examples.unwrap_or_else(|| panic!("{} has no examples", place.pointer));
        for text in *taken {
            assert_accepted(&place.with(json!(text)), text);
        }
        for text in *refused {
            assert_refused(&place.with(json!(text)), &place.path(), text);
        }
    }
}

#[test]
fn both_principals_are_refused_and_the_schema_leaves_to_the_parser_what_it_cannot_say() {
    let mut both = complete()[0].clone();
    both["groupProfile"]["rolePrincipalArn"] = complete()[1]["groupProfile"]["rolePrincipalArn"].clone();
    assert_refused(&both, "$.groupProfile", "both principals");
    for (pointer, value, path) in [
        // Only whole items can be unique, not one member of them.
        (
            "/datasetGroup/tags",
            json!([{"tagKey": "a", "tagValue": "1"}, {"tagKey": "a", "tagValue": "2"}]),
            "$.datasetGroup.tags[1]",
        ),
        (
            "/groupProfile/projects",
            json!([{"projectIdentifier": "a"}, {"projectIdentifier": "a", "designation": "PROJECT_OWNER"}]),
            "$.groupProfile.projects[1]",
        ),
        // The schema does not know an id from a name.
        (
            "/groupProfile",
            json!({"domainIdentifier": "dzd_a", "groupIdentifier": "g", "projects": [{"projectIdentifier": "p"}]}),
            "$.groupProfile",
        ),
        // There is no word for the length of an object's JSON.
        ("/metadata", json!({"a": "x".repeat(16 * 1024)}), "$.metadata"),
        // Python's patterns have no categories of Unicode.
        ("/datasetGroup/tags/0/tagKey", json!("🎬"), "$.datasetGroup.tags[0].tagKey"),
        // No two dialects of patterns have the same idea of a space.
        ("/groupProfile/groupIdentifier", json!("\u{3000}"), "$.groupProfile.groupIdentifier"),
    ] {
        let has = |document: &Value| document.pointer(pointer).is_some();
        let mut document = complete().into_iter().find(has).expect("the place");
        *document.pointer_mut(pointer).expect("the place") = value;
        assert_refused(&document, path, pointer);
        assert!(REQUEST.is_valid(&document), "{pointer}");
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
    assert_eq!(accepted, 10, "members that can be absent by themselves");
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
    assert_eq!((required, closed), (7, 6), "members that are required, and objects that take no others");
}

#[test]
fn every_character_is_taken_or_refused_as_the_schema_says() {
    let others = "\u{a0}\u{ad}éßñ字あ٣\u{301}\u{200b}\u{200e}\u{202e}\u{2028}\u{2029}\u{2066}\u{3000}\u{3164}\u{d7ff}\u{e000}\u{feff}\u{fffd}\u{ffff}\u{1f600}\u{10ffff}";
    let characters: Vec<_> = ('\0'..='\u{9f}').chain(others.chars()).collect();
    let (mut taken, mut refused) = (0, 0);
    for place in places().iter().filter(|place| place.schema.contains_key("pattern")) {
        let document = place.document();
        let text = document.pointer(&place.pointer).and_then(Value::as_str).expect("a text");
        let length = text.chars().count();
        // A short run looks at both ends and the middle only.
        for at in (0..=length).filter(|at| is_full() || [0, length / 2, length].contains(at)) {
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
