//! The typed client of the control endpoint.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::net::TcpStream;

use super::documents::{
    Behaviour, Contents, DatasetGroupState, DomainState, Group, Profile, Project, ProjectMember, ReceivedFault,
    Scenario, Urls,
};
use crate::call_log::{Call, CallFilter};
use crate::faults::Fault;
use crate::lifecycle::{Script, Step};

/// Gives orders to a control endpoint, in this process or another.
#[derive(Debug, Clone)]
pub struct Control {
    authority: String,
}

/// Why an order was not carried out.
#[derive(Debug, Error)]
pub enum ControlError {
    /// Nobody listens there, or the connection broke.
    #[error("the control endpoint at {authority} cannot be reached: {source}")]
    Unreachable {
        /// Host and port.
        authority: String,
        /// What the connection said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The order makes no sense to the endpoint.
    #[error("the control endpoint refused {order} with {status}: {message}")]
    Refused {
        /// Method and path.
        order: String,
        /// HTTP status.
        status: u16,
        /// The endpoint's reason.
        message: String,
    },
    /// The answer is not the expected document: the endpoint is of another version.
    #[error("the control endpoint answered {order} with something else: {source}")]
    Unreadable {
        /// Method and path.
        order: String,
        /// What was wrong with it.
        source: serde_json::Error,
    },
}

/// The answer to a new fault.
#[derive(Deserialize)]
struct Added {
    id: u64,
}

#[expect(clippy::missing_errors_doc, reason = "each command fails in the ways of ControlError, which says them")]
impl Control {
    /// A client of the endpoint at a URL such as `http://127.0.0.1:4003`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let authority = url.trim_start_matches("http://").trim_end_matches('/');
        Self { authority: authority.to_owned() }
    }

    /// Where the three listeners are.
    pub async fn urls(&self) -> Result<Urls, ControlError> {
        self.send(Method::GET, "/urls", None::<&()>).await
    }

    /// Registers a domain, or adds to one, with groups as id (a UUID) and name.
    pub async fn add_domain(&self, id: &str, groups: &[(&str, &str)]) -> Result<(), ControlError> {
        let groups = groups.iter().map(|(id, name)| Group { id: (*id).to_owned(), name: (*name).to_owned() }).collect();
        self.put_domain(&DomainState { id: id.to_owned(), groups, ..DomainState::default() }).await
    }

    /// Registers a role with a domain.
    pub async fn add_role(&self, domain: &str, role_arn: &str) -> Result<(), ControlError> {
        let roles = vec![role_arn.to_owned()];
        self.put_domain(&DomainState { id: domain.to_owned(), roles, ..DomainState::default() }).await
    }

    /// Puts a profile into a domain, in place of one of the same group or role.
    pub async fn put_profile(&self, domain: &str, profile: Profile) -> Result<(), ControlError> {
        let profiles = vec![profile];
        self.put_domain(&DomainState { id: domain.to_owned(), profiles, ..DomainState::default() }).await
    }

    /// Registers a project with a domain, or adds to one, with groups or roles as id and designation. A member that it has
    /// gets the designation.
    pub async fn add_project(&self, domain: &str, id: &str, members: &[(&str, &str)]) -> Result<(), ControlError> {
        let member = |(id, designation): &(&str, &str)| ProjectMember {
            group_id: Some((*id).to_owned()),
            user_id: None,
            designation: (*designation).to_owned(),
        };
        let projects = vec![Project { id: id.to_owned(), members: members.iter().map(member).collect() }];
        self.put_domain(&DomainState { id: domain.to_owned(), projects, ..DomainState::default() }).await
    }

    /// Registers a domain, or adds to one.
    pub async fn put_domain(&self, domain: &DomainState) -> Result<(), ControlError> {
        self.send(Method::PUT, &format!("/domains/{}", segment(&domain.id)), Some(domain)).await
    }

    /// The profiles of a domain, oldest first.
    /// Refused with 404 when there is no such domain.
    pub async fn profiles(&self, domain: &str) -> Result<Vec<Profile>, ControlError> {
        self.send(Method::GET, &format!("/domains/{}/profiles", segment(domain)), None::<&()>).await
    }

    /// The projects of a domain with their members, by id.
    /// Refused with 404 when there is no such domain.
    pub async fn projects(&self, domain: &str) -> Result<Vec<Project>, ControlError> {
        self.send(Method::GET, &format!("/domains/{}/projects", segment(domain)), None::<&()>).await
    }

    /// Puts a dataset group in any state, in place of one of the same name.
    pub async fn put_dataset_group(&self, group: &DatasetGroupState) -> Result<(), ControlError> {
        self.send(Method::PUT, &format!("/dataset-groups/{}", segment(&group.name)), Some(group)).await
    }

    /// Says what happens to the next dataset group that is created under a name. Said twice, the second holds for
    /// the creation after the next.
    pub async fn script_dataset_group(&self, name: &str, script: Script) -> Result<(), ControlError> {
        let path = format!("/dataset-groups/{}/scripts", segment(name));
        self.send(Method::POST, &path, Some(&script)).await
    }

    /// Forgets what was said about creations that have not happened yet: they take the life cycle of the settings.
    pub async fn forget_scripts(&self) -> Result<(), ControlError> {
        self.send(Method::DELETE, "/scripts", None::<&()>).await
    }

    /// All domains with their groups, roles, profiles and projects.
    pub async fn domains(&self) -> Result<Vec<DomainState>, ControlError> {
        self.send(Method::GET, "/domains", None::<&()>).await
    }

    /// Lets a dataset group that exists take these steps from now on.
    /// Refused with 404 when there is none.
    pub async fn move_dataset_group(&self, name: &str, steps: &[Step]) -> Result<(), ControlError> {
        let path = format!("/dataset-groups/{}/steps", segment(name));
        self.send(Method::PUT, &path, Some(&steps)).await
    }

    /// Puts these resources into a dataset group that exists, in place of those that are in it.
    /// Refused with 404 when there is none.
    pub async fn put_contents(&self, name: &str, contents: &Contents) -> Result<(), ControlError> {
        let path = format!("/dataset-groups/{}/contents", segment(name));
        self.send(Method::PUT, &path, Some(contents)).await
    }

    /// Removes a dataset group at once, as if somebody else had deleted it long ago.
    /// Refused with 404 when there is none.
    pub async fn remove_dataset_group(&self, name: &str) -> Result<(), ControlError> {
        let path = format!("/dataset-groups/{}", segment(name));
        self.send(Method::DELETE, &path, None::<&()>).await
    }

    /// One dataset group, also while it is not visible to callers.
    pub async fn dataset_group(&self, name: &str) -> Result<Option<DatasetGroupState>, ControlError> {
        let path = format!("/dataset-groups/{}", segment(name));
        match self.send(Method::GET, &path, None::<&()>).await {
            Err(ControlError::Refused { status: 404, .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    /// All dataset groups, in the order of creation.
    pub async fn dataset_groups(&self) -> Result<Vec<DatasetGroupState>, ControlError> {
        self.send(Method::GET, "/dataset-groups", None::<&()>).await
    }

    /// Lets something go wrong, and gives the number of the fault.
    /// Refused with 400 when the fault could never be applied.
    pub async fn add_fault(&self, fault: Fault) -> Result<u64, ControlError> {
        let added: Added = self.send(Method::POST, "/faults", Some(&fault)).await?;
        Ok(added.id)
    }

    /// All faults with how often they matched and were applied.
    pub async fn faults(&self) -> Result<Vec<ReceivedFault>, ControlError> {
        self.send(Method::GET, "/faults", None::<&()>).await
    }

    /// Ends one fault.
    /// Refused with 404 when there is none of that number.
    pub async fn remove_fault(&self, id: u64) -> Result<(), ControlError> {
        self.send(Method::DELETE, &format!("/faults/{id}"), None::<&()>).await
    }

    /// Ends all faults.
    pub async fn clear_faults(&self) -> Result<(), ControlError> {
        self.send(Method::DELETE, "/faults", None::<&()>).await
    }

    /// The calls that are wanted, in the order they were received.
    pub async fn calls(&self, filter: CallFilter) -> Result<Vec<Call>, ControlError> {
        let members = [
            ("service", filter.service.map(|service| service.name().to_owned())),
            ("operation", filter.operation),
            ("resource", filter.resource),
        ];
        let query = members
            .into_iter()
            .filter_map(|(member, value)| Some(format!("{member}={}", segment(&value?))))
            .collect::<Vec<_>>();
        self.send(Method::GET, &format!("/calls?{}", query.join("&")), None::<&()>).await
    }

    /// Forgets all calls.
    pub async fn forget_calls(&self) -> Result<(), ControlError> {
        self.send(Method::DELETE, "/calls", None::<&()>).await
    }

    /// How the services behave where AWS documents nothing.
    pub async fn behaviour(&self) -> Result<Behaviour, ControlError> {
        self.send(Method::GET, "/settings", None::<&()>).await
    }

    /// Changes how the services behave where AWS documents nothing.
    pub async fn set_behaviour(&self, behaviour: &Behaviour) -> Result<(), ControlError> {
        self.send::<Behaviour>(Method::PATCH, "/settings", Some(behaviour)).await.map(drop)
    }

    /// Adds everything in a scenario to what is there.
    /// Refused with 400 when anything in it makes no sense.
    pub async fn load_scenario(&self, scenario: &Scenario) -> Result<(), ControlError> {
        self.send(Method::POST, "/scenario", Some(scenario)).await
    }

    /// Back to the empty state of the start: no domains, groups, scripts, faults or calls.
    pub async fn reset(&self) -> Result<(), ControlError> {
        self.send(Method::POST, "/reset", None::<&()>).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<T, ControlError> {
        let order = format!("{method} {path}");
        let unreadable = |source| ControlError::Unreadable { order: order.clone(), source };
        let body = body.map(serde_json::to_vec).transpose().map_err(unreadable)?;
        let (status, answer) = self
            .exchange(method, path, body.unwrap_or_default())
            .await
            .map_err(|source| ControlError::Unreachable { authority: self.authority.clone(), source })?;
        if status.is_success() {
            let answer = if answer.is_empty() { b"null" } else { answer.as_slice() };
            return serde_json::from_slice(answer).map_err(unreadable);
        }
        let message = serde_json::from_slice::<Value>(&answer)
            .unwrap_or_else(|_| json!({"message": String::from_utf8_lossy(&answer)}));
        let message = message["message"].as_str().unwrap_or_default().to_owned();
        Err(ControlError::Refused { order, status: status.as_u16(), message })
    }

    /// One connection for each order: orders are rare, and a pool would outlive the runtime of a test.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<(StatusCode, Vec<u8>), Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(&self.authority).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let answer = to_bytes(Body::new(response.into_body()), usize::MAX).await?;
        driver.abort();
        Ok((status, answer.to_vec()))
    }
}

/// A value as one segment of a path, or in a query.
fn segment(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}
