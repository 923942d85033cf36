//! The first step: validates the whole request, then creates the dataset group or adopts the one that exists.
//!
//! It reads the current state before changing it, so that a second run, in a retry or a rerun, finds what the first one
//! did. In the mode PLAN it decides in the same way and then says what it would do.

mod decide;

use aws_sdk_personalize::Client;
use aws_sdk_personalize::error::ProvideErrorMetadata;
use contract::outcome::Disposition;
use contract::plan::{GroupAction, Plan};
use contract::request::{Guards, Mode, Tag};
use contract::waiting::{MOST_ROUNDS, phase, seconds_until_next_poll};
use contract::{DatasetGroup, DatasetGroupStatus, Execution, Progress, Request, StepError, execution::seconds_between};
use dataset_group::{Link, Tags, call, list_tags, observe, sent_once, service_tags};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_call::classify;
use wiring::{Invocation, LogSummary};

use decide::{Action, decide};

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The execution's input, whatever it is.
    pub request: Value,
    /// What this deployment allows.
    pub guards: Guards,
    /// The execution.
    pub execution: Execution,
    /// How often this execution has seen a group of this name go, or another one in its place. It deletes a group
    /// whose creation failed only where it has seen none.
    #[serde(deserialize_with = "contract::whole_number::deserialize")]
    pub rounds: u64,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// The request with every default filled in.
    pub request: Request,
    /// The group; in a plan, as it would be used.
    pub dataset_group: DatasetGroup,
    /// What to do next, unless it is a plan.
    pub progress: Progress,
    /// Where the group came from; none while another one is being deleted.
    pub disposition: Option<Disposition>,
    /// When the creation or deletion that is waited for began.
    pub since: Timestamp,
    /// Seconds until the first look; 0 when there is nothing to wait for.
    pub wait_seconds: u64,
    /// Seconds since the execution started.
    pub elapsed_seconds: u64,
    /// What would be done, in the mode PLAN.
    pub plan: Option<Plan>,
}

impl LogSummary for Output {
    fn decision(&self) -> &'static str {
        match (&self.plan, self.disposition) {
            (Some(_), _) => "planned",
            (None, Some(Disposition::Created)) => "created",
            (None, Some(Disposition::Adopted)) => "adopted",
            (None, None) => "await deletion",
        }
    }
}

/// Makes sure that the dataset group of the request exists or is on its way, or plans it.
///
/// # Errors
/// [`StepError::InvalidRequest`] and [`StepError::ReplacedTooOften`] before any call;
/// [`StepError::DatasetGroupConflict`] when the group exists with another domain, key or role, or failed and is linked;
/// [`StepError::DatasetGroupCreateFailed`] when it exists in CREATE FAILED and may not be replaced (again); and what
/// the service's errors mean.
pub async fn handle(personalize: &Client, input: Input, invocation: &Invocation) -> Result<Output, StepError> {
    let request = Request::of_input(&input.request, &input.guards).map_err(StepError::InvalidRequest)?;
    let arn = invocation.function.dataset_group(request.dataset_group.name.as_str());
    if input.rounds > MOST_ROUNDS {
        return Err(StepError::ReplacedTooOften { resource: arn, rounds: MOST_ROUNDS });
    }
    let step = Step { personalize, request, arn, input: &input, now: invocation.now };
    let decided = step.decide().await;
    match step.request.policy.mode {
        Mode::Apply => match decided? {
            Decided::Create => step.create().await,
            Decided::Settle(action, group) => step.settle(action, group).await,
        },
        Mode::Plan => step.plan(decided),
    }
}

/// What a run of the step has decided to do.
enum Decided {
    Create,
    Settle(Action, DatasetGroup),
}

/// One run of the step, with a valid request.
struct Step<'a> {
    personalize: &'a Client,
    request: Request,
    arn: String,
    input: &'a Input,
    now: Timestamp,
}

impl Step<'_> {
    /// Decides by reads alone.
    async fn decide(&self) -> Result<Decided, StepError> {
        let Some(found) = observe(self.personalize, &self.arn).await? else { return Ok(Decided::Create) };
        match decide(&self.request, &found, self.input.rounds == 0)? {
            action @ (Action::Adopt(_) | Action::AwaitDeletion) => Ok(Decided::Settle(action, found.dataset_group)),
            Action::Replace => self.decide_about_failed(found.dataset_group).await,
        }
    }

    async fn create(self) -> Result<Output, StepError> {
        let group = &self.request.dataset_group;
        let creation = self
            .personalize
            .create_dataset_group()
            .name(group.name.as_str())
            .set_domain(group.domain.map(|domain| domain.as_str().into()))
            .set_kms_key_arn(group.encryption.as_ref().map(|encryption| encryption.kms_key_arn.as_str().to_owned()))
            .set_role_arn(group.encryption.as_ref().map(|encryption| encryption.role_arn.as_str().to_owned()))
            .set_tags((!group.tags.is_empty()).then(|| service_tags(group.tags.iter().map(Tag::pair))).transpose()?);
        match creation.send().await {
            // The response holds no status; CREATE PENDING is where every group begins.
            Ok(_) => {
                let created = self.created();
                Ok(self.output(created, Progress::Creating, Some(Disposition::Created)))
            }
            // Another execution, or an earlier attempt whose response was lost, came first.
            Err(error) if error.code() == Some("ResourceAlreadyExistsException") => match self.decide().await? {
                Decided::Settle(action, group) => self.settle(action, group).await,
                Decided::Create => Err(call("DescribeDatasetGroup", &self.arn)
                    .unfinished("the dataset group already exists but is not visible yet")),
            },
            Err(error) => Err(classify(call("CreateDatasetGroup", &self.arn), &error)),
        }
    }

    /// The group right after its creation.
    fn created(&self) -> DatasetGroup {
        DatasetGroup {
            dataset_group_arn: self.arn.clone(),
            name: self.request.dataset_group.name.as_str().to_owned(),
            domain: self.request.dataset_group.domain,
            status: DatasetGroupStatus::CreatePending,
            creation_date_time: None,
        }
    }

    /// Goes on with a group that exists.
    async fn settle(self, action: Action, group: DatasetGroup) -> Result<Output, StepError> {
        match action {
            Action::Adopt(progress) => {
                // A group that is younger than the execution did not exist when it started, whoever made it.
                let start = self.input.execution.start_time;
                let younger = group.creation_date_time.is_some_and(|created| created >= start);
                let disposition = if younger { Disposition::Created } else { Disposition::Adopted };
                Ok(self.output(group, progress, Some(disposition)))
            }
            Action::AwaitDeletion => Ok(self.output(group, Progress::Deleting, None)),
            Action::Replace => {
                self.delete().await?;
                Ok(self.output(deleted(group), Progress::Deleting, None))
            }
        }
    }

    /// What to do about a group whose creation failed and that the request allows to delete. If its tags link it to another
    /// domain or to any profile, it is somebody else's. (This workflow links a group when it is ACTIVE, and such a group
    /// never becomes CREATE FAILED. So the profile that a failed group names is never one that this workflow linked it to.)
    async fn decide_about_failed(&self, failed: DatasetGroup) -> Result<Decided, StepError> {
        let tags = match list_tags(self.personalize, &self.arn).await {
            // Whether the tags of a failed group can be listed is not documented.
            Err(StepError::NotFound(_)) => Tags::new(),
            listed => listed?,
        };
        // Another execution may have replaced the group before its tags were read: then they are those of the new one. And
        // the deletion takes no condition, so the last call before it shows that the same group is still there.
        match observe(self.personalize, &self.arn).await? {
            Some(found) if found.dataset_group == failed => {
                Link::read(&tags).conflict(&self.arn, self.request.group_profile.domain_identifier.as_str(), None)?;
                Ok(Decided::Settle(Action::Replace, failed))
            }
            Some(_) => Err(call("DescribeDatasetGroup", &self.arn)
                .unfinished("the dataset group was replaced while its tags were read")),
            // Somebody else deleted it first: it is as gone as it should be.
            None => Ok(Decided::Settle(Action::AwaitDeletion, deleted(failed))),
        }
    }

    async fn delete(&self) -> Result<(), StepError> {
        let deletion = self.personalize.delete_dataset_group().dataset_group_arn(&self.arn);
        match deletion.customize().config_override(sent_once()).send().await {
            Ok(_) => Ok(()),
            // Somebody else deleted it first.
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(()),
            Err(error) => Err(classify(call("DeleteDatasetGroup", &self.arn), &error)),
        }
    }

    /// What the step would do.
    fn plan(self, decided: Result<Decided, StepError>) -> Result<Output, StepError> {
        let (action, group, refusal) = match decided {
            Ok(Decided::Create) => (GroupAction::Create, self.created(), None),
            Ok(Decided::Settle(Action::Adopt(_), group)) => (GroupAction::Adopt, group, None),
            Ok(Decided::Settle(Action::AwaitDeletion, group)) => (GroupAction::AwaitDeletion, group, None),
            Ok(Decided::Settle(Action::Replace, group)) => (GroupAction::Replace, group, None),
            Err(refusal) => (GroupAction::Refuse, self.created(), Some(refusal)),
        };
        let mut plan = Plan::about(&self.arn, action);
        if let Some(refusal) = refusal {
            plan = plan.failing(refusal)?;
        }
        Ok(Output { plan: Some(plan), ..self.output(group, Progress::Active, None) })
    }

    fn output(self, dataset_group: DatasetGroup, progress: Progress, disposition: Option<Disposition>) -> Output {
        let elapsed_seconds = self.input.execution.elapsed_seconds(self.now);
        let remaining = self.request.policy.timeout_seconds.saturating_sub(elapsed_seconds);
        let since = match progress {
            Progress::Creating => dataset_group.creation_date_time.unwrap_or(self.now),
            Progress::Active | Progress::Deleting | Progress::Recreate => self.now,
        };
        let age = seconds_between(since, self.now);
        let phase = phase(&self.input.execution.arn);
        let wait_seconds = if progress.waits() { seconds_until_next_poll(age, remaining, phase) } else { 0 };
        let request = self.request;
        Output { request, dataset_group, progress, disposition, since, wait_seconds, elapsed_seconds, plan: None }
    }
}

/// The group right after its deletion.
fn deleted(group: DatasetGroup) -> DatasetGroup {
    DatasetGroup { status: DatasetGroupStatus::DeletePending, ..group }
}
