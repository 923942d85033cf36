//! The service models: the operations that are simulated, the form of their requests, and the status of each response.
//!
//! `models/*.json` are excerpts of the models of botocore. `models/excerpt.py` names the operations in them.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::wire::ServiceError;

/// A service model.
#[derive(Debug, Deserialize)]
pub struct Model {
    /// How requests and responses are written.
    #[serde(rename = "metadata")]
    pub protocol: Protocol,
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

/// How requests and responses are written.
#[derive(Debug, Deserialize)]
#[serde(tag = "protocol", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Protocol {
    /// A header names the operation; the body has all members of the input.
    Json {
        /// What the header has before the name of the operation.
        target_prefix: String,
        /// Version in the content type.
        json_version: String,
    },
    /// Method and path name the operation; the members of the input are in the path, in the query and in the body.
    RestJson,
}

#[derive(Debug, Deserialize)]
struct Operation {
    http: Http,
    input: Reference,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    request_uri: String,
    response_code: Option<u16>,
}

/// Names a shape.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    shape: String,
    /// Where a member of an input is in the request; absent: in the body.
    location: Option<Location>,
    /// The member's name there.
    location_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Location {
    Uri,
    QueryString,
}

/// A shape with the traits that it has, as the format of the models writes it.
#[derive(Debug, Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    form: Form,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    members: BTreeMap<String, Reference>,
    /// Shape of the items of a list.
    member: Option<Reference>,
    min: Option<i64>,
    max: Option<i64>,
    pattern: Option<Pattern>,
    /// The allowed values; empty: any.
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    /// The value is left out of messages.
    #[serde(default)]
    sensitive: bool,
    error: Option<ErrorStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Structure,
    List,
    String,
    Integer,
}

impl Shape {
    /// The bound that a length or value is beyond.
    fn beyond(&self, what: &str, measured: i64) -> Option<String> {
        let (word, bound) = match (self.min, self.max) {
            (_, Some(max)) if measured > max => ("less", max),
            (Some(min), _) if measured < min => ("greater", min),
            (_, _) => return None,
        };
        Some(format!("Member must have {what} {word} than or equal to {bound}"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorStatus {
    http_status_code: u16,
}

/// The pattern that a whole value has to match.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Pattern {
    /// As the model writes it.
    text: String,
    regex: Regex,
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(text: String) -> Result<Self, regex::Error> {
        Ok(Self { regex: whole(&text)?, text })
    }
}

/// A pattern that has to match the whole text, as in the service models.
pub fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!(r"\A(?:{pattern})\z"))
}

impl Model {
    /// Whether this operation is simulated.
    pub fn has(&self, operation: &str) -> bool {
        self.operations.contains_key(operation)
    }

    /// The operation that a request names, and the members of its input that are in the path and in the query. The name is
    /// empty if the request names none.
    pub fn route(&self, parts: &Parts) -> (String, Map<String, Value>) {
        match &self.protocol {
            Protocol::Json { target_prefix, .. } => {
                let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
                let operation = target
                    .and_then(|target| target.strip_prefix(target_prefix.as_str()))
                    .and_then(|operation| operation.strip_prefix('.'));
                (operation.unwrap_or_default().to_owned(), Map::new())
            }
            Protocol::RestJson => {
                let routed = |(name, operation): (&String, &Operation)| {
                    let mut members = operation.http.path_members(parts.method.as_str(), parts.uri.path())?;
                    members.extend(self.query_members(operation, parts.uri.query().unwrap_or_default()));
                    Some((name.clone(), members))
                };
                self.operations.iter().find_map(routed).unwrap_or_default()
            }
        }
    }

    /// The members of an operation's input that are in a query.
    fn query_members(&self, operation: &Operation, query: &str) -> Map<String, Value> {
        let members = &self.shapes[&operation.input.shape].members;
        let read = |pair: &str| {
            let (parameter, text) = pair.split_once('=')?;
            let (name, member) = members.iter().find(|(_, member)| {
                member.location == Some(Location::QueryString) && member.location_name.as_deref() == Some(parameter)
            })?;
            let text = percent_decode_str(text).decode_utf8().ok()?;
            let is_number = self.shapes[&member.shape].form == Form::Integer;
            let number = text.parse::<i64>().ok().filter(|_| is_number);
            Some((name.clone(), number.map_or_else(|| text.into(), Value::from)))
        };
        query.split('&').filter_map(read).collect()
    }

    /// The constraints that the input of an operation violates, in the words of the services. Removes members that are
    /// null or that the model does not have.
    ///
    /// # Errors
    ///
    /// `SerializationException` for a value of the wrong type.
    pub fn violations(&self, operation: &str, input: &mut Value) -> Result<Vec<String>, ServiceError> {
        let mut violations = Vec::new();
        if let Some(operation) = self.operations.get(operation) {
            self.walk(&operation.input, "", input, &mut violations)?;
        }
        Ok(violations)
    }

    fn walk(
        &self,
        shape: &Reference,
        path: &str,
        value: &mut Value,
        found: &mut Vec<String>,
    ) -> Result<(), ServiceError> {
        let shape = &self.shapes[&shape.shape];
        let violation = |shown: &str, constraint: &str| {
            format!("Value{shown} at '{path}' failed to satisfy constraint: {constraint}")
        };
        match (shape.form, value) {
            (Form::Structure, Value::Object(given)) => {
                given.retain(|name, value| shape.members.contains_key(name) && !value.is_null());
                for (name, member) in &shape.members {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    if let Some(value) = given.get_mut(name) {
                        self.walk(member, &path, value, found)?;
                    } else if shape.required.contains(name) {
                        let constraint = "failed to satisfy constraint: Member must not be null";
                        found.push(format!("Value null at '{path}' {constraint}"));
                    }
                }
            }
            (Form::List, Value::Array(items)) => {
                found.extend(shape.beyond("length", length(items.len())).map(|bound| violation("", &bound)));
                for (number, item) in (1..).zip(items) {
                    let path = format!("{path}.{number}.member");
                    shape.member.iter().try_for_each(|member| self.walk(member, &path, item, found))?;
                }
            }
            (Form::String, Value::String(text)) => {
                let shown = if shape.sensitive { String::new() } else { format!(" '{text}'") };
                let unmatched = shape.pattern.as_ref().filter(|pattern| !pattern.regex.is_match(text));
                let is_other = !shape.values.is_empty() && !shape.values.contains(text);
                let constraints = [
                    shape.beyond("length", length(text.chars().count())),
                    unmatched.map(|p| format!("Member must satisfy regular expression pattern: {}", p.text)),
                    is_other.then(|| format!("Member must satisfy enum value set: [{}]", shape.values.join(", "))),
                ];
                found.extend(constraints.iter().flatten().map(|constraint| violation(&shown, constraint)));
            }
            (Form::Integer, Value::Number(number)) if number.is_i64() => {
                let bound = number.as_i64().and_then(|number| shape.beyond("value", number));
                found.extend(bound.map(|bound| violation(&format!(" '{number}'"), &bound)));
            }
            (Form::Structure | Form::List | Form::String | Form::Integer, _) => {
                let place = if path.is_empty() { "The request body" } else { path };
                return Err(ServiceError::serialization(format!("{place} has the wrong type")));
            }
        }
        Ok(())
    }

    /// Whether a text satisfies the pattern of a shape.
    pub fn matches(&self, shape: &str, text: &str) -> bool {
        let pattern = self.shapes.get(shape).and_then(|shape| shape.pattern.as_ref());
        pattern.is_some_and(|pattern| pattern.regex.is_match(text))
    }

    /// The HTTP status of an operation's success.
    pub fn success_status(&self, operation: &str) -> u16 {
        self.operations.get(operation).and_then(|operation| operation.http.response_code).unwrap_or(200)
    }

    /// The HTTP status of an error. 400 if the model has none.
    pub fn error_status(&self, code: &str) -> u16 {
        let error = self.shapes.get(code).and_then(|shape| shape.error.as_ref());
        error.map_or(400, |error| error.http_status_code)
    }
}

/// A length, to compare it with the bounds of a model.
fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

impl Http {
    /// The members of the input that are in a path, if method and path are those of the operation.
    fn path_members(&self, method: &str, path: &str) -> Option<Map<String, Value>> {
        if method != self.method || path.split('/').count() != self.request_uri.split('/').count() {
            return None;
        }
        let mut members = Map::new();
        for (expected, segment) in self.request_uri.split('/').zip(path.split('/')) {
            if let Some(name) = expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                let value = percent_decode_str(segment).decode_utf8().ok()?;
                members.insert(name.to_owned(), value.into());
            } else if expected != segment {
                return None;
            }
        }
        Some(members)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::service::Service;
    use crate::service::Service::{DataZone, Personalize};
    use crate::settings::Settings;
    use crate::simulation::Simulation;

    /// What the input of an operation violates, if its types are right.
    fn violated(service: Service, operation: &str, mut input: Value) -> String {
        let violations = service.model().violations(operation, &mut input);
        violations.map_or_else(|error| error.message, |violations| violations.join("; "))
    }

    #[test]
    fn a_member_has_to_satisfy_every_constraint_of_the_model() {
        const ROOM: &str = "length less than or equal to";
        let create = (Personalize, "CreateDatasetGroup", json!({"name": "a"}));
        let list = (Personalize, "ListDatasetGroups", json!({}));
        let get = (DataZone, "GetGroupProfile", json!({"domainIdentifier": "dzd_a", "groupIdentifier": "a"}));
        let search = (DataZone, "SearchGroupProfiles", json!({"domainIdentifier": "dzd_a", "groupType": "SSO_GROUP"}));
        let members = json!({"domainIdentifier": "dzd_a", "projectIdentifier": "p"});
        let members = (DataZone, "ListProjectMemberships", members);
        let join = json!({
            "domainIdentifier": "dzd_a",
            "projectIdentifier": "p",
            "member": {"groupIdentifier": "a"},
            "designation": "PROJECT_OWNER"
        });
        let join = (DataZone, "CreateProjectMembership", join);
        let id = "0123456789-11111111-2222-3333-4444-555555555555";
        let tag = |key: &str, value: &str| json!({"tagKey": key, "tagValue": value});
        let tags = |count: usize| (0..count).map(|number| tag(&number.to_string(), "")).collect::<Value>();
        for ((service, operation, valid), member, value, expected) in [
            (&create, "name", json!("A-1_b"), ""),
            (&create, "name", json!("a".repeat(63)), ""),
            (&create, "name", json!("a".repeat(64)), &format!("{ROOM} 63")),
            (&create, "name", json!("-a"), "expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*"),
            (&create, "name", json!("a\n"), "pattern"),
            (&create, "name", json!("é"), "pattern"),
            (&create, "name", json!(5), "name has the wrong type"),
            (&create, "name", json!(["a"]), "name has the wrong type"),
            (&create, "domain", json!(null), ""),
            (&create, "tags", json!([tag("équipe média", ""), tag("a:b/c=d+e-f@g.h_i", "1")]), ""),
            (&create, "tags", json!([tag(&"é".repeat(128), "")]), ""),
            (&create, "tags", json!([tag("k", ""), tag("", "x")]), "Value at 'tags.2.member.tagKey' failed"),
            (&create, "tags", json!([tag("k", "a*b")]), "Value at 'tags.1.member.tagValue' failed"),
            (&create, "tags", json!([{"tagKey": "k"}]), "Value null at 'tags.1.member.tagValue' failed"),
            (&create, "tags", json!([null]), "tags.1.member has the wrong type"),
            (&create, "tags", json!("x"), "tags has the wrong type"),
            (&create, "tags", tags(200), ""),
            (
                &create,
                "tags",
                tags(201),
                &format!("Value at 'tags' failed to satisfy constraint: Member must have {ROOM} 200"),
            ),
            (&list, "maxResults", json!(100), ""),
            (&list, "maxResults", json!(101), "Value '101' at 'maxResults' failed"),
            (&list, "maxResults", json!(0), "Member must have value greater than or equal to 1"),
            (&list, "maxResults", json!(1.5), "maxResults has the wrong type"),
            (&list, "nextToken", json!("any ASCII"), ""),
            (&get, "domainIdentifier", json!("dzd-A-1_b"), ""),
            (&get, "domainIdentifier", json!(format!("dzd_{}", "a".repeat(37))), "pattern: dzd"),
            (&get, "domainIdentifier", json!("xdzd_a"), "pattern: dzd"),
            (&get, "groupIdentifier", json!(id), ""),
            (&get, "groupIdentifier", json!("équipe 1"), ""),
            (&get, "groupIdentifier", json!(""), "Value '' at 'groupIdentifier' failed"),
            (&search, "searchText", json!("a".repeat(1025)), "Value at 'searchText' failed"),
            (&search, "nextToken", json!(""), "length greater than or equal to 1"),
            (&members, "maxResults", json!(51), "Member must have value less than or equal to 50"),
            (&members, "maxResults", json!("two"), "maxResults has the wrong type"),
            (&join, "member", json!({"userIdentifier": "u"}), ""),
            (&join, "projectIdentifier", json!("a b"), "Value 'a b' at 'projectIdentifier' failed"),
            (&join, "designation", json!("OWNER"), "Member must satisfy enum value set: [PROJECT_OWNER, "),
        ] {
            let mut input = valid.clone();
            input[member] = value;
            let violated = violated(*service, operation, input.clone());
            let is_expected = violated.contains(expected) && violated.is_empty() == expected.is_empty();
            assert!(is_expected, "{operation} {input}: {violated}");
        }
    }

    #[test]
    fn violations_read_as_the_services_write_them_and_a_wrong_type_hides_them() {
        let create = |input: Value| violated(Personalize, "CreateDatasetGroup", input);
        assert_eq!(
            create(json!({"name": null, "domain": "GAMES"})),
            "Value 'GAMES' at 'domain' failed to satisfy constraint: Member must satisfy enum value set: [ECOMMERCE, \
             VIDEO_ON_DEMAND]; Value null at 'name' failed to satisfy constraint: Member must not be null"
        );
        assert_eq!(create(json!({"name": 5, "domain": "GAMES"})), "name has the wrong type");
        assert_eq!(create(json!([])), "The request body has the wrong type");
    }

    #[test]
    fn members_that_the_model_does_not_have_are_ignored() {
        let mut input = json!({"name": "a", "tags": [{"tagKey": "k", "tagValue": "v", "colour": "red"}], "size": 1});
        Personalize.model().violations("CreateDatasetGroup", &mut input).unwrap();
        assert_eq!(input, json!({"name": "a", "tags": [{"tagKey": "k", "tagValue": "v"}]}));
    }

    #[test]
    fn every_operation_of_the_models_is_played() {
        let simulation = Simulation::new(Settings::default());
        let mut state = simulation.state();
        for service in [Personalize, DataZone] {
            for operation in service.model().operations.keys() {
                let request = json!({operation: {}});
                let played = service.perform(&mut state, &simulation.settings, request, Timestamp::UNIX_EPOCH);
                let refused = played.err().map(|error| error.message).unwrap_or_default();
                assert!(!refused.contains("unknown variant"), "{refused}");
            }
        }
    }

    #[test]
    fn a_path_names_an_operation_and_path_and_query_have_members_which_are_decoded_one_by_one() {
        let routed = |method: &str, path: &str| {
            let (parts, ()) = Request::builder().method(method).uri(path).body(()).unwrap().into_parts();
            DataZone.model().route(&parts)
        };
        let (operation, members) = routed("GET", "/v2/domains/dzd_a/group-profiles/Data%20Owners%2FEU");
        assert_eq!(operation, "GetGroupProfile");
        assert_eq!(Value::from(members), json!({"domainIdentifier": "dzd_a", "groupIdentifier": "Data Owners/EU"}));
        let (operation, members) =
            routed("GET", "/v2/domains/dzd_a/projects/p/memberships?maxResults=2&nextToken=a%2Bb&x=1");
        assert_eq!(operation, "ListProjectMemberships");
        let expected =
            json!({"domainIdentifier": "dzd_a", "projectIdentifier": "p", "maxResults": 2, "nextToken": "a+b"});
        assert_eq!(Value::from(members), expected);
        let (_, members) = routed("GET", "/v2/domains/dzd_a/projects/p/memberships?maxResults=two");
        assert_eq!(members["maxResults"], "two");
        for (method, path) in [
            ("DELETE", "/v2/domains/dzd_a/group-profiles/x"),
            ("GET", "/v2/domains/dzd_a/group-profiles"),
            ("GET", "/v2/domains/dzd_a"),
            ("GET", "/"),
            ("GET", "/v2/domains/dzd_a/group-profiles/%ff"),
        ] {
            assert_eq!(routed(method, path), Default::default(), "{method} {path}");
        }
    }
}
