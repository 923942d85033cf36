//! `SearchGroupProfiles`.

use serde_json::{Map, Value};

use super::profiles::{Domain, body};
use super::requests::{GroupType, Search};
use crate::control::documents::{Profile, ProfileStatus};
use crate::page_token;
use crate::wire::OperationResult;

/// Finds the groups of a type whose name (or, of roles, ARN) contains the text, in the order they became known.
///
/// `SSO_GROUP` also shows the groups without a profile, as `NOT_ASSIGNED` and with the group's id: the model does not
/// say so, but it has a type for those with a profile, so this one has to be for all.
pub fn search(id: &str, domain: &Domain, search: &Search) -> OperationResult {
    let found: Vec<Profile> = match search.group_type {
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
    let numbered = (1..).zip(found).filter(|(_, profile)| is_named(profile, &search.text));
    let (page, next) = page_token::page(numbered, search.after, search.size);
    let items = page.iter().map(|profile| body(id, profile)).collect();
    let mut answer = Map::from_iter([("items".to_owned(), Value::Array(items))]);
    answer.extend(next.map(|next| ("nextToken".to_owned(), page_token::make(&search.list, next).into())));
    OperationResult::read(Value::Object(answer))
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

    fn answer(group_type: GroupType, text: &str, after: Option<u64>, size: usize) -> Value {
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
        state.put(DomainState { id: id.clone(), groups, roles: Vec::new(), profiles }).unwrap();
        let domain = state.domain(&id, Registration::Required).unwrap();
        let list = "list".to_owned();
        let wanted = Search { group_type, text: text.to_owned(), after, size, list };
        search(&id, domain, &wanted).answer.unwrap().body.unwrap()
    }

    fn names(answer: &Value) -> Vec<&str> {
        answer["items"].as_array().unwrap().iter().map(|item| item["groupName"].as_str().unwrap_or("role")).collect()
    }

    #[test]
    fn each_type_shows_its_own() {
        let all = answer(GroupType::Sso, "", None, 50);
        assert_eq!(names(&all), ["Owners", "Readers", "Writers"]);
        assert_eq!(all["items"][0]["status"], "NOT_ASSIGNED");
        assert_eq!(all["items"][1]["status"], "ASSIGNED");
        assert_eq!(names(&answer(GroupType::DataZoneSso, "", None, 50)), ["Readers"]);
        assert_eq!(names(&answer(GroupType::IamRoleSession, "", None, 50)), ["role"]);
    }

    #[test]
    fn the_text_is_looked_for_anywhere_and_in_any_case() {
        assert_eq!(names(&answer(GroupType::Sso, "ERS", None, 50)), ["Owners", "Readers", "Writers"]);
        assert_eq!(names(&answer(GroupType::Sso, "read", None, 50)), ["Readers"]);
        assert!(names(&answer(GroupType::Sso, "nobody", None, 50)).is_empty());
    }

    #[test]
    fn pages_end_without_a_token() {
        let first = answer(GroupType::Sso, "", None, 2);
        assert_eq!(names(&first), ["Owners", "Readers"]);
        let after = page_token::read("list", first["nextToken"].as_str().unwrap());
        let second = answer(GroupType::Sso, "", after, 2);
        assert_eq!(names(&second), ["Writers"]);
        assert_eq!(second.get("nextToken"), None);
    }
}
