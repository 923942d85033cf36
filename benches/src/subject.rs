//! The programs under measurement: our functions, and what they are compared with.

use std::path::PathBuf;

use serde_json::Value;
use simulators::Control;

use crate::error::Error;
use crate::places;
use crate::runtime_api::Event;
use crate::scenario::Scenario;
use crate::setup::Trust;

const BUILD: &str = "run `make build`";
const PROFILE: &str = "run `make profile`";
const PEERS: &str = "run `make bench`, which builds the programs for comparison";

/// A program with the event that it is measured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One of our functions, the very file that is deployed.
    Function(Scenario),
    /// The same, built with symbols for a profile.
    WithSymbols(Scenario),
    /// What it is compared with.
    Peer(Peer),
}

/// What the functions are compared with; all but the first make the one call of `poll-status`, for the same event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A hello-world on `lambda_runtime`: nothing on it can be faster.
    Hello,
    /// `poll-status` as the SDK's first page shows it.
    Naive,
    /// boto3 on awslambdaric.
    Python,
    /// The SDK for JavaScript, bundled.
    Node,
}

/// How to start a program.
#[derive(Debug, Clone)]
pub struct Command {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What Lambda unpacks the zip into: `LAMBDA_TASK_ROOT`, and the working directory.
    pub task_root: PathBuf,
    /// `_HANDLER`.
    pub handler: &'static str,
}

impl Subject {
    /// Its name in tables and in the baseline: `poll-status`, or `create-dataset-group adopts` where a function has
    /// several scenarios.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Function(scenario) | Self::WithSymbols(scenario) => {
                format!("{} {}", scenario.function(), scenario.title())
            }
            Self::Peer(peer) => peer.name().to_owned(),
        }
    }

    /// Name of the function, or of the peer, for `AWS_LAMBDA_FUNCTION_NAME`.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        match self {
            Self::Function(scenario) | Self::WithSymbols(scenario) => scenario.function(),
            Self::Peer(peer) => peer.name(),
        }
    }

    /// The calls that its event makes.
    #[must_use]
    pub const fn calls(&self) -> &'static [&'static str] {
        match self {
            Self::Function(scenario) | Self::WithSymbols(scenario) => scenario.calls(),
            Self::Peer(Peer::Hello) => &[],
            Self::Peer(Peer::Naive | Peer::Python | Peer::Node) => Scenario::Poll.calls(),
        }
    }

    /// The connections that its first event opens.
    #[must_use]
    pub const fn connections(&self) -> u64 {
        match self {
            Self::Function(scenario) | Self::WithSymbols(scenario) => scenario.connections(),
            Self::Peer(Peer::Hello) => 0,
            Self::Peer(Peer::Naive | Peer::Python | Peer::Node) => Scenario::Poll.connections(),
        }
    }

    /// Whom it trusts while it only starts: exactly as on AWS.
    #[must_use]
    pub const fn trust_at_start(&self) -> Trust {
        match self {
            Self::Function(_) | Self::WithSymbols(_) => Trust::CompiledIn,
            Self::Peer(_) => Trust::System,
        }
    }

    /// Whom it trusts when it makes calls: as many as on AWS, and the root of the measurement.
    #[must_use]
    pub const fn trust(&self) -> Trust {
        match self {
            Self::Function(_) | Self::WithSymbols(_) => Trust::Amazon,
            Self::Peer(_) => Trust::System,
        }
    }

    /// Prepares what its event needs.
    ///
    /// # Errors
    /// When the simulators refuse.
    pub async fn prepare(&self, control: &Control) -> Result<(), Error> {
        self.scenario().prepare(control).await
    }

    /// Its event.
    #[must_use]
    pub fn event(&self) -> Event {
        self.scenario().event()
    }

    /// What is wrong with its answer; `None` when it is the right one.
    #[must_use]
    pub fn fault(&self, answer: &[u8]) -> Option<String> {
        let (pointer, expected) = match self {
            Self::Function(scenario) | Self::WithSymbols(scenario) => return scenario.fault(answer),
            Self::Peer(Peer::Hello) => ("/message", "hello"),
            Self::Peer(Peer::Naive | Peer::Python | Peer::Node) => ("/status", "ACTIVE"),
        };
        let document: Value = serde_json::from_slice(answer).unwrap_or_default();
        (document.pointer(pointer).and_then(Value::as_str) != Some(expected))
            .then(|| format!("it returned {}", String::from_utf8_lossy(answer)))
    }

    /// How to start it.
    ///
    /// # Errors
    /// When it is not built, or its tools are not installed.
    pub fn command(&self) -> Result<Command, Error> {
        match self {
            Self::Function(scenario) => bootstrap(&format!("target/lambda/{}", scenario.function()), BUILD),
            Self::WithSymbols(scenario) => {
                bootstrap(&format!("target/profile/lambda/{}", scenario.function()), PROFILE)
            }
            Self::Peer(Peer::Hello) => bootstrap("target/peers/lambda/hello", PEERS),
            Self::Peer(Peer::Naive) => bootstrap("target/peers/lambda/naive", PEERS),
            Self::Peer(Peer::Python) => Ok(Command {
                program: places::existing("target/tools/bench/bin/python", PEERS)?,
                arguments: ["-m", "awslambdaric", "app.handler"].map(str::to_owned).to_vec(),
                task_root: places::existing("target/peers/python", PEERS)?,
                handler: "app.handler",
            }),
            Self::Peer(Peer::Node) => {
                let task_root = places::existing("target/peers/node", PEERS)?;
                Ok(Command {
                    program: places::node(PEERS)?,
                    arguments: vec!["bootstrap.js".to_owned()],
                    task_root,
                    handler: "index.handler",
                })
            }
        }
    }

    const fn scenario(&self) -> Scenario {
        match self {
            Self::Function(scenario) | Self::WithSymbols(scenario) => *scenario,
            Self::Peer(_) => Scenario::Poll,
        }
    }
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hello, Self::Naive, Self::Python, Self::Node];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Naive => "naive",
            Self::Python => "python",
            Self::Node => "node",
        }
    }
}

fn bootstrap(folder: &str, remedy: &'static str) -> Result<Command, Error> {
    let program = places::existing(&format!("{folder}/bootstrap"), remedy)?;
    let task_root = places::root()?.join(folder);
    Ok(Command { program, arguments: Vec::new(), task_root, handler: "bootstrap" })
}
