//! The schemas against the files, the samples and the parser.

use std::collections::BTreeSet;

use contract::Request;
use contract::outcome::REQUESTED;
use contract_tests::schemas::{DETAIL_TYPES, FOLDER, assert_valid, file_name, generated, schema, violations};
use contract_tests::{project_file, read};
use serde_json::{Map, Value, json};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234";
const ROLE: &str = "arn:aws:iam::123456789012:role/personalize";

#[test]
fn the_schemas_are_current() {
    for (path, text) in generated() {
        let file = std::fs::read_to_string(project_file(&path)).unwrap_or_default();
        assert!(file == text, "{path} is not what the types say: run `make schemas`");
    }
    let files = std::fs::read_dir(project_file(FOLDER)).expect("a folder");
    let names = files.filter_map(|file| Some(format!("{FOLDER}/{}", file.ok()?.file_name().to_str()?)));
    let known = generated().into_keys().chain([format!("{FOLDER}/README.md")]);
    assert_eq!(names.collect::<BTreeSet<_>>(), known.collect(), "no file is left over: run `make schemas`");
}

#[test]
fn every_schema_is_one_of_draft_07_and_its_examples_are_valid() {
    for detail_type in DETAIL_TYPES {
        let schema = schema(detail_type);
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        jsonschema::meta::validate(&schema).unwrap_or_else(|fault| panic!("{detail_type}: {fault}"));
        let examples = schema["examples"].as_array().expect("examples");
        assert_eq!(examples.len(), 1);
        assert_valid(detail_type, &examples[0]);
    }
}

/// Words of the Schema Object of OpenAPI 3.0, as far as they are used, and of the registry.
const OPENAPI_WORDS: [&str; 23] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minLength",
    "minimum",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "x-amazon-events-detail-type",
    "x-amazon-events-source",
];

fn words_of(schema: &Value, words: &mut BTreeSet<String>) {
    for (word, value) in schema.as_object().into_iter().flatten() {
        words.insert(word.clone());
        match word.as_str() {
            "properties" => value.as_object().into_iter().flatten().for_each(|(_, member)| words_of(member, words)),
            "allOf" | "anyOf" | "oneOf" => {
                value.as_array().into_iter().flatten().for_each(|schema| words_of(schema, words));
            }
            "items" | "not" => words_of(value, words),
            _ => {}
        }
    }
}

#[test]
fn the_registry_knows_every_word_of_the_openapi_documents() {
    for detail_type in DETAIL_TYPES {
        let text = read(&format!("{FOLDER}/{}.openapi.json", file_name(detail_type)));
        // The quota of a schema's size in the registry.
        assert!(text.len() < 100_000);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["openapi"], "3.0.0");
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        assert_eq!(schemas["AWSEvent"]["x-amazon-events-detail-type"], detail_type);
        let mut words = BTreeSet::new();
        schemas.values().for_each(|schema| words_of(schema, &mut words));
        let known = OPENAPI_WORDS.map(str::to_owned).into();
        assert!(words.is_subset(&known), "{:?}", words.difference(&known));
        for reference in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(schemas.contains_key(reference), "{detail_type} has no schema {reference}");
        }
    }
}

fn smallest() -> Value {
    json!({
        "datasetGroup": {"name": "media"},
        "groupProfile": {"domainIdentifier": "dzd_4b2k9v1m7xq3p8", "groupIdentifier": "analysts"}
    })
}

/// The smallest request with one member set.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = smallest();
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    document.pointer_mut(parent).expect("the parent exists")[member] = value;
    document
}

/// The smallest request without one member.
fn without(parent: &str, member: &str) -> Value {
    let mut document = smallest();
    document.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|object| object.remove(member));
    document
}

/// Whether the parser and the schema accept a request; they have to agree.
fn is_accepted(request: &Value) -> bool {
    let parsed = Request::parse(request);
    let against = violations(REQUESTED, request);
    assert_eq!(parsed.is_ok(), against.is_empty(), "parser: {parsed:?}\nschema: {against:?}\n{request:#}");
    parsed.is_ok()
}

fn tags(count: usize) -> Value {
    json!((0..count).map(|n| json!({"tagKey": n.to_string(), "tagValue": ""})).collect::<Vec<_>>())
}

fn tag(key: &str, value: &str) -> Value {
    with("/datasetGroup/tags", json!([{"tagKey": key, "tagValue": value}]))
}

fn encrypted(key: &str, role: &str) -> Value {
    with("/datasetGroup", json!({"name": "media", "kmsKeyArn": key, "roleArn": role}))
}

fn profile(members: Value) -> Value {
    with("/groupProfile", members)
}

fn for_role(role: &str) -> Value {
    profile(json!({"domainIdentifier": "dzd_a", "rolePrincipalArn": role}))
}

fn role_of(length: usize) -> String {
    format!("arn:aws:iam::123456789012:role/{}", "r".repeat(length - 31))
}

fn key_of(length: usize) -> String {
    format!("{KEY}{}", "k".repeat(length - KEY.len()))
}

#[test]
fn what_the_parser_takes_the_schema_takes() {
    let valid = [
        smallest(),
        with("/datasetGroup/name", json!("a".repeat(63))),
        with("/datasetGroup/name", json!("9")),
        with("/datasetGroup/name", json!("A-_")),
        with("/datasetGroup/domain", json!("ECOMMERCE")),
        with("/datasetGroup/domain", json!("VIDEO_ON_DEMAND")),
        encrypted(KEY, ROLE),
        encrypted("arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1", "arn:aws-cn:iam::123456789012:role/a/b"),
        encrypted(&key_of(2048), &role_of(256)),
        with("/datasetGroup/tags", json!([])),
        with("/datasetGroup/tags", tags(48)),
        tag("é 1_.:/=+-@", ""),
        tag(&"k".repeat(128), &"v".repeat(256)),
        tag(&"é".repeat(128), "数据"),
        tag("awsx", "aws:"),
        tag("datazone:domain-id-2", ""),
        with("/groupProfile/domainIdentifier", json!(format!("dzd-{}", "a".repeat(36)))),
        with("/groupProfile/groupIdentifier", json!("g".repeat(1024))),
        with("/groupProfile/groupIdentifier", json!("é".repeat(1024))),
        with("/groupProfile/groupIdentifier", json!(" a b ")),
        with("/groupProfile/groupIdentifier", json!("...")),
        with("/groupProfile/groupIdentifier", json!("a1b2c3d4-5678-90ab-cdef-112233445566")),
        for_role(ROLE),
        for_role(&role_of(2048)),
        with("/groupProfile/clientToken", json!("!~")),
        with("/groupProfile/clientToken", json!("t".repeat(128))),
        with("/policy", json!({})),
        with("/policy", json!({"ifCreateFailed": "FAIL"})),
        with("/policy", json!({"ifCreateFailed": "REPLACE", "timeoutSeconds": 60})),
        with("/policy", json!({"timeoutSeconds": 86_400})),
        with("/policy", json!({"timeoutSeconds": 3600.0})),
        with("/metadata", json!({})),
        with("/metadata", json!({"correlationId": [1, null, {"a": "b"}]})),
        // What a state machine hands on that has nothing to hand on.
        with(
            "/datasetGroup",
            json!({"name": "media", "domain": null, "kmsKeyArn": null, "roleArn": null, "tags": null}),
        ),
        profile(
            json!({"domainIdentifier": "dzd_a", "groupIdentifier": null, "rolePrincipalArn": ROLE, "clientToken": null}),
        ),
        with("/policy", json!(null)),
        with("/policy", json!({"ifCreateFailed": null, "timeoutSeconds": null})),
        with("/metadata", json!(null)),
        with("/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID", json!("arn:aws:states:::execution:caller:1")),
        with("/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID", json!(null)),
    ];
    for request in &valid {
        assert!(is_accepted(request), "{request:#}");
    }
}

#[test]
fn what_the_parser_refuses_the_schema_refuses() {
    let invalid = [
        without("", "datasetGroup"),
        without("", "groupProfile"),
        without("/datasetGroup", "name"),
        without("/groupProfile", "domainIdentifier"),
        without("/groupProfile", "groupIdentifier"),
        with("/detail", json!({})),
        with("/datasetGroup/colour", json!(1)),
        with("/datasetGroup/encryption", json!({"kmsKeyArn": KEY, "roleArn": ROLE})),
        with("/groupProfile/principal", json!("g")),
        with("/policy", json!({"retries": 1})),
        with("/datasetGroup/name", json!("a".repeat(64))),
        with("/datasetGroup/name", json!("")),
        with("/datasetGroup/name", json!("-media")),
        with("/datasetGroup/name", json!("media\n")),
        with("/datasetGroup/name", json!("médias")),
        with("/datasetGroup/domain", json!("ecommerce")),
        with("/datasetGroup/kmsKeyArn", json!(KEY)),
        with("/datasetGroup/roleArn", json!(ROLE)),
        with("/datasetGroup", json!({"name": "media", "kmsKeyArn": KEY, "roleArn": null})),
        with("/datasetGroup", json!({"name": null})),
        profile(json!({"domainIdentifier": "dzd_a", "groupIdentifier": null})),
        with("/datasetGroup/tags", json!([{"tagKey": "a", "tagValue": null}])),
        encrypted("key", ROLE),
        encrypted(KEY, "role"),
        encrypted(&key_of(2049), ROLE),
        encrypted(KEY, &role_of(257)),
        encrypted(KEY, "arn:aws:iam::12345678901٢:role/personalize"),
        with("/datasetGroup/tags", tags(49)),
        with("/datasetGroup/tags", json!({})),
        with("/datasetGroup/tags", json!([{"tagKey": "a"}])),
        with("/datasetGroup/tags", json!([{"tagValue": "a"}])),
        with("/datasetGroup/tags", json!([{"tagKey": "a", "tagValue": "", "colour": 1}])),
        tag("", ""),
        tag(&"k".repeat(129), ""),
        tag("k", &"v".repeat(257)),
        tag("k\u{85}", ""),
        tag("aws:x", ""),
        tag("AwS:", ""),
        tag("datazone:domain-id", ""),
        tag("datazone:group-profile-id", ""),
        with("/groupProfile/domainIdentifier", json!(format!("dzd-{}", "a".repeat(37)))),
        with("/groupProfile/domainIdentifier", json!("dzd_")),
        with("/groupProfile/domainIdentifier", json!("dz")),
        with("/groupProfile/groupIdentifier", json!("")),
        with("/groupProfile/groupIdentifier", json!("  ")),
        with("/groupProfile/groupIdentifier", json!("\u{a0}")),
        with("/groupProfile/groupIdentifier", json!(".")),
        with("/groupProfile/groupIdentifier", json!("..")),
        with("/groupProfile/groupIdentifier", json!("a\u{7f}")),
        with("/groupProfile/groupIdentifier", json!("a\nb")),
        with("/groupProfile/groupIdentifier", json!("g".repeat(1025))),
        with("/groupProfile/rolePrincipalArn", json!(ROLE)),
        for_role("arn:aws:iam::123456789012:user/u"),
        for_role(&role_of(2049)),
        with("/groupProfile/clientToken", json!("")),
        with("/groupProfile/clientToken", json!("a b")),
        with("/groupProfile/clientToken", json!("é")),
        with("/groupProfile/clientToken", json!("t".repeat(129))),
        with("/policy", json!({"ifCreateFailed": "RETRY"})),
        with("/policy", json!({"timeoutSeconds": 59})),
        with("/policy", json!({"timeoutSeconds": 86_401})),
        with("/policy", json!({"timeoutSeconds": 60.5})),
        with("/policy", json!({"timeoutSeconds": -60})),
        with("/policy", json!({"timeoutSeconds": 1e300})),
        with("/policy", json!({"timeoutSeconds": "3600"})),
        with("/metadata", json!([])),
    ];
    for request in &invalid {
        assert!(!is_accepted(request), "{request:#}");
    }
}

#[test]
fn the_schema_and_the_parser_take_the_same_kinds_of_value_everywhere() {
    let pointers = [
        "/datasetGroup",
        "/datasetGroup/name",
        "/datasetGroup/domain",
        "/datasetGroup/kmsKeyArn",
        "/datasetGroup/roleArn",
        "/datasetGroup/tags",
        "/datasetGroup/tags/0",
        "/datasetGroup/tags/0/tagKey",
        "/datasetGroup/tags/0/tagValue",
        "/groupProfile",
        "/groupProfile/domainIdentifier",
        "/groupProfile/groupIdentifier",
        "/groupProfile/rolePrincipalArn",
        "/groupProfile/clientToken",
        "/policy",
        "/policy/ifCreateFailed",
        "/policy/timeoutSeconds",
        "/metadata",
    ];
    let mut request = encrypted(KEY, ROLE);
    request["datasetGroup"]["domain"] = json!("ECOMMERCE");
    request["datasetGroup"]["tags"] = json!([{"tagKey": "team", "tagValue": "media"}]);
    request["groupProfile"]["clientToken"] = json!("token");
    request["policy"] = json!({"ifCreateFailed": "FAIL", "timeoutSeconds": 60});
    request["metadata"] = json!({});
    assert!(is_accepted(&request));
    for value in [json!(null), json!(true), json!(60), json!("x"), json!([]), json!({})] {
        is_accepted(&value);
        for pointer in pointers {
            let mut request = request.clone();
            if pointer == "/groupProfile/rolePrincipalArn" {
                request["groupProfile"] = json!({"domainIdentifier": "dzd_a", "rolePrincipalArn": ROLE});
            }
            *request.pointer_mut(pointer).expect("a member") = value.clone();
            is_accepted(&request);
        }
    }
}

#[test]
fn the_schema_and_the_parser_take_the_same_ascii_characters_everywhere() {
    for character in (0..=0x9f).filter_map(char::from_u32) {
        let text = format!("a{character}");
        is_accepted(&tag(&text, ""));
        is_accepted(&tag("k", &text));
        is_accepted(&with("/datasetGroup/name", json!(text)));
        is_accepted(&with("/groupProfile/groupIdentifier", json!(text)));
        is_accepted(&with("/groupProfile/groupIdentifier", json!(character.to_string())));
        is_accepted(&with("/groupProfile/clientToken", json!(text)));
        is_accepted(&with("/groupProfile/domainIdentifier", json!(format!("dzd_{text}"))));
        is_accepted(&for_role(&format!("arn:aws:iam::123456789012:role/{text}")));
        is_accepted(&encrypted(KEY, &format!("{ROLE}{text}")));
        is_accepted(&encrypted(&format!("{KEY}{text}"), ROLE));
    }
}

#[test]
fn the_schema_leaves_to_the_parser_what_it_cannot_say() {
    let exceptions = [
        // Unique are whole items only, not one member of them.
        (
            "two tags of one key",
            with("/datasetGroup/tags", json!([{"tagKey": "a", "tagValue": "1"}, {"tagKey": "a", "tagValue": "2"}])),
        ),
        // There is no word for the length of an object's JSON.
        ("long metadata", with("/metadata", json!({"a": "x".repeat(16 * 1024)}))),
        // Python's patterns have no categories of Unicode.
        ("a tag that is a picture", tag("🎬", "")),
        // No two dialects of patterns have the same idea of a space.
        ("a group of wide spaces", with("/groupProfile/groupIdentifier", json!("\u{3000}"))),
    ];
    for (what, request) in exceptions {
        assert!(Request::parse(&request).is_err(), "{what}");
        assert_eq!(violations(REQUESTED, &request), [""; 0], "{what}");
    }
}

#[test]
fn an_outcome_of_another_version_or_state_is_not_valid() {
    for detail_type in &DETAIL_TYPES[1..] {
        let event: Value =
            serde_json::from_str(&read(&format!("events/{}.json", file_name(detail_type)))).expect("JSON");
        let detail = &event["detail"];
        assert_valid(detail_type, detail);
        let mut faults = vec![("/schemaVersion", json!("2.0")), ("/datasetGroup/creationDateTime", json!("yesterday"))];
        if detail["error"].is_null() {
            faults.extend([("/datasetGroup/status", json!("CREATE PENDING"))]);
            faults.extend([("/groupProfile/status", json!("NOT_ASSIGNED")), ("/disposition", json!("FOUND"))]);
        } else {
            faults.extend([("/error", json!("States.Timeout")), ("/cause/error", json!("Oops"))]);
        }
        for (pointer, value) in faults {
            let mut detail = detail.clone();
            let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
            detail.pointer_mut(parent).expect("the parent exists")[member] = value;
            assert!(!violations(detail_type, &detail).is_empty(), "{detail_type} {pointer}");
        }
        let required: Map<_, _> = detail.as_object().cloned().expect("an object");
        for member in
            required.keys().filter(|member| !["metadata", "datasetGroup", "disposition"].contains(&member.as_str()))
        {
            let mut detail = required.clone();
            detail.remove(member);
            assert!(!violations(detail_type, &detail.into()).is_empty(), "{detail_type} without {member}");
        }
    }
}
