//! One doctored history for each invariant about batches.

use chaos::{Ended, Execution, History, ManifestRow, Told, Trigger, judge};
use contract::outcome::{BATCH_FINISHED, PROVISIONING_FAILED};
use serde_json::{Value, json};

use crate::broken;
use crate::doctored::execution;
use crate::good_history::{NEW, good_history};

const BATCH: &str = "a-batch";
const INVALID: u64 = 2;

/// The good history, with a batch of two rows: the request for [`NEW`], and one that is invalid.
fn with_batch() -> History {
    let mut history = good_history();
    let invalid = Trigger { id: "storm-invalid".to_owned(), ..history.plan.triggers[0].clone() };
    history.plan.triggers.push(invalid);
    let row = |trigger: usize| ManifestRow { trigger, is_valid: trigger == 0 };
    history.plan.manifest = vec![row(0), row(history.plan.triggers.len() - 1)];

    let run = execution(&mut history, "storm", NEW);
    let (old, arn) = (run.arn.clone(), format!("{BATCH}-1"));
    run.arn.clone_from(&arn);
    let Ended::Succeeded(output) = &mut run.ended else { panic!("provisioned") };
    (output["executionArn"], output["requestedBy"]) = (json!(arn), of_row(1));
    let (detail, moment) = (output.clone(), run.started);
    let event = history.told.iter_mut().find(|event| event.detail["executionArn"] == old).expect("an event");
    event.detail = detail;

    let cause = json!({"error": "InvalidRequest", "message": "m", "remedy": "r"});
    history.told.push(Told {
        detail_type: PROVISIONING_FAILED.to_owned(),
        detail: json!({
            "schemaVersion": "1.1", "executionArn": BATCH, "requestedBy": of_row(INVALID), "error": "InvalidRequest",
            "cause": cause, "changes": {"tagsAdded": [], "tagsKept": []}, "timings": {"polls": 0}
        }),
    });
    let failed = json!({"row": INVALID, "error": "InvalidRequest", "message": "groupProfile is missing"});
    let summary = json!({
        "rows": 2, "created": 1, "adopted": 0, "planned": 0, "failed": {"InvalidRequest": 1}, "wouldFail": {},
        "seconds": 7, "failedRows": [failed]
    });
    let finished = json!({"schemaVersion": "1.1", "executionArn": BATCH, "summary": summary});
    history.told.push(Told { detail_type: BATCH_FINISHED.to_owned(), detail: finished.clone() });
    history.batches.push(Execution {
        arn: BATCH.to_owned(),
        trigger: None,
        started: moment,
        stopped: moment,
        ended: Ended::Succeeded(finished),
        states: vec![],
        failed_attempts: vec![],
    });
    history
}

fn of_row(row: u64) -> Value {
    json!({"source": "", "account": "", "region": "", "eventId": "", "time": "", "batch": {"executionArn": BATCH, "row": row}})
}

fn doctored(doctor: impl FnOnce(&mut History)) -> Vec<String> {
    let mut history = with_batch();
    doctor(&mut history);
    broken(&judge(&history))
}

/// The outcome of a row.
fn outcome(history: &mut History, row: u64) -> &mut Told {
    let is_meant = |event: &&mut Told| event.detail["requestedBy"]["batch"]["row"] == row;
    history.told.iter_mut().find(is_meant).expect("an outcome")
}

/// Changes what the batch tells, in its event and its output.
fn tell(history: &mut History, pointer: &str, value: &Value) {
    let event = history.told.iter_mut().find(|event| event.detail_type == BATCH_FINISHED).expect("an event");
    *event.detail.pointer_mut(pointer).expect("a member") = value.clone();
    history.batches[0].ended = Ended::Succeeded(event.detail.clone());
}

#[test]
fn a_batch_of_a_valid_and_an_invalid_row_breaks_nothing() {
    assert!(doctored(|_| ()).is_empty(), "{:?}", judge(&with_batch()));
    let published_again = |history: &mut History| {
        let again = outcome(history, INVALID).clone();
        history.told.push(again);
    };
    assert!(doctored(published_again).is_empty());
}

#[test]
fn a_batch_that_did_not_run_and_one_that_ran_twice() {
    assert!(doctored(|history| drop(history.batches.pop())).contains(&"executionCount".to_owned()));
    let doubled = |history: &mut History| history.batches.extend(history.batches.clone());
    assert!(doctored(doubled).contains(&"executionCount".to_owned()));
}

#[test]
fn a_row_without_an_outcome_one_with_two_and_one_that_the_manifest_does_not_have() {
    let lost =
        |history: &mut History| history.told.retain(|event| event.detail["requestedBy"]["batch"]["row"] != INVALID);
    assert_eq!(doctored(lost), ["miscounted", "rowOutcome"]);
    let two = |history: &mut History| {
        let mut other = outcome(history, INVALID).clone();
        other.detail["cause"]["message"] = json!("another");
        history.told.push(other);
    };
    assert_eq!(doctored(two), ["miscounted", "rowOutcome"]);
    let of_no_row = |history: &mut History| {
        outcome(history, INVALID).detail["requestedBy"]["batch"]["row"] = json!(3);
    };
    assert_eq!(doctored(of_no_row), ["miscounted", "rowOutcome"]);
}

#[test]
fn an_invalid_row_that_ran() {
    let valid_too = |history: &mut History| history.plan.manifest[0].is_valid = false;
    assert_eq!(doctored(valid_too), ["rowOutcome"]);
    let otherwise = |history: &mut History| outcome(history, INVALID).detail["error"] = json!("NotFound");
    assert_eq!(doctored(otherwise), ["miscounted", "rowOutcome"]);
}

#[test]
fn an_execution_of_a_row_without_the_number_of_the_row_in_its_name() {
    let renamed = |history: &mut History| {
        let arn = json!(format!("{BATCH}-7"));
        outcome(history, 1).detail["executionArn"] = arn.clone();
        let run = execution(history, "storm", NEW);
        run.arn = format!("{BATCH}-7");
        let Ended::Succeeded(output) = &mut run.ended else { panic!("provisioned") };
        output["executionArn"] = arn;
    };
    assert_eq!(doctored(renamed), ["rowOutcome"]);
}

#[test]
fn a_summary_that_does_not_count_the_outcomes() {
    for (pointer, value) in [
        ("/summary/rows", json!(3)),
        ("/summary/created", json!(0)),
        ("/summary/adopted", json!(1)),
        ("/summary/planned", json!(1)),
        ("/summary/failed", json!({"NotFound": 1})),
        ("/summary/wouldFail", json!({"NotFound": 1})),
        ("/summary/failedRows/0/row", json!(1)),
    ] {
        assert_eq!(doctored(|history| tell(history, pointer, &value)), ["miscounted"], "{pointer}");
    }
}
