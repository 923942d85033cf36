//! Evaluates the expressions of the definitions with the reference implementation of JSONata, and runs the linter over them.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use contract::StepError;
use contract::outcome::{
    BATCH_FINISHED, PLANNED, PROVISIONED, PROVISIONING_FAILED, ProvisioningFailed, REQUESTED, RequestedBy,
};
use contract::retirement::{RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED};
use contract_tests::definition::{Machine, TRANSIENT, all_machines, batch, machines, provisioning, retirement, steps};
use contract_tests::schemas::{assert_valid, sample};
use contract_tests::{project_file, read};
use repository_tests::{run, template};
use serde_json::{Value, json};

/// Names of AWS's errors contain a dot and Rust's names of types a colon or a sign; ours are words. So a rule tells them
/// apart, and no list has to be kept.
#[test]
fn a_failure_is_described_by_the_cause_of_a_step_and_any_other_error_by_its_name() {
    for name in StepError::NAMES {
        let cause = json!({"error": name, "message": "what", "remedy": "none"});
        let failure = json!({"Error": name, "Cause": json!({"errorMessage": cause.to_string()}).to_string()});
        for machine in machines() {
            assert_eq!(described(&machine, &failure), cause);
        }
    }
    let made_up_by_the_runtime = [
        std::any::type_name::<lambda_runtime::Error>(),
        std::any::type_name::<serde_json::Error>(),
        std::any::type_name::<String>(),
        std::any::type_name::<&str>(),
    ];
    let unexpected =
        ["Runtime.ExitError", "Lambda.ResourceNotFoundException", "States.TaskFailed", "EventBridge.FailedEntry"];
    let unexpected = unexpected.into_iter().chain(made_up_by_the_runtime).map(|name| (name, "Unexpected"));
    for (name, error) in TRANSIENT.map(|name| (name, "Unavailable")).into_iter().chain(unexpected) {
        for machine in machines() {
            let cause = described(&machine, &json!({"Error": name, "Cause": "no JSON", "State": "PollStatus"}));
            assert_eq!((&cause["error"], &cause["resource"]), (&json!(error), &json!("PollStatus")), "{name}");
            assert!(cause["message"].as_str().is_some_and(|message| message.contains(name)), "{cause}");
            serde_json::from_value::<contract::step_error::Cause>(cause).expect("a cause");
        }
        assert!(StepError::NAMES.contains(&error) && !StepError::NAMES.contains(&name));
    }
}

/// Before the first step has returned, nobody has read the metadata.
#[test]
fn a_failure_of_the_first_step_that_it_did_not_report_itself_leaves_the_metadata_out() {
    let lambda = |state: &str| json!({"Error": "Lambda.Unknown", "Cause": "", "State": state});
    for (state, omitted) in [("CreateDatasetGroup", true), ("PollStatus", false), ("CheckStatus", false)] {
        assert_eq!(described(&provisioning(), &lambda(state))["metadataOmitted"], omitted, "{state}");
    }
    // The retire step may run again.
    for (request, omitted) in [(json!(null), true), (json!({}), false)] {
        let bindings = json!({"failure": lambda("RetireDatasetGroup"), "request": request});
        let describe = &retirement().states()["DescribeFailure"]["Assign"]["cause"];
        assert_eq!(evaluated(describe, &bindings)["metadataOmitted"], omitted);
    }
}

/// No function reports such a progress, so no execution of another test gets there.
#[test]
fn an_unknown_progress_is_a_failure_that_can_be_described() {
    for machine in machines() {
        let refuse = &machine.states()["RefuseProgress"]["Assign"]["failure"];
        let failure = evaluated(refuse, &json!({"progress": "LOST"}));
        assert_eq!(described(&machine, &failure)["error"], "Unexpected");
    }
}

fn described(machine: &Machine, failure: &Value) -> Value {
    let bindings = json!({"failure": failure, "request": {}});
    evaluated(&machine.states()["DescribeFailure"]["Assign"]["cause"], &bindings)
}

#[test]
fn what_a_step_assigns_stands_in_the_output_of_its_function() {
    let group = json!({"datasetGroupArn": "arn", "name": "media", "status": "ACTIVE"});
    let changes = json!({"tagsAdded": [], "tagsKept": [], "groupProfile": "KEPT"});
    let request = json!(contract::Request::parse(&json!({"datasetGroup": {"name": "media"}, "groupProfile": {"domainIdentifier": "dzd_a", "groupIdentifier": "g"}})).expect("valid"));
    let created = json!({"request": request, "datasetGroup": group, "progress": "DELETING", "disposition": null, "since": "2026-11-20T09:00:00Z", "waitSeconds": 0, "elapsedSeconds": 0, "plan": null});
    let plan = json!({"datasetGroup": {"datasetGroupArn": "arn", "action": "CREATE", "tagsToAdd": [], "tagsKept": []}, "projects": []});
    let polled = json!({"datasetGroup": group, "progress": "ACTIVE", "waitSeconds": 0, "elapsedSeconds": 0});
    let attached = json!({"groupProfile": {"domainId": "dzd_a", "id": "p", "status": "ASSIGNED"}, "changes": changes});
    let failed = StepError::unexpected("what").cause();
    let provision = provisioning();
    let outputs = [
        ("CreateDatasetGroup", rewritten::<create_dataset_group::Output>(created)),
        ("PollStatus", rewritten::<poll_status::Output>(polled.clone())),
        ("BootstrapGroupProfile", rewritten::<bootstrap_group_profile::Output>(attached)),
        ("BootstrapGroupProfile", rewritten::<bootstrap_group_profile::Output>(json!({"plan": plan}))),
        ("AddProjectMembers", rewritten::<add_project_members::Output>(json!({"changes": changes}))),
        ("AddProjectMembers", rewritten::<add_project_members::Output>(json!({"changes": changes, "failed": failed}))),
        ("AddProjectMembers", rewritten::<add_project_members::Output>(json!({"plan": plan}))),
    ];
    let retire = retirement();
    let outputs = outputs.map(|(step, output)| (&provision, step, output));
    for (machine, step, output) in outputs.into_iter().chain([
        (&retire, "RetireDatasetGroup", rewritten::<retire_dataset_group::Output>(retiring())),
        (&retire, "PollStatus", rewritten::<poll_status::Output>(polled)),
    ]) {
        let assigned = machine.states()[step]["Assign"].as_object().cloned().unwrap_or_default();
        assert!(assigned.len() > 3);
        for (variable, expression) in assigned {
            let with = |payload: &Value| {
                let context = json!({"State": {"Name": step}});
                let states = json!({"result": {"Payload": payload}, "context": context});
                evaluated(&expression, &json!({"states": states, variable.as_str(): "before"}))
            };
            let throttled = json!({"throttled": {"error": "ProvisioningTimedOut"}});
            // An undefined value fails the execution on AWS; null is a value.
            let [after, kept] = match variable.as_str() {
                "step" => [json!(step), json!(step)],
                // It has a test of its own.
                "timeoutSeconds" => [json!(3_600), json!(3_600)],
                "throttled" => [json!(null), throttled["throttled"].clone()],
                "failed" if step == "AddProjectMembers" => {
                    [output.get("failed").cloned().unwrap_or_default(), json!(null)]
                }
                // A step returns what was done or a plan, and keeps the rest.
                member => {
                    let may_be_null = member != "plan" || step == "RetireDatasetGroup";
                    let returned = output.get(member).filter(|value| may_be_null || !value.is_null());
                    let kept = ["plan", "groupProfile", "changes"].contains(&member).then(|| json!("before"));
                    [returned.cloned().or(kept).expect("a member of the output"), json!("before")]
                }
            };
            assert_eq!((with(&output), with(&throttled)), (after, kept), "{step} {variable}");
        }
    }
}

/// An output of the retire step.
fn retiring() -> Value {
    let group = json!({"datasetGroupArn": "arn", "name": "media", "status": "DELETE PENDING"});
    let request = json!({"datasetGroup": {"name": "media"}, "groupProfile": {"domainIdentifier": "dzd_a", "groupIdentifier": "g"}});
    let earlier =
        json!({"datasetGroup": group, "groupProfile": null, "since": "2026-11-20T09:00:00Z", "deleted": true});
    json!({
        "request": contract::RetirementRequest::parse(&request).expect("valid"),
        "datasetGroup": group, "groupProfile": null, "earlier": earlier, "progress": "DELETING",
        "since": "2026-11-20T09:00:00Z", "waitSeconds": 25, "elapsedSeconds": 1, "changes": {"projects": []},
        "retired": null, "failed": null, "plan": null
    })
}

#[test]
fn a_throttled_step_waits_longer_each_time_until_the_deadline() {
    for machine in machines() {
        waits_longer_each_time(&machine);
    }
}

fn waits_longer_each_time(machine: &Machine) {
    let rule = machine.choice("{% $throttled != null");
    assert_eq!(
        (&rule["Next"], &rule["Assign"]["throttles"]),
        (&json!("WaitForCapacity"), &json!("{% $throttles + 1 %}"))
    );
    let waited = |throttles: u64, longest: f64| {
        let seconds = evaluated(&rule["Assign"]["waitSeconds"], &json!({"throttles": throttles})).as_f64();
        let seconds = seconds.expect("a number");
        assert!(
            seconds.fract() == 0.0 && seconds >= longest / 2.0 && seconds < longest + 1.0,
            "{throttles}: {seconds}"
        );
        seconds.to_string()
    };
    for (throttles, longest) in [(0, 4.0), (1, 4.8), (7, 14.3), (5_000, 100.0)] {
        waited(throttles, longest);
    }
    // Executions that are throttled together do not come back together.
    let waits: BTreeSet<_> = (0..5).map(|_| waited(18, 100.0)).collect();
    assert!(waits.len() > 1, "{waits:?}");
    let wait = &machine.states()["WaitForCapacity"];
    assert_eq!(
        (&wait["Seconds"], &wait["Assign"]["waitedSeconds"]),
        (&json!("{% $waitSeconds %}"), &machine.states()["WaitForStatus"]["Assign"]["waitedSeconds"])
    );

    let late = machine.choice("{% $throttled != null and");
    assert_eq!((&late["Next"], &late["Assign"]), (&json!("ComposeFailed"), &json!({"cause": "{% $throttled %}"})));
    let is_late = |throttled: &Value, waited: u64, entered: &str| {
        let times = json!({"State": {"EnteredTime": entered}, "Execution": {"StartTime": "2026-11-20T09:00:00.000Z"}});
        let states = json!({"context": times});
        let bindings = json!({"throttled": throttled, "waitedSeconds": waited, "timeoutSeconds": 60, "states": states});
        evaluated(&late["Condition"], &bindings) == json!(true)
    };
    let throttled = json!({"error": "ProvisioningTimedOut"});
    for (waited, entered, expected) in [
        (0, "2026-11-20T09:00:59.999Z", false),
        (0, "2026-11-20T09:01:00.000Z", true),
        (60, "2026-11-20T09:00:00.000Z", true),
    ] {
        assert_eq!(is_late(&throttled, waited, entered), expected, "{waited} {entered}");
        assert!(!is_late(&json!(null), waited, entered));
    }
}

/// Until the first step has read the request, the default counts: an expression on what nobody has read could fail.
#[test]
fn the_time_out_is_that_of_the_request_also_where_the_first_step_is_throttled() {
    let default = json!(contract::request::Policy::default().timeout_seconds);
    for machine in machines() {
        let states = machine.states();
        assert_eq!(states["Begin"]["Assign"]["timeoutSeconds"], default);
        for (policy, expected) in [
            (json!({"policy": {"timeoutSeconds": 60}}), json!(60)),
            (json!({"policy": {"timeoutSeconds": null}}), default.clone()),
            (json!({"policy": {}}), default.clone()),
            (json!({"policy": null}), default.clone()),
            (json!({}), default.clone()),
        ] {
            for input in [event_with(&policy), policy] {
                let bindings = json!({"states": {"context": {"Execution": {"Input": input}}}});
                let assigned = evaluated(&states[&machine.first_step()]["Assign"]["timeoutSeconds"], &bindings);
                assert_eq!(assigned, expected, "{input}");
            }
        }
    }
}

#[test]
fn a_throttle_of_lambda_is_reported_as_one_of_the_services_is() {
    for machine in machines() {
        let states = machine.states();
        for step in machine.steps() {
            let catchers = states[&step]["Catch"].as_array().cloned().unwrap_or_default();
            let throttle = json!(["Lambda.TooManyRequestsException"]);
            let catcher = catchers.iter().find(|catcher| catcher["ErrorEquals"] == throttle).expect("a catcher");
            assert_eq!(catcher["Assign"]["step"], "{% $states.context.State.Name %}");
            for (request, omitted) in [(json!(null), true), (json!({}), false)] {
                let bindings = json!({"states": {"context": {"State": {"Name": step}}}, "request": request});
                let cause = evaluated(&catcher["Assign"]["throttled"], &bindings);
                assert_eq!(cause["metadataOmitted"], omitted);
                let cause: contract::step_error::Cause = serde_json::from_value(cause).expect("a cause");
                assert!(cause.message.contains(&step) && cause.remedy.ends_with('.'));
                assert_eq!(cause.error, "ProvisioningTimedOut");
            }
        }
        let resumed: BTreeSet<_> = states["RunStepAgain"]["Choices"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|choice| {
                let step = choice["Next"].as_str().expect("a step").to_owned();
                assert_eq!(choice["Condition"], format!("{{% $step = '{step}' %}}"));
                step
            })
            .chain(states["RunStepAgain"]["Default"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(resumed, machine.steps().into_iter().collect());
    }
}

fn event_with(detail: &Value) -> Value {
    json!({"detail-type": REQUESTED, "detail": detail})
}

/// Nobody has read the input then, so the expression has to take any.
#[test]
fn an_event_tells_who_asked_and_no_input_of_any_kind_stops_the_execution() {
    for machine in [provisioning(), retirement(), batch()] {
        an_event_tells_who_asked(&machine.states()["Begin"]["Assign"]["requestedBy"]);
    }
}

fn an_event_tells_who_asked(begin: &Value) {
    let requested_by = |input: &Value| {
        let states = json!({"context": {"Execution": {"Input": input}}});
        evaluated(begin, &json!({"states": states}))
    };
    let event: Value = contract_tests::read_json("events/dataset-group-requested.json");
    assert_eq!(requested_by(&event), sample(PROVISIONED)["requestedBy"]);
    let function = json!({"_jsonata_lambda": true});
    for member in [json!(null), json!(7), json!([1]), json!({}), function.clone(), json!("x".repeat(10_000))] {
        let event = json!({"detail-type": "x", "source": member, "account": member, "id": member, "time": member});
        let read: RequestedBy = serde_json::from_value(requested_by(&event)).expect("five texts");
        assert!(read.source.len() <= 256 && read.region.is_empty(), "{read:?}");
    }
    for input in [json!(null), json!([]), json!("x"), json!(7), json!(true), json!({}), function.clone()] {
        assert_eq!(requested_by(&input), json!(null), "{input}");
    }
    assert_eq!(requested_by(&json!({"detail-type": function}))["source"], "");
}

/// The sample as the function itself would write it.
fn rewritten<T: serde::Serialize + serde::de::DeserializeOwned>(sample: Value) -> Value {
    json!(serde_json::from_value::<T>(sample).expect("a sample of the output"))
}

/// The expressions of both outcomes on the reference implementation of JSONata, which takes an object with these members
/// for a function of its own. (The local engine has another implementation.)
#[test]
fn accepted_metadata_of_any_kind_come_back_in_both_outcomes_as_they_were() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(100), "}".repeat(100));
    let metadata = [
        json!({"_jsonata_lambda": true}),
        json!({"_jsonata_function": true, "implementation": 7}),
        json!({"text": "数".repeat(5_000), "number": 1e300, "list": [[], [null], {"": {}}]}),
        json!({"list": [1]}),
        json!({}),
        serde_json::from_str(&deep).expect("JSON"),
    ];
    for metadata in metadata {
        for cause in [json!({"error": "AccessDenied"}), json!({"error": "InvalidRequest", "metadataOmitted": false})] {
            for input in [json!({"metadata": metadata}), event_with(&json!({"metadata": metadata}))] {
                assert_eq!(
                    composed(&input, &cause).map(|mut outcome| outcome["metadata"].take()),
                    [&metadata; 6].map(Value::clone)
                );
            }
        }
        let [_, failed, _, _, failed_too, _] =
            composed(&json!({"metadata": metadata}), &json!({"metadataOmitted": true}));
        assert_eq!([failed.get("metadata"), failed_too.get("metadata")], [None; 2]);
    }
}

#[test]
fn the_sample_of_each_outcome_is_what_the_machine_composes() {
    let detail_types = [PROVISIONED, PROVISIONING_FAILED, PLANNED, RETIRED, RETIREMENT_FAILED, RETIREMENT_PLANNED];
    for ((machine, composer), detail_type) in composers().into_iter().zip(detail_types) {
        let sample = sample(detail_type);
        let mut bindings = sample.clone();
        for optional in ["datasetGroup", "groupProfile"] {
            bindings[optional] = sample.get(optional).cloned().unwrap_or_default();
        }
        bindings["retired"] = sample.clone();
        bindings["elapsedSeconds"] = bindings["timings"]["secondsUntilGone"].clone();
        bindings["plan"] = sample.get("plan").cloned().unwrap_or_default();
        bindings["states"] =
            json!({"context": {"Execution": {"Id": bindings["executionArn"], "Input": bindings.clone()}}});
        bindings["polls"] = bindings["timings"]["polls"].clone();
        bindings["secondsUntilActive"] = bindings["timings"]["secondsUntilActive"].clone();
        assert_eq!(evaluated(&machine.states()[composer]["Output"], &bindings), sample, "{detail_type}");
    }
}

#[test]
fn an_input_of_any_kind_has_an_outcome() {
    let cause = json!({"error": "InvalidRequest", "metadataOmitted": true});
    let inputs = [json!(null), json!([]), json!([{"metadata": {}}]), json!("x"), json!(7), json!(true), json!({})];
    for input in inputs.into_iter().chain([json!({"detail-type": {}}), event_with(&json!(null)), event_with(&json!(7))])
    {
        for outcome in composed(&input, &cause) {
            assert_eq!(outcome["executionArn"], "arn", "{input}");
        }
    }
    for input in [json!({}), json!({"metadata": null})] {
        for outcome in composed(&input, &json!({"error": "AccessDenied"})) {
            assert_eq!(outcome.get("metadata"), None, "{input}");
        }
    }
}

/// The states that compose the outcomes, of both machines in the same order.
fn composers() -> [(Machine, &'static str); 6] {
    let [provision, retire] = [provisioning(), retirement()];
    [
        (provision.clone(), "ComposeProvisioned"),
        (provision.clone(), "ComposeFailed"),
        (provision, "ComposePlanned"),
        (retire.clone(), "ComposeRetired"),
        (retire.clone(), "ComposeFailed"),
        (retire, "ComposePlanned"),
    ]
}

/// What the composing states make of an input and a cause.
fn composed(input: &Value, cause: &Value) -> [Value; 6] {
    let bindings = json!({
        "states": {"context": {"Execution": {"Id": "arn", "Input": input}}},
        "cause": cause, "requestedBy": null, "disposition": null, "datasetGroup": null, "groupProfile": null,
        "changes": {}, "polls": 0, "secondsUntilActive": null, "plan": null,
        "retired": {"disposition": "ABSENT", "datasetGroup": {}}, "elapsedSeconds": 1
    });
    composers().map(|(machine, state)| evaluated(&machine.states()[state]["Output"], &bindings))
}

/// What an expression comes to.
fn evaluated(expression: &Value, bindings: &Value) -> Value {
    let expression = expression.as_str().and_then(|text| text.strip_prefix("{% ")?.strip_suffix(" %}"));
    let work = json!({"expression": expression.expect("an expression"), "bindings": bindings}).to_string();
    let script = project_file("tests/repository/tests/jsonata.js");
    let modules = project_file("target/tools/asl/node_modules");
    let node = project_file("target/tools/node/bin/node");
    let mut node = Command::new(node).arg(script).arg(modules).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let node = node.as_mut().expect("`make tools` installs it");
    node.stdin.take().expect("a pipe").write_all(work.as_bytes()).expect("written");
    let mut printed = String::new();
    node.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("text");
    assert!(node.wait().expect("ended").success(), "{expression:?} failed");
    serde_json::from_str(&printed).expect("JSON")
}

/// A row without an execution has the outcome that its execution would have had, whatever its metadata and the event are.
#[test]
fn a_row_that_has_no_execution_has_an_outcome_of_its_own() {
    let (states, batch_event) =
        (batch().all_states(), contract_tests::read_json("events/dataset-groups-requested.json"));
    let told = json!({"error": "InvalidRequest", "message": "name is missing", "remedy": "none"});
    let invalid = json!({"Error": "InvalidRequest", "Cause": json!({"errorMessage": told.to_string()}).to_string()});
    let timed_out = json!({"Error": "Sandbox.Timedout", "Cause": "", "State": "ReadRow"});
    let metadata = json!({"_jsonata_lambda": true});
    let mut bare = batch_event["detail"].clone();
    bare["metadata"] = metadata.clone();
    for (event, failure, item, expected) in [
        (batch_event.clone(), &invalid, json!({}), Some(&batch_event["detail"]["metadata"])),
        (batch_event.clone(), &invalid, json!({"metadata": metadata}), Some(&metadata)),
        (bare, &invalid, json!([7]), Some(&metadata)),
        (batch_event.clone(), &timed_out, json!({"metadata": metadata}), None),
        (json!({"manifest": {}}), &invalid, json!({}), None),
    ] {
        let cause = evaluated(&states["DescribeRowFailure"]["Assign"]["cause"], &json!({"failure": failure}));
        let row = json!({"event": event, "item": item, "execution": {"arn": "batch"}});
        let bindings = json!({"cause": cause, "row": row, "rowNumber": 3});
        let outcome = evaluated(&states["ComposeRowFailed"]["Output"], &bindings);
        assert_eq!(outcome.get("metadata"), expected, "{outcome}");
        let outcome: ProvisioningFailed = serde_json::from_value(outcome).expect("an outcome");
        let of_batch = outcome.requested_by.expect("a sender").batch.expect("a batch");
        assert_eq!((of_batch.row, of_batch.execution_arn.as_str()), (3, "batch"));
        let described = evaluated(&states["DescribeInvalidRow"]["Output"], &bindings);
        assert_eq!((&described["Status"], &described["Error"]), (&json!("FAILED"), &json!(outcome.error)));
    }
    let name = &states["ProvisionRow"]["Arguments"]["Name"];
    let named = |batch: &str| evaluated(name, &json!({"row": {"executionName": batch}, "rowNumber": 800}));
    assert_eq!(named("november"), "november-800");
    assert!(named(&"x".repeat(80)).as_str().is_some_and(|name| name.len() == 74), "at most 80 characters");
    let arn = evaluated(
        &states["DescribeRow"]["Arguments"]["ExecutionArn"],
        &json!({"row": {"executionName": "november"}, "rowNumber": 7}),
    );
    assert!(arn.as_str().is_some_and(|arn| arn.ends_with(":november-7")), "{arn}");
}

#[test]
fn the_outcomes_of_a_batch_are_what_the_machine_composes() {
    let (states, finished) = (batch().states(), sample(BATCH_FINISHED));
    let event = contract_tests::read_json("events/dataset-groups-requested.json");
    let context = json!({"Execution": {"Id": finished["executionArn"], "Input": event}});
    let bindings =
        |input: &Value| json!({"requestedBy": finished["requestedBy"], "states": {"context": context, "input": input}});
    assert_eq!(evaluated(&states["ComposeFinished"]["Output"], &bindings(&finished["summary"])), finished);
    for (failure, error, omitted) in [
        (json!({"Error": "States.ItemReaderFailed", "Cause": "no such key"}), "Unexpected", false),
        (json!({"Error": "Lambda.Unknown", "Cause": "", "State": "OpenManifest"}), "Unavailable", true),
        (json!({"Error": "Lambda.Unknown", "Cause": "", "State": "Summarize"}), "Unavailable", false),
    ] {
        let cause = evaluated(&states["DescribeFailure"]["Assign"]["cause"], &bindings(&json!({"failure": failure})));
        let mut bindings = bindings(&json!({}));
        bindings["cause"] = cause;
        let outcome = evaluated(&states["ComposeFailed"]["Output"], &bindings);
        assert_eq!((&outcome["error"], outcome.get("metadata").is_none()), (&json!(error), omitted), "{outcome}");
        assert_valid(BATCH_FINISHED, &outcome);
    }
    let requested_by = &states["Begin"]["Assign"]["requestedBy"];
    let sent = evaluated(requested_by, &json!({"states": {"context": {"Execution": {"Input": event}}}}));
    assert_eq!(sent, finished["requestedBy"]);
}

#[test]
fn the_event_of_a_row_names_its_batch_and_any_other_member_of_that_name_is_taken_as_text() {
    let begin = &provisioning().states()["Begin"]["Assign"]["requestedBy"];
    let function = json!({"_jsonata_lambda": true});
    for (batch, expected) in [
        (json!({"executionArn": "a", "row": 7}), Some(("a", 7))),
        (json!({"executionArn": "a", "row": "x"}), Some(("a", 0))),
        (json!({"executionArn": "a"}), Some(("a", 0))),
        (json!({"executionArn": "a", "row": function}), Some(("a", 0))),
        (json!({"row": 7}), None),
        (json!(null), None),
        (json!("text"), None),
    ] {
        let event = json!({"detail-type": REQUESTED, "batch": batch});
        let states = json!({"context": {"Execution": {"Input": event}}});
        let read: RequestedBy = serde_json::from_value(evaluated(begin, &json!({"states": states}))).expect("a sender");
        let told = read.batch.map(|batch| (batch.execution_arn, batch.row));
        assert_eq!(told, expected.map(|(arn, row)| (arn.to_owned(), row)), "{batch}");
    }
}

#[test]
fn the_substitutions_of_the_template_are_the_placeholders_of_the_definitions() {
    for machine in all_machines() {
        let text = read(&machine.path());
        let placeholders: BTreeSet<_> = text.split("${").skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let substitutions = &template()["Resources"][machine.resource()]["Properties"]["DefinitionSubstitutions"];
        let substitutions: BTreeSet<_> =
            substitutions.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        assert_eq!(placeholders, substitutions, "{}", machine.name);
    }
}

#[test]
fn the_linter_of_state_machine_definitions_finds_nothing() {
    let definitions = all_machines().into_iter().map(|machine| machine.path());
    for definition in definitions.chain(["examples/caller/caller.asl.json".to_owned()]) {
        let mut text = read(&definition).replace("${Partition}", "aws").replace("${EventBusName}", "default");
        for (step, _) in steps() {
            text =
                text.replace(&format!("${{{step}FunctionArn}}"), "arn:aws:lambda:us-east-1:123456789012:function:step");
        }
        text =
            text.replace("${ProvisionDatasetGroupArn}", "arn:aws:states:us-east-1:123456789012:stateMachine:machine");
        let file = tempfile::NamedTempFile::with_suffix(".asl.json").expect("a file");
        std::fs::write(file.path(), text).expect("written");
        let path = file.path().to_str().expect("a path");
        let linter = project_file("target/tools/asl/node_modules/.bin/asl-validator");
        let printed = run("target/tools/node/bin/node", &[linter.to_str().expect("a path"), "--json-path", path]);
        assert!(printed.contains("is valid"), "{definition}: {printed}");
    }
}
