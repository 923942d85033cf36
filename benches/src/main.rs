//! `make bench`: benchmarks of the workflow and of comparable programs.

use std::process::{Command as Process, ExitCode};

use benches::authority::Keys;
use benches::instructions::Counted;
use benches::machine::Machine;
use benches::progress::Progress;
use benches::report::Report;
use benches::setup::Setup;
use benches::subject::Subject;
use benches::workflow::crowd::{self, Crowd};
use benches::{Error, callgrind, cold, instructions, picture, polling, promises, warm, workflow};
use clap::{Parser, Subcommand, ValueEnum};

/// Benchmarks the workflow against comparable programs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only these parts, and without writing docs/benchmarks.md
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Instructions of a cold start
    Instructions,
    /// Fresh processes: time, processor, memory, zips
    Fresh,
    /// Warm events
    Warm,
    /// Polling
    Polling,
    /// The whole workflow on the local engine
    Workflow,
    /// Many groups at once where the services throttle
    Throttling,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Count only the instructions of our functions, like the check of `make test`
    Counts {
        /// Fresh processes for each count
        #[arg(long, default_value_t = 1)]
        runs: u32,
        /// Only counts whose name contains this
        #[arg(default_value = "")]
        name: String,
    },
    /// Request many groups at once where the services allow few calls a second, on the local engine with real waits
    Throttling {
        /// Groups
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        groups: u32,
        /// Calls a second of each operation of Personalize
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        personalize: u32,
        /// Calls a second of each operation of DataZone
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        datazone: u32,
        /// The parameter `FunctionConcurrency`
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        concurrency: Option<u32>,
    },
    /// Profile a function by executed instructions; `make profile` builds it with symbols first
    Profile {
        /// Only counts whose name contains this
        #[arg(default_value = "")]
        name: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { only, command } = Arguments::parse();
    let done = match command {
        Some(Command::Counts { runs, name }) => counts(runs, &name).await,
        Some(Command::Throttling { groups, personalize, datazone, concurrency }) => {
            throttling(Crowd { groups, personalize, datazone, concurrency }).await
        }
        Some(Command::Profile { name }) => profile(&name).await,
        None => everything(&only).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("benches: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn everything(only: &[Part]) -> Result<(), Error> {
    let wanted = |part| only.is_empty() || only.contains(&part);
    // Whatever is missing is said before minutes are spent on the rest.
    let machine = Machine::look()?;
    let setup = Setup::start(Keys::Rsa).await?;
    let mut progress = Progress::new();
    let mut report = Report::default();
    let mut counted = None;
    if wanted(Part::Instructions) {
        const TITLE: &str = "Instructions of a cold start";
        progress.begin(TITLE, instructions::STEPS);
        let setup_with_p256 = Setup::start(Keys::P256).await?;
        let figures = instructions::measure(&setup, &setup_with_p256, |step| progress.at(step)).await?;
        report.add("instructions", TITLE, &figures, figures.tables(), figures.targets())?;
        progress.done(TITLE);
        counted = Some(figures);
    }
    if wanted(Part::Fresh) {
        const TITLE: &str = "Fresh processes";
        progress.begin(TITLE, cold::ROUNDS);
        let figures = cold::measure(&setup, |round| progress.at(round)).await?;
        report.add("freshProcesses", TITLE, &figures, figures.tables(), figures.targets())?;
        progress.done(TITLE);
        if let Some(counted) = &counted {
            report.draw(picture::cold_starts(counted, &figures)?);
        }
    }
    if wanted(Part::Warm) {
        const TITLE: &str = "Warm events";
        progress.begin(TITLE, warm::BLOCKS);
        let figures = warm::measure(&setup, |block| progress.at(block)).await?;
        report.add("warmEvents", TITLE, &figures, figures.tables(), figures.targets())?;
        progress.done(TITLE);
    }
    if wanted(Part::Polling) {
        const TITLE: &str = "Polling";
        let figures = polling::measure();
        report.add("polling", TITLE, &figures, figures.tables(), promises::of_polling(&figures))?;
        report.draw(figures.chart()?);
    }
    if wanted(Part::Workflow) {
        const TITLE: &str = "The whole workflow under load";
        progress.begin(TITLE, 0);
        let figures = workflow::measure(|what| progress.say(TITLE, what)).await.map_err(Box::new)?;
        report.add("workflow", TITLE, &figures, figures.tables(), promises::of_workflow(&figures))?;
        progress.done(TITLE);
    }
    if wanted(Part::Throttling) {
        const TITLE: &str = "Throttling";
        progress.begin(TITLE, 0);
        let figures = crowd::measure(|what| progress.say(TITLE, what)).await.map_err(Box::new)?;
        let targets = figures.deployed.iter().flat_map(promises::of_a_crowd).collect();
        report.add("throttling", TITLE, &figures, crowd::tables(&figures), targets)?;
        report.draw(crowd::chart()?);
        progress.done(TITLE);
    }
    drop(progress);
    println!("{}", report.text());
    let mut files = report.write_results(&machine)?;
    if only.is_empty() {
        files.extend(report.write_document(&machine)?);
    }
    for file in files {
        println!("{}", file.display());
    }
    Ok(())
}

async fn counts(runs: u32, name: &str) -> Result<(), Error> {
    let setup = Setup::start(Keys::Rsa).await?;
    for counted in Counted::functions().into_iter().filter(|counted| counted.name().contains(name)) {
        let count = counted.count(&setup, runs).await?;
        println!("{:<56} {:>8.3} M  spread {:.2} %", count.name, count.millions, count.spread * 100.0);
    }
    Ok(())
}

async fn throttling(crowd: Crowd) -> Result<(), Error> {
    let figures =
        crowd::Figures { virtual_time: vec![crowd.virtually(1)], deployed: vec![crowd.run().await.map_err(Box::new)?] };
    let mut report = Report::default();
    report.add("throttling", "Throttling", &figures, crowd::tables(&figures), Vec::new())?;
    println!("{}", report.text());
    Ok(())
}

async fn profile(name: &str) -> Result<(), Error> {
    callgrind::version()?;
    let setup = Setup::start(Keys::Rsa).await?;
    for counted in Counted::functions().into_iter().filter(|counted| counted.name().contains(name)) {
        let subject = match counted.subject {
            Subject::Function(scenario) | Subject::WithSymbols(scenario) => Subject::WithSymbols(scenario),
            Subject::Peer(peer) => Subject::Peer(peer),
        };
        let count = Counted { subject, ..counted }.count(&setup, 1).await?;
        println!("\n{}: {:.3} M instructions, profile in {}", count.name, count.millions, count.profile.display());
        let annotated = Process::new("callgrind_annotate").arg("--auto=no").arg(&count.profile).output();
        let annotated = annotated.map_err(|_| Error::NoValgrind)?;
        let text = String::from_utf8_lossy(&annotated.stdout);
        // Below the heading of the second table, the functions with the most instructions first.
        for line in text.lines().skip_while(|line| !line.contains("file:function")).skip(2).take(40) {
            println!("{}", short(line));
        }
    }
    Ok(())
}

/// A line of `callgrind_annotate` without the folder of the registry and the name of the binary.
fn short(line: &str) -> String {
    let line = line.split(" [").next().unwrap_or(line);
    let Some((figures, rest)) = line.split_once(")  ") else { return line.to_owned() };
    let source = rest.split_once("/registry/src/").and_then(|(_, source)| source.split_once('/'));
    format!("{figures})  {}", source.map_or(rest, |(_, source)| source))
}
