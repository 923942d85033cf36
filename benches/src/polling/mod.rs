//! Part `polling`: the wait rule against the pollers that others use: how late each finds a dataset group ACTIVE, and for
//! how many polls. A computation, and an exact one: times to ACTIVE are spread evenly over a span, and means are integrals.

mod cost;
mod picture;
mod pollers;
mod schedule;
mod tables;
#[cfg(test)]
mod tests;

use benches::Error;

use crate::report::{Section, Target};
use pollers::{Poller, ours, peers};
use schedule::{SPANS, Schedule, Span};

pub use cost::TRANSITION;

/// Computes it all, in milliseconds.
pub fn measure() -> Result<Section, Error> {
    let (ours, peers) = (ours(0.0), peers());
    let beaten: Vec<_> = SPANS.into_iter().flat_map(|span| beaten(&ours, &peers, span)).collect();
    let bound = is_within_bound(&ours, 0.0);
    let targets = vec![
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
            if beaten.is_empty() { "none".to_owned() } else { beaten.join(", ") },
        ),
    ];
    let pollers: Vec<Poller> = std::iter::once(ours).chain(peers).collect();
    let tables = tables::tables(&pollers, &beaten);
    Ok(Section { title: "Polling", charts: vec![picture::chart(&pollers)?], tables, targets })
}

/// Whether every group is found, late by at most the larger of 5 s and 10 % of its time to ACTIVE, and the allowance.
fn is_within_bound(poller: &Poller, allowance: f64) -> bool {
    let soonest = SPANS[0].from;
    poller.gives_up_after.is_none()
        && poller.schedules.iter().flat_map(Schedule::intervals).all(|(before, poll, _)| {
            // The latest find is of a group that becomes ACTIVE right after the poll before.
            let active = before.max(soonest);
            poll - active <= (active / 10.0).max(5.0) + allowance + 1e-9
        })
}

/// The peers that are not later in the mean with fewer polls, over the same times to ACTIVE: those of the span until the
/// peer gives up.
fn beaten(ours: &Poller, peers: &[Poller], span: Span) -> Vec<String> {
    let beats = |peer: &&Poller| {
        let span = Span { to: span.to.min(peer.gives_up_after.unwrap_or(f64::INFINITY)), ..span };
        let found = ours.over(span).zip(peer.over(span));
        found.is_some_and(|(ours, theirs)| {
            theirs.lateness_mean <= ours.lateness_mean && theirs.polls_mean < ours.polls_mean
        })
    };
    peers.iter().filter(beats).map(|peer| format!("{} ({})", peer.name, span.name)).collect()
}
