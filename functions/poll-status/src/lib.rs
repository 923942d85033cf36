//! The poll step: describes the dataset group once, and says how long to wait until the next poll. It never loops.

use aws_sdk_personalize::Client;
use contract::DatasetGroupStatus::{
    self, Active, CreateFailed, CreateInProgress, CreatePending, DeleteInProgress, DeletePending,
};
use contract::execution::seconds_between;
use contract::request::DatasetGroupRequest;
use contract::waiting::{phase, seconds_until_next_poll};
use contract::{DatasetGroup, Execution, Progress, StepError};
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
    /// The requested group.
    pub requested: DatasetGroupRequest,
    /// When the creation or deletion that is waited for began.
    pub since: Timestamp,
    /// `policy.timeoutSeconds` of the request.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub timeout_seconds: u64,
    /// The number of this poll.
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
    /// Seconds until the next poll; 0 when there is nothing to wait for.
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

/// Polls the group once.
///
/// # Errors
/// [`StepError::DatasetGroupCreateFailed`] when its creation failed, [`StepError::ProvisioningTimedOut`] when it is
/// still on its way at the deadline, [`StepError::NotFound`] when it vanished, and what the service's errors mean.
pub async fn handle(personalize: &Client, input: Input, invocation: &Invocation) -> Result<Output, StepError> {
    let observed = observe(personalize, &input.dataset_group.dataset_group_arn).await?;
    decide(input, observed, invocation.now)
}

/// What one poll means. Pure: no I/O.
fn decide(input: Input, observed: Option<Observed>, now: Timestamp) -> Result<Output, StepError> {
    let age = seconds_between(input.since, now);
    let last = &input.dataset_group;
    let deleting = matches!(last.status, DeletePending | DeleteInProgress);
    let another = observed.as_ref().is_some_and(|observed| is_another(&input, observed));
    let (dataset_group, progress) = match observed {
        None if deleting => (input.dataset_group, Progress::Recreate),
        None if age <= VISIBILITY_GRACE_SECONDS => (input.dataset_group, Progress::Creating),
        None => return Err(vanished(&last.dataset_group_arn)),
        Some(Observed { dataset_group: group, failure_reason, .. }) => match group.status {
            // This group is not the one that was being deleted, created or adopted: the create step compares it first.
            // (One that failed is reported as it is, whoever created it.)
            Active | CreatePending | CreateInProgress if deleting || another => (group, Progress::Recreate),
            // The deletion that the create step requested is not visible yet, or another group failed in its place.
            CreateFailed if deleting && group.creation_date_time == last.creation_date_time => {
                (input.dataset_group, Progress::Deleting)
            }
            CreateFailed if deleting => (group, Progress::Recreate),
            CreateFailed => {
                let resource = group.dataset_group_arn;
                return Err(StepError::DatasetGroupCreateFailed { resource, failure_reason });
            }
            Active => (group, Progress::Active),
            CreatePending | CreateInProgress => (group, Progress::Creating),
            DeletePending | DeleteInProgress => (group, Progress::Deleting),
        },
    };
    let elapsed_seconds = input.execution.elapsed_seconds(now);
    // Groups that replace each other for ever are not followed for ever.
    let goes_on = progress.waits() || (another && progress == Progress::Recreate);
    let timeout_seconds = input.timeout_seconds;
    if goes_on && elapsed_seconds >= timeout_seconds {
        let DatasetGroup { dataset_group_arn: resource, status, .. } = dataset_group;
        return Err(StepError::ProvisioningTimedOut { resource, status, timeout_seconds });
    }
    let remaining = timeout_seconds.saturating_sub(elapsed_seconds);
    let phase = phase(&input.execution.arn);
    let wait_seconds = if progress.waits() { seconds_until_next_poll(age, remaining, phase) } else { 0 };
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

    use super::{DatasetGroupStatus as Status, *};

    /// Seconds after the start of the execution and of the wait.
    fn at(second: i64) -> Timestamp {
        Timestamp::constant(1_700_000_000 + second, 0)
    }

    fn group(status: Status, created: Option<i64>) -> DatasetGroup {
        let (dataset_group_arn, name) = ("arn".to_owned(), "media".to_owned());
        DatasetGroup { dataset_group_arn, name, domain: None, status, creation_date_time: created.map(at) }
    }

    fn observed(dataset_group: DatasetGroup, key: Option<&str>) -> Observed {
        let kms_key_arn = key.map(str::to_owned);
        Observed { dataset_group, kms_key_arn, role_arn: None, failure_reason: Some("why".to_owned()) }
    }

    fn decided(last: DatasetGroup, now: Option<Observed>, second: i64) -> Result<Output, StepError> {
        let input = Input {
            dataset_group: last,
            requested: serde_json::from_value(json!({"name": "media"})).expect("valid"),
            since: at(0),
            timeout_seconds: 300,
            polls: 1,
            execution: Execution { arn: String::new(), start_time: at(0), waited_seconds: 0 },
        };
        decide(input, now, at(second))
    }

    fn poll(last: Status, now: Option<Status>, second: i64) -> Result<(Progress, u64), StepError> {
        let now = now.map(|status| observed(group(status, None), None));
        decided(group(last, None), now, second).map(|output| (output.progress, output.wait_seconds))
    }

    #[test]
    fn a_group_is_waited_for_until_it_is_active() {
        assert_eq!(poll(CreatePending, Some(CreatePending), 20), Ok((Progress::Creating, 5)));
        assert_eq!(poll(CreatePending, Some(CreateInProgress), 100), Ok((Progress::Creating, 10)));
        assert_eq!(poll(CreateInProgress, Some(Active), 110), Ok((Progress::Active, 0)));
    }

    #[test]
    fn the_log_has_each_decision_and_the_activation_of_an_active_group_only() {
        for (last, now, decision, activation) in [
            (CreatePending, Some(Active), "active", Some(Activation { seconds: 20, polls: 1 })),
            (CreatePending, Some(CreatePending), "wait for creation", None),
            (CreatePending, Some(DeletePending), "wait for deletion", None),
            (DeletePending, None, "create", None),
        ] {
            let now = now.map(|status| observed(group(status, None), None));
            let output = decided(group(last, None), now, 20).expect("decided");
            assert_eq!((output.decision(), output.activation()), (decision, activation));
        }
    }

    #[test]
    fn a_failed_creation_ends_with_the_reason() {
        let failed =
            StepError::DatasetGroupCreateFailed { resource: "arn".to_owned(), failure_reason: Some("why".to_owned()) };
        assert_eq!(poll(CreateInProgress, Some(CreateFailed), 30), Err(failed));
    }

    #[test]
    fn the_deadline_ends_a_wait_and_never_a_success() {
        assert_eq!(poll(CreatePending, Some(CreateInProgress), 295), Ok((Progress::Creating, 5)));
        for (last, status) in [(CreatePending, CreateInProgress), (DeletePending, DeleteInProgress)] {
            let error = StepError::ProvisioningTimedOut { resource: "arn".to_owned(), status, timeout_seconds: 300 };
            assert_eq!(poll(last, Some(status), 300), Err(error));
        }
        assert_eq!(poll(CreatePending, Some(Active), 300), Ok((Progress::Active, 0)));
        assert_eq!(poll(DeletePending, None, 300), Ok((Progress::Recreate, 0)));
    }

    #[test]
    fn a_group_that_is_not_visible_yet_is_waited_for_and_then_missed() {
        assert_eq!(poll(CreatePending, None, 60), Ok((Progress::Creating, 6)));
        assert_eq!(poll(CreatePending, None, 61).map_err(|e| e.name()), Err("NotFound"));
    }

    #[test]
    fn a_deletion_is_waited_for_until_the_group_is_gone() {
        assert_eq!(poll(DeletePending, Some(DeletePending), 20), Ok((Progress::Deleting, 5)));
        assert_eq!(poll(DeletePending, Some(CreateFailed), 20), Ok((Progress::Deleting, 5)));
        assert_eq!(poll(DeleteInProgress, None, 90), Ok((Progress::Recreate, 0)));
        assert_eq!(poll(CreatePending, Some(DeletePending), 20), Ok((Progress::Deleting, 5)));
    }

    #[test]
    fn a_group_that_takes_the_place_of_a_deleted_one_is_compared_before_it_is_used_and_not_waited_for_when_it_failed() {
        for status in [Active, CreatePending, CreateInProgress] {
            assert_eq!(poll(DeletePending, Some(status), 20), Ok((Progress::Recreate, 0)));
        }
        let failed = observed(group(CreateFailed, Some(10)), None);
        let decided = decided(group(DeletePending, Some(-60)), Some(failed), 20);
        assert_eq!(decided.map(|output| output.progress), Ok(Progress::Recreate));
    }

    #[test]
    fn a_group_that_another_execution_put_in_the_place_of_this_one_is_compared_before_it_is_used() {
        let polled = |now: DatasetGroup, key: Option<&str>, last: Option<i64>| {
            decided(group(CreatePending, last), Some(observed(now, key)), 30).map(|output| output.progress)
        };
        for status in [Active, CreatePending, CreateInProgress] {
            let differs = if status == Active { Progress::Recreate } else { Progress::Creating };
            let other_domain = DatasetGroup { domain: Some(Domain::Ecommerce), ..group(status, None) };
            assert_eq!(polled(other_domain, None, None), Ok(differs));
            assert_eq!(polled(group(status, None), Some("k"), None), Ok(differs));
            let later = || group(status, Some(20));
            assert_eq!(polled(later(), None, Some(1)), Ok(Progress::Recreate));
            assert_ne!(polled(later(), None, Some(20)), Ok(Progress::Recreate));
            assert_ne!(polled(later(), None, None), Ok(Progress::Recreate), "the first poll of the created group");
        }
    }

    #[test]
    fn groups_that_replace_each_other_are_followed_until_the_deadline_and_a_failed_one_is_reported() {
        for (status, second, expected) in [
            (Active, 299, Ok(Progress::Recreate)),
            (Active, 300, Err("ProvisioningTimedOut")),
            (CreateFailed, 30, Err("DatasetGroupCreateFailed")),
        ] {
            let now = observed(group(status, Some(20)), None);
            let decided = decided(group(CreatePending, Some(0)), Some(now), second);
            assert_eq!(decided.map(|output| output.progress).map_err(|error| error.name()), expected);
        }
    }
}
