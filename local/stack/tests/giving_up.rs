//! Giving up a start leaves nothing behind. A test binary of its own, so that every child of this process is its own.

use local_stack::{LocalStack, Options, Stage};
use procfs::process::{Process, all_processes};

#[tokio::test]
async fn giving_up_a_start_leaves_no_process_behind() {
    let (sender, mut stages) = tokio::sync::mpsc::unbounded_channel();
    let options = Options { deploy: false, progress: Some(sender), ..Options::default() };
    tokio::select! {
        biased;
        stage = stages.recv() => assert_eq!(stage, Some(Stage::StartingEngine)),
        _ = LocalStack::start(options) => panic!("it tells what it does before it is done"),
    }
    assert_eq!(children(), 0);
}

fn children() -> usize {
    let this = Process::myself().expect("this process").pid;
    let all = all_processes().expect("/proc is there");
    all.filter_map(|process| process.ok()?.stat().ok()).filter(|stat| stat.ppid == this).count()
}
