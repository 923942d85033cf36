//! Crowds: many groups at once where the services allow few calls a second. In virtual time, and with real waits on the
//! local engine.

mod deployed;
mod picture;
mod tables;
mod virtual_time;

use std::collections::BTreeMap;
use std::fmt;

use contract::outcome::REQUESTED;
use serde::Serialize;

use super::request_counts::RequestCounts;
use super::{Fault, figures, requests};
use crate::scenario::Scenario;

pub use picture::chart;
pub use tables::tables;

/// Groups become ACTIVE between these seconds after their creation.
const ACTIVE_AFTER: [u32; 2] = [30, 60];
/// The least calls of each operation for a group: it is created, polled once and linked to a profile that is created.
fn least() -> BTreeMap<&'static str, u32> {
    let mut least = BTreeMap::new();
    for operation in [Scenario::Create, Scenario::Poll, Scenario::Attach].iter().flat_map(|step| step.calls()) {
        *least.entry(*operation).or_default() += 1;
    }
    least
}

/// A crowd, and what the services allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Crowd {
    /// Groups that are requested at once.
    pub groups: u32,
    /// Calls a second of each operation of Personalize, above 0; twice as many at once.
    pub personalize: u32,
    /// The same of DataZone.
    pub datazone: u32,
    /// `FunctionConcurrency`; none as delivered.
    pub concurrency: Option<u32>,
}

/// What became of a crowd.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Who asked.
    pub crowd: Crowd,
    /// Requests that were carried out, lost or doubled.
    #[serde(flatten)]
    pub requests: RequestCounts,
    /// Calls of each operation, with those that were throttled.
    pub calls: BTreeMap<String, [u32; 2]>,
    /// From the first event to the end of the last execution.
    pub seconds: f64,
    /// States that an execution entered, on average.
    pub transitions: f64,
}

/// What became of all crowds.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// In virtual time.
    pub virtual_time: Vec<Outcome>,
    /// On the local engine.
    pub deployed: Vec<Outcome>,
}

impl fmt::Display for Crowd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { groups, personalize, datazone, concurrency } = self;
        write!(formatter, "{groups} groups, {personalize} and {datazone} calls a second")?;
        concurrency.map_or(Ok(()), |limit| write!(formatter, ", FunctionConcurrency {limit}"))
    }
}

impl Crowd {
    const fn of(groups: u32, [personalize, datazone]: [u32; 2], concurrency: Option<u32>) -> Self {
        Self { groups, personalize, datazone, concurrency }
    }

    /// The concurrency that docs/operations.md recommends: half of the calls a second of DataZone.
    const fn recommended(groups: u32, rates: [u32; 2]) -> Self {
        Self::of(groups, rates, Some(rates[1].div_ceil(2)))
    }

    /// No workflow is faster: the groups that are ACTIVE last take 60 s, and two calls of DataZone for each group come
    /// after the first group is ACTIVE.
    #[must_use]
    pub fn bound(&self) -> f64 {
        let [first, last] = ACTIVE_AFTER.map(f64::from);
        (first + 2.0 * f64::from(self.groups) / f64::from(self.datazone)).max(last)
    }
}

/// The rates of the table: of each operation of Personalize and of DataZone.
const RATES: [[u32; 2]; 2] = [[10, 5], [2, 1]];

/// Every crowd in virtual time, and 100 groups at 10 and 5 calls a second on the local engine: some minutes.
///
/// # Errors
/// When a stack does not start, or refuses a call; what becomes of requests is a figure.
pub async fn measure(progress: impl Fn(&str)) -> Result<Figures, Fault> {
    let crowds = RATES.into_iter().flat_map(|rates| {
        let delivered = [10, 30, 100, 300].map(|groups| Crowd::of(groups, rates, None));
        delivered.into_iter().chain([10, 30, 100, 300].map(|groups| Crowd::recommended(groups, rates)))
    });
    let virtual_time = crowds.map(|crowd| crowd.virtually(1)).collect();
    let mut deployed = Vec::new();
    for crowd in [Crowd::of(100, RATES[0], None), Crowd::recommended(100, RATES[0])] {
        progress(&crowd.to_string());
        deployed.push(crowd.run().await?);
    }
    Ok(Figures { virtual_time, deployed })
}

impl Outcome {
    /// All calls, and the part of them that was throttled.
    #[must_use]
    pub fn share(&self) -> (u32, f64) {
        let [made, throttled] =
            self.calls.values().fold([0, 0], |[made, throttled], [more, among]| [made + more, throttled + among]);
        (made, f64::from(throttled) / f64::from(made.max(1)))
    }

    /// Seconds for each second of the bound.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.seconds / self.crowd.bound()
    }
}
