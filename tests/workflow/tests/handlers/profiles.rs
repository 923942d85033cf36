//! The group profile is found, made or assigned, and there is one.

use contract::GroupProfileStatus;
use contract::outcome::ProfileChange;
use serde_json::{Value, json};
use simulators::{Behaviour, CallFilter, ExistingProfile, Kind, Profile, ProfileStatus, Service};
use workflow_tests::{DOMAIN, GROUP, GROUP_NAME, ROLE, Setup, changed, request, request_for_role};

/// A principal: what asks for its profile, what its profile looks like, and the operation that looks for it.
struct Principal {
    request: Value,
    profile: fn(ProfileStatus) -> Profile,
    /// How a look ends that finds nothing.
    missed: &'static str,
    look: &'static str,
}

/// A group of people and a role.
fn principals() -> [Principal; 2] {
    [
        Principal {
            request: request(),
            profile: |status| Profile::of_group(GROUP, status),
            missed: "GetGroupProfile ResourceNotFoundException",
            look: "GetGroupProfile",
        },
        Principal {
            request: request_for_role(),
            profile: |status| Profile::of_role(ROLE, status),
            missed: "SearchGroupProfiles",
            look: "SearchGroupProfiles",
        },
    ]
}

async fn with_a_group() -> Setup {
    let setup = Setup::start().await;
    setup.put_group("ACTIVE").await;
    setup
}

async fn behave(setup: &Setup, change: impl FnOnce(Behaviour) -> Behaviour) {
    let behaviour = setup.control.behaviour().await.expect("the settings");
    setup.control.set_behaviour(&change(behaviour)).await.expect("an order");
}

/// The next look finds nothing, as if the profile were made right after it.
async fn look_too_early(setup: &Setup, principal: &Principal) {
    let code = "ResourceNotFoundException".to_owned();
    setup.fail(Service::DataZone, principal.look, Kind::Error { status: 404, code, message: None }, Some(1)).await;
}

#[tokio::test]
async fn a_profile_is_created_assigned_or_kept() {
    for (existing, change, call) in [
        (None, ProfileChange::Created, Some("CreateGroupProfile effect")),
        (Some(ProfileStatus::NotAssigned), ProfileChange::Assigned, Some("UpdateGroupProfile effect")),
        (Some(ProfileStatus::Assigned), ProfileChange::Kept, None),
    ] {
        for principal in principals() {
            let setup = with_a_group().await;
            if let Some(status) = existing {
                setup.put_profile((principal.profile)(status)).await;
            }
            let output = setup.bootstrap(&principal.request).await.expect("attached");
            let profile = &setup.profiles().await[0];
            assert_eq!(profile.status, ProfileStatus::Assigned);
            assert_eq!((&output.group_profile.id, &*output.group_profile.domain_id), (&profile.id, DOMAIN));
            assert_eq!(output.group_profile.status, GroupProfileStatus::Assigned);
            assert_eq!(output.group_profile.group_name, profile.group_name);
            assert_eq!(output.group_profile.role_principal_arn, profile.role_principal_arn);
            assert_eq!(output.changes.group_profile, Some(change));
            assert_eq!(output.changes.tags_added, ["datazone:domain-id", "datazone:group-profile-id", "team"]);
            let look = if existing.is_some() { principal.look } else { principal.missed };
            // A call that takes time is followed by another read of the link.
            let profile_calls = call.map_or(vec![], |call| vec![call, "ListTagsForResource"]);
            let link = ["TagResource effect", "ListTagsForResource"];
            let calls = [&[look, "ListTagsForResource"], &profile_calls[..], &link].concat();
            assert_eq!(setup.take_calls().await, calls);
        }
    }
}

#[tokio::test]
async fn a_new_profile_that_begins_not_assigned_is_assigned() {
    for principal in principals() {
        let setup = with_a_group().await;
        behave(&setup, |behaviour| Behaviour { new_profile_status: ProfileStatus::NotAssigned, ..behaviour }).await;
        let output = setup.bootstrap(&principal.request).await.expect("assigned");
        assert_eq!(output.group_profile.status, GroupProfileStatus::Assigned);
        assert_eq!(output.changes.group_profile, Some(ProfileChange::Created));
        assert_eq!(setup.effects().await, ["CreateGroupProfile", "UpdateGroupProfile", "TagResource"]);
    }
}

#[tokio::test]
async fn a_profile_that_somebody_else_made_after_the_look_is_the_profile() {
    for existing_profile in [ExistingProfile::Return, ExistingProfile::ValidationException] {
        for status in [ProfileStatus::Assigned, ProfileStatus::NotAssigned] {
            for principal in principals() {
                let setup = with_a_group().await;
                behave(&setup, |behaviour| Behaviour { existing_profile, ..behaviour }).await;
                setup.put_profile((principal.profile)(status)).await;
                look_too_early(&setup, &principal).await;
                let output = setup.bootstrap(&principal.request).await.expect("one profile");
                let profiles = setup.profiles().await;
                assert_eq!(profiles.len(), 1);
                assert_eq!(output.group_profile.id, profiles[0].id);
                assert_eq!(profiles[0].status, ProfileStatus::Assigned);
                assert!(!setup.effects().await.contains(&"CreateGroupProfile".to_owned()));
            }
        }
    }
}

#[tokio::test]
async fn a_creation_that_lost_a_race_with_any_refusal_finds_the_profile_of_the_winner() {
    for (status, code) in [(409, "ConflictException"), (402, "ServiceQuotaExceededException"), (400, "SomethingNew")] {
        for principal in principals() {
            let setup = with_a_group().await;
            setup.put_profile((principal.profile)(ProfileStatus::Assigned)).await;
            look_too_early(&setup, &principal).await;
            let refusal = Kind::Error { status, code: code.to_owned(), message: None };
            setup.fail(Service::DataZone, "CreateGroupProfile", refusal, None).await;
            let output = setup.bootstrap(&principal.request).await.expect("one profile");
            assert_eq!(output.group_profile.id, setup.profiles().await[0].id, "{code}");
        }
    }
}

#[tokio::test]
async fn a_group_of_people_is_found_by_its_name_where_get_takes_only_ids() {
    let named = changed(request(), &json!({"groupProfile": {"groupIdentifier": GROUP_NAME}}));
    let setup = with_a_group().await;
    behave(&setup, |behaviour| Behaviour { lookup_by_name: false, ..behaviour }).await;
    // The search finds names that contain the text, and only the whole name counts.
    let longer = "a1b2c3d4-5678-90ab-cdef-112233445567";
    setup.control.add_domain(DOMAIN, &[(longer, &format!("{GROUP_NAME}-2"))]).await.expect("an order");
    setup.put_profile(Profile::of_group(longer, ProfileStatus::Assigned)).await;
    let profile = Profile::of_group(GROUP, ProfileStatus::Assigned);
    setup.put_profile(profile.clone()).await;
    let output = setup.bootstrap(&named).await.expect("found");
    assert_eq!((output.group_profile.id, output.changes.group_profile), (profile.id, Some(ProfileChange::Kept)));
    assert_eq!(setup.bootstrap(&named).await.map(|output| output.changes.tags_added), Ok(vec![]));
}

/// The answer of a search, with these items and a token for the next page.
fn page(items: &Value, next: &str) -> Kind {
    let body = json!({"items": items, "nextToken": next}).to_string();
    Kind::Raw { status: 200, headers: [].into(), body, effect: false }
}

#[tokio::test]
async fn a_search_that_is_given_a_page_token_twice_is_unavailable_and_makes_no_second_profile() {
    let setup = with_a_group().await;
    setup.put_profile(Profile::of_role(ROLE, ProfileStatus::Assigned)).await;
    setup.fail(Service::DataZone, "SearchGroupProfiles", page(&json!([]), "again"), None).await;
    let error = setup.bootstrap(&request_for_role()).await.expect_err("no end");
    assert_eq!(error.name(), "Unavailable");
    assert_eq!(setup.take_calls().await, ["SearchGroupProfiles", "SearchGroupProfiles"]);
}

#[tokio::test]
async fn a_search_without_an_end_is_ended_after_two_hundred_pages() {
    let setup = with_a_group().await;
    for number in 0..=200 {
        let next = format!("page-{number}");
        setup.fail(Service::DataZone, "SearchGroupProfiles", page(&json!([]), &next), Some(1)).await;
    }
    let error = setup.bootstrap(&request_for_role()).await.expect_err("no end");
    assert_eq!(error.name(), "Unexpected");
    assert!(error.to_string().contains("more than 200 pages") && error.to_string().contains(ROLE), "{error}");
    let calls = setup.control.calls(CallFilter::operation("SearchGroupProfiles")).await.expect("the log");
    assert_eq!((calls.len(), setup.effects().await), (200, vec![]));
}

#[tokio::test]
async fn a_profile_that_is_not_returned_as_assigned_is_tried_again_and_another_one_is_unexpected() {
    let setup = with_a_group().await;
    let profile = Profile::of_group(GROUP, ProfileStatus::NotAssigned);
    let id = profile.id.clone();
    setup.put_profile(profile).await;
    for (id, status, name) in [(id.as_str(), "NOT_ASSIGNED", "Unavailable"), ("x", "ASSIGNED", "Unexpected")] {
        let update = json!({"domainId": DOMAIN, "id": id, "status": status}).to_string();
        let ignored = Kind::Raw { status: 200, headers: [].into(), body: update, effect: false };
        setup.fail(Service::DataZone, "UpdateGroupProfile", ignored, Some(1)).await;
        let error = setup.bootstrap(&request()).await.expect_err("not assigned");
        assert_eq!(error.name(), name);
        assert_eq!(setup.effects().await, [""; 0]);
    }
    setup.bootstrap(&request()).await.expect("assigned");
    assert_eq!(setup.effects().await, ["UpdateGroupProfile", "TagResource"]);
}
