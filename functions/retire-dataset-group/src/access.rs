//! The memberships of the group profile in the projects that a request names.

use aws_sdk_datazone::Client;
use aws_sdk_datazone::types::Member;
use contract::request::{LinkedProfile, ProjectIdentifier};
use contract::retirement::{ProjectAction, ProjectPlan, Removal, RemovalChange};
use contract::{Service, StepError};
use group_profile::members::{self, Ids};
use service_call::{Call, classify, may_exist};

/// The memberships of one profile.
pub(crate) struct Memberships<'a> {
    pub(crate) datazone: &'a Client,
    pub(crate) profile: &'a LinkedProfile,
    pub(crate) ids: Ids,
}

impl Memberships<'_> {
    /// Takes the membership away, and reads that it is gone.
    pub(crate) async fn remove(&self, project: &ProjectIdentifier) -> Result<Removal, StepError> {
        let Some(designation) = self.find(project).await? else {
            return Ok(removal(project, RemovalChange::Absent, None));
        };
        match self.delete(project).await {
            Ok(()) if self.find(project).await?.is_none() => {
                Ok(removal(project, RemovalChange::Removed, Some(designation)))
            }
            Ok(()) => {
                let call = self.call("ListProjectMemberships", project);
                Err(call.unfinished(format!("the membership was removed but is still listed as {}", self.ids)))
            }
            // Another execution may have removed it between the search and the deletion. What DataZone returns then is not
            // documented, so after a refusal a second search decides.
            Err(failure) if may_exist(&failure) || matches!(failure, StepError::NotFound(_)) => {
                if self.find(project).await?.is_some() {
                    return Err(failure);
                }
                Ok(removal(project, RemovalChange::Absent, None))
            }
            Err(failure) => Err(failure),
        }
    }

    /// What [`Self::remove`] would find.
    pub(crate) async fn leave(&self, project: &ProjectIdentifier) -> Result<Removal, StepError> {
        let found = self.find(project).await?;
        let change = if found.is_some() { RemovalChange::Left } else { RemovalChange::Absent };
        Ok(removal(project, change, found))
    }

    /// The plan to do `action` where the profile is a member.
    pub(crate) async fn plan(
        &self,
        project: &ProjectIdentifier,
        action: ProjectAction,
    ) -> Result<ProjectPlan, StepError> {
        let designation = self.find(project).await?;
        let action = if designation.is_some() { action } else { ProjectAction::None };
        Ok(ProjectPlan { project_identifier: project.as_str().to_owned(), action, designation })
    }

    async fn find(&self, project: &ProjectIdentifier) -> Result<Option<String>, StepError> {
        let call = self.call("ListProjectMemberships", project);
        members::find(self.datazone, &self.profile.domain_identifier, project, &self.ids, &call).await
    }

    /// The SDK may send it again: the operation is idempotent.
    async fn delete(&self, project: &ProjectIdentifier) -> Result<(), StepError> {
        let id = self.ids.for_changes().ok_or_else(|| StepError::unexpected("there is no group profile"))?;
        let deletion = self.datazone.delete_project_membership();
        let deletion = deletion.domain_identifier(self.profile.domain_identifier.as_str());
        let deletion = deletion.project_identifier(project.as_str()).member(Member::GroupIdentifier(id.to_owned()));
        let call = self.call("DeleteProjectMembership", project);
        deletion.send().await.map_err(|error| classify(call, &error))?;
        Ok(())
    }

    fn call(&self, operation: &'static str, project: &ProjectIdentifier) -> Call {
        let LinkedProfile { domain_identifier, principal } = self.profile;
        let (kind, identifier) = (principal.kind(), principal.identifier());
        let resource =
            format!("project {} in domain {} for {kind} {identifier}", project.as_str(), domain_identifier.as_str());
        Call { service: Service::DataZone, operation, resource }
    }
}

fn removal(project: &ProjectIdentifier, change: RemovalChange, designation: Option<String>) -> Removal {
    Removal { project_identifier: project.as_str().to_owned(), change, designation }
}
