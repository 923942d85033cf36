//! The group profile: find it, make it, assign it.
//!
//! What `CreateGroupProfile` does for a profile that exists is undocumented, so the step reads first, as the AWS
//! CloudFormation handler does; the client token, the same in every retry, makes a lost race harmless.

use aws_sdk_datazone::Client;
use aws_sdk_datazone::error::ProvideErrorMetadata;
use aws_sdk_datazone::operation::search_group_profiles::builders::SearchGroupProfilesFluentBuilder;
use aws_sdk_datazone::types::{GroupProfileStatus as ServiceStatus, GroupProfileSummary, GroupSearchType};
use contract::outcome::ProfileChange;
use contract::request::{GroupProfileRequest, Principal};
use contract::{GroupProfile, GroupProfileStatus, Service, StepError};
use domain_access::pages::{self, PAGE, Page};
use service_call::{Call, classify, may_exist};

use crate::response::profile_response;

type Found = Result<Option<GroupProfile>, StepError>;

/// The profile of the principal; `None` when there is none, or no such domain: DataZone returns the same for both.
///
/// `GetGroupProfile` takes the id of a profile or of a group. What it makes of a group's name or of a role is not
/// documented, so these are searched for: a name among the groups that DataZone finds by it, a role among all roles, as
/// what a search by text looks at in the profile of a role is not documented either.
///
/// # Errors
/// What [`classify`] makes of the service's error; [`StepError::Unavailable`] for a search that takes too long or gets
/// one page twice, [`StepError::Unexpected`] for one without an end.
pub(crate) async fn find(datazone: &Client, request: &GroupProfileRequest) -> Found {
    let search =
        datazone.search_group_profiles().domain_identifier(request.domain_identifier.as_str()).max_results(PAGE);
    let search = match &request.principal {
        Principal::Group(group) => {
            let identifier = group.as_str();
            let found = get(datazone, request, identifier).await?;
            if found.is_some() || group.is_id() {
                return Ok(found);
            }
            search.group_type(GroupSearchType::DatazoneSsoGroup).search_text(identifier)
        }
        Principal::Role(_) => search.group_type(GroupSearchType::IamRoleSessionGroup),
    };
    first(search, request).await
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

async fn get(datazone: &Client, request: &GroupProfileRequest, identifier: &str) -> Found {
    let call = || call("GetGroupProfile", request);
    let domain = request.domain_identifier.as_str();
    match datazone.get_group_profile().domain_identifier(domain).group_identifier(identifier).send().await {
        Ok(response) => profile_response!(response).read(&call(), request).map(Some),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(classify(call(), &error)),
    }
}

/// The first profile of the search that is the requested one.
async fn first(search: SearchGroupProfilesFluentBuilder, request: &GroupProfileRequest) -> Found {
    let call = call("SearchGroupProfiles", request);
    let is_requested = |item: &&GroupProfileSummary| match &request.principal {
        Principal::Group(name) => item.group_name() == Some(name.as_str()),
        Principal::Role(role) => item.role_principal_arn() == Some(role.as_str()),
    };
    pages::first(&call, async |token| match search.clone().set_next_token(token).send().await {
        Ok(page) => {
            let item = page.items().iter().find(is_requested);
            let found = item.map(|item| profile_response!(item).read(&call, request)).transpose()?;
            Ok(Page { found, next: page.next_token })
        }
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(Page { found: None, next: None }),
        Err(error) => Err(classify(call.clone(), &error)),
    })
    .await
}

async fn create(datazone: &Client, request: &GroupProfileRequest) -> Result<GroupProfile, StepError> {
    let call = call("CreateGroupProfile", request);
    let creation = datazone
        .create_group_profile()
        .domain_identifier(request.domain_identifier.as_str())
        .client_token(request.client_token.as_str());
    let creation = match &request.principal {
        Principal::Group(identifier) => creation.group_identifier(identifier.as_str()),
        Principal::Role(role) => creation.role_principal_arn(role.as_str()),
    };
    match creation.send().await {
        Ok(response) => profile_response!(response).read(&call, request),
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
    let call = call("UpdateGroupProfile", request);
    let update = datazone.update_group_profile().domain_identifier(request.domain_identifier.as_str());
    let update = update.group_identifier(id).status(ServiceStatus::Assigned).send().await;
    let response = update.map_err(|error| classify(call.clone(), &error))?;
    let profile = profile_response!(response).read(&call, request)?;
    if profile.id != id {
        let message = format!("UpdateGroupProfile returned profile {} instead of {id}", profile.id);
        return Err(StepError::unexpected(message));
    }
    // The next attempt begins with a read, and finds it ASSIGNED or assigns it again.
    let is_assigned = profile.status == GroupProfileStatus::Assigned;
    let not_yet = || call.unfinished(format!("the group profile {id} is not returned as ASSIGNED yet"));
    is_assigned.then_some(profile).ok_or_else(not_yet)
}

fn call(operation: &'static str, request: &GroupProfileRequest) -> Call {
    let GroupProfileRequest { principal, domain_identifier, .. } = request;
    let resource = format!("{} {} in domain {}", principal.kind(), principal.identifier(), domain_identifier.as_str());
    Call { service: Service::DataZone, operation, resource }
}
