//! Reads the files that the workflow is made of, for the tests that hold them against each other and against the
//! types, draws the picture of the state machine, and writes the schemas.

pub mod definition;
pub mod diagram;
pub mod schemas;
pub mod template;

use std::path::{Path, PathBuf};

/// A file of the project, by its path from the root.
#[must_use]
pub fn project_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The text of a file of the project.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn read(path: &str) -> String {
    let file = project_file(path);
    std::fs::read_to_string(&file).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()))
}
