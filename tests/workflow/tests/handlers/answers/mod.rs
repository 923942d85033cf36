//! The answers of the services are input too: each true answer, changed in every way, once and for ever. The workflow
//! ends in a named error or in the truth, and a rerun without faults in the truth. `ANSWERS=all` for every cell.

mod cell;
mod forgeries;
mod scenarios;

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;
use tokio::task::{JoinSet, LocalSet, spawn_local};
use workflow_tests::{Answer, Exchange};

use self::cell::{Cell, Lasting};
use self::forgeries::forgeries;
use self::scenarios::Scenario;

/// So many simulators at once: more would only wait for a processor.
const AT_ONCE: usize = 16;

/// The part of the cells that every run takes, besides the likely ones; no multiple of the ways in which they last.
const SHARE: usize = 7;

/// Every forgery of every answer of the scenario that is its own.
async fn survives(scenario: Scenario) {
    // The steps of the workflow borrow from each other, so they stay in the thread of the test.
    LocalSet::new().run_until(Box::pin(all_cells(scenario))).await;
}

async fn all_cells(scenario: Scenario) {
    let began = Instant::now();
    let (mut cells, mut running) = (Vec::new(), JoinSet::new());
    for (place, exchange) in scenario.exchanges().await {
        let forgeries = forgeries(&exchange).into_iter();
        for forgery in forgeries.filter(|forgery| !creates_a_stranger(&exchange, &forgery.answer)) {
            for lasting in [Lasting::Once, Lasting::ForEver] {
                cells.push(Cell { scenario, place, forgery: forgery.clone(), lasting });
            }
        }
    }
    if std::env::var_os("ANSWERS").is_none_or(|which| which != "all") {
        let mut number = 0;
        cells.retain(|cell| {
            number += 1;
            number % SHARE == 0 || (cell.lasting == Lasting::Once && cell.forgery.is_likely())
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
    println!("answers: {scenario:?}: {number} cells, {:.1} s, {ends:?}", began.elapsed().as_secs_f32());
    failures.sort();
    assert!(failures.is_empty(), "{} of {number} cells:\n{}", failures.len(), failures.join("\n"));
}

/// Whether the answer says that a profile was created, and names the one of the simulators that it was recorded from. The
/// workflow takes the service's word for what it has just created.
fn creates_a_stranger(recorded: &Exchange, forged: &Answer) -> bool {
    let members = |answer: &Answer| {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        ["id", "status"].map(|member| body[member].clone())
    };
    let is_success = (200..300).contains(&forged.status);
    recorded.operation == "CreateGroupProfile" && is_success && members(forged) == members(&recorded.answer)
}

#[tokio::test]
async fn a_group_that_is_created_survives_every_answer() {
    survives(Scenario::Created).await;
}

#[tokio::test]
async fn a_profile_of_a_role_survives_every_answer() {
    survives(Scenario::ForRole).await;
}

#[tokio::test]
async fn a_group_that_is_adopted_survives_every_answer() {
    survives(Scenario::Adopted).await;
}

#[tokio::test]
async fn a_group_that_is_replaced_survives_every_answer() {
    survives(Scenario::Replaced).await;
}

#[tokio::test]
async fn a_creation_that_fails_survives_every_answer() {
    survives(Scenario::Failed).await;
}
