//! Cold starts as a chart.

use crate::chart::bars::{Row, Section, draw};
use crate::chart::{Chart, NoChart, Tone};
use crate::subject::Peer;
use crate::{cold, instructions};

/// Instructions above, wall time below.
///
/// # Errors
/// When the library refuses.
pub fn cold_starts(instructions: &instructions::Figures, cold: &cold::Figures) -> Result<Chart, NoChart> {
    let counts = instructions.programs.iter().map(|program| Row {
        name: program.name.clone(),
        tone: tone(&program.name),
        ready: program.ready.millions,
        first: program.first_answer.millions,
    });
    let times = cold.programs.iter().map(|program| Row {
        name: program.name.clone(),
        tone: tone(&program.name),
        ready: program.ready.summary.median,
        first: program.first_answer.summary.median,
    });
    let sections = [
        Section { title: "Instructions".to_owned(), unit: "millions", suffix: " M", rows: counts.collect() },
        Section { title: "Time".to_owned(), unit: "milliseconds", suffix: " ms", rows: times.collect() },
    ];
    let head = (
        "A cold start, from the start of the process",
        "Light: until it requests an event. Dark: until its first response. Each step to the right is ten times as much.",
    );
    draw("benchmarks-cold-starts", head, &sections)
}

fn tone(name: &str) -> Tone {
    Peer::ALL.into_iter().find(|peer| peer.name() == name).map_or(Tone::Ours, |peer| match peer {
        Peer::Hello => Tone::Grey,
        Peer::Naive => Tone::Vermilion,
        Peer::Python => Tone::Orange,
        Peer::Node => Tone::Green,
    })
}
