//! What this process and the supervisor say to each other: one order down its stdin, reports up its stdout, each a line
//! of JSON. Then the pipe stays open for as long as the stack is wanted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the supervisor is to set up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Where to make the folder of this stack.
    pub stacks: PathBuf,
    /// The interpreter that has the engine.
    pub python: PathBuf,
    /// See [`crate::Options::wait_scale`].
    pub wait_scale: f64,
    /// See [`crate::Options::keep`].
    pub keep: bool,
    /// What to deploy.
    pub deployment: Option<Deployment>,
}

/// What is deployed, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The folder of the workspace or of a release archive, with samconfig.toml.
    pub root: PathBuf,
    /// The folder with `sam` and `aws`.
    pub tools: PathBuf,
    /// The folder that `make build` fills; without it, the template of `root` is deployed.
    pub built: Option<PathBuf>,
    /// Parameters of the template.
    pub parameters: BTreeMap<String, String>,
}

/// How far the supervisor is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Report {
    /// The engine answers.
    EngineUp,
    /// The stack can be used.
    Ready {
        /// Where the engine listens.
        endpoint_url: String,
        /// The folder of this stack.
        folder: PathBuf,
        /// What the deployed stack gives out.
        outputs: BTreeMap<String, String>,
    },
    /// It did not work, for this reason; everything is torn down.
    Failed(String),
}
