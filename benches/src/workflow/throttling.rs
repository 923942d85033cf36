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
use crate::polling::TRANSITION;
use crate::table::Table;

/// Groups become ACTIVE between these seconds after their creation.
const ACTIVE_AFTER: [u64; 2] = [30, 60];
/// The least calls for a group: the create step describes and creates, one poll, then the profile is read and created, and
/// the tags are read, read again, written and read back.
const LEAST: [(&str, usize); 6] = [
    ("DescribeDatasetGroup", 2),
    ("CreateDatasetGroup", 1),
    ("GetGroupProfile", 1),
    ("CreateGroupProfile", 1),
    ("ListTagsForResource", 3),
    ("TagResource", 1),
];

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
    /// States that an execution entered, on average.
    pub transitions: f64,
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
        let mut transitions = 0;
        for execution in &ran.started {
            transitions += clients.transitions(&execution.arn).await?;
        }
        stack.stop().await?;
        let transitions = number(transitions) / f64::from(self.groups);
        Ok(Outcome { crowd: self, requests, calls, seconds: ran.seconds, transitions })
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
        (made, number(throttled) / number(made.max(1)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
const fn number(count: usize) -> f64 {
    count as f64
}

/// The tables of the report.
#[must_use]
pub fn tables(outcomes: &[Outcome]) -> Vec<Table> {
    let crowds = vec![crowds(outcomes)];
    crowds.into_iter().chain(outcomes.iter().map(operations)).collect()
}

/// The calls of each operation.
fn operations(outcome: &Outcome) -> Table {
    let row = |(operation, least): &(&str, usize)| {
        let [made, throttled] = outcome.calls.get(*operation).copied().unwrap_or_default();
        let least = least * outcome.crowd.groups as usize;
        vec![(*operation).to_owned(), made.to_string(), least.to_string(), throttled.to_string()]
    };
    Table {
        title: format!("Calls of {}", outcome.crowd),
        columns: vec!["operation", "calls", "least", "throttled"],
        rows: LEAST.iter().map(row).collect(),
        notes: Vec::new(),
    }
}

fn crowds(outcomes: &[Outcome]) -> Table {
    let row = |outcome: &Outcome| {
        let Outcome { crowd, requests, calls: _, seconds, transitions } = outcome;
        let (calls, share) = outcome.share();
        let least = crowd.groups as usize * LEAST.iter().map(|(_, calls)| calls).sum::<usize>();
        let bound = crowd.bound();
        vec![
            crowd.groups.to_string(),
            format!("{}, {}", crowd.personalize, crowd.datazone),
            crowd.concurrency.map_or_else(|| "none".to_owned(), |limit| limit.to_string()),
            format!("{}, {}, {}", requests.done, requests.lost, requests.doubled),
            format!("{calls} ({least})"),
            format!("{:.0} %", share * 100.0),
            format!("{seconds:.0} ({bound:.0})"),
            format!("{:.2}", seconds / bound),
            format!("{transitions:.0} ({:.5})", transitions * TRANSITION),
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
            "transitions of a group (dollars)",
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
