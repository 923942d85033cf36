//! A group profile among the members of projects.

use std::fmt;

use aws_sdk_datazone::Client;
use aws_sdk_datazone::types::ProjectMember;
use contract::StepError;
use contract::request::{DomainIdentifier, Principal, ProjectIdentifier};
use domain_access::pages::{self, PAGE, Page};
use service_call::{Call, classify};

/// The longest designation that an outcome has room for, whatever a service returns.
const LONGEST_DESIGNATION: usize = 64;

/// The ids of the member. `CreateProjectMembership` takes the id of a group; whether it takes the id of a profile as well,
/// and which of the two a list shows, is not documented.
#[derive(Debug)]
pub struct Ids(Vec<String>);

impl fmt::Display for Ids {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" or "))
    }
}

impl Ids {
    /// That of the group, and that of the profile, if there is a profile. (A request with projects names a group by its id.)
    #[must_use]
    pub fn new(principal: &Principal, profile: Option<String>) -> Self {
        let group = match principal {
            Principal::Group(group) => Some(group.as_str().to_owned()),
            Principal::Role(_) => None,
        };
        Self(group.into_iter().chain(profile).collect())
    }

    /// The id that a membership is created and deleted with.
    #[must_use]
    pub fn for_changes(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Whether the member of a project has one of the ids. UUIDs are the same in upper and lower case.
    fn include(&self, member: &ProjectMember) -> bool {
        let group = member.member_details().and_then(|details| details.as_group().ok());
        group.is_some_and(|group| self.0.iter().any(|id| id.eq_ignore_ascii_case(group.group_id())))
    }
}

/// The designation of a member: one of a request, or any other that a domain has.
///
/// # Errors
/// [`StepError::Unexpected`] when there is none, or none that can be handed on.
fn designation(call: &Call, member: &ProjectMember) -> Result<String, StepError> {
    // The SDK puts words with spaces where the member is missing.
    let designation = member.designation().as_str();
    let readable = designation.bytes().all(|byte| byte.is_ascii_graphic());
    if readable && (1..=LONGEST_DESIGNATION).contains(&designation.len()) {
        return Ok(designation.to_owned());
    }
    let Call { operation, resource, .. } = call;
    Err(StepError::unexpected(format!("{operation} returned a member without a valid designation for {resource}")))
}

/// What the profile is in the project; `None` when it is no member (`ListProjectMemberships`).
///
/// # Errors
/// What [`classify`] makes of the service's error, [`StepError::Unavailable`] for a list that takes too long or gets one
/// page twice, and [`StepError::Unexpected`] for one without an end or a member without a valid designation.
pub async fn find(
    datazone: &Client,
    domain: &DomainIdentifier,
    project: &ProjectIdentifier,
    ids: &Ids,
    call: &Call,
) -> Result<Option<String>, StepError> {
    let list = datazone.list_project_memberships().domain_identifier(domain.as_str());
    let list = list.project_identifier(project.as_str()).max_results(PAGE);
    pages::first(call, async |token| {
        let page = list.clone().set_next_token(token).send().await;
        let page = page.map_err(|error| classify(call.clone(), &error))?;
        let member = page.members().iter().find(|member| ids.include(member));
        let found = member.map(|member| designation(call, member)).transpose()?;
        Ok(Page { found: found.into_iter().collect(), next: page.next_token })
    })
    .await
}

/// What `one` made of each project that it did not fail for, and the first failure. Only an error that `ends` the step
/// keeps it from the projects that follow.
///
/// # Errors
/// The first that ends the step.
pub async fn each<P, T>(
    projects: &[P],
    ends: fn(&StepError) -> bool,
    one: impl AsyncFn(&P) -> Result<T, StepError>,
) -> Result<(Vec<T>, Option<StepError>), StepError> {
    let (mut done, mut failure) = (vec![], None);
    for project in projects {
        match one(project).await {
            Ok(item) => done.push(item),
            Err(error) if ends(&error) => return Err(error),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Ok((done, failure))
}

/// Whether the error keeps the step from all projects that follow: the state machine runs the step again.
#[must_use]
pub const fn ends_the_step(error: &StepError) -> bool {
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

    fn ids(principal: &str, identifier: &str, profile: Option<&str>) -> Ids {
        let request = json!({"domainIdentifier": "dzd_a", principal: identifier});
        let request: GroupProfileRequest = serde_json::from_value(request).expect("a request");
        Ids::new(&request.principal, profile.map(str::to_owned))
    }

    fn member(details: MemberDetails, designation: &str) -> ProjectMember {
        let member = ProjectMember::builder().member_details(details).designation(designation.into());
        member.build().expect("a member")
    }

    fn group(id: &str) -> MemberDetails {
        MemberDetails::Group(GroupDetails::builder().group_id(id).build().expect("a group"))
    }

    #[test]
    fn a_group_goes_by_its_id_and_a_role_by_that_of_its_profile() {
        let role = "arn:aws:iam::123456789012:role/analysts";
        for (principal, identifier, id) in [("groupIdentifier", GROUP, GROUP), ("rolePrincipalArn", role, PROFILE)] {
            assert_eq!(ids(principal, identifier, Some(PROFILE)).for_changes(), Some(id), "{identifier}");
        }
        assert_eq!(ids("rolePrincipalArn", role, None).for_changes(), None);
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
