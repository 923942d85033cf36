//! The figures as tables.

use super::cost;
use super::figures::{Figures, PollerFigures};
use super::schedule::Found;
use super::spans::{HOURS, REAL, SPANS};
use crate::numbers::grouped;
use crate::table::Table;

impl Figures {
    /// The tables of the report.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        vec![self.lateness(), self.transitions(), self.dollars(), self.alternatives()]
    }

    fn all(&self) -> impl Iterator<Item = &PollerFigures> {
        std::iter::once(&self.ours).chain(&self.peers)
    }

    fn lateness(&self) -> Table {
        let mut table =
            self.by_span("Polling: how late a dataset group is found ACTIVE, in seconds: mean (worst)", "0", |found| {
                let part = match found.share {
                    share if share < 0.999 => format!(", {:.0} % found", share * 100.0),
                    _ => String::new(),
                };
                format!("{} ({}){part}", number(found.lateness_mean), number(found.lateness_worst))
            });
        table.notes = vec![
            "The columns are ranges of the time from creation to ACTIVE. All times in a range are equally likely. Real groups \
             take 20-120 s. The duration of a poll is not included, for any poller."
                .to_owned(),
            format!(
                "{}. With the default deadline (policy.timeoutSeconds 3,600) the workflow ends a longer wait with \
                 ProvisioningTimedOut. If the same event is sent again, it continues to wait. The longest deadline is 24 h.",
                self.who_gives_up()
            ),
            format!(
                "Always late by at most the larger of 5 s and 10 % of the time to ACTIVE: {}.",
                list(self.all().filter(|poller| poller.within_bound).map(|poller| poller.name))
            ),
        ];
        table
    }

    fn transitions(&self) -> Table {
        let oracle = number(self.oracle.transitions);
        let mut table = self.by_span(
            "Polling: state transitions (Standard) of a successful execution: mean (maximum)",
            &oracle,
            |found| {
                let [mean, most] = [found.looks_mean, found.looks_worst].map(cost::transitions);
                format!("{} ({})", number(mean), number(most))
            },
        );
        let beaten = match self.beaten_by.as_slice() {
            [] => {
                "In every column each peer is later in the mean than the workflow, or has at least as many transitions"
                    .to_owned()
            }
            beaten => {
                let where_ = beaten.iter().map(|beaten| format!("{} ({})", beaten.peer, beaten.span.name));
                format!(
                    "As early in the mean as the workflow with fewer transitions: {}",
                    where_.collect::<Vec<_>>().join(", ")
                )
            }
        };
        table.notes = vec![
            format!("{beaten}. The comparison uses the times to ACTIVE that both find."),
            format!(
                "An execution has {} transitions, and {} more for each poll. All rules are compared in this state machine. In \
                 practice 5 s × 1.02 is the Retry of a task. Then a poll is one transition instead of three. But every poll \
                 except the last is a failure in the history and in the function's metrics, and giving up looks like a \
                 failure. Counted in this way, it is earlier than the workflow with fewer transitions in the column 60-120 s.",
                cost::TRANSITIONS_WITHOUT_LOOKS,
                cost::TRANSITIONS_OF_A_LOOK
            ),
        ];
        table
    }

    fn dollars(&self) -> Table {
        let oracle = thousandth(self.oracle.dollars);
        let mut table = self.by_span("Polling: dollars for 1,000 successful executions", &oracle, |found| {
            thousandth(cost::dollars(found.looks_mean))
        });
        table.notes = vec![format!(
            "List prices of us-east-1, x86_64, 2026, without the free tier: ${} for 1,000 transitions, ${} for a million \
             requests to Lambda, ${} for a GB-second. Assumption: a poll with {} MB is billed for {} ms. Only transitions \
             and polls are counted.",
            cost::TRANSITION * 1e3,
            number(cost::REQUEST * 1e6),
            cost::GIGABYTE_SECOND,
            number(cost::MEMORY * 1024.0),
            number(cost::BILLED * 1e3)
        )];
        table
    }

    fn alternatives(&self) -> Table {
        let cells = |poller: &PollerFigures| {
            let found = |name: &str| {
                let figures = poller.spans.iter().find(|figures| figures.span.name == name);
                figures.and_then(|figures| figures.found)
            };
            let mut row = vec![poller.name.to_owned()];
            for span in [REAL.name, HOURS.name] {
                row.push(found(span).map_or_else(String::new, |found| number(found.lateness_mean)));
                row.push(found(span).map_or_else(String::new, |found| number(found.looks_mean)));
            }
            row.push(if poller.within_bound { "yes" } else { "no" }.to_owned());
            row
        };
        Table {
            title: "Polling: other rules that were tried".to_owned(),
            columns: vec![
                "rule",
                "20-120 s: mean lateness, s",
                "mean polls",
                "1-6 h: mean lateness, s",
                "mean polls",
                "within the bound",
            ],
            rows: std::iter::once(&self.ours).chain(&self.variants).map(cells).collect(),
            notes: vec![
                "The rule: first poll at 25 s, then every 5 s, from 50 s on after a tenth of the age, from 500 s on every \
                 50 s. Up to 500 s no rule within the bound polls less often (a test tries them all)."
                    .to_owned(),
                "Without a longest pause the rule is later and polls more often than every 60 s if a group takes 10 to 60 min. \
                 It is also later and polls more often than a 5 min schedule if a group takes hours."
                    .to_owned(),
            ],
        }
    }

    fn by_span(&self, title: &str, oracle: &str, cell: impl Fn(&Found) -> String) -> Table {
        let row = |poller: &PollerFigures| {
            let cells = poller.spans.iter().map(|figures| figures.found.as_ref().map_or("-".to_owned(), &cell));
            std::iter::once(poller.name.to_owned()).chain(cells).collect()
        };
        let oracle = std::iter::once("oracle").chain(SPANS.iter().map(|_| oracle)).map(str::to_owned).collect();
        Table {
            title: title.to_owned(),
            columns: std::iter::once("poller").chain(SPANS.iter().map(|span| span.name)).collect(),
            rows: self.all().map(row).chain([oracle]).collect(),
            notes: Vec::new(),
        }
    }

    fn who_gives_up(&self) -> String {
        let quitters = self
            .all()
            .filter_map(|poller| Some(format!("{} gives up after {:.0} s", poller.name, poller.gives_up_after?)));
        quitters.collect::<Vec<_>>().join(", ")
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Short numbers with a decimal, long ones without.
fn number(value: f64) -> String {
    if value < 99.95 && (value - value.round()).abs() > 0.05 { format!("{value:.1}") } else { grouped(value) }
}

/// Dollars for a thousand of what costs so many.
fn thousandth(dollars: f64) -> String {
    format!("{:.2}", dollars * 1e3)
}
