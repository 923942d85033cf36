//! What each state of the group profile leads to: the table of cases, on the deployed stack.

use contract::GroupProfileStatus;
use contract::outcome::ProfileChange;
use e2e_tests::Setup;
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Profile, ProfileStatus};

/// The set-up's request for its role instead of its group.
fn for_role(setup: &Setup) -> Value {
    let mut request = setup.request();
    request["groupProfile"] = json!({"domainIdentifier": setup.domain, "rolePrincipalArn": setup.role});
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
            let setup = Setup::new().await;
            setup.put_group(DatasetGroupState::default()).await;
            if let Some(status) = status {
                let profile =
                    if role { Profile::of_role(&setup.role, status) } else { Profile::of_group(&setup.group, status) };
                setup.control.put_profile(&setup.domain, profile).await.expect("a profile");
            }
            let request = if role { for_role(&setup) } else { setup.request() };
            let outcome = setup.run(&request).await.provisioned().await;

            assert_eq!(outcome.changes.group_profile, Some(change));
            assert_eq!(outcome.group_profile.status, GroupProfileStatus::Assigned);
            assert_eq!(outcome.group_profile.role_principal_arn.is_some(), role);
            let profiles = setup.profiles().await;
            assert_eq!(
                (profiles.len(), profiles[0].status, &profiles[0].id),
                (1, ProfileStatus::Assigned, &outcome.group_profile.id)
            );
            let effects: Vec<_> = effect.into_iter().chain(["TagResource"]).collect();
            assert_eq!(setup.effects().await, effects);
        }
    }
}

#[tokio::test]
async fn two_executions_that_create_the_profile_at_once_make_one_and_both_succeed() {
    let setup = Setup::new().await;
    let first = setup.request();
    let second = setup.request_with(&[("/datasetGroup/name", json!(format!("{}-second", setup.name)))]);
    let (first, second) = tokio::join!(setup.run(&first), setup.run(&second));
    let (first, second) = (first.provisioned().await, second.provisioned().await);
    assert_eq!(first.group_profile.id, second.group_profile.id);
    assert_eq!(setup.profiles().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_domain_or_group_is_named_and_a_rerun_continues_from_there() {
    let setup = Setup::new().await;
    let late = format!("{}-late", setup.domain);
    let unknown_domain = setup.request_with(&[("/groupProfile/domainIdentifier", json!(late))]);
    let unknown_group =
        setup.request_with(&[("/groupProfile/groupIdentifier", json!("00000000-0000-0000-0000-00000000aaaa"))]);
    for (request, identifiers) in [
        (&unknown_domain, [late.as_str(), setup.group.as_str()]),
        (&unknown_group, [setup.domain.as_str(), "00000000-0000-0000-0000-00000000aaaa"]),
    ] {
        let outcome = setup.run(request).await.failed().await;
        assert_eq!(outcome.error, "NotFound");
        for identifier in identifiers {
            assert!(outcome.cause.resource.as_deref().is_some_and(|resource| resource.contains(identifier)));
        }
        assert_eq!(outcome.dataset_group.map(|group| group.status.as_str()), Some("ACTIVE"));
        assert!(outcome.timings.seconds_until_active.is_some());
    }

    setup.control.add_domain(&late, &[(&setup.group, "analysts")]).await.expect("a domain");
    let outcome = setup.run(&unknown_domain).await.provisioned().await;
    assert_eq!(outcome.group_profile.domain_id, late);
    assert_eq!(setup.count("CreateDatasetGroup").await, 1);
}

#[tokio::test]
async fn a_group_that_is_attached_to_another_profile_stays_attached_to_it() {
    let setup = Setup::new().await;
    setup.run(&setup.request()).await.provisioned().await;
    let tags = setup.tags().await;
    let other_domain = format!("{}-other", setup.domain);
    setup.control.add_domain(&other_domain, &[(&setup.group, "analysts")]).await.expect("a domain");
    let tag = json!([{"tagKey": "stage", "tagValue": "test"}]);
    let into_other_domain = setup.request_with(&[("/groupProfile/domainIdentifier", json!(other_domain))]);
    for (mut request, member) in
        [(for_role(&setup), "groupProfile"), (into_other_domain, "groupProfile.domainIdentifier")]
    {
        request["datasetGroup"]["tags"] = tag.clone();
        let outcome = setup.run(&request).await.failed().await;
        assert_eq!(outcome.error, "DatasetGroupConflict");
        assert_eq!(outcome.cause.differences[0].member, member);
    }
    assert_eq!((setup.tags().await, setup.profiles().await.len()), (tags, 1));
    assert_eq!(setup.control.profiles(&other_domain).await.expect("profiles"), []);
}
