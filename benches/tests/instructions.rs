//! The guard of the instructions: no function needs noticeably more of them than `benches/baseline.json` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use benches::callgrind::{Count, Counted};
use benches::places;
use benches::setup::Setup;
use serde_json::Value;

/// How far a count may be above or below its baseline. Counts repeat within a thousandth on one machine.
const TOLERANCE: f64 = 0.10;
/// A count that seems to be off is made so many times more: counts repeat within a thousandth, and this says so.
const RUNS_IN_DOUBT: usize = 3;

/// Millions of instructions by the name of a count, such as `poll-status ready`.
fn baseline() -> BTreeMap<String, f64> {
    let file = places::existing("benches/baseline.json", "it is part of the sources").expect("the baseline");
    let document: Value = serde_json::from_slice(&fs::read(file).expect("read")).expect("JSON");
    serde_json::from_value(document["millionsOfInstructions"].clone()).expect("numbers by name")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_needs_a_tenth_more_instructions_than_its_baseline() {
    let (baseline, setup) = (baseline(), Setup::start().await.unwrap_or_else(|fault| panic!("{fault}")));
    let mut complaints = Vec::new();
    for counted in Counted::functions() {
        // The other test finds a count without a baseline.
        let Some(expected) = baseline.get(&counted.name()) else { continue };
        let count = async |runs| counted.count(&setup, runs).await.unwrap_or_else(|fault| panic!("{fault}"));
        let mut found = count(1).await;
        if complaint(counted, &found, *expected).is_some() {
            found = count(RUNS_IN_DOUBT).await;
        }
        complaints.extend(complaint(counted, &found, *expected));
    }
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n\n"));
}

#[test]
fn the_baseline_has_what_is_counted_and_nothing_else() {
    let counted: BTreeSet<String> = Counted::functions().iter().map(Counted::name).collect();
    assert_eq!(baseline().into_keys().collect::<BTreeSet<_>>(), counted);
}

#[test]
fn a_count_holds_within_a_tenth_of_its_baseline_both_ways() {
    for (millions, expected) in [(1.79, "good news"), (1.81, ""), (2.0, ""), (2.19, ""), (2.21, "make profile")] {
        let count = Count { name: String::new(), millions, spread: 0.0, profile: "target".into() };
        let found = complaint(Counted::functions()[0], &count, 2.0);
        assert_eq!(found.is_none(), expected.is_empty(), "{millions}");
        assert!(found.unwrap_or_default().contains(expected), "{millions}");
    }
}

/// What is wrong with a count, and what to do about it.
fn complaint(counted: Counted, count: &Count, baseline: f64) -> Option<String> {
    let Count { name, millions, profile, .. } = count;
    let ratio = millions / baseline;
    let compared =
        format!("{name}: {millions:.3} M instructions are {ratio:.2} times the {baseline:.3} M of the baseline");
    if ratio > 1.0 + TOLERANCE {
        return Some(format!(
            "{compared}; {:.0} % are allowed.\n\
             Where they go:        make profile FUNCTION={}\n\
             The same, no names:   callgrind_annotate {}\n\
             When they are worth it, change benches/baseline.json by hand, and say why in the commit.",
            TOLERANCE * 100.0,
            counted.subject.function(),
            profile.display(),
        ));
    }
    (ratio < 1.0 - TOLERANCE).then(|| {
        format!(
            "{compared}: that is good news.\n\
             Set it to {millions:.2} in benches/baseline.json by hand, for the old one would let as much be lost again unseen.",
        )
    })
}
