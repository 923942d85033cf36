//! A plan of each action, on the deployed stack. That a plan keeps its word is tested without it.

use contract::plan::{GroupAction, LinkAction, ProfileAction};
use e2e_tests::{Setup, link};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Kind, Profile, ProfileStatus, Step};

fn planning(setup: &Setup, members: &[(&str, Value)]) -> Value {
    let mode = [("/policy", json!({"mode": "PLAN"}))];
    setup.request_with(&[&mode, members].concat())
}

#[tokio::test]
async fn a_plan_says_for_group_profile_and_link_what_would_be_done_and_does_nothing() {
    let group = DatasetGroupState::default;
    let with_steps = |steps| Some(DatasetGroupState { steps, ..group() });
    let domain = ("/datasetGroup/domain", json!("ECOMMERCE"));
    let replace = ("/policy/ifCreateFailed", json!("REPLACE"));
    for (existing, member, is_linked, expected, error) in [
        (None, None, false, "CREATE CREATE ADD", None),
        (Some(group()), None, false, "ADOPT CREATE ADD", None),
        (Some(group()), None, true, "ADOPT KEEP KEEP", None),
        (Some(group()), Some(domain), true, "REFUSE", Some("DatasetGroupConflict")),
        (with_steps(vec![Step::create_failed("why")]), None, true, "REFUSE", Some("DatasetGroupCreateFailed")),
        (with_steps(vec![Step::create_failed("why")]), Some(replace), false, "REPLACE CREATE ADD", None),
        (with_steps(vec![Step::status("DELETE PENDING")]), None, false, "AWAIT_DELETION CREATE ADD", None),
    ] {
        let setup = Setup::new().await;
        let profile = Profile::of_group(&setup.group, ProfileStatus::Assigned);
        let tags = if is_linked { link(&setup.domain, &profile.id) } else { vec![] };
        if is_linked {
            setup.control.put_profile(&setup.domain, profile).await.expect("a profile");
        }
        if let Some(existing) = existing {
            setup.put_group(DatasetGroupState { tags, ..existing }).await;
        }
        let execution = setup.run(&planning(&setup, member.as_slice())).await;
        let plan = execution.planned().await.plan;
        let profile = plan.group_profile.as_ref().map(|profile| profile.action.as_str());
        let parts = [Some(plan.dataset_group.action.as_str()), profile, plan.link.map(LinkAction::as_str)];
        assert_eq!(parts.into_iter().flatten().collect::<Vec<_>>().join(" "), expected);
        assert_eq!(plan.would_fail.map(|cause| cause.error).as_deref(), error, "{expected}");
        assert_eq!((setup.effects().await, execution.red_events()), (vec![], 0), "{expected}");
        assert!(!execution.states().contains(&"WaitForStatus"), "a plan waits for nothing");
    }
}

#[tokio::test]
async fn an_event_for_a_plan_is_answered_by_a_plan_with_who_asked_and_the_metadata() {
    let setup = Setup::new().await;
    setup.put_group(DatasetGroupState { tags: link("dzd_other", "another"), ..DatasetGroupState::default() }).await;
    let profile = Profile::of_group(&setup.group, ProfileStatus::NotAssigned);
    setup.control.put_profile(&setup.domain, profile).await.expect("a profile");
    setup.send(&planning(&setup, &[("/metadata", json!({"ticket": 7}))])).await;
    let planned = setup.executions_started_by_events(1).await[0].planned().await;
    assert!(planned.requested_by.is_some());
    assert_eq!(json!(planned.metadata), json!({"ticket": 7}));
    assert_eq!((planned.plan.dataset_group.action, planned.plan.link), (GroupAction::Adopt, Some(LinkAction::Refuse)));
    assert_eq!(planned.plan.would_fail.expect("a conflict").differences.len(), 2);
}

#[tokio::test]
async fn a_plan_that_is_throttled_waits_and_one_that_is_denied_fails_without_a_group_that_is_not_there() {
    let setup = Setup::new().await;
    setup.fault("GetGroupProfile", Some(3), Kind::Throttle { code: None }).await;
    let execution = setup.run(&planning(&setup, &[])).await;
    let plan = execution.planned().await.plan;
    assert_eq!(plan.group_profile.map(|profile| profile.action), Some(ProfileAction::Create));
    assert!(execution.states().contains(&"WaitForCapacity"));
    setup.end_faults().await;

    setup.fault("GetGroupProfile", None, Kind::AccessDenied).await;
    let failed = setup.run(&planning(&setup, &[])).await.failed().await;
    assert_eq!((failed.error.as_str(), failed.dataset_group), ("AccessDenied", None));
    assert_eq!(setup.effects().await, [""; 0]);
}
