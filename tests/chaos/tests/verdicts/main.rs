//! The judge finds nothing in a good history, and in a doctored one exactly what was doctored.

mod batches;
mod doctored;
mod good_history;
mod plans_and_projects;
mod retirements;

use chaos::{Execution, Verdict, judge};
use good_history::good_history;

/// The invariants that a verdict says are broken, each once.
fn broken(verdict: &Verdict) -> Vec<String> {
    let mut broken: Vec<_> = verdict
        .violations
        .iter()
        .map(|violation| {
            serde_json::to_value(violation).expect("JSON")["invariant"].as_str().unwrap_or_default().to_owned()
        })
        .collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

#[test]
fn a_good_history_breaks_nothing() {
    let verdict = judge(&good_history());
    assert_eq!(verdict, Verdict::default());
}

#[test]
fn the_seconds_of_a_history_end_before_the_reruns() {
    let history = good_history();
    let (storm, reruns): (Vec<_>, Vec<_>) = history
        .executions
        .iter()
        .partition(|execution| execution.trigger.as_ref().is_some_and(|trigger| trigger.starts_with("storm")));
    let until = |executions: Vec<&Execution>| {
        let last = executions.into_iter().map(|execution| execution.stopped).max().expect("an execution");
        last.duration_since(storm[0].started).as_secs_f64()
    };
    let (end_of_storm, end) = (until(storm.clone()), until(reruns));
    assert!((history.seconds() - end_of_storm).abs() < 1e-9 && history.seconds() < end, "{}", history.seconds());
}
