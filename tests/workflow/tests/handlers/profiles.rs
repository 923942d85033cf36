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
async fn a_profile_that_does_not_exist_is_created() {
    for principal in principals() {
        let setup = with_a_group().await;
        let output = setup.bootstrap(&principal.request).await.expect("created");
        let profile = &setup.profiles().await[0];
        assert_eq!(output.group_profile.id, profile.id);
        assert_eq!(output.group_profile.domain_id, DOMAIN);
        assert_eq!(output.group_profile.status, GroupProfileStatus::Assigned);
        assert_eq!(output.group_profile.group_name, profile.group_name);
        assert_eq!(output.group_profile.role_principal_arn, profile.role_principal_arn);
        assert_eq!(output.changes.group_profile, Some(ProfileChange::Created));
        assert_eq!(output.changes.tags_added, ["datazone:domain-id", "datazone:group-profile-id", "team"]);
        assert_eq!(
            setup.take_calls().await,
            [
                principal.missed,
                "ListTagsForResource",
                "CreateGroupProfile effect",
                "ListTagsForResource",
                "TagResource effect",
                "ListTagsForResource"
            ]
        );
    }
}

#[tokio::test]
async fn a_profile_that_is_assigned_is_kept() {
    for principal in principals() {
        let setup = with_a_group().await;
        setup.put_profile((principal.profile)(ProfileStatus::Assigned)).await;
        let output = setup.bootstrap(&principal.request).await.expect("kept");
        assert_eq!(output.changes.group_profile, Some(ProfileChange::Kept));
        assert_eq!(
            setup.take_calls().await,
            [principal.look, "ListTagsForResource", "TagResource effect", "ListTagsForResource"]
        );
    }
}

#[tokio::test]
async fn a_profile_that_is_not_assigned_is_assigned() {
    for principal in principals() {
        let setup = with_a_group().await;
        setup.put_profile((principal.profile)(ProfileStatus::NotAssigned)).await;
        let output = setup.bootstrap(&principal.request).await.expect("assigned");
        assert_eq!(output.changes.group_profile, Some(ProfileChange::Assigned));
        assert_eq!(setup.profiles().await[0].status, ProfileStatus::Assigned);
        assert_eq!(
            setup.take_calls().await,
            [
                principal.look,
                "ListTagsForResource",
                "UpdateGroupProfile effect",
                "ListTagsForResource",
                "TagResource effect",
                "ListTagsForResource"
            ]
        );
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

/// As long as the profile of the winner is not visible, there is nothing to go on with.
#[tokio::test]
async fn a_creation_in_conflict_whose_winner_is_not_visible_yet_is_unavailable() {
    let setup = with_a_group().await;
    let refusal = Kind::Error { status: 409, code: "ConflictException".to_owned(), message: None };
    setup.fail(Service::DataZone, "CreateGroupProfile", refusal, None).await;
    let error = setup.bootstrap(&request()).await.expect_err("not visible");
    assert_eq!(error.name(), "Unavailable");
    assert_eq!(error.cause().code.as_deref(), Some("ConflictException"));
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
async fn a_quota_of_datazone_has_a_remedy_of_its_own() {
    let setup = with_a_group().await;
    let full = Kind::Error { status: 402, code: "ServiceQuotaExceededException".to_owned(), message: None };
    setup.fail(Service::DataZone, "CreateGroupProfile", full, None).await;
    let error = setup.bootstrap(&request()).await.expect_err("full");
    assert_eq!(error.name(), "QuotaExceeded");
    let remedy = error.cause().remedy;
    assert!(remedy.contains("Amazon DataZone") && !remedy.contains("dataset groups"), "{remedy}");
}

#[tokio::test]
async fn the_outcome_for_a_role_names_the_role_also_where_datazone_leaves_it_out() {
    let setup = with_a_group().await;
    let profile = Profile::of_role(ROLE, ProfileStatus::NotAssigned);
    setup.put_profile(profile.clone()).await;
    let bare = json!({"domainId": DOMAIN, "id": profile.id, "status": "ASSIGNED"}).to_string();
    let answer = Kind::Raw { status: 200, headers: [].into(), body: bare, effect: false };
    setup.fail(Service::DataZone, "GetGroupProfile", answer, None).await;
    let output = setup.bootstrap(&request_for_role()).await.expect("assigned");
    assert_eq!(output.group_profile.role_principal_arn.as_deref(), Some(ROLE));
}

#[tokio::test]
async fn a_creation_that_datazone_refuses_for_good_is_an_invalid_request() {
    for principal in principals() {
        let setup = with_a_group().await;
        let refusal = Kind::Error { status: 400, code: "ValidationException".to_owned(), message: None };
        setup.fail(Service::DataZone, "CreateGroupProfile", refusal, None).await;
        let error = setup.bootstrap(&principal.request).await.expect_err("refused");
        assert_eq!(error.name(), "InvalidRequest");
        assert_eq!(error.cause().operation.as_deref(), Some("CreateGroupProfile"));
        assert_eq!(setup.effects().await, [""; 0]);
    }
}

#[tokio::test]
async fn the_client_token_is_the_same_in_every_run_and_another_for_another_principal() {
    let mut tokens = Vec::new();
    for request in [request(), request(), request_for_role()] {
        let setup = with_a_group().await;
        setup.bootstrap(&request).await.expect("created");
        let calls = setup.control.calls(CallFilter::operation("CreateGroupProfile")).await.expect("the log");
        tokens.push(calls[0].request["clientToken"].clone());
    }
    assert!(tokens[0].is_string());
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[0], tokens[2]);
}

#[tokio::test]
async fn a_client_token_of_the_request_is_used() {
    let setup = with_a_group().await;
    let request = changed(request(), &json!({"groupProfile": {"clientToken": "of-the-caller"}}));
    setup.bootstrap(&request).await.expect("created");
    let calls = setup.control.calls(CallFilter::operation("CreateGroupProfile")).await.expect("the log");
    assert_eq!(calls[0].request, json!({"groupIdentifier": GROUP, "clientToken": "of-the-caller"}));
}

#[tokio::test]
async fn the_profile_of_a_role_is_found_on_a_later_page() {
    let setup = with_a_group().await;
    for number in 0..120 {
        setup.put_profile(Profile::of_role(&format!("{ROLE}-{number}"), ProfileStatus::Assigned)).await;
    }
    let wanted = Profile::of_role(ROLE, ProfileStatus::Assigned);
    setup.put_profile(wanted.clone()).await;
    let output = setup.bootstrap(&request_for_role()).await.expect("found");
    assert_eq!(output.group_profile.id, wanted.id);
    assert_eq!(
        setup.take_calls().await,
        [
            "SearchGroupProfiles",
            "SearchGroupProfiles",
            "SearchGroupProfiles",
            "ListTagsForResource",
            "TagResource effect",
            "ListTagsForResource"
        ]
    );
}

#[tokio::test]
async fn a_role_whose_name_is_the_beginning_of_others_is_not_taken_for_one_of_them() {
    let setup = with_a_group().await;
    for number in 0..60 {
        setup.put_profile(Profile::of_role(&format!("{ROLE}-{number}"), ProfileStatus::Assigned)).await;
    }
    let output = setup.bootstrap(&request_for_role()).await.expect("created");
    assert_eq!(output.group_profile.role_principal_arn.as_deref(), Some(ROLE));
    assert_eq!(output.changes.group_profile, Some(ProfileChange::Created));
    assert_eq!(setup.effects().await, ["CreateGroupProfile", "TagResource"]);
}

#[tokio::test]
async fn identity_center_group_can_be_given_by_name() {
    let setup = with_a_group().await;
    let named = changed(request(), &json!({"groupProfile": {"groupIdentifier": GROUP_NAME}}));
    let output = setup.bootstrap(&named).await.expect("created");
    assert_eq!(output.group_profile.group_name.as_deref(), Some(GROUP_NAME));
    assert_eq!(setup.profiles().await[0].group_id.as_deref(), Some(GROUP));
    // The name has a space and a slash in it, and is found in the path of the request all the same.
    assert_eq!(setup.bootstrap(&named).await.map(|output| output.changes.group_profile), Ok(Some(ProfileChange::Kept)));
}

#[tokio::test]
async fn a_domain_or_principal_that_datazone_does_not_know_is_named_and_nothing_is_changed() {
    let nobody = "00000000-0000-0000-0000-000000000000";
    let no_role = "arn:aws:iam::123456789012:role/nobody";
    let cases = [
        (request(), json!({"domainIdentifier": "dzd_nowhere"}), ["dzd_nowhere", GROUP]),
        (request_for_role(), json!({"domainIdentifier": "dzd_nowhere"}), ["dzd_nowhere", ROLE]),
        (request(), json!({"groupIdentifier": nobody}), [DOMAIN, nobody]),
        (request_for_role(), json!({"rolePrincipalArn": no_role}), [DOMAIN, no_role]),
    ];
    for (request, change, named) in cases {
        let setup = with_a_group().await;
        let error = setup.bootstrap(&changed(request, &json!({"groupProfile": change}))).await.expect_err("unknown");
        assert_eq!(error.name(), "NotFound");
        let resource = error.cause().resource.expect("the identifiers");
        assert!(named.iter().all(|identifier| resource.contains(identifier)), "{resource}");
        assert_eq!(setup.effects().await, [""; 0]);
    }
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

#[tokio::test]
async fn a_status_of_a_profile_that_nobody_knows_is_unexpected_and_named() {
    let setup = with_a_group().await;
    let body = json!({"domainId": DOMAIN, "id": "x", "status": "SUSPENDED"}).to_string();
    let odd = Kind::Raw { status: 200, headers: [].into(), body, effect: false };
    setup.fail(Service::DataZone, "GetGroupProfile", odd, None).await;
    let error = setup.bootstrap(&request()).await.expect_err("unknown");
    assert_eq!(error.name(), "Unexpected");
    assert!(error.to_string().contains("SUSPENDED"), "{error}");
    assert_eq!(setup.effects().await, [""; 0]);
}
