//! The group profile: find it, make it, assign it.
//!
//! What `CreateGroupProfile` does for a profile that exists is undocumented, so the step reads first, as the AWS
//! CloudFormation handler does; the client token, the same in every retry, makes a lost race harmless.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_datazone::Client;
use aws_sdk_datazone::error::ProvideErrorMetadata;
use aws_sdk_datazone::operation::search_group_profiles::builders::SearchGroupProfilesFluentBuilder;
use aws_sdk_datazone::types::{GroupProfileStatus as ServiceStatus, GroupProfileSummary, GroupSearchType};
use contract::outcome::ProfileChange;
use contract::request::{GroupProfileRequest, Principal};
use contract::{GroupProfile, GroupProfileStatus, Service, StepError};
use regex_lite::Regex;
use service_call::{Call, classify};
use tokio::time::timeout;

use crate::response::profile_response;

/// The most profiles that DataZone returns in a page of a search.
const PAGE: i32 = 50;
/// The most pages of one search: 10,000 profiles. No domain is known to have as many, so more is a search without an end.
const MOST_PAGES: usize = 200;
/// For all pages of one search. If the service is slower, the next attempt searches again.
const SEARCH: Duration = Duration::from_secs(45);
/// The id of a group in Identity Center: a UUID, in some identity stores after a prefix (`GroupIdentifier` of the model).
const GROUP_ID: &str = "^([0-9a-f]{10}-)?[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}$";

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
        Principal::Group(identifier) => {
            let identifier = identifier.as_str();
            let found = get(datazone, request, identifier).await?;
            if found.is_some() || is_id(identifier) {
                return Ok(found);
            }
            search.group_type(GroupSearchType::DatazoneSsoGroup).search_text(identifier)
        }
        Principal::Role(_) => search.group_type(GroupSearchType::IamRoleSessionGroup),
    };
    within(SEARCH, request, first(search, request)).await
}

fn is_id(identifier: &str) -> bool {
    Regex::new(GROUP_ID).is_ok_and(|id| id.is_match(identifier))
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
    let (profile, change) = match found {
        Some(profile) => match profile.status {
            GroupProfileStatus::Assigned => return Ok((profile, ProfileChange::Kept)),
            GroupProfileStatus::NotAssigned => (profile, ProfileChange::Assigned),
        },
        None => (create(datazone, request).await?, ProfileChange::Created),
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

/// The first profile of the search that is the requested one. (The SDK's paginator takes a repeated token for the end.)
async fn first(search: SearchGroupProfilesFluentBuilder, request: &GroupProfileRequest) -> Found {
    let call = || call("SearchGroupProfiles", request);
    let is_requested = |item: &&GroupProfileSummary| match &request.principal {
        Principal::Group(name) => item.group_name() == Some(name.as_str()),
        Principal::Role(role) => item.role_principal_arn() == Some(role.as_str()),
    };
    let mut tokens = BTreeSet::new();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let page = match search.clone().set_next_token(token).send().await {
            Ok(page) => page,
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
            Err(error) => return Err(classify(call(), &error)),
        };
        if let Some(item) = page.items().iter().find(is_requested) {
            return profile_response!(item).read(&call(), request).map(Some);
        }
        token = page.next_token.filter(|token| !token.is_empty());
        let Some(next) = &token else { return Ok(None) };
        if !tokens.insert(next.clone()) {
            return Err(call().unfinished("SearchGroupProfiles returned the same page token twice"));
        }
    }
    let resource = call().resource;
    Err(StepError::unexpected(format!("SearchGroupProfiles returned more than {MOST_PAGES} pages for {resource}")))
}

async fn within<T>(
    limit: Duration,
    request: &GroupProfileRequest,
    search: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    timeout(limit, Box::pin(search)).await.unwrap_or_else(|_| {
        let message = format!("the search did not end within {} seconds", limit.as_secs());
        Err(call("SearchGroupProfiles", request).unfinished(message))
    })
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

/// Whether the failure of a creation can mean that the profile exists. Throttling, a denial or an unknown domain cannot.
fn may_exist(failure: &StepError) -> bool {
    let in_conflict = |code: Option<&str>| code == Some("ConflictException");
    matches!(failure, StepError::RefusedRequest(_) | StepError::QuotaExceeded(_) | StepError::Unexpected { .. })
        || matches!(failure, StepError::Unavailable(answer) if in_conflict(answer.code.as_deref()))
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
    let principal = match &request.principal {
        Principal::Group(group) => format!("group {}", group.as_str()),
        Principal::Role(role) => format!("role {}", role.as_str()),
    };
    let resource = format!("{principal} in domain {}", request.domain_identifier.as_str());
    Call { service: Service::DataZone, operation, resource }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_of_identity_center_is_distinguished_from_a_name() {
        for id in ["a1b2c3d4-5678-90ab-cdef-112233445566", "906711aa22-A1B2C3D4-5678-90ab-cdef-112233445566"] {
            assert!(is_id(id), "{id}");
        }
        for name in ["analysts", "a1b2c3d4-5678-90ab-cdef", "Data Owners/EU", "x-a1b2c3d4-5678-90ab-cdef-112233445566"]
        {
            assert!(!is_id(name), "{name}");
        }
    }

    #[tokio::test]
    async fn a_search_that_does_not_end_in_time_is_unavailable() {
        let request = json!({"domainIdentifier": "dzd_a", "groupIdentifier": "analysts"});
        let request = serde_json::from_value(request).expect("valid");
        let error = within::<()>(Duration::ZERO, &request, pending()).await.expect_err("too late");
        assert_eq!(error.name(), "Unavailable");
        assert_eq!(error.cause().operation.as_deref(), Some("SearchGroupProfiles"));
    }
}
