//! The figures as a chart.

use benches::Error;

use super::cost;
use super::pollers::Poller;
use super::schedule::{LONGEST, REAL, SOONEST, Span};
use crate::chart::lines::{Axis, Highlight, Line, Panel, Place, draw, time};
use crate::chart::{Chart, Tone};
use crate::statistics::grouped;

/// Points of a line.
const POINTS: u32 = 400;
/// The worst lateness at a time to ACTIVE is that of the times before it, up to this factor shorter: the teeth of every
/// poller would fill the chart.
const BEFORE: f64 = 1.5;
/// The mean number of polls at a time to ACTIVE is that of the times around it.
const AROUND: f64 = 1.01;

const TIME_TO_ACTIVE: Axis = Axis {
    title: "time from the creation to ACTIVE",
    from: SOONEST,
    to: LONGEST,
    marks: &[20.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0],
    name: time,
};
const LATENESS: Axis = Axis {
    title: "seconds late",
    from: 2.0,
    to: 10_800.0,
    marks: &[2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 10_800.0],
    name: time,
};
const TRANSITIONS: Axis = Axis {
    title: "transitions",
    from: 8.0,
    to: 2_000.0,
    marks: &[10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0],
    name: grouped,
};

/// The chart of lateness and transitions over times to ACTIVE, of the workflow and its peers.
pub fn chart(pollers: &[Poller]) -> Result<Chart, Error> {
    let tones = [Tone::Ours, Tone::Sky, Tone::Vermilion, Tone::Green, Tone::Orange, Tone::Purple];
    let lines = |limit: Line, place, value: fn(&Poller, f64) -> Option<f64>| {
        let line = |(poller, tone)| line(poller, tone, place, value);
        let pairs = pollers.iter().zip(tones);
        // Ours last, and so on top.
        std::iter::once(limit).chain(pairs.clone().skip(1).chain(pairs.take(1)).map(line)).collect()
    };
    let highlight = Highlight { name: "really occurs", from: REAL.from, to: REAL.to };
    let allowed = Line::limit("allowed".to_owned(), times().map(|time| (time, (time / 10.0).max(5.0))));
    let oracle = Line::limit("oracle".to_owned(), times().map(|time| (time, cost::transitions(1.0))));
    let panels = [
        Panel {
            title: "Worst lateness of finding a dataset group ACTIVE",
            x: TIME_TO_ACTIVE,
            y: LATENESS,
            highlight,
            lines: lines(allowed, Place::Right, |poller, time| {
                let before = Span { name: "", from: (time / BEFORE).max(SOONEST), to: time.max(SOONEST * 1.05) };
                Some(poller.over(before)?.lateness_worst)
            }),
        },
        Panel {
            title: "Mean state transitions of an execution (1,000 cost $0.025)",
            x: TIME_TO_ACTIVE,
            y: TRANSITIONS,
            highlight,
            lines: lines(oracle, Place::Above, |poller, time| {
                let around = Span { name: "", from: (time / AROUND).max(SOONEST), to: (time * AROUND).min(LONGEST) };
                Some(cost::transitions(poller.over(around)?.polls_mean))
            }),
        },
    ];
    let sentence =
        "Allowed: the larger of 5 s and 10 % of the time to ACTIVE. The oracle knows that time, and polls once.";
    draw("benchmarks-polling", ("Polling: lateness and state transitions", sentence), &panels)
}

fn times() -> impl Iterator<Item = f64> {
    (0..=POINTS).map(|step| SOONEST * (LONGEST / SOONEST).powf(f64::from(step) / f64::from(POINTS)))
}

fn line(poller: &Poller, tone: Tone, place_of_quitters: Place, value: fn(&Poller, f64) -> Option<f64>) -> Line {
    let (end, name, place) = match poller.gives_up_after {
        Some(after) => (after, format!("{} (until {after:.0} s)", poller.name), place_of_quitters),
        None => (LONGEST, poller.name.to_owned(), Place::Right),
    };
    let points = times().take_while(|time| *time <= end).filter_map(|time| Some((time, value(poller, time)?)));
    Line { name, tone, width: if tone == Tone::Ours { 4 } else { 2 }, place, points: points.collect() }
}
