//! The tags of a dataset group, and the link to a group profile that two of them make.

use std::collections::BTreeMap;

use aws_sdk_personalize::Client;
use aws_sdk_personalize::types::Tag as ServiceTag;
use contract::StepError;
use contract::resources::{DOMAIN_TAG, GROUP_PROFILE_TAG};
use service_call::classify;

use crate::configuration::{difference, no_conflict};
use crate::{call, sent_once};

/// The tags of a dataset group: values by keys.
pub type Tags = BTreeMap<String, String>;

/// The group profile that a dataset group says it is linked to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// The DataZone domain.
    pub domain_id: Option<String>,
    /// The id of the profile.
    pub group_profile_id: Option<String>,
}

impl Link {
    /// Reads the link out of the group's tags.
    #[must_use]
    pub fn read(tags: &Tags) -> Self {
        Self { domain_id: tags.get(DOMAIN_TAG).cloned(), group_profile_id: tags.get(GROUP_PROFILE_TAG).cloned() }
    }

    /// The rule of the link: a dataset group that is linked to another domain or profile belongs to somebody else.
    ///
    /// `profile` is the id of the requested profile, `None` where there is no such profile: one that is still to be
    /// created gets a new id, so it is never the one that the link names.
    ///
    /// # Errors
    /// [`StepError::DatasetGroupConflict`] with a difference for each of the two that is another one.
    pub fn conflict(&self, dataset_group_arn: &str, domain_id: &str, profile: Option<&str>) -> Result<(), StepError> {
        let sides = [
            ("groupProfile.domainIdentifier", Some(domain_id), self.domain_id.as_deref()),
            ("groupProfile", profile, self.group_profile_id.as_deref()),
        ];
        let differing = sides.into_iter().filter(|(_, requested, linked)| linked.is_some() && linked != requested);
        no_conflict(dataset_group_arn, differing.map(difference).collect())
    }

    /// The proof that a dataset group is linked to this very profile: both tags are there, and name it and its domain.
    ///
    /// `profile` is the id of the profile of `principal`, `None` where there is no such profile.
    ///
    /// # Errors
    /// [`StepError::DatasetGroupConflict`] with a difference for each of the two that is missing or another one.
    pub fn proves(
        &self,
        dataset_group_arn: &str,
        domain_id: &str,
        profile: Option<&str>,
        principal: &str,
    ) -> Result<(), StepError> {
        let linked = (self.domain_id.as_deref(), self.group_profile_id.as_deref());
        let sides = [
            ("groupProfile.domainIdentifier", Some(domain_id), linked.0, linked.0 == Some(domain_id)),
            ("groupProfile", profile.or(Some(principal)), linked.1, profile.is_some() && linked.1 == profile),
        ];
        let differing = sides.into_iter().filter(|(.., same)| !same);
        let differing = differing.map(|(member, requested, existing, _)| difference((member, requested, existing)));
        no_conflict(dataset_group_arn, differing.collect())
    }

    /// The tags that link a dataset group to the profile.
    #[must_use]
    pub fn tags(domain_id: &str, profile_id: &str) -> [(String, String); 2] {
        [(DOMAIN_TAG.to_owned(), domain_id.to_owned()), (GROUP_PROFILE_TAG.to_owned(), profile_id.to_owned())]
    }
}

/// All tags of the group (`ListTagsForResource`). A response without a list means no tags: the service may leave out
/// what is empty.
///
/// # Errors
/// What [`classify`] makes of the service's error, and [`StepError::Unexpected`] for a tag without a key: it may be the
/// very one that a caller is going to add.
pub async fn list_tags(personalize: &Client, dataset_group_arn: &str) -> Result<Tags, StepError> {
    let response = personalize
        .list_tags_for_resource()
        .resource_arn(dataset_group_arn)
        .send()
        .await
        .map_err(|error| classify(call("ListTagsForResource", dataset_group_arn), &error))?;
    response.tags().iter().map(|tag| read(dataset_group_arn, tag)).collect()
}

fn read(arn: &str, tag: &ServiceTag) -> Result<(String, String), StepError> {
    // The SDK puts an empty text where a member is missing.
    if tag.tag_key().is_empty() {
        return Err(StepError::unexpected(format!("ListTagsForResource returned a tag without a key for {arn}")));
    }
    Ok((tag.tag_key().to_owned(), tag.tag_value().to_owned()))
}

/// Adds the tags (`TagResource`) that a read has just found missing, and makes no call for none.
///
/// # Errors
/// What [`classify`] makes of the service's error.
pub async fn add_tags(personalize: &Client, dataset_group_arn: &str, tags: &Tags) -> Result<(), StepError> {
    if tags.is_empty() {
        return Ok(());
    }
    personalize
        .tag_resource()
        .resource_arn(dataset_group_arn)
        .set_tags(Some(service_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))?))
        .customize()
        .config_override(sent_once())
        .send()
        .await
        .map_err(|error| classify(call("TagResource", dataset_group_arn), &error))?;
    Ok(())
}

/// The tags in the SDK's type.
///
/// # Errors
/// Never for tags of a valid request: the SDK only asks for both members.
pub fn service_tags<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<ServiceTag>, StepError> {
    tags.map(|(key, value)| ServiceTag::builder().tag_key(key).tag_value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|fault| StepError::unexpected(format!("a tag could not be built: {fault}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(domain: Option<&str>, profile: Option<&str>) -> Link {
        Link { domain_id: domain.map(str::to_owned), group_profile_id: profile.map(str::to_owned) }
    }

    #[test]
    fn no_link_and_the_requested_link_are_no_conflict() {
        for linked in
            [link(None, None), link(Some("dzd_a"), None), link(None, Some("p")), link(Some("dzd_a"), Some("p"))]
        {
            assert_eq!(linked.conflict("arn", "dzd_a", Some("p")), Ok(()), "{linked:?}");
        }
        assert_eq!(link(Some("dzd_a"), None).conflict("arn", "dzd_a", None), Ok(()));
    }

    #[test]
    fn only_the_link_to_the_very_profile_is_a_proof() {
        let differing = |link: &Link, profile| match link.proves("arn", "dzd_a", profile, "analysts") {
            Err(StepError::DatasetGroupConflict { differences, .. }) => {
                differences.into_iter().map(|d| (d.requested, d.existing)).collect()
            }
            other => other.map(|()| vec![]).expect("a conflict or none"),
        };
        let side = |requested: &str, existing: Option<&str>| (Some(requested.to_owned()), existing.map(str::to_owned));
        assert_eq!(differing(&link(Some("dzd_a"), Some("p")), Some("p")), []);
        for (domain, existing, profile, expected) in [
            (None, None, Some("p"), vec![side("dzd_a", None), side("p", None)]),
            (Some("dzd_a"), None, Some("p"), vec![side("p", None)]),
            (None, Some("p"), Some("p"), vec![side("dzd_a", None)]),
            (Some("dzd_b"), Some("p"), Some("p"), vec![side("dzd_a", Some("dzd_b"))]),
            (Some("dzd_a"), Some("q"), Some("p"), vec![side("p", Some("q"))]),
            // Without a profile nothing is a proof.
            (Some("dzd_a"), None, None, vec![side("analysts", None)]),
            (Some("dzd_a"), Some("analysts"), None, vec![side("analysts", Some("analysts"))]),
        ] {
            assert_eq!(differing(&link(domain, existing), profile), expected);
        }
    }

    #[test]
    fn a_link_to_another_domain_or_profile_is_a_conflict_that_names_both_sides() {
        for requested in [None, Some("q")] {
            let error = link(Some("dzd_b"), Some("p")).conflict("arn", "dzd_a", requested).expect_err("a conflict");
            let StepError::DatasetGroupConflict { differences, .. } = error else { panic!("{error}") };
            let named: Vec<_> = differences.iter().map(|d| (d.requested.as_deref(), d.existing.as_deref())).collect();
            assert_eq!(named, [(Some("dzd_a"), Some("dzd_b")), (requested, Some("p"))]);
        }
    }
}
