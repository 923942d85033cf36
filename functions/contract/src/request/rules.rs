//! The constraints of single members. Their source is the newest service model of Amazon Personalize (2018-05-22)
//! and Amazon DataZone (2018-05-10); where the workflow is stricter, the function says why.

use regex_lite::Regex;
use serde_json::{Map, Value};

use super::reader::{Reader, shown};
use super::{Domain, IfCreateFailed, Violation};
use crate::resources::{self, DOMAIN_TAG, GROUP_PROFILE_TAG};
use crate::step_error::counted;
use crate::whole_number::whole;

type Violations = Vec<Violation>;

/// The link to the group profile takes two of the tags that a resource can have.
pub(super) const MOST_TAGS: usize = resources::MOST_TAGS - 2;
/// An outcome with the metadata in it has to fit into an event.
const LONGEST_METADATA: usize = 16 * 1024;

/// In seconds, as the next one.
pub(super) const SHORTEST_TIMEOUT: u64 = 60;
/// A day; the state machine gives up an hour after.
pub(super) const LONGEST_TIMEOUT: u64 = 86_400;

/// The form of a text: a pattern, the limits of its length and how both are explained to people. The schema of the
/// request has the same pattern and limits, so a pattern is written in what ECMA-262, RE2 and Python have in common.
#[derive(Clone, Copy)]
pub(super) struct Text {
    pattern: &'static str,
    shortest: usize,
    longest: usize,
    allowed: &'static str,
}

pub(super) const DATASET_GROUP_NAME: Text = Text {
    pattern: r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*$",
    shortest: 1,
    longest: 63,
    allowed: "1 to 63 characters: letters, digits, hyphens and underscores, the first a letter or digit",
};

/// The model has dots for `[^\n]`, but what a dot takes differs between dialects.
pub(super) const KMS_KEY_ARN: Text = Text {
    pattern: r"^arn:aws[^\n]*:kms:[^\n]*:[0-9]{12}:key/[^\n]*$",
    shortest: 1,
    longest: 2048,
    allowed: "at most 2048 characters: arn:{partition}:kms:{region}:{account}:key/{key id}",
};

pub(super) const PERSONALIZE_ROLE_ARN: Text = Text {
    pattern: r"^arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$",
    shortest: 1,
    longest: 256,
    allowed: "at most 256 characters: arn:{partition}:iam::{account}:role/{role name}",
};

pub(super) const DOMAIN_IDENTIFIER: Text = Text {
    pattern: r"^dzd[-_][a-zA-Z0-9_-]{1,36}$",
    shortest: 1,
    longest: 40,
    allowed: "the id of a DataZone domain: dzd_ or dzd- and 1 to 36 letters, digits, hyphens and underscores",
};

/// DataZone's model takes any string here; what is no ARN of a role could never be found again.
pub(super) const ROLE_PRINCIPAL_ARN: Text = Text {
    pattern: r"^arn:aws[a-z-]*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-/]+$",
    shortest: 1,
    longest: 2048,
    allowed: "at most 2048 characters: arn:{partition}:iam::{account}:role/{role name}",
};

/// DataZone's model takes a UUID (with or without the prefix of an identity store) or any text with a printable
/// character in it. It travels in the path of a request, so the workflow allows no control characters and bounds it
/// by the length of a group's name.
pub(super) const GROUP_IDENTIFIER: Text = Text {
    pattern: r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$",
    shortest: 1,
    longest: 1024,
    allowed: "1 to 1024 characters without control characters: the id or the name of an Identity Center group",
};

/// In the path of a request these would be steps to another resource.
const STEPS: [&str; 2] = [".", ".."];

pub(super) fn group_identifier(group: &Reader, violations: &mut Violations) -> Option<String> {
    let text = GROUP_IDENTIFIER.read(group, violations)?;
    if text.chars().any(|c| !c.is_whitespace()) && !STEPS.contains(&text.as_str()) {
        return Some(text);
    }
    group.refuse(&described(&text), GROUP_IDENTIFIER.allowed, violations);
    None
}

/// DataZone's model takes any string; the console's and the SDKs' tokens are of this form.
pub(super) const CLIENT_TOKEN: Text = Text {
    pattern: r"^[!-~]*$",
    shortest: 1,
    longest: 128,
    allowed: "1 to 128 printable ASCII characters without spaces",
};

/// The value is not shown.
pub(super) fn client_token(token: &Reader, violations: &mut Violations) -> Option<String> {
    let text = token.string(CLIENT_TOKEN.allowed, violations)?;
    if CLIENT_TOKEN.matches(text) {
        return Some(text.to_owned());
    }
    token.refuse("is not of that form", CLIENT_TOKEN.allowed, violations);
    None
}

/// The ASCII part of the model's `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`, as what it leaves out: not every validator knows
/// the categories of Unicode. For the rest see [`is_tag_character`].
const TAG_PATTERN: &str = r"^[^\x00-\x1f!-*,;<>?\[-\^`{-\x9f]*$";

pub(super) const TAG_KEY: Text = Text {
    pattern: TAG_PATTERN,
    shortest: 1,
    longest: 128,
    allowed: "1 to 128 letters, digits, spaces and _ . : / = + - @; not beginning with aws: and not datazone:domain-id or datazone:group-profile-id",
};

/// Keys that AWS keeps for itself.
const KEY_OF_AWS: &str = "^[aA][wW][sS]:";
/// Keys that the workflow keeps for itself.
const KEYS_OF_THE_LINK: [&str; 2] = [DOMAIN_TAG, GROUP_PROFILE_TAG];

/// The value is not shown.
pub(super) fn tag_key(key: &Reader, violations: &mut Violations) -> Option<String> {
    let text = key.string(TAG_KEY.allowed, violations)?;
    let reserved = matches(KEY_OF_AWS, text) || KEYS_OF_THE_LINK.contains(&text);
    if TAG_KEY.matches(text) && text.chars().all(is_tag_character) && !reserved {
        return Some(text.to_owned());
    }
    key.refuse(if reserved { "is a reserved key" } else { "is not of that form" }, TAG_KEY.allowed, violations);
    None
}

pub(super) const TAG_VALUE: Text = Text {
    pattern: TAG_PATTERN,
    shortest: 0,
    longest: 256,
    allowed: "0 to 256 letters, digits, spaces and _ . : / = + - @",
};

/// The value is not shown.
pub(super) fn tag_value(value: &Reader, violations: &mut Violations) -> Option<String> {
    let text = value.string(TAG_VALUE.allowed, violations)?;
    if TAG_VALUE.matches(text) && text.chars().all(is_tag_character) {
        return Some(text.to_owned());
    }
    value.refuse("is not of that form", TAG_VALUE.allowed, violations);
    None
}

pub(super) fn domain(domain: &Reader, violations: &mut Violations) -> Option<Domain> {
    choice(
        domain,
        &Domain::ALL.map(|domain| (domain.as_str(), domain)),
        "ECOMMERCE, VIDEO_ON_DEMAND; absent for a custom dataset group",
        violations,
    )
}

pub(super) fn if_create_failed(policy: &Reader, violations: &mut Violations) -> Option<IfCreateFailed> {
    choice(policy, &[("FAIL", IfCreateFailed::Fail), ("REPLACE", IfCreateFailed::Replace)], "FAIL, REPLACE", violations)
}

pub(super) fn timeout_seconds(seconds: &Reader, violations: &mut Violations) -> Option<u64> {
    let allowed = format!("a whole number from {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}");
    let Value::Number(number) = seconds.value() else {
        seconds.refuse_kind(&allowed, violations);
        return None;
    };
    let valid = whole(number).filter(|whole| (SHORTEST_TIMEOUT..=LONGEST_TIMEOUT).contains(whole));
    if valid.is_none() {
        seconds.refuse(&format!("is {}", shown(&number.to_string())), &allowed, violations);
    }
    valid
}

pub(super) fn metadata(metadata: &Reader, violations: &mut Violations) -> Option<Map<String, Value>> {
    let Value::Object(object) = metadata.value() else {
        metadata.refuse_kind("an object", violations);
        return None;
    };
    let length = metadata.value().to_string().len();
    if length > LONGEST_METADATA {
        metadata.refuse(
            &format!("is {length} bytes long"),
            &format!("at most {LONGEST_METADATA} bytes of JSON"),
            violations,
        );
        return None;
    }
    Some(object.clone())
}

impl Text {
    pub(super) fn read(&self, reader: &Reader, violations: &mut Violations) -> Option<String> {
        let text = reader.string(self.allowed, violations)?;
        if self.matches(text) {
            return Some(text.to_owned());
        }
        reader.refuse(&described(text), self.allowed, violations);
        None
    }

    fn matches(&self, text: &str) -> bool {
        (self.shortest..=self.longest).contains(&text.chars().count()) && matches(self.pattern, text)
    }

    #[cfg(feature = "schema")]
    pub(super) fn in_schema(self) -> impl FnMut(&mut schemars::Schema) {
        move |schema| {
            schema.insert("pattern".to_owned(), self.pattern.into());
            schema.insert("minLength".to_owned(), self.shortest.into());
            schema.insert("maxLength".to_owned(), self.longest.into());
        }
    }
}

#[cfg(feature = "schema")]
pub(super) fn not_a_step(schema: &mut schemars::Schema) {
    schema.insert("not".to_owned(), serde_json::json!({"enum": STEPS}));
}

#[cfg(feature = "schema")]
pub(super) fn not_reserved(schema: &mut schemars::Schema) {
    let reserved = serde_json::json!({"anyOf": [{"pattern": KEY_OF_AWS}, {"enum": KEYS_OF_THE_LINK}]});
    schema.insert("not".to_owned(), reserved);
}

fn matches(pattern: &str, text: &str) -> bool {
    // A pattern of this file that does not compile would refuse everything, which the tests would notice.
    Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
}

fn choice<T: Copy>(reader: &Reader, choices: &[(&str, T)], allowed: &str, violations: &mut Violations) -> Option<T> {
    let text = reader.string(allowed, violations)?;
    let chosen = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if chosen.is_none() {
        reader.refuse(&described(text), allowed, violations);
    }
    chosen
}

fn described(text: &str) -> String {
    let length = text.chars().count();
    if length == 0 {
        "is empty".to_owned()
    } else {
        format!("is \"{}\" ({})", shown(text), counted(length, "character"))
    }
}

/// `\p{L}`, `\p{Z}` and `\p{N}` as near as the standard library has them: it lets some combining marks pass, which
/// the service then refuses itself.
fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric()
        || (character.is_whitespace() && !character.is_control())
        || "_.:/=+-@".contains(character)
}
