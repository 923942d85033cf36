//! What the services' failures lead to: the table of cases, on the deployed stack.

use contract::outcome::Disposition;
use e2e_tests::Setup;
use serde_json::json;
use simulators::{Fault, Kind, Profile, ProfileStatus, Service};

#[tokio::test]
async fn a_lost_answer_to_the_creation_leads_to_one_group_that_counts_as_created() {
    let setup = Setup::new().await;
    setup.fault("CreateDatasetGroup", Some(1), Kind::CutAfterEffect).await;
    let outcome = setup.run(&setup.request()).await.provisioned().await;
    assert_eq!(outcome.disposition, Disposition::Created);
    let effects = setup.effects().await;
    assert_eq!(effects.iter().filter(|operation| *operation == "CreateDatasetGroup").count(), 1);
}

#[tokio::test]
async fn what_is_unavailable_for_a_while_is_retried_by_the_machine_and_heals() {
    let unavailable = || Kind::Error { status: 503, code: "ServiceUnavailable".to_owned(), message: None };
    // One more than the SDK's own attempts, so that the machine has to try again; what changes something that a look has
    // shown is not sent again by the SDK at all.
    for (operation, times) in [("DescribeDatasetGroup", 4), ("GetGroupProfile", 4), ("TagResource", 1)] {
        let setup = Setup::new().await;
        setup.fault(operation, Some(times), unavailable()).await;
        let execution = setup.run(&setup.request()).await;
        execution.provisioned().await;
        assert_eq!(execution.red_events(), 1, "{operation}");
        assert_eq!((setup.count("CreateDatasetGroup").await, setup.profiles().await.len()), (1, 1));
    }
}

#[tokio::test]
async fn what_stays_unavailable_ends_as_such_and_a_rerun_continues() {
    let setup = Setup::new().await;
    setup.fault("CreateGroupProfile", None, Kind::CutBeforeEffect).await;
    let execution = setup.run(&setup.request()).await;
    let outcome = execution.failed().await;
    assert_eq!(
        (outcome.error.as_str(), outcome.cause.operation.as_deref()),
        ("Unavailable", Some("CreateGroupProfile"))
    );
    assert_eq!(outcome.dataset_group.map(|group| group.status.as_str()), Some("ACTIVE"));
    // The first try and six retries of the machine, with three attempts of the SDK each.
    assert_eq!((execution.red_events(), setup.count("CreateGroupProfile").await), (7, 21));

    setup.end_faults().await;
    let outcome = setup.run(&setup.request()).await.provisioned().await;
    assert_eq!(outcome.disposition, Disposition::Adopted);
}

#[tokio::test]
async fn what_is_throttled_waits_without_a_red_event_and_provisions_the_group_once() {
    let setup = Setup::new().await;
    // More than the SDK's own attempts, so that the state machine has to wait, in each step.
    for (operation, times) in [("DescribeDatasetGroup", 4), ("GetGroupProfile", 7), ("TagResource", 1)] {
        setup.fault(operation, Some(times), Kind::Throttle { code: None }).await;
    }
    // After the look and the creation.
    let polls = Fault::new(Service::Personalize, Kind::Throttle { code: None }).operation("DescribeDatasetGroup");
    setup.control.add_fault(polls.resource(&setup.name).after(5).times(3)).await.expect("a fault");
    let execution = setup.run(&setup.request()).await;
    let outcome = execution.provisioned().await;
    assert_eq!((outcome.disposition, execution.red_events()), (Disposition::Created, 0));
    let waits = execution.states().into_iter().filter(|state| *state == "WaitForCapacity").count();
    assert_eq!(waits, 5, "{:?}", execution.states());
    assert_eq!((setup.count("CreateDatasetGroup").await, setup.profiles().await.len()), (1, 1));
}

#[tokio::test]
async fn what_stays_throttled_ends_at_the_deadline_and_a_rerun_continues() {
    // The polls before the last step take up to 75 s, as no real time passes in between.
    for (operation, timeout) in [("CreateDatasetGroup", 60), ("TagResource", 120)] {
        let setup = Setup::new().await;
        setup.fault(operation, None, Kind::Throttle { code: None }).await;
        let request = setup.request_with(&[("/policy", json!({"timeoutSeconds": timeout}))]);
        let execution = setup.run(&request).await;
        let outcome = execution.failed().await;
        assert_eq!((outcome.error.as_str(), execution.red_events()), ("ProvisioningTimedOut", 0));
        assert_eq!(outcome.cause.operation.as_deref(), Some(operation));
        assert!(outcome.cause.message.contains("throttled") && outcome.cause.request_id.is_some());
        // The waits grow from 4 s, so a deadline of 60 s leaves room for about ten.
        let waits = execution.states().into_iter().filter(|state| *state == "WaitForCapacity").count();
        assert!((1..20).contains(&waits), "{operation}: {waits}");
        setup.end_faults().await;
        setup.run(&setup.request()).await.provisioned().await;
        assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
    }
}

#[tokio::test]
async fn a_limit_that_outlives_the_retries_names_the_quota() {
    let setup = Setup::new().await;
    let message = Some("More than 5 dataset groups are active".to_owned());
    setup
        .fault(
            "CreateDatasetGroup",
            None,
            Kind::Error { status: 400, code: "LimitExceededException".to_owned(), message },
        )
        .await;
    let execution = setup.run(&setup.request()).await;
    let outcome = execution.failed().await;
    assert_eq!(
        (outcome.error.as_str(), outcome.cause.code.as_deref()),
        ("QuotaExceeded", Some("LimitExceededException"))
    );
    assert!(outcome.cause.message.contains("5 dataset groups") && outcome.cause.remedy.contains("L-14011066"));
    assert_eq!((execution.red_events(), setup.effects().await.len()), (1, 0));
}

#[tokio::test]
async fn a_denial_anywhere_names_the_action_and_is_not_retried() {
    let calls = [
        ("personalize", "DescribeDatasetGroup"),
        ("personalize", "CreateDatasetGroup"),
        ("personalize", "ListTagsForResource"),
        ("datazone", "GetGroupProfile"),
        ("datazone", "CreateGroupProfile"),
        ("datazone", "UpdateGroupProfile"),
        ("personalize", "TagResource"),
    ];
    for (service, operation) in calls {
        let setup = Setup::new().await;
        if operation == "UpdateGroupProfile" {
            setup
                .control
                .put_profile(&setup.domain, Profile::of_group(&setup.group, ProfileStatus::NotAssigned))
                .await
                .expect("a profile");
        }
        setup.fault(operation, None, Kind::AccessDenied).await;
        let execution = setup.run(&setup.request()).await;
        let outcome = execution.failed().await;
        assert_eq!(outcome.error, "AccessDenied", "{operation}");
        assert!(outcome.cause.remedy.contains(&format!("{service}:{operation}")), "{}", outcome.cause.remedy);
        assert!(outcome.cause.request_id.is_some());
        assert_eq!((execution.red_events(), setup.count(operation).await), (1, 1), "{operation}");
    }
}

#[tokio::test]
async fn effects_with_lost_responses_are_not_repeated() {
    let setup = Setup::new().await;
    // Every attempt of the first invocation loses its response, so the invocation ends Unavailable and is repeated.
    for (service, operation, resource) in [
        (Service::Personalize, "CreateDatasetGroup", &setup.name),
        (Service::DataZone, "CreateGroupProfile", &setup.domain),
        (Service::Personalize, "TagResource", &setup.name),
    ] {
        let fault = Fault::new(service, Kind::CutAfterEffect).operation(operation).resource(resource).times(3);
        setup.control.add_fault(fault).await.expect("a fault");
    }
    let outcome = setup.run(&setup.request()).await.provisioned().await;
    assert_eq!(outcome.disposition, Disposition::Created);
    let effects = setup.effects().await;
    assert_eq!(effects, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
    assert_eq!(setup.profiles().await.len(), 1);
}
