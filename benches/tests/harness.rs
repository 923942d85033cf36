//! That a program which does something else than it should has no figures.

use benches::error::Error;
use benches::process::LambdaProcess;
use benches::scenario::Scenario;
use benches::setup::{Setup, Trust, verify};
use benches::subject::Subject;

const POLL: Subject = Subject::Function(Scenario::Poll);

async fn setup() -> Setup {
    Setup::start().await.unwrap_or_else(|fault| panic!("{fault}"))
}

/// `poll-status`, with what the event of a scenario needs.
async fn poll_status(setup: &Setup, scenario: Scenario, trust: Trust) -> LambdaProcess {
    scenario.prepare(&setup.control).await.expect("prepared");
    let started = LambdaProcess::start(&POLL, setup, trust, &[]).await;
    started.unwrap_or_else(|fault| panic!("{fault}"))
}

fn complaint<T>(measured: Result<T, Error>) -> String {
    match measured {
        Ok(_) => panic!("it was measured"),
        Err(fault) => fault.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_makes_its_calls_over_one_connection_that_the_next_event_uses_too() {
    let setup = setup().await;
    let mut process = poll_status(&setup, Scenario::Poll, Trust::Amazon).await;
    let before = setup.tally();
    process.invoke().await.unwrap_or_else(|fault| panic!("{fault}"));
    verify(&process, &setup, before, POLL.calls(), 1).await.unwrap_or_else(|fault| panic!("{fault}"));
    for (calls, connections, expected) in [
        (POLL.calls(), 0, "it should have opened 0 connections"),
        (&["GetGroupProfile"][..], 1, r#"it called ["DescribeDatasetGroup"] instead of ["GetGroupProfile"]"#),
    ] {
        let told = complaint(verify(&process, &setup, before, calls, connections).await);
        assert!(told.contains(expected), "{told}");
    }

    POLL.scenario().prepare(&setup.control).await.expect("prepared");
    let before = setup.tally();
    process.invoke().await.unwrap_or_else(|fault| panic!("{fault}"));
    verify(&process, &setup, before, POLL.calls(), 0).await.unwrap_or_else(|fault| panic!("{fault}"));
    assert!(!process.terminate().await.expect("an end").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_fails_has_no_figures() {
    let setup = setup().await;
    let told = complaint(poll_status(&setup, Scenario::Create, Trust::Amazon).await.invoke().await);
    assert!(told.contains("/progress should be ACTIVE"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_nobody_has_told_the_function_to_trust_are_refused() {
    let setup = setup().await;
    let before = setup.tally();
    let told = complaint(poll_status(&setup, Scenario::Poll, Trust::CompiledIn).await.invoke().await);
    assert!(told.contains("it reported") && told.contains("Unavailable"), "{told}");
    let seen = setup.tally().since(before);
    assert!(seen.handshakes == 0 && seen.failures > 0, "{seen:?}");
}
