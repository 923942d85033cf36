//! What /proc says of processes.

use std::collections::BTreeSet;

use procfs::process::{FDTarget, Process, all_processes};

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
