//! What `make build` left behind. A build begins by removing what the last one left, so nobody may deploy meanwhile.

use std::fs::{OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::Trouble;
use super::watch::Watch;

/// Waits until no build goes on, and then keeps builds waiting for as long as `deploy` takes.
///
/// # Errors
/// When there is no template, the lock cannot be taken, or the stack is to go; and those of `deploy`.
pub fn hold<T>(built: &Path, watch: &Watch, deploy: impl FnOnce(&Path) -> Result<T, Trouble>) -> Result<T, Trouble> {
    let template = template(built);
    let lock = OpenOptions::new().append(true).create(true).open(built.join("build.lock")).map_err(Trouble::Lock)?;
    loop {
        match lock.try_lock_shared() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => watch.pause()?,
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(Trouble::Lock(error)),
        }
    }
    if !template.exists() {
        return Err(Trouble::NoTemplate(template));
    }
    deploy(&template)
}

fn template(built: &Path) -> PathBuf {
    built.join("build/template.yaml")
}
