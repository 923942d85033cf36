//! Kills all descendants of this process.

use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};

use super::linux::children;

/// After a SIGKILL only a broken disk keeps a process longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Kills all descendants of this process, which must be a subreaper, and reaps them.
///
/// Only children are killed: an unreaped child's id cannot belong to a stranger. Their children become ours, and are
/// next, until the kernel says that there is none.
pub fn kill_all() {
    let deadline = Instant::now() + PATIENCE;
    while reap() == Left::Some && Instant::now() < deadline {
        for child in children() {
            // It may have ended by itself, which is as good.
            let _ = kill(child, Signal::SIGKILL);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Left {
    Some,
    None,
}

/// Takes note of the children that have ended.
fn reap() -> Left {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => return Left::Some,
            Err(Errno::ECHILD) => return Left::None,
            Ok(_) | Err(_) => {}
        }
    }
}
