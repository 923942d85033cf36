//! Part `throttling`: crowds, which are many groups at once where the services allow few calls a second. In virtual time,
//! and with real waits on the local engine.

mod deployed;
mod picture;
mod tables;
mod virtual_time;

use std::collections::BTreeMap;
use std::fmt;

use benches::Error;
use benches::scenario::Scenario;
use clap::Args;
use local_stack::Progress;

use crate::report::{Section, Target};

const TITLE: &str = "Throttling";
/// Groups become ACTIVE between these seconds after their creation.
const ACTIVE_AFTER: [u32; 2] = [30, 60];

/// The least calls of each operation for a group: it is created, polled once and linked to a profile that is created.
fn least() -> BTreeMap<&'static str, u32> {
    let mut least = BTreeMap::new();
    for operation in [Scenario::Create, Scenario::Poll, Scenario::Attach].iter().flat_map(|step| step.facts().calls) {
        *least.entry(*operation).or_default() += 1;
    }
    least
}

/// A crowd, and what the services allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Crowd {
    /// Groups that are requested at once
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    groups: u32,
    /// Calls a second of each operation of Personalize; twice as many at once
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    personalize: u32,
    /// Calls a second of each operation of DataZone; twice as many at once
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    datazone: u32,
    /// The parameter `FunctionConcurrency`; none as delivered
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    concurrency: Option<u32>,
    /// The groups are the rows of one manifest; the parameter `BatchConcurrency`
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    batch: Option<u32>,
}

/// What became of a crowd.
#[derive(Debug, Clone)]
struct Outcome {
    crowd: Crowd,
    /// Groups that were provisioned.
    provisioned: usize,
    /// Calls of each operation, with those that were throttled.
    calls: BTreeMap<String, [u32; 2]>,
    /// From the start of the first execution to the end of the last one; of a batch, from its start to its end.
    seconds: f64,
    /// States that an execution entered, on average.
    transitions: f64,
}

impl fmt::Display for Crowd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { groups, personalize, datazone, concurrency, batch } = self;
        write!(formatter, "{groups} groups, {personalize} and {datazone} calls a second")?;
        for (parameter, limit) in [("FunctionConcurrency", concurrency), ("BatchConcurrency", batch)] {
            limit.map_or(Ok(()), |limit| write!(formatter, ", {parameter} {limit}"))?;
        }
        Ok(())
    }
}

impl Crowd {
    const fn of(groups: u32, [personalize, datazone]: [u32; 2], concurrency: Option<u32>) -> Self {
        Self { groups, personalize, datazone, concurrency, batch: None }
    }

    /// The concurrency that docs/operations.md recommends: half of the calls a second of DataZone.
    const fn recommended(groups: u32, rates: [u32; 2]) -> Self {
        Self::of(groups, rates, Some(rates[1].div_ceil(2)))
    }

    /// No workflow is faster: the groups that are ACTIVE last take 60 s, and two calls of DataZone for each group come
    /// after the first group is ACTIVE. Rows of a batch also wait for a place.
    fn bound(&self) -> f64 {
        let [first, last] = ACTIVE_AFTER.map(f64::from);
        let groups = f64::from(self.groups);
        let places = self.batch.map_or(0.0, |limit| groups * f64::midpoint(first, last) / f64::from(limit));
        (first + 2.0 * groups / f64::from(self.datazone)).max(last).max(places)
    }
}

/// The rates of the table: of each operation of Personalize and of DataZone.
const RATES: [[u32; 2]; 2] = [[10, 5], [2, 1]];

/// Every crowd in virtual time, and 100 groups at 10 and 5 calls a second on the local engine: some minutes.
pub async fn measure(progress: &mut Progress) -> Result<Section, Error> {
    let crowds = RATES.into_iter().flat_map(|rates| {
        let delivered = [10, 30, 100, 300].map(|groups| Crowd::of(groups, rates, None));
        delivered.into_iter().chain([10, 30, 100, 300].map(|groups| Crowd::recommended(groups, rates)))
    });
    let virtual_time: Vec<_> = crowds.map(|crowd| crowd.virtually(1)).collect();
    let mut deployed = Vec::new();
    for crowd in [Crowd::of(100, RATES[0], None), Crowd::recommended(100, RATES[0])] {
        deployed.push(crowd.run(progress).await?);
    }
    let targets = deployed.iter().flat_map(Outcome::targets).collect();
    let tables = tables::tables(&virtual_time, &deployed);
    Ok(Section { title: TITLE, charts: vec![picture::chart()?], tables, targets })
}

/// One crowd, in virtual time and on the local engine.
pub async fn measure_one(crowd: Crowd, progress: &mut Progress) -> Result<Section, Error> {
    let (virtual_time, deployed) = ([crowd.virtually(1)], [crowd.run(progress).await?]);
    Ok(Section { title: TITLE, tables: tables::tables(&virtual_time, &deployed), ..Section::default() })
}

impl Outcome {
    /// All calls, and the part of them that was throttled.
    fn share(&self) -> (u32, f64) {
        let [made, throttled] =
            self.calls.values().fold([0, 0], |[made, throttled], [more, among]| [made + more, throttled + among]);
        (made, f64::from(throttled) / f64::from(made.max(1)))
    }

    /// Seconds for each second of the bound.
    fn ratio(&self) -> f64 {
        self.seconds / self.crowd.bound()
    }

    /// What was promised: every group is provisioned, and not much later than it could be.
    fn targets(&self) -> Vec<Target> {
        let Self { crowd, provisioned, .. } = self;
        let (limit, share) = if crowd.concurrency.is_some() { (1.5, Some(10.0)) } else { (2.0, None) };
        let all = *provisioned == crowd.groups as usize;
        let mut targets = vec![
            // The run ends with an error if the judge finds a violation.
            Target::holds(format!("{crowd}: groups"), "all provisioned, none doubled", all, provisioned.to_string()),
            Target::at_most(format!("{crowd}: time"), self.ratio(), limit, "x the bound"),
        ];
        let throttled = format!("{crowd}: throttled calls");
        targets.extend(share.map(|share| Target::at_most(throttled, self.share().1 * 100.0, share, "%")));
        targets
    }
}
