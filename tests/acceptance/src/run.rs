//! A run: the promises and questions in their order, and what they share.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};

use crate::arguments::Part;
use crate::aws::{Aws, Failure};
use crate::clean;
use crate::execution::{self, Ended};
use crate::journal::{Journal, Resource};
use crate::pace::{Pace, VISIBLE};
use crate::profile::Profile;
use crate::progress::Progress;
use crate::questions::{groups, members, profiles};
use crate::row::{Question, Row};
use crate::stack::{Machine, Stack};
use crate::target::Target;
use crate::trouble::{Trouble, broken};
use crate::{profile, promises, roles, telemetry};

/// What all promises and questions share.
#[derive(Debug)]
pub struct Run {
    pub aws: Aws,
    pub stack: Stack,
    pub target: Target,
    pub journal: Journal,
    pub progress: Progress,
    pub pace: Pace,
    /// Part of every name.
    pub id: String,
    pub root: PathBuf,
    pub rows: Vec<Row>,
    pub began: Instant,
    pub since: i64,
}

impl Run {
    /// Keeps every promise and asks every question of these parts.
    pub async fn all(&mut self, parts: &[Part]) {
        let asked = |part: Part| parts.is_empty() || parts.contains(&part);
        if asked(Part::Roles) {
            roles::check(self).await;
        }
        let ready = if asked(Part::Profile) || asked(Part::Requests) || asked(Part::Members) {
            profiles::prepare(self).await
        } else {
            Err(Trouble::NotAsked("no part needs the profile".to_owned()))
        };
        if asked(Part::Profile) {
            profiles::ask(self, &ready).await;
        }
        if asked(Part::Members) {
            members::ask(self, &ready).await;
        }
        if asked(Part::Groups) {
            groups::ask(self).await;
        }
        if asked(Part::Requests) {
            let provisioned = promises::keep(self).await;
            telemetry::check(self, provisioned).await;
        }
    }

    pub fn promise(&mut self, about: &str, outcome: Result<String, Trouble>) {
        self.add(Row::promise(about, outcome));
    }

    pub fn question(&mut self, question: Question, answer: Result<String, Trouble>) {
        self.add(Row::question(question, answer));
    }

    fn add(&mut self, row: Row) {
        self.progress.note(&format!("{:10} {}: {}", row.verdict.text(), row.about, row.answer));
        self.rows.push(row);
    }

    /// The name of a dataset group of this run.
    pub fn name(&self, what: &str) -> String {
        format!("acceptance-{}-{what}", self.id)
    }

    /// What the input of an execution of this run has, and no log line may have.
    pub fn marker(&self, what: &str) -> String {
        format!("marker-{}-{what}", self.id)
    }

    /// A request for the dataset group of that name.
    pub fn request(&self, name: &str, marker: &str) -> Value {
        let tags = self.stack.items("RequiredTagKeys");
        self.target.request(&self.name(name), &tags, &self.marker(marker))
    }

    /// Writes down what the next call creates.
    pub fn intend(&mut self, resource: Resource) -> Result<u64, Trouble> {
        self.journal.intend(resource).map_err(|error| broken(format!("the journal cannot be written: {error}")))
    }

    /// The answer of the call that creates what was written down. After a refusal there is nothing to remove; without an
    /// answer nobody knows.
    pub fn made<T>(&mut self, number: u64, answer: Result<T, Failure>) -> Result<T, Trouble> {
        match &answer {
            Ok(_) => self.confirm(number)?,
            Err(failure) if failure.code.is_some() => self.forget(number)?,
            Err(_) => {}
        }
        Ok(answer?)
    }

    pub fn confirm(&mut self, number: u64) -> Result<(), Trouble> {
        self.journal.confirm(number).map_err(|error| broken(format!("the journal cannot be written: {error}")))
    }

    pub fn forget(&mut self, number: u64) -> Result<(), Trouble> {
        self.journal.remove(number).map_err(|error| broken(format!("the journal cannot be written: {error}")))
    }

    /// Writes down the dataset group of a name, and returns its ARN.
    pub fn intend_group(&mut self, name: &str) -> Result<(u64, String), Trouble> {
        let arn = self.stack.dataset_group_arn(&self.name(name));
        Ok((self.intend(Resource::DatasetGroup { arn: arn.clone() })?, arn))
    }

    /// Starts an execution with a request, and waits for its end.
    pub async fn start(&mut self, machine: &Machine, marker: &str, request: &Value) -> Result<Ended, Trouble> {
        let (number, input) = (self.intend_execution(machine, marker)?, request.to_string());
        let name = self.name(marker);
        let arguments = ["--state-machine-arn", machine.arn.as_str(), "--name", &name, "--input", &input];
        let started = self.aws.call("stepfunctions", "start-execution", &arguments).await;
        let started = self.made(number, started)?;
        self.ended(number, &crate::stack::text(&started["executionArn"]), marker).await
    }

    /// Puts a request on the bus as an event, and waits for the end of the execution that it starts. Also returns the id
    /// of the event.
    pub async fn send(&mut self, machine: &Machine, marker: &str, request: &Value) -> Result<(Ended, String), Trouble> {
        let number = self.intend_execution(machine, marker)?;
        let entries = json!([{
            "EventBusName": self.stack.outputs["EventBusName"], "Source": machine.source,
            "DetailType": machine.detail_type, "Detail": request.to_string()
        }]);
        let put = self.aws.call("events", "put-events", &["--entries", &entries.to_string()]).await;
        if put.as_ref().is_err_and(|failure| failure.code.is_some()) {
            self.forget(number)?;
        }
        let put = put?;
        let Some(event) = put["Entries"][0]["EventId"].as_str().filter(|_| put["FailedEntryCount"] == 0) else {
            return Err(broken("EventBridge did not take the event"));
        };
        let marker_text = self.marker(marker);
        let (deadline, mut seen) = (self.pace.deadline(VISIBLE), std::collections::BTreeSet::new());
        loop {
            self.progress.say("waiting for the execution that the event starts");
            let found = execution::find(&self.aws, &machine.arn, &marker_text, self.since, &mut seen).await?;
            if let Some(arn) = found {
                self.confirm(number)?;
                return Ok((self.ended(number, &arn, marker).await?, event.to_owned()));
            }
            if Instant::now() > deadline {
                return Err(broken("the event started no execution within a minute"));
            }
            self.pace.pause().await;
        }
    }

    fn intend_execution(&mut self, machine: &Machine, marker: &str) -> Result<u64, Trouble> {
        let (machine, marker) = (machine.arn.clone(), self.marker(marker));
        self.intend(Resource::Execution { machine, marker, since: self.since })
    }

    async fn ended(&mut self, number: u64, arn: &str, what: &str) -> Result<Ended, Trouble> {
        let ended = execution::ended(&self.aws, arn, self.pace, &mut self.progress, what).await?;
        self.forget(number)?;
        Ok(ended)
    }

    /// The group of a name as it is now.
    pub async fn group(&self, name: &str) -> Result<Option<Value>, Trouble> {
        Ok(clean::describe(&self.aws, &self.stack.dataset_group_arn(&self.name(name))).await?)
    }

    /// The tags of the group of a name.
    pub async fn tags(&self, name: &str) -> Result<Value, Trouble> {
        let arn = self.stack.dataset_group_arn(&self.name(name));
        Ok(self.aws.call("personalize", "list-tags-for-resource", &["--resource-arn", &arn]).await?)
    }

    /// The profile of the principal as it is now.
    pub async fn profile(&self) -> Result<Option<Profile>, Trouble> {
        Ok(profile::find(&self.aws, &self.target.domain, &self.target.principal).await?)
    }

    /// Deletes a group of this run, if it is there, and waits until it is gone.
    pub async fn delete_group(&mut self, number: u64, arn: &str) -> Result<(), Trouble> {
        clean::delete_group(&self.aws, arn, self.pace, &mut self.progress).await?;
        self.forget(number)
    }
}

/// `12 s`.
pub fn seconds(seconds: f64) -> String {
    format!("{seconds:.0} s")
}
