//! The steps in the order of the state machine, without its waits.

use contract::outcome::{Changes, Disposition};
use contract::{DatasetGroup, GroupProfile, Progress, StepError};
use domain_access::DomainAccess;
use serde_json::Value;

use crate::setup::Setup;

/// `MaxAttempts` of the state machine for Unavailable.
const RETRIES: u32 = 6;
/// A step that is throttled is run again until the deadline; the tests take that for this many times.
const THROTTLES: u32 = 30;
/// No scenario of a test is as long.
const MOST_POLLS: u64 = 50;

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

    /// The same, and calls `failed` with each error of a step before the step is run again.
    ///
    /// # Errors
    /// As [`Self::provision`].
    ///
    /// # Panics
    /// As [`Self::provision`].
    pub async fn provision_reporting(
        &self,
        request: &Value,
        failed: impl AsyncFn(&StepError),
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
        let bootstrap = async || {
            let input = bootstrap_group_profile::Input {
                dataset_group: group.clone(),
                tags: created.request.dataset_group.tags.clone(),
                group_profile: created.request.group_profile.clone(),
                domain_access: DomainAccess::default(),
                execution: self.execution(waited),
            };
            bootstrap_group_profile::handle(&self.clients.domain, &self.clients.personalize, input).await
        };
        let bootstrapped = retrying(&failed, bootstrap).await?;
        Ok(Provisioned {
            disposition: created.disposition,
            dataset_group: group,
            group_profile: bootstrapped.group_profile,
            changes: bootstrapped.changes,
            polls,
        })
    }
}

async fn retrying<T>(
    failed: &impl AsyncFn(&StepError),
    step: impl AsyncFn() -> Result<T, StepError>,
) -> Result<T, StepError> {
    let (mut retries, mut throttles) = (0, 0);
    loop {
        let ended = step().await;
        if let Err(error) = &ended {
            failed(error).await;
        }
        match ended {
            Err(StepError::Unavailable(_)) if retries < RETRIES => retries += 1,
            Err(StepError::Throttled(_)) if throttles < THROTTLES => throttles += 1,
            ended => return ended,
        }
    }
}
