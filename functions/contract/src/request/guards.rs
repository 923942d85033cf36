//! What a deployment allows beyond the rules of a request. The parameters of the template travel through the definition of
//! the state machine, not through the function's environment: a changed guard replaces no version of a function.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{DomainIdentifier, IfCreateFailed, Violation, reader};

/// The guards of a deployment. They hold on every way in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guards {
    /// The only domains that a request may name; every domain where the list is empty.
    #[serde(deserialize_with = "items")]
    pub allowed_domain_ids: Vec<String>,
    /// Keys that the tags of every request have.
    #[serde(deserialize_with = "items")]
    pub required_tag_keys: Vec<String>,
    /// Whether a request may say REPLACE.
    #[serde(deserialize_with = "truth")]
    pub replace_allowed: bool,
}

/// Those of a deployment that leaves its parameters alone.
impl Default for Guards {
    fn default() -> Self {
        Self { allowed_domain_ids: vec![], required_tag_keys: vec![], replace_allowed: true }
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
        [self.domain(document), self.tags(document), self.replacement(document)].into_iter().flatten().collect()
    }

    fn domain(&self, document: &Value) -> Option<Violation> {
        let domain = document.pointer("/groupProfile/domainIdentifier")?;
        // One that is no domain at all is a violation already.
        let domain: DomainIdentifier = reader::read(domain).ok()?;
        let allowed =
            self.allowed_domain_ids.is_empty() || self.allowed_domain_ids.iter().any(|id| id == domain.as_str());
        let problem = format!("is \"{}\", which this deployment does not allow", domain.as_str());
        (!allowed).then(|| violation("$.groupProfile.domainIdentifier", problem, self.allowed_domain_ids.join(", ")))
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

fn violation(path: &str, problem: String, allowed: String) -> Violation {
    Violation { path: path.to_owned(), problem, allowed }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn guards(domains: &str, keys: &str, replace: &str) -> Guards {
        let parameters = json!({"allowedDomainIds": domains, "requiredTagKeys": keys, "replaceAllowed": replace});
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
