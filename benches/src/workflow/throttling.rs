//! Many groups at once where the services allow few calls a second: with real waits, on the local engine.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use contract::outcome::REQUESTED;
use local_stack::{LocalStack, Options};
use serde::Serialize;
use simulators::{CallFilter, Lifecycle, RateLimit};

use super::clients::Clients;
use super::load::Target;
use super::request_counts::RequestCounts;
use super::subscriber::Subscriber;
use super::{Fault, figures, requests};
use crate::table::Table;

/// Groups become ACTIVE between these seconds after their creation.
const ACTIVE_AFTER: [u64; 2] = [30, 60];
/// Of one group: the create step describes and creates, one poll, then the profile is read, created, and the tags are read,
/// read again, written and read back.
const LEAST_CALLS: usize = 9;

const FIVE: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
const TEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// A crowd, and what the services allow.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Crowd {
    /// Groups that are requested at once.
    pub groups: u32,
    /// Calls a second of each operation of Personalize; twice as many at once.
    pub personalize: NonZeroU32,
    /// The same of DataZone.
    pub datazone: NonZeroU32,
    /// `FunctionConcurrency`; none as delivered.
    pub concurrency: Option<NonZeroU32>,
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
    pub calls: BTreeMap<String, [usize; 2]>,
    /// From the first event to the end of the last execution.
    pub seconds: f64,
}

impl fmt::Display for Crowd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { groups, personalize, datazone, concurrency } = self;
        write!(formatter, "{groups} groups, {personalize} and {datazone} calls a second")?;
        concurrency.map_or(Ok(()), |limit| write!(formatter, ", FunctionConcurrency {limit}"))
    }
}

impl Crowd {
    /// What `make bench` runs: 100 groups at 10 and 5 calls a second, as delivered, and with the concurrency that
    /// docs/operations.md recommends.
    pub const ALL: [Self; 2] = [
        Self { groups: 100, personalize: TEN, datazone: FIVE, concurrency: None },
        Self { groups: 100, personalize: TEN, datazone: FIVE, concurrency: NonZeroU32::new(3) },
    ];

    /// No workflow is faster: the groups that are ACTIVE last take 60 s, and two calls of DataZone for each group come
    /// after the first group is ACTIVE.
    #[must_use]
    pub fn bound(&self) -> f64 {
        let [first, last] = ACTIVE_AFTER.map(|seconds| f64::from(u32::try_from(seconds).unwrap_or(u32::MAX)));
        (first + 2.0 * f64::from(self.groups) / f64::from(self.datazone.get())).max(last)
    }

    /// Deploys the stack for this crowd, and runs it.
    ///
    /// # Errors
    /// When the stack does not start, or refuses a call; what becomes of requests is a figure.
    pub async fn run(self) -> Result<Outcome, Fault> {
        let [first, last] = ACTIVE_AFTER.map(Duration::from_secs);
        let limit = self.concurrency.map(|limit| ("FunctionConcurrency".to_owned(), limit.to_string()));
        let stack = LocalStack::start(Options {
            lifecycle: Lifecycle::Clock {
                time_to_active: first,
                spread: last.saturating_sub(first),
                time_to_delete: first,
            },
            wait_scale: 1.0,
            parameters: limit.into_iter().collect(),
            ..Options::default()
        })
        .await?;
        let clients = Clients::of(&stack);
        let bus = stack.outputs()["EventBusName"].clone();
        let mut subscriber = Subscriber::subscribe(&clients, &bus).await?;
        let workflow = Target { machine: stack.outputs()["StateMachineArn"].clone(), bus, detail_type: REQUESTED };
        let groups = self.groups as usize;
        let control = stack.control();
        requests::prepare(&control, groups).await?;
        let mut behaviour = control.behaviour().await?;
        behaviour.rate_limits = self.rate_limits();
        control.set_behaviour(&behaviour).await?;

        let ran = workflow.load(&figures::all_requests(groups), &clients, &mut subscriber).await?;
        let services = requests::provisioned(&control, groups).await?;
        let requests = RequestCounts::of(&figures::names(groups), &ran.started, &ran.outcomes, Some(&services));
        let mut calls: BTreeMap<String, [usize; 2]> = BTreeMap::new();
        for call in control.calls(CallFilter::all()).await? {
            let [made, throttled] = calls.entry(call.operation).or_default();
            *made += 1;
            *throttled += usize::from(call.rate_limited);
        }
        stack.stop().await?;
        Ok(Outcome { crowd: self, requests, calls, seconds: ran.seconds })
    }

    fn rate_limits(&self) -> BTreeMap<String, RateLimit> {
        let personalize = ["DescribeDatasetGroup", "CreateDatasetGroup", "ListTagsForResource", "TagResource"];
        let datazone = ["GetGroupProfile", "CreateGroupProfile", "UpdateGroupProfile", "SearchGroupProfiles"];
        let of = |operations: [&str; 4], rate| operations.map(|operation| (operation.to_owned(), RateLimit::of(rate)));
        [of(personalize, self.personalize), of(datazone, self.datazone)].concat().into_iter().collect()
    }
}

impl Outcome {
    /// All calls, and the part of them that was throttled.
    #[must_use]
    pub fn share(&self) -> (usize, f64) {
        let [made, throttled] =
            self.calls.values().fold([0, 0], |[made, throttled], [more, among]| [made + more, throttled + among]);
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let share = throttled as f64 / made.max(1) as f64;
        (made, share)
    }
}

/// The table of the report.
#[must_use]
pub fn table(outcomes: &[Outcome]) -> Table {
    let row = |outcome: &Outcome| {
        let Outcome { crowd, requests, calls: _, seconds } = outcome;
        let (calls, share) = outcome.share();
        let bound = crowd.bound();
        vec![
            crowd.groups.to_string(),
            format!("{}, {}", crowd.personalize, crowd.datazone),
            crowd.concurrency.map_or_else(|| "none".to_owned(), |limit| limit.to_string()),
            format!("{}, {}, {}", requests.done, requests.lost, requests.doubled),
            format!("{calls} ({})", crowd.groups as usize * LEAST_CALLS),
            format!("{:.0} %", share * 100.0),
            format!("{seconds:.0} ({bound:.0})"),
            format!("{:.2}", seconds / bound),
        ]
    };
    Table {
        title: "Many groups at once where the services throttle".to_owned(),
        columns: vec![
            "groups",
            "calls a second of each operation: Personalize, DataZone",
            "FunctionConcurrency",
            "done, lost, doubled",
            "calls (least)",
            "throttled",
            "seconds (bound)",
            "ratio",
        ],
        rows: outcomes.iter().map(row).collect(),
        notes: vec![
            "All events are put on the bus at once, and all waits are real. Each operation has a bucket of tokens that holds \
             twice its calls a second. Groups become ACTIVE 30 to 60 s after their creation, and none has a profile before. \
             The bound is max(60, 30 + 2 N / DataZone's calls a second) seconds."
                .to_owned(),
        ],
    }
}
