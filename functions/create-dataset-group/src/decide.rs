//! What to do about a dataset group that exists. Pure: no I/O.

use contract::request::IfCreateFailed;
use contract::{DatasetGroup, DatasetGroupStatus, Progress, Request, StepError};
use dataset_group::{Observed, differences, no_conflict};

/// What to do about a dataset group that exists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is the requested one.
    Adopt(Progress),
    /// It is going away: wait, then create.
    AwaitDeletion,
    /// Its creation failed, and the request allows to delete it.
    Replace,
}

pub(crate) fn decide(request: &Request, found: &Observed, may_replace: bool) -> Result<Action, StepError> {
    let Observed { dataset_group: DatasetGroup { dataset_group_arn: arn, status, .. }, failure_reason, .. } = found;
    let adopt =
        |progress| no_conflict(arn, differences(&request.dataset_group, found)).map(|()| Action::Adopt(progress));
    match status {
        DatasetGroupStatus::Active => adopt(Progress::Active),
        DatasetGroupStatus::CreatePending | DatasetGroupStatus::CreateInProgress => adopt(Progress::Creating),
        DatasetGroupStatus::DeletePending | DatasetGroupStatus::DeleteInProgress => Ok(Action::AwaitDeletion),
        DatasetGroupStatus::CreateFailed => match request.policy.if_create_failed {
            IfCreateFailed::Replace if may_replace => Ok(Action::Replace),
            IfCreateFailed::Replace | IfCreateFailed::Fail => Err(StepError::DatasetGroupCreateFailed {
                resource: arn.clone(),
                failure_reason: failure_reason.clone(),
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use DatasetGroupStatus::{Active, CreateFailed, CreateInProgress, CreatePending, DeleteInProgress, DeletePending};
    use contract::Difference;
    use contract::request::Domain;
    use serde_json::json;

    use super::*;

    fn request(domain: Option<&str>, policy: &str) -> Request {
        let document = json!({
            "datasetGroup": {"name": "media", "domain": domain},
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
        let request = request(Some("ECOMMERCE"), "FAIL");
        let decided = [Active, CreatePending, CreateInProgress].map(|status| decide(&request, &found(status), true));
        assert_eq!(decided, [Progress::Active, Progress::Creating, Progress::Creating].map(Action::Adopt).map(Ok));
    }

    #[test]
    fn each_difference_is_named_and_an_absent_member_differs_from_a_present_one() {
        let mut found = found(Active);
        (found.kms_key_arn, found.role_arn) = (Some("k".to_owned()), Some("r".to_owned()));
        let sides = [("domain", "ECOMMERCE"), ("kmsKeyArn", "k"), ("roleArn", "r")];
        let differences = sides.map(|(member, existing)| Difference {
            member: format!("datasetGroup.{member}"),
            requested: None,
            existing: Some(existing.to_owned()),
        });
        let conflict = StepError::DatasetGroupConflict { resource: "arn".to_owned(), differences: differences.into() };
        assert_eq!(decide(&request(None, "FAIL"), &found, true), Err(conflict));
    }

    #[test]
    fn only_a_group_whose_creation_failed_is_replaced_and_only_once() {
        let replace = request(Some("ECOMMERCE"), "REPLACE");
        let failed = found(CreateFailed);
        assert_eq!(decide(&replace, &failed, true), Ok(Action::Replace));
        assert_eq!(decide(&replace, &failed, false).map_err(|e| e.name()), Err("DatasetGroupCreateFailed"));
        for status in DatasetGroupStatus::ALL.into_iter().filter(|status| *status != CreateFailed) {
            assert_ne!(decide(&replace, &found(status), true), Ok(Action::Replace));
        }
        let kept = decide(&request(Some("ECOMMERCE"), "FAIL"), &failed, true).expect_err("kept");
        assert_eq!(kept.to_string(), "the creation of the dataset group failed: no such key");
    }

    #[test]
    fn a_group_that_is_going_away_is_waited_for() {
        for status in [DeletePending, DeleteInProgress] {
            assert_eq!(decide(&request(None, "FAIL"), &found(status), true), Ok(Action::AwaitDeletion));
        }
    }
}
