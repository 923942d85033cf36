//! A crowd on the local engine, with real waits.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use local_stack::{LocalStack, Options};
use simulators::{CallFilter, Lifecycle, RateLimit};

use super::super::clients::Clients;
use super::super::load::Target;
use super::super::subscriber::Subscriber;
use super::{ACTIVE_AFTER, Crowd, Fault, Outcome, REQUESTED, RequestCounts, figures, requests};

impl Crowd {
    /// Deploys the stack for this crowd, and runs it.
    ///
    /// # Errors
    /// When the stack does not start, or refuses a call; what becomes of requests is a figure.
    pub async fn run(self) -> Result<Outcome, Fault> {
        let [first, last] = ACTIVE_AFTER.map(|seconds| Duration::from_secs(seconds.into()));
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
        let mut calls: BTreeMap<String, [u32; 2]> = BTreeMap::new();
        for call in control.calls(CallFilter::all()).await? {
            let [made, throttled] = calls.entry(call.operation).or_default();
            *made += 1;
            *throttled += u32::from(call.rate_limited);
        }
        let mut transitions = 0;
        for execution in &ran.started {
            transitions += clients.transitions(&execution.arn).await?;
        }
        stack.stop().await?;
        let transitions = f64::from(transitions) / f64::from(self.groups);
        Ok(Outcome { crowd: self, requests, calls, seconds: ran.seconds, transitions })
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
