//! One cell: a call site, what happens to its call, and the law of how the execution goes on.

use std::cell::OnceCell;
use std::fmt;

use contract::StepError;
use contract::step_error::Cause;
use simulators::{Answer, Kind, Service};
use tokio::select;
use tokio::task::yield_now;
use workflow_tests::{Between, DOMAIN, Forgery, Pace, SECRETS, Setup};

use super::changed_responses::ChangedResponse;
use super::faults::{Fault, MESSAGE, REQUEST_ID};
use super::outcomes::{Outcome, told_truly};
use super::scenarios::{CallSite, Scenario};

/// Step Functions cuts a cause at 32,768 characters, and it travels as JSON in a JSON string.
const CAUSE_LIMIT: usize = 30_000;
/// What the longest outcome without metadata may have, in bytes.
const OUTCOME_LIMIT: usize = 64_000;
/// Lists that are read as `ListDatasets` is, by the same code: so not every run takes the likely changes of them all.
const READ_ALIKE: [&str; 4] = ["ListSolutions", "ListEventTrackers", "ListRecommenders", "ListFilters"];
/// The code of a resource that does not exist.
const MISSING: &str = "ResourceNotFoundException";
/// The end of an execution after which a rerun has nothing to do.
const FULFILLED: &str = "fulfilled";
/// A code for each thing that codes mean to the functions. Every run has these faults at every call.
const ONE_OF_EACH_MEANING: [&str; 9] = [
    MISSING,
    "LimitExceededException",
    "AccessDeniedException",
    "ThrottlingException",
    "InternalServerException",
    "ConflictException",
    "ServiceQuotaExceededException",
    "ValidationException",
    "ExceptionOfTomorrow",
];

#[derive(Debug, Clone)]
pub struct Cell {
    pub site: CallSite,
    pub disturbance: Disturbance,
    pub lasting: Lasting,
}

/// What happens to a call.
#[derive(Debug, Clone)]
pub enum Disturbance {
    /// A fault of the simulator.
    Fault(Fault),
    /// The connection is cut, and the function is killed before it can send the call again.
    Kill(Kind),
    /// Another response in the place of the true one.
    Change(ChangedResponse),
}

/// For how many calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// For one call.
    Once,
    /// Until a step fails.
    EachTime,
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallSite { scenario, operation, passed, missing: _ } = self.site;
        let what = match &self.disturbance {
            Disturbance::Fault(fault) => format!("{:?} {:?}", fault.code, fault.kind),
            Disturbance::Kill(kind) => format!("killed, {}", kind.name()),
            Disturbance::Change(change) => change.what.clone(),
        };
        write!(formatter, "{scenario:?} / {operation} {} / {what} / {:?}", passed + 1, self.lasting)
    }
}

impl Cell {
    /// Runs the workflow into the disturbance, lets the state machine run the failed step again without it, and sends
    /// the event again. Says how the first execution ended, or which law does not hold.
    pub async fn check(self) -> Result<String, String> {
        let CallSite { scenario, .. } = self.site;
        let mut setup = Setup::start_at(self.pace()).await;
        scenario.prepare(&setup).await;
        let between = self.disturb(&mut setup).await;
        let first = OnceCell::new();
        let stop_at_the_first_failure = async |cause: &Cause| {
            if first.get().is_none() {
                let disturbed = setup.calls().await.iter().filter(|call| call.fault.is_some()).count();
                let _ = first.set((cause.clone(), disturbed));
                stop(&setup, between.as_ref()).await;
            }
        };
        let execution = scenario.execute(&setup, stop_at_the_first_failure);
        let ended = match &self.disturbance {
            Disturbance::Kill(_) => select! { ended = execution => Some(ended), () = is_cut(&setup) => None },
            Disturbance::Fault(_) | Disturbance::Change(_) => Some(execution.await),
        };
        stop(&setup, between.as_ref()).await;
        let end = match &ended {
            Some(ended) => self.judged(&setup, ended).await?,
            None => "killed".to_owned(),
        };
        if let Disturbance::Fault(fault) = &self.disturbance {
            self.is_expected(&setup, fault, first.get())?;
            if let Some(Ok(Outcome::Provisioned(done))) = &ended {
                let is_true = done.disposition.is_none() || done.disposition == scenario.disposition();
                law(is_true, || format!("the disposition is {:?}", done.disposition))?;
            }
        }
        // An execution that believes that the failed group is gone does not replace it a second time.
        let is_missing = matches!(&self.disturbance, Disturbance::Fault(fault) if fault.code == Some(MISSING));
        let is_retried = first.get().is_some_and(|(cause, _)| cause.error == "Unavailable") && !is_missing;
        if is_retried && let Some(ended) = &ended {
            scenario.is_true(&setup, ended).await.map_err(|what| format!("after a retry: {what}"))?;
        }
        if end == FULFILLED {
            return self.effects_are_had_once(&setup, end).await;
        }
        setup.call_again().await;
        let again = scenario.execute(&setup, async |_| {}).await;
        scenario.is_true(&setup, &again).await.map_err(|what| format!("{end}, and the rerun: {what}"))?;
        self.effects_are_had_once(&setup, end).await
    }

    /// Whether every run takes the cell: what may well happen some day.
    pub fn is_likely(&self) -> bool {
        match &self.disturbance {
            Disturbance::Fault(fault) => fault.code.is_none_or(|code| ONE_OF_EACH_MEANING.contains(&code)),
            Disturbance::Kill(_) => true,
            Disturbance::Change(change) => {
                self.lasting == Lasting::Once && change.is_likely() && !READ_ALIKE.contains(&self.site.operation)
            }
        }
    }

    fn pace(&self) -> Pace {
        match &self.disturbance {
            Disturbance::Fault(Fault { kind: Kind::Delay { .. }, .. }) => Pace::Hasty,
            Disturbance::Kill(_) => Pace::Halting,
            Disturbance::Fault(_) | Disturbance::Change(_) => Pace::Deployed,
        }
    }

    async fn disturb(&self, setup: &mut Setup) -> Option<Between> {
        let CallSite { operation, passed, .. } = self.site;
        let times = match self.lasting {
            Lasting::Once => Some(1),
            Lasting::EachTime => None,
        };
        match &self.disturbance {
            Disturbance::Fault(Fault { kind, .. }) | Disturbance::Kill(kind) => {
                let fault = simulators::Fault { times, ..simulators::Fault::new(self.site.service(), kind.clone()) };
                setup.control.add_fault(fault.operation(operation).after(passed)).await.expect("a fault");
                None
            }
            Disturbance::Change(ChangedResponse { what: _, answer, effect }) => {
                let between = setup.put_between().await;
                let (operation, after) = (operation.to_owned(), passed as usize);
                let times = times.map(|times| times as usize);
                between.forge(Some(Forgery { operation, after, times, effect: *effect, answer: answer.clone() }));
                Some(between)
            }
        }
    }

    /// The first failure of a step is the one that the fault stands for, after as many calls, and its cause names the
    /// call.
    fn is_expected(&self, setup: &Setup, fault: &Fault, first: Option<&(Cause, usize)>) -> Result<(), String> {
        let is_once = self.lasting == Lasting::Once;
        let error = first.map(|(cause, _)| cause.error.as_str());
        let other = match (fault.code, self.site.missing) {
            (Some(MISSING), Some(missing)) => Some(missing[usize::from(!is_once)]),
            // The SDK sends the call again.
            _ if is_once && fault.attempts > 1 => Some(self.site.scenario.error()),
            _ => None,
        };
        if let Some(other) = other {
            return law(error == other, || format!("the first failure is {error:?}, not {other:?}"));
        }
        let (cause, calls) = first.ok_or("no step failed")?;
        let attempts = fault.attempts as usize;
        law((cause.error.as_str(), *calls) == (fault.error, attempts), || {
            format!("{} after {calls} calls, not {} after {attempts}", cause.error, fault.error)
        })?;
        let resource = cause.resource.as_deref().unwrap_or_default();
        let (service, names) = match self.site.service() {
            Service::Personalize => (contract::Service::Personalize, resource == setup.arn("media")),
            Service::DataZone => {
                let principal = self.site.scenario.principal();
                (contract::Service::DataZone, resource.contains(DOMAIN) && resource.contains(principal))
            }
        };
        law(names && cause.service == Some(service), || format!("it names {:?} {resource}", cause.service))?;
        law(cause.operation.as_deref() == Some(self.site.operation), || format!("it names {:?}", cause.operation))?;
        law(cause.code.as_deref() == fault.code, || format!("it has the code {:?}", cause.code))?;
        let said = match (&fault.kind, &cause.request_id) {
            (Kind::AccessDenied, Some(_)) => cause.message.contains("is not authorized to perform"),
            (Kind::Raw { .. }, Some(id)) => id == REQUEST_ID && cause.message.contains(MESSAGE),
            (Kind::Raw { .. }, None) => fault.code.is_none() && cause.message.len() > 30,
            _ => cause.message.len() > 30,
        };
        law(said, || format!("it says {:?} of {:?}", cause.message, cause.request_id))?;
        let action = format!("{}:{}", self.site.service().name(), self.site.operation);
        law(cause.error != "AccessDenied" || cause.remedy.contains(&action), || cause.remedy.clone())
    }

    /// Whether the end is true, or an error that somebody can act on.
    async fn judged(&self, setup: &Setup, ended: &Result<Outcome, StepError>) -> Result<String, String> {
        match ended {
            Ok(done) => {
                let is_believed = matches!(done, Outcome::Retired(_)) && self.insists_that_the_group_is_gone();
                if !is_believed {
                    told_truly(setup, done).await?;
                }
                let length = format!("{done:?}").len();
                law(length <= OUTCOME_LIMIT, || format!("an outcome of {length} bytes"))?;
                let end =
                    if done.is_fulfilled(setup).await { FULFILLED } else { "ended before the request was fulfilled" };
                let Some(cause) = done.failed() else { return Ok(end.to_owned()) };
                actionable(cause)?;
                Ok(cause.error.clone())
            }
            Err(error) => {
                actionable(&error.cause())?;
                Ok(error.name().to_owned())
            }
        }
    }

    /// Whether the service says each time that there is no group, or that there is another one than it described at first. A
    /// retirement believes that in the end, and a rerun retires the group that is there.
    fn insists_that_the_group_is_gone(&self) -> bool {
        let CallSite { operation, passed, .. } = self.site;
        let says_so = match &self.disturbance {
            Disturbance::Fault(fault) => fault.code == Some(MISSING),
            Disturbance::Kill(_) => false,
            Disturbance::Change(change) => passed > 0 && change.what.starts_with("/datasetGroup/creationDateTime is"),
        };
        operation == "DescribeDatasetGroup" && self.lasting == Lasting::EachTime && says_so
    }

    /// All executions together changed everything once.
    async fn effects_are_had_once(&self, setup: &Setup, end: String) -> Result<String, String> {
        let effects = setup.effects().await;
        let is_replaced = self.site.scenario == Scenario::Failed && end == FULFILLED;
        law(is_replaced || effects == self.site.scenario.effects(), || format!("{end}, with the effects {effects:?}"))?;
        Ok(end)
    }
}

async fn stop(setup: &Setup, between: Option<&Between>) {
    setup.control.clear_faults().await.expect("a control command");
    if let Some(between) = between {
        between.forge(None);
    }
}

/// Waits until the simulators note that a connection was cut.
async fn is_cut(setup: &Setup) {
    let is_cut = |call: &simulators::Call| call.status == Answer::Word(simulators::Word::Cut);
    while !setup.calls().await.iter().any(is_cut) {
        yield_now().await;
    }
}

fn actionable(cause: &Cause) -> Result<(), String> {
    let told = serde_json::to_string(cause).map_err(|fault| fault.to_string())?;
    let length = serde_json::Value::from(told.as_str()).to_string().len();
    law(length <= CAUSE_LIMIT, || format!("a cause of {length} bytes"))?;
    let secrets = SECRETS.into_iter().chain(["<html", "<center>", "media-secret"]);
    let mut shown = secrets.filter(|secret| told.contains(secret));
    law(shown.next().is_none(), || format!("a secret is in {told}"))?;
    let known = StepError::NAMES.contains(&cause.error.as_str());
    let named = known && !cause.message.is_empty() && cause.remedy.ends_with('.');
    law(named, || format!("nobody can act on {told}"))
}

pub fn law(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
