//! A plan says what a retirement would do, and changes nothing.

use contract::StepError;
use contract::retirement::{GroupAction, ProjectAction, RemovalChange};
use simulators::{Kind, Service, Step};
use workflow_tests::{NAME, PROJECT, retirement};

use super::{changes, linked};

#[tokio::test]
async fn a_plan_reads_only_and_says_what_happens_next() {
    let (member, none) = (ProjectAction::Remove, ProjectAction::None);
    for (prepared, group, project) in [
        (Some("ACTIVE"), GroupAction::Delete, member),
        (Some("CREATE FAILED"), GroupAction::Delete, member),
        (Some("DELETE PENDING"), GroupAction::AwaitDeletion, member),
        (None, GroupAction::None, ProjectAction::Leave),
    ] {
        let setup = linked(prepared.unwrap_or("ACTIVE")).await;
        if prepared.is_none() {
            setup.control.remove_dataset_group(NAME).await.expect("an order");
        }
        setup.put_project("empty", &[]).await;
        let plan = setup.plan_retirement(&retirement(&[PROJECT, "empty"])).await.expect("a plan");
        assert_eq!(plan.dataset_group.action, group);
        assert_eq!(plan.projects.iter().map(|project| project.action).collect::<Vec<_>>(), [project, none]);
        assert!(plan.would_fail.is_none() && setup.effects().await.is_empty());
        let plan = setup.plan_retirement(&retirement(&["unknown"])).await.expect("a plan");
        assert_eq!(plan.would_fail.map(|cause| cause.error).as_deref(), Some("NotFound"));
        if group == GroupAction::AwaitDeletion {
            setup
                .control
                .move_dataset_group(NAME, &[Step::status("DELETE PENDING").times(4), Step::gone()])
                .await
                .expect("an order");
        }
        let done = setup.retire(&retirement(&[PROJECT, "empty"])).await.expect("retired");
        let change = if project == member { RemovalChange::Removed } else { RemovalChange::Left };
        assert_eq!(changes(&done), [(change, Some("PROJECT_OWNER")), (RemovalChange::Absent, None)]);
    }
}

#[tokio::test]
async fn an_error_that_ends_a_plan_ends_this_one() {
    for (service, operation) in [
        (Service::Personalize, "ListDatasets"),
        (Service::Personalize, "ListFilters"),
        (Service::DataZone, "ListProjectMemberships"),
    ] {
        let setup = linked("ACTIVE").await;
        setup.fail(service, operation, Kind::AccessDenied, None).await;
        let error = setup.plan_retirement(&retirement(&[PROJECT])).await.expect_err("denied");
        assert!(matches!(error, StepError::AccessDenied(_)), "{error}");
        assert!(error.cause().remedy.contains(operation), "{}", error.cause().remedy);
    }
}
