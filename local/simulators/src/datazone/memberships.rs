//! The members of projects: added and removed by calls, listed, and put by order.

use serde::Deserialize;
use serde_json::{Value, json};

use super::profiles::{Domain, replace};
use super::{invalid, not_found};
use crate::control::documents::{
    Behaviour, ExistingMembership, MemberGroupId, MissingMembership, Profile, Project, ProjectMember,
};
use crate::page_token;
use crate::service::Service;
use crate::settings::Registration;
use crate::wire::{Reply, ServiceError, object};

/// The size of a page unless the request has one.
const PAGE: usize = 25;
/// A designation that the domain's own people define. The simulated domains have none.
const USER_CREATED: &str = "USER_CREATED_DESIGNATION";

/// The input of `CreateProjectMembership`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Creation {
    /// The domain.
    pub domain_identifier: String,
    project_identifier: String,
    member: Member,
    designation: String,
}

/// Who becomes a member: exactly one of the two.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Member {
    GroupIdentifier(String),
    UserIdentifier(String),
}

/// The input of `DeleteProjectMembership`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// The domain.
    pub domain_identifier: String,
    project_identifier: String,
    member: Member,
}

/// The input of `ListProjectMemberships`. The members have no names, by which they could be sorted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// The domain.
    pub domain_identifier: String,
    project_identifier: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// `CreateProjectMembership`.
///
/// # Errors
///
/// `ResourceNotFoundException` for a project or group that does not exist; `ValidationException` for a user-created
/// designation; by setting `ValidationException` or `ConflictException` for a member that exists.
pub fn create(
    domain: &mut Domain,
    registration: Registration,
    behaviour: &Behaviour,
    creation: Creation,
) -> Result<Reply, ServiceError> {
    let Creation { domain_identifier, project_identifier, member, designation } = creation;
    if designation == USER_CREATED {
        return Err(invalid(format!("Domain {domain_identifier} has no user-created designations")));
    }
    let (group_id, user_id) = match member {
        Member::UserIdentifier(id) => (None, Some(id)),
        Member::GroupIdentifier(identifier) => {
            let id = joining(domain, registration, behaviour, &identifier);
            let unknown = || not_found(format!("Group {identifier} does not exist for domain {domain_identifier}"));
            (Some(id.ok_or_else(unknown)?), None)
        }
    };
    let wanted = ProjectMember { group_id, user_id, designation };
    let members = members(domain, registration, &domain_identifier, &project_identifier)?;
    let existing = members.iter_mut().find(|member| member.is_same(&wanted));
    let exists = || format!("The member already exists in project {project_identifier}");
    let changed = match (existing, behaviour.existing_membership) {
        (None, _) => {
            members.push(wanted);
            true
        }
        (Some(_), ExistingMembership::Return) => false,
        (Some(member), ExistingMembership::Overwrite) => std::mem::replace(member, wanted.clone()) != wanted,
        (Some(_), ExistingMembership::ValidationException) => return Err(invalid(exists())),
        (Some(_), ExistingMembership::ConflictException) => {
            return Err(Service::DataZone.error("ConflictException", exists()));
        }
    };
    Ok(Reply { body: None, changed })
}

/// `DeleteProjectMembership`.
///
/// # Errors
///
/// `ResourceNotFoundException` for a project that does not exist; by setting `ResourceNotFoundException` or
/// `ValidationException` for a member that does not exist.
pub fn delete(
    domain: &mut Domain,
    registration: Registration,
    behaviour: &Behaviour,
    deletion: Deletion,
) -> Result<Reply, ServiceError> {
    let Deletion { domain_identifier, project_identifier, member } = deletion;
    let (group_id, user_id) = match member {
        Member::UserIdentifier(id) => (None, Some(id)),
        Member::GroupIdentifier(identifier) => {
            let shown = shown(domain, behaviour, &identifier);
            (shown.or_else(|| joining(domain, registration, behaviour, &identifier)), None)
        }
    };
    let members = members(domain, registration, &domain_identifier, &project_identifier)?;
    // A group that nobody knows has no id here, and is no member.
    let is_meant = |member: &ProjectMember| match (&group_id, &user_id) {
        (None, None) => false,
        ids => (&member.group_id, &member.user_id) == ids,
    };
    let unknown = || format!("The member does not exist in project {project_identifier}");
    let changed = match (members.iter().position(is_meant), behaviour.missing_membership) {
        (Some(position), _) => {
            members.remove(position);
            true
        }
        (None, MissingMembership::Return) => false,
        (None, MissingMembership::ResourceNotFoundException) => return Err(not_found(unknown())),
        (None, MissingMembership::ValidationException) => return Err(invalid(unknown())),
    };
    Ok(Reply { body: None, changed })
}

/// `ListProjectMemberships`, in the order in which the members were added.
///
/// # Errors
///
/// `ResourceNotFoundException`; `ValidationException` for a token that does not come from the same list.
pub fn list(
    domain: &mut Domain,
    registration: Registration,
    behaviour: &Behaviour,
    list: &List,
) -> Result<Reply, ServiceError> {
    let List { domain_identifier, project_identifier, max_results, next_token } = list;
    let source = format!("{domain_identifier}\n{project_identifier}");
    let after = next_token
        .as_deref()
        .map(|token| {
            page_token::read(&source, token).ok_or_else(|| invalid("nextToken does not come from the same list"))
        })
        .transpose()?;
    let members = members(domain, registration, domain_identifier, project_identifier)?.clone();
    let (page, next) = page_token::page((1..).zip(&members), after, max_results.unwrap_or(PAGE));
    let page = page.into_iter().map(|member| body(domain, behaviour, member)).collect();
    let next = next.map(|next| page_token::make(&source, next).into());
    Ok(Reply::read(object([("members", Some(Value::Array(page))), ("nextToken", next)])))
}

/// Registers a project with a domain, or adds to one.
///
/// # Errors
///
/// A sentence, when the id could never be used or a membership is nobody's.
pub fn put(domain: &mut Domain, project: Project) -> Result<(), String> {
    let Project { id, members } = project;
    if !Service::DataZone.model().matches("ProjectId", &id) {
        return Err(format!("`{id}` cannot be the id of a project"));
    }
    let members = members.into_iter().map(|member| completed(domain, member)).collect::<Result<Vec<_>, _>>()?;
    let known = domain.projects.entry(id).or_default();
    for member in members {
        replace(known, member, ProjectMember::is_same);
    }
    Ok(())
}

/// The id under which a group or a role is a member of projects: its own, or that of the profile of a role.
pub fn group_id(domain: &Domain, identifier: &str) -> Option<String> {
    let is_meant = |own: &str| own.eq_ignore_ascii_case(identifier);
    let by_profile = profile(domain, identifier).map(member_id);
    by_profile.or_else(|| {
        let group = domain.groups.iter().find(|group| is_meant(&group.id) || group.name == identifier)?;
        Some(group.id.clone())
    })
}

/// The same for one that joins, as the settings allow.
fn joining(domain: &mut Domain, registration: Registration, behaviour: &Behaviour, identifier: &str) -> Option<String> {
    match profile(domain, identifier) {
        Some(profile) => behaviour.member_by_profile_id.then(|| member_id(profile)),
        None => domain.group(identifier, registration, behaviour.lookup_by_name).map(|group| group.id),
    }
}

/// The same for one whom `ListProjectMemberships` shows by this id.
fn shown(domain: &Domain, behaviour: &Behaviour, id: &str) -> Option<String> {
    let profile = profile(domain, id)?;
    (profile.group_id.is_none() || behaviour.member_group_id == MemberGroupId::Profile).then(|| member_id(profile))
}

fn profile<'a>(domain: &'a Domain, id: &str) -> Option<&'a Profile> {
    domain.profiles.iter().find(|profile| profile.id.eq_ignore_ascii_case(id))
}

fn member_id(profile: &Profile) -> String {
    profile.group_id.clone().unwrap_or_else(|| profile.id.clone())
}

/// The members of a project; where registration is optional, every project exists.
fn members<'a>(
    domain: &'a mut Domain,
    registration: Registration,
    domain_id: &str,
    id: &str,
) -> Result<&'a mut Vec<ProjectMember>, ServiceError> {
    match registration {
        Registration::Optional => Ok(domain.projects.entry(id.to_owned()).or_default()),
        Registration::Required => {
            let unknown = || not_found(format!("Project {id} does not exist in domain {domain_id}"));
            domain.projects.get_mut(id).ok_or_else(unknown)
        }
    }
}

/// A member as a list shows it.
fn body(domain: &Domain, behaviour: &Behaviour, member: &ProjectMember) -> Value {
    let ProjectMember { group_id, user_id, designation } = member;
    let group = group_id.as_ref().map(|group_id| {
        let profile = match behaviour.member_group_id {
            MemberGroupId::Group => None,
            MemberGroupId::Profile => {
                domain.profiles.iter().find(|profile| profile.group_id.as_ref() == Some(group_id))
            }
        };
        json!({"groupId": profile.map_or(group_id, |profile| &profile.id)})
    });
    let user = user_id.as_ref().map(|user_id| json!({"userId": user_id}));
    json!({"memberDetails": object([("group", group), ("user", user)]), "designation": designation})
}

/// A member that was put, by the id under which it is kept.
fn completed(domain: &Domain, member: ProjectMember) -> Result<ProjectMember, String> {
    match (&member.group_id, &member.user_id) {
        (Some(id), None) => {
            let known = group_id(domain, id).ok_or_else(|| format!("a member is group `{id}`, which is not known"))?;
            Ok(ProjectMember { group_id: Some(known), ..member })
        }
        (None, Some(_)) => Ok(member),
        (Some(_), Some(_)) | (None, None) => Err("a member has exactly one of `groupId` and `userId`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::documents::{DomainState, Group, ProfileStatus};
    use crate::datazone::profiles::State;
    use crate::settings::Settings;

    const DOMAIN: &str = "dzd_a";
    const PROJECT: &str = "media";
    const GROUP: &str = "11111111-2222-3333-4444-555555555555";
    const PROFILE: &str = "00000000-0000-4000-8000-000000000001";
    const ROLES_PROFILE: &str = "00000000-0000-4000-8000-000000000002";
    const ROLE: &str = "arn:aws:iam::123456789012:role/analyst";
    const OWNER: &str = "PROJECT_OWNER";
    const CONTRIBUTOR: &str = "PROJECT_CONTRIBUTOR";

    fn group_member(id: &str, designation: &str) -> ProjectMember {
        ProjectMember { group_id: Some(id.to_owned()), user_id: None, designation: designation.to_owned() }
    }

    /// A domain of a group and a role that have profiles, and an empty project.
    fn state() -> State {
        let of_group = Profile { id: PROFILE.to_owned(), ..Profile::of_group(GROUP, ProfileStatus::Assigned) };
        let of_role = Profile { id: ROLES_PROFILE.to_owned(), ..Profile::of_role(ROLE, ProfileStatus::Assigned) };
        let mut state = State::default();
        state
            .put(DomainState {
                id: DOMAIN.to_owned(),
                groups: vec![Group { id: GROUP.to_owned(), name: "Data Owners".to_owned() }],
                roles: vec![ROLE.to_owned()],
                profiles: vec![of_group, of_role],
                projects: vec![Project { id: PROJECT.to_owned(), members: Vec::new() }],
            })
            .unwrap();
        state
    }

    fn behaviour() -> Behaviour {
        Behaviour::of(&Settings::default())
    }

    fn added(state: &mut State, behaviour: &Behaviour, member: &Value, designation: &str) -> Result<bool, String> {
        let input = json!({
            "domainIdentifier": DOMAIN,
            "projectIdentifier": PROJECT,
            "member": member,
            "designation": designation
        });
        let domain = state.domain(DOMAIN, Registration::Required).unwrap();
        let creation = serde_json::from_value(input).map_err(|error| error.to_string())?;
        let reply = create(domain, Registration::Required, behaviour, creation);
        reply.map(|reply| reply.changed).map_err(|error| error.code)
    }

    fn group(identifier: &str) -> Value {
        json!({"groupIdentifier": identifier})
    }

    fn listed(state: &mut State, behaviour: &Behaviour) -> Value {
        let domain = state.domain(DOMAIN, Registration::Required).unwrap();
        let input = json!({"domainIdentifier": DOMAIN, "projectIdentifier": PROJECT});
        let list = super::list(domain, Registration::Required, behaviour, &serde_json::from_value(input).unwrap());
        list.unwrap().body.unwrap()["members"].clone()
    }

    #[test]
    fn a_member_that_exists_is_refused_kept_or_changed_as_the_setting_says() {
        for (existing_membership, answer, designation) in [
            (ExistingMembership::ValidationException, Err("ValidationException".to_owned()), OWNER),
            (ExistingMembership::ConflictException, Err("ConflictException".to_owned()), OWNER),
            (ExistingMembership::Return, Ok(false), OWNER),
            (ExistingMembership::Overwrite, Ok(true), CONTRIBUTOR),
        ] {
            let (mut state, behaviour) = (state(), Behaviour { existing_membership, ..behaviour() });
            assert_eq!(added(&mut state, &behaviour, &group(GROUP), OWNER), Ok(true));
            assert_eq!(added(&mut state, &behaviour, &group(GROUP), CONTRIBUTOR), answer);
            let members = &state.document(DOMAIN).unwrap().projects[0].members;
            assert_eq!(*members, [group_member(GROUP, designation)], "{existing_membership:?}");
        }
        let (mut state, overwrite) =
            (state(), Behaviour { existing_membership: ExistingMembership::Overwrite, ..behaviour() });
        for changed in [true, false] {
            assert_eq!(added(&mut state, &overwrite, &group(GROUP), OWNER), Ok(changed));
        }
    }

    #[test]
    fn a_group_is_one_member_by_its_id_its_name_and_its_profile_and_a_role_by_its_profile_only() {
        let (mut state, same) = (state(), Behaviour { existing_membership: ExistingMembership::Return, ..behaviour() });
        assert_eq!(added(&mut state, &same, &group(PROFILE), OWNER), Ok(true));
        for identifier in [GROUP, "Data Owners", PROFILE] {
            assert_eq!(added(&mut state, &same, &group(identifier), OWNER), Ok(false), "{identifier}");
        }
        let not_found = Err("ResourceNotFoundException".to_owned());
        assert_eq!(added(&mut state, &same, &group(ROLE), OWNER), not_found);
        assert_eq!(added(&mut state, &same, &group(ROLES_PROFILE), OWNER), Ok(true));
        let shown = |id: &str| json!({"memberDetails": {"group": {"groupId": id}}, "designation": OWNER});
        assert_eq!(listed(&mut state, &same), json!([shown(GROUP), shown(ROLES_PROFILE)]));
        let by_profile = Behaviour { member_group_id: MemberGroupId::Profile, ..same };
        assert_eq!(listed(&mut state, &by_profile), json!([shown(PROFILE), shown(ROLES_PROFILE)]));
    }

    #[test]
    fn a_member_is_removed_once_by_any_of_its_ids() {
        let mut state = state();
        let mut removed = |identifier: &str, missing_membership| {
            let behaviour = Behaviour { missing_membership, ..behaviour() };
            let input = json!({"domainIdentifier": DOMAIN, "projectIdentifier": PROJECT, "member": group(identifier)});
            let domain = state.domain(DOMAIN, Registration::Required).unwrap();
            domain.projects.insert(PROJECT.to_owned(), vec![group_member(GROUP, OWNER)]);
            let mut delete = || {
                let deletion = serde_json::from_value(input.clone()).unwrap();
                let reply = super::delete(domain, Registration::Required, &behaviour, deletion);
                reply.map(|reply| reply.changed).map_err(|error| error.code)
            };
            (delete(), delete())
        };
        let not_found = || Err("ResourceNotFoundException".to_owned());
        let refused = MissingMembership::ResourceNotFoundException;
        for identifier in [GROUP, PROFILE, "Data Owners"] {
            assert_eq!(removed(identifier, refused), (Ok(true), not_found()), "{identifier}");
        }
        assert_eq!(removed("nobody", refused), (not_found(), not_found()));
        assert_eq!(removed(GROUP, MissingMembership::Return), (Ok(true), Ok(false)));
        let invalid = Err("ValidationException".to_owned());
        assert_eq!(removed(GROUP, MissingMembership::ValidationException), (Ok(true), invalid));
    }

    #[test]
    fn a_member_is_removed_by_the_id_that_a_list_shows_even_if_nobody_can_join_by_it() {
        for (member, id, member_group_id, expected) in [
            (GROUP, PROFILE, MemberGroupId::Profile, Ok(true)),
            (GROUP, PROFILE, MemberGroupId::Group, Err("ResourceNotFoundException".to_owned())),
            (ROLES_PROFILE, ROLES_PROFILE, MemberGroupId::Group, Ok(true)),
        ] {
            let mut state = state();
            let strict = Behaviour { member_by_profile_id: false, member_group_id, ..behaviour() };
            let domain = state.domain(DOMAIN, Registration::Required).unwrap();
            domain.projects.insert(PROJECT.to_owned(), vec![group_member(member, OWNER)]);
            let input = json!({"domainIdentifier": DOMAIN, "projectIdentifier": PROJECT, "member": group(id)});
            let reply = delete(domain, Registration::Required, &strict, serde_json::from_value(input).unwrap());
            assert_eq!(reply.map(|reply| reply.changed).map_err(|error| error.code), expected, "{member} by {id}");
        }
    }

    #[test]
    fn a_profiles_id_and_a_groups_name_are_unknown_when_told_so() {
        let mut state = state();
        let strict = Behaviour { member_by_profile_id: false, lookup_by_name: false, ..behaviour() };
        for identifier in [PROFILE, ROLES_PROFILE, "Data Owners"] {
            let answer = added(&mut state, &strict, &group(identifier), OWNER);
            assert_eq!(answer, Err("ResourceNotFoundException".to_owned()), "{identifier}");
        }
        assert_eq!(added(&mut state, &strict, &group(GROUP), OWNER), Ok(true));
    }

    #[test]
    fn a_member_is_a_group_or_a_user_and_its_designation_is_one_of_datazones_own() {
        let mut state = state();
        assert_eq!(added(&mut state, &behaviour(), &json!({"userIdentifier": "u"}), CONTRIBUTOR), Ok(true));
        let shown = json!({"memberDetails": {"user": {"userId": "u"}}, "designation": CONTRIBUTOR});
        assert_eq!(listed(&mut state, &behaviour()), json!([shown]));
        for member in [json!({}), json!({"groupIdentifier": GROUP, "userIdentifier": "u"})] {
            added(&mut state, &behaviour(), &member, OWNER).unwrap_err();
        }
        let refused = added(&mut state, &behaviour(), &group(GROUP), USER_CREATED);
        assert_eq!(refused, Err("ValidationException".to_owned()));
    }

    #[test]
    fn a_project_and_a_group_that_nobody_registered_exist_where_registration_is_optional() {
        let mut state = State::default();
        let domain = state.domain(DOMAIN, Registration::Optional).unwrap();
        let creation = json!({
            "domainIdentifier": DOMAIN,
            "projectIdentifier": PROJECT,
            "member": group(GROUP),
            "designation": OWNER
        });
        let creation = serde_json::from_value(creation).unwrap();
        create(domain, Registration::Optional, &behaviour(), creation).unwrap();
        let projects = state.document(DOMAIN).unwrap().projects;
        assert_eq!(projects, [Project { id: PROJECT.to_owned(), members: vec![group_member(GROUP, OWNER)] }]);
    }

    #[test]
    fn a_member_that_is_put_is_known_and_replaces_itself() {
        let mut state = state();
        let mut put = |members: Vec<ProjectMember>| {
            let projects = vec![Project { id: PROJECT.to_owned(), members }];
            state.put(DomainState { id: DOMAIN.to_owned(), projects, ..DomainState::default() })?;
            Ok::<_, String>(state.document(DOMAIN).unwrap().projects[0].members.clone())
        };
        assert_eq!(put(vec![group_member(PROFILE, OWNER)]), Ok(vec![group_member(GROUP, OWNER)]));
        assert_eq!(put(vec![group_member(GROUP, "ANYTHING")]), Ok(vec![group_member(GROUP, "ANYTHING")]));
        put(vec![group_member("nobody", OWNER)]).unwrap_err();
        put(vec![ProjectMember { group_id: None, ..group_member(GROUP, OWNER) }]).unwrap_err();
        put(vec![ProjectMember { user_id: Some("u".to_owned()), ..group_member(GROUP, OWNER) }]).unwrap_err();
    }
}
