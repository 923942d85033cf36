use serde_json::{Value, json};

use super::*;

fn smallest() -> Value {
    json!({
        "datasetGroup": {"name": "media"},
        "groupProfile": {"domainIdentifier": "dzd_4b2k9v1m7xq3p8", "groupIdentifier": "analysts"}
    })
}

/// The smallest request with one member set (or removed, by null).
fn with(pointer: &str, value: Value) -> Value {
    let mut document = smallest();
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).expect("the parent exists");
    parent[member] = value;
    document
}

fn paths(document: &Value) -> Vec<String> {
    Request::parse(document).map_or_else(|violations| violations.into_iter().map(|v| v.path).collect(), |_| vec![])
}

#[test]
fn an_absent_member_gets_its_default() {
    let request = Request::parse(&smallest()).expect("valid");
    assert_eq!(request.dataset_group.domain, None);
    assert_eq!(request.dataset_group.encryption, None);
    assert_eq!(
        request.policy,
        Policy { if_create_failed: IfCreateFailed::Fail, timeout_seconds: 3600, mode: Mode::Apply }
    );
    assert_eq!(request.group_profile.projects, []);
    assert_eq!(request.metadata, None);
}

#[test]
fn every_violation_is_listed_at_once_with_its_path() {
    let document = json!({
        "datasetGroup": {"name": "-media", "domain": "MUSIC", "kmsKeyArn": "key", "tags": [{"tagKey": "", "tagValue": 7}], "colour": 1},
        "groupProfile": {"domainIdentifier": "dz", "clientToken": "a b"},
        "policy": {"ifCreateFailed": "RETRY", "timeoutSeconds": 59},
        "metadata": [],
        "detail": {}
    });
    let expected = [
        "$.detail",
        "$.datasetGroup.colour",
        "$.datasetGroup.name",
        "$.datasetGroup.domain",
        "$.datasetGroup.kmsKeyArn",
        "$.datasetGroup.roleArn",
        "$.datasetGroup.tags[0].tagKey",
        "$.datasetGroup.tags[0].tagValue",
        "$.groupProfile.domainIdentifier",
        "$.groupProfile",
        "$.groupProfile.clientToken",
        "$.policy.ifCreateFailed",
        "$.policy.timeoutSeconds",
        "$.metadata",
    ];
    assert_eq!(paths(&document), expected);
}

#[test]
fn the_guards_of_a_deployment_hold_on_every_way_in_and_beside_all_other_rules() {
    let guards = Guards { required_tag_keys: vec!["team".to_owned()], ..Guards::default() };
    let paths = |input: &Value, guards: &Guards| {
        Request::of_input(input, guards).map(|_| ()).map_err(|all| all.into_iter().map(|v| v.path).collect::<Vec<_>>())
    };
    let invalid = with("/policy", json!({"timeoutSeconds": 1}));
    let event = |detail: &Value| json!({"detail-type": "Dataset Group Requested", "detail": detail});
    for (document, expected) in
        [(smallest(), &["$.datasetGroup.tags"][..]), (invalid, &["$.policy.timeoutSeconds", "$.datasetGroup.tags"])]
    {
        for input in [event(&document), document] {
            assert_eq!(paths(&input, &guards), Err(expected.iter().map(|path| (*path).to_owned()).collect()));
        }
    }
    assert_eq!(paths(&event(&smallest()), &Guards::default()), Ok(()));
}

#[test]
fn a_document_that_is_no_object_is_one_violation() {
    for document in [json!(null), json!([]), json!("x"), json!(7), json!(true)] {
        assert_eq!(paths(&document), ["$"]);
    }
}

#[test]
fn the_boundaries_of_the_service_model_are_the_boundaries_here() {
    let valid = [
        ("/datasetGroup/name", json!("a".repeat(63))),
        ("/datasetGroup/name", json!("9")),
        ("/datasetGroup/domain", json!("ECOMMERCE")),
        ("/datasetGroup/tags", json!([{"tagKey": "é 1_.:/=+-@", "tagValue": ""}])),
        ("/groupProfile/domainIdentifier", json!(format!("dzd-{}", "a".repeat(36)))),
        ("/policy", json!({"timeoutSeconds": 60})),
        ("/policy", json!({"timeoutSeconds": 86_400})),
        ("/policy", json!({"timeoutSeconds": 3600.0})),
    ];
    for (pointer, value) in valid {
        assert_eq!(paths(&with(pointer, value.clone())), [""; 0], "{value}");
    }
    let invalid = [
        ("/datasetGroup/name", json!("a".repeat(64))),
        ("/datasetGroup/name", json!("")),
        ("/datasetGroup/name", json!("media\n")),
        ("/datasetGroup/domain", json!("ecommerce")),
        ("/groupProfile/domainIdentifier", json!(format!("dzd-{}", "a".repeat(37)))),
        ("/groupProfile/groupIdentifier", json!("..")),
    ];
    for (pointer, value) in invalid {
        assert_eq!(paths(&with(pointer, value.clone())), [format!("$.{}", pointer[1..].replace('/', "."))], "{value}");
    }
    for seconds in [json!(59), json!(86_401), json!(60.5), json!(-60), json!(1e300)] {
        assert_eq!(paths(&with("/policy", json!({"timeoutSeconds": seconds}))), ["$.policy.timeoutSeconds"]);
    }
}

#[test]
fn the_member_of_a_nested_execution_and_null_for_an_optional_member_are_left_out_of_everything() {
    let mut document = smallest();
    document[STARTED_BY_EXECUTION] = json!({"anything": 1});
    document["metadata"] = json!(null);
    document["datasetGroup"]["tags"] = json!(null);
    assert_eq!(Request::parse(&document), Request::parse(&smallest()));
}

#[test]
fn a_key_needs_a_role_and_a_role_a_key() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234";
    let role = "arn:aws:iam::123456789012:role/personalize";
    let group = |members: Value| with("/datasetGroup", members);
    assert_eq!(paths(&group(json!({"name": "a", "kmsKeyArn": key}))), ["$.datasetGroup.roleArn"]);
    assert_eq!(paths(&group(json!({"name": "a", "roleArn": role}))), ["$.datasetGroup.kmsKeyArn"]);
    let both = Request::parse(&group(json!({"name": "a", "roleArn": role, "kmsKeyArn": key}))).expect("valid");
    let encryption = both.dataset_group.encryption.expect("both");
    assert_eq!((encryption.kms_key_arn.as_str(), encryption.role_arn.as_str()), (key, role));
}

#[test]
fn there_is_exactly_one_principal() {
    let role = "arn:aws:iam::123456789012:role/r";
    assert_eq!(paths(&with("/groupProfile/rolePrincipalArn", json!(role))), ["$.groupProfile"]);
    let profile = json!({"domainIdentifier": "dzd_a", "rolePrincipalArn": role});
    assert_eq!(paths(&with("/groupProfile", profile)), [""; 0]);
}

#[test]
fn a_project_has_a_designation_and_is_named_once() {
    let project = |id: &str, designation: Value| json!({"projectIdentifier": id, "designation": designation});
    let of_group = |group: &str, projects: Value| {
        let mut document = with("/groupProfile/projects", projects);
        document["groupProfile"]["groupIdentifier"] = json!(group);
        Request::parse(&document)
    };
    let read = |projects: Value| of_group("a1b2c3d4-5678-90ab-cdef-112233445566", projects);
    let request = read(json!([{"projectIdentifier": "a"}, project("b", json!("PROJECT_OWNER"))])).expect("valid");
    let read_as: Vec<_> = request.group_profile.projects.iter().map(|project| project.designation).collect();
    assert_eq!(read_as, [Designation::ProjectContributor, Designation::ProjectOwner]);
    let invalid = json!([
        project("a", json!(null)), project("a", json!(null)), project("a/b", json!("OWNER")), {"designation": 7}
    ]);
    let paths = |projects: Value| -> Vec<_> {
        read(projects)
            .expect_err("invalid")
            .into_iter()
            .map(|v| v.path.replace("$.groupProfile.projects", ""))
            .collect()
    };
    let expected = ["[1]", "[2].projectIdentifier", "[2].designation", "[3].projectIdentifier", "[3].designation"];
    assert_eq!(paths(invalid), expected);
    let many: Vec<_> = (0..11).map(|number| project(&number.to_string(), json!(null))).collect();
    assert_eq!(paths(json!(many)), [""]);
    let by_name = of_group("analysts", json!([{"projectIdentifier": "a"}])).expect_err("invalid");
    assert_eq!(by_name.into_iter().map(|v| v.path).collect::<Vec<_>>(), ["$.groupProfile"]);
    assert!(of_group("analysts", json!([])).is_ok());
}

#[test]
fn an_id_of_identity_center_is_distinguished_from_a_name() {
    let is_id = |identifier: &str| {
        let Principal::Group(group) = Request::parse(&with("/groupProfile/groupIdentifier", json!(identifier)))
            .expect("valid")
            .group_profile
            .principal
        else {
            panic!("{identifier}")
        };
        group.is_id()
    };
    for id in ["a1b2c3d4-5678-90ab-cdef-112233445566", "906711aa22-A1B2C3D4-5678-90ab-cdef-112233445566"] {
        assert!(is_id(id), "{id}");
    }
    for name in ["analysts", "a1b2c3d4-5678-90ab-cdef", "Data Owners/EU", "x-a1b2c3d4-5678-90ab-cdef-112233445566"] {
        assert!(!is_id(name), "{name}");
    }
}

#[test]
fn tags_that_the_workflow_or_aws_sets_cannot_be_requested_nor_one_twice_nor_too_many() {
    let paths = |keys: &[&str]| {
        let tags = keys.iter().zip(0_u8..).map(|(key, value)| json!({"tagKey": key, "tagValue": value.to_string()}));
        let tags: Vec<_> = tags.collect();
        paths(&with("/datasetGroup/tags", json!(tags)))
    };
    for key in ["aws:x", "AWS:x", "datazone:domain-id", "datazone:group-profile-id"] {
        assert_eq!(paths(&[key]), ["$.datasetGroup.tags[0].tagKey"]);
    }
    assert_eq!(paths(&["a", "a"]), ["$.datasetGroup.tags[1]"]);
    let many: Vec<_> = (0..49).map(|n| n.to_string()).collect();
    assert_eq!(paths(&many.iter().map(String::as_str).collect::<Vec<_>>()), ["$.datasetGroup.tags"]);
}

#[test]
fn nothing_sensitive_is_visible_in_a_violation_nor_when_a_request_is_printed() {
    let read = |tag: &str, token: &str| {
        let mut document = with("/datasetGroup/tags", json!([{"tagKey": tag, "tagValue": tag}]));
        document["groupProfile"]["clientToken"] = json!(token);
        Request::parse(&document)
    };
    let violations = read("s3cret\u{7}", "s3cret token").expect_err("invalid");
    assert_eq!(violations.len(), 3);
    assert!(!format!("{violations:?}").contains("s3cret"));
    let printed = format!("{:?}", read("s3cret", "s3cret").expect("valid"));
    assert!(printed.contains("TagValue") && !printed.contains("s3cret"), "{printed}");
}

#[test]
fn a_hostile_value_is_repeated_short_and_escaped_and_a_blank_letter_is_no_blank() {
    let problem = |name: &str| {
        let violations = Request::parse(&with("/datasetGroup/name", json!(name))).expect_err("invalid");
        violations[0].problem.clone()
    };
    let hostile = problem(&format!("\u{1b}[2J\u{202e}{}", "x".repeat(300_000)));
    assert!(hostile.starts_with(r#"is "\u{1b}[2J\u{202e}xxx"#) && hostile.len() < 200, "{hostile}");
    assert_eq!(problem("a\u{3164}b"), r#"is "a\u{3164}b" (3 characters)"#);
}

#[test]
fn a_derived_token_is_the_same_each_time_and_another_for_each_principal() {
    let token = |member: &str, principal: &str| {
        let profile = json!({"domainIdentifier": "dzd_a", member: principal});
        Request::parse(&with("/groupProfile", profile)).expect("valid").group_profile.client_token
    };
    let role = "arn:aws:iam::123456789012:role/r";
    assert_eq!(token("groupIdentifier", role), token("groupIdentifier", role));
    assert_ne!(token("groupIdentifier", role), token("rolePrincipalArn", role));
    assert_ne!(token("groupIdentifier", role), token("groupIdentifier", "analysts"));
    assert_eq!(token("groupIdentifier", role).as_str().len(), 32);
}

/// Half of a key's pair is not taken for none, and no member is ignored.
#[test]
fn a_part_of_a_request_in_the_input_of_a_step_is_read_by_the_same_rules() {
    let read = |part: Value| serde_json::from_value::<DatasetGroupRequest>(part).map_err(|fault| fault.to_string());
    assert!(read(json!({"name": "media"})).is_ok());
    for (part, violation) in [
        (json!({"name": "media", "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1"}), "$.roleArn is missing"),
        (json!({"name": "media", "colour": 1}), "$.colour is not a known member"),
        (json!({"name": "-"}), "$.name is"),
    ] {
        let fault = read(part).expect_err("invalid");
        assert!(fault.contains(violation), "{fault}");
    }
}

#[test]
fn a_request_crosses_the_steps_unchanged() {
    let mut document = with("/groupProfile/clientToken", json!("token"));
    document["datasetGroup"]["kmsKeyArn"] = json!("arn:aws:kms:us-east-1:123456789012:key/1234");
    document["datasetGroup"]["roleArn"] = json!("arn:aws:iam::123456789012:role/personalize");
    document["metadata"] = json!({"correlationId": [1, 2]});
    let request = Request::parse(&document).expect("valid");
    let crossed: Request = serde_json::from_value(serde_json::to_value(&request).expect("JSON")).expect("a request");
    assert_eq!(crossed, request);
}

#[test]
fn no_name_of_a_member_can_be_taken_for_another_path() {
    let long = "x".repeat(65);
    for (name, path) in [
        ("colour", "$.colour".to_owned()),
        ("_a", "$._a".to_owned()),
        ("9a", "$['9a']".to_owned()),
        ("datasetGroup.name", "$['datasetGroup.name']".to_owned()),
        ("", "$['']".to_owned()),
        ("it's", r"$['it\'s']".to_owned()),
        (r"a\b", r"$['a\\b']".to_owned()),
        ("\u{202e}\n\u{1f600}", r"$['\u202e\u000a\ud83d\ude00']".to_owned()),
        (&long, format!("$['{}...']", "x".repeat(64))),
    ] {
        let mut document = smallest();
        document[name] = json!(1);
        assert_eq!(paths(&document), [path]);
    }
}
