//! Takes names of resources and people out of the report. The answers are composed without them; this is for texts of
//! others, such as the message of an error.

use std::sync::LazyLock;

use regex_lite::Regex;

/// The words of a run that must not leave it.
#[derive(Debug, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// The longest first, so that no part of a longer one stays.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let mut words: Vec<_> = words.into_iter().filter(|word| word.len() > 2).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self(words)
    }

    pub fn redacted(&self, text: &str) -> String {
        static SHAPES: LazyLock<[(Regex, &str); 5]> = LazyLock::new(|| {
            let shape = |pattern: &str| Regex::new(pattern).expect("a valid pattern");
            [
                (shape(r#"arn:[^\s"',;)]+"#), "[ARN]"),
                (shape(r"dzd[-_][A-Za-z0-9_-]+"), "[domain]"),
                (shape(r"(?i)([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "[id]"),
                (shape(r"\b[0-9]{12}\b"), "[account]"),
                (shape(r"\bA(KI|SI|RO|ID)A[A-Z0-9]{12,}\b"), "[key]"),
            ]
        });
        let text = self.0.iter().fold(text.to_owned(), |text, word| text.replace(word, "[name]"));
        SHAPES.iter().fold(text, |text, (shape, name)| shape.replace_all(&text, *name).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_names_an_account_a_resource_or_a_person_stays() {
        let secrets = Secrets::new(["analysts", "analysts-of-media", "project1"].map(str::to_owned));
        for (text, expected) in [
            ("User: arn:aws:iam::123456789012:user/jane is not", "User: [ARN] is not"),
            ("account 123456789012", "account [account]"),
            ("group a1b2c3d4-5678-90ab-cdef-112233445566.", "group [id]."),
            ("domain dzd_4b2k9v1m7xq3p8", "domain [domain]"),
            ("analysts-of-media in project1", "[name] in [name]"),
            ("key ASIAQWERTYUIOPASDFGH", "key [key]"),
            ("personalize:TagResource: 12 s", "personalize:TagResource: 12 s"),
        ] {
            assert_eq!(secrets.redacted(text), expected);
        }
    }
}
