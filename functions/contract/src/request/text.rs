//! Texts that were checked, a type for each. A type owns its pattern, limits, wording, secrecy and schema. Their source is
//! the newest service model of Amazon Personalize (2018-05-22) and Amazon DataZone (2018-05-10); where the workflow is
//! stricter, the type says why.

use std::fmt;
use std::sync::OnceLock;

use regex_lite::Regex;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Principal;
pub use super::reader::shown;
use super::reader::{Read, Reader};
use crate::resources::{DOMAIN_TAG, GROUP_PROFILE_TAG};
use crate::step_error::counted;

/// What a text has to be. The schema of the request has the same pattern, limits and exceptions, so a pattern is written
/// in what ECMA-262, RE2 and Python have in common.
struct Rule {
    pattern: &'static str,
    shortest: usize,
    longest: usize,
    /// For people.
    allowed: &'static str,
    /// Texts that are reserved although they match, and the pattern of others.
    reserved: (&'static [&'static str], Option<&'static str>),
    /// What no pattern can say that all dialects share.
    also: fn(&str) -> bool,
    /// A wrong value is not shown.
    secret: bool,
    /// The pattern, and that of reserved texts: each is compiled once.
    compiled: [OnceLock<Regex>; 2],
}

const fn rule(pattern: &'static str, shortest: usize, longest: usize, allowed: &'static str) -> Rule {
    let also = |_: &str| true;
    let compiled = [const { OnceLock::new() }; 2];
    Rule { pattern, shortest, longest, allowed, reserved: (&[], None), also, secret: false, compiled }
}

impl Rule {
    const fn reserving(mut self, words: &'static [&'static str], pattern: Option<&'static str>) -> Self {
        self.reserved = (words, pattern);
        self
    }

    const fn also(mut self, also: fn(&str) -> bool) -> Self {
        self.also = also;
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    fn read(&self, at: &Reader) -> Option<String> {
        let text = at.string(self.allowed)?;
        let reserved = self.reserves(text);
        if self.matches(text) && (self.also)(text) && !reserved {
            return Some(text.to_owned());
        }
        let problem = match (self.secret, reserved) {
            (true, true) => "is a reserved key".to_owned(),
            (true, false) => "does not have the allowed format".to_owned(),
            (false, _) => described(text),
        };
        at.refuse(&problem, self.allowed)
    }

    fn matches(&self, text: &str) -> bool {
        (self.shortest..=self.longest).contains(&text.chars().count()) && self.is_match(0, self.pattern, text)
    }

    fn reserves(&self, text: &str) -> bool {
        let (words, pattern) = self.reserved;
        words.contains(&text) || pattern.is_some_and(|pattern| self.is_match(1, pattern, text))
    }

    fn is_match(&self, which: usize, pattern: &str, text: &str) -> bool {
        // A pattern of this file that does not compile would fail every test.
        self.compiled[which].get_or_init(|| Regex::new(pattern).expect("a valid pattern")).is_match(text)
    }

    #[cfg(feature = "schema")]
    fn schema(&self) -> schemars::Schema {
        let mut schema = schemars::json_schema!({
            "type": "string", "pattern": self.pattern, "minLength": self.shortest, "maxLength": self.longest
        });
        let (words, pattern) = self.reserved;
        let words = serde_json::json!({"enum": words});
        if let Some(pattern) = pattern {
            schema.insert("not".to_owned(), serde_json::json!({"anyOf": [{"pattern": pattern}, words]}));
        } else if !self.reserved.0.is_empty() {
            schema.insert("not".to_owned(), words);
        }
        schema
    }
}

/// The text for a message, with its length; also of a word that is none of those allowed.
pub(super) fn described(text: &str) -> String {
    match text.chars().count() {
        0 => "is empty".to_owned(),
        length => format!("is \"{}\" ({})", shown(text), counted(length, "character")),
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $rule:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            fn rule() -> &'static Rule {
                static RULE: Rule = $rule;
                &RULE
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Read for $name {
            fn read(at: &Reader) -> Option<Self> {
                Self::rule().read(at).map(Self)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown = if Self::rule().secret { "not shown" } else { &self.0 };
                formatter.debug_tuple(stringify!($name)).field(&shown).finish()
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                Self::rule().schema()
            }
        }
    )*};
}

/// The ASCII part of the model's `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`, as what it leaves out: not every validator knows
/// the categories of Unicode. For the rest see [`are_tag_characters`].
const TAG_PATTERN: &str = r"^[^\x00-\x1f!-*,;<>?\[-\^`{-\x9f]*$";

texts! {
    /// The name of a dataset group.
    DatasetGroupName = rule(r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*$", 1, 63,
        "1 to 63 characters: letters, digits, hyphens and underscores, the first a letter or digit");

    /// The ARN of a KMS key. The model has dots for `[^\n]`, but what a dot takes differs between dialects.
    KmsKeyArn = rule(r"^arn:aws[^\n]*:kms:[^\n]*:[0-9]{12}:key/[^\n]*$", 1, 2048,
        "at most 2048 characters: arn:{partition}:kms:{region}:{account}:key/{key id}");

    /// The ARN of a role that Personalize may use a key with.
    RoleArn = rule(r"^arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$", 1, 256,
        "at most 256 characters: arn:{partition}:iam::{account}:role/{role name}");

    /// The key of a tag.
    TagKey = rule(TAG_PATTERN, 1, 128,
        "1 to 128 letters, digits, spaces and _ . : / = + - @; not beginning with aws: and not datazone:domain-id or datazone:group-profile-id")
        .reserving(&[DOMAIN_TAG, GROUP_PROFILE_TAG], Some("^[aA][wW][sS]:")).also(are_tag_characters).secret();

    /// The value of a tag.
    TagValue = rule(TAG_PATTERN, 0, 256, "0 to 256 letters, digits, spaces and _ . : / = + - @")
        .also(are_tag_characters).secret();

    /// The id of a DataZone domain.
    DomainIdentifier = rule(r"^dzd[-_][a-zA-Z0-9_-]{1,36}$", 1, 40,
        "the id of a DataZone domain: dzd_ or dzd- and 1 to 36 letters, digits, hyphens and underscores");

    /// The id or the name of an Identity Center group. DataZone's model takes a UUID (with or without the prefix of an
    /// identity store) or any text with a printable character in it. It travels in the path of a request, so the workflow
    /// allows no control characters and no dot segments, and bounds it by the length of a group's name.
    GroupIdentifier = rule(r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$", 1, 1024,
        "1 to 1024 characters without control characters: the id or the name of an Identity Center group")
        .reserving(&DOT_SEGMENTS, None).also(is_not_blank);

    /// The ARN of the role whose profile it is. DataZone's model takes any string here; what is no ARN of a role could
    /// never be found again.
    RolePrincipalArn = rule(r"^arn:aws[a-z-]*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-/]+$", 1, 2048,
        "at most 2048 characters: arn:{partition}:iam::{account}:role/{role name}");

    /// The id of a project of DataZone. It travels in the path of a request.
    ProjectIdentifier = rule(r"^[a-zA-Z0-9_-]{1,36}$", 1, 36,
        "the id of a DataZone project: 1 to 36 letters, digits, hyphens and underscores");

    /// The name of the S3 bucket with a manifest.
    BucketName = rule(r"^[a-z0-9][a-z0-9.\-]*[a-z0-9]$", 3, 63,
        "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens");

    /// The key of a manifest, whose end says the format.
    ManifestKey = rule(r"^[^\x00-\x1f\x7f]*\.(csv|jsonl|ndjson)$", 1, 1024,
        "the key of an S3 object, at most 1024 characters, that ends in .csv, .jsonl or .ndjson");

    /// The token of a creation. DataZone's model takes any string; the console's and the SDKs' tokens have this format.
    ClientToken = rule(r"^[!-~]*$", 1, 128, "1 to 128 printable ASCII characters without spaces").secret();
}

/// In the path of a request these would lead to another resource.
const DOT_SEGMENTS: [&str; 2] = [".", ".."];

/// The id of a group in Identity Center: a UUID, in some identity stores after a prefix (`GroupIdentifier` of the model).
const GROUP_ID: &str = "^([0-9a-f]{10}-)?[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}$";

impl GroupIdentifier {
    /// Whether it is the id of a group, and not a name.
    #[must_use]
    pub fn is_id(&self) -> bool {
        Regex::new(GROUP_ID).is_ok_and(|id| id.is_match(&self.0))
    }
}

impl ClientToken {
    /// A token that is the same in every retry and rerun: DataZone makes one profile for it. The SDK would make a new
    /// one for each call.
    pub(super) fn derived(domain_identifier: &DomainIdentifier, principal: &Principal) -> Self {
        // A line feed cannot stand in a domain identifier, so no two pairs share a text.
        let (domain, kind) = (domain_identifier.as_str(), principal.kind());
        let digest = Sha256::digest(format!("{domain}\n{kind}\n{}", principal.identifier()));
        Self(digest.iter().take(16).fold(String::with_capacity(32), |hex, byte| hex + &format!("{byte:02x}")))
    }
}

fn is_not_blank(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace())
}

/// `\p{L}`, `\p{Z}` and `\p{N}` as near as the standard library has them: it lets some combining marks pass, which
/// the service then refuses itself.
fn are_tag_characters(text: &str) -> bool {
    let space = |c: char| c.is_whitespace() && !c.is_control();
    text.chars().all(|c| c.is_alphanumeric() || space(c) || "_.:/=+-@".contains(c))
}
