//! What a deployment allows beyond the rules of a request. The parameters of the template travel through the definition of
//! the state machine, not through the function's environment: a changed guard replaces no version of a function.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Designation, DomainIdentifier, IfCreateFailed, Project, ProjectIdentifier, Violation, reader};

/// The guards of a deployment. They hold on every way in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guards {
    /// The only domains that a request may name; every domain where the list is empty.
    #[serde(deserialize_with = "items")]
    pub allowed_domain_ids: Vec<String>,
    /// The only projects that a request may name; every project where the list is empty.
    #[serde(deserialize_with = "items")]
    pub allowed_project_ids: Vec<String>,
    /// What a request may make of a group profile in a project.
    #[serde(deserialize_with = "items")]
    pub allowed_designations: Vec<String>,
    /// Keys that the tags of every request have.
    #[serde(deserialize_with = "items")]
    pub required_tag_keys: Vec<String>,
    /// Whether a request may say REPLACE.
    #[serde(deserialize_with = "truth")]
    pub replace_allowed: bool,
}

/// The guards that hold for a retirement too, on every way in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetirementGuards {
    /// The only domains that a request may name; every domain where the list is empty.
    #[serde(deserialize_with = "items")]
    pub allowed_domain_ids: Vec<String>,
    /// The only projects that a request may name; every project where the list is empty.
    #[serde(deserialize_with = "items")]
    pub allowed_project_ids: Vec<String>,
}

impl RetirementGuards {
    /// What a request breaks, found also in a document that breaks other rules.
    pub(super) fn violations(&self, document: &Value) -> Vec<Violation> {
        let projects = document.pointer("/policy/removeProjects").and_then(Value::as_array).into_iter().flatten();
        let projects = projects.enumerate().filter_map(|(index, project)| {
            let project: ProjectIdentifier = reader::read(project).ok()?;
            not_among(&self.allowed_project_ids, project.as_str(), &format!("$.policy.removeProjects[{index}]"))
        });
        domain(&self.allowed_domain_ids, document).into_iter().chain(projects).collect()
    }
}

/// Those of a deployment that leaves its parameters alone.
impl Default for Guards {
    fn default() -> Self {
        let designations = Designation::ALL.into_iter().filter(|designation| *designation != Designation::ProjectOwner);
        Self {
            allowed_domain_ids: vec![],
            allowed_project_ids: vec![],
            allowed_designations: designations.map(|designation| designation.as_str().to_owned()).collect(),
            required_tag_keys: vec![],
            replace_allowed: true,
        }
    }
}

/// A list as people type it: separated by commas, with spaces and empty items.
fn items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let typed = String::deserialize(deserializer)?;
    Ok(typed.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
}

fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    String::deserialize(deserializer).map(|word| word == "true")
}

impl Guards {
    /// What a request breaks. It looks at the document, so that it finds this also in one that breaks other rules.
    pub(super) fn violations(&self, document: &Value) -> Vec<Violation> {
        let domain = domain(&self.allowed_domain_ids, document);
        let alone = [domain, self.tags(document), self.replacement(document)].into_iter().flatten();
        alone.chain(self.projects(document)).collect()
    }

    fn projects(&self, document: &Value) -> Vec<Violation> {
        let projects = document.pointer("/groupProfile/projects").and_then(Value::as_array).into_iter().flatten();
        let projects = projects.enumerate().filter_map(|(index, project)| Some((index, reader::read(project).ok()?)));
        let violations = projects.flat_map(|(index, Project { project_identifier, designation })| {
            let path = |member: &str| format!("$.groupProfile.projects[{index}].{member}");
            let project = project_identifier.as_str();
            [
                not_among(&self.allowed_project_ids, project, &path("projectIdentifier")),
                not_among(&self.allowed_designations, designation.as_str(), &path("designation")),
            ]
        });
        violations.flatten().collect()
    }

    fn tags(&self, document: &Value) -> Option<Violation> {
        let tags = document.pointer("/datasetGroup/tags").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let missing = |key: &&String| tags.iter().all(|tag| tag["tagKey"] != **key);
        let missing: Vec<_> = self.required_tag_keys.iter().filter(missing).map(String::as_str).collect();
        let problem = format!("has no tag with the key {}", missing.join(", "));
        let allowed = || format!("tags that include the keys {}", self.required_tag_keys.join(", "));
        (!missing.is_empty()).then(|| violation("$.datasetGroup.tags", problem, allowed()))
    }

    fn replacement(&self, document: &Value) -> Option<Violation> {
        let replace = IfCreateFailed::Replace.as_str();
        let refused = !self.replace_allowed && document.pointer("/policy/ifCreateFailed")? == replace;
        let problem = format!("is \"{replace}\", which this deployment does not allow");
        refused.then(|| violation("$.policy.ifCreateFailed", problem, IfCreateFailed::Fail.as_str().to_owned()))
    }
}

fn domain(allowed: &[String], document: &Value) -> Option<Violation> {
    let domain = document.pointer("/groupProfile/domainIdentifier")?;
    // One that is no domain at all is a violation already.
    let domain: DomainIdentifier = reader::read(domain).ok()?;
    not_among(allowed, domain.as_str(), "$.groupProfile.domainIdentifier")
}

/// The violation of a value that a list does not have, unless the list is empty.
pub(super) fn not_among(allowed: &[String], value: &str, path: &str) -> Option<Violation> {
    let refused = !allowed.is_empty() && allowed.iter().all(|item| item != value);
    refused
        .then(|| violation(path, format!("is \"{value}\", which this deployment does not allow"), allowed.join(", ")))
}

fn violation(path: &str, problem: String, allowed: String) -> Violation {
    Violation { path: path.to_owned(), problem, allowed }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn guards(domains: &str, keys: &str, replace: &str) -> Guards {
        let parameters = json!({
            "allowedDomainIds": domains,
            "allowedProjectIds": "",
            "allowedDesignations": Guards::default().allowed_designations.join(","),
            "requiredTagKeys": keys,
            "replaceAllowed": replace
        });
        serde_json::from_value(parameters).expect("guards")
    }

    fn paths(guards: &Guards, document: &Value) -> Vec<String> {
        guards.violations(document).into_iter().map(|violation| violation.path).collect()
    }

    #[test]
    fn a_list_is_read_as_people_type_it() {
        let read = guards(" dzd_a ,, dzd-b,", "cost center,team", "true");
        assert_eq!(
            (read.allowed_domain_ids, read.required_tag_keys),
            (vec!["dzd_a".to_owned(), "dzd-b".to_owned()], vec!["cost center".to_owned(), "team".to_owned()])
        );
        assert_eq!(guards("", " ", "true"), Guards::default());
    }

    #[test]
    fn a_request_that_a_guard_refuses_is_told_what_is_allowed() {
        let guards = guards("dzd_a, dzd_b", "team, stage", "false");
        let document = json!({
            "datasetGroup": {"tags": [{"tagKey": "team", "tagValue": "media"}]},
            "groupProfile": {"domainIdentifier": "dzd_c"},
            "policy": {"ifCreateFailed": "REPLACE"}
        });
        let told: Vec<_> = guards.violations(&document).into_iter().map(|v| (v.path, v.problem, v.allowed)).collect();
        let expected = [
            ("$.groupProfile.domainIdentifier", "is \"dzd_c\", which this deployment does not allow", "dzd_a, dzd_b"),
            ("$.datasetGroup.tags", "has no tag with the key stage", "tags that include the keys team, stage"),
            ("$.policy.ifCreateFailed", "is \"REPLACE\", which this deployment does not allow", "FAIL"),
        ];
        assert_eq!(told, expected.map(|(path, problem, allowed)| (path.into(), problem.into(), allowed.into())));
    }

    #[test]
    fn each_project_and_each_designation_that_is_not_allowed_is_named_with_its_place() {
        let guards = Guards { allowed_project_ids: vec!["p1".to_owned(), "p2".to_owned()], ..Guards::default() };
        let project = |id: &str, designation: Value| json!({"projectIdentifier": id, "designation": designation});
        let document = json!({"groupProfile": {"projects": [
            project("p1", json!(null)),
            project("p2", json!("PROJECT_OWNER")),
            project("p3", json!("PROJECT_CATALOG_VIEWER")),
            project("no id at all", json!("PROJECT_OWNER")),
        ]}});
        let violations = guards.violations(&document);
        let told: Vec<_> = violations.iter().map(|v| (v.path.as_str(), v.problem.as_str())).collect();
        let expected = [
            ("$.groupProfile.projects[1].designation", "is \"PROJECT_OWNER\", which this deployment does not allow"),
            ("$.groupProfile.projects[2].projectIdentifier", "is \"p3\", which this deployment does not allow"),
        ];
        assert_eq!(told, expected);
        assert!(violations[0].allowed.starts_with("PROJECT_CONTRIBUTOR, ") && violations[1].allowed == "p1, p2");
    }

    #[test]
    fn a_retirement_may_name_only_the_allowed_domains_and_projects() {
        let guards = json!({"allowedDomainIds": "dzd_a", "allowedProjectIds": "p1, p2"});
        let guards: RetirementGuards = serde_json::from_value(guards).expect("guards");
        let document = |domain: &str, projects: Value| json!({"groupProfile": {"domainIdentifier": domain}, "policy": {"removeProjects": projects}});
        let paths = |guards: &RetirementGuards, document: Value| {
            guards.violations(&document).into_iter().map(|violation| violation.path).collect::<Vec<_>>()
        };
        assert_eq!(paths(&guards, document("dzd_a", json!(["p2", "p1"]))), [""; 0]);
        let refused = || document("dzd_b", json!(["p1", "p3", "no id at all", 7]));
        assert_eq!(paths(&guards, refused()), ["$.groupProfile.domainIdentifier", "$.policy.removeProjects[1]"]);
        assert_eq!(paths(&RetirementGuards::default(), refused()), [""; 0]);
        for document in [json!(null), json!({"policy": {"removeProjects": {}}, "groupProfile": 7})] {
            assert_eq!(paths(&guards, document), [""; 0]);
        }
    }

    #[test]
    fn what_is_allowed_or_not_a_domain_at_all_is_no_violation_of_a_guard() {
        let guards = guards("dzd_a", "team", "false");
        let tags = json!([{"tagKey": "team"}]);
        for (domain, policy) in [("dzd_a", json!({"ifCreateFailed": "FAIL"})), ("dz", json!(null))] {
            let document =
                json!({"datasetGroup": {"tags": tags}, "groupProfile": {"domainIdentifier": domain}, "policy": policy});
            assert_eq!(paths(&guards, &document), [""; 0], "{domain}");
        }
    }

    #[test]
    fn a_document_of_any_kind_misses_the_required_tags() {
        for document in [json!(null), json!([]), json!({"datasetGroup": 7}), json!({"datasetGroup": {"tags": {}}})] {
            assert_eq!(paths(&guards("dzd_a", "team", "false"), &document), ["$.datasetGroup.tags"], "{document}");
            assert_eq!(paths(&Guards::default(), &document), [""; 0]);
        }
    }
}
