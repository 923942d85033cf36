//! Counts the requests of a round that were carried out, lost or doubled. Pure: no I/O.

use std::collections::BTreeMap;

use contract::outcome::PROVISIONED;
use serde::Serialize;

use super::requests::Provisioned;
use super::subscriber::OutcomeEvent;

/// An execution that was started in the round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its ARN.
    pub arn: String,
    /// The dataset group that it was started for.
    pub name: String,
    /// Why it has not ended as it should; nothing when it has.
    pub failure: Option<String>,
}

/// How many requests were carried out, lost or doubled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    /// Requests that were carried out: one of their executions succeeded, the outcome event tells of it, and the
    /// services have what was asked for.
    pub done: usize,
    /// The other requests.
    pub lost: usize,
    /// Executions, outcome events, dataset groups and profiles beyond one for each request.
    pub doubled: usize,
}

impl RequestCounts {
    /// Counts by the executions, by the events that a subscriber got, and by the services; without the last where
    /// nothing was to be provisioned.
    #[must_use]
    pub fn of(
        requests: &[String],
        executions: &[Started],
        outcomes: &[OutcomeEvent],
        services: Option<&BTreeMap<String, Provisioned>>,
    ) -> Self {
        let mut counts = Self::default();
        for name in requests {
            let executions: Vec<_> = executions.iter().filter(|execution| execution.name == *name).collect();
            let told = |execution: &Started| {
                outcomes.iter().filter(|outcome| outcome.execution_arn == execution.arn).collect::<Vec<_>>()
            };
            let is_done = executions.iter().any(|execution| {
                execution.failure.is_none() && told(execution).iter().any(|outcome| outcome.detail_type == PROVISIONED)
            });
            let service = services.map(|services| services.get(name).copied().unwrap_or_default());
            if is_done && service.is_none_or(|provisioned| provisioned.complete) {
                counts.done += 1;
            } else {
                counts.lost += 1;
            }
            counts.doubled += executions.len().saturating_sub(1);
            counts.doubled += executions.iter().map(|execution| told(execution).len().saturating_sub(1)).sum::<usize>();
            counts.doubled += service.map_or(0, |provisioned| provisioned.doubled);
        }
        counts
    }

    /// Two rounds together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { done: self.done + other.done, lost: self.lost + other.lost, doubled: self.doubled + other.doubled }
    }
}

#[cfg(test)]
mod tests {
    use contract::outcome::PROVISIONING_FAILED;

    use super::*;

    fn requests() -> Vec<String> {
        vec!["a".to_owned(), "b".to_owned()]
    }

    fn started(arn: &str, name: &str, succeeded: bool) -> Started {
        Started { arn: arn.to_owned(), name: name.to_owned(), failure: (!succeeded).then(|| "late".to_owned()) }
    }

    fn told(arn: &str, detail_type: &str) -> OutcomeEvent {
        OutcomeEvent { execution_arn: arn.to_owned(), detail_type: detail_type.to_owned() }
    }

    fn services(complete: bool, doubled: usize) -> BTreeMap<String, Provisioned> {
        requests().into_iter().map(|name| (name, Provisioned { complete, doubled })).collect()
    }

    fn counts(done: usize, lost: usize, doubled: usize) -> RequestCounts {
        RequestCounts { done, lost, doubled }
    }

    #[test]
    fn a_request_is_done_when_execution_event_and_services_agree() {
        let executions = [started("1", "a", true), started("2", "b", true)];
        let outcomes = [told("1", PROVISIONED), told("2", PROVISIONED)];
        for (services, expected) in [
            (Some(services(true, 0)), counts(2, 0, 0)),
            (None, counts(2, 0, 0)),
            (Some(services(false, 0)), counts(0, 2, 0)),
            (Some(BTreeMap::new()), counts(0, 2, 0)),
        ] {
            assert_eq!(RequestCounts::of(&requests(), &executions, &outcomes, services.as_ref()), expected);
        }
    }

    #[test]
    fn a_request_without_an_execution_a_success_or_an_event_of_it_is_lost() {
        let one = started("1", "a", true);
        let events = [told("1", PROVISIONED), told("2", PROVISIONED)];
        let count = |executions: &[Started], outcomes: &[OutcomeEvent]| {
            RequestCounts::of(&requests(), executions, outcomes, None)
        };
        assert_eq!(count(std::slice::from_ref(&one), &events), counts(1, 1, 0));
        assert_eq!(count(&[one.clone(), started("2", "b", false)], &events), counts(1, 1, 0));
        assert_eq!(count(&[one.clone(), started("2", "b", true)], &events[..1]), counts(1, 1, 0));
        let failed = [told("1", PROVISIONED), told("2", PROVISIONING_FAILED)];
        assert_eq!(count(&[one, started("2", "b", true)], &failed), counts(1, 1, 0));
    }

    #[test]
    fn whatever_there_is_twice_is_doubled() {
        let executions = [started("1", "a", true), started("2", "a", true), started("3", "b", true)];
        let outcomes = [told("1", PROVISIONED), told("2", PROVISIONED), told("3", PROVISIONED), told("3", PROVISIONED)];
        let counted = RequestCounts::of(&requests(), &executions, &outcomes, Some(&services(true, 1)));
        assert_eq!(counted, counts(2, 0, 4));
        assert_eq!(counted.and(counts(1, 2, 3)), counts(3, 2, 7));
    }
}
