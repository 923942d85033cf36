//! The link from the dataset group to its group profile.

use contract::StepError;
use contract::outcome::ProfileChange;
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Kind, Profile, ProfileStatus, Service, Tag};
use workflow_tests::{DOMAIN, GROUP, OTHER_DOMAIN, ROLE, Setup, changed, request, request_for_role, tag};

const DOMAIN_TAG: &str = "datazone:domain-id";
const PROFILE_TAG: &str = "datazone:group-profile-id";

async fn with_tags(tags: Vec<Tag>) -> Setup {
    let setup = Setup::start().await;
    setup.put(DatasetGroupState { tags, ..setup.older_group() }).await;
    setup
}

/// Runs the step on a group that is attached elsewhere, and checks that it left everything as it was.
async fn refused(setup: &Setup, request: &Value) -> StepError {
    let before = (setup.tags().await, setup.profiles().await);
    let error = setup.bootstrap(request).await.expect_err("attached elsewhere");
    assert_eq!(error.name(), "DatasetGroupConflict");
    assert_eq!(error.cause().resource, Some(setup.arn("media")));
    assert_eq!((setup.tags().await, setup.profiles().await), before);
    assert_eq!(setup.effects().await, [""; 0]);
    error
}

/// Another execution creates the profile and writes the link after this one has looked for the profile.
#[tokio::test]
async fn a_link_that_was_written_between_the_two_reads_is_no_conflict() {
    let setup = with_tags(vec![]).await;
    setup.bootstrap(&request()).await.expect("attached");
    setup.take_calls().await;
    let nobody = json!({"message": "not found"}).to_string();
    let headers = [("x-amzn-errortype".to_owned(), "ResourceNotFoundException".to_owned())].into();
    let missing = Kind::Raw { status: 404, headers, body: nobody, effect: false };
    setup.fail(Service::DataZone, "GetGroupProfile", missing, Some(1)).await;
    let output = setup.bootstrap(&request()).await.expect("attached");
    assert_eq!(output.changes.group_profile, Some(ProfileChange::Kept));
    assert_eq!(setup.take_calls().await.len(), 3);
}

#[tokio::test]
async fn half_a_link_is_completed() {
    let profile = Profile::of_group(GROUP, ProfileStatus::Assigned);
    for (there, added) in [(tag(DOMAIN_TAG, DOMAIN), PROFILE_TAG), (tag(PROFILE_TAG, &profile.id), DOMAIN_TAG)] {
        let setup = with_tags(vec![there]).await;
        setup.put_profile(profile.clone()).await;
        let output = setup.bootstrap(&request()).await.expect("attached");
        assert_eq!(output.changes.tags_added, [added, "team"]);
        let linked =
            [format!("{DOMAIN_TAG}={DOMAIN}"), format!("{PROFILE_TAG}={}", profile.id), "team=media-secret".to_owned()];
        assert_eq!(setup.tags().await, linked);
    }
}

#[tokio::test]
async fn a_group_that_is_linked_into_another_domain_is_refused_whatever_the_profile() {
    for (request, profile) in [
        (request(), None),
        (request(), Some(Profile::of_group(GROUP, ProfileStatus::Assigned))),
        (request(), Some(Profile::of_group(GROUP, ProfileStatus::NotAssigned))),
        (request_for_role(), None),
        (request_for_role(), Some(Profile::of_role(ROLE, ProfileStatus::NotAssigned))),
    ] {
        let setup = with_tags(vec![tag(DOMAIN_TAG, OTHER_DOMAIN)]).await;
        if let Some(profile) = profile {
            setup.put_profile(profile).await;
        }
        let differences = refused(&setup, &request).await.cause().differences;
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].requested.as_deref(), Some(DOMAIN));
        assert_eq!(differences[0].existing.as_deref(), Some(OTHER_DOMAIN));
    }
}

#[tokio::test]
async fn a_group_that_is_linked_to_another_profile_is_refused_whether_or_not_that_of_the_request_exists() {
    for profile in [None, Some(Profile::of_group(GROUP, ProfileStatus::NotAssigned))] {
        let setup = with_tags(vec![tag(DOMAIN_TAG, DOMAIN), tag(PROFILE_TAG, "another")]).await;
        if let Some(profile) = &profile {
            setup.put_profile(profile.clone()).await;
        }
        let differences = refused(&setup, &request()).await.cause().differences;
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].requested, profile.map(|profile| profile.id));
        assert_eq!(differences[0].existing.as_deref(), Some("another"));
    }
}

#[tokio::test]
async fn a_group_that_is_attached_for_one_principal_is_refused_for_another() {
    let setup = with_tags(vec![]).await;
    setup.bootstrap(&request()).await.expect("attached");
    setup.take_calls().await;
    refused(&setup, &request_for_role()).await;
    setup.control.add_role(OTHER_DOMAIN, ROLE).await.expect("a control command");
    let elsewhere = changed(request_for_role(), &json!({"groupProfile": {"domainIdentifier": OTHER_DOMAIN}}));
    assert_eq!(refused(&setup, &elsewhere).await.cause().differences.len(), 2);
}

#[tokio::test]
async fn a_group_without_room_for_the_tags_is_an_invalid_request_before_anything_is_made() {
    for (existing, words) in [(48, "48 tags, so 2 more can be added, and 3 are needed"), (50, "0 more can be added")] {
        let setup = with_tags((0..existing).map(|number| tag(&format!("key-{number}"), "")).collect()).await;
        let error = setup.bootstrap(&request()).await.expect_err("no room");
        assert_eq!(error.name(), "InvalidRequest");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(setup.effects().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_tag_that_was_added_and_is_not_visible_is_unavailable_and_a_rerun_adds_it() {
    let setup = with_tags(vec![]).await;
    let empty = json!({}).to_string();
    let ignored = Kind::Raw { status: 200, headers: [].into(), body: empty, effect: false };
    setup.fail(Service::Personalize, "TagResource", ignored, Some(1)).await;
    let error = setup.bootstrap(&request()).await.expect_err("not visible");
    assert_eq!(error.name(), "Unavailable");
    assert!(error.to_string().contains("tag datazone:domain-id was added but is not visible"), "{error}");
    setup.bootstrap(&request()).await.expect("attached");
    assert_eq!(setup.tags().await.len(), 3);
}
