//! Checks a deployed stack on AWS, and asks the services what AWS documents nowhere.

mod arguments;
mod aws;
mod clean;
mod execution;
mod journal;
mod outcome;
mod pace;
mod profile;
mod progress;
mod promises;
mod questions;
mod redact;
mod report;
mod retirements;
mod roles;
mod row;
mod run;
mod stack;
mod target;
mod telemetry;
mod trouble;

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use console::style;
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

use arguments::{Arguments, Needed};
use aws::Aws;
use clean::Left;
use journal::{Journal, Place};
use pace::Pace;
use progress::Progress;
use redact::Secrets;
use report::{Report, without_names};
use run::Run;
use stack::Stack;
use target::{Principal, Target};

/// Something was not as promised, or is left behind.
const FAILED: u8 = 1;
/// The run did not begin.
const REFUSED: u8 = 2;
/// Exit code of an interrupted program, as shells report it.
const INTERRUPTED: u8 = 130;
/// The CLI gives up a call after about this time. Then a killed run's last call has ended.
const LONGEST_CALL: Duration = Duration::from_mins(2);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if arguments.clean { clean_up(&arguments).await } else { accept(&arguments).await };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::from(REFUSED)
        }
    }
}

async fn accept(arguments: &Arguments) -> Result<u8, String> {
    let needed = arguments.needed()?;
    let (root, folder) = folder(arguments)?;
    let lock = locked(&folder, Duration::ZERO)?;
    let journal = Journal::open(&folder).map_err(|error| unreadable(&error))?;
    if !journal.entries().is_empty() {
        return Err("an earlier run left something behind: `make accept CLEAN=1` removes it".to_owned());
    }
    let mut run = prepared(arguments, needed, lock, root, journal).await?;
    if !arguments.yes && !agreed().map_err(|error| error.to_string())? {
        return Err("nothing was created".to_owned());
    }
    let interrupted = tokio::select! {
        () = run.all(&arguments.only) => false,
        () = interruption() => true,
    };
    run.aws.settled().await;
    if interrupted {
        run.progress.note("interrupted: removing what was created; interrupt again to leave it to CLEAN=1");
    }
    let left = tokio::select! {
        left = clean::clean(&run.aws, &mut run.journal, run.pace, &mut run.progress) => left,
        () = interruption() => return Ok(INTERRUPTED),
    };
    run.progress.end();
    let report = report_of(&run, interrupted, &left);
    println!("{}\n{}", report.table(), report.summary());
    tell_of(&left);
    report.write(&folder).map_err(|error| format!("the report cannot be written: {error}"))?;
    println!(
        "target/acceptance/report.md and report.json have no names of resources or people: attach them to an issue."
    );
    Ok(match (interrupted, report.succeeded()) {
        (true, _) => INTERRUPTED,
        (false, true) => 0,
        (false, false) => FAILED,
    })
}

/// Finds the stack and the domain, and says what was found and what will be created.
async fn prepared(
    arguments: &Arguments,
    needed: Needed,
    lock: File,
    root: PathBuf,
    mut journal: Journal,
) -> Result<Run, String> {
    let mut progress = Progress::new();
    progress.say("looking for the stack");
    let mut aws = Aws::new(needed.region, lock);
    let stack = Stack::find(&aws, &needed.stack).await?;
    if !stack.parameter("DataZoneRegion").is_empty() {
        stack.parameter("DataZoneRegion").clone_into(&mut aws.datazone_region);
    }
    let project = arguments.project.clone().filter(|project| !project.is_empty());
    let target = Target { domain: needed.domain, principal: Principal::parse(&needed.group), project };
    if let Some(refusal) = stack.refusal(&target) {
        return Err(refusal);
    }
    progress.say("looking for the domain");
    let principal = &target.principal;
    let known = ["--domain-identifier", &target.domain, "--group-type", principal.group_type(), "--max-items", "1"];
    if let Err(failure) = aws.call("datazone", "search-group-profiles", &known).await {
        let (domain, region) = (&target.domain, &aws.datazone_region);
        return Err(if failure.is_not_found() {
            format!("DataZone knows no domain {domain} in the Region {region}: check DOMAIN")
        } else {
            format!(
                "the domain {domain} in the Region {region} cannot be read ({}): {}",
                failure.action, failure.message
            )
        });
    }
    let place = Place {
        account: stack.account.clone(),
        region: aws.region.clone(),
        datazone_region: aws.datazone_region.clone(),
    };
    journal.begin(place);
    progress.end();
    println!("{}", introduction(&stack, &aws, &target));
    Ok(Run {
        aws,
        stack,
        target,
        journal,
        progress: Progress::new(),
        pace: Pace(arguments.pace),
        id: arguments.id.clone().unwrap_or_else(|| format!("{:08x}", fastrand::u32(..))),
        root,
        rows: Vec::new(),
        began: Instant::now(),
        since: Timestamp::now().as_second() - 5,
    })
}

fn introduction(stack: &Stack, aws: &Aws, target: &Target) -> String {
    let project = match &target.project {
        Some(project) => format!("a membership of it in the project {project}, removed again"),
        None => "no membership: PROJECT was not given".to_owned(),
    };
    format!(
        "account {}, Region {}, stack {}\n  state machine  {}\n  event bus      {}\n  domain         {} in {}\n\n\
         This run creates, with your credentials:\n  - three dataset groups, one at a time; their names begin with \
         acceptance-; they are deleted again\n  - a group profile for {}, if there is none; DataZone deletes no profiles, \
         so it is NOT_ASSIGNED afterwards, or as it was before\n  - {project}\n  - executions of the state machines; two or \
         three of them fail on purpose, with errors that raise no alarm",
        stack.account,
        stack.region,
        style(&stack.name).bold(),
        stack.provisioning().arn,
        stack.outputs["EventBusName"],
        target.domain,
        aws.datazone_region,
        target.principal.text(),
    )
}

fn agreed() -> io::Result<bool> {
    print!("\nGo on? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

async fn clean_up(arguments: &Arguments) -> Result<u8, String> {
    let (_, folder) = folder(arguments)?;
    let lock = locked(&folder, LONGEST_CALL)?;
    let mut journal = Journal::open(&folder).map_err(|error| unreadable(&error))?;
    let Some(place) = journal.place().cloned().filter(|_| !journal.entries().is_empty()) else {
        println!("nothing is left behind");
        return Ok(0);
    };
    let mut aws = Aws::new(place.region, lock);
    aws.datazone_region = place.datazone_region;
    let identity = aws.call("sts", "get-caller-identity", &[]).await;
    let identity = identity.map_err(|failure| format!("your credentials do not work: {}", failure.message))?;
    if identity["Account"] != place.account {
        return Err(format!(
            "the run that left something behind used the account {}; these credentials do not",
            place.account
        ));
    }
    let mut progress = Progress::new();
    let left = clean::clean(&aws, &mut journal, Pace(arguments.pace), &mut progress).await;
    progress.end();
    tell_of(&left);
    if left.is_empty() {
        println!("everything was removed");
        return Ok(0);
    }
    Ok(FAILED)
}

fn report_of(run: &Run, interrupted: bool, left: &[Left]) -> Report {
    let principal = match &run.target.principal {
        Principal::GroupId(_) => "the id of a group",
        Principal::GroupName(_) => "the name of a group",
        Principal::Role(_) => "a role",
    };
    let names = [run.target.domain.clone(), run.target.principal.text().to_owned(), run.stack.account.clone()];
    let names = names.into_iter().chain(run.target.project.clone()).chain([run.stack.name.clone(), run.id.clone()]);
    let report = Report {
        date: Timestamp::now().strftime("%F").to_string(),
        version: env!("CARGO_PKG_VERSION"),
        region: run.stack.region.clone(),
        custom_endpoint: telemetry::is_not_aws(),
        principal,
        seconds: run.began.elapsed().as_secs(),
        interrupted,
        rows: run.rows.clone(),
        left: without_names(left),
    };
    report.redacted(&Secrets::new(names))
}

fn tell_of(left: &[Left]) {
    for Left { kind, why, command } in left {
        println!("left behind: {kind} ({why}). This removes it:\n  {command}");
    }
}

/// The root of the project, and the folder of the journal and the report.
fn folder(arguments: &Arguments) -> Result<(PathBuf, PathBuf), String> {
    let root = project::root().map_err(|error| error.to_string())?;
    let folder = root.join(&arguments.folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok((root, folder))
}

/// Locks the folder. The last call of a killed run keeps the lock until it has ended.
fn locked(folder: &Path, patience: Duration) -> Result<File, String> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(200));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(format!("another run uses {}, or its last call has not ended", folder.display()));
            }
            Err(TryLockError::Error(error)) => return Err(format!("{}: {error}", path.display())),
        }
    }
}

fn unreadable(error: &io::Error) -> String {
    format!("target/acceptance/journal.json, which lists what earlier runs left behind, cannot be read: {error}")
}

/// Waits for Ctrl-C, or for the signal that `kill` and a closing `make` send.
async fn interruption() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
