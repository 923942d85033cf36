//! What was found.

use serde::Serialize;

use super::cost;
use super::pollers::{Poller, ours, peers, variants};
use super::schedule::Found;
use super::spans::{SPANS, Span};

/// Everything about polling.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// The workflow's wait rule.
    pub ours: PollerFigures,
    /// The pollers in use elsewhere.
    pub peers: Vec<PollerFigures>,
    /// What was tried in the place of the rule.
    pub variants: Vec<PollerFigures>,
    /// Whoever knows when the group becomes ACTIVE looks once, at that moment.
    pub oracle: Cost,
    /// Comparisons in which a peer is as early as the workflow for fewer transitions; there should be none.
    pub beaten_by: Vec<Beaten>,
}

/// One poller.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PollerFigures {
    /// For people.
    pub name: &'static str,
    /// When it gives up, in seconds.
    pub gives_up_after: Option<f64>,
    /// Whether it is late by at most the larger of 5 s and 10 % of the time to ACTIVE, whatever that is.
    pub within_bound: bool,
    /// A figure for each of [`SPANS`]; nothing where it has given up.
    pub spans: Vec<SpanFigures>,
}

/// One poller over one span.
#[derive(Debug, Clone, Serialize)]
pub struct SpanFigures {
    /// The span.
    pub span: Span,
    /// How late, with how many looks.
    pub found: Option<Found>,
    /// What that costs in the mean.
    pub cost: Option<Cost>,
}

/// What an execution costs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    /// States that it enters.
    pub transitions: f64,
    /// Dollars for these and for the looks.
    pub dollars: f64,
}

/// A peer that is not later for fewer looks, over the times to ACTIVE that both find.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Beaten {
    /// Who.
    pub peer: &'static str,
    /// Where.
    pub span: Span,
    /// Ours.
    pub ours: Found,
    /// Theirs.
    pub theirs: Found,
}

/// Computes it all, in milliseconds.
#[must_use]
pub fn measure() -> Figures {
    let (ours, peers) = (ours(0.0), peers());
    Figures {
        beaten_by: SPANS.into_iter().flat_map(|span| beaten(&ours, &peers, span)).collect(),
        ours: figures(&ours),
        peers: peers.iter().map(figures).collect(),
        variants: variants().iter().map(figures).collect(),
        oracle: Cost::of(1.0),
    }
}

impl Cost {
    fn of(looks: f64) -> Self {
        Self { transitions: cost::transitions(looks), dollars: cost::dollars(looks) }
    }
}

fn figures(poller: &Poller) -> PollerFigures {
    let over = |span| {
        let found = poller.over(span);
        SpanFigures { span, found, cost: found.map(|found| Cost::of(found.looks_mean)) }
    };
    PollerFigures {
        name: poller.name,
        gives_up_after: poller.gives_up_after,
        within_bound: is_within_bound(poller, 0.0),
        spans: SPANS.into_iter().map(over).collect(),
    }
}

/// Whether every group is found, late by at most the larger of 5 s and 10 % of its time to ACTIVE, and the allowance.
pub(super) fn is_within_bound(poller: &Poller, allowance: f64) -> bool {
    let soonest = SPANS[0].from;
    poller.gives_up_after.is_none()
        && poller.schedules().iter().flat_map(super::schedule::Schedule::intervals).all(|(before, look, _)| {
            // The latest find is of a group that becomes ACTIVE right after the look before.
            let active = before.max(soonest);
            look - active <= (active / 10.0).max(5.0) + allowance + 1e-9
        })
}

/// Mean lateness and mean looks over the same times: those of the span until the peer gives up.
pub(super) fn beaten(ours: &Poller, peers: &[Poller], span: Span) -> Vec<Beaten> {
    let compare = |peer: &Poller| {
        let span = Span { to: span.to.min(peer.gives_up_after.unwrap_or(f64::INFINITY)), ..span };
        let (ours, theirs) = (ours.over(span)?, peer.over(span)?);
        let beaten = theirs.lateness_mean <= ours.lateness_mean && theirs.looks_mean < ours.looks_mean;
        beaten.then_some(Beaten { peer: peer.name, span, ours, theirs })
    };
    peers.iter().filter_map(compare).collect()
}
