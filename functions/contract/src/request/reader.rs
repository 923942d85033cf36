//! Reads a JSON document member by member and collects what is wrong instead of stopping at the first fault, as a
//! derived `Deserialize` would.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::Violation;

/// The longest piece of a wrong value that is shown.
const LONGEST_ECHO: usize = 64;

/// A value and where it stands.
pub(super) struct Reader<'a> {
    value: &'a Value,
    path: String,
}

/// The members of an object.
pub(super) struct Members<'a> {
    object: &'a Map<String, Value>,
    path: String,
}

impl<'a> Reader<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: "$".to_owned() }
    }

    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    /// The members, when it is an object; each member that is not among `allowed` is a violation.
    pub(super) fn object(&self, allowed: &[&str], violations: &mut Vec<Violation>) -> Option<Members<'a>> {
        let Value::Object(object) = self.value else {
            self.refuse_kind("an object", violations);
            return None;
        };
        for unknown in object.keys().filter(|member| !allowed.contains(&member.as_str())) {
            violations.push(Violation {
                path: member_path(&self.path, unknown),
                problem: "is not a member that is known here".to_owned(),
                allowed: allowed.join(", "),
            });
        }
        Some(Members { object, path: self.path.clone() })
    }

    pub(super) fn array(&self, most: usize, violations: &mut Vec<Violation>) -> Option<Vec<Reader<'a>>> {
        let Value::Array(items) = self.value else {
            self.refuse_kind("a list", violations);
            return None;
        };
        if items.len() > most {
            self.refuse(&format!("has {} items", items.len()), &format!("at most {most} items"), violations);
        }
        let at = |(index, value)| Reader { value, path: format!("{}[{index}]", self.path) };
        Some(items.iter().take(most).enumerate().map(at).collect())
    }

    pub(super) fn string(&self, allowed: &str, violations: &mut Vec<Violation>) -> Option<&'a str> {
        let Value::String(text) = self.value else {
            self.refuse_kind(&format!("a string: {allowed}"), violations);
            return None;
        };
        Some(text)
    }

    pub(super) fn refuse(&self, problem: &str, allowed: &str, violations: &mut Vec<Violation>) {
        violations.push(Violation {
            path: self.path.clone(),
            problem: problem.to_owned(),
            allowed: allowed.to_owned(),
        });
    }

    pub(super) fn refuse_kind(&self, allowed: &str, violations: &mut Vec<Violation>) {
        let kind = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.refuse(&format!("is {kind}"), allowed, violations);
    }
}

impl<'a> Members<'a> {
    /// `None` also for null: state machines that hand on what they do not have write it so.
    pub(super) fn optional(&self, member: &str) -> Option<Reader<'a>> {
        self.read(member).filter(|reader| !reader.value.is_null())
    }

    fn read(&self, member: &str) -> Option<Reader<'a>> {
        self.object.get(member).map(|value| Reader { value, path: format!("{}.{member}", self.path) })
    }

    pub(super) fn required(&self, member: &str, violations: &mut Vec<Violation>) -> Option<Reader<'a>> {
        let found = self.read(member);
        if found.is_none() {
            self.missing(member, "it is required", violations);
        }
        found
    }

    pub(super) fn missing(&self, member: &str, allowed: &str, violations: &mut Vec<Violation>) {
        violations.push(Violation {
            path: format!("{}.{member}", self.path),
            problem: "is missing".to_owned(),
            allowed: allowed.to_owned(),
        });
    }
}

/// The text for a message: cut short, and with everything escaped that a terminal would obey or hide.
pub(super) fn shown(text: &str) -> String {
    echoed(text, |shown, character| {
        if is_visible(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_unicode());
        }
    })
}

/// The text character by character as `echo` writes it, cut short.
fn echoed(text: &str, echo: impl Fn(&mut String, char)) -> String {
    let mut echoed = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(LONGEST_ECHO) {
        echo(&mut echoed, character);
    }
    if characters.next().is_some() {
        echoed.push_str("...");
    }
    echoed
}

/// Letters of Hangul that are blanks to the eye.
const BLANK_LETTERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];

fn is_visible(character: char) -> bool {
    let letter = character.is_alphanumeric() && !BLANK_LETTERS.contains(&character);
    letter || character.is_ascii_graphic() || character == ' '
}

/// Where a member stands that the sender named. A name that is no plain word goes into brackets, as in RFC 9535, so
/// that none can be taken for a path of its own.
fn member_path(parent: &str, name: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && name.len() <= LONGEST_ECHO && name.chars().all(word) {
        return format!("{parent}.{name}");
    }
    let name = echoed(name, |shown, character| {
        if "'\\".contains(character) {
            shown.extend(['\\', character]);
        } else if is_visible(character) {
            shown.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    });
    format!("{parent}['{name}']")
}
