//! What /proc says of processes.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::{FDTarget, Process, all_processes};

/// On a busy machine a start takes its time.
pub const DEADLINE: Duration = Duration::from_secs(90);

/// The processes that nobody has reaped, with their parents; those that only wait to be reaped left out.
pub fn living() -> Vec<(i32, i32)> {
    let all = all_processes().expect("/proc is there").filter_map(|process| process.ok()?.stat().ok());
    all.filter(|stat| !matches!(stat.state, 'Z' | 'X')).map(|stat| (stat.pid, stat.ppid)).collect()
}

/// Children, their children, and so on.
pub fn descendants(of: i32) -> BTreeSet<i32> {
    let living = living();
    let mut family = BTreeSet::from([of]);
    loop {
        let more: Vec<i32> = living
            .iter()
            .filter(|(pid, parent)| family.contains(parent) && !family.contains(pid))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            family.remove(&of);
            return family;
        }
        family.extend(more);
    }
}

/// The sockets that any of these processes has open, by their numbers in the kernel.
pub fn sockets_of(family: &BTreeSet<i32>) -> BTreeSet<u64> {
    family
        .iter()
        .filter_map(|pid| Process::new(*pid).ok()?.fd().ok())
        .flatten()
        .filter_map(|descriptor| if let FDTarget::Socket(inode) = descriptor.ok()?.target { Some(inode) } else { None })
        .collect()
}

/// Whether a process was started with this argument.
pub fn has_argument(pid: i32, argument: &str) -> bool {
    let arguments = Process::new(pid).and_then(|process| process.cmdline()).unwrap_or_default();
    arguments.iter().any(|it| it == argument)
}

/// Asks again and again until there is an answer.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
