//! The group profile of the principal, as DataZone shows it.

use serde_json::Value;

use crate::aws::{Aws, Failure};
use crate::stack::text;
use crate::target::Principal;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub id: String,
    pub status: String,
    /// The name of the group; of the profile of a role there is none.
    pub group_name: Option<String>,
}

impl Profile {
    pub fn read(profile: &Value) -> Self {
        let group_name = profile["groupName"].as_str().map(str::to_owned);
        Self { id: text(&profile["id"]), status: text(&profile["status"]), group_name }
    }
}

/// Finds the profile as the workflow does: a group's by its id, another one by a search.
///
/// # Errors
/// Those of the calls.
pub async fn find(aws: &Aws, domain: &str, principal: &Principal) -> Result<Option<Profile>, Failure> {
    if let Principal::GroupId(id) = principal {
        return Ok(get(aws, domain, id).await?.map(|profile| Profile::read(&profile)));
    }
    let found = search(aws, domain, principal, None).await?;
    Ok(found.map(|profile| Profile::read(&profile)))
}

pub async fn get(aws: &Aws, domain: &str, identifier: &str) -> Result<Option<Value>, Failure> {
    let arguments = ["--domain-identifier", domain, "--group-identifier", identifier];
    aws.find("datazone", "get-group-profile", &arguments).await
}

/// The item of a search that is the profile of the principal.
pub async fn search(
    aws: &Aws,
    domain: &str,
    principal: &Principal,
    words: Option<&str>,
) -> Result<Option<Value>, Failure> {
    let arguments = ["--domain-identifier", domain, "--group-type", principal.group_type()];
    let words = words.map(|words| ["--search-text", words]);
    let arguments: Vec<_> = arguments.into_iter().chain(words.into_iter().flatten()).collect();
    let mut found = aws.call("datazone", "search-group-profiles", &arguments).await?;
    let items = found["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
    Ok(items.into_iter().find(|item| principal.is(item)))
}

/// Sets the status of a profile.
///
/// # Errors
/// Those of the call.
pub async fn update(aws: &Aws, domain: &str, id: &str, status: &str) -> Result<Value, Failure> {
    let arguments = ["--domain-identifier", domain, "--group-identifier", id, "--status", status];
    aws.call("datazone", "update-group-profile", &arguments).await
}
