//! One cell: a scenario in which one call is answered with a forgery.

use std::fmt;

use contract::StepError;
use workflow_tests::{Forgery, Provisioned, SECRETS, Setup};

use super::forgeries::Forged;
use super::scenarios::{Place, Scenario, told_truly};

/// Step Functions cuts a cause at 32,768 characters, and it travels as JSON in a JSON string.
const CAUSE_LIMIT: usize = 30_000;
/// What the longest outcome without metadata may have, in bytes.
const OUTCOME_LIMIT: usize = 64_000;

#[derive(Debug, Clone)]
pub struct Cell {
    pub scenario: Scenario,
    pub place: Place,
    pub forgery: Forged,
    pub lasting: Lasting,
}

/// How long the service answers so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    Once,
    ForEver,
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, place, forgery, lasting } = self;
        write!(formatter, "{scenario:?} / {} {} / {} / {lasting:?}", place.operation, place.passed + 1, forgery.what)
    }
}

impl Cell {
    /// How it ended, or which law does not hold.
    pub async fn check(self) -> Result<String, String> {
        let mut setup = Setup::start().await;
        self.scenario.prepare(&setup).await;
        let between = setup.put_between().await;
        let Forged { what: _, answer, effect } = self.forgery;
        let times = match self.lasting {
            Lasting::Once => Some(1),
            Lasting::ForEver => None,
        };
        let operation = self.place.operation.to_owned();
        between.forge(Some(Forgery { operation, after: self.place.passed, times, effect, answer }));
        let request = self.scenario.request();
        let ended = setup.provision(&request).await;
        let end = judged(&setup, &ended).await?;
        between.forge(None);
        // Without faults the same event comes to the same end, whatever was answered before.
        let again = setup.provision(&request).await;
        if !(self.scenario == Scenario::Failed && end == "Provisioned") {
            self.scenario.is_true(&setup, &again).await.map_err(|what| format!("{end}, and the rerun: {what}"))?;
        }
        Ok(end)
    }
}

async fn judged(setup: &Setup, ended: &Result<Provisioned, StepError>) -> Result<String, String> {
    match ended {
        Ok(done) => {
            told_truly(setup, done).await?;
            let length = format!("{done:?}").len();
            if length > OUTCOME_LIMIT {
                Err(format!("an outcome of {length} bytes"))
            } else {
                Ok("Provisioned".to_owned())
            }
        }
        Err(error) => {
            let cause = error.cause();
            let told = serde_json::to_string(&cause).map_err(|fault| fault.to_string())?;
            let length = serde_json::Value::from(told.as_str()).to_string().len();
            if length > CAUSE_LIMIT {
                return Err(format!("a cause of {length} bytes"));
            }
            if let Some(secret) =
                SECRETS.into_iter().chain(["<html", "media-secret"]).find(|secret| told.contains(secret))
            {
                return Err(format!("{secret} is in {told}"));
            }
            if cause.message.is_empty()
                || !cause.remedy.ends_with('.')
                || !StepError::NAMES.contains(&cause.error.as_str())
            {
                return Err(format!("nobody can act on {told}"));
            }
            Ok(cause.error)
        }
    }
}
