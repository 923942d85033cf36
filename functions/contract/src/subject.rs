//! What a log line says an input is about, read even from an input that cannot be parsed as a whole.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// What the input of a step is about. Each member is `None` where the input does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The ARN of the execution.
    pub execution_arn: Option<String>,
    /// The name of the dataset group. A name that the request's rules refuse is given as well, up to 256 visible ASCII
    /// characters.
    pub dataset_group: Option<String>,
}

impl Subject {
    /// Reads the input of a step. Parts of it may break the limits of the parser (numbers, nesting, surrogates): only
    /// the members on the way to the two are parsed.
    #[must_use]
    pub fn of(input: &RawValue) -> Self {
        let name = text_at(input, &["datasetGroup", "name"])
            .or_else(|| text_at(input, &["request", "datasetGroup", "name"]))
            .or_else(|| text_at(input, &["request", "detail", "datasetGroup", "name"]))
            .filter(|name| name.len() <= 256 && name.chars().all(|c| c.is_ascii_graphic()));
        Self { execution_arn: text_at(input, &["execution", "arn"]), dataset_group: name }
    }
}

fn text_at(value: &RawValue, path: &[&str]) -> Option<String> {
    let Some((member, rest)) = path.split_first() else { return serde_json::from_str(value.get()).ok() };
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
    text_at(members.get(*member)?, rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subject(input: &str) -> Subject {
        Subject::of(&serde_json::from_str::<Box<RawValue>>(input).expect("JSON"))
    }

    #[test]
    fn the_dataset_group_goes_by_its_name_in_the_input_of_every_step() {
        let first = json!({"request": {"datasetGroup": {"name": "media"}}, "execution": {"arn": "e"}});
        let event = json!({"request": {"detail": {"datasetGroup": {"name": "media"}}}, "execution": {"arn": "e"}});
        let later = json!({"datasetGroup": {"datasetGroupArn": "arn", "name": "media"}, "execution": {"arn": "e"}});
        for input in [first, event, later] {
            let expected = Subject { execution_arn: Some("e".to_owned()), dataset_group: Some("media".to_owned()) };
            assert_eq!(subject(&input.to_string()), expected);
        }
    }

    #[test]
    fn a_name_that_could_not_stand_in_a_log_line_is_left_out() {
        for name in [json!("a\nb"), json!("a".repeat(257)), json!(7), json!(null)] {
            assert_eq!(subject(&json!({"request": {"datasetGroup": {"name": name}}}).to_string()), Subject::default());
        }
        for input in ["[]", "7", r#"{"request": [], "execution": "e"}"#] {
            assert_eq!(subject(input), Subject::default());
        }
    }

    #[test]
    fn an_input_that_cannot_be_parsed_as_a_whole_still_says_what_it_is_about() {
        let nested = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        for metadata in ["1e400", r#""\ud800""#, nested.as_str()] {
            let input = format!(
                r#"{{"request": {{"metadata": {metadata}, "datasetGroup": {{"name": "media"}}}}, "execution": {{"arn": "e"}}}}"#
            );
            assert!(serde_json::from_str::<serde_json::Value>(&input).is_err(), "{metadata}");
            let parseable = r#"{"datasetGroup": {"name": "media"}, "execution": {"arn": "e"}}"#;
            assert_eq!(subject(&input), subject(parseable), "{metadata}");
        }
    }
}
