//! A small storm on the deployed stack, as a part of every test run; `make chaos` makes larger ones.

use std::time::Instant;

use chaos::{Plan, Report, judge, storm};
use local_stack::{Options, Progress};

const SEED: u64 = 20_260_101;
const EVENTS: usize = 100;

#[tokio::test]
async fn a_small_storm_breaks_no_invariant() {
    println!("make chaos SEED={SEED} EXECUTIONS={EVENTS}");
    let began = Instant::now();
    let plan = Plan::draw(SEED, EVENTS);
    let history = storm::run(plan, Options::default(), &mut Progress::default()).await.expect("the stack starts");
    let report = Report::of(&history, judge(&history), began.elapsed());
    println!("{report}");
    assert!(report.verdict.violations.is_empty(), "{report}");
    assert!(report.verdict.engine_failures.is_empty(), "the local engine was too slow to prove anything: {report}");

    // A storm in which nothing goes wrong proves nothing.
    for kind in ["throttle", "error", "delay", "cutBeforeEffect", "cutAfterEffect"] {
        assert!(report.faults.contains_key(kind), "{kind}: {report}");
    }
    for word in ["Provisioned", "Planned", "Retired", "DatasetGroupConflict", "DatasetGroupCreateFailed", "aborted"] {
        assert!(report.ended.contains_key(word), "{word}: {report}");
    }
    assert!(report.failed_creations > 0 && report.looks_at_deletions > 0, "{report}");
    assert!(report.added_members > 0 && report.removed_members > 0, "{report}");
}
