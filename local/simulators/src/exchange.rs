//! One call from its receipt to its response: parsed, noted, perhaps hit by a fault, carried out, noted again.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, Response};
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::arn;
use crate::call_log::{Answer, Call, Membership, Resource, Transition, Word};
use crate::faults::Kind;
use crate::model::Protocol;
use crate::server::read_body;
use crate::service::Service;
use crate::settings::Settings;
use crate::simulation::{Simulation, State};
use crate::wire::{self, Reply, ServiceError};

/// How the connection goes on.
#[derive(Debug)]
pub enum Ending {
    /// With this answer.
    Whole(Response<Vec<u8>>),
    /// With the first part of this answer, then it is closed.
    Truncated(Response<Vec<u8>>),
    /// It is closed without an answer.
    Cut,
}

/// Answers one request to the listener of a service, with the fault that hits it, if any.
pub async fn answer(simulation: Arc<Simulation>, service: Service, request: Request<Incoming>) -> Ending {
    let (parts, body) = request.into_parts();
    let Some(body) = read_body(body).await else { return Ending::Cut };
    let model = service.model();
    let (operation, url_members) = model.route(&parts);
    let parsed = match body.as_ref() {
        b"" => Ok(Value::Null),
        bytes => serde_json::from_slice::<Value>(bytes),
    };
    let request = match &parsed {
        Ok(value) => value.clone(),
        Err(_) => Value::String(String::from_utf8_lossy(&body).into_owned()),
    };
    let resource = resource(service, &url_members, &request);
    let (trace_id, credential) = (wire::trace_id(&parts), wire::credential(&parts));
    let (operation_name, about) = (operation.clone(), resource.clone());
    let received =
        Call { operation: operation_name, resource: about, request, trace_id, credential, ..Call::received(service) };
    let (sequence, fault) = note(&mut simulation.state(), received);
    if let Some(Kind::Delay { milliseconds }) = fault {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }

    let settings = &simulation.settings;
    let mut state = simulation.state();
    let state = &mut *state;
    let now = Timestamp::now();
    let glance = |state: &State| {
        let name = resource.dataset_group.as_deref()?;
        state.personalize.glance(name, now)
    };
    let (before, designation) = (glance(state), state.datazone.designation(&resource));
    let contents = resource.dataset_group.as_deref().map(|name| state.personalize.contents(name)).unwrap_or_default();
    let perform = |state: &mut State| {
        let answer = if !wire::is_signed(&parts) {
            Err(ServiceError::unsigned())
        } else if !model.has(&operation) {
            Err(ServiceError::unknown_operation(&model.protocol))
        } else {
            checked(service, &operation, url_members, parsed)
                .and_then(|request| service.perform(state, settings, request, now))
        };
        let response = wire::render(model, &operation, &answer);
        let changed = answer.as_ref().is_ok_and(|Reply { changed, .. }| *changed);
        (response, answer.err().map(|error| error.code), changed)
    };
    let refuse = |error: ServiceError| {
        let code = error.code.clone();
        (Ending::Whole(wire::render(model, &operation, &Err(error))), Some(code), false)
    };
    let (ending, error_code, effect) = match fault {
        None | Some(Kind::Delay { .. }) => {
            let (response, code, changed) = perform(state);
            (Ending::Whole(response), code, changed)
        }
        Some(Kind::TruncatedBody) => {
            let (response, code, changed) = perform(state);
            (Ending::Truncated(response), code, changed)
        }
        Some(Kind::CutAfterEffect) => {
            let (_, code, changed) = perform(state);
            (Ending::Cut, code, changed)
        }
        Some(Kind::CutBeforeEffect) => (Ending::Cut, None, false),
        Some(Kind::HtmlBadGateway) => (Ending::Whole(wire::html_bad_gateway()), None, false),
        Some(Kind::Raw { status, headers, body, effect }) => {
            let changed = effect && perform(state).2;
            let mut response = wire::with_status(status, body);
            for (name, value) in headers {
                wire::add_header(&mut response, &name, &value);
            }
            (Ending::Whole(response), None, changed)
        }
        Some(Kind::Throttle { code }) => {
            let code = code.as_deref().unwrap_or("ThrottlingException");
            refuse(ServiceError::new(model.error_status("ThrottlingException"), code, "Rate exceeded"))
        }
        Some(Kind::AccessDenied) => refuse(access_denied(settings, service, &operation, &resource)),
        Some(Kind::Error { status, code, message }) => {
            let message = message.unwrap_or_else(|| format!("{code}, as the control endpoint was told"));
            refuse(ServiceError::new(status, &code, message))
        }
    };
    let (status, request_id) = match &ending {
        Ending::Whole(response) | Ending::Truncated(response) => {
            (Answer::Status(response.status().as_u16()), wire::request_id(response))
        }
        Ending::Cut => (Answer::Word(Word::Cut), None),
    };
    let transition = transition(before, glance(state));
    let after = state.datazone.designation(&resource);
    let membership = (designation.is_some() || after.is_some()).then_some(Membership { before: designation, after });
    state.calls.end(sequence, |call| {
        *call = Call { status, error_code, effect, request_id, transition, membership, contents, ..call.clone() };
    });
    ending
}

/// Notes a call and decides what goes wrong with it. Returns the number of the call.
fn note(state: &mut State, received: Call) -> (u64, Option<Kind>) {
    let State { faults, buckets, behaviour, calls, .. } = state;
    let Call { service, operation, resource, .. } = &received;
    if !buckets.admit(&behaviour.rate_limits, operation, Timestamp::now()) {
        // A call that is throttled gets no fault, and no fault counts it.
        return (calls.begin(Call { rate_limited: true, ..received }), Some(Kind::Throttle { code: None }));
    }
    let kind = faults.decide(*service, operation, resource);
    let fault = kind.as_ref().map(|kind| kind.name().to_owned());
    (calls.begin(Call { fault, ..received }), kind)
}

/// What a call is about, by the members of its path, its query and its body.
fn resource(service: Service, url_members: &Map<String, Value>, request: &Value) -> Resource {
    let text = |member: &str| url_members.get(member).or_else(|| request.get(member)).and_then(Value::as_str);
    match service {
        Service::Personalize => {
            let arn = text("datasetGroupArn").or_else(|| text("resourceArn"));
            let name = text("name").or_else(|| arn.and_then(arn::dataset_group_name));
            Resource { dataset_group: name.map(str::to_owned), ..Resource::default() }
        }
        Service::DataZone => Resource {
            domain: text("domainIdentifier").map(str::to_owned),
            group: text("groupIdentifier")
                .or_else(|| text("rolePrincipalArn"))
                .or_else(|| request["member"]["groupIdentifier"].as_str())
                .map(str::to_owned),
            project: text("projectIdentifier").map(str::to_owned),
            ..Resource::default()
        },
    }
}

/// The name of the operation with its input, if the input is one of the model.
fn checked(
    service: Service,
    operation: &str,
    url_members: Map<String, Value>,
    parsed: serde_json::Result<Value>,
) -> Result<Value, ServiceError> {
    let model = service.model();
    let mut input = match (parsed?, &model.protocol) {
        // A request whose members are all in the path and the query, or absent, has no body.
        (Value::Null, Protocol::RestJson) => Value::Object(Map::new()),
        (body, Protocol::Json { .. } | Protocol::RestJson) => body,
    };
    if let Some(members) = input.as_object_mut() {
        members.extend(url_members);
    }
    let violations = model.violations(operation, &mut input)?;
    if violations.is_empty() {
        return Ok(json!({operation: input}));
    }
    let (count, plural) = (violations.len(), if violations.len() == 1 { "" } else { "s" });
    Err(service.invalid(format!("{count} validation error{plural} detected: {}", violations.join("; "))))
}

/// What a call did to a dataset group, given its generation and status before and after.
fn transition(before: Option<(u64, Option<String>)>, after: Option<(u64, Option<String>)>) -> Option<Transition> {
    let generation = before.as_ref().or(after.as_ref())?.0;
    let status = |glance: Option<(u64, Option<String>)>| glance.and_then(|(_, status)| status);
    Some(Transition { generation, before: status(before), after: status(after) })
}

/// The refusal in the words of IAM, with the resource that the service authorization reference gives the action.
fn access_denied(settings: &Settings, service: Service, operation: &str, resource: &Resource) -> ServiceError {
    let on = resource
        .dataset_group
        .as_deref()
        .map(|name| arn::dataset_group(settings, name))
        .or_else(|| resource.domain.as_deref().map(|id| arn::domain(settings, id)))
        .unwrap_or_else(|| "*".to_owned());
    let message = format!(
        "User: {} is not authorized to perform: {}:{operation} on resource: {on} because no identity-based \
         policy allows the {}:{operation} action",
        arn::caller(settings),
        service.name(),
        service.name(),
    );
    service.error("AccessDeniedException", message)
}
