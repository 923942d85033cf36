//! The figures as tables.

use super::{Outcome, least};
use crate::polling::TRANSITION;
use crate::report::Table;

/// The tables of the report.
pub fn tables(virtual_time: &[Outcome], deployed: &[Outcome]) -> Vec<Table> {
    let mut modelled = crowds("Many groups at once where the services throttle, in virtual time", virtual_time);
    modelled.notes = vec![
        "The wait of a throttled step is the one of the definition, that between two polls the one of the poll step. The \
         rest is a model: an operation has a bucket of tokens that holds twice its calls a second, the SDK makes three \
         attempts, and Lambda throttles a function above its concurrency. Groups become ACTIVE 30 to 60 s after their \
         creation, and none has a profile before. The bound is max(60, 30 + 2 N / DataZone's calls a second) seconds, \
         and for the rows of a manifest at least 45 N / BatchConcurrency. \
         `make test` runs more of these, up to 3,000 groups."
            .to_owned(),
    ];
    let mut real = crowds("The same on the local engine, with real waits", deployed);
    real.notes = vec![
        "All events are put on the bus at once, or the groups are the rows of one manifest. The judge of the chaos test checks the results. A violation, such as a lost \
         or a doubled request, stops the measurement."
            .to_owned(),
    ];
    [modelled, real].into_iter().chain(deployed.iter().map(operations)).collect()
}

fn crowds(title: &str, outcomes: &[Outcome]) -> Table {
    let row = |outcome: &Outcome| {
        let Outcome { crowd, provisioned, calls: _, seconds, transitions } = outcome;
        let (calls, share) = outcome.share();
        let least = crowd.groups * least().values().sum::<u32>();
        vec![
            crowd
                .batch
                .map_or_else(|| crowd.groups.to_string(), |limit| format!("{} rows, {limit} at once", crowd.groups)),
            format!("{}, {}", crowd.personalize, crowd.datazone),
            crowd.concurrency.map_or_else(|| "none".to_owned(), |limit| limit.to_string()),
            provisioned.to_string(),
            format!("{calls} ({least})"),
            format!("{:.0} %", share * 100.0),
            format!("{seconds:.0} ({:.0})", crowd.bound()),
            format!("{:.2}", outcome.ratio()),
            format!("{transitions:.0} ({:.5})", transitions * TRANSITION),
        ]
    };
    Table {
        title: title.to_owned(),
        columns: vec![
            "groups",
            "calls a second of each operation: Personalize, DataZone",
            "FunctionConcurrency",
            "provisioned",
            "calls (least)",
            "throttled",
            "seconds (bound)",
            "ratio",
            "transitions of a group (dollars)",
        ],
        rows: outcomes.iter().map(row).collect(),
        notes: Vec::new(),
    }
}

/// The calls of each operation.
fn operations(outcome: &Outcome) -> Table {
    let row = |(operation, least): (&str, u32)| {
        let [made, throttled] = outcome.calls.get(operation).copied().unwrap_or_default();
        let least = least * outcome.crowd.groups;
        vec![operation.to_owned(), made.to_string(), least.to_string(), throttled.to_string()]
    };
    Table {
        title: format!("Calls of {}", outcome.crowd),
        columns: vec!["operation", "calls", "least", "throttled"],
        rows: least().into_iter().map(row).collect(),
        notes: Vec::new(),
    }
}
