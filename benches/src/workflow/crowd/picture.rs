//! The figures in virtual time as a chart.

use super::{Crowd, RATES};
use crate::chart::lines::{Axis, Highlight, Line, Panel, Place, draw};
use crate::chart::{Chart, NoChart, Tone};

/// Groups at once, from left to right.
const GROUPS: [u32; 9] = [1, 3, 10, 30, 60, 100, 200, 300, 1_000];

/// The chart of seconds and of throttled calls over the number of groups.
///
/// # Errors
/// When the library refuses.
pub fn chart() -> Result<Chart, NoChart> {
    let [fast, slow] = RATES;
    let line = |name: String, tone, width, crowd: &dyn Fn(u32) -> f64| Line {
        name,
        tone,
        width,
        place: Place::Right,
        points: GROUPS.map(|groups| (f64::from(groups), crowd(groups))).to_vec(),
    };
    let lines = |value: fn(Crowd) -> f64| {
        [(fast, Tone::Ours, Tone::Sky), (slow, Tone::Vermilion, Tone::Orange)].map(|(rates, delivered, recommended)| {
            let [personalize, datazone] = rates;
            let name = |what: &str| format!("{personalize} and {datazone} a second, {what}");
            [
                line(name("delivered"), delivered, 3, &|groups| value(Crowd::of(groups, rates, None))),
                line(name("recommended"), recommended, 2, &|groups| value(Crowd::recommended(groups, rates))),
            ]
        })
    };
    let bounds = RATES.map(|rates| {
        let name = format!("bound at {} and {} a second", rates[0], rates[1]);
        line(name, Tone::Grey, 0, &|groups| Crowd::of(groups, rates, None).bound())
    });
    let groups = || Axis {
        title: "groups that are requested at once",
        from: 1.0,
        to: 1_000.0,
        marks: vec![(1.0, "1"), (10.0, "10"), (30.0, "30"), (100.0, "100"), (300.0, "300"), (1_000.0, "1,000")],
    };
    let highlight = Highlight { name: "a batch", from: 30.0, to: 300.0 };
    let panels = [
        Panel {
            title: "Until the last group is provisioned".to_owned(),
            x: groups(),
            y: Axis {
                title: "time",
                from: 30.0,
                to: 3_600.0,
                marks: vec![
                    (30.0, "30 s"),
                    (60.0, "1 min"),
                    (120.0, "2 min"),
                    (300.0, "5 min"),
                    (600.0, "10 min"),
                    (1_800.0, "30 min"),
                    (3_600.0, "1 h"),
                ],
            },
            highlight,
            lines: bounds.into_iter().chain(lines(|crowd| crowd.virtually(1).seconds).into_iter().flatten()).collect(),
        },
        Panel {
            title: "Calls of a group, throttled ones included".to_owned(),
            x: groups(),
            y: Axis {
                title: "calls",
                from: 8.0,
                to: 200.0,
                marks: vec![(10.0, "10"), (20.0, "20"), (50.0, "50"), (100.0, "100"), (200.0, "200")],
            },
            highlight,
            lines: lines(|crowd| f64::from(crowd.virtually(1).share().0) / f64::from(crowd.groups))
                .into_iter()
                .flatten()
                .collect(),
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
