//! A thread with a runtime of its own that holds the simulators and the pipe to the supervisor. Each `#[tokio::test]`
//! has its own runtime, and a stack that several of them share must not end with the first.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;

use simulators::{Settings, Simulators};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::options::{Options, Stage};
use crate::places;
use crate::protocol::{Deployment, Order, Report};

/// What is known about a stack once it is up.
#[derive(Debug)]
pub struct Facts {
    pub endpoint_url: String,
    pub personalize_url: String,
    pub datazone_url: String,
    pub control_url: String,
    pub folder: PathBuf,
    pub outputs: std::collections::BTreeMap<String, String>,
}

/// The handle of the thread. Dropping it ends the stack, and waits until it is gone.
#[derive(Debug)]
pub struct Keeper {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<Result<(), Error>>>,
}

impl Keeper {
    /// Starts everything. Until it is up, dropping the future gives up and tears everything down.
    pub async fn start(options: Options) -> Result<(Self, Facts), Error> {
        let program = places::program()?;
        let python = places::engine_python()?;
        let deployment = if options.deploy { Some(deployment(&options)?) } else { None };
        let order =
            Order { stacks: places::stacks()?, python, wait_scale: options.wait_scale, keep: options.keep, deployment };
        let (ready, facts) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("local-stack".to_owned())
            .spawn(move || {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(Error::Supervisor)?
                    .block_on(keep(program, order, options, ready, stopped))
            })
            .map_err(Error::Supervisor)?;
        let mut keeper = Self { stop: Some(stop), thread: Some(thread) };
        match facts.await {
            Ok(facts) => Ok((keeper, facts)),
            // The thread ended before the stack was up, and has the reason.
            Err(_) => Err(match keeper.end() {
                Err(error) => error,
                Ok(()) => Error::Ended("no reason was given".to_owned()),
            }),
        }
    }

    /// Ends the stack and waits until nothing of it is left.
    pub fn end(&mut self) -> Result<(), Error> {
        if let Some(stop) = self.stop.take() {
            // A thread that has ended by itself does not listen.
            let _ = stop.send(());
        }
        match self.thread.take().map(thread::JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(Error::Ended("its thread panicked".to_owned())),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Whoever wants to know calls `stop`.
        let _ = self.end();
    }
}

fn deployment(options: &Options) -> Result<Deployment, Error> {
    let (root, built) = match &options.archive {
        Some(archive) => (archive.clone(), None),
        None => (places::root()?, Some(places::built()?)),
    };
    Ok(Deployment { root, tools: places::aws_tools()?, built, parameters: options.parameters.clone() })
}

async fn keep(
    program: PathBuf,
    mut order: Order,
    options: Options,
    ready: oneshot::Sender<Facts>,
    mut stopped: oneshot::Receiver<()>,
) -> Result<(), Error> {
    let settings = Settings { lifecycle: options.lifecycle, registration: options.registration, ..Settings::default() };
    let simulators = Simulators::start(settings).await.map_err(Error::Simulators)?;
    if let Some(deployment) = &mut order.deployment {
        let personalize = ("PersonalizeEndpointUrl".to_owned(), simulators.personalize_url().to_owned());
        let datazone = ("DataZoneEndpointUrl".to_owned(), simulators.datazone_url().to_owned());
        deployment.parameters.extend([personalize, datazone]);
    }
    let mut supervisor = Supervisor::start(program, &order).await.map_err(Error::Supervisor)?;
    let tell = |stage| {
        if let Some(progress) = &options.progress {
            // Nobody has to listen.
            let _ = progress.send(stage);
        }
    };
    tell(Stage::StartingEngine);
    let mut ready = Some(ready);
    loop {
        let report = tokio::select! {
            report = supervisor.next() => report?,
            // Also when the handle is dropped.
            _ = &mut stopped => break,
        };
        match report {
            Report::EngineUp if order.deployment.is_some() => tell(Stage::Deploying),
            Report::EngineUp => {}
            Report::Failed(why) => return Err(Error::Failed(why)),
            Report::Ready { endpoint_url, folder, outputs } => {
                let facts = Facts {
                    endpoint_url,
                    personalize_url: simulators.personalize_url().to_owned(),
                    datazone_url: simulators.datazone_url().to_owned(),
                    control_url: simulators.control_url().to_owned(),
                    folder,
                    outputs,
                };
                tell(Stage::Ready);
                // When nobody waits for them any more, `stopped` says so next.
                if let Some(ready) = ready.take() {
                    let _ = ready.send(facts);
                }
            }
        }
    }
    supervisor.end().await.map_err(Error::Supervisor)?;
    simulators.stop().await;
    Ok(())
}

/// The supervisor's process, seen from here.
struct Supervisor {
    process: Child,
    reports: Lines<BufReader<ChildStdout>>,
}

impl Supervisor {
    async fn start(program: PathBuf, order: &Order) -> io::Result<Self> {
        let mut process =
            Command::new(program).arg("supervise").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let line = serde_json::to_string(order)? + "\n";
        let (Some(stdin), Some(stdout)) = (process.stdin.as_mut(), process.stdout.take()) else {
            return Err(io::Error::other("no pipes"));
        };
        stdin.write_all(line.as_bytes()).await?;
        Ok(Self { process, reports: BufReader::new(stdout).lines() })
    }

    async fn next(&mut self) -> Result<Report, Error> {
        match self.reports.next_line().await.map_err(Error::Supervisor)? {
            Some(line) => serde_json::from_str(&line).map_err(|_| Error::Strange(line)),
            None => Err(Error::Ended(match self.process.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            })),
        }
    }

    /// Closes the pipe, which is the word to go, and waits until it is done.
    async fn end(mut self) -> io::Result<()> {
        drop(self.process.stdin.take());
        self.process.wait().await.map(drop)
    }
}
