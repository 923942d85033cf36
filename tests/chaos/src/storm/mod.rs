//! Carries a plan out on the deployed stack, and writes down what happened.

mod abort;
mod gather;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use contract::outcome::BATCH_REQUESTED;
use local_stack::{LocalStack, MANIFEST_BUCKET, Options, Progress, Workflow};
use serde_json::{Map, Value, json};
use simulators::{CallFilter, Contents, Control, NamedScript, Scenario};
use tokio::task::JoinSet;

use crate::history::{History, Sent, ServicesState};
use crate::plan::{Plan, Trigger};
use watch::Watch;

/// Between two looks at the engine while events are still to be sent or executions to be aborted.
const PAUSE: Duration = Duration::from_millis(25);
/// Between two looks at the engine when nothing is left but to wait: each look takes the processor from the executions.
const LONG_PAUSE: Duration = Duration::from_millis(250);
/// The key of the manifest.
const MANIFEST: &str = "storm.jsonl";
/// When none has ended for so long, none will.
const PATIENCE: Duration = Duration::from_mins(4);

/// Carries the plan out on a stack with these options, retirement and batches, the reruns without faults included. After the first
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
    options.parameters.insert("ManifestBucketName".to_owned(), MANIFEST_BUCKET.to_owned());
    let stack = LocalStack::start(options).await?;
    Workflow::of(&stack).subscribe().await?;
    progress.done("template.yaml deployed");
    let mut storm = Storm::of(&stack, &plan);
    storm.control.load_scenario(&scenario(&plan)).await.expect("the simulators take the plan");
    storm.send_batch(&stack, &plan).await;
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
    let batches = gather::batches(&watch.workflow).await;
    let told = gather::told(&watch.workflow, &executions, &batches).await;
    let calls = control.calls(CallFilter::all()).await.expect("the log");
    let end = services_state(&control).await;
    stack.stop().await?;
    progress.done("read what happened");
    Ok(History { plan, sent, executions, batches, told, calls, rounds, end })
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
    /// The events of the rows of the batch.
    rows: BTreeSet<String>,
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
            rows: BTreeSet::new(),
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
            // The batch itself limits how many of its rows run.
            let rows = self.rows.len().saturating_sub(self.watch.ended_of(&self.rows));
            let mut room = self.at_once.saturating_sub(under_way.saturating_sub(rows));
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

    /// Sends the batch, if the plan has one: each valid row is an execution.
    async fn send_batch(&mut self, stack: &LocalStack, plan: &Plan) {
        if plan.manifest.is_empty() {
            return;
        }
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), plan.manifest_lines()).expect("the file is written");
        stack.upload(file.path(), MANIFEST).expect("the bucket takes the manifest");
        let request = json!({"manifest": {"bucket": MANIFEST_BUCKET, "key": MANIFEST}});
        let sent = self.watch.workflow.send("storm", BATCH_REQUESTED, &[request]).await;
        sent.expect("the bus takes every event");
        let valid = plan.manifest.iter().filter(|row| row.is_valid);
        self.rows = valid.map(|row| plan.event_of_row(row).id.clone()).collect();
        self.sent.extend(self.rows.iter().map(|trigger| Sent { trigger: trigger.clone() }));
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
