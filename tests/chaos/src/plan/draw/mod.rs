//! Draws a plan.

mod events;
mod groups;
mod requests;
mod services;
#[cfg(test)]
mod tests;

use fastrand::Rng;
use simulators::{Behaviour, DomainState, Group, Settings};

use super::{Asked, Configuration, Name, Plan, Principal, Purpose, Trigger, fault_plan};
use events::{manifest, order, rounds, triggers};
use groups::{existing, script};
use requests::{asked, retirement, variant};
use services::{QUOTA, behaviour, domain, domain_id, group_id};

/// Executions of a plan with faults that run at the same time. Enough that those of one name meet; few enough that the engine, which
/// has a process for each Lambda function that runs, keeps up on two cores.
const AT_ONCE: usize = 48;
const MOST_NAMES: usize = 200;
const DOMAINS: usize = 8;

impl Plan {
    /// Draws a storm of so many events, for 200 names or fewer when the events are few.
    #[must_use]
    pub fn draw(seed: u64, events: usize) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let behaviour = behaviour(rng);
        let domains: Vec<_> = (1..=DOMAINS).map(|number| domain(rng, number)).collect();
        let count = (events * 2 / 5).clamp(1, MOST_NAMES);
        let names: Vec<_> = (1..=count).map(|number| name(rng, number, &domains)).collect();
        let mut triggers = triggers(rng, events, &names);
        let manifest = manifest(rng, &mut triggers, &names);
        let order = order(rng, &triggers, &manifest);
        let faults = fault_plan::draw(rng, &names, &domains);
        let rounds = rounds(&names);
        Self { seed, behaviour, domains, names, triggers, order, manifest, at_once: AT_ONCE, faults, rounds }
    }

    /// So many events at once, each for a name and a group profile of its own, while nothing exists and nothing goes wrong.
    #[must_use]
    pub fn without_faults(events: usize) -> Self {
        let group = |number| Group { id: group_id(1, number), name: format!("team-{number}") };
        let groups: Vec<_> = (1..=events).map(group).collect();
        let name = |(place, group): (usize, &Group)| Name {
            name: format!("load-{place:03}"),
            existing: None,
            scripts: Vec::new(),
            requests: vec![Asked {
                purpose: Purpose::Provision,
                configuration: Configuration::default(),
                tags: Vec::new(),
                domain: domain_id(1),
                principal: Principal::Group(group.id.clone()),
                projects: Vec::new(),
                plan_only: false,
                replace: false,
                timeout_seconds: 3_600,
            }],
        };
        let names: Vec<_> = groups.iter().enumerate().map(name).collect();
        let event = |name| Trigger { id: format!("event-{name:05}"), name, request: 0, abort_in: None };
        Self {
            seed: 0,
            behaviour: Behaviour { dataset_group_quota: QUOTA, ..Behaviour::of(&Settings::default()) },
            domains: vec![DomainState { id: domain_id(1), groups, ..DomainState::default() }],
            triggers: (0..events).map(event).collect(),
            order: (0..events).collect(),
            manifest: Vec::new(),
            at_once: events,
            faults: Vec::new(),
            rounds: rounds(&names),
            names,
        }
    }
}

fn name(rng: &mut Rng, number: usize, domains: &[DomainState]) -> Name {
    let first = asked(rng, domains);
    let existing = (rng.f64() < 0.35).then(|| existing(rng, number, &first, domains));
    let scripts = (0..3).map(|_| script(rng)).collect();
    let mut requests = vec![first];
    if rng.f64() < 0.6 {
        requests.push(retirement(rng, &requests[0], domains));
    }
    while requests.len() < 4 && rng.f64() < 0.45 {
        requests.push(variant(rng, &requests[0], domains));
    }
    Name { name: format!("storm-{number:03}"), existing, scripts, requests }
}
