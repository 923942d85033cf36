//! How a function reaches the DataZone domain: in its Region, and with the credentials of a role where the domain is in
//! another account.

pub mod pages;

use aws_sdk_datazone::Client;
use aws_sdk_datazone::config::{Credentials, Region};
use aws_types::SdkConfig;
use contract::{Execution, Service, ServiceResponse, StepError};
use serde::Deserialize;
use service_call::{Call, classify};

/// Seconds of a session: the shortest that there is, and longer than an invocation.
const SESSION_SECONDS: i32 = 900;
/// The longest name of a session (AWS STS API reference, `AssumeRole`).
const LONGEST_NAME: usize = 64;

/// Where the domains of a deployment are: parameters of the template, which travel through the definition of the state
/// machine. An empty text stands for the Region or the role of the function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DomainAccess {
    /// The Region of the domains.
    pub region: String,
    /// The ARN of the role whose credentials sign all calls to DataZone.
    pub role_arn: String,
}

/// What the clients of a function are made of.
#[derive(Debug)]
pub struct Clients {
    config: SdkConfig,
    own: Client,
}

impl Clients {
    /// From the configuration of the function.
    #[must_use]
    pub fn new(config: SdkConfig) -> Self {
        Self { own: Client::new(&config), config }
    }

    /// With a client for domains in the Region and with the role of the function.
    #[must_use]
    pub const fn with(config: SdkConfig, own: Client) -> Self {
        Self { config, own }
    }

    /// The client for one invocation of a function. With a role, it has a session of its own.
    ///
    /// # Errors
    /// [`StepError::AccessDenied`] where the role may not be assumed, [`StepError::Unavailable`] and
    /// [`StepError::Throttled`] as for every call, [`StepError::Unexpected`] for the rest.
    pub async fn client(&self, domain: &DomainAccess, execution: &Execution) -> Result<Client, StepError> {
        if *domain == DomainAccess::default() {
            return Ok(self.own.clone());
        }
        let mut datazone = aws_sdk_datazone::config::Builder::from(&self.config);
        if !domain.region.is_empty() {
            datazone = datazone.region(Region::new(domain.region.clone()));
        }
        if !domain.role_arn.is_empty() {
            datazone = datazone.credentials_provider(self.session(&domain.role_arn, execution).await?);
        }
        Ok(Client::from_conf(datazone.build()))
    }

    async fn session(&self, role_arn: &str, execution: &Execution) -> Result<Credentials, StepError> {
        let call = || Call { service: Service::Sts, operation: "AssumeRole", resource: role_arn.to_owned() };
        let session = aws_sdk_sts::Client::new(&self.config).assume_role().role_arn(role_arn);
        let session = session.role_session_name(session_name(&execution.arn)).duration_seconds(SESSION_SECONDS);
        let session = session.send().await.map_err(|error| ours(classify(call(), &error)))?.credentials;
        let session = session.ok_or_else(|| call().unfinished("the response has no credentials"))?;
        let (key, secret, token) = (session.access_key_id, session.secret_access_key, session.session_token);
        // They outlive the invocation, and the next one has a session of its own.
        Ok(Credentials::new(key, secret, Some(token), None, "AssumeRole"))
    }
}

impl DomainAccess {
    /// The error with the name of the role, where DataZone denied a call to it: the function's own role is not to blame.
    #[must_use]
    pub fn named(&self, error: StepError) -> StepError {
        let StepError::AccessDenied(response) = error else { return error };
        let signed_by_role = response.service == Service::DataZone && !self.role_arn.is_empty();
        let role = signed_by_role.then(|| self.role_arn.clone());
        StepError::AccessDenied(Box::new(ServiceResponse { role, ..*response }))
    }
}

/// A requester cannot correct what STS refuses.
fn ours(error: StepError) -> StepError {
    let (StepError::RefusedRequest(response) | StepError::NotFound(response) | StepError::QuotaExceeded(response)) =
        error
    else {
        return error;
    };
    StepError::Unexpected { message: format!("AssumeRole failed: {}", response.message), response: Some(response) }
}

/// The name of the execution, so that `CloudTrail` in the account of the domain tells which one called. STS allows 2 to 64
/// letters, digits and `_ + = , . @ -`.
fn session_name(execution_arn: &str) -> String {
    let name = execution_arn.rsplit(':').next().unwrap_or_default();
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    let name: String = name.chars().take(LONGEST_NAME).map(allowed).collect();
    format!("{name:-<2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_the_name_of_its_execution_as_far_as_sts_allows_it() {
        let arn = |name: &str| format!("arn:aws:states:us-east-1:123456789012:execution:provision:{name}");
        for (name, session) in [
            ("6a7e8feb-b491_4cf7", "6a7e8feb-b491_4cf7".to_owned()),
            ("7", "7-".to_owned()),
            ("", "--".to_owned()),
            ("crème(1)", "cr-me-1-".to_owned()),
            (&"x".repeat(80), "x".repeat(64)),
        ] {
            assert_eq!(session_name(&arn(name)), session);
        }
    }

    #[test]
    fn only_a_denial_of_datazone_is_a_denial_to_the_role() {
        let role_arn = "arn:aws:iam::123456789012:role/hub".to_owned();
        let denied = |service, role| StepError::AccessDenied(Box::new(ServiceResponse { service, role, ..response() }));
        let with_role = DomainAccess { role_arn: role_arn.clone(), ..DomainAccess::default() };
        for (access, service, role) in [
            (&with_role, Service::DataZone, Some(role_arn)),
            (&with_role, Service::Personalize, None),
            (&with_role, Service::Sts, None),
            (&DomainAccess::default(), Service::DataZone, None),
        ] {
            assert_eq!(access.named(denied(service, None)), denied(service, role));
        }
        assert_eq!(with_role.named(StepError::unexpected("what")), StepError::unexpected("what"));
    }

    #[test]
    fn what_sts_refuses_is_not_the_request() {
        let response = || Box::new(ServiceResponse { service: Service::Sts, ..response() });
        for error in [StepError::RefusedRequest(response()), StepError::QuotaExceeded(response())] {
            assert_eq!(ours(error).name(), "Unexpected");
        }
        assert_eq!(ours(StepError::Throttled(response())), StepError::Throttled(response()));
    }

    fn response() -> ServiceResponse {
        let (resource, message) = (String::new(), String::new());
        ServiceResponse {
            service: Service::DataZone,
            operation: "GetGroupProfile",
            resource,
            code: None,
            message,
            request_id: None,
            role: None,
        }
    }
}
