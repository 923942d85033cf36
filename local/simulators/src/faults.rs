//! What goes wrong on purpose: which call, when, how often, in which way.

use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::call_log::Resource;
use crate::control::documents::ReceivedFault;
use crate::service::Service;

/// Something that goes wrong on purpose.
///
/// The oldest fault that matches a call and is due is applied, never more than one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The service that is called.
    pub service: Service,
    /// The operation, such as `CreateDatasetGroup`; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Dataset group name, domain id, project id, or group identifier as it was called with; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// So many matching calls pass first.
    #[serde(default)]
    pub after: u32,
    /// So many calls are hit; none: all, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Which of the calls that are due are hit; none: every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chance: Option<Chance>,
    /// What goes wrong.
    pub kind: Kind,
}

/// Hits some of the calls, as if at random.
///
/// Whether a call is hit follows from the seed, its operation, what it is about, and how many such calls came before: so
/// calls about different things may come in any order, and the same ones are hit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chance {
    /// Above 0 and at most 1: that part of the calls.
    pub probability: f64,
    /// Two faults with one seed hit the same calls.
    pub seed: u64,
}

impl Chance {
    /// Decides about the call of this number, from 1, of an operation about a resource.
    fn hits(self, operation: &str, resource: &str, number: u32) -> bool {
        let digest = Sha256::digest(format!("{}\n{operation}\n{resource}\n{number}", self.seed));
        let drawn = digest.iter().take(4).fold(0, |drawn, byte| (drawn << 8) | u32::from(*byte));
        f64::from(drawn) / (f64::from(u32::MAX) + 1.0) < self.probability
    }
}

/// What goes wrong. Where nothing else is said, the call has no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Kind {
    /// The service is too busy: 400 at Personalize, 429 at `DataZone`.
    Throttle {
        /// `ThrottlingException` unless given, as in `TooManyRequestsException`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// The refusal that IAM writes, naming caller, action and resource: 400 at Personalize, 403 at `DataZone`.
    AccessDenied,
    /// Any error with a name.
    Error {
        /// HTTP status, 400 to 599.
        status: u16,
        /// Such as `ExpiredTokenException`.
        code: String,
        /// The text for people; a plain one unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// 502 with an HTML body, as a proxy in between writes it.
    HtmlBadGateway,
    /// The real effect and answer, but the connection ends in the middle of the body.
    TruncatedBody,
    /// Any answer.
    Raw {
        /// HTTP status, 200 to 599.
        status: u16,
        /// Headers; `content-length` is added.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// The body.
        #[serde(default)]
        body: String,
        /// Whether the operation is carried out all the same.
        #[serde(default)]
        effect: bool,
    },
    /// The real effect and answer, later.
    Delay {
        /// How much later; up to 600000.
        milliseconds: u64,
    },
    /// The connection ends without an answer, and nothing was done.
    CutBeforeEffect,
    /// The connection ends without an answer, though everything was done.
    CutAfterEffect,
}

impl Kind {
    /// The name, as it is written in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Throttle { .. } => "throttle",
            Self::AccessDenied => "accessDenied",
            Self::Error { .. } => "error",
            Self::HtmlBadGateway => "htmlBadGateway",
            Self::TruncatedBody => "truncatedBody",
            Self::Raw { .. } => "raw",
            Self::Delay { .. } => "delay",
            Self::CutBeforeEffect => "cutBeforeEffect",
            Self::CutAfterEffect => "cutAfterEffect",
        }
    }
}

impl Fault {
    /// Hits every call of a service from now on.
    #[must_use]
    pub const fn new(service: Service, kind: Kind) -> Self {
        Self { service, operation: None, resource: None, after: 0, times: None, chance: None, kind }
    }

    /// The same for one operation only.
    #[must_use]
    pub fn operation(self, operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..self }
    }

    /// The same for one dataset group name, domain id, project id or group identifier only.
    #[must_use]
    pub fn resource(self, resource: &str) -> Self {
        Self { resource: Some(resource.to_owned()), ..self }
    }

    /// The same after so many matching calls have passed.
    #[must_use]
    pub fn after(self, after: u32) -> Self {
        Self { after, ..self }
    }

    /// The same for so many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// The same for this part of the calls only; see [`Chance`].
    #[must_use]
    pub fn chance(self, probability: f64, seed: u64) -> Self {
        Self { chance: Some(Chance { probability, seed }), ..self }
    }

    /// Why this fault could never be applied as written, if so.
    #[must_use]
    pub fn defect(&self) -> Option<String> {
        if let Some(Chance { probability, seed: _ }) = self.chance
            && !(probability > 0.0 && probability <= 1.0)
        {
            return Some(format!("a probability of {probability} is not above 0 and at most 1"));
        }
        match &self.kind {
            Kind::Error { status, .. } if !(400..=599).contains(status) => {
                Some(format!("status {status} of an error is not between 400 and 599"))
            }
            Kind::Raw { status, .. } if !(200..=599).contains(status) => {
                Some(format!("status {status} is not between 200 and 599"))
            }
            Kind::Raw { headers, .. } => headers
                .iter()
                .find(|(name, value)| {
                    HeaderName::from_bytes(name.as_bytes()).is_err() || HeaderValue::from_str(value).is_err()
                })
                .map(|(name, _)| format!("header `{name}` is not allowed in HTTP")),
            Kind::Delay { milliseconds } if *milliseconds > 600_000 => {
                Some(format!("a delay of {milliseconds} ms is longer than 600000 ms"))
            }
            Kind::Throttle { .. }
            | Kind::AccessDenied
            | Kind::Error { .. }
            | Kind::HtmlBadGateway
            | Kind::TruncatedBody
            | Kind::Delay { .. }
            | Kind::CutBeforeEffect
            | Kind::CutAfterEffect => None,
        }
    }

    fn matches(&self, service: Service, operation: &str, resource: &Resource) -> bool {
        self.service == service
            && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.resource.as_deref().is_none_or(|wanted| resource.is(wanted))
    }
}

/// All faults, oldest first.
#[derive(Debug, Default)]
pub struct Faults {
    registered: Vec<ReceivedFault>,
    last_id: u64,
}

impl Faults {
    /// Registers a fault and gives its number.
    pub fn add(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        self.registered.push(ReceivedFault { id, fault, matched: 0, applied: 0, of_each: BTreeMap::new() });
        id
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.registered.clear();
    }

    /// Forgets one; false when there is none of that number.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.registered.len();
        self.registered.retain(|registered| registered.id != id);
        self.registered.len() < before
    }

    /// All faults, oldest first.
    pub fn all(&self) -> &[ReceivedFault] {
        &self.registered
    }

    /// Decides what goes wrong with a call. Every fault that matches counts it; the oldest that is due is applied.
    pub fn decide(&mut self, service: Service, operation: &str, resource: &Resource) -> Option<Kind> {
        let mut decision = None;
        for registered in &mut self.registered {
            let ReceivedFault { id: _, fault, matched, applied, of_each } = registered;
            if !fault.matches(service, operation, resource) {
                continue;
            }
            *matched = matched.saturating_add(1);
            let drawn = fault.chance.is_none_or(|chance| {
                let key = resource.key();
                let number = of_each.entry((operation.to_owned(), key.clone())).or_default();
                *number = number.saturating_add(1);
                chance.hits(operation, &key, *number)
            });
            let due = drawn && *matched > fault.after && fault.times.is_none_or(|times| *applied < times);
            if due && decision.is_none() {
                *applied = applied.saturating_add(1);
                decision = Some(fault.kind.clone());
            }
        }
        decision
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> Resource {
        Resource { dataset_group: Some(name.to_owned()), ..Resource::default() }
    }

    fn hits(faults: &mut Faults, operation: &str, name: &str, calls: usize) -> Vec<bool> {
        (0..calls).map(|_| faults.decide(Service::Personalize, operation, &group(name)).is_some()).collect()
    }

    fn cut() -> Fault {
        Fault::new(Service::Personalize, Kind::CutBeforeEffect)
    }

    #[test]
    fn a_fault_lets_calls_pass_then_hits_so_many() {
        let mut faults = Faults::default();
        faults.add(cut().after(1).times(2));
        assert_eq!(hits(&mut faults, "DescribeDatasetGroup", "a", 5), [false, true, true, false, false]);
        faults.add(cut());
        assert_eq!(hits(&mut faults, "DescribeDatasetGroup", "a", 3), [true; 3], "without `times` for ever");
    }

    #[test]
    fn only_calls_of_the_operation_and_resource_match_or_count() {
        let mut faults = Faults::default();
        faults.add(cut().operation("CreateDatasetGroup").resource("a").after(1));
        assert_eq!(hits(&mut faults, "DescribeDatasetGroup", "a", 2), [false; 2]);
        assert_eq!(hits(&mut faults, "CreateDatasetGroup", "b", 2), [false; 2]);
        assert_eq!(hits(&mut faults, "CreateDatasetGroup", "a", 2), [false, true]);
        assert!(faults.decide(Service::DataZone, "CreateDatasetGroup", &group("a")).is_none());
    }

    #[test]
    fn the_oldest_due_fault_wins_and_the_others_keep_their_turns() {
        let mut faults = Faults::default();
        let throttle = Kind::Throttle { code: None };
        faults.add(Fault::new(Service::Personalize, throttle.clone()).times(1));
        faults.add(cut().times(1));
        let mut decide = || faults.decide(Service::Personalize, "ListDatasetGroups", &Resource::default());
        assert_eq!(decide(), Some(throttle));
        assert_eq!(decide(), Some(Kind::CutBeforeEffect));
        assert_eq!(decide(), None);
    }

    #[test]
    fn a_fault_by_chance_hits_about_its_part_of_the_calls_and_the_same_ones_again() {
        let hits_of = |seed: u64, name: &str| {
            let mut faults = Faults::default();
            faults.add(cut().chance(0.2, seed));
            hits(&mut faults, "DescribeDatasetGroup", name, 5_000)
        };
        let hit = hits_of(1, "a").into_iter().filter(|hit| *hit).count();
        assert!((900..1_100).contains(&hit), "{hit} of 5000");
        assert_eq!(hits_of(1, "a"), hits_of(1, "a"));
        assert_ne!(hits_of(1, "a"), hits_of(2, "a"));
        assert_ne!(hits_of(1, "a"), hits_of(1, "b"));
    }

    #[test]
    fn which_calls_are_hit_by_chance_does_not_depend_on_calls_about_something_else() {
        let mut alone = Faults::default();
        let mut mixed = Faults::default();
        for faults in [&mut alone, &mut mixed] {
            faults.add(cut().chance(0.5, 7));
        }
        let undisturbed = hits(&mut alone, "DescribeDatasetGroup", "a", 100);
        let disturbed: Vec<bool> = (0..100)
            .flat_map(|_| {
                hits(&mut mixed, "DescribeDatasetGroup", "b", 3);
                hits(&mut mixed, "TagResource", "a", 1);
                hits(&mut mixed, "DescribeDatasetGroup", "a", 1)
            })
            .collect();
        assert_eq!(undisturbed, disturbed);
    }

    #[test]
    fn a_fault_by_chance_keeps_its_turns_for_the_calls_that_it_hits() {
        let mut faults = Faults::default();
        faults.add(cut().chance(0.5, 7).after(10).times(3));
        let hit = hits(&mut faults, "DescribeDatasetGroup", "a", 100);
        assert_eq!((hit[..10].contains(&true), hit.iter().filter(|hit| **hit).count()), (false, 3));
    }

    #[test]
    fn a_fault_that_could_never_be_applied_is_named() {
        for probability in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(cut().chance(probability, 1).defect().unwrap().contains("probability"));
        }
        assert_eq!(cut().chance(1.0, 1).defect(), None);

        let raw = |status, name: &str| {
            let headers = BTreeMap::from([(name.to_owned(), "x".to_owned())]);
            let kind = Kind::Raw { status, headers, body: String::new(), effect: false };
            Fault::new(Service::DataZone, kind).defect()
        };
        assert_eq!(raw(200, "x-fine"), None);
        assert!(raw(200, "not fine").unwrap().contains("not fine"));
        assert!(raw(99, "x-fine").unwrap().contains("99"));
        let error = Kind::Error { status: 200, code: "E".to_owned(), message: None };
        assert!(Fault::new(Service::DataZone, error).defect().is_some());
    }

    #[test]
    fn a_fault_is_written_with_the_name_of_its_kind() {
        let json = serde_json::to_value(cut()).unwrap();
        assert_eq!(json["kind"], "cutBeforeEffect");
        let throttle = r#"{"service":"datazone","times":1,"kind":{"throttle":{}}}"#;
        let fault: Fault = serde_json::from_str(throttle).unwrap();
        assert_eq!(fault, Fault::new(Service::DataZone, Kind::Throttle { code: None }).times(1));
        assert_eq!(fault.kind.name(), "throttle");
    }
}
