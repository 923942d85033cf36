//! The server of the control endpoint.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Held};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, body::Bytes};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::documents::{
    Behaviour, Contents, DatasetGroupState, DomainState, NamedScript, Profile, Project, ReceivedFault, Scenario, Urls,
};
use crate::call_log::CallFilter;
use crate::faults::Fault;
use crate::lifecycle::{Script, Step};
use crate::service::Service;
use crate::simulation::{Simulation, State};

/// Why an order was refused: a status and a sentence.
type Refusal = (StatusCode, Json<Value>);
/// What an order without an answer ends with.
type Done = Result<StatusCode, Refusal>;

/// The routes. `GET /` answers the README, which describes them.
pub fn router(simulation: Arc<Simulation>, urls: Urls) -> Router {
    Router::new()
        .route("/", get(async || include_str!("../../README.md")))
        .route("/urls", get(async move || Json(urls)))
        .route("/settings", get(behaviour).patch(change_behaviour))
        .route("/domains", get(domains))
        .route("/domains/{id}", put(put_domain))
        .route("/domains/{id}/profiles", get(profiles))
        .route("/domains/{id}/projects", get(projects))
        .route("/dataset-groups", get(dataset_groups))
        .route("/dataset-groups/{name}", get(dataset_group).put(put_dataset_group).delete(remove_dataset_group))
        .route("/dataset-groups/{name}/scripts", post(script))
        .route("/dataset-groups/{name}/steps", put(move_on))
        .route("/dataset-groups/{name}/contents", put(put_contents))
        .route("/scripts", delete(forget_scripts))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}", delete(remove_fault))
        .route("/calls", get(calls).delete(forget_calls))
        .route("/scenario", post(load_scenario))
        .route("/reset", post(reset))
        .with_state(simulation)
}

type HeldSimulation = Held<Arc<Simulation>>;

async fn behaviour(Held(simulation): HeldSimulation) -> Json<Behaviour> {
    Json(simulation.state().behaviour.clone())
}

async fn change_behaviour(Held(simulation): HeldSimulation, body: Bytes) -> Result<Json<Behaviour>, Refusal> {
    let change: Map<String, Value> = parse(&body)?;
    let mut state = simulation.state();
    state.behaviour = changed(&state.behaviour, change)?;
    Ok(Json(state.behaviour.clone()))
}

async fn domains(Held(simulation): HeldSimulation) -> Json<Vec<DomainState>> {
    Json(simulation.state().datazone.documents())
}

async fn put_domain(Held(simulation): HeldSimulation, Path(id): Path<String>, body: Bytes) -> Done {
    let domain = with_member(&body, "id", &id)?;
    simulation.state().datazone.put(domain).map_err(|why| bad_request(&why))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn profiles(Held(simulation): HeldSimulation, Path(id): Path<String>) -> Result<Json<Vec<Profile>>, Refusal> {
    Ok(Json(domain(&simulation, &id)?.profiles))
}

async fn projects(Held(simulation): HeldSimulation, Path(id): Path<String>) -> Result<Json<Vec<Project>>, Refusal> {
    Ok(Json(domain(&simulation, &id)?.projects))
}

async fn dataset_groups(Held(simulation): HeldSimulation) -> Json<Vec<DatasetGroupState>> {
    let mut state = simulation.state();
    let now = Timestamp::now();
    state.personalize.sweep(now);
    Json(state.personalize.documents(now))
}

async fn dataset_group(
    Held(simulation): HeldSimulation,
    Path(name): Path<String>,
) -> Result<Json<DatasetGroupState>, Refusal> {
    let mut state = simulation.state();
    let now = Timestamp::now();
    state.personalize.sweep(now);
    let document = state.personalize.document(&name, now);
    document.map(Json).ok_or_else(|| missing("dataset group", &name))
}

async fn put_dataset_group(Held(simulation): HeldSimulation, Path(name): Path<String>, body: Bytes) -> Done {
    let group = with_member(&body, "name", &name)?;
    simulation.state().personalize.put(group, Timestamp::now());
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_dataset_group(Held(simulation): HeldSimulation, Path(name): Path<String>) -> Done {
    let removed = simulation.state().personalize.remove(&name);
    removed.then_some(StatusCode::NO_CONTENT).ok_or_else(|| missing("dataset group", &name))
}

async fn script(Held(simulation): HeldSimulation, Path(name): Path<String>, body: Bytes) -> Done {
    let script: Script = parse(&body)?;
    simulation.state().personalize.script(&name, script);
    Ok(StatusCode::NO_CONTENT)
}

async fn forget_scripts(Held(simulation): HeldSimulation) -> StatusCode {
    simulation.state().personalize.forget_scripts();
    StatusCode::NO_CONTENT
}

async fn move_on(Held(simulation): HeldSimulation, Path(name): Path<String>, body: Bytes) -> Done {
    let steps: Vec<Step> = parse(&body)?;
    let moved = simulation.state().personalize.move_on(&name, &steps, Timestamp::now());
    moved.then_some(StatusCode::NO_CONTENT).ok_or_else(|| missing("dataset group", &name))
}

async fn put_contents(Held(simulation): HeldSimulation, Path(name): Path<String>, body: Bytes) -> Done {
    let contents: Contents = parse(&body)?;
    let put = simulation.state().personalize.put_contents(&name, contents);
    put.then_some(StatusCode::NO_CONTENT).ok_or_else(|| missing("dataset group", &name))
}

async fn faults(Held(simulation): HeldSimulation) -> Json<Vec<ReceivedFault>> {
    Json(simulation.state().faults.all().to_vec())
}

async fn add_fault(Held(simulation): HeldSimulation, body: Bytes) -> Result<Json<Value>, Refusal> {
    let fault: Fault = parse(&body)?;
    check(&fault)?;
    let id = simulation.state().faults.add(fault);
    Ok(Json(json!({"id": id})))
}

async fn clear_faults(Held(simulation): HeldSimulation) -> StatusCode {
    simulation.state().faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove_fault(Held(simulation): HeldSimulation, Path(id): Path<String>) -> Done {
    let removed = id.parse().is_ok_and(|id| simulation.state().faults.remove(id));
    removed.then_some(StatusCode::NO_CONTENT).ok_or_else(|| missing("fault", &id))
}

async fn calls(Held(simulation): HeldSimulation, uri: Uri) -> Result<Response, Refusal> {
    let filter = filter(uri.query().unwrap_or_default()).map_err(|why| bad_request(&why))?;
    Ok(Json(simulation.state().calls.read(&filter)).into_response())
}

async fn forget_calls(Held(simulation): HeldSimulation) -> StatusCode {
    simulation.state().calls.forget();
    StatusCode::NO_CONTENT
}

async fn load_scenario(Held(simulation): HeldSimulation, body: Bytes) -> Done {
    let scenario: Scenario = parse(&body)?;
    load(&mut simulation.state(), scenario)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reset(Held(simulation): HeldSimulation) -> StatusCode {
    simulation.reset();
    StatusCode::NO_CONTENT
}

/// Adds a scenario to what is there, or refuses it before anything is changed where that can be known.
fn load(state: &mut State, scenario: Scenario) -> Result<(), Refusal> {
    let Scenario { description: _, settings, domains, dataset_groups, scripts, faults } = scenario;
    let behaviour = changed(&state.behaviour, settings)?;
    for fault in &faults {
        check(fault)?;
    }
    for domain in domains {
        state.datazone.put(domain).map_err(|why| bad_request(&why))?;
    }
    state.behaviour = behaviour;
    let now = Timestamp::now();
    for group in dataset_groups {
        state.personalize.put(group, now);
    }
    for NamedScript { name, creations } in scripts {
        for script in creations {
            state.personalize.script(&name, script);
        }
    }
    for fault in faults {
        state.faults.add(fault);
    }
    Ok(())
}

fn domain(simulation: &Simulation, id: &str) -> Result<DomainState, Refusal> {
    simulation.state().datazone.document(id).ok_or_else(|| missing("domain", id))
}

/// The behaviour with some members replaced.
fn changed(behaviour: &Behaviour, change: Map<String, Value>) -> Result<Behaviour, Refusal> {
    let mut document = serde_json::to_value(behaviour).map_err(|why| bad_request(&why))?;
    if let Some(members) = document.as_object_mut() {
        members.extend(change);
    }
    let changed: Behaviour = serde_json::from_value(document).map_err(|why| bad_request(&why))?;
    let models = [Service::Personalize, Service::DataZone].map(Service::model);
    match changed.rate_limits.keys().find(|operation| !models.iter().any(|model| model.has(operation))) {
        Some(operation) => Err(bad_request(&format!("no operation `{operation}` that could be limited"))),
        None => Ok(changed),
    }
}

fn check(fault: &Fault) -> Result<(), Refusal> {
    fault.defect().map_or(Ok(()), |defect| Err(bad_request(&defect)))
}

fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|why| bad_request(&why))
}

/// Parses a document whose key is in the path, and may be left out in the body.
fn with_member<T: DeserializeOwned>(body: &Bytes, member: &str, value: &str) -> Result<T, Refusal> {
    let mut members: Map<String, Value> = parse(body)?;
    if members.insert(member.to_owned(), value.into()).is_some_and(|other| other != value) {
        return Err(bad_request(&format!("`{member}` in the body is not the one in the path")));
    }
    serde_json::from_value(Value::Object(members)).map_err(|why| bad_request(&why))
}

/// Reads `service`, `operation` and `resource` from a query.
fn filter(query: &str) -> Result<CallFilter, serde_json::Error> {
    let members = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (member, value) = pair.split_once('=').unwrap_or((pair, ""));
        (member.to_owned(), percent_decode_str(value).decode_utf8_lossy().into())
    });
    serde_json::from_value(Value::Object(members.collect()))
}

fn bad_request(why: &impl ToString) -> Refusal {
    (StatusCode::BAD_REQUEST, Json(json!({"message": why.to_string()})))
}

fn missing(what: &str, which: &str) -> Refusal {
    (StatusCode::NOT_FOUND, Json(json!({"message": format!("no {what} `{which}`")})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_a_filter() {
        let read = filter("service=datazone&operation=GetGroupProfile&resource=a%20b").unwrap();
        assert_eq!(read.service, Some(Service::DataZone));
        assert_eq!(read.operation.as_deref(), Some("GetGroupProfile"));
        assert_eq!(read.resource.as_deref(), Some("a b"));
        assert_eq!(filter("").unwrap(), CallFilter::all());
        assert!(filter("service=s3").is_err());
        assert!(filter("colour=red").is_err());
    }

    #[test]
    fn a_change_of_behaviour_leaves_the_other_members() {
        let before = Behaviour::of(&crate::Settings::default());
        let change = Map::from_iter([("datasetGroupQuota".to_owned(), json!(3))]);
        let after = changed(&before, change).unwrap();
        assert_eq!(after, Behaviour { dataset_group_quota: 3, ..before.clone() });
        let refused = |member: &str, value| changed(&before, Map::from_iter([(member.to_owned(), value)])).is_err();
        assert!(refused("quota", json!(3)));
        let limits = |operation: &str, burst: u32| json!({operation: {"perSecond": 10, "burst": burst}});
        assert!(!refused("rateLimits", limits("GetGroupProfile", 20)));
        assert!(refused("rateLimits", limits("GetProfile", 20)) && refused("rateLimits", limits("GetGroupProfile", 0)));
    }
}
