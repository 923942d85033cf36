//! The constraints of single members. Their source is the newest service model of Amazon Personalize (2018-05-22)
//! and Amazon DataZone (2018-05-10); where the workflow is stricter, the function says why.

use regex_lite::Regex;
use serde_json::{Map, Value};

use super::reader::{Reader, shown};
use super::{Domain, IfCreateFailed, Violation};
use crate::resources::{DOMAIN_TAG, GROUP_PROFILE_TAG};
use crate::step_error::counted;

type Violations = Vec<Violation>;

/// A resource has at most 50 tags, and the link to the group profile takes two of them.
pub(super) const MOST_TAGS: usize = 48;
/// An outcome with the metadata in it has to fit into an event.
const LONGEST_METADATA: usize = 16 * 1024;

/// A pattern of a service model, its length limits and how it is explained to people.
struct Text {
    pattern: &'static str,
    shortest: usize,
    longest: usize,
    allowed: &'static str,
}

pub(super) fn dataset_group_name(name: &Reader, violations: &mut Violations) -> Option<String> {
    let constraint = Text {
        pattern: r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*$",
        shortest: 1,
        longest: 63,
        allowed: "1 to 63 characters: letters, digits, hyphens and underscores, the first a letter or digit",
    };
    constraint.read(name, violations)
}

pub(super) fn kms_key_arn(key: &Reader, violations: &mut Violations) -> Option<String> {
    let constraint = Text {
        pattern: r"^arn:aws.*:kms:.*:[0-9]{12}:key/.*$",
        shortest: 1,
        longest: 2048,
        allowed: "at most 2048 characters: arn:{partition}:kms:{region}:{account}:key/{key id}",
    };
    constraint.read(key, violations)
}

pub(super) fn personalize_role_arn(role: &Reader, violations: &mut Violations) -> Option<String> {
    let constraint = Text {
        pattern: r"^arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$",
        shortest: 1,
        longest: 256,
        allowed: "at most 256 characters: arn:{partition}:iam::{account}:role/{role name}",
    };
    constraint.read(role, violations)
}

pub(super) fn domain_identifier(domain: &Reader, violations: &mut Violations) -> Option<String> {
    let constraint = Text {
        pattern: r"^dzd[-_][a-zA-Z0-9_-]{1,36}$",
        shortest: 1,
        longest: 40,
        allowed: "the id of a DataZone domain: dzd_ or dzd- and 1 to 36 letters, digits, hyphens and underscores",
    };
    constraint.read(domain, violations)
}

/// DataZone's model takes any string here; what is no ARN of a role could never be found again.
pub(super) fn role_principal_arn(role: &Reader, violations: &mut Violations) -> Option<String> {
    let constraint = Text {
        pattern: r"^arn:aws[a-z-]*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-/]+$",
        shortest: 1,
        longest: 2048,
        allowed: "at most 2048 characters: arn:{partition}:iam::{account}:role/{role name}",
    };
    constraint.read(role, violations)
}

/// DataZone's model takes a UUID (with or without the prefix of an identity store) or any text with a printable
/// character in it. It travels in the path of a request, so the workflow allows no control characters and bounds it
/// by the length of a group's name.
pub(super) fn group_identifier(group: &Reader, violations: &mut Violations) -> Option<String> {
    let allowed = "1 to 1024 characters without control characters: the id or the name of an Identity Center group";
    let text = group.string(allowed, violations)?;
    let printable = text.chars().all(|c| !c.is_control()) && text.chars().any(|c| !c.is_whitespace());
    if printable && text.chars().count() <= 1024 && !matches!(text, "." | "..") {
        return Some(text.to_owned());
    }
    group.refuse(&described(text), allowed, violations);
    None
}

/// DataZone's model takes any string; the console's and the SDKs' tokens are of this form. The value is not shown.
pub(super) fn client_token(token: &Reader, violations: &mut Violations) -> Option<String> {
    let allowed = "1 to 128 printable ASCII characters without spaces";
    let text = token.string(allowed, violations)?;
    if (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic()) {
        return Some(text.to_owned());
    }
    token.refuse("is not of that form", allowed, violations);
    None
}

/// Model pattern `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`; keys of AWS and of the link cannot be asked for. Not shown.
pub(super) fn tag_key(key: &Reader, violations: &mut Violations) -> Option<String> {
    let allowed = "1 to 128 letters, digits, spaces and _ . : / = + - @; not beginning with aws: and not datazone:domain-id or datazone:group-profile-id";
    let text = key.string(allowed, violations)?;
    let reserved = text.to_ascii_lowercase().starts_with("aws:") || text == DOMAIN_TAG || text == GROUP_PROFILE_TAG;
    if (1..=128).contains(&text.chars().count()) && text.chars().all(is_tag_character) && !reserved {
        return Some(text.to_owned());
    }
    key.refuse(if reserved { "is a reserved key" } else { "is not of that form" }, allowed, violations);
    None
}

/// Model pattern `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`. Not shown.
pub(super) fn tag_value(value: &Reader, violations: &mut Violations) -> Option<String> {
    let allowed = "0 to 256 letters, digits, spaces and _ . : / = + - @";
    let text = value.string(allowed, violations)?;
    if text.chars().count() <= 256 && text.chars().all(is_tag_character) {
        return Some(text.to_owned());
    }
    value.refuse("is not of that form", allowed, violations);
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
    let allowed = "a whole number from 60 to 86400";
    let Value::Number(number) = seconds.value() else {
        seconds.refuse_kind(allowed, violations);
        return None;
    };
    // Step Functions hands numbers on as it likes: 3600.0 is the number 3600.
    let whole = number.as_u64().or_else(|| whole_number(number.as_f64()?));
    let valid = whole.filter(|whole| (60..=86_400).contains(whole));
    if valid.is_none() {
        seconds.refuse(&format!("is {}", shown(&number.to_string())), allowed, violations);
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
    fn read(&self, reader: &Reader, violations: &mut Violations) -> Option<String> {
        let text = reader.string(self.allowed, violations)?;
        // A pattern of this file that does not compile would refuse everything, which the tests would notice.
        let matches = (self.shortest..=self.longest).contains(&text.chars().count())
            && Regex::new(self.pattern).is_ok_and(|pattern| pattern.is_match(text));
        if matches {
            return Some(text.to_owned());
        }
        reader.refuse(&described(text), self.allowed, violations);
        None
    }
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

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn whole_number(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..=1e9).contains(&number)).then_some(number as u64)
}
