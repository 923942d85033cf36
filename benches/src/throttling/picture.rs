//! The figures in virtual time as a chart.

use benches::Error;

use super::{Crowd, RATES};
use crate::chart::lines::{Axis, Highlight, Line, Panel, Place, draw, time};
use crate::chart::{Chart, Tone};
use crate::statistics::grouped;

/// Groups at once, from left to right.
const GROUPS: [u32; 9] = [1, 3, 10, 30, 60, 100, 200, 300, 1_000];

const X: Axis = Axis {
    title: "groups that are requested at once",
    from: 1.0,
    to: 1_000.0,
    marks: &[1.0, 10.0, 30.0, 100.0, 300.0, 1_000.0],
    name: grouped,
};
const TIME: Axis = Axis {
    title: "time",
    from: 30.0,
    to: 3_600.0,
    marks: &[30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0],
    name: time,
};
const CALLS: Axis =
    Axis { title: "calls", from: 8.0, to: 200.0, marks: &[10.0, 20.0, 50.0, 100.0, 200.0], name: grouped };

/// The chart of seconds and of throttled calls over the number of groups.
pub fn chart() -> Result<Chart, Error> {
    let points = |crowd: fn(u32, [u32; 2]) -> Crowd, rates, value: fn(Crowd) -> f64| {
        GROUPS.map(|groups| (f64::from(groups), value(crowd(groups, rates)))).into_iter()
    };
    let delivered: fn(u32, [u32; 2]) -> Crowd = |groups, rates| Crowd::of(groups, rates, None);
    let lines = |value: fn(Crowd) -> f64| {
        let [fast, slow] = RATES;
        [
            (fast, "delivered", delivered, Tone::Ours, 3),
            (fast, "recommended", Crowd::recommended, Tone::Sky, 2),
            (slow, "delivered", delivered, Tone::Vermilion, 3),
            (slow, "recommended", Crowd::recommended, Tone::Orange, 2),
        ]
        .map(|(rates, what, crowd, tone, width)| {
            let name = format!("{} and {} a second, {what}", rates[0], rates[1]);
            Line { name, tone, width, place: Place::Right, points: points(crowd, rates, value).collect() }
        })
    };
    let bounds = RATES.map(|rates| {
        let name = format!("bound at {} and {} a second", rates[0], rates[1]);
        Line::limit(name, points(delivered, rates, |crowd| crowd.bound()))
    });
    let highlight = Highlight { name: "a batch", from: 30.0, to: 300.0 };
    let panels = [
        Panel {
            title: "Until the last group is provisioned",
            x: X,
            y: TIME,
            highlight,
            lines: bounds.into_iter().chain(lines(|crowd| crowd.virtually(1).seconds)).collect(),
        },
        Panel {
            title: "Calls of a group, throttled ones included",
            x: X,
            y: CALLS,
            highlight,
            lines: lines(|crowd| f64::from(crowd.virtually(1).share().0) / f64::from(crowd.groups)).into(),
        },
    ];
    let sentence = "Calls a second of each operation, of Personalize and of DataZone. Recommended: half of DataZone's as FunctionConcurrency.";
    draw("benchmarks-throttling", ("Many groups at once where the services throttle", sentence), &panels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_shows_each_rate_as_delivered_as_recommended_and_its_bound() {
        let chart = chart().expect("drawn");
        for [personalize, datazone] in RATES {
            for name in ["delivered", "recommended"] {
                let name = format!("{personalize} and {datazone} a second, {name}");
                assert_eq!(chart.svg.matches(&name).count(), 2, "{name}");
            }
            assert!(chart.svg.contains(&format!("bound at {personalize} and {datazone} a second")));
        }
    }
}
