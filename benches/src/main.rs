//! `make bench`: benchmarks of the workflow and of comparable programs.

mod chart;
mod fresh;
mod instructions;
mod machine;
mod polling;
mod report;
mod statistics;
mod throttling;
mod warm;
mod zips;

use std::process::{Command as Process, ExitCode};

use benches::callgrind::Counted;
use benches::setup::Setup;
use benches::{Error, callgrind};
use clap::{Parser, Subcommand, ValueEnum};
use local_stack::Progress;
use machine::Machine;
use throttling::Crowd;

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
    /// Many groups at once where the services throttle
    Throttling,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Count only the instructions of our functions, like the check of `make test`
    Counts {
        /// Fresh processes for each count
        #[arg(long, default_value_t = 1)]
        runs: usize,
        /// Only counts whose name contains this
        #[arg(default_value = "")]
        name: String,
    },
    /// Request many groups at once where the services allow few calls a second, on the local engine with real waits
    Throttling(Crowd),
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
        Some(Command::Throttling(crowd)) => throttling::measure_one(crowd, &mut Progress::default())
            .await
            .map(|section| println!("{}", report::text(&[section]))),
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
    // Whatever is missing is reported before minutes are spent on the rest.
    let machine = Machine::look()?;
    let setup = Setup::start().await?;
    let mut progress = Progress::default();
    let (mut sections, mut bars) = (Vec::new(), Vec::new());
    for part in Part::value_variants().iter().filter(|part| only.is_empty() || only.contains(part)) {
        sections.push(match part {
            Part::Instructions => instructions::measure(&setup, &mut progress, &mut bars).await?,
            Part::Fresh => fresh::measure(&setup, &mut progress, &mut bars).await?,
            Part::Warm => warm::measure(&setup, &mut progress).await?,
            Part::Polling => polling::measure()?,
            Part::Throttling => throttling::measure(&mut progress).await?,
        });
    }
    drop(progress);
    println!("{}", report::text(&sections));
    let mut files = report::write_results(&sections, &machine)?;
    if only.is_empty() {
        files.extend(report::write_document(&sections, &machine)?);
    }
    for file in files {
        println!("{}", file.display());
    }
    Ok(())
}

async fn counts(runs: usize, name: &str) -> Result<(), Error> {
    let setup = Setup::start().await?;
    for counted in Counted::functions().into_iter().filter(|counted| counted.name().contains(name)) {
        let count = counted.count(&setup, runs).await?;
        println!("{:<56} {:>8.3} M  spread {:.2} %", count.name, count.millions, count.spread * 100.0);
    }
    Ok(())
}

async fn profile(name: &str) -> Result<(), Error> {
    callgrind::version()?;
    let mut setup = Setup::start().await?;
    setup.functions = "target/profile/lambda";
    for counted in Counted::functions().into_iter().filter(|counted| counted.name().contains(name)) {
        let count = counted.count(&setup, 1).await?;
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
