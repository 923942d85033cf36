//! Run it twice, in parallel, after a crash: the same end.

use aws_sdk_sfn::types::ExecutionStatus;
use contract::outcome::{Disposition, ProfileChange};
use contract::request::Domain;
use contract_tests::definition::provisioning;
use e2e_tests::{Execution, Setup, eventually};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Kind, Step};

#[tokio::test]
async fn a_rerun_changes_nothing_and_ends_the_same() {
    let setup = Setup::new().await;
    let first = setup.run(&setup.request()).await.provisioned().await;
    let effects = setup.effects().await;
    let second = setup.run(&setup.request()).await.provisioned().await;
    assert_eq!((first.dataset_group, first.group_profile), (second.dataset_group, second.group_profile));
    assert_eq!((second.disposition, second.changes.group_profile), (Disposition::Adopted, Some(ProfileChange::Kept)));
    assert_eq!((second.changes.tags_added, setup.effects().await), (vec![], effects));
}

#[tokio::test]
async fn an_event_that_is_delivered_twice_makes_one_group_and_two_successes() {
    let setup = Setup::new().await;
    let request = setup.request();
    tokio::join!(setup.send(&request), setup.send(&request));
    let mut ids = Vec::new();
    for execution in setup.executions_started_by_events(2).await {
        ids.push(execution.provisioned().await.group_profile.id);
    }
    assert_eq!(ids[0], ids[1]);
    let effects = setup.effects().await;
    let number = |operation: &str| effects.iter().filter(|effect| *effect == operation).count();
    assert_eq!((number("CreateDatasetGroup"), number("CreateGroupProfile")), (1, 1));
}

#[tokio::test]
async fn two_configurations_for_one_name_at_once_end_in_one_group_and_one_conflict() {
    let setup = Setup::new().await;
    let requests =
        ["ECOMMERCE", "VIDEO_ON_DEMAND"].map(|domain| setup.request_with(&[("/datasetGroup/domain", json!(domain))]));
    let (first, second) = tokio::join!(setup.run(&requests[0]), setup.run(&requests[1]));
    let (winner, loser) = if first.status == ExecutionStatus::Succeeded { (first, second) } else { (second, first) };
    let outcome = winner.provisioned().await;
    let conflict = loser.failed().await;
    assert_eq!(conflict.error, "DatasetGroupConflict");
    let existing = conflict.cause.differences[0].existing.clone();
    assert_eq!(existing.as_deref(), outcome.dataset_group.domain.map(Domain::as_str));
}

/// The machine of the project with a stop behind one state: what an abort there leaves behind, it leaves behind.
async fn machine_that_stops_after(setup: &Setup, state: &str) -> String {
    let sfn = &setup.workflow.sfn;
    let described =
        sfn.describe_state_machine().state_machine_arn(&setup.workflow.machine).send().await.expect("described");
    let mut definition: Value = serde_json::from_str(&described.definition).expect("JSON");
    definition["States"]["Stop"] = json!({"Type": "Fail", "Error": "Aborted"});
    let stopped = &mut definition["States"][state];
    for member in ["Next", "Default"] {
        if stopped[member].is_string() {
            stopped[member] = json!("Stop");
        }
    }
    for member in ["Choices", "Catch"] {
        for way in stopped[member].as_array_mut().into_iter().flatten() {
            way["Next"] = json!("Stop");
        }
    }
    let name = format!("{}-{state}", setup.name);
    let created = sfn.create_state_machine().name(name).role_arn(described.role_arn).definition(definition.to_string());
    created.send().await.expect("a machine").state_machine_arn
}

#[tokio::test]
async fn an_execution_that_is_aborted_after_any_state_is_continued_by_a_rerun() {
    for (state, _) in &provisioning().states() {
        let setup = Setup::new().await;
        // Failing states are reached by a group whose profile cannot be made yet.
        let failing =
            ["RefuseProgress", "DescribeFailure", "ComposeFailed", "PublishFailed", "Failed"].contains(&state.as_str());
        if failing {
            setup.fault("CreateGroupProfile", None, Kind::AccessDenied).await;
        }
        if ["WaitForCapacity", "RunStepAgain"].contains(&state.as_str()) {
            setup.fault("TagResource", Some(1), Kind::Throttle { code: None }).await;
        }
        setup.put_project("a", &[]).await;
        let request = setup.request_for_projects(&["a"]);
        let machine = machine_that_stops_after(&setup, state).await;
        let planning = ["ComposePlanned", "PublishPlanned", "Planned"].contains(&state.as_str());
        let mut aborted = request.clone();
        aborted["policy"] = json!({"mode": if planning { "PLAN" } else { "APPLY" }});
        let arn = setup.start_on(&machine, &aborted).await;
        let aborted = Execution::ended(&setup.workflow, &arn).await;
        let reachable = state != "RefuseProgress";
        assert_eq!(aborted.states().contains(&state.as_str()), reachable, "{state}: {:?}", aborted.states());

        setup.end_faults().await;
        let outcome = setup.run(&request).await.provisioned().await;
        let effects = setup.effects().await;
        let once = ["CreateDatasetGroup", "CreateGroupProfile", "TagResource", "CreateProjectMembership"];
        assert_eq!(effects, once, "{state}");
        assert_eq!(setup.profiles().await.len(), 1, "{state}");
        assert_eq!(outcome.dataset_group.status.as_str(), "ACTIVE", "{state}");
    }
}

#[tokio::test]
async fn an_execution_that_is_stopped_in_the_middle_of_a_step_is_continued_by_a_rerun() {
    for operation in ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"] {
        let setup = Setup::new().await;
        setup.fault(operation, Some(1), Kind::Delay { milliseconds: 1_500 }).await;
        let arn = setup.start(&setup.request()).await;
        let called = || async { (setup.count(operation).await > 0).then_some(()) };
        eventually("the call", called).await;
        setup.workflow.sfn.stop_execution().execution_arn(&arn).error("Stopped").send().await.expect("stopped");
        let stopped = Execution::ended(&setup.workflow, &arn).await;
        assert_eq!(stopped.status, ExecutionStatus::Aborted);

        setup.run(&setup.request()).await.provisioned().await;
        assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"], "{operation}");
    }
}

#[tokio::test]
async fn a_deletion_that_was_asked_for_before_an_abort_is_not_repeated() {
    let setup = Setup::new().await;
    let steps = vec![Step::create_failed("no such role")];
    setup.put_group(DatasetGroupState { steps, ..DatasetGroupState::default() }).await;
    let request = setup.request_with(&[("/policy", json!({"ifCreateFailed": "REPLACE"}))]);
    let machine = machine_that_stops_after(&setup, "CreateDatasetGroup").await;
    let arn = setup.start_on(&machine, &request).await;
    Execution::ended(&setup.workflow, &arn).await;
    setup.run(&request).await.provisioned().await;
    assert_eq!((setup.count("DeleteDatasetGroup").await, setup.count("CreateDatasetGroup").await), (1, 1));
}
