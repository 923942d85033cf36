//! What cannot be changed of a dataset group, compared with the request. Pure: no I/O.

use contract::Difference;
use contract::request::DatasetGroupRequest;

use crate::Observed;

/// Each way in which a group differs from the requested one.
///
/// Domain, key and role cannot be changed after creation, so an absent one counts as different from a present one.
#[must_use]
pub fn differences(asked: &DatasetGroupRequest, found: &Observed) -> Vec<Difference> {
    let sides = [
        (
            "datasetGroup.domain",
            asked.domain.map(|d| d.as_str().to_owned()),
            found.dataset_group.domain.map(|d| d.as_str().to_owned()),
        ),
        (
            "datasetGroup.kmsKeyArn",
            asked.encryption.as_ref().map(|e| e.kms_key_arn.as_str().to_owned()),
            found.kms_key_arn.clone(),
        ),
        (
            "datasetGroup.roleArn",
            asked.encryption.as_ref().map(|e| e.role_arn.as_str().to_owned()),
            found.role_arn.clone(),
        ),
    ];
    sides
        .into_iter()
        .filter(|(_, requested, existing)| requested != existing)
        .map(|(member, requested, existing)| Difference { member: member.to_owned(), requested, existing })
        .collect()
}
