//! Adopts a group that exists: its tags are completed, and nothing else is changed.

use aws_sdk_personalize::Client;
use contract::outcome::Changes;
use contract::request::Tag;
use contract::{Difference, Request, StepError};
use dataset_group::{Link, add_tags, list_tags};

/// Adds the tags that were asked for and are missing.
///
/// A tag that the group has with another value is kept: this workflow takes nothing away that somebody else set.
pub(crate) async fn complete_tags(personalize: &Client, arn: &str, request: &Request) -> Result<Changes, StepError> {
    let existing = list_tags(personalize, arn).await?;
    attached_elsewhere(arn, &Link::read(&existing), &request.group_profile.domain_identifier)?;
    let (missing, kept) = compare(&request.dataset_group.tags, &existing);
    add_tags(personalize, arn, &missing).await?;
    Ok(Changes {
        tags_added: missing.into_iter().map(|tag| tag.tag_key).collect(),
        tags_kept: kept,
        group_profile: None,
    })
}

/// A group that is linked into another domain belongs to somebody else; it is refused before its tags are touched.
fn attached_elsewhere(arn: &str, link: &Link, domain_identifier: &str) -> Result<(), StepError> {
    match &link.domain_id {
        Some(existing) if existing != domain_identifier => Err(StepError::DatasetGroupConflict {
            resource: arn.to_owned(),
            differences: vec![Difference {
                member: "groupProfile.domainIdentifier".to_owned(),
                requested: Some(domain_identifier.to_owned()),
                existing: Some(existing.clone()),
            }],
        }),
        Some(_) | None => Ok(()),
    }
}

/// The tags that are missing, and the keys of those that are there with another value.
fn compare(asked: &[Tag], existing: &[Tag]) -> (Vec<Tag>, Vec<String>) {
    let (present, missing): (Vec<_>, Vec<_>) =
        asked.iter().cloned().partition(|tag| existing.iter().any(|other| other.tag_key == tag.tag_key));
    let kept = present.into_iter().filter(|tag| !existing.contains(tag)).map(|tag| tag.tag_key).collect();
    (missing, kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { tag_key: key.to_owned(), tag_value: value.to_owned() }
    }

    #[test]
    fn missing_tags_are_added_and_none_is_overwritten() {
        let existing = [tag("team", "media"), tag("cost", "1"), tag("other", "x")];
        let asked = [tag("team", "media"), tag("cost", "2"), tag("stage", "test")];
        assert_eq!(compare(&asked, &existing), (vec![tag("stage", "test")], vec!["cost".to_owned()]));
    }

    #[test]
    fn a_group_that_is_attached_in_another_domain_is_a_conflict() {
        let link = Link { domain_id: Some("dzd_b".to_owned()), group_profile_id: None };
        assert_eq!(attached_elsewhere("arn", &link, "dzd_b"), Ok(()));
        assert_eq!(attached_elsewhere("arn", &Link::default(), "dzd_a"), Ok(()));
        assert_eq!(attached_elsewhere("arn", &link, "dzd_a").map_err(|e| e.name()), Err("DatasetGroupConflict"));
    }
}
