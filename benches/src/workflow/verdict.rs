//! What became of the requests of a round. Pure: no I/O.

use std::collections::BTreeMap;

use contract::outcome::PROVISIONED;
use serde::Serialize;

use super::subscriber::Outcome;
use super::world::Provisioned;

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

/// What became of the requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Requests that were carried out: one of their executions succeeded, the outcome event tells of it, and the
    /// services have what was asked for.
    pub done: usize,
    /// The other requests.
    pub lost: usize,
    /// Executions, outcome events, dataset groups and profiles beyond one for each request.
    pub doubled: usize,
}

impl Verdict {
    /// Judges by the executions, by the events that a subscriber got, and by the services; without the last where
    /// nothing was to be provisioned.
    #[must_use]
    pub fn of(
        requests: &[String],
        executions: &[Started],
        outcomes: &[Outcome],
        services: Option<&BTreeMap<String, Provisioned>>,
    ) -> Self {
        let mut verdict = Self::default();
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
                verdict.done += 1;
            } else {
                verdict.lost += 1;
            }
            verdict.doubled += executions.len().saturating_sub(1);
            verdict.doubled +=
                executions.iter().map(|execution| told(execution).len().saturating_sub(1)).sum::<usize>();
            verdict.doubled += service.map_or(0, |provisioned| provisioned.doubled);
        }
        verdict
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

    fn told(arn: &str, detail_type: &str) -> Outcome {
        Outcome { execution_arn: arn.to_owned(), detail_type: detail_type.to_owned() }
    }

    fn services(complete: bool, doubled: usize) -> BTreeMap<String, Provisioned> {
        requests().into_iter().map(|name| (name, Provisioned { complete, doubled })).collect()
    }

    fn verdict(done: usize, lost: usize, doubled: usize) -> Verdict {
        Verdict { done, lost, doubled }
    }

    #[test]
    fn a_request_is_done_when_execution_event_and_services_agree() {
        let executions = [started("1", "a", true), started("2", "b", true)];
        let outcomes = [told("1", PROVISIONED), told("2", PROVISIONED)];
        for (services, expected) in [
            (Some(services(true, 0)), verdict(2, 0, 0)),
            (None, verdict(2, 0, 0)),
            (Some(services(false, 0)), verdict(0, 2, 0)),
            (Some(BTreeMap::new()), verdict(0, 2, 0)),
        ] {
            assert_eq!(Verdict::of(&requests(), &executions, &outcomes, services.as_ref()), expected);
        }
    }

    #[test]
    fn a_request_without_an_execution_a_success_or_an_event_of_it_is_lost() {
        let one = started("1", "a", true);
        let events = [told("1", PROVISIONED), told("2", PROVISIONED)];
        let judge = |executions: &[Started], outcomes: &[Outcome]| Verdict::of(&requests(), executions, outcomes, None);
        assert_eq!(judge(std::slice::from_ref(&one), &events), verdict(1, 1, 0));
        assert_eq!(judge(&[one.clone(), started("2", "b", false)], &events), verdict(1, 1, 0));
        assert_eq!(judge(&[one.clone(), started("2", "b", true)], &events[..1]), verdict(1, 1, 0));
        let failed = [told("1", PROVISIONED), told("2", PROVISIONING_FAILED)];
        assert_eq!(judge(&[one, started("2", "b", true)], &failed), verdict(1, 1, 0));
    }

    #[test]
    fn whatever_there_is_twice_is_doubled() {
        let executions = [started("1", "a", true), started("2", "a", true), started("3", "b", true)];
        let outcomes = [told("1", PROVISIONED), told("2", PROVISIONED), told("3", PROVISIONED), told("3", PROVISIONED)];
        let judged = Verdict::of(&requests(), &executions, &outcomes, Some(&services(true, 1)));
        assert_eq!(judged, verdict(2, 0, 4));
        assert_eq!(judged.and(verdict(1, 2, 3)), verdict(3, 2, 7));
    }
}
