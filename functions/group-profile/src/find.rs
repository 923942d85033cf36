//! Finds the profile of a principal. No call here changes anything.

use aws_sdk_datazone::Client;
use aws_sdk_datazone::error::ProvideErrorMetadata;
use aws_sdk_datazone::operation::search_group_profiles::builders::SearchGroupProfilesFluentBuilder;
use aws_sdk_datazone::types::{GroupProfileSummary, GroupSearchType};
use contract::request::{DomainIdentifier, Principal};
use contract::{GroupProfile, StepError};
use domain_access::pages::{self, PAGE, Page};
use service_call::classify;

use crate::{call, profile_response};

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
pub async fn find(datazone: &Client, domain: &DomainIdentifier, principal: &Principal) -> Found {
    let search = datazone.search_group_profiles().domain_identifier(domain.as_str()).max_results(PAGE);
    let search = match principal {
        Principal::Group(group) => {
            let identifier = group.as_str();
            let found = get(datazone, domain, principal, identifier).await?;
            if found.is_some() || group.is_id() {
                return Ok(found);
            }
            search.group_type(GroupSearchType::DatazoneSsoGroup).search_text(identifier)
        }
        Principal::Role(_) => search.group_type(GroupSearchType::IamRoleSessionGroup),
    };
    first(search, domain, principal).await
}

async fn get(datazone: &Client, domain: &DomainIdentifier, principal: &Principal, identifier: &str) -> Found {
    let call = || call("GetGroupProfile", domain, principal);
    match datazone.get_group_profile().domain_identifier(domain.as_str()).group_identifier(identifier).send().await {
        Ok(response) => profile_response!(response).read(&call(), domain, principal).map(Some),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(classify(call(), &error)),
    }
}

/// The first profile of the search that is the requested one.
async fn first(search: SearchGroupProfilesFluentBuilder, domain: &DomainIdentifier, principal: &Principal) -> Found {
    let call = call("SearchGroupProfiles", domain, principal);
    let is_requested = |item: &&GroupProfileSummary| match principal {
        Principal::Group(name) => item.group_name() == Some(name.as_str()),
        Principal::Role(role) => item.role_principal_arn() == Some(role.as_str()),
    };
    pages::first(&call, async |token| match search.clone().set_next_token(token).send().await {
        Ok(page) => {
            let item = page.items().iter().find(is_requested);
            let found = item.map(|item| profile_response!(item).read(&call, domain, principal)).transpose()?;
            Ok(Page { found: found.into_iter().collect(), next: page.next_token })
        }
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(Page { found: vec![], next: None }),
        Err(error) => Err(classify(call.clone(), &error)),
    })
    .await
}
