//! The requests of `DataZone`: read, checked against the service model, nothing looked up.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::constraints::{Text, Violations, matches};
use crate::control::documents::ProfileStatus;
use crate::page_token;
use crate::wire::ServiceError;

/// Largest page, and the size of a page unless asked for (model shape `MaxResults`).
const LARGEST_PAGE: i64 = 50;

/// Model shape `DomainId`.
const DOMAIN_ID: Text = Text { pattern: Some("dzd[-_][a-zA-Z0-9_-]{1,36}"), ..Text::FREE };
/// Model shape `GroupIdentifier`.
const GROUP_IDENTIFIER: Text = Text {
    pattern: Some(
        ".*(^([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}$|\
         [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\t\\n\\r  ]+).*",
    ),
    ..Text::FREE
};
/// Model shape `GroupProfileStatus`.
const STATUS: Text = Text { values: &["ASSIGNED", "NOT_ASSIGNED"], ..Text::FREE };
/// Model shape `GroupSearchType`.
const GROUP_TYPE: Text = Text { values: &["SSO_GROUP", "DATAZONE_SSO_GROUP", "IAM_ROLE_SESSION_GROUP"], ..Text::FREE };
/// Model shape `GroupSearchText`.
const SEARCH_TEXT: Text = Text { min: Some(0), max: Some(1024), sensitive: true, ..Text::FREE };
/// Model shape `PaginationToken`.
const NEXT_TOKEN: Text = Text { min: Some(1), max: Some(8192), ..Text::FREE };
/// What the ARN of an IAM role looks like. The model has no pattern for `rolePrincipalArn`.
const ROLE_ARN: &str = r"arn:aws[a-z-]*:iam::\d{12}:role/.+";
/// An id of Identity Center (model shape `GroupProfileId` has the same form).
const GROUP_ID: &str = "([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}";

/// Whom a profile is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A group, by id or name.
    Group(String),
    /// A role, by ARN.
    Role(String),
}

/// A creation that violates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// Whom the profile is for.
    pub principal: Principal,
    /// What makes the call idempotent.
    pub client_token: Option<String>,
}

/// Which groups are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupType {
    /// Groups of Identity Center, with or without a profile.
    Sso,
    /// Groups of Identity Center that have a profile.
    DataZoneSso,
    /// Roles that have a profile.
    IamRoleSession,
}

/// A search that violates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Which groups are searched.
    pub group_type: GroupType,
    /// What the name contains; empty: anything.
    pub text: String,
    /// Position after which the page begins.
    pub after: Option<u64>,
    /// Most items.
    pub size: usize,
    /// Name of the list in page tokens: a token is good for the same search only.
    pub list: String,
}

/// Reads `CreateGroupProfile`.
///
/// # Errors
///
/// `ValidationException`, `SerializationException`.
pub fn create(domain: &str, request: &Value) -> Result<Create, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        group_identifier: Option<String>,
        role_principal_arn: Option<String>,
        client_token: Option<String>,
    }
    let Request { group_identifier, role_principal_arn, client_token } = read(request)?;
    let mut violations = Violations::default();
    violations.text("domainIdentifier", Some(domain), &DOMAIN_ID);
    violations.text("groupIdentifier", group_identifier.as_deref(), &GROUP_IDENTIFIER);
    refuse(violations)?;
    let principal = match (group_identifier, role_principal_arn) {
        (Some(group), None) => Principal::Group(group),
        (None, Some(role)) if matches(ROLE_ARN, &role) => Principal::Role(role),
        (None, Some(role)) => {
            return Err(invalid(format!("rolePrincipalArn {role} is not the ARN of an IAM role")));
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid("Exactly one of groupIdentifier and rolePrincipalArn must be given"));
        }
    };
    Ok(Create { principal, client_token })
}

/// Checks `GetGroupProfile`.
///
/// # Errors
///
/// `ValidationException`.
pub fn get(domain: &str, group: &str) -> Result<(), ServiceError> {
    let mut violations = Violations::default();
    violations.text("domainIdentifier", Some(domain), &DOMAIN_ID);
    violations.text("groupIdentifier", Some(group), &GROUP_IDENTIFIER);
    refuse(violations)
}

/// Reads `UpdateGroupProfile` and gives the wanted status.
///
/// # Errors
///
/// `ValidationException`, `SerializationException`.
pub fn update(domain: &str, group: &str, request: &Value) -> Result<ProfileStatus, ServiceError> {
    #[derive(Deserialize)]
    struct Request {
        status: Option<String>,
    }
    let Request { status } = read(request)?;
    let mut violations = Violations::default();
    violations.text("domainIdentifier", Some(domain), &DOMAIN_ID);
    violations.text("groupIdentifier", Some(group), &GROUP_IDENTIFIER);
    violations.required("status", status.as_ref());
    violations.text("status", status.as_deref(), &STATUS);
    refuse(violations)?;
    Ok(if status.as_deref() == Some("ASSIGNED") { ProfileStatus::Assigned } else { ProfileStatus::NotAssigned })
}

/// Reads `SearchGroupProfiles`.
///
/// # Errors
///
/// `ValidationException`, `SerializationException`.
pub fn search(domain: &str, request: &Value) -> Result<Search, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        group_type: Option<String>,
        search_text: Option<String>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    let Request { group_type, search_text, max_results, next_token } = read(request)?;
    let mut violations = Violations::default();
    violations.text("domainIdentifier", Some(domain), &DOMAIN_ID);
    violations.required("groupType", group_type.as_ref());
    violations.text("groupType", group_type.as_deref(), &GROUP_TYPE);
    violations.text("searchText", search_text.as_deref(), &SEARCH_TEXT);
    violations.number("maxResults", max_results, 1, LARGEST_PAGE);
    violations.text("nextToken", next_token.as_deref(), &NEXT_TOKEN);
    refuse(violations)?;
    let group_type = group_type.unwrap_or_default();
    let text = search_text.unwrap_or_default();
    let list = format!("{domain}\n{group_type}\n{text}");
    let after = next_token
        .map(|token| {
            page_token::read(&list, &token).ok_or_else(|| invalid("nextToken does not come from the same search"))
        })
        .transpose()?;
    let group_type = match group_type.as_str() {
        "SSO_GROUP" => GroupType::Sso,
        "DATAZONE_SSO_GROUP" => GroupType::DataZoneSso,
        _ => GroupType::IamRoleSession,
    };
    let size = usize::try_from(max_results.unwrap_or(LARGEST_PAGE)).unwrap_or(1);
    Ok(Search { group_type, text, after, size, list })
}

/// True when an identifier is an id, not a name.
pub fn is_id(identifier: &str) -> bool {
    matches(GROUP_ID, identifier)
}

/// True when a text is the ARN of an IAM role.
pub fn is_role_arn(text: &str) -> bool {
    matches(ROLE_ARN, text)
}

/// True when a text can be the id of a domain.
pub fn is_domain_id(text: &str) -> bool {
    DOMAIN_ID.pattern.is_some_and(|pattern| matches(pattern, text))
}

fn read<T: DeserializeOwned>(request: &Value) -> Result<T, ServiceError> {
    match request {
        // A request whose members are all in the path, or absent, has no body.
        Value::Null => T::deserialize(Value::Object(Map::new())),
        Value::Object(_) => T::deserialize(request),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(ServiceError::serialization("The request body is not a JSON object"));
        }
    }
    .map_err(|error| ServiceError::serialization(error.to_string()))
}

/// A `ValidationException`.
pub fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "ValidationException", message)
}

fn refuse(violations: Violations) -> Result<(), ServiceError> {
    violations.message().map_or(Ok(()), |message| Err(invalid(message)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const GROUP: &str = "11111111-2222-3333-4444-555555555555";
    const ROLE: &str = "arn:aws:iam::123456789012:role/analyst";

    fn code<T>(result: Result<T, ServiceError>) -> String {
        result.map_or_else(|error| error.code, |_| "valid".to_owned())
    }

    #[test]
    fn a_domain_id_has_the_form_of_the_model() {
        for domain in ["dzd_a", "dzd-a", "dzd_A-1_b", &format!("dzd_{}", "a".repeat(36))] {
            assert_eq!(code(get(domain, GROUP)), "valid", "{domain}");
        }
        for domain in ["dzd", "dzd_", "dzda", "a", "xdzd_a", &format!("dzd_{}", "a".repeat(37))] {
            assert_eq!(code(get(domain, GROUP)), "ValidationException", "{domain}");
        }
    }

    #[test]
    fn a_group_is_an_id_or_any_visible_text() {
        for group in [GROUP, &format!("0123456789-{GROUP}"), "Data Owners", "équipe", "a"] {
            assert_eq!(code(get("dzd_a", group)), "valid", "{group}");
        }
        assert_eq!(code(get("dzd_a", "")), "ValidationException");
    }

    #[test]
    fn exactly_one_principal_is_needed() {
        let with = |request: Value| code(create("dzd_a", &request));
        assert_eq!(with(json!({"groupIdentifier": GROUP})), "valid");
        assert_eq!(with(json!({"rolePrincipalArn": ROLE})), "valid");
        assert_eq!(with(json!({})), "ValidationException");
        assert_eq!(with(Value::Null), "ValidationException");
        let both = json!({"groupIdentifier": GROUP, "rolePrincipalArn": ROLE});
        assert_eq!(with(both), "ValidationException");
        assert_eq!(with(json!({"rolePrincipalArn": "analyst"})), "ValidationException");
    }

    #[test]
    fn a_status_is_required_and_one_of_two() {
        let with = |request: Value| update("dzd_a", GROUP, &request);
        assert_eq!(with(json!({"status": "ASSIGNED"})).unwrap(), ProfileStatus::Assigned);
        assert_eq!(with(json!({"status": "NOT_ASSIGNED"})).unwrap(), ProfileStatus::NotAssigned);
        assert_eq!(code(with(json!({}))), "ValidationException");
        assert!(with(json!({"status": "ACTIVE"})).unwrap_err().message.ends_with(
            "Value 'ACTIVE' at 'status' failed to satisfy constraint: Member must satisfy enum value set: \
             [ASSIGNED, NOT_ASSIGNED]"
        ));
        assert_eq!(code(with(json!({"status": 1}))), "SerializationException");
    }

    #[test]
    fn a_search_is_held_to_the_model() {
        let with = |request: Value| code(search("dzd_a", &request));
        let plus = |member: &str, value: Value| {
            let mut request = json!({"groupType": "SSO_GROUP"});
            request[member] = value;
            with(request)
        };
        assert_eq!(plus("searchText", json!("a".repeat(1024))), "valid");
        assert_eq!(plus("searchText", json!("a".repeat(1025))), "ValidationException");
        assert_eq!(plus("maxResults", json!(50)), "valid");
        assert_eq!(plus("maxResults", json!(51)), "ValidationException");
        assert_eq!(plus("maxResults", json!(0)), "ValidationException");
        assert_eq!(plus("nextToken", json!("")), "ValidationException");
        assert_eq!(plus("nextToken", json!("made up")), "ValidationException");
        assert_eq!(with(json!({})), "ValidationException");
        assert_eq!(with(json!({"groupType": "GROUP"})), "ValidationException");
    }
}
