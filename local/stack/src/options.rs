//! What a stack is started with.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use simulators::{Lifecycle, Registration};
use tokio::sync::mpsc::UnboundedSender;

/// What a stack is started with. The default is what tests want: the template deployed, nothing waited for.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the simulated dataset groups move from status to status.
    pub lifecycle: Lifecycle,
    /// Whether domains, groups and roles of the simulators have to be registered.
    pub registration: Registration,
    /// Real seconds for each second that a state machine waits or backs off; 0 skips the waiting.
    pub wait_scale: f64,
    /// Whether the template is deployed. Without it the engine is empty, and there are no outputs.
    pub deploy: bool,
    /// The folder of an unpacked release archive, to be deployed in the place of what `make build` left behind.
    pub archive: Option<PathBuf>,
    /// Template parameters besides the addresses of the simulators.
    pub parameters: BTreeMap<String, String>,
    /// Whether the folder with the logs stays after the stack is gone.
    pub keep: bool,
    /// Who wants to know how far the start has come.
    pub progress: Option<UnboundedSender<Stage>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lifecycle: Lifecycle::Scripted,
            registration: Registration::Required,
            wait_scale: 0.0,
            deploy: true,
            archive: None,
            parameters: BTreeMap::new(),
            keep: false,
            progress: None,
        }
    }
}

/// How far the start has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The simulators listen; the engine is being started.
    StartingEngine,
    /// The engine answers; the template is being deployed.
    Deploying,
    /// The stack can be used.
    Ready,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::StartingEngine => "starting the local AWS engine",
            Self::Deploying => "deploying template.yaml",
            Self::Ready => "ready",
        })
    }
}
