//! What callers of the two services see, over the wire.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod support;

use serde_json::{Value, json};
use simulators::{
    Behaviour, CallFilter, ContentKind, Contents, ContentsOfMissingGroup, DatasetGroupState, DomainState, Lifecycle,
    Profile, ProfileStatus, Project, ProjectMember, Registration, Script, Settings, Simulators, Step,
};
use support::{DOMAIN, GROUP, SIGNED, arn, create_profile, datazone, personalize, send, started, started_with};

const ROLE: &str = "arn:aws:iam::123456789012:role/analyst";
const OWNER: &str = "PROJECT_OWNER";

async fn described(simulators: &Simulators, name: &str) -> String {
    let received = personalize(simulators, "DescribeDatasetGroup", &json!({"datasetGroupArn": arn(name)})).await;
    match received.status {
        Some(200) => received.json()["datasetGroup"]["status"].as_str().unwrap().to_owned(),
        _ => received.code(),
    }
}

#[tokio::test]
async fn a_dataset_group_lives_from_create_pending_to_gone() {
    let (simulators, _control) = started().await;
    let request = json!({"name": "media", "domain": "ECOMMERCE", "tags": [{"tagKey": "team", "tagValue": "media"}]});
    let created = personalize(&simulators, "CreateDatasetGroup", &request).await;
    assert_eq!(created.status, Some(200));
    assert_eq!(created.header("content-type"), Some("application/x-amz-json-1.1"));
    assert!(created.header("x-amzn-requestid").is_some());
    assert_eq!(created.json(), json!({"datasetGroupArn": arn("media"), "domain": "ECOMMERCE"}));

    for status in ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE", "ACTIVE"] {
        assert_eq!(described(&simulators, "media").await, status);
    }
    let deleted = personalize(&simulators, "DeleteDatasetGroup", &json!({"datasetGroupArn": arn("media")})).await;
    assert_eq!((deleted.status, deleted.body.len()), (Some(200), 0));
    for status in ["DELETE PENDING", "DELETE PENDING", "ResourceNotFoundException"] {
        assert_eq!(described(&simulators, "media").await, status);
    }
    simulators.stop().await;
}

#[tokio::test]
async fn a_description_has_exactly_the_members_that_the_group_has() {
    let (simulators, _control) = started().await;
    personalize(&simulators, "CreateDatasetGroup", &json!({"name": "custom"})).await;
    let request = json!({"datasetGroupArn": arn("custom")});
    let group = personalize(&simulators, "DescribeDatasetGroup", &request).await.json()["datasetGroup"].clone();
    let mut members = group.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    members.sort_unstable();
    assert_eq!(members, ["creationDateTime", "datasetGroupArn", "lastUpdatedDateTime", "name", "status"]);
    assert!(group["creationDateTime"].is_number());
}

#[tokio::test]
async fn what_happens_to_the_next_group_of_a_name_can_be_said_before_it_exists() {
    let (simulators, control) = started().await;
    let steps = [Step::not_found(), Step::status("PAUSED"), Step::create_failed("the role cannot use the key")];
    control.script_dataset_group("media", Script::create(steps)).await.unwrap();
    personalize(&simulators, "CreateDatasetGroup", &json!({"name": "media"})).await;
    assert_eq!(control.dataset_group("media").await.unwrap().unwrap().status, None);
    for status in ["ResourceNotFoundException", "PAUSED", "CREATE FAILED"] {
        assert_eq!(described(&simulators, "media").await, status);
    }
    let listed = personalize(&simulators, "ListDatasetGroups", &json!({})).await.json();
    assert_eq!(listed["datasetGroups"][0]["failureReason"], "the role cannot use the key");
}

#[tokio::test]
async fn a_group_that_exists_can_be_moved_and_removed_by_order() {
    let (simulators, control) = started().await;
    control.put_dataset_group(&DatasetGroupState::in_status("media", "CREATE IN_PROGRESS")).await.unwrap();
    assert_eq!(described(&simulators, "media").await, "CREATE IN_PROGRESS");
    control.move_dataset_group("media", &[Step::status("ACTIVE")]).await.unwrap();
    assert_eq!(described(&simulators, "media").await, "ACTIVE");
    control.remove_dataset_group("media").await.unwrap();
    assert_eq!(described(&simulators, "media").await, "ResourceNotFoundException");
    assert!(control.dataset_group("media").await.unwrap().is_none());
    assert!(control.move_dataset_group("media", &[]).await.unwrap_err().to_string().contains("404"));
}

fn contents(kind: ContentKind, count: usize) -> Contents {
    Contents::from([(kind, (1..=count).map(|number| format!("{kind:?}-{number}")).collect())])
}

#[tokio::test]
async fn the_contents_of_a_group_are_listed_page_by_page_and_block_its_deletion() {
    let (simulators, control) = started().await;
    for (kind, member) in [
        (ContentKind::Datasets, "datasets"),
        (ContentKind::Solutions, "solutions"),
        (ContentKind::EventTrackers, "eventTrackers"),
        (ContentKind::Recommenders, "recommenders"),
        (ContentKind::Filters, "Filters"),
    ] {
        control.put_dataset_group(&DatasetGroupState::active("media")).await.unwrap();
        control.put_contents("media", &contents(kind, 101)).await.unwrap();
        let list = async |request: Value| personalize(&simulators, kind.list_operation(), &request).await;
        let first = list(json!({"datasetGroupArn": arn("media")})).await.json();
        let next_token = first["nextToken"].clone();
        let second = list(json!({"datasetGroupArn": arn("media"), "nextToken": next_token})).await.json();
        let names: Vec<_> = [&first, &second].into_iter().flat_map(|page| page[member].as_array().unwrap()).collect();
        assert_eq!((names.len(), names[100]["name"].clone()), (101, json!(format!("{kind:?}-101"))));
        assert!(second["nextToken"].is_null());
        assert_eq!(list(json!({"nextToken": next_token})).await.code(), "InvalidNextTokenException", "another list");
        assert_eq!(list(json!({"maxResults": 101})).await.code(), "InvalidInputException");
        assert_eq!(list(json!({"maxResults": 2})).await.json()[member].as_array().unwrap().len(), 2, "of all groups");

        let deletion = personalize(&simulators, "DeleteDatasetGroup", &json!({"datasetGroupArn": arn("media")})).await;
        let expected = if kind == ContentKind::Filters { 200 } else { 400 };
        assert_eq!(deletion.status, Some(expected), "{kind:?}");
        let calls = control.calls(CallFilter::operation("DeleteDatasetGroup")).await.unwrap();
        assert_eq!(calls.last().unwrap().contents, contents(kind, 101));
    }
}

#[tokio::test]
async fn the_lists_of_a_group_that_does_not_exist_are_empty_or_an_error() {
    let (simulators, control) = started().await;
    let behaviour = control.behaviour().await.unwrap();
    for (contents_of_missing_group, code) in [
        (ContentsOfMissingGroup::Empty, ""),
        (ContentsOfMissingGroup::InvalidInputException, "InvalidInputException"),
        (ContentsOfMissingGroup::ResourceNotFoundException, "ResourceNotFoundException"),
    ] {
        control.set_behaviour(&Behaviour { contents_of_missing_group, ..behaviour.clone() }).await.unwrap();
        let listed = personalize(&simulators, "ListSolutions", &json!({"datasetGroupArn": arn("none")})).await;
        assert_eq!(listed.code(), code);
    }
}

#[tokio::test]
async fn the_clock_moves_groups_on_without_looks() {
    let zero = std::time::Duration::ZERO;
    let lifecycle = Lifecycle::Clock { time_to_active: zero, spread: zero, time_to_delete: zero };
    let (simulators, control) = started_with(Settings { lifecycle, ..Settings::default() }).await;
    personalize(&simulators, "CreateDatasetGroup", &json!({"name": "media"})).await;
    assert_eq!(control.dataset_group("media").await.unwrap().unwrap().status.as_deref(), Some("ACTIVE"));
    personalize(&simulators, "DeleteDatasetGroup", &json!({"datasetGroupArn": arn("media")})).await;
    assert!(control.dataset_groups().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_quota_ends_creations_until_it_is_raised() {
    let (simulators, control) = started_with(Settings { dataset_group_quota: 1, ..Settings::default() }).await;
    personalize(&simulators, "CreateDatasetGroup", &json!({"name": "a"})).await;
    let refused = personalize(&simulators, "CreateDatasetGroup", &json!({"name": "b"})).await;
    assert_eq!((refused.status, refused.code().as_str()), (Some(400), "LimitExceededException"));
    let behaviour = control.behaviour().await.unwrap();
    control.set_behaviour(&Behaviour { dataset_group_quota: 2, ..behaviour }).await.unwrap();
    assert_eq!(personalize(&simulators, "CreateDatasetGroup", &json!({"name": "b"})).await.status, Some(200));
}

#[tokio::test]
async fn the_partition_region_and_account_of_the_settings_are_in_every_arn() {
    let settings = Settings {
        partition: "aws-cn".to_owned(),
        region: "cn-north-1".to_owned(),
        account: "123456789012".to_owned(),
        ..Settings::default()
    };
    let (simulators, _control) = started_with(settings).await;
    let created = personalize(&simulators, "CreateDatasetGroup", &json!({"name": "a"})).await.json();
    assert_eq!(created["datasetGroupArn"], "arn:aws-cn:personalize:cn-north-1:123456789012:dataset-group/a");
}

#[tokio::test]
async fn personalize_refuses_what_is_no_call_of_an_operation() {
    let (simulators, _control) = started().await;
    let url = simulators.personalize_url();
    let target = "X-Amz-Target: AmazonPersonalize.ListDatasetGroups\r\n";
    let code = |headers: String, body: &'static str| async move {
        let received = send(url, "POST", "/", &headers, body).await;
        (received.status.unwrap(), received.code())
    };
    assert_eq!(code(target.to_owned(), "{}").await, (403, "MissingAuthenticationTokenException".to_owned()));
    assert_eq!(code(SIGNED.to_owned(), "{}").await, (400, "UnknownOperationException".to_owned()));
    let other = format!("{SIGNED}X-Amz-Target: AmazonPersonalize.CreateSolution\r\n");
    assert_eq!(code(other, "{}").await, (400, "UnknownOperationException".to_owned()));
    for body in ["{", "", "[]", "{\"maxResults\": \"ten\"}"] {
        let signed = format!("{SIGNED}{target}");
        assert_eq!(code(signed, body).await, (400, "SerializationException".to_owned()), "{body}");
    }
    for (input, count) in
        [(json!({}), "1 validation error"), (json!({"name": "", "domain": ""}), "3 validation errors")]
    {
        let refused = personalize(&simulators, "CreateDatasetGroup", &input).await;
        assert_eq!((refused.status, refused.code().as_str()), (Some(400), "InvalidInputException"));
        assert!(refused.text().contains(&format!("{count} detected: Value")), "{}", refused.text());
    }
}

#[tokio::test]
async fn datazone_refuses_what_is_no_call_of_an_operation() {
    let (simulators, control) = started().await;
    control.add_domain(DOMAIN, &[(GROUP, "Owners")]).await.unwrap();
    let path = format!("/v2/domains/{DOMAIN}/group-profiles");
    let unsigned = send(simulators.datazone_url(), "POST", &path, "", "{}").await;
    assert_eq!((unsigned.status, unsigned.code().as_str()), (Some(403), "MissingAuthenticationTokenException"));
    let unknown = datazone(&simulators, "DELETE", &format!("{path}/{GROUP}"), &Value::Null).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (Some(404), "UnknownOperationException"));
    let broken = send(simulators.datazone_url(), "POST", &path, SIGNED, "{").await;
    assert_eq!((broken.status, broken.code().as_str()), (Some(400), "SerializationException"));
}

#[tokio::test]
async fn a_group_profile_is_created_with_201_found_updated_and_searched() {
    let (simulators, control) = started().await;
    control.add_domain(DOMAIN, &[(GROUP, "Data Owners")]).await.unwrap();
    let base = format!("/v2/domains/{DOMAIN}/group-profiles");
    let created = datazone(&simulators, "POST", &base, &json!({"groupIdentifier": GROUP, "clientToken": "t"})).await;
    assert_eq!((created.status, created.header("content-type")), (Some(201), Some("application/json")));
    let by_name = format!("{base}/Data%20Owners");
    assert_eq!(datazone(&simulators, "GET", &by_name, &Value::Null).await.json(), created.json());
    let updated = datazone(&simulators, "PUT", &by_name, &json!({"status": "NOT_ASSIGNED"})).await;
    assert_eq!((updated.status, updated.json()["status"].as_str()), (Some(200), Some("NOT_ASSIGNED")));
    let path = format!("/v2/domains/{DOMAIN}/search-group-profiles");
    let found = datazone(&simulators, "POST", &path, &json!({"groupType": "DATAZONE_SSO_GROUP"})).await.json();
    assert_eq!(found, json!({"items": [updated.json()]}));
    let profiles = control.profiles(DOMAIN).await.unwrap();
    assert_eq!((profiles.len(), profiles[0].status), (1, ProfileStatus::NotAssigned));
}

#[tokio::test]
async fn what_datazone_does_not_know_is_404_and_what_it_refuses_400() {
    let (simulators, control) = started().await;
    control.add_domain(DOMAIN, &[(GROUP, "Owners")]).await.unwrap();
    let create = |domain: &'static str, request: Value| {
        let simulators = &simulators;
        async move {
            let path = format!("/v2/domains/{domain}/group-profiles");
            let received = datazone(simulators, "POST", &path, &request).await;
            (received.status.unwrap(), received.code())
        }
    };
    let not_found = (404, "ResourceNotFoundException".to_owned());
    let invalid = (400, "ValidationException".to_owned());
    assert_eq!(create("dzd_other", json!({"groupIdentifier": GROUP})).await, not_found);
    assert_eq!(create(DOMAIN, json!({"groupIdentifier": "Nobody"})).await, not_found);
    assert_eq!(create(DOMAIN, json!({"rolePrincipalArn": ROLE})).await, not_found);
    assert_eq!(create("other", json!({"groupIdentifier": GROUP})).await, invalid);
    assert_eq!(create(DOMAIN, json!({})).await, invalid);
    control.add_role(DOMAIN, ROLE).await.unwrap();
    assert_eq!(create(DOMAIN, json!({"rolePrincipalArn": ROLE})).await.0, 201);
}

#[tokio::test]
async fn a_new_profile_can_be_made_to_start_unassigned_and_an_existing_one_to_be_there() {
    let (simulators, control) = started().await;
    let other = "11111111-2222-3333-4444-666666666666";
    control.add_domain(DOMAIN, &[(GROUP, "Owners"), (other, "Readers")]).await.unwrap();
    let behaviour = control.behaviour().await.unwrap();
    let unassigned = Behaviour { new_profile_status: ProfileStatus::NotAssigned, ..behaviour };
    control.set_behaviour(&unassigned).await.unwrap();
    let base = format!("/v2/domains/{DOMAIN}/group-profiles");
    let created = datazone(&simulators, "POST", &base, &json!({"groupIdentifier": GROUP})).await.json();
    assert_eq!(created["status"], "NOT_ASSIGNED");
    control.put_profile(DOMAIN, Profile::of_group(other, ProfileStatus::Assigned)).await.unwrap();
    let found = datazone(&simulators, "GET", &format!("{base}/{other}"), &Value::Null).await.json();
    assert_eq!((found["status"].as_str(), found["groupName"].as_str()), (Some("ASSIGNED"), Some("Readers")));
}

#[tokio::test]
async fn a_group_becomes_a_member_of_a_project_with_201_and_is_listed_page_by_page() {
    let (simulators, control) = started().await;
    let user = ProjectMember { group_id: None, user_id: Some("u".to_owned()), designation: OWNER.to_owned() };
    let projects = vec![Project { id: "media".to_owned(), members: vec![user] }];
    control.put_domain(&DomainState { id: DOMAIN.to_owned(), projects, ..DomainState::default() }).await.unwrap();
    control.add_domain(DOMAIN, &[(GROUP, "Owners")]).await.unwrap();
    let project = format!("/v2/domains/{DOMAIN}/projects/media");
    let request = json!({"member": {"groupIdentifier": GROUP}, "designation": "PROJECT_CONTRIBUTOR"});
    let created = datazone(&simulators, "POST", &format!("{project}/createMembership"), &request).await;
    assert_eq!((created.status, created.body.len()), (Some(201), 0));

    let list = async |query: String| {
        datazone(&simulators, "GET", &format!("{project}/memberships?{query}"), &Value::Null).await.json()
    };
    let first = list("maxResults=1".to_owned()).await;
    assert_eq!(first["members"], json!([{"memberDetails": {"user": {"userId": "u"}}, "designation": OWNER}]));
    let second = list(format!("maxResults=1&nextToken={}", first["nextToken"].as_str().unwrap())).await;
    let group = json!({"memberDetails": {"group": {"groupId": GROUP}}, "designation": "PROJECT_CONTRIBUTOR"});
    assert_eq!(second, json!({"members": [group]}));
    assert_eq!(control.projects(DOMAIN).await.unwrap()[0].members.len(), 2);
}

#[tokio::test]
async fn a_page_of_members_has_25_unless_the_request_says_otherwise() {
    let (simulators, control) = started().await;
    let user = |number: u8| json!({"userId": format!("user-{number}"), "designation": OWNER});
    let members: Vec<_> = (0..51).map(user).collect();
    let domain = json!({"id": DOMAIN, "projects": [{"id": "media", "members": members}]});
    control.put_domain(&serde_json::from_value(domain).unwrap()).await.unwrap();
    for (query, size) in [("", 25), ("?maxResults=50", 50)] {
        let path = format!("/v2/domains/{DOMAIN}/projects/media/memberships{query}");
        let page = datazone(&simulators, "GET", &path, &Value::Null).await.json();
        assert_eq!((page["members"].as_array().unwrap().len(), page["nextToken"].is_string()), (size, true));
    }
}

#[tokio::test]
async fn without_required_registration_every_well_formed_domain_and_group_exists() {
    let (simulators, _control) =
        started_with(Settings { registration: Registration::Optional, ..Settings::default() }).await;
    assert_eq!(create_profile(&simulators, "dzd_any").await.status, Some(201));
    assert_eq!(create_profile(&simulators, "any").await.status, Some(400));
    let path = format!("/v2/domains/dzd_any/group-profiles/{GROUP}");
    assert_eq!(datazone(&simulators, "GET", &path, &Value::Null).await.status, Some(200));
    let path = "/v2/domains/dzd_any/group-profiles/Nobody";
    assert_eq!(datazone(&simulators, "GET", path, &Value::Null).await.code(), "ResourceNotFoundException");
}

#[tokio::test]
async fn creations_of_one_name_at_once_make_one_group() {
    let (simulators, control) = started().await;
    let simulators = std::sync::Arc::new(simulators);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let simulators = std::sync::Arc::clone(&simulators);
        calls.spawn(async move {
            personalize(&simulators, "CreateDatasetGroup", &json!({"name": "media"})).await.status.unwrap()
        });
    }
    let mut statuses = calls.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[..2], [200, 400]);
    assert_eq!(control.dataset_groups().await.unwrap().len(), 1);
}
