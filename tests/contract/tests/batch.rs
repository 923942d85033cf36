//! The definition of the state machine for batches against the types of its function and the facts of Step Functions.

use std::collections::BTreeMap;

use batch_dataset_groups::{Input, PART, Progress};
use contract::batch::{LONGEST_RESULT, MOST_ROWS, RowOutcome};
use contract::outcome::{BATCH_FINISHED, BATCH_REQUESTED, EVENT_SOURCE, PROVISIONING_FAILED};
use contract_tests::definition::{TRANSIENT, batch, error_names, provisioning};
use contract_tests::read;
use contract_tests::schemas::sample;
use serde_json::{Map, Value, json};

/// The most bytes of a state's input or output (Step Functions developer guide, "Quotas").
const PAYLOAD: u64 = 256 * 1024;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The format of a reader cannot be an expression, and names of states are unique in a machine.
#[test]
fn rows_and_lines_are_run_in_the_same_way() {
    let states = batch().states();
    let [rows, mut lines] = ["ProvisionRows", "ProvisionLines"].map(|map| states[map].clone());
    let renamed = lines["ItemProcessor"].to_string().replace("Line", "Row");
    assert_eq!(rows["ItemProcessor"], serde_json::from_str::<Value>(&renamed).expect("JSON"));
    for map in [&rows, &lines] {
        assert_eq!(map["ItemReader"]["ReaderConfig"]["MaxItemsPath"], "$.position.rows", "no more than were counted");
        assert_eq!(
            map["ItemProcessor"]["ProcessorConfig"],
            json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
        );
        assert_eq!(map["ToleratedFailurePercentage"], 100, "one row never stops another");
        assert_eq!((&map["MaxConcurrencyPath"], &map["ResultPath"]), (&json!("$.concurrency"), &json!("$.results")));
    }
    assert_eq!(rows["ItemReader"]["ReaderConfig"]["InputType"], "CSV");
    assert_eq!(lines["ItemReader"]["ReaderConfig"]["InputType"], "JSONL");
    lines["ItemReader"]["ReaderConfig"] = rows["ItemReader"]["ReaderConfig"].clone();
    for member in ["ItemReader", "ItemSelector", "Catch", "Next"] {
        assert_eq!(rows[member], lines[member], "{member}");
    }
}

#[test]
fn what_may_heal_is_retried_with_spread_and_everything_is_caught() {
    for (name, state) in batch().all_states() {
        let retriers = state["Retry"].as_array().cloned().unwrap_or_default();
        for retrier in retriers.iter().filter(|retrier| retrier["MaxAttempts"] != 0) {
            let pace = ["IntervalSeconds", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"].map(|key| &retrier[key]);
            assert_eq!(pace, [&json!(2), &json!(2), &json!(60), &json!("FULL")], "{name}");
        }
        if text(&state["Resource"]).ends_with("lambda:invoke") {
            let expected = [&["Unavailable"][..], &TRANSIENT, &["Lambda.TooManyRequestsException"]].concat();
            assert_eq!(error_names(&state["Retry"]), expected, "{name}");
        }
        if state["Type"] == "Task" || state["Type"] == "Map" {
            assert_eq!(error_names(&state["Catch"]).last(), Some(&"States.ALL"), "{name}");
        }
    }
    // A start that is tried again would find its own execution, so only the execution itself says how it ended.
    let provision = &batch().all_states()["ProvisionRow"];
    assert!(provision["Retry"].is_null());
    assert!(provision["TimeoutSeconds"].as_u64() > provisioning().definition["TimeoutSeconds"].as_u64());
}

#[test]
fn everything_that_the_function_can_say_is_a_choice() {
    let states = batch().all_states();
    let chosen = |choice: &str| -> Vec<String> {
        let choices = states[choice]["Choices"].as_array().into_iter().flatten();
        choices.filter_map(|choice| Some(choice["Condition"].as_str()?.split('\'').nth(1)?.to_owned())).collect()
    };
    // The last one is the default.
    let progress = Progress::ALL.map(|progress| text(&json!(progress)).to_owned());
    assert_eq!(chosen("CheckManifest"), progress[..2]);
    for (choice, outcome) in [("CheckRow", RowOutcome::Blank), ("CheckRowEnd", RowOutcome::Running)] {
        assert_eq!(chosen(choice), [outcome.as_str()], "{choice}");
    }
}

#[test]
fn outcomes_are_published_under_the_names_that_others_rely_on() {
    for (publisher, detail_type) in [
        ("PublishFinished", BATCH_FINISHED),
        ("PublishFailed", BATCH_FINISHED),
        ("PublishRowFailed", PROVISIONING_FAILED),
        ("PublishLineFailed", PROVISIONING_FAILED),
    ] {
        let state = &batch().all_states()[publisher];
        let (bus, input) = ("${EventBusName}", "{% $states.input %}");
        let entry = json!({"EventBusName": bus, "Source": EVENT_SOURCE, "DetailType": detail_type, "Detail": input});
        assert_eq!((&state["Arguments"]["Entries"], &state["Output"]), (&json!([entry]), &json!(input)));
        let catcher = &state["Catch"][0];
        assert_eq!((&catcher["Next"], &catcher["Output"]), (&state["Next"], &state["Output"]));
    }
}

// The results of the longest manifest fit into a state, with numbers of rows and what else is known of the manifest beside
// them; and so does a part of any text, whose characters may be written as `\u0000`: six bytes for one.
const _: () = assert!(MOST_ROWS * (LONGEST_RESULT as u64 + 1 + 4) + 4_096 < PAYLOAD);
const _: () = assert!(PART * 6 + 20 * 1024 < PAYLOAD);

#[test]
fn the_arguments_of_a_task_are_the_input_of_its_function() {
    let position = json!({"offset": 10.0, "records": 2.0, "rows": 2.0, "columns": 3.0, "rowsWithExtraValues": []});
    let execution = json!({"arn": "arn", "startTime": "2026-11-20T09:00:00.123Z", "waitedSeconds": 0});
    let item = json!({"name": "media"});
    let values = BTreeMap::from([
        ("$states.context.Execution.Input", sample(BATCH_REQUESTED)),
        ("$states.context.Execution.Id", json!("arn")),
        ("$states.context.Execution.StartTime", execution["startTime"].clone()),
        ("$position", position),
        ("$part", json!({"Body": "a", "ContentRange": "bytes 0-0/1"})),
        ("$states.input.position.rows", json!(2.0)),
        ("$states.input.results", json!([{"row": 1, "outcome": "CREATED"}, null])),
        ("$states.input.execution", execution.clone()),
        ("$states.input.event", sample(BATCH_REQUESTED)),
        ("$states.input.item", item.clone()),
        ("$states.input.index + 1", json!(1.0)),
        ("($states.input.index + 1) in $states.input.rowsWithExtraValues", json!(false)),
        ("$row.execution", execution),
        ("$row.item", item),
        ("$rowNumber", json!(1.0)),
        ("$states.input", json!({"Status": "FAILED", "Error": "NotFound", "Cause": "{}"})),
    ]);
    for (name, state) in batch().all_states() {
        if text(&state["Resource"]).ends_with("lambda:invoke") {
            let payload = filled(&state["Arguments"]["Payload"], &values);
            drop(serde_json::from_value::<Input>(payload).unwrap_or_else(|fault| panic!("{name}: {fault}")));
        }
    }
    let failed = json!({"Error": "S3.S3Exception", "Cause": "(Service: S3, Status Code: 403)"});
    let open = batch().states()["OpenManifest"]["Arguments"]["Payload"].clone();
    let values = values.into_iter().chain([("$part", failed)]).collect();
    drop(serde_json::from_value::<Input>(filled(&open, &values)).expect("an input"));
}

fn filled(template: &Value, values: &BTreeMap<&str, Value>) -> Value {
    match template {
        Value::String(text) => match text.strip_prefix("{% ").and_then(|text| text.strip_suffix(" %}")) {
            Some(expression) => values.get(expression).unwrap_or_else(|| panic!("no sample for {expression}")).clone(),
            None if text == "${ReplaceAllowed}" => json!("true"),
            None => template.clone(),
        },
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, values))).collect::<Map<_, _>>().into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => template.clone(),
    }
}

#[test]
fn no_expression_measures_or_copies_the_data_of_a_request_with_a_function() {
    let text = read(&batch().path());
    let mut calls: Vec<_> = text.split("$string(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    calls.sort_unstable();
    calls.dedup();
    assert_eq!(calls, ["$cause", "$failure.Cause"]);
    assert!(!text.contains("$length(") && !text.contains("$exists("));
}
