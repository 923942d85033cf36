//! The services before a storm: how they behave, and the domains.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use fastrand::Rng;
use simulators::{
    Behaviour, ContentsOfMissingGroup, DeletionWithFilters, DomainState, ExistingMembership, ExistingProfile, Group,
    MemberGroupId, MissingMembership, Profile, ProfileStatus, Project, ProjectMember, RateLimit,
};

/// More than any plan creates.
pub(super) const QUOTA: usize = 10_000;
pub(super) const GROUPS: usize = 5;
pub(super) const ROLES: usize = 3;
pub(super) const PROJECTS: usize = 3;
/// Users of each domain's first project: more than a page of its members has.
const CROWD: usize = 60;
/// What a member can be; a deployment that leaves its parameters alone allows a request all but the last.
pub(super) const DESIGNATIONS: [&str; 5] = [
    "PROJECT_CONTRIBUTOR",
    "PROJECT_CATALOG_VIEWER",
    "PROJECT_CATALOG_CONSUMER",
    "PROJECT_CATALOG_STEWARD",
    "PROJECT_OWNER",
];

pub(super) fn behaviour(rng: &mut Rng) -> Behaviour {
    Behaviour {
        dataset_group_quota: QUOTA,
        existing_profile: if rng.bool() { ExistingProfile::Return } else { ExistingProfile::ValidationException },
        new_profile_status: if rng.bool() { ProfileStatus::Assigned } else { ProfileStatus::NotAssigned },
        lookup_by_name: rng.bool(),
        lookup_by_role_arn: rng.bool(),
        existing_membership: match rng.u8(..4) {
            0 => ExistingMembership::ValidationException,
            1 => ExistingMembership::ConflictException,
            2 => ExistingMembership::Return,
            _ => ExistingMembership::Overwrite,
        },
        member_group_id: if rng.bool() { MemberGroupId::Group } else { MemberGroupId::Profile },
        member_by_profile_id: rng.bool(),
        missing_membership: match rng.u8(..3) {
            0 => MissingMembership::ResourceNotFoundException,
            1 => MissingMembership::ValidationException,
            _ => MissingMembership::Return,
        },
        deletion_with_filters: if rng.bool() {
            DeletionWithFilters::Return
        } else {
            DeletionWithFilters::ResourceInUseException
        },
        contents_of_missing_group: match rng.u8(..3) {
            0 => ContentsOfMissingGroup::Empty,
            1 => ContentsOfMissingGroup::InvalidInputException,
            _ => ContentsOfMissingGroup::ResourceNotFoundException,
        },
        rate_limits: rate_limits(rng),
    }
}

/// A storm makes up to 60 calls a second of an operation. Limits below that make a day on which everything is slow.
fn rate_limits(rng: &mut Rng) -> BTreeMap<String, RateLimit> {
    let operations = [
        "DescribeDatasetGroup",
        "CreateDatasetGroup",
        "ListTagsForResource",
        "GetGroupProfile",
        "ListProjectMemberships",
    ];
    let limited = operations.into_iter().filter_map(|operation| {
        let per_second = NonZeroU32::new(rng.u32(15..60))?;
        rng.bool().then(|| (operation.to_owned(), RateLimit::of(per_second)))
    });
    limited.collect()
}

pub(super) fn domain(rng: &mut Rng, number: usize) -> DomainState {
    let groups: Vec<_> = (1..=GROUPS)
        .map(|group| Group { id: group_id(number, group), name: format!("team-{number}-{group}") })
        .collect();
    let roles: Vec<_> = (1..=ROLES).map(|role| role_arn(number, role)).collect();
    let mut profiles = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        if let Some(status) = existing_profile(rng) {
            profiles.push(Profile { id: profile_id(number, place), ..Profile::of_group(&group.id, status) });
        }
    }
    for (place, role) in roles.iter().enumerate() {
        if let Some(status) = existing_profile(rng) {
            profiles.push(Profile { id: profile_id(number, GROUPS + place), ..Profile::of_role(role, status) });
        }
    }
    let projects = (1..=PROJECTS).map(|place| project(rng, number, place, &groups, &profiles)).collect();
    DomainState { id: domain_id(number), groups, roles, profiles, projects }
}

/// A project of users, some groups, and some roles that have profiles.
fn project(rng: &mut Rng, domain: usize, number: usize, groups: &[Group], profiles: &[Profile]) -> Project {
    let user = |user: usize| ProjectMember {
        group_id: None,
        user_id: Some(format!("user-{user}")),
        designation: "PROJECT_OWNER".to_owned(),
    };
    let mut members: Vec<_> = (1..=if number == 1 { CROWD } else { 1 }).map(user).collect();
    let of_roles = profiles.iter().filter(|profile| profile.role_principal_arn.is_some());
    let joinable = groups.iter().map(|group| &group.id).chain(of_roles.map(|profile| &profile.id));
    for id in joinable {
        if rng.f64() < 0.25 {
            let designation = DESIGNATIONS[rng.usize(..DESIGNATIONS.len())].to_owned();
            members.push(ProjectMember { group_id: Some(id.clone()), user_id: None, designation });
        }
    }
    Project { id: project_id(domain, number), members }
}

fn existing_profile(rng: &mut Rng) -> Option<ProfileStatus> {
    match rng.u8(..4) {
        0 => Some(ProfileStatus::Assigned),
        1 => Some(ProfileStatus::NotAssigned),
        _ => None,
    }
}

pub(super) fn domain_id(number: usize) -> String {
    format!("dzd_storm{number}")
}

pub(super) fn group_id(domain: usize, number: usize) -> String {
    format!("a1b2c3d4-5678-90ab-cdef-{domain:04}{number:08}")
}

fn role_arn(domain: usize, number: usize) -> String {
    format!("arn:aws:iam::123456789012:role/storm-{domain}-{number}")
}

fn project_id(domain: usize, number: usize) -> String {
    format!("storm{domain}-{number}")
}

fn profile_id(domain: usize, number: usize) -> String {
    format!("00000000-0000-4000-8000-{domain:04}{number:08}")
}
