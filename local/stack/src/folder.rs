//! The folder of a stack: everything that is written is in there. A lock says whether its supervisor lives, which
//! neither a kill nor a reused process id can fake.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const PREFIX: &str = "stack-";
const LOCK: &str = "supervisor.lock";
const KEPT: &str = "kept";

/// A folder that belongs to this process.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held until this process ends, however it ends.
    _lock: File,
}

impl Folder {
    /// Makes a folder in `stacks`, and removes those whose supervisor was killed.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(stacks: &Path) -> io::Result<Self> {
        fs::create_dir_all(stacks)?;
        // Whoever looks for left-overs must not find a folder that is not locked yet.
        let gate = File::create(stacks.join("gate.lock"))?;
        gate.lock()?;
        remove_leftovers(stacks)?;
        let path = tempfile::Builder::new().prefix(PREFIX).tempdir_in(stacks)?.keep();
        let lock = File::create(path.join(LOCK))?;
        lock.lock()?;
        for part in ["home", "tmp", "state", "logs"] {
            fs::create_dir(path.join(part))?;
        }
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the logs of the engine and of the deployment are.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        logs_in(&self.path)
    }

    /// Removes it, or all but the logs when they are to be kept.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove(self, keep_logs: bool) -> io::Result<()> {
        if keep_logs {
            File::create(self.path.join(KEPT))?;
            for part in ["home", "tmp", "state"] {
                fs::remove_dir_all(self.path.join(part))?;
            }
            Ok(())
        } else {
            remove(&self.path)
        }
    }
}

/// Where the logs are in the folder of a stack.
pub fn logs_in(folder: &Path) -> PathBuf {
    folder.join("logs")
}

fn remove_leftovers(stacks: &Path) -> io::Result<()> {
    for entry in fs::read_dir(stacks)? {
        let entry = entry?;
        let path = entry.path();
        let is_stack = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_stack && !path.join(KEPT).exists() && !is_alive(&path)? {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Removes a folder that another process may be removing at this moment.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Whether somebody holds the folder's lock.
fn is_alive(folder: &Path) -> io::Result<bool> {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_living_owner_is_removed_by_the_next_start() -> io::Result<()> {
        let stacks = tempfile::tempdir()?;
        let stale = stacks.path().join("stack-stale");
        fs::create_dir(&stale)?;
        File::create(stale.join(LOCK))?;
        Folder::create(stacks.path())?;
        assert!(!stale.exists());
        Ok(())
    }

    #[test]
    fn a_folder_with_a_living_owner_is_left_alone() -> io::Result<()> {
        let stacks = tempfile::tempdir()?;
        let first = Folder::create(stacks.path())?;
        let second = Folder::create(stacks.path())?;
        assert!(first.path().exists() && second.path().exists());
        Ok(())
    }

    #[test]
    fn kept_logs_outlive_their_stack_and_the_next_start() -> io::Result<()> {
        let stacks = tempfile::tempdir()?;
        let kept = Folder::create(stacks.path())?;
        let (logs, home) = (kept.logs(), kept.path().join("home"));
        kept.remove(true)?;
        Folder::create(stacks.path())?;
        assert!(logs.exists() && !home.exists());
        Ok(())
    }

    #[test]
    fn what_is_not_a_stack_is_left_alone() -> io::Result<()> {
        let stacks = tempfile::tempdir()?;
        let other = stacks.path().join("notes");
        fs::create_dir(&other)?;
        Folder::create(stacks.path())?;
        assert!(other.exists());
        Ok(())
    }
}
