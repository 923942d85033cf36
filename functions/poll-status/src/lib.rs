//! The poll step: one look at the dataset group, and how long to wait until the next. It never loops by itself.

use aws_sdk_personalize::Client;
use contract::execution::seconds_between;
use contract::request::DatasetGroupRequest;
use contract::waiting::seconds_until_next_look;
use contract::{DatasetGroup, DatasetGroupStatus, Execution, Progress, StepError};
use dataset_group::{Observed, call, differences, observe};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wiring::{Activation, Invocation, LogSummary};

/// Until this age in seconds a new group may be invisible. Amazon Personalize documents no bound; most groups are ACTIVE
/// at this age.
const VISIBILITY_GRACE_SECONDS: u64 = 60;

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The group as the last step saw it.
    pub dataset_group: DatasetGroup,
    /// The group that was asked for.
    pub requested: DatasetGroupRequest,
    /// When the creation or deletion that is waited for began.
    pub since: Timestamp,
    /// `policy.timeoutSeconds` of the request.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub timeout_seconds: u64,
    /// The number of this look.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub polls: u64,
    /// The execution.
    pub execution: Execution,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// The group as it is now.
    pub dataset_group: DatasetGroup,
    /// What to do next.
    pub progress: Progress,
    /// Seconds until the next look; 0 when there is nothing to wait for.
    pub wait_seconds: u64,
    /// Seconds since the execution started.
    pub elapsed_seconds: u64,
    /// The number of this poll, for the log.
    #[serde(skip)]
    polls: u64,
}

impl LogSummary for Output {
    fn decision(&self) -> &'static str {
        match self.progress {
            Progress::Active => "active",
            Progress::Creating => "wait for creation",
            Progress::Deleting => "wait for deletion",
            Progress::Recreate => "create",
        }
    }

    fn activation(&self) -> Option<Activation> {
        match self.progress {
            Progress::Active => Some(Activation { seconds: self.elapsed_seconds, polls: self.polls }),
            Progress::Creating | Progress::Deleting | Progress::Recreate => None,
        }
    }
}

/// Looks at the group once.
///
/// # Errors
/// [`StepError::DatasetGroupCreateFailed`] when its creation failed, [`StepError::ProvisioningTimedOut`] when it is
/// still on its way at the deadline, [`StepError::NotFound`] when it vanished, and what the service's errors mean.
pub async fn handle(personalize: &Client, input: Input, invocation: &Invocation) -> Result<Output, StepError> {
    let observed = observe(personalize, &input.dataset_group.dataset_group_arn).await?;
    decide(input, observed, invocation.now)
}

/// What one look means. Pure: no I/O.
fn decide(input: Input, observed: Option<Observed>, now: Timestamp) -> Result<Output, StepError> {
    let age = seconds_between(input.since, now);
    let deleting =
        matches!(input.dataset_group.status, DatasetGroupStatus::DeletePending | DatasetGroupStatus::DeleteInProgress);
    let another = observed.as_ref().is_some_and(|observed| is_another(&input, observed));
    let (dataset_group, progress) = match observed {
        None if deleting => (input.dataset_group, Progress::Recreate),
        None if age <= VISIBILITY_GRACE_SECONDS => (input.dataset_group, Progress::Creating),
        None => return Err(vanished(&input.dataset_group.dataset_group_arn)),
        Some(Observed { dataset_group, failure_reason, .. }) => match dataset_group.status {
            // Whatever stands there now is not what was being deleted, or what was created or adopted: the create step
            // compares it first. (One that failed is reported as it is, whoever created it.)
            DatasetGroupStatus::Active | DatasetGroupStatus::CreatePending | DatasetGroupStatus::CreateInProgress
                if deleting || another =>
            {
                (dataset_group, Progress::Recreate)
            }
            // The deletion that the create step asked for does not show yet, or another group failed in its place.
            DatasetGroupStatus::CreateFailed if deleting => {
                if dataset_group.creation_date_time == input.dataset_group.creation_date_time {
                    (input.dataset_group, Progress::Deleting)
                } else {
                    (dataset_group, Progress::Recreate)
                }
            }
            DatasetGroupStatus::Active => (dataset_group, Progress::Active),
            DatasetGroupStatus::CreatePending | DatasetGroupStatus::CreateInProgress => {
                (dataset_group, Progress::Creating)
            }
            DatasetGroupStatus::DeletePending | DatasetGroupStatus::DeleteInProgress => {
                (dataset_group, Progress::Deleting)
            }
            DatasetGroupStatus::CreateFailed => {
                return Err(StepError::DatasetGroupCreateFailed {
                    resource: dataset_group.dataset_group_arn,
                    failure_reason,
                });
            }
        },
    };
    let elapsed_seconds = input.execution.elapsed_seconds(now);
    let goes_on = match progress {
        Progress::Active => false,
        // Groups that replace each other for ever are not followed for ever.
        Progress::Recreate => another,
        Progress::Creating | Progress::Deleting => true,
    };
    if goes_on && elapsed_seconds >= input.timeout_seconds {
        return Err(StepError::ProvisioningTimedOut {
            resource: dataset_group.dataset_group_arn,
            status: dataset_group.status,
            timeout_seconds: input.timeout_seconds,
        });
    }
    let wait_seconds = match progress {
        Progress::Active | Progress::Recreate => 0,
        Progress::Creating | Progress::Deleting => {
            seconds_until_next_look(age, input.timeout_seconds - elapsed_seconds)
        }
    };
    Ok(Output { dataset_group, progress, wait_seconds, elapsed_seconds, polls: input.polls })
}

/// Whether another execution replaced the group since the last poll. A changed creation time means replacement. Once the
/// group is ACTIVE, the immutable configuration must match too, because the time may be unknown. (Not sooner: whether a
/// group has all of its configuration while it is being created is not documented.)
fn is_another(input: &Input, observed: &Observed) -> bool {
    let dates = (input.dataset_group.creation_date_time, observed.dataset_group.creation_date_time);
    let recreated = matches!(dates, (Some(last), Some(now)) if last != now);
    let is_used_next = observed.dataset_group.status == DatasetGroupStatus::Active;
    recreated || (is_used_next && !differences(&input.requested, observed).is_empty())
}

fn vanished(arn: &str) -> StepError {
    call("DescribeDatasetGroup", arn).not_found(format!(
        "the dataset group did not become visible within {VISIBILITY_GRACE_SECONDS} seconds, or was deleted"
    ))
}

#[cfg(test)]
mod tests {
    use contract::request::Domain;
    use serde_json::json;

    use super::*;

    const START: i64 = 1_700_000_000;

    fn group(status: DatasetGroupStatus) -> DatasetGroup {
        DatasetGroup {
            dataset_group_arn: "arn".to_owned(),
            name: "media".to_owned(),
            domain: None,
            status,
            creation_date_time: None,
        }
    }

    fn input(last: DatasetGroupStatus) -> Input {
        Input {
            dataset_group: group(last),
            requested: serde_json::from_value(json!({"name": "media"})).expect("valid"),
            since: Timestamp::constant(START, 0),
            timeout_seconds: 300,
            polls: 1,
            execution: Execution { arn: String::new(), start_time: Timestamp::constant(START, 0), waited_seconds: 0 },
        }
    }

    fn observed(dataset_group: DatasetGroup, key: Option<&str>) -> Observed {
        let kms_key_arn = key.map(str::to_owned);
        Observed { dataset_group, kms_key_arn, role_arn: None, failure_reason: Some("why".to_owned()) }
    }

    fn look(
        last: DatasetGroupStatus,
        now: Option<DatasetGroupStatus>,
        seconds: i64,
    ) -> Result<(Progress, u64), StepError> {
        let observed = now.map(|status| observed(group(status), None));
        decide(input(last), observed, Timestamp::constant(START + seconds, 0))
            .map(|output| (output.progress, output.wait_seconds))
    }

    use DatasetGroupStatus::{Active, CreateFailed, CreateInProgress, CreatePending, DeleteInProgress, DeletePending};

    #[test]
    fn a_group_is_waited_for_until_it_is_active() {
        assert_eq!(look(CreatePending, Some(CreatePending), 20), Ok((Progress::Creating, 5)));
        assert_eq!(look(CreatePending, Some(CreateInProgress), 100), Ok((Progress::Creating, 10)));
        assert_eq!(look(CreateInProgress, Some(Active), 110), Ok((Progress::Active, 0)));
    }

    #[test]
    fn the_log_has_each_decision_and_the_activation_of_an_active_group_only() {
        for (now, decision, activation) in [
            (Some(Active), "active", Some(Activation { seconds: 20, polls: 1 })),
            (Some(CreatePending), "wait for creation", None),
            (Some(DeletePending), "wait for deletion", None),
        ] {
            let observed = now.map(|status| observed(group(status), None));
            let output = decide(input(CreatePending), observed, Timestamp::constant(START + 20, 0)).expect("decided");
            assert_eq!((output.decision(), output.activation()), (decision, activation));
        }
        let gone = decide(input(DeletePending), None, Timestamp::constant(START + 20, 0)).expect("decided");
        assert_eq!((gone.decision(), gone.activation()), ("create", None));
    }

    #[test]
    fn a_failed_creation_ends_with_the_reason() {
        let expected =
            StepError::DatasetGroupCreateFailed { resource: "arn".to_owned(), failure_reason: Some("why".to_owned()) };
        assert_eq!(look(CreateInProgress, Some(CreateFailed), 30), Err(expected));
    }

    #[test]
    fn the_deadline_ends_a_wait_and_never_a_success() {
        assert_eq!(look(CreatePending, Some(CreateInProgress), 295), Ok((Progress::Creating, 5)));
        let timed_out =
            |status| StepError::ProvisioningTimedOut { resource: "arn".to_owned(), status, timeout_seconds: 300 };
        assert_eq!(look(CreatePending, Some(CreateInProgress), 300), Err(timed_out(CreateInProgress)));
        assert_eq!(look(DeletePending, Some(DeleteInProgress), 300), Err(timed_out(DeleteInProgress)));
        assert_eq!(look(CreatePending, Some(Active), 300), Ok((Progress::Active, 0)));
        assert_eq!(look(DeletePending, None, 300), Ok((Progress::Recreate, 0)));
    }

    #[test]
    fn a_group_that_does_not_show_yet_is_waited_for_and_then_missed() {
        assert_eq!(look(CreatePending, None, 60), Ok((Progress::Creating, 6)));
        assert_eq!(look(CreatePending, None, 61).map_err(|e| e.name()), Err("NotFound"));
    }

    #[test]
    fn a_deletion_is_waited_for_until_the_group_is_gone() {
        assert_eq!(look(DeletePending, Some(DeletePending), 20), Ok((Progress::Deleting, 5)));
        assert_eq!(look(DeletePending, Some(CreateFailed), 20), Ok((Progress::Deleting, 5)));
        assert_eq!(look(DeleteInProgress, None, 90), Ok((Progress::Recreate, 0)));
        assert_eq!(look(CreatePending, Some(DeletePending), 20), Ok((Progress::Deleting, 5)));
    }

    #[test]
    fn another_group_that_failed_in_the_place_of_a_deleted_one_is_not_waited_for() {
        let (mut input, mut now) = (input(DeletePending), group(CreateFailed));
        input.dataset_group.creation_date_time = Some(Timestamp::constant(START - 60, 0));
        now.creation_date_time = Some(Timestamp::constant(START + 10, 0));
        let decided = decide(input, Some(observed(now, None)), Timestamp::constant(START + 20, 0));
        assert_eq!(decided.map(|output| output.progress), Ok(Progress::Recreate));
    }

    #[test]
    fn a_group_that_another_execution_put_in_the_place_of_this_one_is_compared_before_it_is_used() {
        let seen = |now: DatasetGroup, key: Option<&str>, last: Option<Timestamp>| {
            let mut input = input(CreatePending);
            input.dataset_group.creation_date_time = last;
            decide(input, Some(observed(now, key)), Timestamp::constant(START + 30, 0)).map(|output| output.progress)
        };
        let created = |second| Some(Timestamp::constant(START + second, 0));
        for status in [Active, CreatePending, CreateInProgress] {
            let differs = if status == Active { Progress::Recreate } else { Progress::Creating };
            let other_domain = DatasetGroup { domain: Some(Domain::Ecommerce), ..group(status) };
            assert_eq!(seen(other_domain, None, None), Ok(differs));
            assert_eq!(seen(group(status), Some("k"), None), Ok(differs));
            let later = DatasetGroup { creation_date_time: created(20), ..group(status) };
            assert_eq!(seen(later.clone(), None, created(1)), Ok(Progress::Recreate));
            assert_ne!(seen(later.clone(), None, created(20)), Ok(Progress::Recreate));
            assert_ne!(seen(later, None, None), Ok(Progress::Recreate), "the first look at what was created");
        }
    }

    #[test]
    fn groups_that_replace_each_other_are_followed_until_the_deadline_and_a_failed_one_is_reported() {
        let seen = |status, second| {
            let mut input = input(CreatePending);
            input.dataset_group.creation_date_time = Some(Timestamp::constant(START, 0));
            let now = DatasetGroup { creation_date_time: Some(Timestamp::constant(START + 20, 0)), ..group(status) };
            let decided = decide(input, Some(observed(now, None)), Timestamp::constant(START + second, 0));
            decided.map(|output| output.progress).map_err(|error| error.name())
        };
        assert_eq!(seen(Active, 299), Ok(Progress::Recreate));
        assert_eq!(seen(Active, 300), Err("ProvisioningTimedOut"));
        assert_eq!(seen(CreateFailed, 30), Err("DatasetGroupCreateFailed"));
    }

    #[test]
    fn what_takes_the_place_of_a_deleted_group_is_compared_before_it_is_used() {
        for status in [Active, CreatePending, CreateInProgress] {
            assert_eq!(look(DeletePending, Some(status), 20), Ok((Progress::Recreate, 0)));
        }
    }
}
