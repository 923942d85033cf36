//! What each state of the group profile leads to: the table of cases, on the deployed stack.

use contract::GroupProfileStatus;
use contract::outcome::ProfileChange;
use e2e_tests::Scene;
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Profile, ProfileStatus};

/// The scene's request for its role instead of its group.
fn for_role(scene: &Scene) -> Value {
    let mut request = scene.request();
    request["groupProfile"] = json!({"domainIdentifier": scene.domain, "rolePrincipalArn": scene.role});
    request
}

#[tokio::test]
async fn a_profile_is_kept_assigned_or_created_for_a_group_and_for_a_role() {
    let there = [
        (Some(ProfileStatus::Assigned), ProfileChange::Kept, None),
        (Some(ProfileStatus::NotAssigned), ProfileChange::Assigned, Some("UpdateGroupProfile")),
        (None, ProfileChange::Created, Some("CreateGroupProfile")),
    ];
    for role in [false, true] {
        for (status, change, effect) in there {
            let scene = Scene::new().await;
            scene.put_group(DatasetGroupState::default()).await;
            if let Some(status) = status {
                let profile =
                    if role { Profile::of_role(&scene.role, status) } else { Profile::of_group(&scene.group, status) };
                scene.control.put_profile(&scene.domain, profile).await.expect("a profile");
            }
            let request = if role { for_role(&scene) } else { scene.request() };
            let outcome = scene.run(&request).await.provisioned().await;

            assert_eq!(outcome.changes.group_profile, Some(change));
            assert_eq!(outcome.group_profile.status, GroupProfileStatus::Assigned);
            assert_eq!(outcome.group_profile.role_principal_arn.is_some(), role);
            let profiles = scene.profiles().await;
            assert_eq!(
                (profiles.len(), profiles[0].status, &profiles[0].id),
                (1, ProfileStatus::Assigned, &outcome.group_profile.id)
            );
            let effects: Vec<_> = effect.into_iter().chain(["TagResource"]).collect();
            assert_eq!(scene.effects().await, effects);
        }
    }
}

#[tokio::test]
async fn two_executions_that_create_the_profile_at_once_make_one_and_both_succeed() {
    let scene = Scene::new().await;
    let first = scene.request();
    let second = scene.request_with(&[("/datasetGroup/name", json!(format!("{}-second", scene.name)))]);
    let (first, second) = tokio::join!(scene.run(&first), scene.run(&second));
    let (first, second) = (first.provisioned().await, second.provisioned().await);
    assert_eq!(first.group_profile.id, second.group_profile.id);
    assert_eq!(scene.profiles().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_domain_or_group_is_named_and_a_rerun_continues_from_there() {
    let scene = Scene::new().await;
    let late = format!("{}-late", scene.domain);
    let unknown_domain = scene.request_with(&[("/groupProfile/domainIdentifier", json!(late))]);
    let unknown_group =
        scene.request_with(&[("/groupProfile/groupIdentifier", json!("00000000-0000-0000-0000-00000000aaaa"))]);
    for (request, identifiers) in [
        (&unknown_domain, [late.as_str(), scene.group.as_str()]),
        (&unknown_group, [scene.domain.as_str(), "00000000-0000-0000-0000-00000000aaaa"]),
    ] {
        let outcome = scene.run(request).await.failed().await;
        assert_eq!(outcome.error, "NotFound");
        for identifier in identifiers {
            assert!(outcome.cause.resource.as_deref().is_some_and(|resource| resource.contains(identifier)));
        }
        assert_eq!(outcome.dataset_group.map(|group| group.status.as_str()), Some("ACTIVE"));
        assert!(outcome.timings.seconds_until_active.is_some());
    }

    scene.control.add_domain(&late, &[(&scene.group, "analysts")]).await.expect("a domain");
    let outcome = scene.run(&unknown_domain).await.provisioned().await;
    assert_eq!(outcome.group_profile.domain_id, late);
    assert_eq!(scene.count("CreateDatasetGroup").await, 1);
}

#[tokio::test]
async fn a_group_that_is_attached_to_another_profile_stays_attached_to_it() {
    let scene = Scene::new().await;
    scene.run(&scene.request()).await.provisioned().await;
    let tags = scene.tags().await;
    let other_domain = format!("{}-other", scene.domain);
    scene.control.add_domain(&other_domain, &[(&scene.group, "analysts")]).await.expect("a domain");
    let tag = json!([{"tagKey": "stage", "tagValue": "test"}]);
    let into_other_domain = scene.request_with(&[("/groupProfile/domainIdentifier", json!(other_domain))]);
    for (mut request, member) in
        [(for_role(&scene), "groupProfile"), (into_other_domain, "groupProfile.domainIdentifier")]
    {
        request["datasetGroup"]["tags"] = tag.clone();
        let outcome = scene.run(&request).await.failed().await;
        assert_eq!(outcome.error, "DatasetGroupConflict");
        assert_eq!(outcome.cause.differences[0].member, member);
    }
    assert_eq!((scene.tags().await, scene.profiles().await.len()), (tags, 1));
    assert_eq!(scene.control.profiles(&other_domain).await.expect("profiles"), []);
}
