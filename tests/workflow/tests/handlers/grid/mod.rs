//! Every call of the functions, and everything that can happen to it: faults of the simulators, a function that is
//! killed, and true responses that are changed in every way; each once, and until a step fails. The first failed step
//! reports what the fault stands for. The workflow ends in a named error or in the truth, a retry and a rerun without the
//! disturbance end in the truth, and nothing is changed twice. `GRID=all` for every cell.

mod cell;
mod changed_responses;
mod faults;
mod outcomes;
mod scenarios;

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;
use serde_json::value::RawValue;
use simulators::{Kind, Service};
use tokio::task::{JoinSet, LocalSet, spawn_local};
use workflow_tests::{Answer, Exchange, GROUP, Setup, request};

use self::cell::{Cell, Disturbance, Lasting};
use self::changed_responses::changed_responses;
use self::faults::faults;
use self::scenarios::{CallSite, Scenario};

/// So many simulators at once: more would only wait for a processor.
const AT_ONCE: usize = 16;

/// Every run takes one cell in so many, besides the likely ones. Not a multiple of two, so that both ways of lasting are
/// taken.
const ONE_IN: usize = 19;

/// Every disturbance of every call site of the scenario.
async fn survives(scenario: Scenario) {
    // The steps of the workflow borrow from each other, so they stay in the thread of the test.
    LocalSet::new().run_until(Box::pin(all_cells(scenario))).await;
}

async fn all_cells(scenario: Scenario) {
    let began = Instant::now();
    let (mut cells, mut running) = (Vec::new(), JoinSet::new());
    for (site, exchange) in scenario.exchanges().await {
        let kills = [Kind::CutBeforeEffect, Kind::CutAfterEffect].map(Disturbance::Kill);
        cells.extend(kills.map(|disturbance| Cell { site, disturbance, lasting: Lasting::EachTime }));
        let changes = changed_responses(&exchange).into_iter();
        let changes = changes.filter(|change| !creates_a_stranger(&exchange, &change.answer));
        let changes = changes.filter(|change| !hides_the_member(site, &exchange, &change.answer));
        let disturbances = faults(site).into_iter().map(Disturbance::Fault).chain(changes.map(Disturbance::Change));
        for disturbance in disturbances {
            for lasting in [Lasting::Once, Lasting::EachTime] {
                cells.push(Cell { site, disturbance: disturbance.clone(), lasting });
            }
        }
    }
    if std::env::var_os("GRID").is_none_or(|which| which != "all") {
        let mut number = 0;
        cells.retain(|cell| {
            number += 1;
            number % ONE_IN == 0 || cell.is_likely()
        });
    }
    let number = cells.len();
    let (mut ends, mut failures) = (BTreeMap::<String, usize>::new(), Vec::new());
    let mut waiting = cells.into_iter();
    loop {
        while running.len() < AT_ONCE
            && let Some(cell) = waiting.next()
        {
            running.spawn_local(async move {
                let name = cell.to_string();
                // A task of its own, so that a panic is a failure with the name of the cell.
                match spawn_local(cell.check()).await {
                    Ok(ended) => ended.map_err(|what| format!("{name}: {what}")),
                    Err(panic) => Err(format!("{name}: {panic}")),
                }
            });
        }
        match running.join_next().await {
            Some(Ok(Ok(end))) => *ends.entry(end).or_default() += 1,
            Some(Ok(Err(failure))) => failures.push(failure),
            Some(Err(panic)) => failures.push(panic.to_string()),
            None => break,
        }
    }
    println!("grid: {scenario:?}: {number} cells, {:.1} s, {ends:?}", began.elapsed().as_secs_f32());
    failures.sort();
    assert!(failures.is_empty(), "{} of {number} cells:\n{}", failures.len(), failures.join("\n"));
}

/// Whether the response says that a profile was created, and names the one of the simulators that it was recorded from.
/// The workflow takes the service's word for what it has just created.
fn creates_a_stranger(recorded: &Exchange, changed: &Answer) -> bool {
    let members = |answer: &Answer| {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        ["id", "status"].map(|member| body[member].clone())
    };
    let is_success = (200..300).contains(&changed.status);
    recorded.operation == "CreateGroupProfile" && is_success && members(changed) == members(&recorded.answer)
}

/// Whether the response leaves out the member whose membership a retirement shall remove. The workflow takes the service's
/// word for who is a member, so it takes nothing away.
fn hides_the_member(site: CallSite, recorded: &Exchange, changed: &Answer) -> bool {
    let lists_it = |answer: &Answer| {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let members = body["members"].as_array().into_iter().flatten();
        members.filter_map(|member| member.pointer("/memberDetails/group/groupId")).any(|id| id == GROUP)
    };
    // The SDK takes no body, as that of a 204, for an object without members. It also reads half a surrogate in members that it
    // does not know.
    let is_object = changed.body.starts_with(b"{") && serde_json::from_slice::<&RawValue>(&changed.body).is_ok();
    let is_read = is_object || changed.body.is_empty() || changed.status == 204;
    let is_success = (200..300).contains(&changed.status);
    let is_listed = site.scenario == Scenario::Retired && lists_it(&recorded.answer);
    site.operation == "ListProjectMemberships" && is_success && is_read && is_listed && !lists_it(changed)
}

#[tokio::test]
async fn a_group_that_is_created_survives_everything() {
    survives(Scenario::Created).await;
}

#[tokio::test]
async fn a_group_that_another_execution_creates_survives_everything() {
    survives(Scenario::LostRace).await;
}

#[tokio::test]
async fn a_profile_of_a_role_survives_everything() {
    survives(Scenario::ForRole).await;
}

#[tokio::test]
async fn a_group_that_is_adopted_survives_everything() {
    survives(Scenario::Adopted).await;
}

#[tokio::test]
async fn a_profile_that_becomes_a_member_survives_everything() {
    survives(Scenario::Member).await;
}

#[tokio::test]
async fn a_group_that_is_replaced_survives_everything() {
    survives(Scenario::Replaced).await;
}

#[tokio::test]
async fn a_creation_that_fails_survives_everything() {
    survives(Scenario::Failed).await;
}

#[tokio::test]
async fn a_group_that_is_retired_survives_everything() {
    survives(Scenario::Retired).await;
}

#[tokio::test]
async fn a_group_that_is_retired_for_a_role_survives_everything() {
    survives(Scenario::RetiredForRole).await;
}

#[tokio::test]
async fn a_group_that_is_in_use_survives_everything() {
    survives(Scenario::InUse).await;
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_unavailable_and_a_rerun_succeeds() {
    for service in [Service::Personalize, Service::DataZone] {
        let mut setup = Setup::start().await;
        setup.hang_up(service).await;
        let error = setup.provision(&request()).await.expect_err("nobody listens");
        assert_eq!((error.name(), error.cause().code), ("Unavailable", None), "{service:?}");
        setup.call_again().await;
        setup.provision(&request()).await.expect("provisioned");
    }
}
