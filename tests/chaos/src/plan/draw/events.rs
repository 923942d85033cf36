//! The events of a storm and of the reruns.

use fastrand::Rng;
use serde_json::Value;

use crate::plan::{ManifestRow, Name, Purpose, Trigger};

/// One event for each name's first request, then any request of any name; every other one of a few names, so that many
/// executions meet there.
pub(super) fn triggers(rng: &mut Rng, events: usize, names: &[Name]) -> Vec<Trigger> {
    let busy = names.len().div_ceil(10);
    (0..events)
        .map(|number| {
            let (name, request) = if number < names.len() {
                (number, 0)
            } else {
                let among = if rng.bool() { busy } else { names.len() };
                let name = rng.usize(..among);
                (name, rng.usize(..names[name].requests.len()))
            };
            let abort_in = (rng.f64() < 0.12).then(|| {
                let states = states(names[name].requests[request].purpose, rng.f64() < 0.8);
                states[rng.usize(..states.len())].clone()
            });
            Trigger { id: format!("event-{number:05}"), name, request, abort_in }
        })
        .collect()
}

/// A fifth of the events as rows of one manifest: any that provision, in any order. One row in ten is invalid. A batch
/// cannot tell of a row whose execution is aborted, so none of them is.
pub(super) fn manifest(rng: &mut Rng, triggers: &mut [Trigger], names: &[Name]) -> Vec<ManifestRow> {
    let provisions = |trigger: &Trigger| names[trigger.name].requests[trigger.request].purpose == Purpose::Provision;
    let mut places: Vec<_> = (0..triggers.len()).filter(|place| provisions(&triggers[*place])).collect();
    rng.shuffle(&mut places);
    places.truncate(triggers.len() / 5);
    let row = |trigger: usize| {
        triggers[trigger].abort_in = None;
        ManifestRow { trigger, is_valid: rng.f64() >= 0.1 }
    };
    places.into_iter().map(row).collect()
}

/// Every event that is no row of the manifest once, in any order, those of a name often one right after the other; and some
/// twice: at once or later.
pub(super) fn order(rng: &mut Rng, triggers: &[Trigger], manifest: &[ManifestRow]) -> Vec<usize> {
    let is_row = |place: &usize| manifest.iter().any(|row| row.trigger == *place);
    let mut shuffled: Vec<_> = (0..triggers.len()).filter(|place| !is_row(place)).collect();
    rng.shuffle(&mut shuffled);
    let mut bursts: Vec<Vec<usize>> = Vec::new();
    for trigger in shuffled {
        let of_its_name = |burst: &&mut Vec<usize>| triggers[burst[0]].name == triggers[trigger].name;
        match bursts.iter_mut().rfind(of_its_name) {
            Some(burst) if rng.f64() < 0.7 => burst.push(trigger),
            Some(_) | None => bursts.push(vec![trigger]),
        }
    }
    rng.shuffle(&mut bursts);
    let mut order: Vec<usize> = Vec::new();
    for trigger in bursts.into_iter().flatten() {
        order.push(trigger);
        if rng.f64() < 0.04 {
            order.push(trigger);
        }
    }
    for trigger in 0..triggers.len() {
        if rng.f64() < 0.04
            && let Some(sent) = order.iter().position(|other| *other == trigger)
        {
            order.insert(rng.usize(sent + 1..=order.len()), trigger);
        }
    }
    order
}

/// Each name's first request, then each name's second, and so on.
pub(super) fn rounds(names: &[Name]) -> Vec<Vec<Trigger>> {
    let most = names.iter().map(|name| name.requests.len()).max().unwrap_or_default();
    let trigger = |name: usize, request: usize| Trigger {
        id: format!("rerun-{request}-{name:03}"),
        name,
        request,
        abort_in: None,
    };
    let having = |request: usize| (0..names.len()).filter(move |name| names[*name].requests.len() > request);
    (0..most).map(|request| having(request).map(|name| trigger(name, request)).collect()).collect()
}

/// Where an execution can be aborted: in every state that it does not end in and that it can be brought to. In the early
/// ones it is some time to the end. The others are over in milliseconds, so hardly any execution is still running when its
/// abort comes; a test of `tests/e2e` stops one after each state instead.
pub(super) fn states(purpose: Purpose, early_only: bool) -> Vec<String> {
    let definition = match purpose {
        Purpose::Provision => include_str!("../../../../../statemachine/provision-dataset-group.asl.json"),
        Purpose::Retire => include_str!("../../../../../statemachine/retire-dataset-group.asl.json"),
    };
    let definition: Value = serde_json::from_str(definition).unwrap_or_default();
    let is_early = |name: &str, state: &Value| {
        let calls_a_function = state["Resource"].as_str().is_some_and(|resource| resource.ends_with("lambda:invoke"));
        definition["StartAt"] == name || calls_a_function || ["Choice", "Wait"].contains(&type_of(state))
    };
    let states = definition["States"].as_object().into_iter().flatten();
    let states =
        states.filter(|(name, state)| !["Succeed", "Fail"].contains(&type_of(state)) && *name != "RefuseProgress");
    states.filter(|(name, state)| !early_only || is_early(name, state)).map(|(name, _)| name.clone()).collect()
}

fn type_of(state: &Value) -> &str {
    state["Type"].as_str().unwrap_or_default()
}
