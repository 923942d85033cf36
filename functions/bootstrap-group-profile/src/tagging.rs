//! The tags of the dataset group: those of the request, and those that link it to its group profile. Pure: no I/O.

use contract::StepError;
use contract::request::Tag;
use contract::resources::{DOMAIN_TAG, GROUP_PROFILE_TAG, MOST_TAGS, PREFIX_OF_AWS};

/// Whether the group has room for the tags of the request and of the link.
///
/// # Errors
/// [`StepError::TooManyTags`] where it has not.
pub(crate) fn room(arn: &str, requested: &[Tag], existing: &[Tag]) -> Result<(), StepError> {
    let of_aws = |tag: &&Tag| {
        tag.tag_key.get(..PREFIX_OF_AWS.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX_OF_AWS))
    };
    let existing_tags = existing.len() - existing.iter().filter(of_aws).count();
    let wanted = requested.iter().map(|tag| tag.tag_key.as_str()).chain([DOMAIN_TAG, GROUP_PROFILE_TAG]);
    let missing = wanted.filter(|key| !has(existing, key)).count();
    if missing == 0 || existing_tags + missing <= MOST_TAGS {
        return Ok(());
    }
    Err(StepError::TooManyTags { resource: arn.to_owned(), existing: existing_tags, missing })
}

/// The tags whose keys the group does not have. A tag with another value is kept: this workflow takes nothing away
/// that somebody else set.
pub(crate) fn missing(wanted: &[Tag], existing: &[Tag]) -> Vec<Tag> {
    wanted.iter().filter(|tag| !has(existing, &tag.tag_key)).cloned().collect()
}

/// The keys that the group has with another value.
pub(crate) fn kept(wanted: &[Tag], existing: &[Tag]) -> Vec<String> {
    let kept = wanted.iter().filter(|tag| has(existing, &tag.tag_key) && !existing.contains(tag));
    kept.map(|tag| tag.tag_key.clone()).collect()
}

fn has(existing: &[Tag], key: &str) -> bool {
    existing.iter().any(|tag| tag.tag_key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { tag_key: key.to_owned(), tag_value: value.to_owned() }
    }

    fn tags(number: usize) -> Vec<Tag> {
        (0..number).map(|number| tag(&number.to_string(), "")).collect()
    }

    #[test]
    fn missing_tags_are_added_and_none_is_overwritten() {
        let existing = [tag("team", "media"), tag("cost", "1"), tag("other", "x")];
        let wanted = [tag("team", "media"), tag("cost", "2"), tag("stage", "test")];
        assert_eq!(missing(&wanted, &existing), [tag("stage", "test")]);
        assert_eq!(kept(&wanted, &existing), ["cost"]);
    }

    #[test]
    fn a_group_has_room_for_fifty_tags_with_the_link_among_them() {
        assert_eq!(room("arn", &tags(48), &[]), Ok(()));
        assert_eq!(room("arn", &tags(2), &tags(48)), Ok(()), "the requested tags are there already");
        for (requested, existing, missing) in
            [(tags(0), tags(49), 2), (tags(0), tags(50), 2), (vec![tag("new", "")], tags(48), 3)]
        {
            let error = room("arn", &requested, &existing).expect_err("no room");
            let existing = existing.len();
            assert_eq!(error, StepError::TooManyTags { resource: "arn".to_owned(), existing, missing });
        }
    }

    #[test]
    fn a_full_group_that_misses_nothing_and_tags_of_aws_need_no_room() {
        let link = [tag(DOMAIN_TAG, "d"), tag(GROUP_PROFILE_TAG, "p")];
        assert_eq!(room("arn", &tags(3), &[&tags(48)[..], &link].concat()), Ok(()));
        let of_aws: Vec<_> = (0..5).map(|number| tag(&format!("AWS:{number}"), "")).collect();
        assert_eq!(room("arn", &[], &[tags(48), of_aws].concat()), Ok(()));
    }
}
