//! The programs under measurement: our functions, and what they are compared with.

use std::path::PathBuf;

use serde_json::Value;

use crate::error::Error;
use crate::places;
use crate::scenario::Scenario;
use crate::setup::Trust;

const BUILD: &str = "run `make build`, or `make profile` for a profile";
const PEERS: &str = "run `make bench`, which builds the programs for comparison";

/// A program with the event that it is measured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// One of our functions, the very file that is deployed.
    Function(Scenario),
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
    pub arguments: &'static [&'static str],
    /// What Lambda unpacks the zip into: `LAMBDA_TASK_ROOT`, and the working directory.
    pub task_root: PathBuf,
    /// `_HANDLER`.
    pub handler: &'static str,
}

impl Subject {
    /// Our functions in all scenarios, `poll-status` first, then the peers.
    pub fn all() -> impl Iterator<Item = Self> {
        Scenario::ALL.into_iter().map(Self::Function).chain(Peer::ALL.into_iter().map(Self::Peer))
    }

    /// Its name in tables and in the baseline: `create-dataset-group adopts`, or that of the peer.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Function(scenario) => format!("{} {}", scenario.facts().function, scenario.facts().title),
            Self::Peer(peer) => peer.name().to_owned(),
        }
    }

    /// Name of the function, or of the peer, for `AWS_LAMBDA_FUNCTION_NAME`.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        match self {
            Self::Function(scenario) => scenario.facts().function,
            Self::Peer(peer) => peer.name(),
        }
    }

    /// Whether it is one of our functions.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    /// What happens in its event.
    #[must_use]
    pub const fn scenario(&self) -> Scenario {
        match self {
            Self::Function(scenario) => *scenario,
            Self::Peer(_) => Scenario::Poll,
        }
    }

    /// The calls that its event makes.
    #[must_use]
    pub const fn calls(&self) -> &'static [&'static str] {
        match self {
            Self::Peer(Peer::Hello) => &[],
            Self::Function(_) | Self::Peer(Peer::Naive | Peer::Python | Peer::Node) => self.scenario().facts().calls,
        }
    }

    /// The connections that its first event opens: one to each service that is called.
    #[must_use]
    pub fn connections(&self) -> u64 {
        let is_called = |datazone| self.calls().iter().any(|call| is_of_datazone(call) == datazone);
        u64::from(is_called(true)) + u64::from(is_called(false))
    }

    /// Whom it trusts when it makes calls: as many as on AWS, and the root of the measurement.
    #[must_use]
    pub const fn trust(&self) -> Trust {
        match self {
            Self::Function(_) => Trust::Amazon,
            Self::Peer(_) => Trust::System,
        }
    }

    /// What is wrong with its response; `None` when it is the right one.
    #[must_use]
    pub fn fault(&self, response: &[u8]) -> Option<String> {
        let (pointer, expected) = match self {
            Self::Function(scenario) => scenario.facts().response,
            Self::Peer(Peer::Hello) => ("/message", "hello"),
            Self::Peer(Peer::Naive | Peer::Python | Peer::Node) => ("/status", "ACTIVE"),
        };
        let document: Value = serde_json::from_slice(response).unwrap_or_default();
        (document.pointer(pointer).and_then(Value::as_str) != Some(expected))
            .then(|| format!("it returned {}, but {pointer} should be {expected}", String::from_utf8_lossy(response)))
    }

    /// How to start it. `functions` is the folder of our functions, below the root of the project.
    ///
    /// # Errors
    /// When it is not built, or its tools are not installed.
    pub fn command(&self, functions: &str) -> Result<Command, Error> {
        match self {
            Self::Function(_) => bootstrap(&format!("{functions}/{}", self.function()), BUILD),
            Self::Peer(Peer::Hello | Peer::Naive) => {
                bootstrap(&format!("target/peers/lambda/{}", self.function()), PEERS)
            }
            Self::Peer(Peer::Python) => Ok(Command {
                program: places::existing("target/tools/bench/bin/python", PEERS)?,
                arguments: &["-m", "awslambdaric", "app.handler"],
                task_root: places::existing("target/peers/python", PEERS)?,
                handler: "app.handler",
            }),
            Self::Peer(Peer::Node) => Ok(Command {
                program: places::node(PEERS)?,
                arguments: &["bootstrap.js"],
                task_root: places::existing("target/peers/node", PEERS)?,
                handler: "index.handler",
            }),
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
    Ok(Command { program, arguments: &[], task_root: places::existing(folder, remedy)?, handler: "bootstrap" })
}

/// Whether an operation is one of `DataZone`; the others are of Personalize.
#[must_use]
pub fn is_of_datazone(operation: &str) -> bool {
    ["GroupProfile", "ProjectMembership"].iter().any(|word| operation.contains(word))
}
