//! The group profile: find it, make it, assign it.
//!
//! What `CreateGroupProfile` does for a profile that exists is undocumented, so the step reads first, as the AWS
//! CloudFormation handler does; the client token, the same in every retry, makes a lost race harmless.

use aws_sdk_datazone::Client;
use aws_sdk_datazone::types::GroupProfileStatus as ServiceStatus;
use contract::outcome::ProfileChange;
use contract::request::{GroupProfileRequest, Principal};
use contract::{GroupProfile, GroupProfileStatus, StepError};
use group_profile::{ProfileResponse, call, profile_response};
use service_call::{Call, classify, may_exist};

/// The profile of the request, if there is one.
///
/// # Errors
/// Those of [`group_profile::find`].
pub(crate) async fn find(datazone: &Client, request: &GroupProfileRequest) -> Result<Option<GroupProfile>, StepError> {
    group_profile::find(datazone, &request.domain_identifier, &request.principal).await
}

/// What has to be done to the profile that was found.
pub(crate) fn change(found: Option<&GroupProfile>) -> ProfileChange {
    match found.map(|profile| profile.status) {
        None => ProfileChange::Created,
        Some(GroupProfileStatus::NotAssigned) => ProfileChange::Assigned,
        Some(GroupProfileStatus::Assigned) => ProfileChange::Kept,
    }
}

/// Makes the profile, or assigns the one that was found. The response of that call tells the status of the profile, so
/// nothing is read again.
///
/// # Errors
/// [`StepError::Unavailable`] when the profile is not returned as ASSIGNED afterwards, and what [`classify`] makes of
/// the service's error.
pub(crate) async fn ensure_assigned(
    datazone: &Client,
    request: &GroupProfileRequest,
    found: Option<GroupProfile>,
) -> Result<(GroupProfile, ProfileChange), StepError> {
    let change = change(found.as_ref());
    let profile = match found {
        Some(profile) => profile,
        None => create(datazone, request).await?,
    };
    match profile.status {
        GroupProfileStatus::Assigned => Ok((profile, change)),
        GroupProfileStatus::NotAssigned => Ok((assign(datazone, request, &profile.id).await?, change)),
    }
}

async fn create(datazone: &Client, request: &GroupProfileRequest) -> Result<GroupProfile, StepError> {
    let call = call("CreateGroupProfile", &request.domain_identifier, &request.principal);
    let creation = datazone
        .create_group_profile()
        .domain_identifier(request.domain_identifier.as_str())
        .client_token(request.client_token.as_str());
    let creation = match &request.principal {
        Principal::Group(identifier) => creation.group_identifier(identifier.as_str()),
        Principal::Role(role) => creation.role_principal_arn(role.as_str()),
    };
    match creation.send().await {
        Ok(response) => read(&call, request, profile_response!(response)),
        Err(error) => {
            let failure = classify(call, &error);
            // Another execution may have made it between the search and the creation, with a token of its own. What
            // DataZone returns then is not documented, so after a refusal a second search decides.
            if !may_exist(&failure) {
                return Err(failure);
            }
            Box::pin(find(datazone, request)).await?.ok_or(failure)
        }
    }
}

async fn assign(datazone: &Client, request: &GroupProfileRequest, id: &str) -> Result<GroupProfile, StepError> {
    let call = call("UpdateGroupProfile", &request.domain_identifier, &request.principal);
    let update = datazone.update_group_profile().domain_identifier(request.domain_identifier.as_str());
    let update = update.group_identifier(id).status(ServiceStatus::Assigned).send().await;
    let response = update.map_err(|error| classify(call.clone(), &error))?;
    let profile = read(&call, request, profile_response!(response))?;
    if profile.id != id {
        let message = format!("UpdateGroupProfile returned profile {} instead of {id}", profile.id);
        return Err(StepError::unexpected(message));
    }
    // The next attempt begins with a read, and finds it ASSIGNED or assigns it again.
    let is_assigned = profile.status == GroupProfileStatus::Assigned;
    let not_yet = || call.unfinished(format!("the group profile {id} is not returned as ASSIGNED yet"));
    is_assigned.then_some(profile).ok_or_else(not_yet)
}

fn read(call: &Call, request: &GroupProfileRequest, response: ProfileResponse) -> Result<GroupProfile, StepError> {
    response.read(call, &request.domain_identifier, &request.principal)
}
