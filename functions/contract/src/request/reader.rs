//! Reads a JSON document member by member and collects what is wrong instead of stopping at the first fault, as a
//! derived `Deserialize` would.

use std::cell::RefCell;
use std::fmt::Write as _;

use serde_json::Value;

use super::Violation;
use super::text::described;

/// The longest piece of a wrong value that is shown.
const LONGEST_ECHO: usize = 64;

/// What can be read out of a document. `None` where that failed: then there is a violation.
pub(super) trait Read: Sized {
    fn read(at: &Reader) -> Option<Self>;
}

/// A value, where it stands, and the list of violations that all readers of a document share.
pub(super) struct Reader<'a> {
    value: &'a Value,
    path: String,
    violations: &'a RefCell<Vec<Violation>>,
}

/// A member of an object, which may be absent. An optional one is absent as well where it is null: state machines that
/// hand on what they do not have write it so.
pub(super) struct Member<'a> {
    value: Option<&'a Value>,
    path: String,
    violations: &'a RefCell<Vec<Violation>>,
}

/// Reads a whole document.
pub(super) fn read<T: Read>(document: &Value) -> Result<T, Vec<Violation>> {
    let violations = RefCell::default();
    let read = T::read(&Reader { value: document, path: "$".to_owned(), violations: &violations });
    match (read, violations.into_inner()) {
        (Some(read), violations) if violations.is_empty() => Ok(read),
        (Some(_) | None, violations) => Err(violations),
    }
}

impl<'a> Reader<'a> {
    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    /// The members, when it is an object. Another member is a violation, unless it is the one that is ignored.
    pub(super) fn members<const N: usize>(&self, known: [&str; N], ignored: Option<&str>) -> Option<[Member<'a>; N]> {
        let Value::Object(object) = self.value else { return self.refuse_kind("an object") };
        let is_known = |member: &str| known.contains(&member) || ignored == Some(member);
        for unknown in object.keys().filter(|member| !is_known(member)) {
            let path = member_path(&self.path, unknown);
            refuse(self.violations, &path, "is not a known member", &known.join(", "));
        }
        Some(known.map(|name| Member {
            value: object.get(name),
            path: format!("{}.{name}", self.path),
            violations: self.violations,
        }))
    }

    pub(super) fn items(&self, most: usize) -> Option<Vec<Reader<'a>>> {
        let Value::Array(items) = self.value else { return self.refuse_kind("a list") };
        if items.len() > most {
            self.refuse::<()>(&format!("has {} items", items.len()), &format!("at most {most} items"));
        }
        let at =
            |(index, value)| Reader { value, path: format!("{}[{index}]", self.path), violations: self.violations };
        Some(items.iter().take(most).enumerate().map(at).collect())
    }

    pub(super) fn string(&self, allowed: &str) -> Option<&'a str> {
        let Value::String(text) = self.value else { return self.refuse_kind(&format!("a string: {allowed}")) };
        Some(text)
    }

    /// One of the words of an enum, by its `of`.
    pub(super) fn word<T>(&self, of: fn(&str) -> Option<T>, allowed: &str) -> Option<T> {
        let text = self.string(allowed)?;
        of(text).or_else(|| self.refuse(&described(text), allowed))
    }

    /// Always `None`, for the reader that gives up here.
    pub(super) fn refuse<T>(&self, problem: &str, allowed: &str) -> Option<T> {
        refuse(self.violations, &self.path, problem, allowed);
        None
    }

    pub(super) fn refuse_kind<T>(&self, allowed: &str) -> Option<T> {
        let kind = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.refuse(&format!("is {kind}"), allowed)
    }
}

impl Member<'_> {
    pub(super) fn required<T: Read>(&self) -> Option<T> {
        self.value.map_or_else(|| self.missing("a value; this member is required"), |value| self.read(value))
    }

    /// `Some(None)` where it is absent.
    #[expect(
        clippy::option_option,
        reason = "the outer one says whether it could be read, the inner whether it is there"
    )]
    pub(super) fn optional<T: Read>(&self) -> Option<Option<T>> {
        self.value.filter(|value| !value.is_null()).map_or(Some(None), |value| self.read(value).map(Some))
    }

    fn read<T: Read>(&self, value: &Value) -> Option<T> {
        T::read(&Reader { value, path: self.path.clone(), violations: self.violations })
    }

    pub(super) fn is_absent(&self) -> bool {
        self.value.is_none_or(Value::is_null)
    }

    pub(super) fn missing<T>(&self, allowed: &str) -> Option<T> {
        self.refuse("is missing", allowed)
    }

    /// Always `None`, for the reader that gives up here.
    pub(super) fn refuse<T>(&self, problem: &str, allowed: &str) -> Option<T> {
        refuse(self.violations, &self.path, problem, allowed);
        None
    }
}

fn refuse(violations: &RefCell<Vec<Violation>>, path: &str, problem: &str, allowed: &str) {
    let [path, problem, allowed] = [path, problem, allowed].map(str::to_owned);
    violations.borrow_mut().push(Violation { path, problem, allowed });
}

/// The text for a message: cut to 64 characters, and with everything escaped that a terminal would obey or hide.
#[must_use]
pub fn shown(text: &str) -> String {
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
