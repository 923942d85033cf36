//! Reads the files that the workflow is made of, for the tests that hold them against each other and against the
//! types, draws the picture of the state machine, and writes the schemas.

pub mod definition;
pub mod diagram;
pub mod schemas;

use std::process::Command;

pub use project::file as project_file;
use serde_json::Value;

/// The text of a file of the project.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn read(path: &str) -> String {
    let file = project_file(path);
    std::fs::read_to_string(&file).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()))
}

/// A JSON file of the project.
///
/// # Panics
/// When it cannot be read, or is not JSON.
#[must_use]
pub fn read_json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// Runs a command, and returns what it printed.
///
/// # Panics
/// When the program is not installed (`make tools`) or fails, with what it printed.
pub fn printed_by(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|fault| panic!("{command:?}: {fault}; `make tools` installs it"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {printed}{complaint}");
    printed
}
