//! The requests of Personalize: read, checked against the service model, nothing looked up.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::arn;
use crate::constraints::{Text, Violations};
use crate::page_token;
use crate::settings::Settings;
use crate::wire::ServiceError;

/// Name of the list in page tokens.
pub const LIST: &str = "dataset-groups";
/// Most tags of a resource (Personalize developer guide, "Tagging resources").
pub const MOST_TAGS: usize = 50;
/// Most tags or keys in one request (model shapes `Tags` and `TagKeys`).
const MOST_TAGS_IN_REQUEST: usize = 200;
/// Largest page, and the size of a page unless asked for (model shape `MaxResults`).
const LARGEST_PAGE: i64 = 100;

/// Model shape `Name`.
const NAME: Text = Text { min: Some(1), max: Some(63), pattern: Some(r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*"), ..Text::FREE };
/// Model shape `RoleArn`.
const ROLE_ARN: Text =
    Text { max: Some(256), pattern: Some(r"arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"), ..Text::FREE };
/// Model shape `KmsKeyArn`.
const KMS_KEY_ARN: Text = Text { max: Some(2048), pattern: Some("arn:aws.*:kms:.*:[0-9]{12}:key/.*"), ..Text::FREE };
/// Model shape `Domain`.
const DOMAIN: Text = Text { values: &["ECOMMERCE", "VIDEO_ON_DEMAND"], ..Text::FREE };
/// Model shape `Arn`.
const ARN: Text = Text { max: Some(256), pattern: Some(r"arn:([a-z\d-]+):personalize:.*:.*:.+"), ..Text::FREE };
/// Model shape `TagKey`.
const TAG_KEY: Text = Text {
    min: Some(1),
    max: Some(128),
    pattern: Some(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"),
    sensitive: true,
    ..Text::FREE
};
/// Model shape `TagValue`.
const TAG_VALUE: Text = Text {
    min: Some(0),
    max: Some(256),
    pattern: Some(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"),
    sensitive: true,
    ..Text::FREE
};
/// Model shape `NextToken`; its pattern `\p{ASCII}{0,1500}` is checked as "no token of ours".
const NEXT_TOKEN_MAX: usize = 1500;

/// A creation that violates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// Name of the group.
    pub name: String,
    /// Role that may use the key.
    pub role_arn: Option<String>,
    /// Key that encrypts the group.
    pub kms_key_arn: Option<String>,
    /// ECOMMERCE or `VIDEO_ON_DEMAND`; none: a custom group.
    pub domain: Option<String>,
    /// Keys and values, every key once.
    pub tags: Vec<(String, String)>,
}

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Position after which it begins.
    pub after: Option<u64>,
    /// Most items.
    pub size: usize,
}

/// Reads `CreateDatasetGroup`.
///
/// # Errors
///
/// `InvalidInputException`, `TooManyTagsException`, `SerializationException`.
pub fn create(request: &Value) -> Result<Create, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        name: Option<String>,
        role_arn: Option<String>,
        kms_key_arn: Option<String>,
        domain: Option<String>,
        tags: Option<Vec<RawTag>>,
    }
    let Request { name, role_arn, kms_key_arn, domain, tags } = read(request)?;
    let tags = tags.unwrap_or_default();
    let mut violations = Violations::default();
    violations.required("name", name.as_ref());
    violations.text("name", name.as_deref(), &NAME);
    violations.text("roleArn", role_arn.as_deref(), &ROLE_ARN);
    violations.text("kmsKeyArn", kms_key_arn.as_deref(), &KMS_KEY_ARN);
    violations.text("domain", domain.as_deref(), &DOMAIN);
    check_tags(&mut violations, &tags);
    refuse(violations)?;
    match (&role_arn, &kms_key_arn) {
        (Some(_), None) => {
            return Err(invalid("A role ARN is only valid when a KMS key ARN is specified as well"));
        }
        (None, Some(_)) => {
            return Err(invalid("A KMS key ARN needs a role ARN with permission to use the key"));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    let tags = distinct(tags)?;
    Ok(Create { name: name.unwrap_or_default(), role_arn, kms_key_arn, domain, tags })
}

/// Reads a request with nothing but `datasetGroupArn` and gives the name of the group.
///
/// # Errors
///
/// `InvalidInputException`, `SerializationException`.
pub fn one_group(settings: &Settings, request: &Value) -> Result<String, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        dataset_group_arn: Option<String>,
    }
    let Request { dataset_group_arn } = read(request)?;
    let mut violations = Violations::default();
    check_arn(&mut violations, "datasetGroupArn", dataset_group_arn.as_ref());
    refuse(violations)?;
    own_group(settings, &dataset_group_arn.unwrap_or_default())
}

/// Reads `ListDatasetGroups`.
///
/// # Errors
///
/// `InvalidNextTokenException`, `InvalidInputException`, `SerializationException`.
pub fn list(request: &Value) -> Result<Page, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        next_token: Option<String>,
        max_results: Option<i64>,
    }
    let Request { next_token, max_results } = read(request)?;
    let mut violations = Violations::default();
    violations.number("maxResults", max_results, 1, LARGEST_PAGE);
    refuse(violations)?;
    let after = next_token
        .map(|token| {
            Some(token)
                .filter(|token| token.len() <= NEXT_TOKEN_MAX)
                .and_then(|token| page_token::read(LIST, &token))
                .ok_or_else(|| {
                    ServiceError::new(
                        400,
                        "InvalidNextTokenException",
                        "The token is not valid: it does not come from ListDatasetGroups",
                    )
                })
        })
        .transpose()?;
    let size = usize::try_from(max_results.unwrap_or(LARGEST_PAGE)).unwrap_or(1);
    Ok(Page { after, size })
}

/// Reads `TagResource`: the name of the group and the tags.
///
/// # Errors
///
/// `InvalidInputException`, `TooManyTagsException`, `SerializationException`.
pub fn tag(settings: &Settings, request: &Value) -> Result<(String, Vec<(String, String)>), ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        resource_arn: Option<String>,
        tags: Option<Vec<RawTag>>,
    }
    let Request { resource_arn, tags } = read(request)?;
    let mut violations = Violations::default();
    check_arn(&mut violations, "resourceArn", resource_arn.as_ref());
    violations.required("tags", tags.as_ref());
    let tags = tags.unwrap_or_default();
    check_tags(&mut violations, &tags);
    refuse(violations)?;
    Ok((own_group(settings, &resource_arn.unwrap_or_default())?, distinct(tags)?))
}

/// Reads `UntagResource`: the name of the group and the keys.
///
/// # Errors
///
/// `InvalidInputException`, `TooManyTagKeysException`, `SerializationException`.
pub fn untag(settings: &Settings, request: &Value) -> Result<(String, Vec<String>), ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        resource_arn: Option<String>,
        tag_keys: Option<Vec<String>>,
    }
    let Request { resource_arn, tag_keys } = read(request)?;
    let mut violations = Violations::default();
    check_arn(&mut violations, "resourceArn", resource_arn.as_ref());
    violations.required("tagKeys", tag_keys.as_ref());
    let keys = tag_keys.unwrap_or_default();
    violations.list("tagKeys", keys.len(), MOST_TAGS_IN_REQUEST);
    for (index, key) in keys.iter().enumerate() {
        violations.text(&format!("tagKeys.{}.member", index + 1), Some(key), &TAG_KEY);
    }
    refuse(violations)?;
    if keys.len() > MOST_TAGS {
        return Err(ServiceError::new(
            400,
            "TooManyTagKeysException",
            format!("A request can name at most {MOST_TAGS} tag keys; this one names {}", keys.len()),
        ));
    }
    Ok((own_group(settings, &resource_arn.unwrap_or_default())?, keys))
}

/// Reads `ListTagsForResource` and gives the name of the group.
///
/// # Errors
///
/// `InvalidInputException`, `SerializationException`.
pub fn tags_of(settings: &Settings, request: &Value) -> Result<String, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        resource_arn: Option<String>,
    }
    let Request { resource_arn } = read(request)?;
    let mut violations = Violations::default();
    check_arn(&mut violations, "resourceArn", resource_arn.as_ref());
    refuse(violations)?;
    own_group(settings, &resource_arn.unwrap_or_default())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTag {
    tag_key: Option<String>,
    tag_value: Option<String>,
}

fn read<T: DeserializeOwned>(request: &Value) -> Result<T, ServiceError> {
    // serde would also read a list as a structure; the service does not.
    if !request.is_object() {
        return Err(ServiceError::serialization("The request body is not a JSON object"));
    }
    T::deserialize(request).map_err(|error| ServiceError::serialization(error.to_string()))
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "InvalidInputException", message)
}

fn refuse(violations: Violations) -> Result<(), ServiceError> {
    violations.message().map_or(Ok(()), |message| Err(invalid(message)))
}

fn check_arn(violations: &mut Violations, path: &str, arn: Option<&String>) {
    violations.required(path, arn);
    violations.text(path, arn.map(String::as_str), &ARN);
}

fn check_tags(violations: &mut Violations, tags: &[RawTag]) {
    violations.list("tags", tags.len(), MOST_TAGS_IN_REQUEST);
    for (index, RawTag { tag_key, tag_value }) in tags.iter().enumerate() {
        let path = |member: &str| format!("tags.{}.member.{member}", index + 1);
        violations.required(&path("tagKey"), tag_key.as_ref());
        violations.text(&path("tagKey"), tag_key.as_deref(), &TAG_KEY);
        violations.required(&path("tagValue"), tag_value.as_ref());
        violations.text(&path("tagValue"), tag_value.as_deref(), &TAG_VALUE);
    }
}

/// The tags of a request, refused when a key is reserved or named twice, or when they are more than a resource holds.
fn distinct(tags: Vec<RawTag>) -> Result<Vec<(String, String)>, ServiceError> {
    let mut distinct = Vec::<(String, String)>::new();
    for RawTag { tag_key, tag_value } in tags {
        let key = tag_key.unwrap_or_default();
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys that start with aws: are reserved"));
        }
        if distinct.iter().any(|(other, _)| *other == key) {
            return Err(invalid("The request names the same tag key more than once"));
        }
        distinct.push((key, tag_value.unwrap_or_default()));
    }
    if distinct.len() > MOST_TAGS {
        return Err(too_many_tags(distinct.len()));
    }
    Ok(distinct)
}

/// The error for more tags than a resource holds.
pub fn too_many_tags(count: usize) -> ServiceError {
    ServiceError::new(
        400,
        "TooManyTagsException",
        format!("A resource can have at most {MOST_TAGS} tags; this request makes it {count}"),
    )
}

/// The name in an ARN, when it is one of a dataset group in the partition, region and account of the settings.
fn own_group(settings: &Settings, arn: &str) -> Result<String, ServiceError> {
    let name = arn::dataset_group_name(arn)
        .ok_or_else(|| invalid(format!("The ARN {arn} is not the ARN of a dataset group")))?;
    if arn == arn::dataset_group(settings, name) {
        Ok(name.to_owned())
    } else {
        let Settings { partition, region, account, .. } = settings;
        Err(invalid(format!("The ARN {arn} is not in partition {partition}, region {region} and account {account}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1";
    const ROLE: &str = "arn:aws:iam::123456789012:role/personalize";

    fn code(request: &Value) -> String {
        create(request).map_or_else(|error| error.code, |_| "valid".to_owned())
    }

    #[test]
    fn names_are_held_to_length_and_pattern() {
        for name in ["a", "A-1_b", "9lives", &"a".repeat(63)] {
            assert_eq!(code(&json!({"name": name})), "valid", "{name}");
        }
        for name in ["", "-a", "_a", "a b", "a.b", "é", "a\n", &"a".repeat(64)] {
            assert_eq!(code(&json!({"name": name})), "InvalidInputException", "{name}");
        }
    }

    #[test]
    fn a_missing_name_is_said_to_be_null() {
        let error = create(&json!({})).unwrap_err();
        assert_eq!(
            error.message,
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not \
             be null"
        );
    }

    #[test]
    fn all_violations_are_reported_at_once() {
        let error = create(&json!({"name": "a b", "domain": "GAMES"})).unwrap_err();
        assert_eq!(
            error.message,
            "2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*; Value 'GAMES' at 'domain' \
             failed to satisfy constraint: Member must satisfy enum value set: [ECOMMERCE, VIDEO_ON_DEMAND]"
        );
    }

    #[test]
    fn a_key_and_a_role_come_together_or_not_at_all() {
        let with = |members: Value| {
            let mut request = json!({"name": "a"});
            request.as_object_mut().unwrap().append(&mut members.as_object().unwrap().clone());
            code(&request)
        };
        assert_eq!(with(json!({"kmsKeyArn": KEY, "roleArn": ROLE})), "valid");
        assert_eq!(with(json!({"kmsKeyArn": KEY})), "InvalidInputException");
        assert_eq!(with(json!({"roleArn": ROLE})), "InvalidInputException");
        assert_eq!(with(json!({"kmsKeyArn": "x", "roleArn": ROLE})), "InvalidInputException");
    }

    #[test]
    fn values_of_the_wrong_type_cannot_be_read() {
        for request in
            [json!({"name": 5}), json!({"name": ["a"]}), json!({"name": "a", "tags": "x"}), json!([]), Value::Null]
        {
            assert_eq!(code(&request), "SerializationException", "{request}");
        }
    }

    #[test]
    fn members_that_the_model_does_not_have_are_ignored() {
        assert_eq!(code(&json!({"name": "a", "colour": "red"})), "valid");
    }

    #[test]
    fn tags_are_held_to_the_model() {
        let with = |tags: Value| code(&json!({"name": "a", "tags": tags}));
        let tag = |key: &str, value: &str| json!({"tagKey": key, "tagValue": value});
        assert_eq!(with(json!([tag("équipe média", ""), tag("a:b/c=d+e-f@g.h_i", "1")])), "valid");
        assert_eq!(with(json!([tag("", "x")])), "InvalidInputException");
        assert_eq!(with(json!([tag("k", "a*b")])), "InvalidInputException");
        assert_eq!(with(json!([{"tagKey": "k"}])), "InvalidInputException");
        assert_eq!(with(json!([tag("k", "1"), tag("k", "2")])), "InvalidInputException");
        assert_eq!(with(json!([tag("aws:k", "1")])), "InvalidInputException");
        let many = |count: usize| Value::Array((0..count).map(|n| tag(&n.to_string(), "")).collect());
        assert_eq!(with(many(50)), "valid");
        assert_eq!(with(many(51)), "TooManyTagsException");
        assert_eq!(with(many(201)), "InvalidInputException");
    }

    #[test]
    fn too_many_tag_keys_have_their_own_error() {
        let settings = Settings::default();
        let arn = arn::dataset_group(&settings, "a");
        let keys = (0..51).map(|n| n.to_string()).collect::<Vec<_>>();
        let error = untag(&settings, &json!({"resourceArn": arn, "tagKeys": keys})).unwrap_err();
        assert_eq!(error.code, "TooManyTagKeysException");
    }

    #[test]
    fn only_arns_of_dataset_groups_of_this_account_are_taken() {
        let settings = Settings::default();
        let name = |arn: &str| one_group(&settings, &json!({"datasetGroupArn": arn})).ok();
        assert_eq!(name("arn:aws:personalize:us-east-1:000000000000:dataset-group/a").as_deref(), Some("a"));
        for arn in [
            "a",
            "arn:aws:personalize:us-east-1:000000000000:solution/a",
            "arn:aws:personalize:eu-west-1:000000000000:dataset-group/a",
            "arn:aws:personalize:us-east-1:123456789012:dataset-group/a",
            "arn:aws-cn:personalize:us-east-1:000000000000:dataset-group/a",
        ] {
            assert_eq!(name(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_page_has_one_to_a_hundred_items_and_a_token_of_this_list() {
        let error = |request: Value| list(&request).unwrap_err().code;
        assert_eq!(list(&json!({})).unwrap(), Page { after: None, size: 100 });
        assert_eq!(error(json!({"maxResults": 0})), "InvalidInputException");
        assert_eq!(error(json!({"maxResults": 101})), "InvalidInputException");
        assert_eq!(error(json!({"nextToken": "made up"})), "InvalidNextTokenException");
        let token = page_token::make(LIST, 7);
        let page = list(&json!({"nextToken": token, "maxResults": 2})).unwrap();
        assert_eq!(page, Page { after: Some(7), size: 2 });
    }
}
