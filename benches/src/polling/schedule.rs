//! When somebody looks, and what comes of it.

use serde::Serialize;

use super::spans::Span;

/// The ages at which a poller looks at a group, in seconds, ascending. After the last one it has given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    looks: Vec<f64>,
}

/// How a poller does over a span of times to ACTIVE. Lateness is the time from ACTIVE to the look that finds it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// The part of the groups that are found at all; the other figures are about these.
    pub share: f64,
    /// Mean lateness, in seconds.
    pub lateness_mean: f64,
    /// The largest lateness, in seconds.
    pub lateness_worst: f64,
    /// The largest lateness as a part of the time to ACTIVE.
    pub lateness_worst_part: f64,
    /// Mean number of looks.
    pub looks_mean: f64,
    /// The largest number of looks.
    pub looks_worst: f64,
}

impl Schedule {
    /// Pauses until the first look, then from look to look; `pause` is told the age and the number of looks so far, and
    /// is not asked after `end`. With nothing it gives up.
    pub fn of_pauses(end: f64, mut pause: impl FnMut(f64, i32) -> Option<f64>) -> Self {
        let mut looks = Vec::new();
        let (mut age, mut number) = (0.0, 0);
        while age < end
            && let Some(seconds) = pause(age, number)
        {
            age += seconds;
            number += 1;
            looks.push(age);
        }
        Self { looks }
    }

    /// The last look.
    pub fn end(&self) -> f64 {
        self.looks.last().copied().unwrap_or_default()
    }

    /// Each look with its number and the age of the look before, which is when the groups that it finds became ACTIVE
    /// at the earliest.
    pub fn intervals(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let before = std::iter::once(0.0).chain(self.looks.iter().copied());
        let numbers = std::iter::successors(Some(1.0), |number| Some(number + 1.0));
        before.zip(&self.looks).zip(numbers).map(|((before, look), number)| (before, *look, number))
    }

    /// How it does over a span; nothing when it has given up before.
    pub fn over(&self, span: Span) -> Option<Found> {
        let (mut seconds, mut lateness, mut looks) = (0.0, 0.0, 0.0);
        let (mut worst, mut worst_part, mut most): (f64, f64, f64) = (0.0, 0.0, 0.0);
        for (before, look, number) in self.intervals() {
            let (from, to) = (before.max(span.from), look.min(span.to));
            if to <= from {
                continue;
            }
            seconds += to - from;
            lateness += (to - from) * (look - f64::midpoint(from, to));
            looks += (to - from) * number;
            worst = worst.max(look - from);
            worst_part = worst_part.max((look - from) / from);
            most = most.max(number);
        }
        (seconds > 0.0).then(|| Found {
            share: seconds / (span.to - span.from),
            lateness_mean: lateness / seconds,
            lateness_worst: worst,
            lateness_worst_part: worst_part,
            looks_mean: looks / seconds,
            looks_worst: most,
        })
    }
}

impl Found {
    /// The same poller, begun at several moments that are equally likely.
    #[must_use]
    pub fn of_all(found: &[Self]) -> Option<Self> {
        let number = f64::from(u32::try_from(found.len()).ok().filter(|number| *number > 0)?);
        let mean = |figure: fn(&Self) -> f64| found.iter().map(figure).sum::<f64>() / number;
        let worst = |figure: fn(&Self) -> f64| found.iter().map(figure).fold(0.0, f64::max);
        Some(Self {
            share: mean(|found| found.share),
            lateness_mean: mean(|found| found.lateness_mean),
            lateness_worst: worst(|found| found.lateness_worst),
            lateness_worst_part: worst(|found| found.lateness_worst_part),
            looks_mean: mean(|found| found.looks_mean),
            looks_worst: worst(|found| found.looks_worst),
        })
    }
}
