//! One description of a dataset group.

use aws_sdk_personalize::Client;
use aws_sdk_personalize::error::ProvideErrorMetadata;
use aws_sdk_personalize::primitives::DateTime;
use aws_sdk_personalize::types::DatasetGroup as Described;
use contract::request::Domain;
use contract::{DatasetGroup, DatasetGroupStatus, StepError};
use jiff::Timestamp;
use service_call::classify;

use crate::call;

/// A dataset group as one call described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The group.
    pub dataset_group: DatasetGroup,
    /// Absent where the service uses its own key.
    pub kms_key_arn: Option<String>,
    /// The role that may use the key.
    pub role_arn: Option<String>,
    /// Why the creation failed.
    pub failure_reason: Option<String>,
}

/// Describes the group once (`DescribeDatasetGroup`); `None` when the service finds none of that ARN.
///
/// # Errors
/// What [`classify`] makes of the service's error, and [`StepError::Unexpected`] for a response about another group,
/// without a status, or with an unknown status or domain.
pub async fn observe(personalize: &Client, dataset_group_arn: &str) -> Result<Option<Observed>, StepError> {
    match personalize.describe_dataset_group().dataset_group_arn(dataset_group_arn).send().await {
        Ok(response) => read(dataset_group_arn, response.dataset_group()).map(Some),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(classify(call("DescribeDatasetGroup", dataset_group_arn), &error)),
    }
}

/// Reads the response. Pure: no I/O.
fn read(arn: &str, described: Option<&Described>) -> Result<Observed, StepError> {
    let odd = |what: String| StepError::unexpected(format!("DescribeDatasetGroup returned {what} for {arn}"));
    let described = described.ok_or_else(|| odd("no dataset group".to_owned()))?;
    if described.dataset_group_arn().is_some_and(|other| other != arn) {
        return Err(odd("another dataset group".to_owned()));
    }
    let status = described.status().ok_or_else(|| odd("no status".to_owned()))?;
    let status = DatasetGroupStatus::of(status).ok_or_else(|| odd(format!("the unknown status {status:?}")))?;
    let domain = described.domain().map(aws_sdk_personalize::types::Domain::as_str);
    let known = |word| Domain::of(word).ok_or_else(|| odd(format!("the unknown domain {word:?}")));
    let domain = domain.map(known).transpose()?;
    Ok(Observed {
        dataset_group: DatasetGroup {
            dataset_group_arn: arn.to_owned(),
            // The last part of the ARN: the service's own member is optional and could only be the same.
            name: arn.rsplit('/').next().unwrap_or_default().to_owned(),
            domain,
            status,
            creation_date_time: described.creation_date_time().and_then(instant),
        },
        kms_key_arn: described.kms_key_arn().filter(|key| !key.is_empty()).map(str::to_owned),
        role_arn: described.role_arn().filter(|role| !role.is_empty()).map(str::to_owned),
        failure_reason: described.failure_reason().map(str::to_owned),
    })
}

/// To the millisecond: the date travels as a number of seconds with a fraction, which is not exact beyond that.
fn instant(date: &DateTime) -> Option<Timestamp> {
    let milliseconds = (date.subsec_nanos() + 500_000) / 1_000_000;
    Timestamp::from_millisecond(date.secs().checked_mul(1000)?.checked_add(milliseconds.into())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:personalize:us-east-1:123456789012:dataset-group/media";

    #[test]
    fn a_response_is_read_into_the_types_of_the_workflow() {
        let described = Described::builder()
            .status("ACTIVE")
            .domain(aws_sdk_personalize::types::Domain::Ecommerce)
            .creation_date_time(DateTime::from_secs_f64(1_542_392_161.262))
            .build();
        let observed = read(ARN, Some(&described)).expect("readable");
        assert_eq!((observed.kms_key_arn, observed.role_arn), (None, None));
        assert_eq!(observed.dataset_group.name, "media");
        assert_eq!(observed.dataset_group.domain, Some(Domain::Ecommerce));
        assert_eq!(observed.dataset_group.creation_date_time, Timestamp::from_millisecond(1_542_392_161_262).ok());
    }

    #[test]
    fn an_unusable_response_is_unexpected_and_named() {
        let group = || Described::builder().status("ACTIVE");
        for (described, named) in [
            (None, "no dataset group"),
            (Some(Described::builder().build()), "no status"),
            (Some(group().status("UPDATE PENDING").build()), "UPDATE PENDING"),
            (Some(group().domain("MUSIC".into()).build()), "MUSIC"),
            (Some(group().dataset_group_arn("arn:other").build()), "another dataset group"),
        ] {
            let error = read(ARN, described.as_ref()).expect_err("unexpected");
            assert_eq!(error.name(), "Unexpected");
            assert!(error.to_string().contains(named) && error.to_string().contains(ARN), "{error}");
        }
    }
}
