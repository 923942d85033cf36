//! What the user names: domain, group or role, project.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Whom the group profile stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Principal {
    /// A group of Identity Center, by id.
    GroupId(String),
    /// A group of Identity Center, by name.
    GroupName(String),
    /// An IAM role, by ARN.
    Role(String),
}

impl Principal {
    pub fn parse(text: &str) -> Self {
        let text = text.trim().to_owned();
        if text.starts_with("arn:") {
            Self::Role(text)
        } else if is_id(&text) {
            Self::GroupId(text)
        } else {
            Self::GroupName(text)
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::GroupId(text) | Self::GroupName(text) | Self::Role(text) => text,
        }
    }

    /// The option of `create-group-profile`.
    pub const fn option(&self) -> &'static str {
        match self {
            Self::GroupId(_) | Self::GroupName(_) => "--group-identifier",
            Self::Role(_) => "--role-principal-arn",
        }
    }

    /// The type of `search-group-profiles` that finds its profile.
    pub const fn group_type(&self) -> &'static str {
        match self {
            Self::GroupId(_) | Self::GroupName(_) => "DATAZONE_SSO_GROUP",
            Self::Role(_) => "IAM_ROLE_SESSION_GROUP",
        }
    }

    /// Whether an item of a search is its profile. The items have no ids of groups.
    pub fn is(&self, profile: &Value) -> bool {
        match self {
            Self::GroupId(_) => false,
            Self::GroupName(name) => profile["groupName"] == **name,
            Self::Role(arn) => profile["rolePrincipalArn"] == **arn,
        }
    }
}

/// Ten hexadecimal digits and a hyphen, or not, and a UUID (model of `DataZone`, `GroupProfileId`).
fn is_id(text: &str) -> bool {
    let uuid = |text: &str| {
        let lengths: Vec<_> = text.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    uuid(text) || text.split_once('-').is_some_and(|(store, id)| store.len() == 10 && uuid(id))
}

#[derive(Debug, Clone)]
pub struct Target {
    pub domain: String,
    pub principal: Principal,
    pub project: Option<String>,
}

impl Target {
    /// A request for a dataset group.
    pub fn request(&self, name: &str, tags: &[String], marker: &str) -> Value {
        let member = match &self.principal {
            Principal::GroupId(_) | Principal::GroupName(_) => "groupIdentifier",
            Principal::Role(_) => "rolePrincipalArn",
        };
        let mut profile = Map::from_iter([("domainIdentifier".to_owned(), json!(self.domain))]);
        profile.insert(member.to_owned(), json!(self.principal.text()));
        let tags: Vec<_> = tags.iter().map(|key| json!({"tagKey": key, "tagValue": "acceptance"})).collect();
        json!({
            "datasetGroup": {"name": name, "tags": tags},
            "groupProfile": profile,
            "policy": {"timeoutSeconds": 3600},
            "metadata": {"acceptance": marker}
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_a_role_by_arn_or_a_group_by_id_or_name() {
        let id = "a1b2c3d4-5678-90ab-cdef-112233445566";
        assert_eq!(Principal::parse(id), Principal::GroupId(id.to_owned()));
        let long = format!("1234567890-{id}");
        assert_eq!(Principal::parse(&long), Principal::GroupId(long.clone()));
        assert_eq!(Principal::parse("analysts"), Principal::GroupName("analysts".to_owned()));
        let role = "arn:aws:iam::123456789012:role/r";
        assert_eq!(Principal::parse(role), Principal::Role(role.to_owned()));
    }

    #[test]
    fn a_request_names_a_role_by_its_own_member() {
        let principal = Principal::Role("arn:r".to_owned());
        let target = Target { domain: "dzd_a".to_owned(), principal, project: None };
        let request = target.request("acceptance-1", &["team".to_owned()], "m");
        assert_eq!(request["groupProfile"]["rolePrincipalArn"], "arn:r");
        assert_eq!(request["datasetGroup"]["tags"][0]["tagKey"], "team");
    }
}
