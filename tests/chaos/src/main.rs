//! Breaks the workflow on purpose, and judges what comes of it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use chaos::{History, Plan, Report, Verdict, judge, storm};
use clap::Parser;
use local_stack::{Options, Progress};

/// Some invariant did not hold.
const VIOLATED: u8 = 1;
/// The engine failed executions, so that nothing is proven.
const UNPROVEN: u8 = 3;

/// Sends a storm of events to the deployed workflow while its services fail in every way, and judges what comes of it.
///
/// Ends with 0 when every invariant held, 1 when one did not, and 3 when the local engine failed executions.
#[derive(Parser)]
struct Arguments {
    /// What the plan is drawn from; the same seed gives the same plan. Drawn from the clock when absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Events of the storm.
    #[arg(long, default_value_t = 500)]
    executions: usize,
    /// All events at once, each for a name of its own, and nothing goes wrong.
    #[arg(long, conflicts_with = "seed")]
    without_faults: bool,
    /// Judges the history of an earlier storm again, target/chaos/history.json.
    #[arg(long, conflicts_with_all = ["seed", "executions", "without_faults"])]
    judge: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let history = match &arguments.judge {
        Some(path) => read(path),
        None => storm_of(&arguments).await,
    };
    let history = match history {
        Ok(history) => history,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let report = Report::of(&history, judge(&history), began.elapsed());
    println!("{report}");
    if arguments.judge.is_none() {
        match report.write(&history) {
            Ok(path) => eprintln!("{}", path.display()),
            Err(error) => {
                eprintln!("error: the report cannot be written to target/chaos: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    code(&report.verdict)
}

async fn storm_of(arguments: &Arguments) -> Result<History, Box<dyn std::error::Error>> {
    let Arguments { seed, executions, without_faults, judge: _ } = *arguments;
    let plan = if without_faults {
        Plan::without_faults(executions)
    } else {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let seed = seed.unwrap_or(now);
        eprintln!("chaos --seed {seed} --executions {executions}");
        Plan::draw(seed, executions)
    };
    Ok(storm::run(plan, Options::default(), &mut Progress::default()).await?)
}

fn read(path: &PathBuf) -> Result<History, Box<dyn std::error::Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn code(verdict: &Verdict) -> ExitCode {
    if !verdict.violations.is_empty() {
        ExitCode::from(VIOLATED)
    } else if verdict.engine_failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(UNPROVEN)
    }
}
