//! Plays Amazon Personalize and Amazon `DataZone` on this machine until it is told to stop.

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use simulators::{Control, Lifecycle, Registration, Scenario, Settings, Simulators};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Plays Amazon Personalize and Amazon DataZone on 127.0.0.1.
///
/// Prints one line of JSON with the three addresses when it listens: {"personalize":"http://...","datazone":...,
/// "control":...}. GET the control address for how to give orders. Stops on SIGINT and SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "simulators", version)]
struct Options {
    /// Port of Personalize; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    personalize_port: u16,
    /// Port of DataZone; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    datazone_port: u16,
    /// Port of the control endpoint; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// Region in ARNs.
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Account in ARNs.
    #[arg(long, default_value = "000000000000", value_parser = account)]
    account: String,
    /// Partition in ARNs.
    #[arg(long, default_value = "aws")]
    partition: String,
    /// How long a dataset group takes to become ACTIVE, such as 25s or 2m.
    #[arg(long, default_value = "25s", value_parser = humantime::parse_duration)]
    time_to_active: Duration,
    /// How long a dataset group takes to be gone, such as 10s.
    #[arg(long, default_value = "10s", value_parser = humantime::parse_duration)]
    time_to_delete: Duration,
    /// Move dataset groups on by each description that is asked for, instead of by the clock.
    #[arg(long)]
    scripted: bool,
    /// Whether domains, groups and roles have to be registered; if not, every well-formed one exists.
    #[arg(long, value_enum, default_value_t = RegistrationName::Optional)]
    registration: RegistrationName,
    /// File with a scenario to begin with; see the README.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Most dataset groups that may be active at once.
    #[arg(long, default_value_t = 500)]
    quota: usize,
    /// Also stop when standard input closes, so as never to outlive the program that started this one.
    #[arg(long)]
    until_stdin_closes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RegistrationName {
    Optional,
    Required,
}

fn account(text: &str) -> Result<String, String> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then(|| text.to_owned()).ok_or_else(|| "an account has 12 digits".to_owned())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is the only place left to say it.
            let _ = writeln!(io::stderr(), "simulators: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let scenario = options.scenario.as_deref().map(std::fs::read).transpose()?;
    let scenario = scenario.map(|bytes| serde_json::from_slice::<Scenario>(&bytes)).transpose()?;
    let until_stdin_closes = options.until_stdin_closes;
    // Asked for before the addresses are printed: who reads them may send a signal at once.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let simulators = Simulators::start(settings(options)).await?;
    if let Some(scenario) = scenario {
        Control::new(simulators.control_url()).load_scenario(&scenario).await?;
    }
    writeln!(io::stdout(), "{}", serde_json::to_string(simulators.urls())?)?;
    io::stdout().flush()?;

    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = stdin_closed(), if until_stdin_closes => {}
    }
    simulators.stop().await;
    Ok(())
}

fn settings(options: Options) -> Settings {
    let lifecycle = if options.scripted {
        Lifecycle::Scripted
    } else {
        Lifecycle::Clock {
            time_to_active: options.time_to_active,
            spread: Duration::ZERO,
            time_to_delete: options.time_to_delete,
        }
    };
    let registration = match options.registration {
        RegistrationName::Optional => Registration::Optional,
        RegistrationName::Required => Registration::Required,
    };
    Settings {
        region: options.region,
        account: options.account,
        partition: options.partition,
        lifecycle,
        registration,
        dataset_group_quota: options.quota,
        personalize_port: options.personalize_port,
        datazone_port: options.datazone_port,
        control_port: options.control_port,
    }
}

/// Ends when standard input does. A thread of its own: tokio's blocking pool would hold up the end of the program.
async fn stdin_closed() {
    let (sender, receiver) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        let mut input = io::stdin().lock();
        while matches!(input.read(&mut buffer), Ok(1..)) {}
        drop(sender);
    });
    // The sender is only ever dropped.
    let _ = receiver.await;
}
