//! Two executions at the same time.

use contract::Progress;
use contract::outcome::Disposition;
use serde_json::json;
use simulators::{Kind, Profile, ProfileStatus, Service};
use tokio::join;
use tokio::task::yield_now;
use workflow_tests::{KEY, ROLE, Setup, changed, request, request_for_role};

/// Holds the first two calls of an operation back, so that both executions have looked before one of them acts.
async fn meet_at(setup: &Setup, service: Service, operation: &str) {
    setup.fail(service, operation, Kind::Delay { milliseconds: 100 }, Some(2)).await;
}

#[tokio::test]
async fn of_two_configurations_one_wins_and_the_other_is_a_conflict() {
    for change in [
        json!({"datasetGroup": {"domain": "VIDEO_ON_DEMAND"}}),
        json!({"datasetGroup": {"domain": null}}),
        json!({"datasetGroup": {"kmsKeyArn": KEY, "roleArn": ROLE}}),
    ] {
        let setup = Setup::start().await;
        meet_at(&setup, Service::Personalize, "CreateDatasetGroup").await;
        let requests = [request(), changed(request(), &change)];
        let (one, other) = join!(setup.create(&requests[0]), setup.create(&requests[1]));
        let mut names = [one, other].map(|ended| ended.map_or_else(|error| error.name(), |_| "created"));
        names.sort_unstable();
        assert_eq!(names, ["DatasetGroupConflict", "created"], "{change}");
        assert_eq!(setup.effects().await, ["CreateDatasetGroup"], "{change}");
    }
}

#[tokio::test]
async fn two_bootstraps_that_assign_one_profile_both_succeed() {
    let setup = Setup::start().await;
    setup.put_group("ACTIVE").await;
    setup.put_profile(Profile::of_role(ROLE, ProfileStatus::NotAssigned)).await;
    meet_at(&setup, Service::DataZone, "UpdateGroupProfile").await;
    let request = request_for_role();
    let (one, other) = join!(setup.bootstrap(&request), setup.bootstrap(&request));
    assert_eq!(one.expect("attached").group_profile, other.expect("attached").group_profile);
    assert_eq!(setup.profiles().await.len(), 1);
}

#[tokio::test]
async fn two_whole_executions_end_alike() {
    for request in [request(), request_for_role()] {
        let setup = Setup::start().await;
        meet_at(&setup, Service::Personalize, "CreateDatasetGroup").await;
        meet_at(&setup, Service::DataZone, "CreateGroupProfile").await;
        let (one, other) = join!(setup.provision(&request), setup.provision(&request));
        let (one, other) = (one.expect("provisioned"), other.expect("provisioned"));
        assert_eq!(one.group_profile, other.group_profile);
        assert_eq!([one.disposition, other.disposition], [Some(Disposition::Created); 2]);
        let effects = setup.effects().await;
        assert_eq!(effects, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
        assert_eq!(setup.tags().await.len(), 3);
    }
}

#[tokio::test]
async fn two_executions_that_replace_one_failed_group_make_one() {
    let setup = Setup::start().await;
    setup.put_group("CREATE FAILED").await;
    meet_at(&setup, Service::Personalize, "DeleteDatasetGroup").await;
    let request = changed(request(), &json!({"policy": {"ifCreateFailed": "REPLACE"}}));
    let (one, other) = join!(setup.provision(&request), setup.provision(&request));
    assert_eq!(one.expect("provisioned").group_profile, other.expect("provisioned").group_profile);
    let effects = setup.effects().await;
    for operation in ["DeleteDatasetGroup", "CreateDatasetGroup", "CreateGroupProfile"] {
        assert_eq!(effects.iter().filter(|effect| *effect == operation).count(), 1, "{effects:?}");
    }
}

#[tokio::test]
async fn a_group_that_another_execution_replaced_between_two_looks_is_compared_again() {
    let setup = Setup::start().await;
    let requests = [request(), changed(request(), &json!({"datasetGroup": {"domain": "VIDEO_ON_DEMAND"}}))];
    let created = setup.create(&requests[0]).await.expect("created");
    // It fails, and another execution deletes it and creates its own, all before the next look.
    setup.control.remove_dataset_group("media").await.expect("an order");
    setup.create(&requests[1]).await.expect("created");
    let (requested, mut group) = (created.request.dataset_group, created.dataset_group);
    let progress = loop {
        let looked = setup.poll_on(group, requested.clone(), created.since, 3600, 1, 20).await.expect("a look");
        match looked.progress {
            Progress::Creating => group = looked.dataset_group,
            Progress::Active | Progress::Deleting | Progress::Recreate => break looked.progress,
        }
    };
    assert_eq!(progress, Progress::Recreate);
    let error = setup.create_at(&requests[0], 1, 20).await.expect_err("another configuration");
    assert_eq!(error.name(), "DatasetGroupConflict");
}

/// The one that is held back while it makes its profile finds the other's link before it writes its own. Both have
/// looked before; only the moment between the last look and the write is open to a race (docs/architecture.md).
#[tokio::test]
async fn of_two_principals_at_once_one_wins_and_the_other_is_a_conflict() {
    let setup = Setup::start().await;
    setup.put_group("ACTIVE").await;
    setup.fail(Service::DataZone, "CreateGroupProfile", Kind::Delay { milliseconds: 500 }, Some(1)).await;
    let more = json!({"datasetGroup": {"tags": [{"tagKey": "stage", "tagValue": "test"}]}});
    let requests = [changed(request(), &more), request_for_role()];
    let second = async {
        while setup.calls().await.iter().all(|call| call.operation != "CreateGroupProfile") {
            yield_now().await;
        }
        setup.bootstrap(&requests[1]).await
    };
    let (held_back, winner) = join!(setup.bootstrap(&requests[0]), second);
    let winner = winner.expect("attached").group_profile;
    let error = held_back.expect_err("attached to another");
    assert_eq!(error.name(), "DatasetGroupConflict");
    assert_eq!(error.cause().differences[0].existing.as_deref(), Some(winner.id.as_str()));
    let tags = setup.tags().await;
    assert!(tags.contains(&format!("datazone:group-profile-id={}", winner.id)));
    assert!(!tags.contains(&"stage=test".to_owned()), "no tag for a profile of somebody else");
}
