//! One call from its receipt to its answer: noted, perhaps hit by a fault, carried out, noted again.

use std::time::Duration;

use axum::http::Response;
use jiff::Timestamp;
use serde_json::Value;

use crate::arn;
use crate::call_log::{Answer, Begun, Ended, Resource, Transition, Word};
use crate::faults::{Kind, Service};
use crate::settings::Settings;
use crate::simulation::{Simulation, State};
use crate::wire::{self, OperationResult, Reply, ServiceError};

/// A call as far as both services understand it alike.
#[derive(Debug)]
pub struct Received {
    /// The service.
    pub service: Service,
    /// The operation; empty when none was named.
    pub operation: String,
    /// What it is about.
    pub resource: Resource,
    /// The body.
    pub request: Value,
    /// The caller's trace.
    pub trace_id: Option<String>,
}

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

/// Carries out a call with the fault that hits it, if any.
pub async fn carry_out(
    simulation: &Simulation,
    received: Received,
    perform: impl FnOnce(&mut State, &Settings, Timestamp) -> OperationResult + Send,
) -> Ending {
    let Received { service, operation, resource, request, trace_id } = received;
    let (sequence, fault) = {
        let mut state = simulation.state();
        let State { faults, buckets, behaviour, .. } = &mut *state;
        let rate_limited = !buckets.admit(&behaviour.rate_limits, &operation, Timestamp::now());
        // A call that is throttled gets no fault, and no fault counts it.
        let fault =
            if rate_limited { None } else { faults.decide(service, &operation, &resource).map(|(_, kind)| kind) };
        let begun = Begun {
            service,
            operation: &operation,
            resource: &resource,
            request: &request,
            trace_id: trace_id.as_deref(),
            fault: fault.as_ref().map(Kind::name),
            rate_limited,
        };
        (state.calls.begin(&begun), if rate_limited { Some(Kind::Throttle { code: None }) } else { fault })
    };
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
    let before = glance(state);
    let answer_with = |error: ServiceError| {
        let code = error.code.clone();
        (Ending::Whole(wire::render(service, &Err(error))), Some(code), false)
    };
    let (ending, error_code, effect) = match fault {
        None | Some(Kind::Delay { .. }) => {
            let OperationResult { answer, changed } = perform(state, settings, now);
            (Ending::Whole(wire::render(service, &answer)), code_of(&answer), changed)
        }
        Some(Kind::TruncatedBody) => {
            let OperationResult { answer, changed } = perform(state, settings, now);
            (Ending::Truncated(wire::render(service, &answer)), code_of(&answer), changed)
        }
        Some(Kind::CutAfterEffect) => {
            let OperationResult { answer, changed } = perform(state, settings, now);
            (Ending::Cut, code_of(&answer), changed)
        }
        Some(Kind::CutBeforeEffect) => (Ending::Cut, None, false),
        Some(Kind::HtmlBadGateway) => (Ending::Whole(wire::html_bad_gateway()), None, false),
        Some(Kind::Raw { status, headers, body, effect }) => {
            let changed = effect && perform(state, settings, now).changed;
            let mut response = wire::with_status(status, body);
            for (name, value) in headers {
                wire::add_header(&mut response, &name, &value);
            }
            (Ending::Whole(response), None, changed)
        }
        Some(Kind::Throttle { code }) => answer_with(throttled(service, code.as_deref())),
        Some(Kind::AccessDenied) => answer_with(access_denied(settings, service, &operation, &resource)),
        Some(Kind::Error { status, code, message }) => {
            let message = message.unwrap_or_else(|| format!("{code}, as the control endpoint was told"));
            answer_with(ServiceError::new(status, &code, message))
        }
    };
    let (status, request_id) = match &ending {
        Ending::Whole(response) | Ending::Truncated(response) => {
            (Answer::Status(response.status().as_u16()), wire::request_id(response))
        }
        Ending::Cut => (Answer::Word(Word::Cut), None),
    };
    let transition = transition(before, glance(state));
    state.calls.end(sequence, Ended { status, error_code, effect, request_id, transition });
    ending
}

/// What a call did to a dataset group, given its generation and status before and after.
fn transition(before: Option<(u64, Option<String>)>, after: Option<(u64, Option<String>)>) -> Option<Transition> {
    let generation = before.as_ref().or(after.as_ref())?.0;
    let status = |glance: Option<(u64, Option<String>)>| glance.and_then(|(_, status)| status);
    Some(Transition { generation, before: status(before), after: status(after) })
}

fn code_of(answer: &Result<Reply, ServiceError>) -> Option<String> {
    answer.as_ref().err().map(|error| error.code.clone())
}

fn throttled(service: Service, code: Option<&str>) -> ServiceError {
    let status = match service {
        Service::Personalize => 400,
        Service::DataZone => 429,
    };
    ServiceError::new(status, code.unwrap_or("ThrottlingException"), "Rate exceeded")
}

/// The refusal in the words of IAM, with the resource that the service authorization reference gives the action.
fn access_denied(settings: &Settings, service: Service, operation: &str, resource: &Resource) -> ServiceError {
    let status = match service {
        Service::Personalize => 400,
        Service::DataZone => 403,
    };
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
    ServiceError::new(status, "AccessDeniedException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_caller_action_and_resource() {
        let settings = Settings::default();
        let resource = Resource { dataset_group: Some("media".to_owned()), ..Resource::default() };
        let error = access_denied(&settings, Service::Personalize, "CreateDatasetGroup", &resource);
        assert!(error.message.starts_with(
            "User: arn:aws:sts::000000000000:assumed-role/simulated-caller/session is not authorized to \
             perform: personalize:CreateDatasetGroup on resource: \
             arn:aws:personalize:us-east-1:000000000000:dataset-group/media because"
        ));
    }

    #[test]
    fn a_list_is_refused_on_every_resource() {
        let error =
            access_denied(&Settings::default(), Service::Personalize, "ListDatasetGroups", &Resource::default());
        assert!(error.message.contains("on resource: * because"));
    }

    #[test]
    fn throttling_has_the_status_of_the_service() {
        assert_eq!(throttled(Service::Personalize, None).status, 400);
        assert_eq!(throttled(Service::DataZone, None).status, 429);
        let named = throttled(Service::Personalize, Some("TooManyRequestsException"));
        assert_eq!(named.code, "TooManyRequestsException");
    }
}
