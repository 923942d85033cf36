//! All that the local stack asks of Linux, and no other system has.

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpid};

/// Makes this process the parent of every descendant whose own parent ends ("child subreaper").
///
/// # Errors
/// When the kernel refuses.
pub fn adopt_descendants() -> nix::Result<()> {
    prctl::set_child_subreaper(true)
}

/// Lets the kernel kill this process when the thread that started it ends; also after `exec`.
///
/// # Errors
/// When the kernel refuses.
pub fn die_with_parent() -> nix::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)
}

/// The children of this process, from `/proc`.
#[must_use]
pub fn children() -> Vec<Pid> {
    let this = getpid().as_raw();
    // A process may end while it is looked at.
    procfs::process::all_processes()
        .into_iter()
        .flatten()
        .filter_map(|process| process.ok()?.stat().ok())
        .filter(|stat| stat.ppid == this)
        .map(|stat| Pid::from_raw(stat.pid))
        .collect()
}
