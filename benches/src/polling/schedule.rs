//! When a poller polls, and what comes of it over a span of times to ACTIVE.

/// The shortest time to ACTIVE that was ever seen, in seconds.
pub const SOONEST: f64 = 20.0;
/// The longest time that is considered, in seconds: 6 h.
pub const LONGEST: f64 = 21_600.0;
/// What public recordings show.
pub const REAL: Span = Span { name: "20-120 s", from: SOONEST, to: 120.0 };
/// The columns of the tables: those that add up to the whole, then what really occurs, then the whole.
pub const SPANS: [Span; 7] = [
    Span { name: "20-60 s", from: SOONEST, to: 60.0 },
    Span { name: "60-120 s", from: 60.0, to: 120.0 },
    Span { name: "2-10 min", from: 120.0, to: 600.0 },
    Span { name: "10-60 min", from: 600.0, to: 3_600.0 },
    Span { name: "1-6 h", from: 3_600.0, to: LONGEST },
    REAL,
    Span { name: "20 s-6 h", from: SOONEST, to: LONGEST },
];

/// Times to ACTIVE from `from` to `to` seconds, each as likely as any other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub name: &'static str,
    pub from: f64,
    pub to: f64,
}

/// The ages at which a poller reads a group, in seconds, ascending. After the last one it has given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    polls: Vec<f64>,
}

/// How a poller does over a span of times to ACTIVE. Lateness is the time from ACTIVE to the poll that finds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The part of the groups that are found at all; the other figures are about these.
    pub share: f64,
    /// Mean lateness, in seconds.
    pub lateness_mean: f64,
    /// The largest lateness, in seconds.
    pub lateness_worst: f64,
    /// Mean number of polls.
    pub polls_mean: f64,
    /// The largest number of polls.
    pub polls_worst: f64,
}

impl Schedule {
    /// Pauses until the first poll, then from poll to poll; `pause` is told the age and the number of polls so far, and
    /// is not asked after `end`. With nothing it gives up.
    pub fn of_pauses(end: f64, mut pause: impl FnMut(f64, i32) -> Option<f64>) -> Self {
        let mut polls = Vec::new();
        let (mut age, mut number) = (0.0, 0);
        while age < end
            && let Some(seconds) = pause(age, number)
        {
            age += seconds;
            number += 1;
            polls.push(age);
        }
        Self { polls }
    }

    /// The last poll.
    pub fn end(&self) -> f64 {
        self.polls.last().copied().unwrap_or_default()
    }

    /// Each poll with its number and the age of the poll before, which is when the groups that it finds became ACTIVE
    /// at the earliest.
    pub fn intervals(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let before = std::iter::once(0.0).chain(self.polls.iter().copied());
        let numbers = std::iter::successors(Some(1.0), |number| Some(number + 1.0));
        before.zip(&self.polls).zip(numbers).map(|((before, poll), number)| (before, *poll, number))
    }

    /// How it does over a span; nothing when it has given up before.
    pub fn over(&self, span: Span) -> Option<Found> {
        let (mut seconds, mut lateness, mut polls) = (0.0, 0.0, 0.0);
        let (mut worst, mut most): (f64, f64) = (0.0, 0.0);
        for (before, poll, number) in self.intervals() {
            let (from, to) = (before.max(span.from), poll.min(span.to));
            if to <= from {
                continue;
            }
            seconds += to - from;
            lateness += (to - from) * (poll - f64::midpoint(from, to));
            polls += (to - from) * number;
            worst = worst.max(poll - from);
            most = most.max(number);
        }
        (seconds > 0.0).then(|| Found {
            share: seconds / (span.to - span.from),
            lateness_mean: lateness / seconds,
            lateness_worst: worst,
            polls_mean: polls / seconds,
            polls_worst: most,
        })
    }
}

impl Found {
    /// The same poller, begun at several moments that are equally likely.
    pub fn of_all(found: &[Self]) -> Option<Self> {
        let number = f64::from(u32::try_from(found.len()).ok().filter(|number| *number > 0)?);
        let mean = |figure: fn(&Self) -> f64| found.iter().map(figure).sum::<f64>() / number;
        let worst = |figure: fn(&Self) -> f64| found.iter().map(figure).fold(0.0, f64::max);
        Some(Self {
            share: mean(|found| found.share),
            lateness_mean: mean(|found| found.lateness_mean),
            lateness_worst: worst(|found| found.lateness_worst),
            polls_mean: mean(|found| found.polls_mean),
            polls_worst: worst(|found| found.polls_worst),
        })
    }
}
