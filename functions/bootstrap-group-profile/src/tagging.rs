//! The tags of the dataset group: those of the request, and those that link it to its group profile. Pure: no I/O.

use contract::StepError;
use contract::request::Tag;
use contract::resources::{DOMAIN_TAG, GROUP_PROFILE_TAG, MOST_TAGS, PREFIX_OF_AWS};
use dataset_group::Tags;

/// Whether the group has room for the tags of the request and of the link.
///
/// # Errors
/// [`StepError::TooManyTags`] where it has not.
pub(crate) fn room(arn: &str, requested: &[Tag], existing: &Tags) -> Result<(), StepError> {
    let of_aws =
        |key: &&String| key.get(..PREFIX_OF_AWS.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX_OF_AWS));
    let counted = existing.len() - existing.keys().filter(of_aws).count();
    let wanted = requested.iter().map(|tag| tag.tag_key.as_str()).chain([DOMAIN_TAG, GROUP_PROFILE_TAG]);
    let missing = wanted.filter(|key| !existing.contains_key(*key)).count();
    if missing == 0 || counted + missing <= MOST_TAGS {
        return Ok(());
    }
    Err(StepError::TooManyTags { resource: arn.to_owned(), existing: counted, missing })
}

/// The tags whose keys the group does not have. A tag with another value is kept: this workflow takes nothing away
/// that somebody else set.
pub(crate) fn missing(wanted: &Tags, existing: &Tags) -> Tags {
    let missing = wanted.iter().filter(|(key, _)| !existing.contains_key(*key));
    missing.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The keys that the group has with another value.
pub(crate) fn kept(wanted: &Tags, existing: &Tags) -> Vec<String> {
    let kept = wanted.iter().filter(|(key, value)| existing.get(*key).is_some_and(|other| other != *value));
    kept.map(|(key, _)| key.clone()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn numbered(number: usize) -> Tags {
        (0..number).map(|number| (number.to_string(), String::new())).collect()
    }

    fn requested(tags: &Tags) -> Vec<Tag> {
        let tags = tags.iter().map(|(key, value)| json!({"tagKey": key, "tagValue": value}));
        tags.map(|tag| serde_json::from_value(tag).expect("valid")).collect()
    }

    #[test]
    fn missing_tags_are_added_and_none_is_overwritten() {
        let existing = tags(&[("team", "media"), ("cost", "1"), ("other", "x")]);
        let wanted = tags(&[("team", "media"), ("cost", "2"), ("stage", "test")]);
        assert_eq!(missing(&wanted, &existing), tags(&[("stage", "test")]));
        assert_eq!(kept(&wanted, &existing), ["cost"]);
    }

    #[test]
    fn a_group_has_room_for_fifty_tags_with_the_link_among_them() {
        assert_eq!(room("arn", &requested(&numbered(48)), &Tags::new()), Ok(()));
        assert_eq!(room("arn", &requested(&numbered(2)), &numbered(48)), Ok(()), "the group has the requested tags");
        for (new, existing, missing) in [(Tags::new(), 49, 2), (Tags::new(), 50, 2), (tags(&[("new", "")]), 48, 3)] {
            let error = room("arn", &requested(&new), &numbered(existing)).expect_err("no room");
            assert_eq!(error, StepError::TooManyTags { resource: "arn".to_owned(), existing, missing });
        }
    }

    #[test]
    fn a_full_group_that_misses_nothing_and_tags_of_aws_need_no_room() {
        let mut full = numbered(50);
        full.extend(tags(&[(DOMAIN_TAG, "d"), (GROUP_PROFILE_TAG, "p")]));
        assert_eq!(room("arn", &requested(&numbered(3)), &full), Ok(()));
        let mut existing = numbered(48);
        existing.extend((0..5).map(|number| (format!("AWS:{number}"), String::new())));
        assert_eq!(room("arn", &[], &existing), Ok(()));
    }
}
