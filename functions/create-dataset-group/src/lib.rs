//! The first step: validates the whole request, then creates the dataset group or adopts the one that exists.
//!
//! It looks before it acts, so that a second run, in a retry or a rerun, finds what the first one did.

mod adopt;
mod decide;

use aws_sdk_personalize::Client;
use aws_sdk_personalize::error::ProvideErrorMetadata;
use contract::outcome::{Changes, Disposition};
use contract::waiting::seconds_until_next_look;
use contract::{DatasetGroup, DatasetGroupStatus, Execution, Progress, Request, StepError, execution::seconds_between};
use dataset_group::{Observed, call, observe, sent_once, service_tags};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wiring::{Decided, Invocation, classify};

use decide::{Action, decide};

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The execution's input, whatever it is.
    pub request: Value,
    /// The execution.
    pub execution: Execution,
    /// The execution has already seen a group of this name go, or another in its place: it deletes none any more.
    pub deletion_awaited: bool,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Output {
    /// The request with every default filled in.
    pub request: Request,
    /// The group.
    pub dataset_group: DatasetGroup,
    /// What to do next.
    pub progress: Progress,
    /// Where the group came from; none while another one is being deleted.
    pub disposition: Option<Disposition>,
    /// What was changed on a group that existed.
    pub changes: Changes,
    /// When the creation or deletion that is waited for began.
    pub since: Timestamp,
    /// Seconds until the first look; 0 when there is nothing to wait for.
    pub wait_seconds: u64,
    /// Seconds since the execution started.
    pub elapsed_seconds: u64,
}

impl Decided for Output {
    fn decision(&self) -> &'static str {
        match self.disposition {
            Some(Disposition::Created) => "created",
            Some(Disposition::Adopted) => "adopted",
            None => "await deletion",
        }
    }

    fn dataset_group(&self) -> &str {
        &self.dataset_group.dataset_group_arn
    }
}

/// Makes sure that the dataset group of the request exists or is on its way.
///
/// # Errors
/// [`StepError::InvalidRequest`] before any call; [`StepError::DatasetGroupConflict`] when the group exists with
/// another domain, key, role or link; [`StepError::DatasetGroupCreateFailed`] when it exists in CREATE FAILED and may
/// not be replaced (again); and what the service's errors mean.
pub async fn handle(personalize: &Client, input: Input, invocation: &Invocation) -> Result<Output, StepError> {
    let request = Request::parse(&input.request).map_err(StepError::InvalidRequest)?;
    let arn = invocation.function.dataset_group(&request.dataset_group.name);
    let step = Step { personalize, request, arn, input: &input, now: invocation.now };
    match observe(personalize, &step.arn).await? {
        Some(found) => step.settle(found).await,
        None => step.create().await,
    }
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
    async fn create(self) -> Result<Output, StepError> {
        let group = &self.request.dataset_group;
        let creation = self
            .personalize
            .create_dataset_group()
            .name(&group.name)
            .set_domain(group.domain.map(|domain| domain.as_str().into()))
            .set_kms_key_arn(group.encryption.as_ref().map(|encryption| encryption.kms_key_arn.clone()))
            .set_role_arn(group.encryption.as_ref().map(|encryption| encryption.role_arn.clone()))
            .set_tags((!group.tags.is_empty()).then(|| service_tags(&group.tags)).transpose()?);
        match creation.send().await {
            // The answer holds no status; CREATE PENDING is where every group begins.
            Ok(_) => {
                let created = DatasetGroup {
                    dataset_group_arn: self.arn.clone(),
                    name: group.name.clone(),
                    domain: group.domain,
                    status: DatasetGroupStatus::CreatePending,
                    creation_date_time: None,
                };
                Ok(self.output(created, Progress::Creating, Some(Disposition::Created), Changes::default()))
            }
            // Another execution, or an earlier attempt whose answer was lost, came first.
            Err(error) if error.code() == Some("ResourceAlreadyExistsException") => {
                match observe(self.personalize, &self.arn).await? {
                    Some(found) => self.settle(found).await,
                    None => Err(call("DescribeDatasetGroup", &self.arn)
                        .unfinished("the dataset group exists already, and is not shown yet")),
                }
            }
            Err(error) => Err(classify(call("CreateDatasetGroup", &self.arn), &error)),
        }
    }

    /// Goes on with a group that exists.
    async fn settle(self, found: Observed) -> Result<Output, StepError> {
        let action = decide(&self.request, &found, self.input.deletion_awaited)?;
        let group = found.dataset_group;
        match action {
            Action::Adopt(progress) => {
                let changes = adopt::complete_tags(self.personalize, &self.arn, &self.request).await?;
                // A group that is younger than the execution is its own, whichever attempt made it.
                let own = group.creation_date_time.is_some_and(|created| created >= self.input.execution.start_time);
                let disposition = if own { Disposition::Created } else { Disposition::Adopted };
                Ok(self.output(group, progress, Some(disposition), changes))
            }
            Action::AwaitDeletion => Ok(self.output(group, Progress::Deleting, None, Changes::default())),
            Action::Replace => {
                self.delete().await?;
                let group = DatasetGroup { status: DatasetGroupStatus::DeletePending, ..group };
                Ok(self.output(group, Progress::Deleting, None, Changes::default()))
            }
        }
    }

    async fn delete(&self) -> Result<(), StepError> {
        let deletion = self.personalize.delete_dataset_group().dataset_group_arn(&self.arn);
        match deletion.customize().config_override(sent_once()).send().await {
            Ok(_) => Ok(()),
            // Somebody else deleted it first: it is as gone as it should be.
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(()),
            Err(error) => Err(classify(call("DeleteDatasetGroup", &self.arn), &error)),
        }
    }

    fn output(
        self,
        dataset_group: DatasetGroup,
        progress: Progress,
        disposition: Option<Disposition>,
        changes: Changes,
    ) -> Output {
        let elapsed_seconds = self.input.execution.elapsed_seconds(self.now);
        let remaining = self.request.policy.timeout_seconds.saturating_sub(elapsed_seconds);
        let since = match progress {
            Progress::Creating => dataset_group.creation_date_time.unwrap_or(self.now),
            Progress::Active | Progress::Deleting | Progress::Gone => self.now,
        };
        let wait_seconds = match progress {
            Progress::Creating | Progress::Deleting => {
                seconds_until_next_look(seconds_between(since, self.now), remaining)
            }
            Progress::Active | Progress::Gone => 0,
        };
        let request = self.request;
        Output { request, dataset_group, progress, disposition, changes, since, wait_seconds, elapsed_seconds }
    }
}
