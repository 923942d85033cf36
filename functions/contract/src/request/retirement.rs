//! The request to retire a dataset group.

use serde::Serialize;
use serde_json::{Map, Value};

use super::reader::{self, Read, Reader};
use super::{
    DatasetGroupName, DomainIdentifier, Mode, Policy, Principal, ProjectIdentifier, RetirementGuards,
    STARTED_BY_EXECUTION, Timeout, Violation, of_input, projects,
};
#[cfg(feature = "schema")]
use super::{LONGEST_TIMEOUT, MOST_PROJECTS, SHORTEST_TIMEOUT};
use crate::retirement::RETIREMENT_REQUESTED;
#[cfg(feature = "schema")]
use crate::schema;

/// A request that is valid as a whole, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "DatasetGroupRetirementRequested",
        description = "Asks that a dataset group be deleted, after the named memberships of its group profile in projects were removed. The group profile itself stays: it belongs to the domain, and dataset groups of other accounts may be linked to it.",
        deny_unknown_fields,
        transform = schema::started_by_execution
    )
)]
#[serde(rename_all = "camelCase")]
pub struct RetirementRequest {
    /// The dataset group that shall be deleted.
    pub dataset_group: GroupToRetire,
    /// The group profile that the dataset group is linked to. Without this very link nothing is deleted.
    pub group_profile: LinkedProfile,
    /// How to go about it.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub policy: RetirementPolicy,
    /// Any object of at most 16 KiB and 125 levels. Returned in every outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// The dataset group to retire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct GroupToRetire {
    /// 1 to 63 letters, digits, hyphens and underscores, the first a letter or digit.
    pub name: DatasetGroupName,
}

/// The group profile that the dataset group is linked to. It stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields, transform = schema::exactly_one))]
#[serde(rename_all = "camelCase")]
pub struct LinkedProfile {
    /// The DataZone domain, `dzd_...`.
    pub domain_identifier: DomainIdentifier,
    /// Whose profile it is.
    #[serde(flatten)]
    pub principal: Principal,
}

/// How to go about a retirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct RetirementPolicy {
    /// At most 10: the projects of the domain that the group profile shall no longer be a member of. Projects are unique. A
    /// group then has to be named by its id, because the members of a project may be listed by it.
    #[cfg_attr(feature = "schema", schemars(length(max = MOST_PROJECTS)))]
    pub remove_projects: Vec<ProjectIdentifier>,
    /// 60 to 86400, for the whole wait, counted from the start of the execution.
    #[cfg_attr(feature = "schema", schemars(range(min = SHORTEST_TIMEOUT, max = LONGEST_TIMEOUT)))]
    pub timeout_seconds: u64,
    /// APPLY does what the request asks for; PLAN changes nothing and says what APPLY would do now.
    pub mode: Mode,
}

impl Default for RetirementPolicy {
    fn default() -> Self {
        let Policy { timeout_seconds, mode, if_create_failed: _ } = Policy::default();
        Self { remove_projects: vec![], timeout_seconds, mode }
    }
}

impl RetirementRequest {
    /// Reads a request from any JSON document.
    ///
    /// # Errors
    /// Every violation at once, in the order of the document's description.
    pub fn parse(document: &Value) -> Result<Self, Vec<Violation>> {
        reader::read(document)
    }

    /// Reads the input of an execution, which is a request or the event around it, in a deployment with these guards.
    ///
    /// # Errors
    /// Every violation at once; those of the guards come last.
    pub fn of_input(input: &Value, guards: &RetirementGuards) -> Result<Self, Vec<Violation>> {
        of_input(input, RETIREMENT_REQUESTED, |document| guards.violations(document))
    }
}

impl Read for RetirementRequest {
    fn read(at: &Reader) -> Option<Self> {
        let known = ["datasetGroup", "groupProfile", "policy", "metadata"];
        let [dataset_group, profile, policy, metadata] = at.members(known, Some(STARTED_BY_EXECUTION))?;
        let (dataset_group, group_profile) = (dataset_group.required(), profile.required::<LinkedProfile>());
        let (policy, metadata) = (policy.optional::<RetirementPolicy>(), metadata.optional());
        if let (Some(LinkedProfile { principal, .. }), Some(Some(policy))) = (&group_profile, &policy)
            && !policy.remove_projects.is_empty()
            && principal.is_named()
        {
            profile.refuse::<()>(
                "names the group by its name, and policy.removeProjects is given",
                "with policy.removeProjects, the id of the group",
            );
        }
        Some(Self {
            dataset_group: dataset_group?,
            group_profile: group_profile?,
            policy: policy?.unwrap_or_default(),
            metadata: metadata?,
        })
    }
}

impl Read for GroupToRetire {
    fn read(at: &Reader) -> Option<Self> {
        let [name] = at.members(["name"], None)?;
        Some(Self { name: name.required()? })
    }
}

impl Read for LinkedProfile {
    fn read(at: &Reader) -> Option<Self> {
        let known = ["domainIdentifier", "groupIdentifier", "rolePrincipalArn"];
        let [domain, group, role] = at.members(known, None)?;
        let (domain, principal) = (domain.required(), Principal::read(at, &group, &role));
        Some(Self { domain_identifier: domain?, principal: principal? })
    }
}

impl Read for RetirementPolicy {
    fn read(at: &Reader) -> Option<Self> {
        let [remove, timeout, mode] = at.members(["removeProjects", "timeoutSeconds", "mode"], None)?;
        let (remove, timeout, mode) = (remove.optional(), timeout.optional::<Timeout>(), mode.optional());
        let default = Self::default();
        Some(Self {
            remove_projects: remove?.unwrap_or_default(),
            timeout_seconds: timeout?.map_or(default.timeout_seconds, |timeout| timeout.0),
            mode: mode?.unwrap_or(default.mode),
        })
    }
}

impl Read for Vec<ProjectIdentifier> {
    fn read(at: &Reader) -> Option<Self> {
        projects(at, |project| project)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GROUP: &str = "a1b2c3d4-5678-90ab-cdef-112233445566";

    fn document(policy: &Value) -> Value {
        json!({
            "datasetGroup": {"name": "media"},
            "groupProfile": {"domainIdentifier": "dzd_a", "groupIdentifier": GROUP},
            "policy": policy
        })
    }

    fn paths(document: &Value) -> Vec<String> {
        let violations = RetirementRequest::parse(document).expect_err("invalid");
        violations.into_iter().map(|violation| violation.path).collect()
    }

    #[test]
    fn a_request_is_read_with_its_defaults_and_crosses_the_steps() {
        let request = RetirementRequest::parse(&document(&json!(null))).expect("valid");
        assert_eq!(
            request.policy,
            RetirementPolicy { remove_projects: vec![], timeout_seconds: 3600, mode: Mode::Apply }
        );
        let written = serde_json::to_value(&request).expect("JSON");
        assert_eq!(serde_json::from_value::<RetirementRequest>(written).expect("valid"), request);
    }

    #[test]
    fn every_violation_is_reported_with_its_place() {
        let eleven: Vec<_> = (0..11).map(|number| format!("p{number}")).collect();
        for (policy, expected) in [
            (json!({"removeProjects": ["p", "p"]}), "$.policy.removeProjects[1]"),
            (json!({"removeProjects": ["not an id"]}), "$.policy.removeProjects[0]"),
            (json!({"removeProjects": eleven}), "$.policy.removeProjects"),
            (json!({"removeProjects": "p"}), "$.policy.removeProjects"),
            (json!({"timeoutSeconds": 59}), "$.policy.timeoutSeconds"),
            (json!({"mode": "DRY"}), "$.policy.mode"),
            (json!({"ifCreateFailed": "FAIL"}), "$.policy.ifCreateFailed"),
        ] {
            assert_eq!(paths(&document(&policy)), [expected], "{policy}");
        }
        let mut several = document(&json!({}));
        several["datasetGroup"] = json!({"name": "-", "domain": "ECOMMERCE"});
        several["groupProfile"] = json!({"domainIdentifier": "a", "clientToken": "t"});
        let expected = [
            "$.datasetGroup.domain",
            "$.datasetGroup.name",
            "$.groupProfile.clientToken",
            "$.groupProfile.domainIdentifier",
            "$.groupProfile",
        ];
        assert_eq!(paths(&several), expected);
    }

    #[test]
    fn with_projects_a_group_goes_by_its_id() {
        let mut named = document(&json!({"removeProjects": ["p"]}));
        named["groupProfile"]["groupIdentifier"] = json!("Data Owners");
        assert_eq!(paths(&named), ["$.groupProfile"]);
        named["policy"] = json!({"removeProjects": []});
        assert!(RetirementRequest::parse(&named).is_ok());
    }
}
