//! The steps in the order of the state machine, without its waits.

use add_project_members::Added;
use contract::outcome::{Changes, Disposition};
use contract::step_error::Cause;
use contract::{DatasetGroup, GroupProfile, Progress, StepError};
use serde_json::Value;

use crate::setup::Setup;

/// `MaxAttempts` of the state machine for Unavailable.
const RETRIES: u32 = 6;
/// A step that is throttled is run again until the deadline; the tests take that for this many times.
const THROTTLES: u32 = 30;
/// No scenario of a test is as long.
pub(crate) const MOST_POLLS: u64 = 50;

/// What an execution that succeeds ends with.
#[derive(Debug, Clone, PartialEq)]
pub struct Provisioned {
    /// Where the group came from.
    pub disposition: Option<Disposition>,
    /// The group.
    pub dataset_group: DatasetGroup,
    /// Its profile.
    pub group_profile: GroupProfile,
    /// What was changed.
    pub changes: Changes,
    /// Why the profile is no member of all projects: the state machine ends the execution with it.
    pub failed: Option<Box<Cause>>,
    /// Runs of the poll step.
    pub polls: u64,
}

impl Setup {
    /// Goes through the workflow as the state machine does: what is Unavailable or throttled is tried again, and time passes
    /// only on the clock that the handlers are told.
    ///
    /// # Errors
    /// The first that the state machine does not retry, or that outlives its retries.
    ///
    /// # Panics
    /// When the group never becomes ACTIVE and the deadline never passes.
    pub async fn provision(&self, request: &Value) -> Result<Provisioned, StepError> {
        self.provision_reporting(request, async |_| {}).await
    }

    /// The same, and calls `failed` with each failure of a step, before the step is run again if it is.
    ///
    /// # Errors
    /// As [`Self::provision`].
    ///
    /// # Panics
    /// As [`Self::provision`].
    pub async fn provision_reporting(
        &self,
        request: &Value,
        failed: impl AsyncFn(&Cause),
    ) -> Result<Provisioned, StepError> {
        let mut waited = 0;
        let mut polls = 0;
        let mut rounds = 0;
        let mut created = retrying(&failed, async || self.create_at(request, rounds, waited).await).await?;
        let mut group = created.dataset_group.clone();
        let mut progress = created.progress;
        let mut wait_seconds = created.wait_seconds;
        loop {
            match progress {
                Progress::Active => break,
                Progress::Recreate => {
                    rounds += 1;
                    created = retrying(&failed, async || self.create_at(request, rounds, waited).await).await?;
                    group = created.dataset_group.clone();
                    progress = created.progress;
                    wait_seconds = created.wait_seconds;
                }
                Progress::Creating | Progress::Deleting => {
                    waited += wait_seconds;
                    polls += 1;
                    assert!(polls < MOST_POLLS, "still {} after {waited} s", group.status.as_str());
                    let timeout = created.request.policy.timeout_seconds;
                    let requested = &created.request.dataset_group;
                    let poll = async || {
                        self.poll_on(group.clone(), requested.clone(), created.since, timeout, polls, waited).await
                    };
                    let polled = retrying(&failed, poll).await?;
                    group = polled.dataset_group;
                    progress = polled.progress;
                    wait_seconds = polled.wait_seconds;
                }
            }
        }
        let attach = async || self.attach(&created.request, group.clone(), waited).await;
        let attached = retrying(&failed, attach).await?;
        let mut added = Added { changes: attached.changes.clone(), failed: None };
        if !created.request.group_profile.projects.is_empty() {
            let add = async || self.add(&created.request, group.clone(), attached.clone(), waited).await;
            added = retrying(&failed, add).await?;
        }
        if let Some(cause) = &added.failed {
            failed(cause).await;
        }
        Ok(Provisioned {
            disposition: created.disposition,
            dataset_group: group,
            group_profile: attached.group_profile,
            changes: added.changes,
            failed: added.failed,
            polls,
        })
    }
}

pub(crate) async fn retrying<T>(
    failed: &impl AsyncFn(&Cause),
    step: impl AsyncFn() -> Result<T, StepError>,
) -> Result<T, StepError> {
    let (mut retries, mut throttles) = (0, 0);
    loop {
        let ended = step().await;
        if let Err(error) = &ended {
            failed(&error.cause()).await;
        }
        match ended {
            Err(StepError::Unavailable(_)) if retries < RETRIES => retries += 1,
            Err(StepError::Throttled(_)) if throttles < THROTTLES => throttles += 1,
            ended => return ended,
        }
    }
}
