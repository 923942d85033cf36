//! What cannot be changed of a dataset group, compared with the request. Pure: no I/O.

use contract::request::{DatasetGroupRequest, Domain};
use contract::{Difference, StepError};

use crate::Observed;

/// Each way in which a group differs from the requested one.
///
/// Domain, key and role cannot be changed after creation, so an absent one counts as different from a present one.
#[must_use]
pub fn differences(requested: &DatasetGroupRequest, found: &Observed) -> Vec<Difference> {
    let encryption = requested.encryption.as_ref();
    let sides = [
        ("datasetGroup.domain", requested.domain.map(Domain::as_str), found.dataset_group.domain.map(Domain::as_str)),
        ("datasetGroup.kmsKeyArn", encryption.map(|e| e.kms_key_arn.as_str()), found.kms_key_arn.as_deref()),
        ("datasetGroup.roleArn", encryption.map(|e| e.role_arn.as_str()), found.role_arn.as_deref()),
    ];
    sides.into_iter().filter(|(_, requested, existing)| requested != existing).map(difference).collect()
}

/// A member with its requested and its existing side.
pub(crate) fn difference((member, requested, existing): (&str, Option<&str>, Option<&str>)) -> Difference {
    let [requested, existing] = [requested, existing].map(|side| side.map(str::to_owned));
    Difference { member: member.to_owned(), requested, existing }
}

/// The rule that a group with a difference is not used.
///
/// # Errors
/// [`StepError::DatasetGroupConflict`] where there is a difference.
pub fn no_conflict(dataset_group_arn: &str, differences: Vec<Difference>) -> Result<(), StepError> {
    if differences.is_empty() {
        return Ok(());
    }
    Err(StepError::DatasetGroupConflict { resource: dataset_group_arn.to_owned(), differences })
}
