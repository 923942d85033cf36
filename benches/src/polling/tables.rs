//! The figures as tables.

use super::cost;
use super::pollers::Poller;
use super::schedule::{Found, SPANS};
use crate::report::Table;
use crate::statistics::grouped;

/// The tables of the report, of the workflow and its peers. `beaten` is what the comparison found.
pub fn tables(pollers: &[Poller], beaten: &[String]) -> Vec<Table> {
    let mut lateness =
        by_span("how late a dataset group is found ACTIVE, in seconds: mean (worst)", "0", pollers, |found| {
            let part = match found.share {
                share if share < 0.999 => format!(", {:.0} % found", share * 100.0),
                _ => String::new(),
            };
            format!("{} ({}){part}", number(found.lateness_mean), number(found.lateness_worst))
        });
    let gives_up = |poller: &Poller| Some(format!("{} gives up after {:.0} s", poller.name, poller.gives_up_after?));
    let within_bound = pollers.iter().filter(|poller| super::is_within_bound(poller, 0.0));
    lateness.notes = vec![
        "The columns are ranges of the time from creation to ACTIVE. All times in a range are equally likely. Real groups \
         take 20-120 s. The duration of a poll is not included, for any poller."
            .to_owned(),
        format!(
            "{}. With the default deadline (policy.timeoutSeconds 3,600) the workflow ends a longer wait with \
             ProvisioningTimedOut. If the same event is sent again, it continues to wait. The longest deadline is 24 h.",
            pollers.iter().filter_map(gives_up).collect::<Vec<_>>().join(", ")
        ),
        format!(
            "Always late by at most the larger of 5 s and 10 % of the time to ACTIVE: {}.",
            within_bound.map(|poller| poller.name).collect::<Vec<_>>().join(", ")
        ),
    ];

    let oracle = number(cost::transitions(1.0));
    let title = "state transitions (Standard) of a successful execution: mean (maximum)";
    let mut transitions = by_span(title, &oracle, pollers, |found| {
        let [mean, most] = [found.polls_mean, found.polls_worst].map(cost::transitions);
        format!("{} ({})", number(mean), number(most))
    });
    let comparison = match beaten {
        [] => "In every column each peer is later in the mean than the workflow, or has at least as many transitions"
            .to_owned(),
        beaten => format!("As early in the mean as the workflow with fewer transitions: {}", beaten.join(", ")),
    };
    transitions.notes = vec![
        format!("{comparison}. The comparison uses the times to ACTIVE that both find."),
        format!(
            "An execution has {} transitions, and {} more for each poll. All rules are compared in this state machine. In \
             practice 5 s × 1.02 is the Retry of a task. Then a poll is one transition instead of three. But every poll \
             except the last is a failure in the history and in the function's metrics, and giving up looks like a \
             failure. Counted in this way, it is earlier than the workflow with fewer transitions in the column 60-120 s.",
            cost::TRANSITIONS_WITHOUT_POLLS,
            cost::TRANSITIONS_OF_A_POLL
        ),
    ];

    let thousandth = |polls| format!("{:.2}", cost::dollars(polls) * 1e3);
    let oracle = thousandth(1.0);
    let mut dollars =
        by_span("dollars for 1,000 successful executions", &oracle, pollers, |found| thousandth(found.polls_mean));
    dollars.notes = vec![format!(
        "List prices of us-east-1, x86_64, 2026, without the free tier: ${} for 1,000 transitions, ${} for a million \
         requests to Lambda, ${} for a GB-second. Assumption: a poll with {} MB is billed for {} ms. Only transitions \
         and polls are counted.",
        cost::TRANSITION * 1e3,
        number(cost::REQUEST * 1e6),
        cost::GIGABYTE_SECOND,
        number(cost::MEMORY * 1024.0),
        number(cost::BILLED * 1e3)
    )];
    vec![lateness, transitions, dollars]
}

/// A row for each poller and one for the oracle, which knows when the group becomes ACTIVE, and polls once.
fn by_span(title: &str, oracle: &str, pollers: &[Poller], cell: impl Fn(&Found) -> String) -> Table {
    let row = |poller: &Poller| {
        let cells = SPANS.iter().map(|span| poller.over(*span).as_ref().map_or("-".to_owned(), &cell));
        std::iter::once(poller.name.to_owned()).chain(cells).collect()
    };
    let oracle = std::iter::once("oracle").chain(SPANS.iter().map(|_| oracle)).map(str::to_owned).collect();
    Table {
        title: format!("Polling: {title}"),
        columns: std::iter::once("poller").chain(SPANS.iter().map(|span| span.name)).collect(),
        rows: pollers.iter().map(row).chain([oracle]).collect(),
        notes: Vec::new(),
    }
}

/// Short numbers with a decimal, long ones without.
fn number(value: f64) -> String {
    if value < 99.95 && (value - value.round()).abs() > 0.05 { format!("{value:.1}") } else { grouped(value) }
}
