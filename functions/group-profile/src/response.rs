//! A profile in a response of DataZone, read into the types of the workflow. Pure: no I/O.

use aws_sdk_datazone::types::GroupProfileStatus as ServiceStatus;
use contract::request::{DomainIdentifier, Principal};
use contract::{GroupProfile, GroupProfileStatus, StepError};
use service_call::Call;

/// `GroupProfileName` of the model. An outcome has to fit into an event, whatever a service returns.
const LONGEST_NAME: usize = 1_024;
/// A role's ARN, as far as requests may name one.
const LONGEST_ROLE: usize = 2_048;
/// The id becomes the value of a tag. (The model allows UUIDs only.)
const LONGEST_ID: usize = 256;

/// The members of a response: every one of them is optional in the service's model.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProfileResponse<'a> {
    /// `domainId`.
    pub domain_id: Option<&'a str>,
    /// `id`.
    pub id: Option<&'a str>,
    /// `status`.
    pub status: Option<&'a ServiceStatus>,
    /// `groupName`.
    pub group_name: Option<&'a str>,
    /// `rolePrincipalArn`.
    pub role_principal_arn: Option<&'a str>,
}

/// The members of any of the responses with a profile: the SDK has a type for each, and nothing in common.
#[macro_export]
macro_rules! profile_response {
    ($response:expr) => {
        $crate::ProfileResponse {
            domain_id: $response.domain_id(),
            id: $response.id(),
            status: $response.status(),
            group_name: $response.group_name(),
            role_principal_arn: $response.role_principal_arn(),
        }
    };
}

impl ProfileResponse<'_> {
    /// The profile of the principal in the domain.
    ///
    /// # Errors
    /// [`StepError::Unexpected`] when it has no id or no known status, is one of another domain or role, or cannot be
    /// handed on.
    pub fn read(
        self,
        call: &Call,
        domain: &DomainIdentifier,
        principal: &Principal,
    ) -> Result<GroupProfile, StepError> {
        let unusable =
            |what: &str| StepError::unexpected(format!("{} returned {what} for {}", call.operation, call.resource));
        let id = self.id.ok_or_else(|| unusable("no id"))?;
        if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(|c| c.is_ascii_graphic()) {
            return Err(unusable(&format!("an invalid id of {} bytes", id.len())));
        }
        let status = match self.status {
            Some(ServiceStatus::Assigned) => GroupProfileStatus::Assigned,
            Some(ServiceStatus::NotAssigned) => GroupProfileStatus::NotAssigned,
            Some(unknown) => return Err(unusable(&format!("the unknown status {:?}", unknown.as_str()))),
            None => return Err(unusable("no status")),
        };
        if self.domain_id.is_some_and(|other| other != domain.as_str()) {
            return Err(unusable("a profile of another domain"));
        }
        let role = match (principal, self.role_principal_arn) {
            (Principal::Role(role), Some(other)) if role.as_str() != other => {
                return Err(unusable("the profile of another role"));
            }
            // Whether DataZone always returns the role is not documented.
            (Principal::Role(role), _) => Some(role.as_str()),
            (Principal::Group(_), role) => role,
        };
        Ok(GroupProfile {
            domain_id: domain.as_str().to_owned(),
            id: id.to_owned(),
            status,
            group_name: bounded(self.group_name, LONGEST_NAME).map_err(|what| unusable(&what))?,
            role_principal_arn: bounded(role, LONGEST_ROLE).map_err(|what| unusable(&what))?,
        })
    }
}

fn bounded(text: Option<&str>, longest: usize) -> Result<Option<String>, String> {
    let length = text.map_or(0, |text| text.chars().count());
    if length > longest {
        return Err(format!("a text of {length} characters; the limit is {longest}"));
    }
    Ok(text.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use contract::Service;
    use contract::request::GroupProfileRequest;
    use serde_json::json;

    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/analysts";

    fn fine() -> ProfileResponse<'static> {
        ProfileResponse { id: Some("p"), status: Some(&ServiceStatus::Assigned), ..ProfileResponse::default() }
    }

    fn read(profile_response: ProfileResponse, member: &str, principal: &str) -> Result<GroupProfile, StepError> {
        let request = json!({"domainIdentifier": "dzd_a", member: principal});
        let GroupProfileRequest { domain_identifier, principal, .. } = serde_json::from_value(request).expect("valid");
        let resource = "the resource".to_owned();
        let call = Call { service: Service::DataZone, operation: "GetGroupProfile", resource };
        profile_response.read(&call, &domain_identifier, &principal)
    }

    #[test]
    fn an_unusable_response_is_unexpected_and_says_why() {
        let unknown = ServiceStatus::from("SUSPENDED");
        let long = "x".repeat(2_049);
        for (profile_response, why) in [
            (ProfileResponse { id: None, ..fine() }, "no id"),
            (ProfileResponse { id: Some(""), ..fine() }, "an invalid id of 0 bytes"),
            (ProfileResponse { id: Some(&long), ..fine() }, "an invalid id of 2049 bytes"),
            (ProfileResponse { id: Some("a b"), ..fine() }, "an invalid id of 3 bytes"),
            (ProfileResponse { status: None, ..fine() }, "no status"),
            (ProfileResponse { status: Some(&unknown), ..fine() }, "SUSPENDED"),
            (ProfileResponse { domain_id: Some("dzd_b"), ..fine() }, "another domain"),
            (ProfileResponse { role_principal_arn: Some("arn:other"), ..fine() }, "another role"),
            (ProfileResponse { group_name: Some(&long), ..fine() }, "a text of 2049 characters"),
        ] {
            let error = read(profile_response, "rolePrincipalArn", ROLE).expect_err("unusable");
            assert_eq!(error.name(), "Unexpected");
            let message = error.to_string();
            assert!(message.contains(why) && message.contains("the resource"), "{message}");
        }
    }

    #[test]
    fn a_response_with_no_more_than_an_id_and_a_status_will_do() {
        let [id, name] = [LONGEST_ID, LONGEST_NAME].map(|length| "x".repeat(length));
        let longest = ProfileResponse { id: Some(&id), group_name: Some(&name), ..fine() };
        assert!(read(longest, "groupIdentifier", "g").is_ok());
        let profile_response = ProfileResponse { status: Some(&ServiceStatus::NotAssigned), ..fine() };
        let read = read(profile_response, "groupIdentifier", "g").expect("readable");
        assert_eq!((&*read.domain_id, &*read.id, read.status), ("dzd_a", "p", GroupProfileStatus::NotAssigned));
    }

    #[test]
    fn the_profile_of_a_role_names_the_role_whether_or_not_datazone_does() {
        for role_principal_arn in [None, Some(ROLE)] {
            let read =
                read(ProfileResponse { role_principal_arn, ..fine() }, "rolePrincipalArn", ROLE).expect("readable");
            assert_eq!(read.role_principal_arn.as_deref(), Some(ROLE));
        }
    }
}
