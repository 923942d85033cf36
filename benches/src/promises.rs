//! What was promised of polling, and of the whole workflow.

use crate::target::Target;
use crate::workflow::RequestCounts;
use crate::{polling, workflow};

/// Of the wait rule.
#[must_use]
pub fn of_polling(figures: &polling::Figures) -> Vec<Target> {
    let beaten: Vec<&str> = figures.beaten_by.iter().map(|beaten| beaten.peer).collect();
    let found = if beaten.is_empty() { "none".to_owned() } else { beaten.join(", ") };
    let bound = figures.ours.within_bound;
    vec![
        Target::holds(
            "lateness of the wait rule",
            "at most the larger of 5 s and 10 % of the time to ACTIVE, everywhere",
            bound,
            if bound { "within it" } else { "beyond it" },
        ),
        Target::holds(
            "peers that are as early with fewer transitions, in the same state machine",
            "none",
            beaten.is_empty(),
            found,
        ),
    ]
}

/// Of the workflow under load.
#[must_use]
pub fn of_workflow(figures: &workflow::Figures) -> Vec<Target> {
    let events: usize = figures.loads.iter().map(|load| load.events * load.rounds).sum();
    let [lost, doubled] = figures
        .loads
        .iter()
        .fold([0, 0], |[lost, doubled], load| [lost + load.ours.requests.lost, doubled + load.ours.requests.doubled]);
    let found = format!("{lost} and {doubled} of {events}");
    vec![Target::holds("lost or doubled requests", "none", lost + doubled == 0, found)]
}

/// Of a crowd where the services throttle: nothing is lost, and it is not much slower than it could be.
#[must_use]
pub fn of_a_crowd(outcome: &workflow::crowd::Outcome) -> Vec<Target> {
    let crowd = outcome.crowd;
    let RequestCounts { done, lost, doubled } = outcome.requests;
    let (limit, share) = if crowd.concurrency.is_some() { (1.5, Some(10.0)) } else { (2.0, None) };
    let none_lost = lost + doubled == 0;
    let found = format!("{done} done, {lost} lost, {doubled} doubled");
    let mut targets = vec![
        Target::holds(format!("{crowd}: requests"), "none lost, none doubled", none_lost, found),
        Target::at_most(format!("{crowd}: time"), outcome.ratio(), limit, "x the bound"),
    ];
    targets.extend(
        share.map(|share| Target::at_most(format!("{crowd}: throttled calls"), outcome.share().1 * 100.0, share, "%")),
    );
    targets
}
