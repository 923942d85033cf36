//! The link from a dataset group to its group profile. Pure: no I/O.

use contract::request::{GroupProfileRequest, Tag};
use contract::{Difference, GroupProfile, StepError};
use dataset_group::Link;

/// Whether the group may be attached to the profile: it is attached to that one already, or to none.
///
/// # Errors
/// [`StepError::DatasetGroupConflict`] when the link names another domain or profile. A profile that is still to be
/// created has a new id, so it is never the one that is named.
pub(crate) fn permitted(
    arn: &str,
    link: &Link,
    asked: &GroupProfileRequest,
    found: Option<&GroupProfile>,
) -> Result<(), StepError> {
    let difference = |member: &str, requested: Option<&str>, existing: &str| Difference {
        member: member.to_owned(),
        requested: requested.map(str::to_owned),
        existing: Some(existing.to_owned()),
    };
    let mut differences = Vec::new();
    if let Some(existing) = link.domain_id.as_deref().filter(|domain| *domain != asked.domain_identifier) {
        differences.push(difference("groupProfile.domainIdentifier", Some(&asked.domain_identifier), existing));
    }
    let id = found.map(|profile| profile.id.as_str());
    if let Some(existing) = link.group_profile_id.as_deref().filter(|profile| Some(*profile) != id) {
        differences.push(difference("groupProfile", id, existing));
    }
    if differences.is_empty() {
        return Ok(());
    }
    Err(StepError::DatasetGroupConflict { resource: arn.to_owned(), differences })
}

/// The tags of the link that the group does not carry yet.
pub(crate) fn missing(existing: &[Tag], profile: &GroupProfile) -> Vec<Tag> {
    Link::tags(profile).into_iter().filter(|tag| !existing.contains(tag)).collect()
}

/// The first of the keys that the group has no tag of.
pub(crate) fn unseen<'a>(added: &'a [String], existing: &[Tag]) -> Option<&'a str> {
    added.iter().map(String::as_str).find(|key| existing.iter().all(|tag| tag.tag_key != *key))
}

#[cfg(test)]
mod tests {
    use contract::GroupProfileStatus;
    use contract::request::Principal;

    use super::*;

    fn asked() -> GroupProfileRequest {
        GroupProfileRequest {
            domain_identifier: "dzd_a".to_owned(),
            principal: Principal::Group("g".to_owned()),
            client_token: String::new(),
        }
    }

    fn profile(id: &str) -> GroupProfile {
        GroupProfile {
            domain_id: "dzd_a".to_owned(),
            id: id.to_owned(),
            status: GroupProfileStatus::Assigned,
            group_name: None,
            role_principal_arn: None,
        }
    }

    fn link(domain: &str, id: &str) -> Link {
        Link { domain_id: Some(domain.to_owned()), group_profile_id: Some(id.to_owned()) }
    }

    #[test]
    fn a_group_without_a_link_or_with_this_one_may_be_attached() {
        assert_eq!(permitted("arn", &Link::default(), &asked(), None), Ok(()));
        assert_eq!(permitted("arn", &link("dzd_a", "p"), &asked(), Some(&profile("p"))), Ok(()));
    }

    #[test]
    fn a_group_that_is_attached_to_another_profile_is_a_conflict_that_names_both() {
        for found in [None, Some(profile("q"))] {
            let error = permitted("arn", &link("dzd_b", "p"), &asked(), found.as_ref()).expect_err("a conflict");
            let StepError::DatasetGroupConflict { differences, .. } = error else { panic!("{error}") };
            let named: Vec<_> = differences.iter().map(|d| (d.requested.as_deref(), d.existing.as_deref())).collect();
            assert_eq!(named, [(Some("dzd_a"), Some("dzd_b")), (found.as_ref().map(|p| p.id.as_str()), Some("p"))]);
        }
    }

    #[test]
    fn a_tag_that_was_added_and_does_not_show_is_missed() {
        let existing = [Tag { tag_key: "team".to_owned(), tag_value: "other".to_owned() }];
        let added = ["team".to_owned(), "stage".to_owned()];
        assert_eq!(unseen(&added, &existing), Some("stage"));
        assert_eq!(unseen(&added[..1], &existing), None);
    }

    #[test]
    fn only_what_is_missing_of_the_link_is_added() {
        let profile = profile("p");
        assert_eq!(missing(&[], &profile), Link::tags(&profile));
        assert_eq!(missing(&Link::tags(&profile)[..1], &profile), Link::tags(&profile)[1..]);
        assert_eq!(missing(&Link::tags(&profile), &profile), []);
    }
}
