//! What is asked for under a name.

use contract::outcome::REQUESTED;
use contract::retirement::RETIREMENT_REQUESTED;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Profile, Tag};

/// What a request asks to be done with the dataset group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be provisioned.
    Provision,
    /// To be retired.
    Retire,
}

/// A request, without its name and metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What is to be done. A retirement has no configuration, tags and replacement; they are ignored.
    pub purpose: Purpose,
    /// How the dataset group is to be.
    pub configuration: Configuration,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The `DataZone` domain.
    pub domain: String,
    /// Whose profile in it.
    pub principal: Principal,
    /// The projects that the profile becomes a member of, or is no member of any more.
    pub projects: Vec<AskedProject>,
    /// Whether only a plan is asked for: `policy.mode` is PLAN.
    pub plan_only: bool,
    /// Whether a group in CREATE FAILED is replaced.
    pub replace: bool,
    /// `policy.timeoutSeconds`.
    pub timeout_seconds: u64,
}

/// A project that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedProject {
    /// Its id.
    pub id: String,
    /// What the profile shall be there; none: the request does not say.
    pub designation: Option<String>,
}

/// What cannot be changed of a dataset group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// `ECOMMERCE` or `VIDEO_ON_DEMAND`; none: a custom group.
    pub domain: Option<String>,
    /// The key.
    pub kms_key_arn: Option<String>,
    /// The role that may use it.
    pub role_arn: Option<String>,
}

/// Whose group profile it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Principal {
    /// A group of Identity Center, by its id.
    Group(String),
    /// A role, by its ARN.
    Role(String),
}

impl Asked {
    /// The `detail-type` of an event that asks for this.
    #[must_use]
    pub const fn detail_type(&self) -> &'static str {
        match self.purpose {
            Purpose::Provision => REQUESTED,
            Purpose::Retire => RETIREMENT_REQUESTED,
        }
    }

    /// The detail of an event that asks for this.
    #[must_use]
    pub fn document(&self, name: &str, correlation_id: &str) -> Value {
        let (group, profile, policy) = match self.purpose {
            Purpose::Provision => self.provision(name),
            Purpose::Retire => self.retire(name),
        };
        json!({
            "datasetGroup": group,
            "groupProfile": profile,
            "policy": policy,
            "metadata": {"correlationId": correlation_id}
        })
    }

    fn retire(&self, name: &str) -> (Value, Value, Value) {
        let projects: Vec<_> = self.projects.iter().map(|project| &project.id).collect();
        let policy = json!({"removeProjects": projects, "timeoutSeconds": self.timeout_seconds, "mode": self.mode()});
        (json!({"name": name}), self.profile(), policy)
    }

    fn profile(&self) -> Value {
        match &self.principal {
            Principal::Group(id) => json!({"domainIdentifier": self.domain, "groupIdentifier": id}),
            Principal::Role(arn) => json!({"domainIdentifier": self.domain, "rolePrincipalArn": arn}),
        }
    }

    /// Null is absent, and APPLY is the default.
    fn mode(&self) -> Option<&str> {
        self.plan_only.then_some("PLAN")
    }

    fn provision(&self, name: &str) -> (Value, Value, Value) {
        let mut group = json!({"name": name});
        let members = [
            ("domain", &self.configuration.domain),
            ("kmsKeyArn", &self.configuration.kms_key_arn),
            ("roleArn", &self.configuration.role_arn),
        ];
        for (member, value) in members {
            if let Some(value) = value {
                group[member] = json!(value);
            }
        }
        if !self.tags.is_empty() {
            group["tags"] = json!(self.tags);
        }
        let mut profile = self.profile();
        if !self.projects.is_empty() {
            profile["projects"] = self.projects.iter().map(AskedProject::document).collect();
        }
        let policy = json!({
            "ifCreateFailed": if self.replace { "REPLACE" } else { "FAIL" },
            "timeoutSeconds": self.timeout_seconds,
            "mode": self.mode()
        });
        (group, profile, policy)
    }
}

impl AskedProject {
    /// What the profile shall be there.
    #[must_use]
    pub fn designation(&self) -> &str {
        self.designation.as_deref().unwrap_or("PROJECT_CONTRIBUTOR")
    }

    fn document(&self) -> Value {
        // Null is absent.
        json!({"projectIdentifier": self.id, "designation": self.designation})
    }
}

impl Configuration {
    /// That of a group that exists.
    #[must_use]
    pub fn of(group: &DatasetGroupState) -> Self {
        Self { domain: group.domain.clone(), kms_key_arn: group.kms_key_arn.clone(), role_arn: group.role_arn.clone() }
    }

    /// That of a group that is created by this call.
    #[must_use]
    pub fn of_creation(request: &Value) -> Self {
        let text = |member: &str| request[member].as_str().map(str::to_owned);
        Self { domain: text("domain"), kms_key_arn: text("kmsKeyArn"), role_arn: text("roleArn") }
    }
}

impl Principal {
    /// Whether a group profile is that of this principal.
    #[must_use]
    pub fn is_of(&self, profile: &Profile) -> bool {
        match self {
            Self::Group(id) => profile.group_id.as_ref() == Some(id),
            Self::Role(arn) => profile.role_principal_arn.as_ref() == Some(arn),
        }
    }

    /// The group's id or the role's ARN, as calls name it.
    #[must_use]
    pub fn identifier(&self) -> &str {
        match self {
            Self::Group(identifier) | Self::Role(identifier) => identifier,
        }
    }
}
