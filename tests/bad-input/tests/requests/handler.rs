//! The same through the handlers, over HTTP: an invalid request reaches no service, and whatever is valid reaches them
//! as it was sent.

use bad_input::{Judgement, MARK, judged};
use contract::StepError;
use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::Runtime;
use workflow_tests::{DOMAIN, NAME, Setup};

use crate::documents::{any_document, group_name, valid_request};
use crate::mutations::mutated;
use crate::run::{cases, hold};

/// A request over HTTP takes a hundred times as long as one to the parser.
fn calls() -> u32 {
    (cases() / 20).max(100)
}

/// A set-up, and the runtime that runs its simulators and clients.
fn setup() -> (Runtime, Setup) {
    let runtime = Runtime::new().expect("a runtime");
    let setup = runtime.block_on(Setup::start());
    (runtime, setup)
}

#[test]
fn an_invalid_request_reaches_no_service() {
    let (runtime, setup) = setup();
    let documents = prop_oneof![any_document(), mutated(valid_request())];
    hold("invalid requests to the handler", calls(), &documents, |document| {
        if let Judgement::Accepted(_) = judged(document)? {
            return Ok("valid");
        }
        let ended = runtime.block_on(setup.create(document));
        let calls = runtime.block_on(setup.take_calls());
        match ended {
            Err(error @ StepError::InvalidRequest(_)) if calls.is_empty() => {
                let told = serde_json::to_string(&error.cause()).map_err(|fault| fault.to_string())?;
                if told.len() > 30_000 { Err(format!("a cause of {} bytes", told.len())) } else { Ok("refused") }
            }
            ended => Err(format!("{ended:?} after {calls:?}")),
        }
    });
}

/// The simulators have the constraints of the service models, written down a second time.
#[test]
fn a_valid_request_is_valid_to_the_service_and_its_secrets_stay_with_it() {
    let (runtime, setup) = setup();
    hold("valid requests to the handler", calls(), &valid_request(), |document| {
        let ended = runtime.block_on(setup.create(document));
        let calls = runtime.block_on(setup.take_calls());
        let name = document["datasetGroup"]["name"].as_str().unwrap_or_default();
        let _ = runtime.block_on(setup.control.remove_dataset_group(name));
        match ended {
            Ok(output) if output.request.metadata.as_ref() == document["metadata"].as_object() => Ok("created"),
            // Combining marks are no letters to the service: what it says of them is its own.
            Err(StepError::RefusedRequest(answer)) if !document["datasetGroup"]["tags"].to_string().is_ascii() => {
                if answer.message.contains(MARK) {
                    Err(answer.message)
                } else {
                    Ok("refused by the service")
                }
            }
            ended => Err(format!("{ended:?} after {calls:?}")),
        }
    });
}

/// What is asked about a group that is given by a name and that nobody knows.
const UNKNOWN: [&str; 3] = ["GetGroupProfile", "SearchGroupProfiles", "CreateGroupProfile"];

#[test]
fn whatever_a_group_is_called_datazone_is_asked_for_that_group() {
    let (runtime, setup) = setup();
    runtime.block_on(setup.put_group("ACTIVE"));
    hold("names of groups to the handler", calls(), &group_name(), |name| {
        let request = json!({
            "datasetGroup": {"name": NAME, "domain": "ECOMMERCE"},
            "groupProfile": {"domainIdentifier": DOMAIN, "groupIdentifier": name}
        });
        let ended = runtime.block_on(setup.bootstrap(&request));
        let calls = runtime.block_on(setup.calls());
        runtime.block_on(setup.take_calls());
        let asked: Vec<_> = calls.iter().filter(|call| call.resource.domain.is_some()).collect();
        let exactly = asked.iter().all(|call| {
            let searched = call.request["searchText"].as_str();
            call.resource.group.as_deref().or(searched) == Some(name)
        });
        let operations: Vec<_> = asked.iter().map(|call| call.operation.as_str()).collect();
        match ended {
            // The simulators know only registered groups, and this one is not registered.
            Err(StepError::NotFound(_)) if exactly && operations == UNKNOWN => Ok("unknown"),
            // Nothing but what is no character of any kind yet: which ones those are, the service knows better.
            Err(StepError::RefusedRequest(_)) if exactly && operations == ["GetGroupProfile"] && !name.is_ascii() => {
                Ok("refused by the service")
            }
            ended => Err(format!(
                "{ended:?} after {:?}",
                calls.iter().map(|c| (&c.operation, &c.resource.group)).collect::<Vec<_>>()
            )),
        }
    });
}
