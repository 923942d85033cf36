//! The figures as a chart.

use super::cost;
use super::figures::Figures;
use super::pollers::{Poller, ours, peers};
use super::spans::{LONGEST, REAL, SOONEST, Span};
use crate::chart::lines::{Axis, Highlight, Line, Panel, Place, draw};
use crate::chart::{Chart, NoChart, Tone};

/// Points of a line.
const POINTS: u32 = 400;
/// The worst lateness at a time to ACTIVE is that of the times before it, up to this factor shorter: the teeth of every
/// poller would fill the chart.
const BEFORE: f64 = 1.5;
/// The mean number of looks at a time to ACTIVE is that of the times around it.
const AROUND: f64 = 1.01;

impl Figures {
    /// The chart of lateness and transitions over times to ACTIVE.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn chart(&self) -> Result<Chart, NoChart> {
        let tones = [Tone::Sky, Tone::Vermilion, Tone::Green, Tone::Orange, Tone::Purple];
        // Ours last, and so on top.
        let pollers: Vec<(Poller, Tone)> = peers().into_iter().zip(tones).chain([(ours(0.0), Tone::Ours)]).collect();
        let lines = |place, value: fn(&Poller, f64) -> Option<f64>| {
            pollers.iter().map(move |(poller, tone)| line(poller, *tone, place, value))
        };
        let highlight = Highlight { name: "really occurs", from: REAL.from, to: REAL.to };
        let bound = Line {
            name: "allowed".to_owned(),
            tone: Tone::Grey,
            width: 0,
            place: Place::Right,
            points: times().map(|time| (time, (time / 10.0).max(5.0))).collect(),
        };
        let oracle = Line {
            name: "oracle".to_owned(),
            tone: Tone::Grey,
            width: 0,
            place: Place::Right,
            points: times().map(|time| (time, self.oracle.transitions)).collect(),
        };
        let panels = [
            Panel {
                title: "Worst lateness of finding a dataset group ACTIVE".to_owned(),
                x: time_to_active(),
                y: Axis {
                    title: "seconds late",
                    from: 2.0,
                    to: 10_800.0,
                    marks: vec![
                        (2.0, "2 s"),
                        (5.0, "5 s"),
                        (10.0, "10 s"),
                        (30.0, "30 s"),
                        (60.0, "1 min"),
                        (120.0, "2 min"),
                        (300.0, "5 min"),
                        (600.0, "10 min"),
                        (1_800.0, "30 min"),
                        (3_600.0, "1 h"),
                        (10_800.0, "3 h"),
                    ],
                },
                highlight,
                lines: std::iter::once(bound)
                    .chain(lines(Place::Right, |poller, time| Some(poller.over(before(time))?.lateness_worst)))
                    .collect(),
            },
            Panel {
                title: "Mean state transitions of an execution (1,000 cost $0.025)".to_owned(),
                x: time_to_active(),
                y: Axis {
                    title: "transitions",
                    from: 8.0,
                    to: 2_000.0,
                    marks: vec![
                        (10.0, "10"),
                        (20.0, "20"),
                        (50.0, "50"),
                        (100.0, "100"),
                        (200.0, "200"),
                        (500.0, "500"),
                        (1_000.0, "1,000"),
                        (2_000.0, "2,000"),
                    ],
                },
                highlight,
                lines: std::iter::once(oracle)
                    .chain(lines(Place::Above, |poller, time| {
                        Some(cost::transitions(poller.over(around(time))?.looks_mean))
                    }))
                    .collect(),
            },
        ];
        let sentence =
            "Allowed: the larger of 5 s and 10 % of the time to ACTIVE. The oracle knows that time, and polls once.";
        draw("benchmarks-polling", ("Polling: lateness and state transitions", sentence), &panels)
    }
}

fn time_to_active() -> Axis {
    Axis {
        title: "time from the creation to ACTIVE",
        from: SOONEST,
        to: LONGEST,
        marks: vec![
            (20.0, "20 s"),
            (60.0, "1 min"),
            (120.0, "2 min"),
            (300.0, "5 min"),
            (600.0, "10 min"),
            (1_800.0, "30 min"),
            (3_600.0, "1 h"),
            (7_200.0, "2 h"),
            (21_600.0, "6 h"),
        ],
    }
}

fn times() -> impl Iterator<Item = f64> {
    (0..=POINTS).map(|step| SOONEST * (LONGEST / SOONEST).powf(f64::from(step) / f64::from(POINTS)))
}

fn before(time: f64) -> Span {
    Span { name: "", from: (time / BEFORE).max(SOONEST), to: time.max(SOONEST * 1.05) }
}

fn around(time: f64) -> Span {
    Span { name: "", from: (time / AROUND).max(SOONEST), to: (time * AROUND).min(LONGEST) }
}

fn line(poller: &Poller, tone: Tone, place_of_quitters: Place, value: fn(&Poller, f64) -> Option<f64>) -> Line {
    let (end, name, place) = match poller.gives_up_after {
        Some(after) => (after, format!("{} (until {after:.0} s)", poller.name), place_of_quitters),
        None => (LONGEST, poller.name.to_owned(), Place::Right),
    };
    let points = times().take_while(|time| *time <= end).filter_map(|time| Some((time, value(poller, time)?)));
    Line { name, tone, width: if tone == Tone::Ours { 4 } else { 2 }, place, points: points.collect() }
}
