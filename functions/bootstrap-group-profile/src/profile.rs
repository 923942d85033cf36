//! The group profile: find it, make it, assign it, verify it.
//!
//! What `CreateGroupProfile` does for a profile that exists is undocumented, so the step looks first, as the AWS
//! CloudFormation handler does; the client token, the same in every retry, makes a lost race harmless.

use aws_sdk_datazone::Client;
use aws_sdk_datazone::error::ProvideErrorMetadata;
use aws_sdk_datazone::types::{GroupProfileStatus as ServiceStatus, GroupSearchType};
use contract::outcome::ProfileChange;
use contract::request::{GroupProfileRequest, Principal};
use contract::{GroupProfile, GroupProfileStatus, Service, StepError};
use wiring::{Call, classify};

use crate::answer::answered;

/// The most profiles that DataZone returns in a page of a search.
const PAGE: i32 = 50;

/// The profile of the principal; `None` when there is none, or no such domain, which DataZone answers alike.
///
/// # Errors
/// What [`classify`] makes of the service's error.
pub(crate) async fn find(datazone: &Client, asked: &GroupProfileRequest) -> Result<Option<GroupProfile>, StepError> {
    match &asked.principal {
        Principal::Group(identifier) => get(datazone, asked, identifier).await,
        Principal::Role(role) => search(datazone, asked, role).await,
    }
}

/// Makes the profile, or assigns the one that was found, and verifies the result.
///
/// # Errors
/// [`StepError::Unavailable`] when the profile does not read ASSIGNED afterwards, and what [`classify`] makes of the
/// service's error.
pub(crate) async fn ensure_assigned(
    datazone: &Client,
    asked: &GroupProfileRequest,
    found: Option<GroupProfile>,
) -> Result<(GroupProfile, ProfileChange), StepError> {
    let (profile, change) = match found {
        Some(profile) => match profile.status {
            GroupProfileStatus::Assigned => return Ok((profile, ProfileChange::Kept)),
            GroupProfileStatus::NotAssigned => (profile, ProfileChange::Assigned),
        },
        None => (create(datazone, asked).await?, ProfileChange::Created),
    };
    match profile.status {
        GroupProfileStatus::Assigned => {}
        GroupProfileStatus::NotAssigned => assign(datazone, asked, &profile.id).await?,
    }
    let verified = get(datazone, asked, &profile.id).await?;
    match verified {
        Some(verified) if verified.id != profile.id => {
            let message = format!("GetGroupProfile answered another profile than {}: {}", profile.id, verified.id);
            Err(StepError::unexpected(message))
        }
        Some(verified) if verified.status == GroupProfileStatus::Assigned => Ok((verified, change)),
        // The next attempt begins with a look, and finds it ASSIGNED or assigns it again.
        Some(_) | None => {
            let message = format!("the group profile {} does not read ASSIGNED yet", profile.id);
            Err(call("GetGroupProfile", asked).unfinished(message))
        }
    }
}

async fn get(
    datazone: &Client,
    asked: &GroupProfileRequest,
    identifier: &str,
) -> Result<Option<GroupProfile>, StepError> {
    let call = || call("GetGroupProfile", asked);
    let domain = &asked.domain_identifier;
    match datazone.get_group_profile().domain_identifier(domain).group_identifier(identifier).send().await {
        Ok(answer) => answered!(answer).read(&call(), asked).map(Some),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(classify(call(), &error)),
    }
}

/// `GetGroupProfile` takes the id of a profile or of a group, and what it makes of a role is undocumented; so the
/// profiles of roles are gone through.
async fn search(datazone: &Client, asked: &GroupProfileRequest, role: &str) -> Result<Option<GroupProfile>, StepError> {
    let mut pages = datazone
        .search_group_profiles()
        .domain_identifier(&asked.domain_identifier)
        .group_type(GroupSearchType::IamRoleSessionGroup)
        .max_results(PAGE)
        .into_paginator()
        .items()
        .send();
    let call = || call("SearchGroupProfiles", asked);
    while let Some(item) = pages.next().await {
        match item {
            Ok(item) if item.role_principal_arn() == Some(role) => {
                return answered!(item).read(&call(), asked).map(Some);
            }
            Ok(_) => {}
            Err(error) if error.code() == Some("ResourceNotFoundException") => {
                return Ok(None);
            }
            Err(error) => return Err(classify(call(), &error)),
        }
    }
    Ok(None)
}

async fn create(datazone: &Client, asked: &GroupProfileRequest) -> Result<GroupProfile, StepError> {
    let call = call("CreateGroupProfile", asked);
    let creation =
        datazone.create_group_profile().domain_identifier(&asked.domain_identifier).client_token(&asked.client_token);
    let creation = match &asked.principal {
        Principal::Group(identifier) => creation.group_identifier(identifier),
        Principal::Role(role) => creation.role_principal_arn(role),
    };
    match creation.send().await {
        Ok(answer) => answered!(answer).read(&call, asked),
        Err(error) => {
            let failure = classify(call, &error);
            // Another execution may have made it between the look and the creation, with a token of its own. What
            // the service answers then is undocumented, so a second look decides.
            match failure {
                StepError::RefusedRequest(_) => find(datazone, asked).await?.ok_or(failure),
                StepError::InvalidRequest(_)
                | StepError::DatasetGroupConflict { .. }
                | StepError::DatasetGroupCreateFailed { .. }
                | StepError::ProvisioningTimedOut { .. }
                | StepError::QuotaExceeded(_)
                | StepError::AccessDenied(_)
                | StepError::NotFound(_)
                | StepError::Unavailable(_)
                | StepError::OutOfTime { .. }
                | StepError::Unexpected { .. } => Err(failure),
            }
        }
    }
}

async fn assign(datazone: &Client, asked: &GroupProfileRequest, id: &str) -> Result<(), StepError> {
    datazone
        .update_group_profile()
        .domain_identifier(&asked.domain_identifier)
        .group_identifier(id)
        .status(ServiceStatus::Assigned)
        .send()
        .await
        .map_err(|error| classify(call("UpdateGroupProfile", asked), &error))?;
    Ok(())
}

fn call(operation: &'static str, asked: &GroupProfileRequest) -> Call {
    let principal = match &asked.principal {
        Principal::Group(identifier) => format!("group {identifier}"),
        Principal::Role(role) => format!("role {role}"),
    };
    let resource = format!("{principal} in domain {}", asked.domain_identifier);
    Call { service: Service::DataZone, operation, resource }
}
