//! Carries a plan out on the deployed stack, and writes down what happened.

mod abort;
mod gather;
mod watch;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use local_stack::{LocalStack, Options, Progress, Workflow};
use serde_json::{Map, Value};
use simulators::{CallFilter, Contents, Control, NamedScript, Scenario};
use tokio::task::JoinSet;

use crate::history::{History, Sent, ServicesState};
use crate::plan::{Plan, Trigger};
use watch::Watch;

/// Between two looks at the engine while events are still to be sent or executions to be aborted.
const PAUSE: Duration = Duration::from_millis(25);
/// Between two looks at the engine when nothing is left but to wait: each look takes the processor from the executions.
const LONG_PAUSE: Duration = Duration::from_millis(250);
/// When none has ended for so long, none will.
const PATIENCE: Duration = Duration::from_mins(4);

/// Carries the plan out on a stack with these options and retirement, the reruns without faults included. After the first
/// round of them the dataset groups are emptied.
///
/// # Errors
/// When the stack does not start.
///
/// # Panics
/// When the engine or the simulators do not answer, the bus refuses an event, or executions that do not end leave no
/// room for the events to come.
pub async fn run(plan: Plan, mut options: Options, progress: &mut Progress) -> Result<History, local_stack::Error> {
    progress.say("starting the stack", "");
    options.parameters.insert("Retirement".to_owned(), "true".to_owned());
    let stack = LocalStack::start(options).await?;
    Workflow::of(&stack).subscribe().await?;
    progress.done("template.yaml deployed");
    let mut storm = Storm::of(&stack, &plan);
    storm.control.load_scenario(&scenario(&plan)).await.expect("the simulators take the plan");
    let mut queue = plan.order.iter().map(|place| &plan.triggers[*place]).collect();
    storm.send_all(&mut queue, "the events", progress).await;
    progress.done(&format!("{} events, and the end of their executions", storm.sent.len()));

    storm.control.clear_faults().await.expect("the simulators end the faults");
    storm.control.forget_scripts().await.expect("the simulators remove the scripts");
    let mut rounds = Vec::new();
    for round in &plan.rounds {
        rounds.push(services_state(&storm.control).await);
        storm.send_all(&mut round.iter().collect(), "the reruns", progress).await;
        storm.empty_groups().await;
    }
    if !plan.rounds.is_empty() {
        progress.done("each name's requests once more, without faults");
    }

    progress.say("reading what happened", "");
    let Storm { control, watch, sent, .. } = storm;
    let executions = gather::executions(&watch).await;
    let told = gather::told(&watch.workflow, &executions).await;
    let calls = control.calls(CallFilter::all()).await.expect("the log");
    let end = services_state(&control).await;
    stack.stop().await?;
    progress.done("read what happened");
    Ok(History { plan, sent, executions, told, calls, rounds, end })
}

/// What there is at the beginning, and what goes wrong.
fn scenario(plan: &Plan) -> Scenario {
    let scripts = plan
        .names
        .iter()
        .map(|name| NamedScript { name: name.name.clone(), creations: name.scripts.clone() })
        .collect();
    let settings = match serde_json::to_value(&plan.behaviour) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    };
    Scenario {
        description: format!("the plan of seed {}, {} faults", plan.seed, plan.faults.len()),
        settings,
        domains: plan.domains.clone(),
        dataset_groups: plan.names.iter().filter_map(|name| name.existing.clone()).collect(),
        scripts,
        faults: plan.faults.clone(),
    }
}

async fn services_state(control: &Control) -> ServicesState {
    let groups = control.dataset_groups().await.expect("the dataset groups");
    ServicesState { groups, domains: control.domains().await.expect("the domains") }
}

struct Storm {
    control: Control,
    at_once: usize,
    watch: Watch,
    sent: Vec<Sent>,
    /// The detail-type and the detail of each event.
    events: BTreeMap<String, (&'static str, String)>,
}

impl Storm {
    fn of(stack: &LocalStack, plan: &Plan) -> Self {
        let event = |trigger: &Trigger| (plan.asked(trigger).1.detail_type(), plan.document(trigger).to_string());
        let events = plan.all_triggers().map(|trigger| (trigger.id.clone(), event(trigger))).collect();
        Self {
            control: stack.control(),
            watch: Watch::new(Workflow::of(stack)),
            at_once: plan.at_once,
            sent: Vec::new(),
            events,
        }
    }

    /// Sends the events, aborts the executions that are to be aborted and sends their events again, and waits until
    /// nothing of all that is under way any more.
    async fn send_all(&mut self, queue: &mut VecDeque<&Trigger>, what: &str, progress: &mut Progress) {
        let mut aborts: JoinSet<String> = JoinSet::new();
        let mut to_abort: BTreeMap<&str, &Trigger> = queue
            .iter()
            .filter(|trigger| trigger.abort_in.is_some())
            .map(|trigger| (trigger.id.as_str(), *trigger))
            .collect();
        let mut aborting: BTreeMap<String, &Trigger> = BTreeMap::new();
        let mut last = (0, Instant::now());
        loop {
            self.watch.refresh().await;
            for (execution, trigger) in self.watch.take_new() {
                if let Some(trigger) = to_abort.remove(trigger.as_str())
                    && let Some(state) = &trigger.abort_in
                {
                    aborting.insert(execution.clone(), trigger);
                    aborts.spawn(abort::abort(self.watch.workflow.clone(), execution, state.clone()));
                }
            }
            while let Some(aborted) = aborts.try_join_next() {
                let execution = aborted.expect("aborting does not panic");
                queue.extend(aborting.remove(&execution));
            }
            let ended = self.watch.ended();
            let under_way = self.sent.len().saturating_sub(ended);
            progress.say(what, &format!("{} sent, {ended} ended", self.sent.len()));
            if queue.is_empty() && under_way == 0 && aborts.is_empty() && self.watch.is_at_rest().await {
                return;
            }
            if ended > last.0 {
                last = (ended, Instant::now());
            }
            if last.1.elapsed() > PATIENCE {
                assert!(
                    queue.is_empty(),
                    "no execution ended for {PATIENCE:?}, and {} events are not sent",
                    queue.len()
                );
                return;
            }
            let mut room = self.at_once.saturating_sub(under_way);
            while room > 0 && !queue.is_empty() {
                // An execution that is to be aborted is looked for right after its event is sent.
                let is_aborted = |trigger: &&Trigger| to_abort.contains_key(trigger.id.as_str());
                let until = queue.iter().position(is_aborted).map_or(queue.len(), |place| place + 1);
                let batch: Vec<_> = queue.drain(..until.min(room)).collect();
                room -= batch.len();
                self.send(&batch).await;
                if batch.last().is_some_and(is_aborted) {
                    break;
                }
            }
            if queue.is_empty() && to_abort.is_empty() {
                tokio::time::sleep(LONG_PAUSE).await;
            } else if room == 0 || queue.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Somebody deletes what is in the dataset groups, as `DatasetGroupInUse` asks for.
    async fn empty_groups(&self) {
        for group in self.control.dataset_groups().await.expect("the dataset groups") {
            if !group.contents.is_empty() {
                self.control
                    .put_contents(&group.name, &Contents::new())
                    .await
                    .expect("a group that nobody deletes now");
            }
        }
    }

    async fn send(&mut self, triggers: &[&Trigger]) {
        let event = |trigger: &&Trigger| &self.events[&trigger.id];
        for alike in triggers.chunk_by(|one, other| event(one).0 == event(other).0) {
            let details: Vec<_> = alike.iter().map(|trigger| &event(trigger).1).collect();
            let sent = self.watch.workflow.send("storm", event(&alike[0]).0, &details).await;
            sent.expect("the bus takes every event");
        }
        self.sent.extend(triggers.iter().map(|trigger| Sent { trigger: trigger.id.clone() }));
    }
}
