//! Documents: any at all, and valid requests with secrets in them.

use bad_input::MARK;
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;
use serde_json::{Map, Value, json};

use crate::schema::MEMBERS;

/// Text that hides, reorders, ends, escapes or overflows something somewhere.
pub const HOSTILE: [&str; 34] = [
    "",
    " ",
    "\0",
    "\n",
    "\r\n",
    "\t",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{9f}",
    "\u{a0}",
    "\u{ad}",
    "\u{34f}",
    "\u{61c}",
    "\u{200b}",
    "\u{200e}",
    "\u{202e}evil",
    "\u{2028}",
    "\u{2066}",
    "\u{3164}",
    "\u{feff}",
    "\u{fffd}",
    "\u{1f600}",
    "\u{10ffff}",
    "e\u{301}",
    "\u{130}",
    "\"",
    "\\",
    "'); DROP TABLE tags;--",
    "../../x",
    "%2e%2e%2f",
    "{% $states.input %}",
    "${Partition}",
];

/// Short, of all kinds, and now and then as long as an event.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        30 => select(&HOSTILE[..]).prop_map(str::to_owned),
        20 => string_regex(".{0,20}").expect("a pattern"),
        20 => string_regex("[ -~]{0,40}").expect("a pattern"),
        20 => select(&**MEMBERS).prop_map(str::to_owned),
        9 => (select(&HOSTILE[1..]), 1_usize..3_000).prop_map(|(piece, times)| piece.repeat(times)),
        1 => select(&HOSTILE[1..]).prop_map(|piece| piece.repeat(300_000 / piece.len())),
    ]
}

pub fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec![59.0, 60.0, 60.5, 86_400.0, 86_401.0, -0.0, 1e300, -1e300, 1e-300, 5e-324, f64::MAX])
            .prop_map(Value::from),
        select(vec![0_u64, 59, 60, 61, 86_399, 86_400, 86_401, 1 << 53, (1 << 53) + 1, u64::MAX]).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ]
}

pub fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => number(),
        6 => text().prop_map(Value::from),
    ]
}

/// Any JSON document; where it is an object, often with members that a request has.
pub fn any_document() -> impl Strategy<Value = Value> {
    let nested = leaf().prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            hash_map(text(), inner.clone(), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
            hash_map(select(&**MEMBERS), inner, 0..6).prop_map(|members| object(members.into_iter())),
        ]
    });
    let member = nested.clone();
    prop_oneof![
        2 => nested,
        3 => (member.clone(), member.clone(), member.clone(), member).prop_map(|(group, profile, policy, metadata)| {
            json!({"datasetGroup": group, "groupProfile": profile, "policy": policy, "metadata": metadata})
        }),
        1 => (leaf(), 1_usize..120, any::<bool>()).prop_map(|(leaf, depth, in_list)| {
            let nested = (0..depth).fold(leaf, |inner, _| if in_list { json!([inner]) } else { json!({"metadata": inner}) });
            json!({"datasetGroup": {"name": "media"}, "metadata": {"deep": nested}})
        }),
    ]
}

/// A request in which nothing is wrong, with the mark in every secret place.
pub fn valid_request() -> impl Strategy<Value = Value> {
    (dataset_group(), group_profile(), policy(), metadata()).prop_map(|(group, profile, policy, metadata)| {
        let members = [
            ("datasetGroup", Some(group)),
            ("groupProfile", Some(profile)),
            ("policy", policy),
            ("metadata", metadata),
        ];
        with(members)
    })
}

/// Of the parts of a request that a retirement has too.
pub fn valid_retirement() -> impl Strategy<Value = Value> {
    valid_request().prop_map(|mut request| {
        let group = json!({"name": request["datasetGroup"]["name"]});
        let mut profile = request["groupProfile"].take();
        let members = profile.as_object_mut().expect("an object");
        members.remove("clientToken");
        let projects = members.remove("projects").unwrap_or_default();
        let projects = projects.as_array().into_iter().flatten().map(|project| project["projectIdentifier"].clone());
        let mut policy = json!({"removeProjects": projects.collect::<Vec<_>>()});
        for member in ["timeoutSeconds", "mode"] {
            if let Some(value) = request["policy"].get(member) {
                policy[member] = value.clone();
            }
        }
        let mut retirement = json!({"datasetGroup": group, "groupProfile": profile, "policy": policy});
        if let Some(metadata) = request.get("metadata") {
            retirement["metadata"] = metadata.clone();
        }
        retirement
    })
}

fn dataset_group() -> impl Strategy<Value = Value> {
    let domain = prop::option::of(select(vec!["ECOMMERCE", "VIDEO_ON_DEMAND"]).prop_map(Value::from));
    let tags = prop::option::of(tags());
    (pattern("[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}"), domain, prop::option::of(encryption()), tags).prop_map(
        |(name, domain, encryption, tags)| {
            let (key, role) = encryption.unzip();
            let members =
                [("name", Some(name)), ("domain", domain), ("kmsKeyArn", key), ("roleArn", role), ("tags", tags)];
            with(members)
        },
    )
}

fn encryption() -> impl Strategy<Value = (Value, Value)> {
    (
        pattern("arn:aws[a-z-]{0,8}:kms:[a-z0-9-]{0,12}:[0-9]{12}:key/[ -~]{0,40}"),
        pattern("arn:aws(-[a-z]{2,4})?:iam::[0-9]{12}:role/[a-zA-Z_0-9+=,.@-]{1,64}"),
    )
}

fn tags() -> impl Strategy<Value = Value> {
    let keys = hash_map("k[a-zA-Z0-9é字_.:/=+@ -]{0,100}", "[a-zA-Z0-9é字_.:/=+@ -]{0,200}", 0..49);
    let keys = prop_oneof![1 => keys, 3 => hash_map("k[a-z]{1,9}", "[a-z ]{0,9}", 0..4)];
    keys.prop_map(|tags| {
        tags.into_iter().map(|(key, value)| json!({"tagKey": key, "tagValue": format!("{MARK}{value}")})).collect()
    })
}

fn group_profile() -> impl Strategy<Value = Value> {
    let principal = prop_oneof![
        string_regex(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
            .expect("a pattern")
            .prop_map(|id| ("groupIdentifier", id)),
        group_name().prop_map(|name| ("groupIdentifier", name)),
        string_regex("arn:aws:iam::[0-9]{12}:role/[a-zA-Z_0-9+=,.@/-]{1,64}")
            .expect("a pattern")
            .prop_map(|role| ("rolePrincipalArn", role)),
    ];
    let token =
        prop::option::of(string_regex("[!-~]{0,100}").expect("a pattern").prop_map(|rest| format!("{MARK}{rest}")));
    (pattern("dzd[-_][a-zA-Z0-9_-]{1,36}"), principal, token).prop_map(|(domain, (member, principal), token)| {
        let members = [
            ("domainIdentifier", Some(domain)),
            (member, Some(principal.into())),
            ("clientToken", token.map(Value::from)),
        ];
        with(members)
    })
}

/// Names of groups with everything in them that a path could trip over.
pub fn group_name() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        2 => select("/%.?#&=+ ~:@;,\\\"'<>[]{}|^`éß字\u{200b}\u{202e}\u{2028}\u{feff}\u{1f600}".chars().collect::<Vec<_>>()),
        1 => any::<char>().prop_filter("the workflow takes no control characters", |c| !c.is_control()),
    ];
    vec(character, 1..40)
        .prop_map(|characters| characters.into_iter().collect::<String>())
        .prop_filter("a name with something to see that is no step", |name| {
            name.chars().any(|c| !c.is_whitespace()) && name != "." && name != ".."
        })
}

fn policy() -> impl Strategy<Value = Option<Value>> {
    let choice = prop::option::of(select(vec!["FAIL", "REPLACE"]).prop_map(Value::from));
    let seconds =
        prop_oneof![(60_u64..=86_400).prop_map(Value::from), (60_i32..=86_400).prop_map(|s| Value::from(f64::from(s)))];
    prop::option::of((choice, prop::option::of(seconds)).prop_map(|(choice, seconds)| {
        let members = [("ifCreateFailed", choice), ("timeoutSeconds", seconds)];
        with(members)
    }))
}

/// With the mark in a name, in a text, and deep below.
fn metadata() -> impl Strategy<Value = Option<Value>> {
    let value = leaf().prop_filter("it has to fit", |leaf| leaf.to_string().len() < 10_000);
    prop::option::of((value, 0_usize..100).prop_map(|(value, depth)| {
        let deep = (0..depth).fold(json!(MARK), |inner, _| json!([inner]));
        json!({MARK: value, "text": format!("{MARK} {MARK}"), "deep": deep})
    }))
}

fn pattern(pattern: &str) -> impl Strategy<Value = Value> + use<> {
    string_regex(pattern).expect("a pattern").prop_map(Value::from)
}

/// The members that are there.
fn with<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    object(members.into_iter().filter_map(|(name, value)| Some((name, value?))))
}

fn object<'a>(members: impl Iterator<Item = (&'a str, Value)>) -> Value {
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}
