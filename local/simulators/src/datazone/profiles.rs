//! The domains and their group profiles: made, found, assigned, and put in any state by order.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::requests::{self, Create, Principal, invalid};
use crate::control::documents::{Behaviour, DomainState, ExistingProfile, Group, Profile, ProfileStatus, fresh_id};
use crate::settings::Registration;
use crate::wire::{OperationResult, Reply, ServiceError};

/// All domains.
#[derive(Debug, Default)]
pub struct State {
    domains: BTreeMap<String, Domain>,
}

/// One domain.
#[derive(Debug, Default)]
pub struct Domain {
    /// Groups of Identity Center, in the order they became known.
    pub groups: Vec<Group>,
    roles: Vec<String>,
    /// Profiles, oldest first. None is ever removed.
    pub profiles: Vec<Profile>,
    tokens: BTreeMap<String, Remembered>,
}

/// What a client token was used for and what was answered.
#[derive(Debug)]
struct Remembered {
    principal: Principal,
    answer: Value,
}

impl State {
    /// The domain of an id.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` when it was not registered and has to be.
    pub fn domain(&mut self, id: &str, registration: Registration) -> Result<&mut Domain, ServiceError> {
        match registration {
            Registration::Optional => Ok(self.domains.entry(id.to_owned()).or_default()),
            Registration::Required => {
                self.domains.get_mut(id).ok_or_else(|| not_found(format!("Domain {id} does not exist")))
            }
        }
    }

    /// Registers a domain or adds to one.
    ///
    /// # Errors
    ///
    /// A sentence, when an identifier could never be used or a profile is for nobody; nothing is changed then.
    pub fn put(&mut self, state: DomainState) -> Result<(), String> {
        let DomainState { id, groups, roles, profiles } = state;
        if !requests::is_domain_id(&id) {
            return Err(format!("`{id}` cannot be the id of a domain"));
        }
        if let Some(group) = groups.iter().find(|group| !requests::is_id(&group.id)) {
            return Err(format!("`{}` cannot be the id of a group", group.id));
        }
        if let Some(role) = roles.iter().find(|role| !requests::is_role_arn(role)) {
            return Err(format!("`{role}` is not the ARN of a role"));
        }
        let known = self.domains.get(&id).map(|domain| domain.groups.as_slice()).unwrap_or_default();
        let profiles = profiles
            .into_iter()
            .map(|profile| completed(profile, known.iter().chain(&groups)))
            .collect::<Result<Vec<_>, _>>()?;

        let domain = self.domains.entry(id).or_default();
        for group in groups {
            replace(&mut domain.groups, group, |one, other| one.id == other.id);
        }
        for role in roles {
            replace(&mut domain.roles, role, |one, other| one == other);
        }
        for profile in profiles {
            replace(&mut domain.profiles, profile, |one, other| {
                one.group_id == other.group_id && one.role_principal_arn == other.role_principal_arn
            });
        }
        Ok(())
    }

    /// The state of every domain.
    pub fn documents(&self) -> Vec<DomainState> {
        self.domains.keys().filter_map(|id| self.document(id)).collect()
    }

    /// The state of one domain.
    pub fn document(&self, id: &str) -> Option<DomainState> {
        self.domains.get(id).map(|domain| DomainState {
            id: id.to_owned(),
            groups: domain.groups.clone(),
            roles: domain.roles.clone(),
            profiles: domain.profiles.clone(),
        })
    }
}

impl Domain {
    /// The group that an identifier means; where registration is optional, every identifier means one.
    fn group(&mut self, identifier: &str, registration: Registration, by_name: bool) -> Option<Group> {
        let is_meant =
            |group: &&Group| group.id.eq_ignore_ascii_case(identifier) || (by_name && group.name == identifier);
        if let Some(group) = self.groups.iter().find(is_meant) {
            return Some(group.clone());
        }
        match registration {
            Registration::Required => None,
            Registration::Optional => {
                let group = if requests::is_id(identifier) {
                    let end = identifier.len() - 12;
                    Group { id: identifier.to_owned(), name: format!("group-{}", &identifier[end..]) }
                } else {
                    Group { id: fresh_id(), name: identifier.to_owned() }
                };
                self.groups.push(group.clone());
                Some(group)
            }
        }
    }

    /// The profile that an identifier means: its own id, the group's id, and by setting the group's name or role's ARN.
    fn profile(&mut self, identifier: &str, behaviour: &Behaviour) -> Option<&mut Profile> {
        self.profiles.iter_mut().find(|profile| {
            let is =
                |value: &Option<String>| value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case(identifier));
            profile.id.eq_ignore_ascii_case(identifier)
                || is(&profile.group_id)
                || (behaviour.lookup_by_name && profile.group_name.as_deref() == Some(identifier))
                || (behaviour.lookup_by_role_arn && profile.role_principal_arn.as_deref() == Some(identifier))
        })
    }
}

/// `CreateGroupProfile`.
///
/// # Errors
///
/// `ResourceNotFoundException` for a group or role that does not exist; `ValidationException` for a client token that
/// was used for something else, and by setting for a profile that exists.
pub fn create(
    id: &str,
    domain: &mut Domain,
    registration: Registration,
    behaviour: &Behaviour,
    request: Create,
) -> Result<OperationResult, ServiceError> {
    let Create { principal, client_token } = request;
    let created = |body: Value| Reply { status: 201, body: Some(body) };
    if let Some(remembered) = client_token.as_ref().and_then(|token| domain.tokens.get(token)) {
        if remembered.principal != principal {
            return Err(invalid("The client token was already used with other parameters"));
        }
        return Ok(OperationResult { answer: Ok(created(remembered.answer.clone())), changed: false });
    }

    let wanted = wanted(id, domain, registration, behaviour, &principal)?;
    let existing = domain
        .profiles
        .iter()
        .find(|profile| profile.group_id == wanted.group_id && profile.role_principal_arn == wanted.role_principal_arn);
    let (profile, changed) = match (existing, behaviour.existing_profile) {
        (Some(profile), ExistingProfile::Return) => (profile.clone(), false),
        (Some(profile), ExistingProfile::ValidationException) => {
            return Err(invalid(format!("Group profile {} already exists in domain {id}", profile.id)));
        }
        (None, _) => {
            domain.profiles.push(wanted.clone());
            (wanted, true)
        }
    };
    let answer = body(id, &profile);
    if let Some(token) = client_token {
        domain.tokens.insert(token, Remembered { principal, answer: answer.clone() });
    }
    Ok(OperationResult { answer: Ok(created(answer)), changed })
}

/// `GetGroupProfile`.
///
/// # Errors
///
/// `ResourceNotFoundException`.
pub fn get(
    id: &str,
    domain: &mut Domain,
    behaviour: &Behaviour,
    identifier: &str,
) -> Result<OperationResult, ServiceError> {
    let profile = domain.profile(identifier, behaviour).ok_or_else(|| no_profile(id, identifier))?;
    Ok(OperationResult::read(body(id, profile)))
}

/// `UpdateGroupProfile`.
///
/// # Errors
///
/// `ResourceNotFoundException`.
pub fn update(
    id: &str,
    domain: &mut Domain,
    behaviour: &Behaviour,
    identifier: &str,
    status: ProfileStatus,
) -> Result<OperationResult, ServiceError> {
    let profile = domain.profile(identifier, behaviour).ok_or_else(|| no_profile(id, identifier))?;
    let changed = profile.status != status;
    profile.status = status;
    Ok(OperationResult { answer: Ok(Reply::ok(body(id, profile))), changed })
}

/// A profile as every operation shows it: only the members that it has.
pub fn body(domain: &str, profile: &Profile) -> Value {
    let status = match profile.status {
        ProfileStatus::Assigned => "ASSIGNED",
        ProfileStatus::NotAssigned => "NOT_ASSIGNED",
    };
    let members = [
        ("domainId", Some(domain)),
        ("id", Some(profile.id.as_str())),
        ("status", Some(status)),
        ("groupName", profile.group_name.as_deref()),
        ("rolePrincipalArn", profile.role_principal_arn.as_deref()),
        ("rolePrincipalId", profile.role_principal_id.as_deref()),
    ];
    let members = members.into_iter().filter_map(|(member, value)| Some((member.to_owned(), Value::from(value?))));
    Value::Object(members.collect())
}

/// The profile that a creation would make.
fn wanted(
    id: &str,
    domain: &mut Domain,
    registration: Registration,
    behaviour: &Behaviour,
    principal: &Principal,
) -> Result<Profile, ServiceError> {
    match principal {
        Principal::Group(identifier) => {
            let group = domain
                .group(identifier, registration, behaviour.lookup_by_name)
                .ok_or_else(|| not_found(format!("Group {identifier} does not exist for domain {id}")))?;
            Ok(Profile { group_name: Some(group.name), ..Profile::of_group(&group.id, behaviour.new_profile_status) })
        }
        Principal::Role(arn) => {
            if registration == Registration::Required && !domain.roles.contains(arn) {
                return Err(not_found(format!("Role {arn} does not exist")));
            }
            Ok(Profile {
                role_principal_id: Some(fresh_role_id()),
                ..Profile::of_role(arn, behaviour.new_profile_status)
            })
        }
    }
}

/// A profile that was put, with the members that follow from its group or role.
fn completed<'a>(profile: Profile, mut groups: impl Iterator<Item = &'a Group>) -> Result<Profile, String> {
    match (&profile.group_id, &profile.role_principal_arn) {
        (Some(group_id), None) => {
            let group = groups
                .find(|group| group.id.eq_ignore_ascii_case(group_id))
                .ok_or_else(|| format!("a profile is for group `{group_id}`, which is not known"))?;
            Ok(Profile {
                group_id: Some(group.id.clone()),
                group_name: profile.group_name.or_else(|| Some(group.name.clone())),
                ..profile
            })
        }
        (None, Some(_)) => {
            Ok(Profile { role_principal_id: profile.role_principal_id.or_else(|| Some(fresh_role_id())), ..profile })
        }
        (Some(_), Some(_)) | (None, None) => {
            Err("a profile has exactly one of `groupId` and `rolePrincipalArn`".to_owned())
        }
    }
}

/// Puts an item in the place of the same one, or at the end.
fn replace<T>(items: &mut Vec<T>, item: T, same: impl Fn(&T, &T) -> bool) {
    match items.iter_mut().find(|other| same(other, &item)) {
        Some(other) => *other = item,
        None => items.push(item),
    }
}

/// Unique ids of IAM roles are 21 characters that begin with AROA.
fn fresh_role_id() -> String {
    let random = Uuid::new_v4().simple().to_string().to_uppercase();
    format!("AROA{}", &random[..17])
}

fn no_profile(domain: &str, identifier: &str) -> ServiceError {
    not_found(format!("Group profile {identifier} does not exist in domain {domain}"))
}

fn not_found(message: String) -> ServiceError {
    ServiceError::new(404, "ResourceNotFoundException", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    const DOMAIN: &str = "dzd_a";
    const GROUP: &str = "11111111-2222-3333-4444-555555555555";
    const ROLE: &str = "arn:aws:iam::123456789012:role/analyst";

    fn state() -> State {
        let mut state = State::default();
        let group = Group { id: GROUP.to_owned(), name: "Data Owners".to_owned() };
        state.put(DomainState { id: DOMAIN.to_owned(), groups: vec![group], ..DomainState::default() }).unwrap();
        state
    }

    fn behaviour() -> Behaviour {
        Behaviour::of(&Settings::default())
    }

    fn created(
        state: &mut State,
        behaviour: &Behaviour,
        principal: Principal,
        token: &str,
    ) -> Result<Value, ServiceError> {
        let request = Create { principal, client_token: Some(token.to_owned()) };
        let domain = state.domain(DOMAIN, Registration::Required)?;
        let result = create(DOMAIN, domain, Registration::Required, behaviour, request)?;
        result.answer.map(|reply| reply.body.unwrap())
    }

    fn group() -> Principal {
        Principal::Group(GROUP.to_owned())
    }

    #[test]
    fn a_group_profile_has_the_groups_name_and_no_role() {
        let body = created(&mut state(), &behaviour(), group(), "t").unwrap();
        assert_eq!(body["groupName"], "Data Owners");
        assert_eq!(body["status"], "ASSIGNED");
        assert_eq!(body["domainId"], DOMAIN);
        assert_eq!(body.get("rolePrincipalArn"), None);
        assert_eq!(body.get("rolePrincipalId"), None);
        assert_eq!(body.get("groupId"), None);
    }

    #[test]
    fn a_role_profile_has_the_role_and_no_name() {
        let mut state = state();
        let roles = vec![ROLE.to_owned()];
        let domain = DomainState { id: DOMAIN.to_owned(), roles, ..DomainState::default() };
        state.put(domain).unwrap();
        let body = created(&mut state, &behaviour(), Principal::Role(ROLE.to_owned()), "t").unwrap();
        assert_eq!(body["rolePrincipalArn"], ROLE);
        assert_eq!(body["rolePrincipalId"].as_str().unwrap().len(), 21);
        assert_eq!(body.get("groupName"), None);
    }

    #[test]
    fn the_same_token_gets_the_same_answer_even_after_an_update() {
        let mut state = state();
        let first = created(&mut state, &behaviour(), group(), "t").unwrap();
        let domain = state.domain(DOMAIN, Registration::Required).unwrap();
        update(DOMAIN, domain, &behaviour(), GROUP, ProfileStatus::NotAssigned).unwrap();
        assert_eq!(created(&mut state, &behaviour(), group(), "t").unwrap(), first);
        let other = created(&mut state, &behaviour(), group(), "u").unwrap();
        assert_eq!(other["status"], "NOT_ASSIGNED");
        assert_eq!(other["id"], first["id"]);
    }

    #[test]
    fn a_token_that_was_used_for_another_group_is_refused() {
        let mut state = state();
        created(&mut state, &behaviour(), group(), "t").unwrap();
        let other = Principal::Group("Data Owners".to_owned());
        assert_eq!(created(&mut state, &behaviour(), other, "t").unwrap_err().code, "ValidationException");
    }

    #[test]
    fn an_existing_profile_is_refused_when_told_so() {
        let mut state = state();
        created(&mut state, &behaviour(), group(), "t").unwrap();
        let strict = Behaviour { existing_profile: ExistingProfile::ValidationException, ..behaviour() };
        assert_eq!(created(&mut state, &strict, group(), "u").unwrap_err().code, "ValidationException");
        created(&mut state, &strict, group(), "t").unwrap();
    }

    #[test]
    fn a_profile_is_found_by_its_own_id_the_groups_id_and_the_groups_name() {
        let mut state = state();
        let body = created(&mut state, &behaviour(), group(), "t").unwrap();
        let domain = state.domain(DOMAIN, Registration::Required).unwrap();
        for identifier in [body["id"].as_str().unwrap(), GROUP, "Data Owners"] {
            assert!(get(DOMAIN, domain, &behaviour(), identifier).is_ok(), "{identifier}");
        }
        let by_id_only = Behaviour { lookup_by_name: false, ..behaviour() };
        assert!(get(DOMAIN, domain, &by_id_only, "Data Owners").is_err());
    }

    #[test]
    fn a_role_profile_is_found_by_the_roles_arn_only_when_told_so() {
        let mut state = state();
        let profiles = vec![Profile::of_role(ROLE, ProfileStatus::Assigned)];
        let domain = DomainState { id: DOMAIN.to_owned(), profiles, ..DomainState::default() };
        state.put(domain).unwrap();
        let domain = state.domain(DOMAIN, Registration::Required).unwrap();
        assert!(get(DOMAIN, domain, &behaviour(), ROLE).is_err());
        let lenient = Behaviour { lookup_by_role_arn: true, ..behaviour() };
        assert!(get(DOMAIN, domain, &lenient, ROLE).is_ok());
    }

    #[test]
    fn required_registration_hides_what_was_not_registered_and_optional_hides_nothing() {
        let mut required = state();
        assert!(required.domain("dzd_b", Registration::Required).is_err());
        let unknown = Principal::Group("Nobody".to_owned());
        let error = created(&mut required, &behaviour(), unknown.clone(), "t").unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (404, "ResourceNotFoundException"));

        let mut optional = State::default();
        let domain = optional.domain("dzd_b", Registration::Optional).unwrap();
        let request = Create { principal: unknown, client_token: None };
        create("dzd_b", domain, Registration::Optional, &behaviour(), request).unwrap();
        assert_eq!(optional.document("dzd_b").unwrap().profiles[0].group_name.as_deref(), Some("Nobody"));
    }

    #[test]
    fn a_domain_with_an_impossible_member_is_refused_whole() {
        let mut state = state();
        let domain = |change: fn(&mut DomainState)| {
            let mut domain = DomainState { id: "dzd_new".to_owned(), ..DomainState::default() };
            change(&mut domain);
            domain
        };
        for impossible in [
            domain(|domain| domain.id = "new".to_owned()),
            domain(|domain| domain.roles.push("analyst".to_owned())),
            domain(|domain| {
                domain.groups.push(Group { id: "owners".to_owned(), name: "Owners".to_owned() });
            }),
            domain(|domain| {
                domain.profiles.push(Profile::of_group(GROUP, ProfileStatus::Assigned));
            }),
        ] {
            state.put(impossible).unwrap_err();
        }
        assert!(state.document("dzd_new").is_none());
    }
}
