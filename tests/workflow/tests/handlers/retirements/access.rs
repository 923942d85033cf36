//! The contents of the group are looked at before access is taken, and what was taken is reported.

use contract::retirement::{Disposition, RemovalChange};
use simulators::{ContentKind, Contents, DatasetGroupState, Fault, Kind, Service};
use workflow_tests::{NAME, PROJECT, retirement};

use super::{changes, disposition, is_member, linked};

fn datasets() -> Contents {
    Contents::from([(ContentKind::Datasets, vec!["interactions".to_owned()])])
}

#[tokio::test]
async fn a_group_with_contents_keeps_its_access_and_each_kind_is_named() {
    let all = |number: usize| {
        let names = |kind: &str| (0..number).map(|index| format!("{kind}{index:02}")).collect::<Vec<_>>();
        Contents::from([
            (ContentKind::Datasets, names("d")),
            (ContentKind::Solutions, names("s")),
            (ContentKind::EventTrackers, names("e")),
            (ContentKind::Recommenders, names("r")),
            (ContentKind::Filters, names("f")),
        ])
    };
    for (number, listed) in [(1, 1), (20, 20), (21, 20)] {
        let setup = linked("ACTIVE").await;
        setup.control.put_contents(NAME, &all(number)).await.expect("an order");
        let error = setup.retire(&retirement(&[PROJECT])).await.expect_err("in use");
        assert_eq!(error.name(), "DatasetGroupInUse");
        let contents = error.cause().contents.expect("contents");
        let kinds =
            [contents.datasets, contents.solutions, contents.event_trackers, contents.recommenders, contents.filters];
        assert_eq!(kinds.map(|names| names.len()), [listed; 5]);
        assert!(setup.effects().await.is_empty() && is_member(&setup).await);
        let plan = setup.plan_retirement(&retirement(&[PROJECT])).await.expect("a plan");
        assert_eq!(plan.would_fail.map(|cause| cause.error).as_deref(), Some("DatasetGroupInUse"));
    }
}

#[tokio::test]
async fn contents_that_come_late_end_it_with_what_was_removed() {
    let setup = linked("ACTIVE").await;
    let group = setup.group().await.expect("a group");
    setup.put(DatasetGroupState { late_contents: datasets(), ..group }).await;
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("an output");
    let failed = done.failed.as_ref().expect("in use");
    assert_eq!(failed.error, "DatasetGroupInUse");
    assert_eq!(
        failed.contents.as_ref().map(|contents| contents.datasets.clone()),
        Some(vec!["interactions".to_owned()])
    );
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
    assert_eq!((disposition(&done), setup.effects().await), (None, vec!["DeleteProjectMembership".to_owned()]));
}

#[tokio::test]
async fn a_project_that_fails_keeps_the_group_and_not_the_other_projects() {
    let setup = linked("ACTIVE").await;
    let done = setup.retire(&retirement(&["unknown", PROJECT])).await.expect("an output");
    assert_eq!(done.failed.as_ref().map(|cause| cause.error.as_str()), Some("NotFound"));
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
    assert_eq!(setup.effects().await, ["DeleteProjectMembership"]);
    // Without the project it goes on.
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
    assert_eq!((disposition(&done), changes(&done)), (Some(Disposition::Deleted), vec![(RemovalChange::Absent, None)]));
}

#[tokio::test]
async fn a_denial_after_access_was_removed_says_what_was_removed() {
    let setup = linked("ACTIVE").await;
    setup.fail(Service::Personalize, "DeleteDatasetGroup", Kind::AccessDenied, None).await;
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("an output");
    assert_eq!(done.failed.as_ref().map(|cause| cause.error.as_str()), Some("AccessDenied"));
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
}

/// A later run of the step finds no member any more.
#[tokio::test]
async fn what_an_earlier_run_removed_is_reported_as_removed() {
    let setup = linked("ACTIVE").await;
    let code = "ResourceNotFoundException".to_owned();
    let missing = Kind::Error { status: 400, code, message: None };
    let once = Fault { times: Some(1), ..Fault::new(Service::Personalize, missing) };
    // The description right before the deletion.
    setup.control.add_fault(once.operation("DescribeDatasetGroup").after(1)).await.expect("a fault");
    let done = setup.retire(&retirement(&[PROJECT])).await.expect("retired");
    assert_eq!((disposition(&done), setup.group().await), (Some(Disposition::Deleted), None));
    assert_eq!(changes(&done), [(RemovalChange::Removed, Some("PROJECT_OWNER"))]);
}
