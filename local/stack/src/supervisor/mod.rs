//! The process that owns the engine, so that no engine outlives whoever asked for it.
//!
//! It sets up what the order on its stdin says, and tears it down when that pipe closes, which happens however the
//! other end dies; on a signal; and when the engine ends. Every process that it started, or that those started, is
//! its child or becomes it (it is a "child subreaper"), so it knows what to kill. Should it be killed itself, the
//! kernel kills the engine, and Lambda functions end when the engine's runtime API is gone.

mod artifacts;
mod bound;
mod deployment;
mod descendants;
mod engine;
mod http;
mod linux;
mod watch;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use nix::unistd::setsid;

pub use bound::{Socket, become_bound};

use crate::folder::Folder;
use crate::protocol::{Order, Report};
use engine::Engine;
use watch::{End, Watch};

/// Why the supervisor ends.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Ended(#[from] End),
    #[error("the order cannot be read: {0}")]
    Order(#[source] io::Error),
    #[error("cannot become a supervisor: {0}")]
    Process(#[from] nix::Error),
    #[error("the folder of the stack: {0}")]
    Folder(#[source] io::Error),
    #[error("{what} cannot be started: {source}")]
    Start { what: String, source: io::Error },
    #[error("the engine ended ({status}); the end of its log:\n{log}")]
    EngineEnded { status: String, log: String },
    #[error("the engine does not answer ({error}); the end of its log:\n{log}")]
    EngineSilent { error: io::Error, log: String },
    #[error("the engine does not feel well: {0}")]
    EngineRefuses(String),
    #[error("{what} failed ({status}); the end of its output:\n{log}")]
    Deployment { what: String, status: String, log: String },
    #[error("{} is missing: run `make build`", .0.display())]
    NoTemplate(PathBuf),
    #[error("the lock of the build: {0}")]
    Lock(#[source] io::Error),
    #[error("the outputs of the stack cannot be read: {0}")]
    Outputs(String),
    #[error("the report cannot be written: {0}")]
    Report(#[source] io::Error),
}

/// Runs the supervisor until the stack is not wanted any more.
#[must_use]
pub fn run() -> ExitCode {
    let trouble = match supervise() {
        Ok(never) => match never {},
        Err(trouble) => trouble,
    };
    match trouble {
        Trouble::Ended(End::Unwanted | End::Signal(_)) => ExitCode::SUCCESS,
        Trouble::Order(_)
        | Trouble::Process(_)
        | Trouble::Folder(_)
        | Trouble::Start { .. }
        | Trouble::EngineEnded { .. }
        | Trouble::EngineSilent { .. }
        | Trouble::EngineRefuses(_)
        | Trouble::Deployment { .. }
        | Trouble::NoTemplate(_)
        | Trouble::Lock(_)
        | Trouble::Outputs(_)
        | Trouble::Report(_) => {
            // Nobody may be left to read it, and nothing is left to do about that.
            let _ = report(&Report::Failed(trouble.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn supervise() -> Result<std::convert::Infallible, Trouble> {
    // A Ctrl-C in the terminal is for the program that the user sees; it decides, and the pipe tells.
    setsid()?;
    linux::adopt_descendants()?;
    let order = read_order()?;
    let watch = Watch::start()?;
    let folder = Folder::create(&order.stacks).map_err(Trouble::Folder)?;
    let trouble = match set_up_and_wait(&order, &folder, &watch) {
        Ok(never) => match never {},
        Err(trouble) => trouble,
    };
    descendants::kill_all();
    folder.remove(order.keep).map_err(Trouble::Folder)?;
    Err(trouble)
}

fn set_up_and_wait(order: &Order, folder: &Folder, watch: &Watch) -> Result<std::convert::Infallible, Trouble> {
    let mut engine = Engine::start(order, folder)?;
    engine.await_answer(watch)?;
    report(&Report::EngineUp)?;
    let outputs = match &order.deployment {
        Some(deployment) => deployment::deploy(deployment, &mut engine, folder, watch)?,
        None => std::collections::BTreeMap::new(),
    };
    let (endpoint_url, path) = (engine.endpoint_url(), folder.path().to_owned());
    report(&Report::Ready { endpoint_url, folder: path, outputs })?;
    loop {
        engine.check()?;
        watch.pause()?;
    }
}

fn read_order() -> Result<Order, Trouble> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(Trouble::Order)?;
    serde_json::from_str(&line).map_err(|error| Trouble::Order(error.into()))
}

fn report(report: &Report) -> Result<(), Trouble> {
    let line = serde_json::to_string(report).map_err(|error| Trouble::Report(error.into()))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Trouble::Report)
}
