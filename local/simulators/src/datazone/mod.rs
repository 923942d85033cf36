//! Amazon `DataZone`: REST JSON below `/v2/domains/{domainIdentifier}`.

mod profiles;
mod requests;
mod search;

use std::sync::Arc;

use axum::http::{Method, Request};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub use self::profiles::State;
use crate::call_log::Resource;
use crate::exchange::{self, Ending, Received};
use crate::faults::Service;
use crate::server::read_body;
use crate::settings::Settings;
use crate::simulation::{self, Simulation};
use crate::wire::{self, OperationResult, ServiceError};

/// An operation with the identifiers from its path, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Operation {
    CreateGroupProfile { domain: String },
    GetGroupProfile { domain: String, group: String },
    UpdateGroupProfile { domain: String, group: String },
    SearchGroupProfiles { domain: String },
}

/// Whether this operation is played.
pub fn has(operation: &str) -> bool {
    ["CreateGroupProfile", "GetGroupProfile", "UpdateGroupProfile", "SearchGroupProfiles"].contains(&operation)
}

impl Operation {
    /// The operation of a method and a path; nothing for those that are not played.
    fn routed(method: &Method, path: &str) -> Option<Self> {
        let segments = path
            .strip_prefix("/v2/domains/")?
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8().ok().map(String::from))
            .collect::<Option<Vec<_>>>()?;
        let segments = segments.iter().map(String::as_str).collect::<Vec<_>>();
        match (method.as_str(), segments.as_slice()) {
            ("POST", [domain, "group-profiles"]) => Some(Self::CreateGroupProfile { domain: (*domain).to_owned() }),
            ("GET", [domain, "group-profiles", group]) => {
                Some(Self::GetGroupProfile { domain: (*domain).to_owned(), group: (*group).to_owned() })
            }
            ("PUT", [domain, "group-profiles", group]) => {
                Some(Self::UpdateGroupProfile { domain: (*domain).to_owned(), group: (*group).to_owned() })
            }
            ("POST", [domain, "search-group-profiles"]) => {
                Some(Self::SearchGroupProfiles { domain: (*domain).to_owned() })
            }
            _ => None,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::CreateGroupProfile { .. } => "CreateGroupProfile",
            Self::GetGroupProfile { .. } => "GetGroupProfile",
            Self::UpdateGroupProfile { .. } => "UpdateGroupProfile",
            Self::SearchGroupProfiles { .. } => "SearchGroupProfiles",
        }
    }

    fn resource(&self, request: &Value) -> Resource {
        let text = |member: &str| request.get(member).and_then(Value::as_str).map(str::to_owned);
        let (domain, group) = match self {
            Self::CreateGroupProfile { domain } => {
                (domain, text("groupIdentifier").or_else(|| text("rolePrincipalArn")))
            }
            Self::GetGroupProfile { domain, group } | Self::UpdateGroupProfile { domain, group } => {
                (domain, Some(group.clone()))
            }
            Self::SearchGroupProfiles { domain } => (domain, None),
        };
        Resource { dataset_group: None, domain: Some(domain.clone()), group }
    }
}

/// Answers one request to the `DataZone` listener.
pub async fn answer(simulation: Arc<Simulation>, request: Request<Incoming>) -> Ending {
    let (parts, body) = request.into_parts();
    let Some(body) = read_body(body).await else { return Ending::Cut };
    let operation = Operation::routed(&parts.method, parts.uri.path());
    let parsed = match body.as_ref() {
        b"" => Ok(Value::Null),
        bytes => serde_json::from_slice::<Value>(bytes),
    };
    let request = match &parsed {
        Ok(value) => value.clone(),
        Err(_) => Value::String(String::from_utf8_lossy(&body).into_owned()),
    };
    let received = Received {
        service: Service::DataZone,
        operation: operation.as_ref().map(Operation::name).unwrap_or_default().to_owned(),
        resource: operation.as_ref().map(|operation| operation.resource(&request)).unwrap_or_default(),
        request,
        trace_id: wire::trace_id(&parts),
    };
    exchange::carry_out(&simulation, received, move |state, settings, _now| {
        if !wire::is_signed(&parts) {
            return ServiceError::unsigned().into();
        }
        let Some(operation) = operation else {
            return ServiceError::unknown_operation(Service::DataZone).into();
        };
        match parsed {
            Ok(request) => perform(state, settings, operation, &request).into(),
            Err(error) => ServiceError::serialization(error.to_string()).into(),
        }
    })
    .await
}

fn perform(
    state: &mut simulation::State,
    settings: &Settings,
    operation: Operation,
    request: &Value,
) -> Result<OperationResult, ServiceError> {
    let simulation::State { datazone, behaviour, .. } = state;
    match operation {
        Operation::CreateGroupProfile { domain } => {
            let create = requests::create(&domain, request)?;
            let id = domain;
            let domain = datazone.domain(&id, settings.registration)?;
            profiles::create(&id, domain, settings.registration, behaviour, create)
        }
        Operation::GetGroupProfile { domain, group } => {
            requests::get(&domain, &group)?;
            let id = domain;
            let domain = datazone.domain(&id, settings.registration)?;
            profiles::get(&id, domain, behaviour, &group)
        }
        Operation::UpdateGroupProfile { domain, group } => {
            let status = requests::update(&domain, &group, request)?;
            let id = domain;
            let domain = datazone.domain(&id, settings.registration)?;
            profiles::update(&id, domain, behaviour, &group, status)
        }
        Operation::SearchGroupProfiles { domain } => {
            let search = requests::search(&domain, request)?;
            let id = domain;
            let domain = datazone.domain(&id, settings.registration)?;
            Ok(search::search(&id, domain, &search))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_a_path_are_decoded_one_by_one() {
        let routed = Operation::routed(&Method::GET, "/v2/domains/dzd_a/group-profiles/Data%20Owners%2FEU");
        let (domain, group) = ("dzd_a".to_owned(), "Data Owners/EU".to_owned());
        assert_eq!(routed, Some(Operation::GetGroupProfile { domain, group }));
    }

    #[test]
    fn other_methods_and_paths_are_no_operation() {
        for (method, path) in [
            (Method::DELETE, "/v2/domains/dzd_a/group-profiles/x"),
            (Method::GET, "/v2/domains/dzd_a/group-profiles"),
            (Method::GET, "/v2/domains/dzd_a"),
            (Method::GET, "/"),
            (Method::GET, "/v2/domains/dzd_a/group-profiles/%ff"),
        ] {
            assert_eq!(Operation::routed(&method, path), None, "{method} {path}");
        }
    }
}
