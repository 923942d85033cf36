//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The folder of the workspace.
pub fn root() -> Result<PathBuf, Error> {
    project::root().map_err(Error::NoProject)
}

/// The folder that holds a folder for each running stack.
pub fn stacks() -> Result<PathBuf, Error> {
    Ok(root()?.join("target/local-stack"))
}

/// The interpreter that has the engine.
pub fn engine_python() -> Result<PathBuf, Error> {
    existing(root()?.join("target/tools/engine/bin/python")).map_err(Error::NoTools)
}

/// The folder with `sam` and `aws`.
pub fn aws_tools() -> Result<PathBuf, Error> {
    let folder = root()?.join("target/tools/aws/bin");
    for program in ["sam", "aws"] {
        existing(folder.join(program)).map_err(Error::NoTools)?;
    }
    Ok(folder)
}

/// The folder that `make build` fills.
pub fn built() -> Result<PathBuf, Error> {
    existing(root()?.join("target/sam")).map_err(Error::NoArtifacts)
}

/// The program of this package: this process, or its neighbour in cargo's folder. Test binaries are one level deeper.
pub fn program() -> Result<PathBuf, Error> {
    const NAME: &str = "local-stack";
    let this = env::current_exe().map_err(Error::Supervisor)?;
    if this.file_name().is_some_and(|name| name == NAME) {
        return Ok(this);
    }
    let folder = this.parent().unwrap_or(Path::new("/"));
    let profile = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    existing(profile.join(NAME)).map_err(Error::NoProgram)
}

fn existing(path: PathBuf) -> Result<PathBuf, PathBuf> {
    if path.exists() { Ok(path) } else { Err(path) }
}
