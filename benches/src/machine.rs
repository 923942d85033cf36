//! Where and with what was measured, for the report.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use procfs::{CpuInfo, Current};
use serde::Serialize;

use benches::{Error, callgrind, places};

const PEERS: &str = "run `make bench`";

/// The machine and the versions.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    pub date: String,
    pub processor: String,
    pub cores: usize,
    pub kernel: String,
    /// The distribution.
    pub system: String,
    /// Programs and libraries, with their versions.
    pub versions: Vec<String>,
}

impl Machine {
    /// Asks everything for its version.
    pub fn look() -> Result<Self, Error> {
        let root = places::root()?;
        let cpu = CpuInfo::current().ok();
        let python = places::existing("target/tools/bench/bin/python", PEERS)?;
        let packages = "from importlib.metadata import version as v; print('boto3', v('boto3'), 'with awslambdaric', v('awslambdaric'))";
        let sdk = "const { version } = require('./node_modules/@aws-sdk/client-personalize/package.json'); console.log('@aws-sdk/client-personalize', version)";
        let node = places::node(PEERS)?;
        let node_packages = places::existing("target/tools/bench-node", PEERS)?;
        let cargo_lambda = places::existing("target/tools/cargo-lambda/bin/cargo-lambda", "run `make tools`")?;
        Ok(Self {
            date: Timestamp::now().strftime("%Y-%m-%d").to_string(),
            processor: cpu.as_ref().and_then(|cpu| cpu.model_name(0)).unwrap_or("unknown").to_owned(),
            cores: cpu.as_ref().map_or(0, CpuInfo::num_cores),
            // Without what the host calls its own build of it.
            kernel: said(Path::new("uname"), &["-sr"], &root).split('-').next().unwrap_or_default().to_owned(),
            system: distribution(),
            versions: vec![
                said(Path::new("rustc"), &["--version"], &root),
                said(&cargo_lambda, &["lambda", "--version"], &root),
                callgrind::version()?,
                said(&python, &["--version"], &root),
                said(&python, &["-c", packages], &root),
                format!("Node {}", said(&node, &["--version"], &root)),
                said(&node, &["-e", sdk], &node_packages),
            ],
        })
    }
}

fn said(program: &Path, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if output.is_empty() { format!("{} (of an unknown version)", program.display()) } else { output }
}

fn distribution() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or("an unknown system", |name| name.trim_matches('"')).to_owned()
}
