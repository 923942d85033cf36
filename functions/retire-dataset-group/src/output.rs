//! What a run of the step returns. Pure: no I/O.

use contract::execution::seconds_between;
use contract::retirement::{Changes, Disposition, Plan, RetiredGroup};
use contract::step_error::Cause;
use contract::waiting::{phase, seconds_until_next_poll};
use contract::{DatasetGroup, DatasetGroupStatus, GroupProfile, Progress, RetirementRequest, StepError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wiring::LogSummary;

use crate::decide::Action;
use crate::{Earlier, Step};

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// The request with every default filled in.
    pub request: RetirementRequest,
    /// The group as it is now; none where there is none, and in a plan.
    pub dataset_group: Option<DatasetGroup>,
    /// The profile of the request, if there is one.
    pub group_profile: Option<GroupProfile>,
    /// What the execution remembers; none where it has finished.
    pub earlier: Option<Earlier>,
    /// What to wait for: none where the execution has finished.
    pub progress: Option<Progress>,
    /// When the creation or deletion that is waited for began.
    pub since: Timestamp,
    /// Seconds until the next poll; 0 when there is nothing to wait for.
    pub wait_seconds: u64,
    /// Seconds since the execution started.
    pub elapsed_seconds: u64,
    /// What the execution has done about the projects.
    pub changes: Changes,
    /// The group that is gone.
    pub retired: Option<Gone>,
    /// Why the group is not deleted though memberships may have been removed.
    pub failed: Option<Box<Cause>>,
    /// What would be done, in the mode PLAN.
    pub plan: Option<Plan>,
}

/// How a retirement ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gone {
    /// Whether there was a group.
    pub disposition: Disposition,
    /// The group.
    pub dataset_group: RetiredGroup,
}

impl LogSummary for Output {
    fn decision(&self) -> &'static str {
        match (&self.plan, &self.retired, self.progress) {
            (Some(_), _, _) => "planned",
            (None, Some(Gone { disposition: Disposition::Deleted, .. }), _) => "retired",
            (None, Some(Gone { disposition: Disposition::Absent, .. }), _) => "absent",
            (None, None, Some(Progress::Creating)) => "await creation",
            (None, None, Some(Progress::Deleting | Progress::Active | Progress::Recreate) | None) => "await deletion",
        }
    }

    fn failure(&self) -> Option<&Cause> {
        self.failed.as_deref()
    }
}

impl Step<'_> {
    pub(crate) fn failing(&self, output: Output, error: StepError) -> Output {
        Output { failed: Some(Box::new(self.input.domain_access.named(error).cause())), ..output }
    }

    /// The execution has finished.
    pub(crate) fn gone(&self, output: Output) -> Output {
        let first = self.input.earlier.as_ref().map(|earlier| &earlier.dataset_group);
        let disposition = if first.is_some() { Disposition::Deleted } else { Disposition::Absent };
        let dataset_group = RetiredGroup {
            dataset_group_arn: self.arn.clone(),
            name: self.request.dataset_group.name.as_str().to_owned(),
            domain: first.and_then(|group| group.domain),
            creation_date_time: first.and_then(|group| group.creation_date_time),
        };
        Output { retired: Some(Gone { disposition, dataset_group }), dataset_group: None, ..output }
    }

    /// The execution waits for the creation or the deletion of the group. `sent` says that this run has deleted it.
    pub(crate) fn waiting(&self, output: Output, group: DatasetGroup, sent: bool) -> Result<Output, StepError> {
        let earlier = self.input.earlier.as_ref();
        let (elapsed_seconds, timeout_seconds) = (output.elapsed_seconds, self.request.policy.timeout_seconds);
        if earlier.is_some() && !sent && elapsed_seconds >= timeout_seconds {
            let DatasetGroup { dataset_group_arn: resource, status, .. } = group;
            return Err(StepError::ProvisioningTimedOut { resource, status, timeout_seconds });
        }
        let creating = Action::about(group.status) == Action::AwaitCreation;
        let begun = if creating { group.creation_date_time.unwrap_or(self.now) } else { self.now };
        let since = earlier.filter(|_| !sent).map_or(begun, |earlier| earlier.since);
        let deleted_before = earlier.is_some_and(|earlier| earlier.deleted);
        let (age, remaining) = (seconds_between(since, self.now), timeout_seconds.saturating_sub(elapsed_seconds));
        let pause = seconds_until_next_poll(age, remaining, phase(&self.input.execution.arn));
        // Each round until a deletion is visible runs two steps. So it waits twice as long, and the longest deadline fits into
        // the history of an execution.
        let wait_seconds = if deleted_before { (2 * pause).min(remaining).max(1) } else { pause };
        let first = earlier.map_or_else(|| group.clone(), |earlier| earlier.dataset_group.clone());
        let remembered = Earlier {
            dataset_group: first,
            group_profile: output.group_profile.clone(),
            since,
            deleted: sent || deleted_before,
        };
        let progress = Some(if creating { Progress::Creating } else { Progress::Deleting });
        let (earlier, dataset_group) = (Some(remembered), Some(group));
        Ok(Output { dataset_group, earlier, progress, since, wait_seconds, ..output })
    }

    /// The output before anything is known.
    pub(crate) fn output(&self) -> Output {
        Output {
            request: self.request.clone(),
            dataset_group: None,
            group_profile: None,
            earlier: self.input.earlier.clone(),
            progress: None,
            since: self.now,
            wait_seconds: 0,
            elapsed_seconds: self.input.execution.elapsed_seconds(self.now),
            changes: Changes::default(),
            retired: None,
            failed: None,
            plan: None,
        }
    }
}

/// The group right after its deletion.
pub(crate) fn being_deleted(group: DatasetGroup) -> DatasetGroup {
    DatasetGroup { status: DatasetGroupStatus::DeletePending, ..group }
}
