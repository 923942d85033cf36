//! The domains and their group profiles: made, found, assigned, and put in any state by order.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{invalid, memberships, not_found};
use crate::call_log::Resource;
use crate::control::documents::{
    Behaviour, DomainState, ExistingProfile, Group, Profile, ProfileStatus, Project, ProjectMember, fresh_id,
};
use crate::model;
use crate::service::Service;
use crate::settings::Registration;
use crate::wire::{Reply, ServiceError, object};

/// Whom a profile is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A group, by id or name.
    Group(String),
    /// A role, by ARN.
    Role(String),
}

/// All domains.
#[derive(Debug, Default)]
pub struct State {
    domains: BTreeMap<String, Domain>,
}

/// One domain.
#[derive(Debug, Clone, Default)]
pub struct Domain {
    /// Groups of Identity Center, in the order they became known.
    pub groups: Vec<Group>,
    roles: Vec<String>,
    /// Profiles, oldest first. None is ever removed.
    pub profiles: Vec<Profile>,
    /// The members of each project, oldest first.
    pub projects: BTreeMap<String, Vec<ProjectMember>>,
    tokens: BTreeMap<String, Remembered>,
}

/// What a client token was used for and what was answered.
#[derive(Debug, Clone)]
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
    /// A sentence, when an identifier could never be used, or a profile or a membership is nobody's; nothing is changed
    /// then.
    pub fn put(&mut self, state: DomainState) -> Result<(), String> {
        let DomainState { id, groups, roles, profiles, projects } = state;
        if !Service::DataZone.model().matches("DomainId", &id) {
            return Err(format!("`{id}` cannot be the id of a domain"));
        }
        if let Some(group) = groups.iter().find(|group| !is_id(&group.id)) {
            return Err(format!("`{}` cannot be the id of a group", group.id));
        }
        if let Some(role) = roles.iter().find(|role| !is_role_arn(role)) {
            return Err(format!("`{role}` is not the ARN of a role"));
        }
        let mut domain = self.domains.get(&id).cloned().unwrap_or_default();
        for group in groups {
            replace(&mut domain.groups, group, |one, other| one.id == other.id);
        }
        for role in roles {
            replace(&mut domain.roles, role, |one, other| one == other);
        }
        for profile in profiles {
            let profile = completed(profile, &domain.groups)?;
            replace(&mut domain.profiles, profile, |one, other| {
                one.group_id == other.group_id && one.role_principal_arn == other.role_principal_arn
            });
        }
        for project in projects {
            memberships::put(&mut domain, project)?;
        }
        self.domains.insert(id, domain);
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
            projects: (domain.projects.iter())
                .map(|(id, members)| Project { id: id.clone(), members: members.clone() })
                .collect(),
        })
    }

    /// The designation of the group that a call is about, in the project that it is about.
    pub fn designation(&self, resource: &Resource) -> Option<String> {
        let domain = self.domains.get(resource.domain.as_deref()?)?;
        let members = domain.projects.get(resource.project.as_deref()?)?;
        let id = memberships::group_id(domain, resource.group.as_deref()?)?;
        members.iter().find(|member| member.group_id.as_ref() == Some(&id)).map(|member| member.designation.clone())
    }
}

impl Domain {
    /// The group that an identifier means; where registration is optional, every identifier means one.
    pub fn group(&mut self, identifier: &str, registration: Registration, by_name: bool) -> Option<Group> {
        let is_meant =
            |group: &&Group| group.id.eq_ignore_ascii_case(identifier) || (by_name && group.name == identifier);
        if let Some(group) = self.groups.iter().find(is_meant) {
            return Some(group.clone());
        }
        match registration {
            Registration::Required => None,
            Registration::Optional => {
                let group = if is_id(identifier) {
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

/// Whom `CreateGroupProfile` is for.
///
/// # Errors
///
/// `ValidationException` unless there is exactly one of a group and the ARN of a role.
pub fn principal(group: Option<String>, role_arn: Option<String>) -> Result<Principal, ServiceError> {
    match (group, role_arn) {
        (Some(group), None) => Ok(Principal::Group(group)),
        (None, Some(role)) if is_role_arn(&role) => Ok(Principal::Role(role)),
        (None, Some(role)) => Err(invalid(format!("rolePrincipalArn {role} is not the ARN of an IAM role"))),
        (Some(_), Some(_)) | (None, None) => {
            Err(invalid("Exactly one of groupIdentifier and rolePrincipalArn must be given"))
        }
    }
}

/// True when an identifier is an id of Identity Center, not a name. The id of a profile has the same form.
fn is_id(identifier: &str) -> bool {
    Service::DataZone.model().matches("GroupProfileId", identifier)
}

/// True when a text is the ARN of an IAM role. The model has no pattern for `rolePrincipalArn`.
fn is_role_arn(text: &str) -> bool {
    static ROLE_ARN: LazyLock<Regex> =
        LazyLock::new(|| model::whole(r"arn:aws[a-z-]*:iam::\d{12}:role/.+").expect("a valid pattern"));
    ROLE_ARN.is_match(text)
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
    principal: Principal,
    client_token: Option<String>,
) -> Result<Reply, ServiceError> {
    if let Some(remembered) = client_token.as_ref().and_then(|token| domain.tokens.get(token)) {
        if remembered.principal != principal {
            return Err(invalid("The client token was already used with other parameters"));
        }
        return Ok(Reply::read(remembered.answer.clone()));
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
    Ok(Reply::write(answer, changed))
}

/// `GetGroupProfile`.
///
/// # Errors
///
/// `ResourceNotFoundException`.
pub fn get(id: &str, domain: &mut Domain, behaviour: &Behaviour, identifier: &str) -> Result<Reply, ServiceError> {
    let profile = domain.profile(identifier, behaviour).ok_or_else(|| no_profile(id, identifier))?;
    Ok(Reply::read(body(id, profile)))
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
) -> Result<Reply, ServiceError> {
    let profile = domain.profile(identifier, behaviour).ok_or_else(|| no_profile(id, identifier))?;
    let changed = profile.status != status;
    profile.status = status;
    Ok(Reply::write(body(id, profile), changed))
}

/// A profile as every operation shows it: only the members that it has.
pub fn body(domain: &str, profile: &Profile) -> Value {
    let text = |value: &Option<String>| value.clone().map(Value::from);
    object([
        ("domainId", Some(domain.into())),
        ("id", Some(profile.id.as_str().into())),
        ("status", Some(json!(profile.status))),
        ("groupName", text(&profile.group_name)),
        ("rolePrincipalArn", text(&profile.role_principal_arn)),
        ("rolePrincipalId", text(&profile.role_principal_id)),
    ])
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
fn completed(profile: Profile, groups: &[Group]) -> Result<Profile, String> {
    match (&profile.group_id, &profile.role_principal_arn) {
        (Some(group_id), None) => {
            let group = groups
                .iter()
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
pub fn replace<T>(items: &mut Vec<T>, item: T, same: impl Fn(&T, &T) -> bool) {
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

    fn created(state: &mut State, behaviour: &Behaviour, token: &str) -> Result<Value, ServiceError> {
        let principal = Principal::Group(GROUP.to_owned());
        let domain = state.domain(DOMAIN, Registration::Required)?;
        let token = Some(token.to_owned());
        create(DOMAIN, domain, Registration::Required, behaviour, principal, token).map(|reply| reply.body.unwrap())
    }

    #[test]
    fn the_same_token_gets_the_same_answer_even_after_an_update() {
        let mut state = state();
        let first = created(&mut state, &behaviour(), "t").unwrap();
        let domain = state.domain(DOMAIN, Registration::Required).unwrap();
        update(DOMAIN, domain, &behaviour(), GROUP, ProfileStatus::NotAssigned).unwrap();
        assert_eq!(created(&mut state, &behaviour(), "t").unwrap(), first);
        let other = created(&mut state, &behaviour(), "u").unwrap();
        assert_eq!(other["status"], "NOT_ASSIGNED");
        assert_eq!(other["id"], first["id"]);
    }

    #[test]
    fn an_existing_profile_is_refused_when_told_so() {
        let mut state = state();
        created(&mut state, &behaviour(), "t").unwrap();
        let strict = Behaviour { existing_profile: ExistingProfile::ValidationException, ..behaviour() };
        assert_eq!(created(&mut state, &strict, "u").unwrap_err().code, "ValidationException");
        created(&mut state, &strict, "t").unwrap();
    }

    #[test]
    fn a_profile_is_found_by_its_own_id_the_groups_id_and_the_groups_name() {
        let mut state = state();
        let body = created(&mut state, &behaviour(), "t").unwrap();
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
    fn a_group_that_is_not_registered_gets_a_profile_where_registration_is_optional() {
        let mut state = State::default();
        let domain = state.domain(DOMAIN, Registration::Optional).unwrap();
        let unknown = Principal::Group("Nobody".to_owned());
        create(DOMAIN, domain, Registration::Optional, &behaviour(), unknown, None).unwrap();
        assert_eq!(state.document(DOMAIN).unwrap().profiles[0].group_name.as_deref(), Some("Nobody"));
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
