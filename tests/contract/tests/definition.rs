//! The definition of the state machine against the types of the functions and the facts of Step Functions.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};

use contract::Progress;
use contract::outcome::{EVENT_SOURCE, PLANNED, PROVISIONED, PROVISIONING_FAILED, REQUESTED, SCHEMA_VERSION};
use contract_tests::definition::{self, TRANSIENT, definition, error_names, states, tasks};
use contract_tests::schemas::sample;
use contract_tests::{project_file, read, read_json};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

fn publishers() -> Vec<String> {
    tasks("events:putEvents")
}

fn quoted(expression: &Value) -> BTreeSet<&str> {
    expression.as_str().unwrap_or_default().split('\'').skip(1).step_by(2).collect()
}

/// The Makefile builds each crate in `functions` that has a program.
#[test]
fn each_program_is_the_function_of_a_step() {
    let folders = std::fs::read_dir(project_file("functions")).expect("a folder").map(|entry| entry.expect("an entry"));
    let programs = folders.filter(|folder| folder.path().join("src/main.rs").exists());
    let programs: BTreeSet<_> = programs.map(|folder| folder.file_name().into_string().expect("text")).collect();
    assert!(programs.len() > 2);
    assert_eq!(definition::steps().into_iter().map(|(_, program)| program).collect::<BTreeSet<_>>(), programs);
}

#[test]
fn only_what_may_heal_is_retried_and_everything_else_is_caught() {
    assert_eq!(publishers().len(), 3);
    for step in tasks("lambda:invoke") {
        let state = &states()[&step];
        let retried: Vec<_> = error_names(&state["Retry"]);
        assert_eq!(retried, [&["Unavailable"][..], &TRANSIENT].concat(), "{step}");
        assert_eq!(state["Retry"].as_array().map(Vec::len), Some(1), "{step}");
        assert_eq!(error_names(&state["Catch"]), ["Lambda.TooManyRequestsException", "States.ALL"], "{step}");
        let next = [0, 1].map(|catcher| state["Catch"][catcher]["Next"].as_str());
        assert_eq!(next, [Some("CheckStatus"), Some("DescribeFailure")], "{step}");
        let kept = json!({"failure": "{% $merge([$states.errorOutput, {'State': $states.context.State.Name}]) %}"});
        assert_eq!(state["Catch"][1]["Assign"], kept, "{step}");
    }
    for publisher in publishers() {
        let state = &states()[&publisher];
        assert_eq!(
            (error_names(&state["Retry"]), error_names(&state["Catch"])),
            (vec!["States.ALL"], vec!["States.ALL"])
        );
        // Failing to publish an outcome does not change it.
        assert_eq!((&state["Catch"][0]["Next"], &state["Catch"][0]["Output"]), (&state["Next"], &state["Output"]));
    }
    let others = states()
        .iter()
        .filter(|(name, _)| !tasks("lambda:invoke").contains(name) && !publishers().contains(name))
        .filter(|(_, state)| !state["Retry"].is_null() || !state["Catch"].is_null())
        .count();
    assert_eq!(others, 0, "a state that this test does not know retries or catches");
}

#[test]
fn every_progress_that_a_step_can_report_is_a_choice() {
    let check = &states()["CheckStatus"];
    let choices: Vec<_> = check["Choices"].as_array().into_iter().flatten().collect();
    let of_progress = choices.iter().map(|choice| &choice["Condition"]);
    let of_progress =
        of_progress.filter(|condition| condition.as_str().is_some_and(|text| text.starts_with("{% $progress ")));
    let chosen = of_progress.flat_map(quoted).map(str::to_owned).collect();
    let reported: BTreeSet<_> =
        Progress::ALL.iter().map(|progress| json!(progress).as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(reported, chosen);
    assert_eq!(check["Default"], "RefuseProgress");
    for (progress, expected) in [
        ("ACTIVE", json!({"secondsUntilActive": "{% $elapsedSeconds %}"})),
        ("RECREATE", json!({"rounds": "{% $rounds + 1 %}"})),
    ] {
        let choice = choices.iter().find(|choice| choice["Condition"] == format!("{{% $progress = '{progress}' %}}"));
        assert_eq!(choice.expect("a choice")["Assign"], expected);
    }
    let wait = &states()["WaitForStatus"];
    let counted = json!({"polls": "{% $polls + 1 %}", "waitedSeconds": "{% $waitedSeconds + $waitSeconds %}"});
    assert_eq!((&wait["Seconds"], &wait["Assign"]), (&json!("{% $waitSeconds %}"), &counted));
}

#[test]
fn retries_are_spread_bounded_and_backed_off() {
    for (name, state) in &states() {
        for retrier in state["Retry"].as_array().into_iter().flatten() {
            let expected = json!({"IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 60, "MaxAttempts": 6, "JitterStrategy": "FULL"});
            let mut given = retrier.clone();
            given.as_object_mut().map(|retrier| retrier.remove("ErrorEquals"));
            assert_eq!(given, expected, "{name}");
        }
    }
}

#[test]
fn every_task_ends() {
    for (name, state) in states().iter().filter(|(_, state)| state["Type"] == "Task") {
        assert!(state["TimeoutSeconds"].is_u64(), "{name} has no literal TimeoutSeconds");
    }
}

#[test]
fn the_machine_ends_after_the_longest_deadline_that_a_request_may_set() {
    let longest = 86_400;
    let net = definition()["TimeoutSeconds"].as_u64().expect("a time-out");
    assert!(net > longest && net < longest + 7_200, "{net}");
    let caller = read_json("examples/caller/caller.asl.json");
    assert_eq!(caller["States"]["ProvisionDatasetGroup"]["TimeoutSeconds"], net, "the example waits as long");
}

#[test]
fn outcomes_are_published_under_the_names_that_others_rely_on() {
    for (publisher, detail_type) in
        [("PublishProvisioned", PROVISIONED), ("PublishFailed", PROVISIONING_FAILED), ("PublishPlanned", PLANNED)]
    {
        let state = &states()[publisher];
        let (bus, input) = ("${EventBusName}", "{% $states.input %}");
        let entry = json!({"EventBusName": bus, "Source": EVENT_SOURCE, "DetailType": detail_type, "Detail": input});
        assert_eq!((&state["Arguments"]["Entries"], &state["Output"]), (&json!([entry]), &json!(input)));
    }
    assert_eq!(states()["Failed"]["Error"], "{% $cause.error %}");
    for composer in ["ComposeProvisioned", "ComposeFailed", "ComposePlanned"] {
        let output = states()[composer]["Output"].as_str().unwrap_or_default().to_owned();
        assert!(output.contains(&format!("'schemaVersion': '{SCHEMA_VERSION}'")), "{composer}");
    }
}

#[test]
fn the_arguments_of_a_step_are_the_input_of_its_function() {
    let request = sample(REQUESTED);
    let full = json!(contract::Request::parse(&request).expect("valid"));
    let group = json!({"datasetGroupArn": "arn", "name": "media", "status": "ACTIVE"});
    let values = BTreeMap::from([
        ("$states.context.Execution.Input", request),
        ("$states.context.Execution.Id", json!("arn")),
        ("$states.context.Execution.StartTime", json!("2026-11-20T09:00:00.123Z")),
        // What an expression computed may come back with a fraction of nothing.
        ("$waitedSeconds", json!(25.0)),
        ("$rounds", json!(1.0)),
        ("$polls", json!(1.0)),
        ("$datasetGroup", group),
        ("$plan", json!(null)),
        ("$groupProfile", json!({"domainId": "dzd_a", "id": "p", "status": "ASSIGNED"})),
        // What Begin assigns.
        ("$changes", json!({"tagsAdded": [], "tagsKept": []})),
        ("$since", json!("2026-11-20T09:00:00.123456Z")),
        ("$request.policy.timeoutSeconds", full["policy"]["timeoutSeconds"].clone()),
        ("$request.datasetGroup", full["datasetGroup"].clone()),
        ("$request.datasetGroup.tags", full["datasetGroup"]["tags"].clone()),
        ("$request.groupProfile", full["groupProfile"].clone()),
    ]);
    let payload = |step: &str| filled(&states()[step]["Arguments"]["Payload"], &values);
    for step in tasks("lambda:invoke") {
        assert_eq!(states()[&step]["Resource"], "arn:${Partition}:states:::lambda:invoke");
        assert_eq!(states()[&step]["Arguments"]["FunctionName"], format!("${{{step}FunctionArn}}"));
    }
    // The end-to-end tests run a step with a wrong input into Unexpected; this says sooner which member it is.
    is::<create_dataset_group::Input>(payload("CreateDatasetGroup"));
    is::<poll_status::Input>(payload("PollStatus"));
    is::<bootstrap_group_profile::Input>(payload("BootstrapGroupProfile"));
    is::<add_project_members::Input>(payload("AddProjectMembers"));
}

fn is<T: DeserializeOwned>(input: Value) {
    drop(serde_json::from_value::<T>(input).unwrap_or_else(|fault| panic!("{}: {fault}", type_name::<T>())));
}

fn filled(template: &Value, values: &BTreeMap<&str, Value>) -> Value {
    match template {
        Value::String(text) => match text.strip_prefix("{% ").and_then(|text| text.strip_suffix(" %}")) {
            Some(expression) => values.get(expression).unwrap_or_else(|| panic!("no sample for {expression}")).clone(),
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
    let text = read(contract_tests::definition::PATH);
    let calls: BTreeSet<_> = text.split("$string(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert_eq!(calls, BTreeSet::from(["$cause", "$failure.Cause", "$progress"]));
    assert!(!text.contains("$length(") && !text.contains("$exists("));
}

#[test]
fn every_variable_has_a_value_before_it_is_read() {
    let (begun, anywhere) = (states()["Begin"]["Assign"].to_string(), definition().to_string());
    for (name, state) in &states() {
        // The create step and the outcome of a failure find only what Begin assigns.
        let assigned =
            if ["CreateDatasetGroup", "ComposeFailed"].contains(&name.as_str()) { &begun } else { &anywhere };
        for rest in state.to_string().split('$').skip(1) {
            let variable = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let known = [
                "",
                "states",
                "merge",
                "string",
                "parse",
                "contains",
                "substring",
                "cause",
                "type",
                "min",
                "max",
                "ceil",
            ]
            .contains(&variable)
                || ["power", "random", "toMillis", "event", "sent"].contains(&variable);
            assert!(known || assigned.contains(&format!("\"{variable}\":")), "{name} reads ${variable}");
        }
    }
}

#[test]
fn the_definition_is_written_for_people() {
    let text = read(contract_tests::definition::PATH);
    assert!(text.ends_with("}\n") && !text.contains('\t'));
    for (name, state) in &states() {
        assert!(name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric), "{name}");
        let comment = state["Comment"].as_str().unwrap_or_default();
        assert!(comment.ends_with('.') || publishers().contains(name), "{name} has no Comment");
    }
}
