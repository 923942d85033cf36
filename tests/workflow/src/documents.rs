//! Requests.

use serde_json::{Value, json};

/// The name of the dataset group.
pub const NAME: &str = "media";
/// A project of the domain, where a test puts one.
pub const PROJECT: &str = "5rz8k2m4n6p1qa";
/// The DataZone domain.
pub const DOMAIN: &str = "dzd_simulated";
/// A domain that a group may be linked into already.
pub const OTHER_DOMAIN: &str = "dzd_other";
/// The id of the Identity Center group.
pub const GROUP: &str = "a1b2c3d4-5678-90ab-cdef-112233445566";
/// Its name.
pub const GROUP_NAME: &str = "Data Owners/EU";
/// An IAM role.
pub const ROLE: &str = "arn:aws:iam::123456789012:role/analysts";
/// A KMS key.
pub const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d";

/// A dataset group with a domain and a tag, for a group of people.
#[must_use]
pub fn request() -> Value {
    json!({
        "datasetGroup": {"name": NAME, "domain": "ECOMMERCE", "tags": [{"tagKey": "team", "tagValue": "media-secret"}]},
        "groupProfile": {"domainIdentifier": DOMAIN, "groupIdentifier": GROUP}
    })
}

/// The same for a role.
#[must_use]
pub fn request_for_role() -> Value {
    changed(request(), &json!({"groupProfile": {"groupIdentifier": null, "rolePrincipalArn": ROLE}}))
}

/// The document with these members instead; null takes one away (RFC 7396).
#[must_use]
pub fn changed(document: Value, change: &Value) -> Value {
    let Value::Object(changes) = change else { return change.clone() };
    let mut members = match document {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => serde_json::Map::new(),
    };
    for (member, change) in changes {
        if change.is_null() {
            members.remove(member);
        } else {
            let before = members.remove(member).unwrap_or_default();
            members.insert(member.clone(), changed(before, change));
        }
    }
    Value::Object(members)
}
