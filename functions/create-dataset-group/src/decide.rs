//! What to do about a dataset group that exists. Pure: no I/O.

use contract::request::IfCreateFailed;
use contract::{DatasetGroupStatus, Progress, Request, StepError};
use dataset_group::{Observed, differences};

/// What to do about a dataset group that exists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is the one that was asked for.
    Adopt(Progress),
    /// It is going away: wait, then create.
    AwaitDeletion,
    /// Its creation failed, and the request allows to delete it.
    Replace,
}

pub(crate) fn decide(request: &Request, found: &Observed, may_replace: bool) -> Result<Action, StepError> {
    match found.dataset_group.status {
        DatasetGroupStatus::Active => same_configuration(request, found).map(|()| Action::Adopt(Progress::Active)),
        DatasetGroupStatus::CreatePending | DatasetGroupStatus::CreateInProgress => {
            same_configuration(request, found).map(|()| Action::Adopt(Progress::Creating))
        }
        DatasetGroupStatus::DeletePending | DatasetGroupStatus::DeleteInProgress => Ok(Action::AwaitDeletion),
        DatasetGroupStatus::CreateFailed => match request.policy.if_create_failed {
            IfCreateFailed::Replace if may_replace => Ok(Action::Replace),
            IfCreateFailed::Replace | IfCreateFailed::Fail => Err(StepError::DatasetGroupCreateFailed {
                resource: found.dataset_group.dataset_group_arn.clone(),
                failure_reason: found.failure_reason.clone(),
            }),
        },
    }
}

fn same_configuration(request: &Request, found: &Observed) -> Result<(), StepError> {
    let differences = differences(&request.dataset_group, found);
    if differences.is_empty() {
        return Ok(());
    }
    Err(StepError::DatasetGroupConflict { resource: found.dataset_group.dataset_group_arn.clone(), differences })
}

#[cfg(test)]
mod tests {
    use contract::DatasetGroup;
    use contract::request::Domain;
    use serde_json::json;

    use super::*;

    fn request(group: &serde_json::Value, policy: &str) -> Request {
        let document = json!({
            "datasetGroup": group,
            "groupProfile": {"domainIdentifier": "dzd_a", "groupIdentifier": "g"},
            "policy": {"ifCreateFailed": policy}
        });
        Request::parse(&document).expect("valid")
    }

    fn found(status: DatasetGroupStatus) -> Observed {
        Observed {
            dataset_group: DatasetGroup {
                dataset_group_arn: "arn".to_owned(),
                name: "media".to_owned(),
                domain: Some(Domain::Ecommerce),
                status,
                creation_date_time: None,
            },
            kms_key_arn: None,
            role_arn: None,
            failure_reason: Some("no such key".to_owned()),
        }
    }

    #[test]
    fn a_group_that_is_the_same_is_adopted_wherever_it_is_in_its_creation() {
        let request = request(&json!({"name": "media", "domain": "ECOMMERCE"}), "FAIL");
        let decided = |status| decide(&request, &found(status), true);
        assert_eq!(decided(DatasetGroupStatus::Active), Ok(Action::Adopt(Progress::Active)));
        assert_eq!(decided(DatasetGroupStatus::CreatePending), Ok(Action::Adopt(Progress::Creating)));
        assert_eq!(decided(DatasetGroupStatus::CreateInProgress), Ok(Action::Adopt(Progress::Creating)));
    }

    #[test]
    fn each_difference_is_named_and_an_absent_member_differs_from_a_present_one() {
        let request = request(&json!({"name": "media"}), "FAIL");
        let mut found = found(DatasetGroupStatus::Active);
        (found.kms_key_arn, found.role_arn) = (Some("k".to_owned()), Some("r".to_owned()));
        let Err(StepError::DatasetGroupConflict { differences, .. }) = decide(&request, &found, true) else {
            panic!("no conflict");
        };
        let named: Vec<_> =
            differences.iter().map(|d| (d.member.as_str(), d.requested.as_deref(), d.existing.as_deref())).collect();
        assert_eq!(
            named,
            [
                ("datasetGroup.domain", None, Some("ECOMMERCE")),
                ("datasetGroup.kmsKeyArn", None, Some("k")),
                ("datasetGroup.roleArn", None, Some("r"))
            ]
        );
    }

    #[test]
    fn only_a_group_whose_creation_failed_is_replaced_and_only_once() {
        let replace = request(&json!({"name": "media", "domain": "ECOMMERCE"}), "REPLACE");
        let failed = found(DatasetGroupStatus::CreateFailed);
        assert_eq!(decide(&replace, &failed, true), Ok(Action::Replace));
        assert_eq!(decide(&replace, &failed, false).map_err(|e| e.name()), Err("DatasetGroupCreateFailed"));
        for status in DatasetGroupStatus::ALL.into_iter().filter(|status| *status != DatasetGroupStatus::CreateFailed) {
            assert_ne!(decide(&replace, &found(status), true), Ok(Action::Replace));
        }
        let keep = request(&json!({"name": "media", "domain": "ECOMMERCE"}), "FAIL");
        assert_eq!(
            decide(&keep, &failed, true).map_err(|e| e.to_string()),
            Err("the creation of the dataset group failed: no such key".to_owned())
        );
    }

    #[test]
    fn a_group_that_is_going_away_is_waited_for() {
        let request = request(&json!({"name": "media"}), "FAIL");
        for status in [DatasetGroupStatus::DeletePending, DatasetGroupStatus::DeleteInProgress] {
            assert_eq!(decide(&request, &found(status), true), Ok(Action::AwaitDeletion));
        }
    }
}
