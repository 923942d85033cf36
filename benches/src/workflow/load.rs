//! So many events at once, and what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sfn::types::ExecutionListItem;
use jiff::Timestamp;
use serde_json::Value;

use super::Fault;
use super::clients::{Clients, has_ended};
use super::request_counts::Started;
use super::subscriber::{OutcomeEvent, Subscriber};

/// As many events as EventBridge takes at a time.
const BATCH: usize = 10;
/// Between two looks at the engine, which takes part in what is measured; times are the engine's own.
const PAUSE: Duration = Duration::from_millis(250);
/// What has not ended by then is lost.
const PATIENCE: Duration = Duration::from_mins(30);

/// A machine, and what starts it.
#[derive(Debug, Clone)]
pub struct Target {
    /// ARN of the machine.
    pub machine: String,
    /// The bus.
    pub bus: String,
    /// The detail-type that its rule waits for.
    pub detail_type: &'static str,
}

/// What came of a load.
#[derive(Debug)]
pub struct Ran {
    /// From the first event to the end of the last execution, in seconds.
    pub seconds: f64,
    /// How long each execution took, in seconds.
    pub executions: Vec<f64>,
    /// The executions.
    pub started: Vec<Started>,
    /// The outcome events.
    pub outcomes: Vec<OutcomeEvent>,
}

impl Target {
    /// Puts the requests on the bus, in batches one after the other, and waits until the executions have ended.
    pub async fn load(&self, requests: &[Value], clients: &Clients, subscriber: &mut Subscriber) -> Result<Ran, Fault> {
        let before: BTreeSet<String> = clients.executions(&self.machine).await?.into_keys().collect();
        let begun = Timestamp::now();
        for batch in requests.chunks(BATCH) {
            self.put(batch, clients).await?;
        }
        let items = self.ended(requests.len(), &before, clients, subscriber).await?;
        let begun = begun.as_duration().as_secs_f64();
        let ends = items.values().filter_map(|item| item.stop_date).map(|end| end.as_secs_f64());
        let seconds = ends.fold(begun, f64::max) - begun;
        let took = |item: &ExecutionListItem| Some(item.stop_date?.as_secs_f64() - item.start_date.as_secs_f64());
        let executions = items.values().filter_map(took).collect();
        let mut started = Vec::new();
        for arn in items.keys() {
            let (input, failure) = clients.described(arn).await?;
            started.push(Started {
                arn: arn.clone(),
                name: input["datasetGroup"]["name"].as_str().unwrap_or_default().to_owned(),
                failure,
            });
        }
        Ok(Ran { seconds, executions, started, outcomes: subscriber.read(clients).await? })
    }

    async fn put(&self, batch: &[Value], clients: &Clients) -> Result<(), Fault> {
        let entry = |request: &Value| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus)
                .source("benchmark")
                .detail_type(self.detail_type)
                .detail(request.to_string())
                .build()
        };
        let entries = batch.iter().map(entry).collect();
        let put = clients.events.put_events().set_entries(Some(entries)).send().await;
        let put = put.map_err(Fault::engine("putting events"))?;
        match put.failed_entry_count() {
            0 => Ok(()),
            failed => Err(Fault::Engine { doing: "putting events", message: format!("{failed} failed: {put:?}") }),
        }
    }

    /// The new executions, when there are as many as events and all have ended, and so have the outcomes arrived; or
    /// those that there are when that takes too long.
    async fn ended(
        &self,
        events: usize,
        before: &BTreeSet<String>,
        clients: &Clients,
        subscriber: &Subscriber,
    ) -> Result<BTreeMap<String, ExecutionListItem>, Fault> {
        let asked = Instant::now();
        loop {
            let mut items = clients.executions(&self.machine).await?;
            items.retain(|arn, _| !before.contains(arn));
            let all_ended = items.len() >= events && items.values().all(has_ended);
            if (all_ended && subscriber.number(clients).await? >= events) || asked.elapsed() > PATIENCE {
                return Ok(items);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
