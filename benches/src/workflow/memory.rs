//! How much memory the engine and its functions take.

use std::collections::BTreeMap;
use std::time::Duration;

use procfs::process::{Process, all_processes};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Between two looks: rare enough to cost nothing beside what is measured.
const PAUSE: Duration = Duration::from_millis(500);

/// The most memory that was resident at a time, in MiB; pages that processes share are counted for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// The engine's own process.
    pub engine: u64,
    /// All processes of functions.
    pub functions: u64,
    /// The most of these at a time.
    pub processes: u64,
}

/// Looks again and again until it is stopped.
#[derive(Debug)]
pub struct Watcher {
    stop: watch::Sender<()>,
    task: JoinHandle<Memory>,
}

impl Watcher {
    /// Starts looking at the descendants of this process.
    pub fn start() -> Self {
        let (stop, mut stopped) = watch::channel(());
        let task = tokio::spawn(async move {
            let mut most = Memory::default();
            loop {
                let look = tokio::task::spawn_blocking(now).await.unwrap_or_default();
                most = most.max(look);
                if tokio::time::timeout(PAUSE, stopped.changed()).await.is_ok() {
                    return most;
                }
            }
        });
        Self { stop, task }
    }

    /// The most that was seen.
    pub async fn stop(self) -> Memory {
        drop(self.stop);
        self.task.await.unwrap_or_default()
    }
}

impl Memory {
    fn max(self, other: Self) -> Self {
        Self {
            engine: self.engine.max(other.engine),
            functions: self.functions.max(other.functions),
            processes: self.processes.max(other.processes),
        }
    }
}

/// What the descendants of this process have at this moment. Processes that end meanwhile are left out.
fn now() -> Memory {
    let mut children: BTreeMap<i32, Vec<Process>> = BTreeMap::new();
    for process in all_processes().into_iter().flatten().flatten() {
        if let Ok(stat) = process.stat() {
            children.entry(stat.ppid).or_default().push(process);
        }
    }
    let mut memory = Memory::default();
    let mut parents = vec![i32::try_from(std::process::id()).unwrap_or_default()];
    while let Some(parent) = parents.pop() {
        for process in children.remove(&parent).unwrap_or_default() {
            parents.push(process.pid);
            let (Ok(statm), Ok(stat)) = (process.statm(), process.stat()) else {
                continue;
            };
            let mebibytes = statm.resident * procfs::page_size() / (1 << 20);
            let is_engine = || process.cmdline().is_ok_and(|words| words.iter().any(|word| word == "hypercorn"));
            if stat.comm == "bootstrap" {
                memory.functions += mebibytes;
                memory.processes += 1;
            } else if is_engine() {
                memory.engine += mebibytes;
            }
        }
    }
    memory
}
