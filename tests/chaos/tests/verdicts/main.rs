//! The judge finds nothing in a good history, and in a doctored one exactly what was doctored.

mod doctored;
mod good_history;

use chaos::{Verdict, judge};
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
