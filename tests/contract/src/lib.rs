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

/// The names of the files of the project with this name or extension, as git knows them.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn files(ending: &str) -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(project_file(""))
        .output();
    let listed = String::from_utf8(listed.expect("git runs").stdout).expect("names");
    // A file may be deleted, and git not know yet.
    let exists = |name: &&str| name.ends_with(ending) && project_file(name).exists();
    let files: Vec<_> = listed.lines().filter(exists).map(str::to_owned).collect();
    assert!(!files.is_empty(), "git knows no {ending}");
    files
}
