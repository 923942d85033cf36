//! The steps of a retirement, in the order of the state machine, without its waits.

use contract::request::RetirementGuards;
use contract::retirement::{Changes, Plan};
use contract::step_error::Cause;
use contract::{GroupProfile, Progress, StepError};
use domain_access::DomainAccess;
use retire_dataset_group::{Earlier, Gone, Input, Output, handle};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Profile};

use crate::documents::DOMAIN;
use crate::machine::{MOST_POLLS, retrying};
use crate::setup::{Setup, tag};
use crate::{changed, request, request_for_role};

/// What a retirement ends with, unless a step fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Retired {
    /// The group that is gone; none where the group was not deleted because of `failed`.
    pub gone: Option<Gone>,
    /// The profile.
    pub group_profile: Option<GroupProfile>,
    /// What was done about the projects.
    pub changes: Changes,
    /// Why the group was not deleted: the state machine ends the execution with it.
    pub failed: Option<Box<Cause>>,
    /// Runs of the poll step.
    pub polls: u64,
}

/// Asks that the group of the requests be retired, and its profile no longer be a member of these projects.
#[must_use]
pub fn retirement(projects: &[&str]) -> Value {
    instead(request(), projects)
}

/// The same for the profile of the role.
#[must_use]
pub fn retirement_for_role(projects: &[&str]) -> Value {
    instead(request_for_role(), projects)
}

/// The retirement of what the request asks for.
fn instead(request: Value, projects: &[&str]) -> Value {
    let policy = json!({"removeProjects": projects, "timeoutSeconds": 300});
    changed(request, &json!({"datasetGroup": {"domain": null, "tags": null}, "policy": policy}))
}

impl Setup {
    /// Puts a group in this status that is linked to the profile, and a project in which the profile is a member by this id
    /// of its own or of its group.
    ///
    /// # Panics
    /// When the simulators refuse.
    pub async fn put_linked_group(&self, status: &str, profile: Profile, project: &str) {
        let (id, member) = (profile.id.clone(), profile.group_id.clone());
        self.put_profile(profile).await;
        let tags = vec![tag("datazone:domain-id", DOMAIN), tag("datazone:group-profile-id", &id)];
        self.put(DatasetGroupState { status: Some(status.to_owned()), tags, ..self.older_group() }).await;
        self.put_project(project, &[(&member.unwrap_or(id), "PROJECT_OWNER")]).await;
    }

    /// Retires as the state machine does: what is Unavailable or throttled is tried again, and time passes only on the clock
    /// that the handlers are told.
    ///
    /// # Errors
    /// The first that the state machine does not retry, or that outlives its retries.
    ///
    /// # Panics
    /// When the group never goes and the deadline never passes.
    pub async fn retire(&self, request: &Value) -> Result<Retired, StepError> {
        self.retire_reporting(request, async |_| {}).await
    }

    /// The same, and calls `failed` with each failure of a step, before the step is run again if it is.
    ///
    /// # Errors
    /// As [`Self::retire`].
    ///
    /// # Panics
    /// As [`Self::retire`].
    pub async fn retire_reporting(&self, request: &Value, failed: impl AsyncFn(&Cause)) -> Result<Retired, StepError> {
        let (mut waited, mut polls) = (0, 0);
        let (mut earlier, mut changes) = (None, Changes::default());
        loop {
            let retire = async || self.retire_at(request, earlier.clone(), changes.clone(), waited).await;
            let output = retrying(&failed, retire).await?;
            if let Some(cause) = &output.failed {
                failed(cause).await;
            }
            let Output { request, group_profile, since, .. } = output;
            (changes, earlier) = (output.changes, output.earlier);
            let (Some(mut group), Some(mut progress)) = (output.dataset_group, output.progress) else {
                let (gone, failed) = (output.retired, output.failed);
                return Ok(Retired { gone, group_profile, changes, failed, polls });
            };
            let mut wait_seconds = output.wait_seconds;
            // The poll step takes the group by its name alone.
            let requested = json!({"name": request.dataset_group.name});
            let requested = serde_json::from_value(requested).expect("a group");
            while matches!(progress, Progress::Creating | Progress::Deleting) {
                waited += wait_seconds;
                polls += 1;
                assert!(polls < MOST_POLLS, "still {} after {waited} s", group.status.as_str());
                let timeout = request.policy.timeout_seconds;
                let poll =
                    async || self.poll_on(group.clone(), Clone::clone(&requested), since, timeout, polls, waited).await;
                match retrying(&failed, poll).await {
                    Ok(polled) => {
                        (group, progress, wait_seconds) = (polled.dataset_group, polled.progress, polled.wait_seconds);
                    }
                    // The state machine goes back to the retire step.
                    Err(StepError::DatasetGroupCreateFailed { .. } | StepError::NotFound(_)) => break,
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Runs `retire-dataset-group` with what earlier runs have found and changed, so many seconds into an execution.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn retire_at(
        &self,
        request: &Value,
        earlier: Option<Earlier>,
        changes: Changes,
        waited_seconds: u64,
    ) -> Result<Output, StepError> {
        let input = Input {
            request: request.clone(),
            guards: RetirementGuards::default(),
            domain_access: DomainAccess::default(),
            execution: self.execution(waited_seconds),
            earlier,
            changes,
        };
        handle(&self.clients.domain, &self.clients.personalize, input, &self.invocation(waited_seconds)).await
    }

    /// Plans a retirement.
    ///
    /// # Errors
    /// Those of the handler.
    ///
    /// # Panics
    /// When the step does what it should plan.
    pub async fn plan_retirement(&self, request: &Value) -> Result<Plan, StepError> {
        let request = changed(request.clone(), &json!({"policy": {"mode": "PLAN"}}));
        Ok(self.retire_at(&request, None, Changes::default(), 0).await?.plan.expect("a plan"))
    }
}
