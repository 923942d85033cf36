//! `SearchGroupProfiles`.

use serde::Deserialize;
use serde_json::Value;

use super::invalid;
use super::profiles::{Domain, body};
use crate::control::documents::{Profile, ProfileStatus};
use crate::page_token;
use crate::wire::{Reply, ServiceError, object};

/// The size of a page unless the request has one.
const PAGE: usize = 50;

/// The input of a search.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// Which domain is searched.
    pub domain_identifier: String,
    group_type: GroupType,
    /// What the name contains; absent: anything.
    #[serde(rename = "searchText")]
    text: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// Which groups are searched.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
enum GroupType {
    /// Groups of Identity Center, with or without a profile.
    #[default]
    #[serde(rename = "SSO_GROUP")]
    Sso,
    /// Groups of Identity Center that have a profile.
    #[serde(rename = "DATAZONE_SSO_GROUP")]
    DataZoneSso,
    /// Roles that have a profile.
    #[serde(rename = "IAM_ROLE_SESSION_GROUP")]
    IamRoleSession,
}

/// Finds the groups of a type whose name (or, of roles, ARN) contains the text, in the order they became known.
///
/// `SSO_GROUP` also shows the groups without a profile, as `NOT_ASSIGNED` and with the group's id: the model does not
/// say so, but it has a type for those with a profile, so this one has to be for all.
///
/// # Errors
///
/// `ValidationException` for a token that does not come from the same search.
pub fn search(domain: &Domain, search: &Search) -> Result<Reply, ServiceError> {
    let Search { domain_identifier, group_type, text, max_results, next_token } = search;
    let text = text.as_deref().unwrap_or_default();
    let list = format!("{domain_identifier}\n{group_type:?}\n{text}");
    let after = next_token
        .as_deref()
        .map(|token| {
            page_token::read(&list, token).ok_or_else(|| invalid("nextToken does not come from the same search"))
        })
        .transpose()?;
    let found: Vec<Profile> = match group_type {
        GroupType::Sso => domain
            .groups
            .iter()
            .map(|group| {
                let same = |profile: &&Profile| profile.group_id.as_ref() == Some(&group.id);
                domain.profiles.iter().find(same).cloned().unwrap_or_else(|| Profile {
                    id: group.id.clone(),
                    group_name: Some(group.name.clone()),
                    ..Profile::of_group(&group.id, ProfileStatus::NotAssigned)
                })
            })
            .collect(),
        GroupType::DataZoneSso => {
            domain.profiles.iter().filter(|profile| profile.group_id.is_some()).cloned().collect()
        }
        GroupType::IamRoleSession => {
            domain.profiles.iter().filter(|profile| profile.role_principal_arn.is_some()).cloned().collect()
        }
    };
    // Neither groups nor profiles are ever removed, so a position stays what it is between two pages.
    let numbered = (1..).zip(found).filter(|(_, profile)| is_named(profile, text));
    let (page, next) = page_token::page(numbered, after, max_results.unwrap_or(PAGE));
    let items = page.iter().map(|profile| body(domain_identifier, profile)).collect();
    let next = next.map(|next| page_token::make(&list, next).into());
    Ok(Reply::read(object([("items", Some(Value::Array(items))), ("nextToken", next)])))
}

fn is_named(profile: &Profile, text: &str) -> bool {
    let text = text.to_lowercase();
    [&profile.group_name, &profile.role_principal_arn]
        .into_iter()
        .flatten()
        .any(|name| name.to_lowercase().contains(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::documents::{DomainState, Group};
    use crate::datazone::profiles::State;
    use crate::settings::Registration;

    /// Searches a domain of three groups and a role. One of the groups and the role have a profile.
    fn answer(search: Search) -> Result<Value, ServiceError> {
        let group = |digit: &str, name: &str| Group {
            id: "11111111-2222-3333-4444-55555555555".to_owned() + digit,
            name: name.to_owned(),
        };
        let mut state = State::default();
        let id = "dzd_a".to_owned();
        let groups = vec![group("1", "Owners"), group("2", "Readers"), group("3", "Writers")];
        let profiles = vec![
            Profile::of_group(&groups[1].id, ProfileStatus::Assigned),
            Profile::of_role("arn:aws:iam::123456789012:role/r", ProfileStatus::Assigned),
        ];
        state.put(DomainState { id: id.clone(), groups, profiles, ..DomainState::default() }).unwrap();
        let domain = state.domain(&id, Registration::Required).unwrap();
        super::search(domain, &Search { domain_identifier: id, ..search }).map(|reply| reply.body.unwrap())
    }

    fn of_type(group_type: GroupType) -> Value {
        answer(Search { group_type, ..Search::default() }).unwrap()
    }

    fn names(answer: &Value) -> Vec<&str> {
        answer["items"].as_array().unwrap().iter().map(|item| item["groupName"].as_str().unwrap_or("role")).collect()
    }

    #[test]
    fn groups_without_a_profile_are_found_as_not_assigned_by_their_own_type_only() {
        let all = of_type(GroupType::Sso);
        assert_eq!(names(&all), ["Owners", "Readers", "Writers"]);
        assert_eq!(all["items"][0]["status"], "NOT_ASSIGNED");
        assert_eq!(all["items"][1]["status"], "ASSIGNED");
        assert_eq!(names(&of_type(GroupType::DataZoneSso)), ["Readers"]);
    }

    #[test]
    fn pages_end_without_a_token_and_a_token_is_for_its_search_only() {
        let page = |next_token: &Value, group_type| {
            let next_token = next_token.as_str().map(str::to_owned);
            answer(Search { max_results: Some(2), next_token, group_type, ..Search::default() })
        };
        let first = page(&Value::Null, GroupType::Sso).unwrap();
        assert_eq!(names(&first), ["Owners", "Readers"]);
        let second = page(&first["nextToken"], GroupType::Sso).unwrap();
        assert_eq!(names(&second), ["Writers"]);
        assert_eq!(second.get("nextToken"), None);
        let other = page(&first["nextToken"], GroupType::DataZoneSso).unwrap_err();
        assert_eq!(other.code, "ValidationException");
    }
}
