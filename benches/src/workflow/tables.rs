//! The figures as a table.

use super::figures::{Figures, LoadFigures};
use crate::table::Table;

impl Figures {
    /// The table of the report.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        vec![Table {
            title: "The whole workflow on the local engine: executions at once".to_owned(),
            columns: vec![
                "at once",
                "repetitions",
                "done",
                "lost",
                "doubled",
                "seconds until all ended",
                "executions a second",
                "seconds of an execution: median (slowest)",
                "no-op functions: lost, doubled",
                "no-op functions: seconds",
                "ratio",
                "engine, MiB",
                "functions, MiB (processes)",
            ],
            rows: self.loads.iter().map(row).collect(),
            notes: self.failures().chain([
                "Events are put on the bus in batches of 10, one batch after the other. Seconds count from the first batch to \
                 the end of the last execution, and are medians of the repetitions. Waiting is skipped, so an execution has \
                 17 transitions with 5 calls of functions. Done: the execution succeeded, its outcome event reached a \
                 subscriber, the dataset group is ACTIVE and linked, and the profile is ASSIGNED. Doubled: executions, \
                 outcome events, dataset groups and profiles beyond one for each event."
                    .to_owned(),
                "The baseline has the same definition, the same kind of rule, the same subscriber and the same calls. Its three \
                 no-op functions in Rust write a line to the log and return constants. The ratio is the workflow's seconds \
                 divided by the seconds of the baseline. The part above 1 is the work of the functions and the simulators, \
                 which run on the same processors; the rest is the engine. The engine is not AWS, and its speed is no \
                 indication of the speed of AWS."
                    .to_owned(),
                "Memory is the highest resident memory during the runs of the workflow or the baseline. Shared pages count for \
                 each process."
                    .to_owned(),
            ])
            .collect(),
        }]
    }

    fn failures(&self) -> impl Iterator<Item = String> {
        self.loads.iter().flat_map(|load| {
            let told = |why| format!("Of the {} executions at once, one failed: {why}.", load.events);
            load.ours.failures.iter().map(told)
        })
    }
}

fn row(load: &LoadFigures) -> Vec<String> {
    let (ours, baseline) = (&load.ours, &load.baseline);
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let rate = load.events as f64 / ours.seconds;
    vec![
        load.events.to_string(),
        load.rounds.to_string(),
        ours.requests.done.to_string(),
        ours.requests.lost.to_string(),
        ours.requests.doubled.to_string(),
        format!("{:.2}", ours.seconds),
        format!("{rate:.1}"),
        format!("{:.2} ({:.2})", ours.execution_seconds, ours.slowest_execution_seconds),
        format!("{}, {}", baseline.requests.lost, baseline.requests.doubled),
        format!("{:.2}", baseline.seconds),
        format!("{:.2}", load.ratio),
        load.memory.engine.to_string(),
        format!("{} ({})", load.memory.functions, load.memory.processes),
    ]
}
