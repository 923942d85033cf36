//! What the control endpoint does: faults, the log of calls, scenarios, reset, and what its README promises.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulators::{
    Answer, Behaviour, CallFilter, DatasetGroupState, ExistingMembership, Fault, Kind, Scenario, Script, Service,
    Simulators, Step, Transition, Word,
};
use support::{DOMAIN, GROUP, Received, arn, create_profile, datazone, personalize, send, started};

async fn create(simulators: &Simulators, name: &str) -> Received {
    personalize(simulators, "CreateDatasetGroup", &json!({"name": name})).await
}

/// Creates a group under a fault, and says what came back and whether the group exists.
async fn hit(kind: Kind) -> (Received, bool) {
    let (simulators, control) = started().await;
    control.add_fault(Fault::new(Service::Personalize, kind).times(1)).await.unwrap();
    let received = create(&simulators, "media").await;
    let calls = control.calls(CallFilter::all()).await.unwrap();
    let exists = control.dataset_group("media").await.unwrap().is_some();
    assert_eq!(calls[0].effect, exists);
    assert!(calls[0].fault.is_some());
    let again = create(&simulators, "media").await;
    assert_eq!(again.status, Some(if exists { 400 } else { 200 }), "the fault was for one call");
    (received, exists)
}

#[tokio::test]
async fn a_fault_has_its_response_and_its_effect_once() {
    let throttle = |code: Option<&str>| Kind::Throttle { code: code.map(str::to_owned) };
    let error = |message: Option<&str>| {
        let message = message.map(str::to_owned);
        Kind::Error { status: 503, code: "ServiceUnavailable".to_owned(), message }
    };
    let raw = |effect| {
        let headers = BTreeMap::from([("x-proxy".to_owned(), "yes".to_owned())]);
        Kind::Raw { status: 200, headers, body: "not json".to_owned(), effect }
    };
    for (kind, status, effect, text) in [
        (Kind::CutBeforeEffect, None, false, ""),
        (Kind::CutAfterEffect, None, true, ""),
        (Kind::HtmlBadGateway, Some(502), false, "<html>"),
        (throttle(None), Some(400), false, r#""__type":"ThrottlingException""#),
        (throttle(Some("TooManyRequestsException")), Some(400), false, r#""__type":"TooManyRequestsException""#),
        (error(Some("later")), Some(503), false, r#"{"__type":"ServiceUnavailable","message":"later"}"#),
        (error(None), Some(503), false, r#""message":"ServiceUnavailable, as the control endpoint was told""#),
        (
            Kind::AccessDenied,
            Some(400),
            false,
            "\"__type\":\"AccessDeniedException\",\"message\":\"User: arn:aws:sts::000000000000:assumed-role/simulated-caller/session is not authorized to perform: \
             personalize:CreateDatasetGroup on resource: \
             arn:aws:personalize:us-east-1:000000000000:dataset-group/media because",
        ),
        (raw(false), Some(200), false, "not json"),
        (raw(true), Some(200), true, "not json"),
        (Kind::Delay { milliseconds: 50 }, Some(200), true, "dataset-group/media"),
    ] {
        let began = Instant::now();
        let (received, exists) = hit(kind.clone()).await;
        assert_eq!((received.status, exists), (status, effect), "{kind:?}");
        assert!(received.text().contains(text), "{kind:?}: {}", received.text());
        match kind.name() {
            "htmlBadGateway" => assert_eq!(received.header("content-type"), Some("text/html")),
            "raw" => assert_eq!(received.header("x-proxy"), Some("yes")),
            "delay" => assert!(began.elapsed() >= Duration::from_millis(50)),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_it_says() {
    let (received, exists) = hit(Kind::TruncatedBody).await;
    assert_eq!((received.status, exists), (Some(200), true));
    let promised = received.header("content-length").unwrap().parse::<usize>().unwrap();
    assert!(received.body.len() < promised, "{} of {promised} bytes", received.body.len());
    assert!(!received.body.is_empty());
}

#[tokio::test]
async fn a_fault_of_datazone_can_be_for_one_domain() {
    let (simulators, control) = started().await;
    for domain in [DOMAIN, "dzd_other"] {
        control.add_domain(domain, &[(GROUP, "Owners")]).await.unwrap();
    }
    let throttle = Kind::Throttle { code: Some("TooManyRequestsException".to_owned()) };
    let throttle = Fault::new(Service::DataZone, throttle).resource(DOMAIN);
    let id = control.add_fault(throttle).await.unwrap();
    assert_eq!(create_profile(&simulators, DOMAIN).await.status, Some(429));
    assert_eq!(create_profile(&simulators, "dzd_other").await.status, Some(201));
    let faults = control.faults().await.unwrap();
    assert_eq!((faults[0].id, faults[0].matched, faults[0].applied), (id, 1, 1));
    control.remove_fault(id).await.unwrap();
    assert_eq!(create_profile(&simulators, DOMAIN).await.status, Some(201));
}

#[tokio::test]
async fn calls_are_noted_in_order_with_what_became_of_them() {
    let (simulators, control) = started().await;
    control.add_domain(DOMAIN, &[(GROUP, "Owners")]).await.unwrap();
    let cut = Fault::new(Service::Personalize, Kind::CutAfterEffect).operation("CreateDatasetGroup").times(1);
    control.add_fault(cut).await.unwrap();
    create(&simulators, "media").await;
    create(&simulators, "media").await;
    personalize(&simulators, "DescribeDatasetGroup", &json!({"datasetGroupArn": arn("media")})).await;
    let path = format!("/v2/domains/{DOMAIN}/group-profiles/{GROUP}");
    datazone(&simulators, "GET", &path, &Value::Null).await;

    let calls = control.calls(CallFilter::all()).await.unwrap();
    let seen = calls
        .iter()
        .map(|call| (call.sequence, call.operation.as_str(), call.status, call.error_code.as_deref(), call.effect))
        .collect::<Vec<_>>();
    assert_eq!(
        seen,
        [
            (1, "CreateDatasetGroup", Answer::Word(Word::Cut), None, true),
            (2, "CreateDatasetGroup", Answer::Status(400), Some("ResourceAlreadyExistsException"), false),
            (3, "DescribeDatasetGroup", Answer::Status(200), None, false),
            (4, "GetGroupProfile", Answer::Status(404), Some("ResourceNotFoundException"), false),
        ]
    );
    assert_eq!(calls[0].fault.as_deref(), Some("cutAfterEffect"));
    assert_eq!(calls[0].request, json!({"name": "media"}));
    assert_eq!(calls[2].resource.dataset_group.as_deref(), Some("media"));
    assert_eq!(calls[3].resource.domain.as_deref(), Some(DOMAIN));
    assert_eq!(calls[3].resource.group.as_deref(), Some(GROUP));

    let about = CallFilter::operation("CreateDatasetGroup").about("media");
    assert_eq!(control.calls(about).await.unwrap().len(), 2);
    let datazone_only = CallFilter { service: Some(Service::DataZone), ..CallFilter::all() };
    assert_eq!(control.calls(datazone_only).await.unwrap().len(), 1);
    control.forget_calls().await.unwrap();
    assert!(control.calls(CallFilter::all()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_says_whose_it_was_what_it_did_to_the_dataset_group_and_when_it_ended() {
    let (simulators, control) = started().await;
    let slow = Fault::new(Service::Personalize, Kind::Delay { milliseconds: 100 }).operation("CreateDatasetGroup");
    control.add_fault(slow).await.unwrap();
    control.script_dataset_group("media", Script::create([Step::create_failed("no")])).await.unwrap();
    let arn = json!({"datasetGroupArn": arn("media")});
    let look = || personalize(&simulators, "DescribeDatasetGroup", &arn);
    let (created, _) = tokio::join!(create(&simulators, "media"), look());
    look().await;
    let headers = format!(
        "{}X-Amz-Target: AmazonPersonalize.DeleteDatasetGroup\r\nX-Amzn-Trace-Id: Root=1-2-3\r\n",
        support::SIGNED
    );
    send(simulators.personalize_url(), "POST", "/", &headers, &arn.to_string()).await;

    let mut calls = control.calls(CallFilter::all()).await.unwrap();
    calls.sort_by_key(|call| call.ended_at);
    let told: Vec<_> = calls
        .iter()
        .map(|call| {
            let transition = call.transition.as_ref();
            let status = |status: fn(&Transition) -> &Option<String>| transition.and_then(|t| status(t).as_deref());
            (call.operation.as_str(), transition.map(|t| t.generation), status(|t| &t.before), status(|t| &t.after))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("DescribeDatasetGroup", None, None, None),
            ("CreateDatasetGroup", Some(1), None, Some("CREATE FAILED")),
            ("DescribeDatasetGroup", Some(1), Some("CREATE FAILED"), Some("CREATE FAILED")),
            ("DeleteDatasetGroup", Some(1), Some("CREATE FAILED"), Some("DELETE PENDING")),
        ]
    );
    assert_eq!(calls[1].request_id.as_deref(), created.header("x-amzn-requestid"));
    assert_eq!((calls[1].trace_id.as_deref(), calls[3].trace_id.as_deref()), (None, Some("Root=1-2-3")));
}

#[tokio::test]
async fn a_call_says_which_project_it_was_about_and_what_it_did_to_a_membership() {
    let (simulators, control) = started().await;
    control.add_domain(DOMAIN, &[(GROUP, "Owners")]).await.unwrap();
    control.add_project(DOMAIN, "media", &[]).await.unwrap();
    control.add_project(DOMAIN, "sales", &[(GROUP, "PROJECT_OWNER")]).await.unwrap();
    let behaviour = control.behaviour().await.unwrap();
    let existing_membership = ExistingMembership::Overwrite;
    control.set_behaviour(&Behaviour { existing_membership, ..behaviour }).await.unwrap();
    control.add_fault(Fault::new(Service::DataZone, Kind::AccessDenied).resource("media").after(1)).await.unwrap();
    let request = json!({"member": {"groupIdentifier": GROUP}, "designation": "PROJECT_CATALOG_VIEWER"});
    for project in ["media", "sales", "sales", "media"] {
        let path = format!("/v2/domains/{DOMAIN}/projects/{project}/createMembership");
        datazone(&simulators, "POST", &path, &request).await;
    }
    let path = format!("/v2/domains/{DOMAIN}/projects/sales/memberships");
    datazone(&simulators, "GET", &path, &Value::Null).await;
    let path = format!("/v2/domains/{DOMAIN}/projects/sales/deleteMembership");
    datazone(&simulators, "POST", &path, &json!({"member": {"groupIdentifier": GROUP}})).await;

    let calls = control.calls(CallFilter::all()).await.unwrap();
    let told: Vec<_> = calls
        .iter()
        .map(|call| {
            let membership = call.membership.as_ref();
            let (before, after) =
                (membership.and_then(|m| m.before.as_deref()), membership.and_then(|m| m.after.as_deref()));
            (call.resource.project.as_deref().unwrap(), call.effect, before, after)
        })
        .collect();
    let (owner, viewer) = (Some("PROJECT_OWNER"), Some("PROJECT_CATALOG_VIEWER"));
    assert_eq!(
        told,
        [
            ("media", true, None, viewer),
            ("sales", true, owner, viewer),
            ("sales", false, viewer, viewer),
            ("media", false, viewer, viewer),
            ("sales", false, None, None),
            ("sales", true, viewer, None),
        ]
    );
    assert_eq!((calls[0].resource.group.as_deref(), calls[3].fault.as_deref()), (Some(GROUP), Some("accessDenied")));
}

#[tokio::test]
async fn scripts_that_are_forgotten_happen_to_nobody() {
    let (simulators, control) = started().await;
    control.script_dataset_group("media", Script::create([Step::create_failed("no")])).await.unwrap();
    control.forget_scripts().await.unwrap();
    create(&simulators, "media").await;
    let group = control.dataset_group("media").await.unwrap().unwrap();
    assert_eq!(group.status.as_deref(), Some("CREATE PENDING"));
}

#[tokio::test]
async fn a_fault_by_chance_is_refused_without_a_chance_and_hits_some_calls() {
    let (simulators, control) = started().await;
    let fault = Fault::new(Service::Personalize, Kind::AccessDenied);
    let never = control.add_fault(fault.clone().chance(0.0, 1)).await.unwrap_err();
    assert!(never.to_string().contains("probability"), "{never}");
    control.add_fault(fault.chance(0.5, 1)).await.unwrap();
    for _ in 0..50 {
        let received = personalize(&simulators, "ListDatasetGroups", &json!({})).await;
        assert!(received.status == Some(200) || received.text().contains("on resource: * because"));
    }
    let faults = control.faults().await.unwrap();
    assert_eq!(faults[0].matched, 50);
    assert!((10..40).contains(&faults[0].applied), "{:?}", faults[0]);
}

#[tokio::test]
async fn reset_leaves_an_empty_world_and_the_settings_of_the_start() {
    let (simulators, control) = started().await;
    let before = control.behaviour().await.unwrap();
    let scenario: Scenario = serde_json::from_value(json!({
        "settings": {"datasetGroupQuota": 1, "existingProfile": "validationException"},
        "domains": [{"id": DOMAIN}],
        "datasetGroups": [{"name": "media"}],
        "faults": [{"service": "personalize", "kind": "cutBeforeEffect"}],
    }))
    .unwrap();
    control.load_scenario(&scenario).await.unwrap();
    assert_ne!(control.behaviour().await.unwrap(), before);
    create(&simulators, "media").await;
    control.reset().await.unwrap();
    assert_eq!(control.behaviour().await.unwrap(), before);
    assert!(control.dataset_groups().await.unwrap().is_empty());
    assert!(control.faults().await.unwrap().is_empty());
    assert!(control.calls(CallFilter::all()).await.unwrap().is_empty());
    assert!(control.profiles(DOMAIN).await.is_err());
}

#[tokio::test]
async fn a_scenario_with_a_mistake_changes_nothing() {
    let (_simulators, control) = started().await;
    let before = control.behaviour().await.unwrap();
    for mistake in [
        json!({"settings": {"quota": 1}, "datasetGroups": [{"name": "media"}]}),
        json!({"domains": [{"id": "no domain"}], "datasetGroups": [{"name": "media"}]}),
        json!({
            "settings": {"datasetGroupQuota": 1},
            "datasetGroups": [{"name": "media"}],
            "faults": [{"service": "personalize", "kind": {"delay": {"milliseconds": 600_001}}}],
        }),
    ] {
        let scenario: Scenario = serde_json::from_value(mistake).unwrap();
        control.load_scenario(&scenario).await.unwrap_err();
        assert!(control.dataset_groups().await.unwrap().is_empty());
        assert_eq!(control.behaviour().await.unwrap(), before);
    }
}

#[tokio::test]
async fn a_dataset_group_is_shown_as_it_was_put() {
    let (_simulators, control) = started().await;
    let put: DatasetGroupState = serde_json::from_value(json!({
        "name": "media",
        "status": "CREATE FAILED",
        "failureReason": "no",
        "domain": "ECOMMERCE",
        "roleArn": "arn:aws:iam::123456789012:role/r",
        "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k",
        "tags": [{"tagKey": "a", "tagValue": "1"}],
        "creationDateTime": "2026-01-02T03:04:05Z",
        "lastUpdatedDateTime": "2026-01-02T03:05:05Z",
        "contents": {"datasets": ["interactions"], "filters": ["adults"]},
        "lateContents": {"eventTrackers": ["clicks"]},
        "steps": [{"status": "CREATE FAILED", "failureReason": "no"}],
        "deleteSteps": [{"gone": true}],
    }))
    .unwrap();
    control.put_dataset_group(&put).await.unwrap();
    assert_eq!(control.dataset_group("media").await.unwrap(), Some(put));
}

#[tokio::test]
async fn every_scenario_file_loads() {
    let folder = project::file("local/simulators/scenarios");
    let mut loaded = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (_simulators, control) = started().await;
        let scenario: Scenario = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert!(!scenario.description.is_empty(), "{} says what it is for", path.display());
        control.load_scenario(&scenario).await.unwrap();
        let group_names = control.dataset_groups().await.unwrap().into_iter().map(|group| group.name);
        assert!(group_names.eq(scenario.dataset_groups.into_iter().map(|group| group.name)));
        assert_eq!(control.faults().await.unwrap().len(), scenario.faults.len());
        loaded += 1;
    }
    assert!(loaded >= 3);
}

#[tokio::test]
async fn every_order_of_the_readme_exists_and_every_scenario_is_named_there() {
    let (simulators, _control) = started().await;
    let readme = send(simulators.control_url(), "GET", "/", "", "").await.text();
    let orders = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .filter_map(|(order, _)| order.split_once(" /"))
        .collect::<Vec<_>>();
    assert!(orders.len() >= 20, "{orders:?}");
    for (method, path) in orders {
        let path = path.replace("{id}", "1").replace("{name}", "media");
        let received = send(simulators.control_url(), method, &format!("/{path}"), "", "{}").await;
        // The router's own 404 and 405 have no body; a refusal has.
        let is_answered = !matches!(received.status, Some(404 | 405)) || !received.body.is_empty();
        assert!(is_answered, "{method} /{path}: {received:?}");
    }
    for entry in std::fs::read_dir(project::file("local/simulators/scenarios")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(readme.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn stopping_ends_calls_that_are_under_way_and_frees_the_ports() {
    let (simulators, control) = started().await;
    let delay = Fault::new(Service::Personalize, Kind::Delay { milliseconds: 600_000 });
    control.add_fault(delay).await.unwrap();
    let url = simulators.personalize_url().to_owned();
    let headers = format!("{}X-Amz-Target: AmazonPersonalize.ListDatasetGroups\r\n", support::SIGNED);
    let call = tokio::spawn(async move { send(&url, "POST", "/", &headers, "{}").await });
    while control.calls(CallFilter::all()).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    simulators.stop().await;
    assert_eq!(call.await.unwrap().status, None);
    assert!(control.urls().await.unwrap_err().to_string().contains("cannot be reached"));
}

#[tokio::test]
async fn a_call_above_the_rate_limit_is_throttled_without_effect_and_counted_apart() {
    let (simulators, control) = started().await;
    let limits = json!({"CreateDatasetGroup": {"perSecond": 1, "burst": 1}});
    let scenario = json!({"settings": {"rateLimits": limits}});
    control.load_scenario(&serde_json::from_value(scenario).unwrap()).await.unwrap();
    control.add_fault(Fault::new(Service::Personalize, Kind::AccessDenied).after(1)).await.unwrap();
    assert_eq!(create(&simulators, "first").await.status, Some(200));
    let received = create(&simulators, "second").await;
    assert_eq!((received.status, received.code().as_str()), (Some(400), "ThrottlingException"));
    let calls = control.calls(CallFilter::all()).await.unwrap();
    let seen: Vec<_> = calls.iter().map(|call| (call.rate_limited, call.effect, call.fault.is_some())).collect();
    assert_eq!(seen, [(false, true, false), (true, false, false)]);
}
