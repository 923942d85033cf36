//! A crowd on the local engine, with real waits: a chaos test without faults where the services have rate limits.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use benches::Error;
use chaos::{Ended, Execution, ManifestRow, Plan, judge, storm};
use local_stack::{Options, Progress};
use simulators::{Lifecycle, RateLimit};

use super::{ACTIVE_AFTER, Crowd, Outcome};

impl Crowd {
    /// Deploys the stack for this crowd, runs it, and has the result judged as that of every chaos test.
    pub(super) async fn run(self, progress: &mut Progress) -> Result<Outcome, Error> {
        let [first, last] = ACTIVE_AFTER.map(|seconds| Duration::from_secs(seconds.into()));
        let limits = [("FunctionConcurrency", self.concurrency), ("BatchConcurrency", self.batch)];
        let limits = limits.into_iter().filter_map(|(name, limit)| Some((name.to_owned(), limit?.to_string())));
        let options = Options {
            lifecycle: Lifecycle::Clock {
                time_to_active: first,
                spread: last.saturating_sub(first),
                time_to_delete: first,
            },
            wait_scale: 1.0,
            parameters: limits.collect(),
            ..Options::default()
        };
        let mut plan = Plan { rounds: Vec::new(), ..Plan::without_faults(self.groups as usize) };
        plan.behaviour.rate_limits = self.rate_limits();
        if self.batch.is_some() {
            let places = std::mem::take(&mut plan.order).into_iter();
            plan.manifest = places.map(|trigger| ManifestRow { trigger, is_valid: true }).collect();
        }
        progress.note(&self.to_string());
        let history = storm::run(plan, options, progress).await.map_err(Box::new)?;
        let violations = judge(&history).violations;
        if !violations.is_empty() {
            let what = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ");
            return Err(Error::Misbehaved { program: self.to_string(), what, log: String::new() });
        }

        let mut calls: BTreeMap<String, [u32; 2]> = BTreeMap::new();
        for call in &history.calls {
            let [made, throttled] = calls.entry(call.operation.clone()).or_default();
            *made += 1;
            *throttled += u32::from(call.rate_limited);
        }
        let states: u32 = history.executions.iter().flat_map(|execution| &execution.states).map(|_| 1).sum();
        let is_provisioned = |ended: &Ended| matches!(ended, Ended::Succeeded(_));
        Ok(Outcome {
            crowd: self,
            provisioned: history.executions.iter().filter(|execution| is_provisioned(&execution.ended)).count(),
            calls,
            seconds: history.batches.first().map_or_else(|| history.seconds(), seconds),
            transitions: f64::from(states) / f64::from(self.groups),
        })
    }

    fn rate_limits(&self) -> BTreeMap<String, RateLimit> {
        let personalize = ["DescribeDatasetGroup", "CreateDatasetGroup", "ListTagsForResource", "TagResource"];
        let datazone = ["GetGroupProfile", "CreateGroupProfile", "UpdateGroupProfile", "SearchGroupProfiles"];
        let of = |operations: [&str; 4], rate| {
            let limit = RateLimit::of(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN));
            operations.map(|operation| (operation.to_owned(), limit))
        };
        [of(personalize, self.personalize), of(datazone, self.datazone)].concat().into_iter().collect()
    }
}

/// From the start of a batch, which reads the manifest first, to its end.
fn seconds(batch: &Execution) -> f64 {
    batch.stopped.duration_since(batch.started).as_secs_f64()
}
