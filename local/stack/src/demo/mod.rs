//! The demo: one event in, one governed dataset group out, on this machine; or the same group given back; or a manifest in, one
//! group for each row.

mod aws;
mod batch;
mod board;
mod error;
mod execution;
mod history;
mod invitation;
mod outcome;
mod report;
mod trigger;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use local_stack::{LocalStack, Options, Progress, Stage, Workflow};
use simulators::{Lifecycle, Registration};
use tokio::signal::unix::{SignalKind, signal};

use aws::Aws;
use error::Error;
use outcome::{Kind, Outcome};
use trigger::Trigger;

/// Real seconds for each second that the workflow waits, so that the demo is faster than AWS.
const PACE: f64 = 1.0 / 3.0;
/// Real time until a simulated dataset group is ACTIVE. At this pace it is 30 s for the workflow, which is in the range of
/// AWS and after the first poll.
const TIME_TO_ACTIVE: Duration = Duration::from_secs(10);
const TIME_TO_DELETE: Duration = Duration::from_secs(5);

const GONE: &str = "stopped: no process is left running";

/// Exit code when the workflow reports a failure.
const FAILED: u8 = 3;
/// Exit code of an interrupted program, as shells report it.
const INTERRUPTED: u8 = 130;

/// The arguments of the command line.
#[derive(Debug, Args)]
pub struct Arguments {
    /// An EventBridge event with `source`, `detail-type` and `detail`; without it, the one in `events/`. What a retirement
    /// retires is provisioned first.
    event: Option<PathBuf>,
    /// A manifest: the groups of all its rows, in the place of the one of an event.
    #[arg(long, conflicts_with = "event")]
    manifest: Option<PathBuf>,
    /// Leave the stack running after the outcome, until Ctrl-C.
    #[arg(long)]
    keep: bool,
}

/// Runs the demo. Exit codes: 0 provisioned, retired or planned, 3 the workflow reported a failure, 1 no outcome, 130 interrupted.
#[tokio::main]
pub async fn provision(arguments: &Arguments) -> ExitCode {
    // An interrupted `run` drops the stack, and the drop waits until all its processes have ended.
    let result = tokio::select! {
        result = run(arguments) => result,
        () = interrupted() => {
            eprintln!("\n{GONE}");
            return ExitCode::from(INTERRUPTED);
        }
    };
    let ended = match result {
        Ok((stack, kind)) => end(stack, kind, arguments.keep).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(Kind::Provisioned | Kind::Planned | Kind::Retired | Kind::RetirementPlanned) => ExitCode::SUCCESS,
        Ok(Kind::Failed | Kind::RetirementFailed) => ExitCode::from(FAILED),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(LocalStack, Kind), Error> {
    let mut progress = Progress::default();
    progress.note(&format!("Wait times are divided by {}.", 1.0 / PACE));
    if let Some(manifest) = &arguments.manifest {
        return batch::run(manifest, arguments.keep, &mut progress).await;
    }
    let trigger = Trigger::load(arguments.event.as_deref())?;
    let preparation = trigger.preparation();
    let retirement = preparation.as_ref().map(|_| ("Retirement", "true"));
    let (stack, workflow) = start(retirement.as_slice(), &mut progress).await?;

    let first = match &preparation {
        Some(preparation) => {
            progress
                .note("The group does not exist yet, so it is provisioned first, with its link and its memberships.");
            Some(play(preparation, None, &stack, &workflow, &mut progress).await?)
        }
        None => None,
    };
    let earlier = first.as_ref().and_then(|(outcome, _)| outcome.text("/executionArn"));
    let (outcome, report) = play(&trigger, earlier, &stack, &workflow, &mut progress).await?;
    progress.end();
    print!("{}{report}", first.map(|(_, report)| report).unwrap_or_default());
    if arguments.keep {
        let triggers: Vec<_> = preparation.iter().chain([&trigger]).collect();
        println!("\n{}", invitation::invitation(&stack, &triggers, &outcome));
    }
    Ok((stack, outcome.kind))
}

/// Sends an event, follows the execution that it starts, and returns its outcome with a report. `earlier`: the execution
/// that the stack has already.
async fn play(
    trigger: &Trigger,
    earlier: Option<&str>,
    stack: &LocalStack,
    workflow: &Workflow,
    progress: &mut Progress,
) -> Result<(Outcome, String), Error> {
    trigger.send(workflow).await?;
    progress.done(&format!("{} put on the bus {}", trigger.summary(), stack.outputs()["EventBusName"]));
    let execution = execution::find(workflow, &trigger.detail_type, earlier).await?;
    let history = execution::follow(workflow, &execution, PACE, progress).await?;

    progress.say("reading the outcome", "");
    let outcome = execution::outcome(workflow, &execution).await?;
    let (group, profile) = Aws(stack).describe(&outcome).await?;
    let report = report::report(&outcome, &history, &group, &profile);
    Ok((outcome, report))
}

/// Stops the stack. If it is to be kept, waits for an interruption first, which is then not a failure.
async fn end(stack: LocalStack, kind: Kind, keep: bool) -> Result<Kind, Error> {
    if keep {
        interrupted().await;
    }
    stack.stop().await?;
    if keep {
        println!("\n{GONE}");
    }
    Ok(kind)
}

/// Starts a stack with these parameters, and subscribes to its outcome events.
async fn start(parameters: &[(&str, &str)], progress: &mut Progress) -> Result<(LocalStack, Workflow), Error> {
    let stack = deployed(parameters, progress).await?;
    let workflow = Workflow::of(&stack);
    progress.say("subscribing to outcome events", "");
    workflow.subscribe().await?;
    progress.done("listening for outcome events");
    Ok((stack, workflow))
}

async fn deployed(parameters: &[(&str, &str)], progress: &mut Progress) -> Result<LocalStack, Error> {
    let (sender, mut stages) = tokio::sync::mpsc::unbounded_channel();
    let start = LocalStack::start(Options {
        lifecycle: Lifecycle::Clock {
            time_to_active: TIME_TO_ACTIVE,
            spread: Duration::ZERO,
            time_to_delete: TIME_TO_DELETE,
        },
        registration: Registration::Optional,
        wait_scale: PACE,
        parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        progress: Some(sender),
        ..Options::default()
    });
    tokio::pin!(start);
    loop {
        tokio::select! {
            stack = &mut start => {
                let stack = stack?;
                progress.done(&format!("template.yaml deployed to {}", stack.endpoint_url()));
                return Ok(stack);
            }
            Some(stage) = stages.recv() => match stage {
                Stage::StartingEngine | Stage::Deploying => progress.say(&stage.to_string(), ""),
                // `start` returns the stack next.
                Stage::Ready => {}
            },
        }
    }
}

/// Waits for Ctrl-C, or for the signal that `kill` and a closing `make` send.
async fn interrupted() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        // Without a handler for it, Ctrl-C ends the process, and the supervisor stops the stack.
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
