//! The add step: makes the group profile a member of each project of the request, which gives people access. In the mode
//! PLAN it looks in the same way and then says what it would do.

mod membership;

use aws_sdk_datazone::Client as DataZone;
use aws_sdk_datazone::config::Builder;
use aws_sdk_datazone::config::retry::RetryConfig;
use aws_sdk_datazone::types::Member;
use contract::outcome::{Changes, Membership, MembershipChange};
use contract::plan::{Plan, ProjectPlan};
use contract::request::{GroupProfileRequest, Project};
use contract::step_error::Cause;
use contract::{DatasetGroup, Execution, GroupProfile, Service, StepError};
use domain_access::{Clients, DomainAccess};
use group_profile::members::{self, Ids, each, ends_the_step};
use serde::{Deserialize, Serialize};
use service_call::{Call, classify, may_exist};
use wiring::LogSummary;

use crate::membership::{membership, plan};

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The group, for the log.
    pub dataset_group: DatasetGroup,
    /// The requested profile and its projects.
    pub request: GroupProfileRequest,
    /// The profile, ASSIGNED; absent in a plan.
    pub group_profile: Option<GroupProfile>,
    /// What the execution has changed so far.
    pub changes: Changes,
    /// Where the domain is.
    pub domain_access: DomainAccess,
    /// The execution.
    pub execution: Execution,
    /// What the steps before would do, in the mode PLAN.
    pub plan: Option<Plan>,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Output {
    /// What was done.
    Added(Added),
    /// What would be done, with the projects.
    Planned {
        /// The plan.
        plan: Plan,
    },
}

/// The projects that the profile is a member of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Added {
    /// What the execution has changed on what it found, with these projects.
    pub changes: Changes,
    /// Why the profile is no member of the others: the cause of the first failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Box<Cause>>,
}

impl LogSummary for Output {
    fn decision(&self) -> &'static str {
        match self {
            Self::Added(added) => added.changes.decision(),
            Self::Planned { .. } => "planned",
        }
    }

    fn failure(&self) -> Option<&Cause> {
        match self {
            Self::Added(added) => added.failed.as_deref(),
            Self::Planned { .. } => None,
        }
    }
}

/// Makes the profile a member of each project, or plans it. A member with another designation keeps it.
///
/// The failure of one project does not stop the others. It is part of the output, because an error could not say which
/// projects the profile is a member of.
///
/// # Errors
/// [`StepError::Unavailable`] and [`StepError::Throttled`] as for every call, and the former when a membership is not
/// visible yet. In a plan, all errors that end a plan.
pub async fn handle(clients: &Clients, input: Input) -> Result<Output, StepError> {
    let Input { request, group_profile, changes, domain_access: domain, execution, plan, .. } = input;
    let datazone = clients.client(&domain, &execution).await?;
    let planned = plan.as_ref().and_then(|plan| plan.group_profile.as_ref()?.id.clone());
    let ids = Ids::new(&request.principal, group_profile.map(|profile| profile.id).or(planned));
    let step = Step { datazone, request, ids };
    let Some(plan) = plan else {
        let done = each(&step.request.projects, ends_the_step, async |project| step.add(project).await).await;
        let (projects, failure) = done.map_err(|error| domain.named(error))?;
        let failed = failure.map(|error| Box::new(domain.named(error).cause()));
        return Ok(Output::Added(Added { changes: Changes { projects, ..changes }, failed }));
    };
    let done = each(&step.request.projects, StepError::ends_a_plan, async |project| step.plan(project).await).await;
    let (projects, failure) = done.map_err(|error| domain.named(error))?;
    let plan = Plan { projects, ..plan };
    Ok(Output::Planned { plan: failure.map_or(Ok(plan.clone()), |error| plan.failing(error))? })
}

/// One run of the step.
struct Step {
    datazone: DataZone,
    request: GroupProfileRequest,
    ids: Ids,
}

impl Step {
    async fn add(&self, project: &Project) -> Result<Membership, StepError> {
        if let Some(found) = self.find(project).await? {
            return Ok(membership(project, MembershipChange::Kept, found));
        }
        match self.create(project).await {
            Ok(()) => {
                let unfinished = || {
                    let call = self.call("ListProjectMemberships", project);
                    call.unfinished(format!("the group profile became a member but is not listed yet as {}", self.ids))
                };
                let found = self.find(project).await?.ok_or_else(unfinished)?;
                Ok(membership(project, MembershipChange::Added, found))
            }
            // Another execution may have added it between the search and the creation. What DataZone returns then is not
            // documented, so after a refusal a second search decides.
            Err(failure) if may_exist(&failure) => {
                let found = self.find(project).await?.ok_or(failure)?;
                Ok(membership(project, MembershipChange::Kept, found))
            }
            Err(failure) => Err(failure),
        }
    }

    /// What [`Self::add`] would do.
    async fn plan(&self, project: &Project) -> Result<ProjectPlan, StepError> {
        Ok(plan(project, self.find(project).await?))
    }

    /// What the profile is in the project; `None` when it is no member.
    async fn find(&self, project: &Project) -> Result<Option<String>, StepError> {
        let call = self.call("ListProjectMemberships", project);
        let Self { datazone, request, ids } = self;
        members::find(datazone, &request.domain_identifier, &project.project_identifier, ids, &call).await
    }

    /// Sent once: what DataZone does for a member is not documented, and it could overwrite a designation that another
    /// execution or a person has just given.
    async fn create(&self, project: &Project) -> Result<(), StepError> {
        let id = self.ids.for_changes().ok_or_else(|| StepError::unexpected("the input has no group profile"))?;
        self.datazone
            .create_project_membership()
            .domain_identifier(self.request.domain_identifier.as_str())
            .project_identifier(project.project_identifier.as_str())
            .member(Member::GroupIdentifier(id.to_owned()))
            .designation(project.designation.as_str().into())
            .customize()
            .config_override(Builder::new().retry_config(RetryConfig::disabled()))
            .send()
            .await
            .map_err(|error| classify(self.call("CreateProjectMembership", project), &error))?;
        Ok(())
    }

    fn call(&self, operation: &'static str, project: &Project) -> Call {
        let GroupProfileRequest { principal, domain_identifier, .. } = &self.request;
        let (id, domain) = (project.project_identifier.as_str(), domain_identifier.as_str());
        let (kind, identifier) = (principal.kind(), principal.identifier());
        let designation = project.designation.as_str();
        let resource = format!("project {id} in domain {domain} for {kind} {identifier} as {designation}");
        Call { service: Service::DataZone, operation, resource }
    }
}
