//! Amazon Personalize: AWS JSON 1.1, target `AmazonPersonalize.<Operation>`.

mod dataset_groups;
mod requests;
mod tags;

use std::sync::Arc;

use axum::http::Request;
use axum::http::request::Parts;
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::Value;

pub use self::dataset_groups::State;
use crate::arn;
use crate::call_log::Resource;
use crate::exchange::{self, Ending, Received};
use crate::faults::Service;
use crate::server::read_body;
use crate::settings::Settings;
use crate::simulation::{self, Simulation};
use crate::wire::{self, OperationResult, ServiceError};

/// The operations that are played; any other is unknown, also those that the real service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    CreateDatasetGroup,
    DescribeDatasetGroup,
    ListDatasetGroups,
    DeleteDatasetGroup,
    TagResource,
    UntagResource,
    ListTagsForResource,
}

/// Whether this operation is played.
pub fn has(operation: &str) -> bool {
    Operation::named(operation).is_some()
}

impl Operation {
    fn named(name: &str) -> Option<Self> {
        match name {
            "CreateDatasetGroup" => Some(Self::CreateDatasetGroup),
            "DescribeDatasetGroup" => Some(Self::DescribeDatasetGroup),
            "ListDatasetGroups" => Some(Self::ListDatasetGroups),
            "DeleteDatasetGroup" => Some(Self::DeleteDatasetGroup),
            "TagResource" => Some(Self::TagResource),
            "UntagResource" => Some(Self::UntagResource),
            "ListTagsForResource" => Some(Self::ListTagsForResource),
            _ => None,
        }
    }
}

/// Answers one request to the Personalize listener.
pub async fn answer(simulation: Arc<Simulation>, request: Request<Incoming>) -> Ending {
    let (parts, body) = request.into_parts();
    let Some(body) = read_body(body).await else { return Ending::Cut };
    let operation = operation_name(&parts);
    let parsed = match body.as_ref() {
        b"" => Ok(Value::Null),
        bytes => serde_json::from_slice::<Value>(bytes),
    };
    let request = match &parsed {
        Ok(value) => value.clone(),
        Err(_) => Value::String(String::from_utf8_lossy(&body).into_owned()),
    };
    let received = Received {
        service: Service::Personalize,
        operation: operation.clone(),
        resource: resource(&request),
        request,
        trace_id: wire::trace_id(&parts),
    };
    exchange::carry_out(&simulation, received, move |state, settings, now| {
        if !wire::is_signed(&parts) {
            return ServiceError::unsigned().into();
        }
        let Some(operation) = Operation::named(&operation) else {
            return ServiceError::unknown_operation(Service::Personalize).into();
        };
        match parsed {
            Ok(request) => perform(state, settings, operation, &request, now).into(),
            Err(error) => ServiceError::serialization(error.to_string()).into(),
        }
    })
    .await
}

/// The operation that a request names; empty without one.
fn operation_name(parts: &Parts) -> String {
    parts
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .and_then(|target| target.strip_prefix("AmazonPersonalize."))
        .unwrap_or_default()
        .to_owned()
}

/// The dataset group that a request is about, by its name or by its ARN.
fn resource(request: &Value) -> Resource {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let arn = text("datasetGroupArn").or_else(|| text("resourceArn"));
    let name = text("name").or_else(|| arn.and_then(arn::dataset_group_name));
    Resource { dataset_group: name.map(str::to_owned), ..Resource::default() }
}

fn perform(
    state: &mut simulation::State,
    settings: &Settings,
    operation: Operation,
    request: &Value,
    now: Timestamp,
) -> Result<OperationResult, ServiceError> {
    let groups = &mut state.personalize;
    groups.sweep(now);
    match operation {
        Operation::CreateDatasetGroup => {
            let quota = state.behaviour.dataset_group_quota;
            dataset_groups::create(groups, settings, quota, requests::create(request)?, now)
        }
        Operation::DescribeDatasetGroup => {
            dataset_groups::describe(groups, settings, &requests::one_group(settings, request)?, now)
        }
        Operation::ListDatasetGroups => Ok(dataset_groups::list(groups, settings, &requests::list(request)?, now)),
        Operation::DeleteDatasetGroup => {
            dataset_groups::delete(groups, settings, &requests::one_group(settings, request)?, now)
        }
        Operation::TagResource => {
            let (name, tags) = requests::tag(settings, request)?;
            tags::tag(groups.visible(settings, &name, now)?, tags)
        }
        Operation::UntagResource => {
            let (name, keys) = requests::untag(settings, request)?;
            tags::untag(groups.visible(settings, &name, now)?, &keys)
        }
        Operation::ListTagsForResource => {
            let name = requests::tags_of(settings, request)?;
            Ok(tags::list(groups.visible(settings, &name, now)?))
        }
    }
}
