//! The constraints of a service model and the words the services use when one is violated.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;

/// The traits of one string shape of a service model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text {
    /// Fewest characters.
    pub min: Option<usize>,
    /// Most characters.
    pub max: Option<usize>,
    /// Pattern the whole value has to match, as the model writes it.
    pub pattern: Option<&'static str>,
    /// The allowed values; empty: any.
    pub values: &'static [&'static str],
    /// The value is left out of messages.
    pub sensitive: bool,
}

impl Text {
    /// No constraint at all.
    pub const FREE: Self = Self { min: None, max: None, pattern: None, values: &[], sensitive: false };
}

/// What a request violates, in the order it was found.
#[derive(Debug, Default)]
pub struct Violations(Vec<String>);

impl Violations {
    /// A required member that is absent.
    pub fn required<T>(&mut self, path: &str, value: Option<&T>) {
        if value.is_none() {
            self.0.push(format!("Value null at '{path}' failed to satisfy constraint: Member must not be null"));
        }
    }

    /// A string member; an absent one violates nothing.
    pub fn text(&mut self, path: &str, value: Option<&str>, rule: &Text) {
        let Some(value) = value else { return };
        let length = value.chars().count();
        let mut add = |constraint: String| {
            let shown = if rule.sensitive { String::new() } else { format!(" '{value}'") };
            self.0.push(format!("Value{shown} at '{path}' failed to satisfy constraint: {constraint}"));
        };
        if let Some(max) = rule.max.filter(|max| length > *max) {
            add(format!("Member must have length less than or equal to {max}"));
        }
        if let Some(min) = rule.min.filter(|min| length < *min) {
            add(format!("Member must have length greater than or equal to {min}"));
        }
        if let Some(pattern) = rule.pattern.filter(|pattern| !matches(pattern, value)) {
            add(format!("Member must satisfy regular expression pattern: {pattern}"));
        }
        if !rule.values.is_empty() && !rule.values.contains(&value) {
            add(format!("Member must satisfy enum value set: [{}]", rule.values.join(", ")));
        }
    }

    /// An integer member; an absent one violates nothing.
    pub fn number(&mut self, path: &str, value: Option<i64>, min: i64, max: i64) {
        let Some(value) = value else { return };
        let mut add = |constraint: String| {
            self.0.push(format!("Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"));
        };
        if value < min {
            add(format!("Member must have value greater than or equal to {min}"));
        }
        if value > max {
            add(format!("Member must have value less than or equal to {max}"));
        }
    }

    /// The length of a list.
    pub fn list(&mut self, path: &str, length: usize, max: usize) {
        if length > max {
            self.0.push(format!(
                "Value at '{path}' failed to satisfy constraint: Member must have length less than or \
                 equal to {max}"
            ));
        }
    }

    /// The message of the service, when anything was violated.
    pub fn message(self) -> Option<String> {
        let count = self.0.len();
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} validation error{plural} detected: {}", self.0.join("; ")))
    }
}

/// True when the whole value matches the pattern of a model.
pub fn matches(pattern: &'static str, value: &str) -> bool {
    static COMPILED: LazyLock<Mutex<BTreeMap<&'static str, Option<Regex>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled
        .entry(pattern)
        .or_insert_with(|| Regex::new(&format!(r"\A(?:{pattern})\z")).ok())
        .as_ref()
        .is_some_and(|regex| regex.is_match(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Text = Text { min: Some(1), max: Some(5), pattern: Some("^[a-z][a-z0-9]*"), ..Text::FREE };

    fn message(value: Option<&str>, rule: &Text) -> Option<String> {
        let mut violations = Violations::default();
        violations.text("name", value, rule);
        violations.message()
    }

    #[test]
    fn one_violation_reads_as_the_service_writes_it() {
        assert_eq!(
            message(Some("a_b"), &NAME).as_deref(),
            Some(
                "1 validation error detected: Value 'a_b' at 'name' failed to satisfy constraint: Member \
                 must satisfy regular expression pattern: ^[a-z][a-z0-9]*"
            )
        );
    }

    #[test]
    fn several_violations_are_counted_and_joined() {
        let message = message(Some("TOO LONG"), &NAME).unwrap();
        assert!(message.starts_with("2 validation errors detected: Value 'TOO LONG' at 'name'"));
        assert!(message.contains("less than or equal to 5; Value"));
    }

    #[test]
    fn a_pattern_has_to_match_the_whole_value() {
        assert!(matches("[a-z]+", "abc"));
        assert!(!matches("[a-z]+", "abc1"));
        assert!(!matches("[a-z]+|[0-9]+", "abc1"));
    }

    #[test]
    fn an_absent_member_violates_only_that_it_is_required() {
        assert_eq!(message(None, &NAME), None);
        let mut violations = Violations::default();
        violations.required::<String>("name", None);
        assert_eq!(
            violations.message().as_deref(),
            Some(
                "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member \
                 must not be null"
            )
        );
    }

    #[test]
    fn a_sensitive_value_is_not_repeated() {
        let rule = Text { sensitive: true, ..NAME };
        assert!(message(Some("SECRET"), &rule).unwrap().contains("Value at 'name'"));
    }

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        let rule = Text { max: Some(2), ..Text::FREE };
        assert_eq!(message(Some("éé"), &rule), None);
    }

    #[test]
    fn a_number_out_of_range_names_the_bound() {
        let mut violations = Violations::default();
        violations.number("maxResults", Some(101), 1, 100);
        assert_eq!(
            violations.message().as_deref(),
            Some(
                "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: \
                 Member must have value less than or equal to 100"
            )
        );
    }
}
