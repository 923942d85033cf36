//! The definitions of the state machines against the types of the functions and the facts of Step Functions.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};

use contract::Progress;
use contract::outcome::{EVENT_SOURCE, PLANNED, PROVISIONED, PROVISIONING_FAILED, REQUESTED, SCHEMA_VERSION};
use contract::retirement::{RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED, RETIREMENT_REQUESTED};
use contract_tests::definition::{
    Machine, TRANSIENT, all_machines, error_names, machines, provisioning, retirement, steps,
};
use contract_tests::schemas::sample;
use contract_tests::{project_file, read, read_json};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

fn publishers(machine: &Machine) -> Vec<String> {
    machine.tasks("events:putEvents")
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
    assert_eq!(steps().into_iter().map(|(_, program)| program).collect::<BTreeSet<_>>(), programs);
}

#[test]
fn only_what_may_heal_is_retried_and_everything_else_is_caught() {
    for machine in machines() {
        let states = machine.states();
        assert_eq!(publishers(&machine).len(), 3);
        for step in machine.steps() {
            let state = &states[&step];
            let retried: Vec<_> = error_names(&state["Retry"]);
            assert_eq!(retried, [&["Unavailable"][..], &TRANSIENT].concat(), "{step}");
            assert_eq!(state["Retry"].as_array().map(Vec::len), Some(1), "{step}");
            let mut catchers = state["Catch"].as_array().cloned().unwrap_or_default();
            // A linked group whose creation failed can be deleted, and one that vanished is gone.
            if machine.name == retirement().name && step == "PollStatus" {
                let back =
                    json!({"ErrorEquals": ["DatasetGroupCreateFailed", "NotFound"], "Next": "RetireDatasetGroup"});
                assert_eq!(catchers.remove(0), back);
            }
            let caught = catchers.iter().map(|catcher| (&catcher["ErrorEquals"], &catcher["Next"]));
            let expected = [
                (&json!(["Lambda.TooManyRequestsException"]), &json!("CheckStatus")),
                (&json!(["States.ALL"]), &json!("DescribeFailure")),
            ];
            assert!(caught.eq(expected), "{step}");
            let kept = json!({"failure": "{% $merge([$states.errorOutput, {'State': $states.context.State.Name}]) %}"});
            assert_eq!(catchers[1]["Assign"], kept, "{step}");
        }
        for publisher in publishers(&machine) {
            let state = &states[&publisher];
            assert_eq!(
                (error_names(&state["Retry"]), error_names(&state["Catch"])),
                (vec!["States.ALL"], vec!["States.ALL"])
            );
            // Failing to publish an outcome does not change it.
            let catcher = &state["Catch"][0];
            assert_eq!((&catcher["Next"], &catcher["Output"]), (&state["Next"], &state["Output"]));
        }
        let others = states
            .iter()
            .filter(|(name, _)| !machine.steps().contains(name) && !publishers(&machine).contains(name))
            .filter(|(_, state)| !state["Retry"].is_null() || !state["Catch"].is_null())
            .count();
        assert_eq!(others, 0, "a state that this test does not know retries or catches");
    }
}

#[test]
fn every_progress_that_a_step_can_report_is_a_choice() {
    let reported: BTreeSet<_> =
        Progress::ALL.iter().map(|progress| json!(progress).as_str().unwrap_or_default().to_owned()).collect();
    for machine in machines() {
        let states = machine.states();
        let check = &states["CheckStatus"];
        let choices = check["Choices"].as_array().into_iter().flatten();
        let of_progress = choices.map(|choice| &choice["Condition"]);
        let of_progress =
            of_progress.filter(|condition| condition.as_str().is_some_and(|text| text.starts_with("{% $progress ")));
        let chosen = of_progress.flat_map(quoted).map(str::to_owned).collect();
        assert_eq!(reported, chosen, "{}", machine.name);
        assert_eq!(check["Default"], "RefuseProgress");
        let wait = &states["WaitForStatus"];
        let counted = json!({"polls": "{% $polls + 1 %}", "waitedSeconds": "{% $waitedSeconds + $waitSeconds %}"});
        assert_eq!((&wait["Seconds"], &wait["Assign"]), (&json!("{% $waitSeconds %}"), &counted));
        assert_eq!(machine.choice("{% $progress in ['CREATING', 'DELETING']")["Next"], "WaitForStatus");
    }
    for (progress, expected) in [
        ("ACTIVE", json!({"secondsUntilActive": "{% $elapsedSeconds %}"})),
        ("RECREATE", json!({"rounds": "{% $rounds + 1 %}"})),
    ] {
        assert_eq!(provisioning().choice(&format!("{{% $progress = '{progress}'"))["Assign"], expected);
    }
    // A group that can be used, is gone or was replaced: the retire step reads which.
    assert_eq!(retirement().choice("{% $progress in ['ACTIVE', 'RECREATE']")["Next"], "RetireDatasetGroup");
}

/// The poll step runs in the same way in both.
#[test]
fn the_machines_poll_and_wait_by_one_rule() {
    let [one, other] = [provisioning().states(), retirement().states()];
    for state in ["WaitForStatus", "WaitForCapacity", "RefuseProgress", "Failed"] {
        assert_eq!(one[state], other[state], "{state}");
    }
    for member in ["TimeoutSeconds", "Arguments", "Assign", "Retry"] {
        assert_eq!(one["PollStatus"][member], other["PollStatus"][member], "{member}");
    }
}

#[test]
fn retries_are_spread_bounded_and_backed_off() {
    for (name, state) in machines().iter().flat_map(Machine::states) {
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
    for (name, state) in
        all_machines().iter().flat_map(Machine::all_states).filter(|(_, state)| state["Type"] == "Task")
    {
        assert!(state["TimeoutSeconds"].is_u64(), "{name} has no literal TimeoutSeconds");
    }
}

#[test]
fn each_machine_ends_after_the_longest_deadline_that_a_request_may_set() {
    let longest = 86_400;
    for machine in machines() {
        let net = machine.definition["TimeoutSeconds"].as_u64().expect("a time-out");
        assert!(net > longest && net < longest + 7_200, "{net}");
    }
    let caller = read_json("examples/caller/caller.asl.json");
    let net = &provisioning().definition["TimeoutSeconds"];
    assert_eq!(caller["States"]["ProvisionDatasetGroup"]["TimeoutSeconds"], *net, "the example waits as long");
}

#[test]
fn outcomes_are_published_under_the_names_that_others_rely_on() {
    for (machine, success, detail_types) in [
        (provisioning(), "Provisioned", [PROVISIONED, PROVISIONING_FAILED, PLANNED]),
        (retirement(), "Retired", [RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED]),
    ] {
        let states = machine.states();
        for (outcome, detail_type) in [success, "Failed", "Planned"].into_iter().zip(detail_types) {
            let state = &states[&format!("Publish{outcome}")];
            let (bus, input) = ("${EventBusName}", "{% $states.input %}");
            let entry =
                json!({"EventBusName": bus, "Source": EVENT_SOURCE, "DetailType": detail_type, "Detail": input});
            assert_eq!((&state["Arguments"]["Entries"], &state["Output"]), (&json!([entry]), &json!(input)));
            let composed = states[&format!("Compose{outcome}")]["Output"].as_str().unwrap_or_default();
            assert!(composed.contains(&format!("'schemaVersion': '{SCHEMA_VERSION}'")), "{outcome}");
        }
        assert_eq!(states["Failed"]["Error"], "{% $cause.error %}");
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
        ("$changes", provisioning().states()["Begin"]["Assign"]["changes"].clone()),
        ("$since", json!("2026-11-20T09:00:00.123456Z")),
        ("$request.policy.timeoutSeconds", full["policy"]["timeoutSeconds"].clone()),
        ("$request.datasetGroup", full["datasetGroup"].clone()),
        ("$request.datasetGroup.tags", full["datasetGroup"]["tags"].clone()),
        ("$request.groupProfile", full["groupProfile"].clone()),
    ]);
    let retire = sample(RETIREMENT_REQUESTED);
    let full = json!(contract::RetirementRequest::parse(&retire).expect("valid"));
    let mut values_of_retirement = values.clone();
    values_of_retirement.extend([
        ("$states.context.Execution.Input", retire),
        ("$changes", retirement().states()["Begin"]["Assign"]["changes"].clone()),
        ("$earlier", retirement().states()["Begin"]["Assign"]["earlier"].clone()),
        ("$request.datasetGroup", full["datasetGroup"].clone()),
    ]);
    let payload = |step: &str| filled(&provisioning().states()[step]["Arguments"]["Payload"], &values);
    let of_retirement =
        |step: &str| filled(&retirement().states()[step]["Arguments"]["Payload"], &values_of_retirement);
    for machine in machines() {
        for step in machine.steps() {
            assert_eq!(machine.states()[&step]["Resource"], "arn:${Partition}:states:::lambda:invoke");
            assert_eq!(machine.states()[&step]["Arguments"]["FunctionName"], format!("${{{step}FunctionArn}}"));
        }
    }
    // The end-to-end tests run a step with a wrong input into Unexpected; this says sooner which member it is.
    is::<create_dataset_group::Input>(payload("CreateDatasetGroup"));
    is::<poll_status::Input>(payload("PollStatus"));
    is::<bootstrap_group_profile::Input>(payload("BootstrapGroupProfile"));
    is::<add_project_members::Input>(payload("AddProjectMembers"));
    is::<retire_dataset_group::Input>(of_retirement("RetireDatasetGroup"));
    is::<poll_status::Input>(of_retirement("PollStatus"));
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
    for machine in machines() {
        let text = read(&machine.path());
        let calls: BTreeSet<_> = text.split("$string(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert_eq!(calls, BTreeSet::from(["$cause", "$failure.Cause", "$progress"]));
        assert!(!text.contains("$length(") && !text.contains("$exists("));
    }
}

/// What the reference implementation and the states themselves define.
const KNOWN: [&str; 18] = [
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
    "power",
    "random",
    "toMillis",
    "event",
    "sent",
    "number",
];

#[test]
fn every_variable_has_a_value_before_it_is_read() {
    for machine in machines() {
        let (begun, anywhere) = (machine.states()["Begin"]["Assign"].to_string(), machine.definition.to_string());
        for (name, state) in &machine.states() {
            // The first step and the outcome of a failure find only what Begin assigns.
            let assigned =
                if [&machine.first_step(), "ComposeFailed"].contains(&name.as_str()) { &begun } else { &anywhere };
            for rest in state.to_string().split('$').skip(1) {
                let variable = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                let known = KNOWN.contains(&variable) || assigned.contains(&format!("\"{variable}\":"));
                assert!(known, "{}: {name} reads ${variable}", machine.name);
            }
        }
    }
}

#[test]
fn the_definitions_are_written_for_people() {
    for machine in all_machines() {
        let text = read(&machine.path());
        assert!(text.ends_with("}\n") && !text.contains('\t'));
        for (name, state) in &machine.all_states() {
            assert!(name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric), "{name}");
            let comment = state["Comment"].as_str().unwrap_or_default();
            assert!(
                comment.ends_with('.')
                    || state["Resource"].as_str().is_some_and(|resource| resource.ends_with("putEvents")),
                "{name} has no Comment"
            );
        }
    }
}
