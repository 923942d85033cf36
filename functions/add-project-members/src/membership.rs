//! A group profile among the members of a project. Pure: no I/O.

use std::fmt;

use aws_sdk_datazone::types::ProjectMember;
use contract::StepError;
use contract::outcome::{Membership, MembershipChange};
use contract::plan::{ProjectAction, ProjectPlan};
use contract::request::{Designation, Principal, Project};
use service_call::Call;

/// The longest designation that an outcome has room for, whatever a service returns.
const LONGEST_DESIGNATION: usize = 64;

/// The ids of the member. `CreateProjectMembership` takes the id of a group; whether it takes the id of a profile as well,
/// and which of the two a list shows, is not documented.
#[derive(Debug)]
pub(crate) struct Ids(Vec<String>);

impl fmt::Display for Ids {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" or "))
    }
}

impl Ids {
    /// That of the group, and that of the profile, if there is a profile. (A request with projects names a group by its id.)
    pub(crate) fn new(principal: &Principal, profile: Option<String>) -> Self {
        let group = match principal {
            Principal::Group(group) => Some(group.as_str().to_owned()),
            Principal::Role(_) => None,
        };
        Self(group.into_iter().chain(profile).collect())
    }

    /// The id that a membership is created with.
    pub(crate) fn for_creation(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Whether the member of a project has one of the ids. UUIDs are the same in upper and lower case.
    pub(crate) fn include(&self, member: &ProjectMember) -> bool {
        let group = member.member_details().and_then(|details| details.as_group().ok());
        group.is_some_and(|group| self.0.iter().any(|id| id.eq_ignore_ascii_case(group.group_id())))
    }
}

/// The designation of a member: one of a request, or any other that a domain has.
///
/// # Errors
/// [`StepError::Unexpected`] when there is none, or none that can be handed on.
pub(crate) fn designation(call: &Call, member: &ProjectMember) -> Result<String, StepError> {
    // The SDK puts words with spaces where the member is missing.
    let designation = member.designation().as_str();
    let readable = designation.bytes().all(|byte| byte.is_ascii_graphic());
    if readable && (1..=LONGEST_DESIGNATION).contains(&designation.len()) {
        return Ok(designation.to_owned());
    }
    let Call { operation, resource, .. } = call;
    Err(StepError::unexpected(format!("{operation} returned a member without a valid designation for {resource}")))
}

/// The profile as a member of the project.
pub(crate) fn membership(project: &Project, change: MembershipChange, designation: String) -> Membership {
    let project_identifier = project.project_identifier.as_str().to_owned();
    let requested_designation = requested_instead_of(&designation, project);
    Membership { project_identifier, change, designation, requested_designation }
}

/// What would be done about the project in which the profile has the designation, or is no member.
pub(crate) fn plan(project: &Project, found: Option<String>) -> ProjectPlan {
    let project_identifier = project.project_identifier.as_str().to_owned();
    let action = if found.is_some() { ProjectAction::Keep } else { ProjectAction::Add };
    let designation = found.unwrap_or_else(|| project.designation.as_str().to_owned());
    let requested_designation = requested_instead_of(&designation, project);
    ProjectPlan { project_identifier, action, designation, requested_designation }
}

fn requested_instead_of(designation: &str, project: &Project) -> Option<Designation> {
    (designation != project.designation.as_str()).then_some(project.designation)
}

/// Whether the error keeps the step from all projects that follow: the state machine runs the step again.
pub(crate) const fn ends_the_step(error: &StepError) -> bool {
    matches!(error, StepError::Throttled(_) | StepError::Unavailable(_) | StepError::OutOfTime { .. })
}

#[cfg(test)]
mod tests {
    use aws_sdk_datazone::types::{GroupDetails, MemberDetails, UserDetails};
    use contract::request::GroupProfileRequest;
    use contract::{Service, ServiceResponse};
    use serde_json::json;

    use super::*;

    const GROUP: &str = "a1b2c3d4-5678-90ab-cdef-112233445566";
    const PROFILE: &str = "0f0e0d0c-5678-90ab-cdef-112233445566";

    fn request(principal: &str, identifier: &str) -> GroupProfileRequest {
        let project = json!({"projectIdentifier": "p1", "designation": "PROJECT_CATALOG_VIEWER"});
        let request = json!({"domainIdentifier": "dzd_a", principal: identifier, "projects": [project]});
        serde_json::from_value(request).expect("a request")
    }

    fn project() -> Project {
        request("groupIdentifier", GROUP).projects.remove(0)
    }

    fn ids(principal: &str, identifier: &str, profile: Option<&str>) -> Ids {
        Ids::new(&request(principal, identifier).principal, profile.map(str::to_owned))
    }

    fn member(details: MemberDetails, designation: &str) -> ProjectMember {
        let member = ProjectMember::builder().member_details(details).designation(designation.into());
        member.build().expect("a member")
    }

    fn group(id: &str) -> MemberDetails {
        MemberDetails::Group(GroupDetails::builder().group_id(id).build().expect("a group"))
    }

    #[test]
    fn a_group_is_added_by_its_id_and_a_role_by_that_of_its_profile() {
        let role = "arn:aws:iam::123456789012:role/analysts";
        for (principal, identifier, id) in [("groupIdentifier", GROUP, GROUP), ("rolePrincipalArn", role, PROFILE)] {
            assert_eq!(ids(principal, identifier, Some(PROFILE)).for_creation(), Some(id), "{identifier}");
        }
        assert_eq!(ids("rolePrincipalArn", role, None).for_creation(), None);
    }

    #[test]
    fn a_member_is_found_by_either_id_and_a_user_never() {
        let ids = ids("groupIdentifier", GROUP, Some(PROFILE));
        let user = MemberDetails::User(UserDetails::builder().user_id(GROUP).build().expect("a user"));
        for (details, expected) in [
            (group(GROUP), true),
            (group(PROFILE), true),
            (group(&GROUP.to_uppercase()), true),
            (group("another"), false),
            (user, false),
        ] {
            assert_eq!(ids.include(&member(details.clone(), "PROJECT_OWNER")), expected, "{details:?}");
        }
    }

    #[test]
    fn a_designation_of_any_name_is_kept_and_none_at_all_is_unexpected() {
        let call = Call { service: Service::DataZone, operation: "ListProjectMemberships", resource: String::new() };
        let read = |word: &str| designation(&call, &member(group(GROUP), word));
        for word in ["PROJECT_OWNER", "USER_CREATED_DESIGNATION", "PROJECT_ASTRONAUT"] {
            assert_eq!(read(word).as_deref(), Ok(word));
        }
        for word in ["", "no value was set", &"X".repeat(65)] {
            assert_eq!(read(word).expect_err("no designation").name(), "Unexpected");
        }
    }

    #[test]
    fn the_requested_designation_is_told_only_where_the_member_has_another_one() {
        let requested = Designation::ProjectCatalogViewer;
        for (found, other) in [("PROJECT_CATALOG_VIEWER", None), ("PROJECT_OWNER", Some(requested))] {
            let membership = membership(&project(), MembershipChange::Kept, found.to_owned());
            assert_eq!((membership.designation.as_str(), membership.requested_designation), (found, other));
            let plan = plan(&project(), Some(found.to_owned()));
            assert_eq!((plan.action, plan.requested_designation), (ProjectAction::Keep, other));
        }
        let plan = plan(&project(), None);
        assert_eq!((plan.action, plan.designation.as_str()), (ProjectAction::Add, requested.as_str()));
        assert_eq!(plan.requested_designation, None);
    }

    #[test]
    fn only_what_the_state_machine_tries_again_keeps_the_step_from_other_projects() {
        let response = || {
            let (resource, message) = (String::new(), String::new());
            let (service, operation) = (Service::DataZone, "CreateProjectMembership");
            Box::new(ServiceResponse {
                service,
                operation,
                resource,
                code: None,
                message,
                request_id: None,
                role: None,
            })
        };
        for error in [
            StepError::Throttled(response()),
            StepError::Unavailable(response()),
            StepError::OutOfTime { seconds: 479 },
        ] {
            assert!(ends_the_step(&error), "{error}");
        }
        for error in [
            StepError::AccessDenied(response()),
            StepError::NotFound(response()),
            StepError::RefusedRequest(response()),
            StepError::QuotaExceeded(response()),
            StepError::unexpected("what"),
        ] {
            assert!(!ends_the_step(&error), "{error}");
        }
    }
}
