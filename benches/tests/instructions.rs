//! The guard of part `instructions`: no function needs noticeably more instructions than `benches/baseline.json` says.

use std::collections::BTreeSet;
use std::path::Path;

use benches::authority::Keys;
use benches::baseline::{Baseline, Comparison, TOLERANCE, path};
use benches::instructions::{Count, Counted};
use benches::places;
use benches::setup::Setup;

/// A count that seems to be off is made so many times more: counts repeat within a thousandth, and this says so.
const RUNS_IN_DOUBT: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn no_function_needs_a_tenth_more_instructions_than_its_baseline() {
    let baseline = Baseline::read().unwrap_or_else(|fault| panic!("{fault}"));
    let setup = Setup::start(Keys::Rsa).await.unwrap_or_else(|fault| panic!("{fault}"));
    let mut complaints = Vec::new();
    for counted in Counted::functions() {
        let count = async |runs| counted.count(&setup, runs).await.unwrap_or_else(|fault| panic!("{fault}"));
        let mut found = count(1).await;
        if baseline.compare(&found.name, found.millions) != Comparison::Holds {
            found = count(RUNS_IN_DOUBT).await;
        }
        complaints.extend(complaint(&counted, &found, baseline.compare(&found.name, found.millions)));
    }
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n\n"));
}

#[test]
fn the_baseline_has_what_is_counted_and_nothing_else() {
    let baseline = Baseline::read().unwrap_or_else(|fault| panic!("{fault}"));
    let counted: BTreeSet<String> = Counted::functions().iter().map(Counted::name).collect();
    assert_eq!(baseline.millions.into_keys().collect::<BTreeSet<_>>(), counted);
}

/// What is wrong with a count, and what to do about it.
fn complaint(counted: &Counted, count: &Count, comparison: Comparison) -> Option<String> {
    let Count { name, millions, profile, .. } = count;
    let root = places::root().unwrap_or_else(|fault| panic!("{fault}"));
    let below = |file: &Path| file.strip_prefix(&root).unwrap_or(file).display().to_string();
    let file = below(&path().unwrap_or_else(|fault| panic!("{fault}")));
    let share = TOLERANCE * 100.0;
    match comparison {
        Comparison::Holds => None,
        Comparison::Worse(ratio) => Some(format!(
            "{name}: {millions:.3} M instructions are {ratio:.2} times the {:.3} M of {file}; {share:.0} % are allowed.\n\
             Where they go:        make profile FUNCTION={}\n\
             The same, no names:   callgrind_annotate {}\n\
             When they are worth it, change the baseline by hand, and say why in the commit.",
            millions / ratio,
            counted.subject.function(),
            below(profile),
        )),
        Comparison::Better(ratio) => Some(format!(
            "{name}: {millions:.3} M instructions are {ratio:.2} times the {:.3} M of {file}: that is good news.\n\
             Set the baseline to {millions:.2} by hand, for the old one would let as much be lost again unseen.",
            millions / ratio,
        )),
        Comparison::Unknown => {
            Some(format!("{name}: there is no baseline in {file}; this is {millions:.2} M instructions."))
        }
    }
}
