//! The retire step: validates the whole request, proves that the dataset group is linked to the profile of the request,
//! takes the named memberships away, and deletes the group. The state machine runs it again whenever the group that it waits
//! for has changed. In the mode PLAN it decides in the same way and then says what it would do.

mod access;
mod contents;
mod decide;
mod output;

use aws_sdk_datazone::Client as DataZone;
use aws_sdk_personalize::Client as Personalize;
use aws_sdk_personalize::error::ProvideErrorMetadata;
use contract::request::{Mode, RetirementGuards};
use contract::retirement::{Changes, GroupAction, GroupPlan, Plan, ProjectAction, Removal};
use contract::{DatasetGroup, Execution, GroupProfile, RetirementRequest, StepError};
use dataset_group::{Link, call, list_tags, observe, sent_once};
use domain_access::{Clients, DomainAccess};
use group_profile::members::{Ids, each, ends_the_step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_call::classify;
use wiring::Invocation;

use access::Memberships;
use contents::contents;
use decide::{Access, Action, Decided, remembering, the_same};
use output::being_deleted;
pub use output::{Gone, Output};

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The execution's input, whatever it is.
    pub request: Value,
    /// What this deployment allows.
    pub guards: RetirementGuards,
    /// Where the domain is.
    pub domain_access: DomainAccess,
    /// The execution.
    pub execution: Execution,
    /// What earlier runs of the step have found; none in the first run.
    pub earlier: Option<Earlier>,
    /// What earlier runs of the step have changed.
    pub changes: Changes,
}

/// What an execution remembers of its group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Earlier {
    /// The group as the execution saw it at its first look. Its creation date tells it from every other group of that name.
    pub dataset_group: DatasetGroup,
    /// The profile that it is linked to, if that is known.
    pub group_profile: Option<GroupProfile>,
    /// When the creation or deletion that is waited for began.
    pub since: Timestamp,
    /// Whether the execution has deleted the group: it does that once.
    pub deleted: bool,
}

/// Retires the dataset group of the request as far as it can without waiting, or plans it.
///
/// What fails after memberships may have been removed is part of the output, because an error could not say which: unless
/// the state machine runs the step again.
///
/// # Errors
/// [`StepError::InvalidRequest`] before any call; [`StepError::DatasetGroupConflict`] without the link to the very profile;
/// [`StepError::DatasetGroupInUse`]; [`StepError::ProvisioningTimedOut`] when the group is still there at the deadline;
/// [`StepError::Unexpected`] for a group without a creation date; and what the services' errors mean.
pub async fn handle(
    clients: &Clients,
    personalize: &Personalize,
    input: Input,
    invocation: &Invocation,
) -> Result<Output, StepError> {
    let request = RetirementRequest::of_input(&input.request, &input.guards).map_err(StepError::InvalidRequest)?;
    let arn = invocation.function.dataset_group(request.dataset_group.name.as_str());
    let datazone = clients.client(&input.domain_access, &input.execution).await?;
    let step = Step { personalize, datazone, arn, request, input: &input, now: invocation.now };
    let decided = step.decide().await;
    let done = match step.request.policy.mode {
        Mode::Apply => match decided {
            Ok(decided) => step.act(decided).await,
            Err(error) => Err(error),
        },
        Mode::Plan => step.plan(decided).await,
    };
    done.map_err(|error| input.domain_access.named(error))
}

/// One run of the step, with a valid request.
struct Step<'a> {
    personalize: &'a Personalize,
    datazone: DataZone,
    arn: String,
    request: RetirementRequest,
    input: &'a Input,
    now: Timestamp,
}

impl Step<'_> {
    /// Decides by reads alone.
    async fn decide(&self) -> Result<Decided, StepError> {
        let earlier = self.input.earlier.as_ref();
        let group = match (self.find().await?, earlier) {
            (None, Some(earlier)) => {
                let told = !self.input.changes.projects.is_empty();
                let access = if told { Access::Done } else { Access::Leave };
                let profile = earlier.group_profile.clone();
                return Ok(Decided { action: Action::Nothing, access, group: None, profile });
            }
            (Some(group), Some(Earlier { deleted: true, group_profile, .. })) => {
                let profile = group_profile.clone();
                return Ok(Decided {
                    action: Action::AwaitDeletion,
                    access: Access::Done,
                    group: Some(group),
                    profile,
                });
            }
            (group, _) => group,
        };
        let linked = &self.request.group_profile;
        let profile = group_profile::find(&self.datazone, &linked.domain_identifier, &linked.principal).await?;
        let Some(group) = group else {
            return Ok(Decided { action: Action::Nothing, access: Access::Leave, group: None, profile });
        };
        let action = Action::about(group.status);
        let proven = self.prove(action, profile.as_ref()).await?;
        if action == Action::Delete {
            self.no_contents().await?;
        }
        Ok(Decided { action, access: action.access(proven), group: Some(group), profile })
    }

    /// The group of the first look, if it is still there.
    async fn find(&self) -> Result<Option<DatasetGroup>, StepError> {
        let found = observe(self.personalize, &self.arn).await?;
        the_same(found.map(|found| found.dataset_group), self.input.earlier.as_ref())
    }

    /// Whether the link can be read: then it names the profile of the request.
    async fn prove(&self, action: Action, profile: Option<&GroupProfile>) -> Result<bool, StepError> {
        let tags = match list_tags(self.personalize, &self.arn).await {
            // Whether the tags of a group that is being deleted can be listed is not documented.
            Err(StepError::NotFound(_)) if action == Action::AwaitDeletion => return Ok(false),
            Err(StepError::NotFound(_)) => {
                return Err(call("ListTagsForResource", &self.arn)
                    .unfinished("the dataset group was deleted while its tags were read"));
            }
            listed => listed?,
        };
        let linked = &self.request.group_profile;
        let (domain, principal) = (linked.domain_identifier.as_str(), linked.principal.identifier());
        let id = profile.map(|profile| profile.id.as_str());
        Link::read(&tags).proves(&self.arn, domain, id, principal)?;
        Ok(true)
    }

    /// The rule that a group with contents is not touched.
    async fn no_contents(&self) -> Result<(), StepError> {
        let listed = contents(self.personalize, &self.arn).await;
        // What the lists return for a group that is gone is not documented.
        if let Err(StepError::RefusedRequest(refusal) | StepError::NotFound(refusal)) = &listed
            && self.find().await?.is_none()
        {
            let call = call(refusal.operation, &self.arn);
            return Err(call.unfinished("the dataset group was deleted while its contents were listed"));
        }
        let contents = listed?;
        if contents.is_empty() {
            return Ok(());
        }
        Err(StepError::DatasetGroupInUse { resource: self.arn.clone(), contents: Box::new(contents) })
    }

    async fn act(&self, decided: Decided) -> Result<Output, StepError> {
        let Decided { action, access, group, profile } = decided;
        let (projects, failure) = self.take_away(access, profile.as_ref()).await?;
        let output = Output {
            changes: Changes { projects },
            group_profile: profile,
            dataset_group: group.clone(),
            ..self.output()
        };
        match (failure, group) {
            (Some(failure), _) => Ok(self.failing(output, failure)),
            (None, None) => {
                self.missing_again().await?;
                Ok(self.gone(output))
            }
            (None, Some(group)) if action == Action::Delete => self.delete(output, group).await,
            // A deletion of this execution may not be visible yet.
            (None, Some(group)) if access == Access::Done => self.waiting(output, being_deleted(group), false),
            (None, Some(group)) => self.waiting(output, group, false),
        }
    }

    /// The rule that one response alone ends no retirement: after the first look the group is described again. (Later runs of
    /// the step follow a poll that did not find it.)
    async fn missing_again(&self) -> Result<(), StepError> {
        if self.input.earlier.is_none() && observe(self.personalize, &self.arn).await?.is_some() {
            let call = call("DescribeDatasetGroup", &self.arn);
            return Err(call.unfinished("the dataset group was not found at first, and then it was"));
        }
        Ok(())
    }

    /// Takes the memberships away that the request names, or lists them, and returns the first failure of a project.
    async fn take_away(
        &self,
        access: Access,
        profile: Option<&GroupProfile>,
    ) -> Result<(Vec<Removal>, Option<StepError>), StepError> {
        let memberships = self.memberships(profile);
        let projects = &self.request.policy.remove_projects;
        let earlier = &self.input.changes;
        match access {
            Access::Remove => {
                let remove = async |project: &_| Ok(remembering(earlier, memberships.remove(project).await?));
                each(projects, ends_the_step, remove).await
            }
            Access::Leave => each(projects, ends_the_step, async |project| memberships.leave(project).await).await,
            Access::RemoveLater | Access::Done => Ok((earlier.projects.clone(), None)),
        }
    }

    fn memberships(&self, profile: Option<&GroupProfile>) -> Memberships<'_> {
        let ids = Ids::new(&self.request.group_profile.principal, profile.map(|profile| profile.id.clone()));
        Memberships { datazone: &self.datazone, profile: &self.request.group_profile, ids }
    }

    /// Deletes the group that was found, unless it is gone or another one is in its place. The deletion takes no condition,
    /// so the last call before it shows that the same group is still there. Whether it is gone, a later run of the step reads
    /// again: one response alone ends no retirement.
    async fn delete(&self, output: Output, found: DatasetGroup) -> Result<Output, StepError> {
        match self.delete_the_same(&found).await {
            Ok(sent) => self.waiting(output, being_deleted(found), sent),
            Err(error) if ends_the_step(&error) => Err(error),
            Err(error) => Ok(self.failing(output, error)),
        }
    }

    /// Whether this run has deleted the group; others have where it was gone or is being deleted.
    async fn delete_the_same(&self, found: &DatasetGroup) -> Result<bool, StepError> {
        let now = observe(self.personalize, &self.arn).await?.map(|observed| observed.dataset_group);
        let same = now.filter(|now| now.creation_date_time == found.creation_date_time);
        if same.is_none_or(|same| Action::about(same.status) == Action::AwaitDeletion) {
            return Ok(false);
        }
        let deletion = self.personalize.delete_dataset_group().dataset_group_arn(&self.arn);
        match deletion.customize().config_override(sent_once()).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(false),
            Err(error) => {
                // Something may have been added since the contents were listed.
                if error.code() == Some("ResourceInUseException") {
                    self.no_contents().await?;
                }
                Err(classify(call("DeleteDatasetGroup", &self.arn), &error))
            }
        }
    }

    /// What the step would do.
    async fn plan(&self, decided: Result<Decided, StepError>) -> Result<Output, StepError> {
        let about = |action| {
            let dataset_group = GroupPlan { dataset_group_arn: self.arn.clone(), action };
            Plan { dataset_group, projects: vec![], would_fail: None }
        };
        let (plan, failure, profile) = match decided {
            Ok(Decided { action, access, profile, group: _ }) => {
                let memberships = self.memberships(profile.as_ref());
                let action_there = match access {
                    Access::Remove | Access::RemoveLater => ProjectAction::Remove,
                    Access::Leave | Access::Done => ProjectAction::Leave,
                };
                let one = async |project: &_| memberships.plan(project, action_there).await;
                let (projects, failure) =
                    each(&self.request.policy.remove_projects, StepError::ends_a_plan, one).await?;
                (Plan { projects, ..about(action.into()) }, failure, profile)
            }
            Err(refusal) => (about(GroupAction::Refuse), Some(refusal), None),
        };
        let plan = match failure {
            Some(error) => plan.failing(self.input.domain_access.named(error))?,
            None => plan,
        };
        Ok(Output { plan: Some(plan), group_profile: profile, ..self.output() })
    }
}
