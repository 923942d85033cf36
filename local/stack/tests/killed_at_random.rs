//! Ten times something is killed at a random moment: whoever owns a stack, its supervisor, or its engine, from the first
//! moment of the start to an execution under way. Each time nothing is left of the stack; after a killed supervisor the next one works.
//!
//! `KILL_SEED=7 cargo test --package local-stack --test killed_at_random` repeats a run, as far as a machine does.

mod processes;

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use local_stack::{LocalStack, Options, Workflow};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::net::TcpState;
use procfs::process::{FDTarget, Process};
use serde_json::{Value, json};
use simulators::{Script, Step};
use tempfile::TempDir;

use self::processes::{DEADLINE, descendants, eventually, has_argument, living, sockets_of};

static SEED: LazyLock<u64> = LazyLock::new(|| {
    let seed = env::var("KILL_SEED").map_or_else(|_| fastrand::u64(..), |text| text.parse().expect("a number"));
    // Processes whose parents were killed become children of this one, so that none can hide.
    prctl::set_child_subreaper(true).expect("the kernel takes it");
    seed
});

/// The processes that the tests have started themselves.
static STARTED: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

#[test]
fn killed_at_random_five_times_a_stack_leaves_nothing() {
    drawn()[..5].iter().for_each(Kill::survive);
}

#[test]
fn killed_at_random_five_more_times_beside_others_a_stack_leaves_nothing() {
    drawn()[5..].iter().for_each(Kill::survive);
}

/// All kills of a seed, in a random order.
fn drawn() -> Vec<Kill> {
    println!("KILL_SEED={}", *SEED);
    let mut random = Rng::with_seed(*SEED);
    let mut kills = Vec::from(KILLS);
    random.shuffle(&mut kills);
    let kills = kills.into_iter().map(|(victim, moment)| {
        let delay = Duration::from_millis(random.u64(0..=moment.lasts_milliseconds()));
        Kill { victim, moment, delay }
    });
    kills.collect()
}

/// Everybody at every moment of their life.
const KILLS: [(Victim, Moment); 10] = [
    (Victim::Owner, Moment::Spawned),
    (Victim::Owner, Moment::StartingEngine),
    (Victim::Owner, Moment::Deploying),
    (Victim::Owner, Moment::Executing),
    (Victim::Supervisor, Moment::StartingEngine),
    (Victim::Supervisor, Moment::Deploying),
    (Victim::Supervisor, Moment::Executing),
    (Victim::Engine, Moment::StartingEngine),
    (Victim::Engine, Moment::Deploying),
    (Victim::Engine, Moment::Executing),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Owner,
    Supervisor,
    Engine,
}

/// What the owner has told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Spawned,
    StartingEngine,
    Deploying,
    Executing,
}

impl Moment {
    /// About how long it takes to the next moment.
    const fn lasts_milliseconds(self) -> u64 {
        match self {
            Self::Spawned => 200,
            Self::StartingEngine => 1_500,
            Self::Deploying => 4_000,
            Self::Executing => 1_000,
        }
    }

    /// As the owner prints it.
    fn told(line: &str) -> Option<Self> {
        match line {
            "TOLD StartingEngine" => Some(Self::StartingEngine),
            "TOLD Deploying" => Some(Self::Deploying),
            "TOLD Executing" => Some(Self::Executing),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct Kill {
    victim: Victim,
    moment: Moment,
    delay: Duration,
}

impl Kill {
    fn survive(&self) {
        let mut owner = Started::program("owner");
        let moment = owner.await_moment(self.moment);
        // Nothing is waited for here: this is what makes the moment random.
        thread::sleep(self.delay);
        let victim = eventually("the victim lives", || owner.find(self.victim));
        let mut family = descendants(owner.pid());
        family.insert(owner.pid());
        let (sockets, folder) = (listening(&family), owner.folder());
        println!("{self:?}: killed {victim} of {} processes, {} listening", family.len(), sockets.len());
        kill(Pid::from_raw(victim), Signal::SIGKILL).expect("it lives");

        match self.victim {
            Victim::Owner => {}
            // A start does not wait for ever for what will not come.
            Victim::Supervisor | Victim::Engine => owner.await_end_of_start(moment),
        }
        owner.end();
        let left = || living().iter().any(|(pid, _)| family.contains(pid)) || !orphans().is_empty();
        eventually("no process is left", || (!left()).then_some(()));
        eventually("no port is left", || all_listening().is_disjoint(&sockets).then_some(()));
        if let (Victim::Owner | Victim::Engine, Some(folder)) = (self.victim, &folder) {
            assert!(!folder.exists(), "{} was the supervisor's to remove", folder.display());
        }

        owner.assert_no_temporary_file();
        // After the others, the start of the next victim works.
        if self.victim == Victim::Supervisor {
            let mut next = Started::program("whole_life");
            next.await_line("TOLD Succeeded");
            assert!(folder.is_none_or(|folder| !folder.exists()), "a start removes what a killed supervisor could not");
            next.await_success();
            next.assert_no_temporary_file();
        }
    }
}

/// Not a test of its own: the process that the others let start a stack, on which an execution never ends.
#[tokio::test]
#[ignore = "started by other tests as a process of its own"]
async fn owner() {
    match never_ending().await {
        Ok(never) => match never {},
        Err(fault) => println!("\nTOLD Failed {fault}"),
    }
}

async fn never_ending() -> Result<std::convert::Infallible, Box<dyn Error>> {
    let (sender, mut stages) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(stage) = stages.recv().await {
            println!("\nTOLD {stage:?}");
        }
    });
    // The first look is after half a second, the next are every tenth: a kill may meet a function at work, or none.
    let options = Options { wait_scale: 0.02, progress: Some(sender), ..Options::default() };
    let stack = LocalStack::start(options).await?;
    let script = Script::create([Step::status("CREATE PENDING")]);
    stack.control().script_dataset_group("media", script).await?;
    start_execution(&stack).await?;
    println!("\nTOLD Executing");
    std::future::pending().await
}

/// Not a test of its own: a stack that does what it is for, and is stopped.
#[tokio::test]
#[ignore = "started by other tests as a process of its own"]
async fn whole_life() -> Result<(), Box<dyn Error>> {
    let stack = LocalStack::start(Options::default()).await?;
    stack.control().add_domain("dzd_simulated", &[("11111111-2222-3333-4444-555555555555", "owners")]).await?;
    let execution = start_execution(&stack).await?;
    let (workflow, began) = (Workflow::of(&stack), Instant::now());
    let status = loop {
        let described = workflow.described(&execution).await?;
        if described.status().as_str() != "RUNNING" {
            break described.status;
        }
        assert!(began.elapsed() < DEADLINE, "the execution does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(status.as_str(), "SUCCEEDED");
    println!("\nTOLD Succeeded");
    stack.stop().await?;
    Ok(())
}

async fn start_execution(stack: &LocalStack) -> Result<String, Box<dyn Error>> {
    let request: Value = json!({
        "datasetGroup": {"name": "media"},
        "groupProfile": {
            "domainIdentifier": "dzd_simulated", "groupIdentifier": "11111111-2222-3333-4444-555555555555"
        }
    });
    let Workflow { sfn, machine, .. } = Workflow::of(stack);
    let started = sfn.start_execution().state_machine_arn(machine).input(request.to_string()).send().await?;
    Ok(started.execution_arn)
}

/// One of the programs above.
struct Started {
    process: Child,
    lines: Receiver<String>,
    /// For its temporary files, and of no use to anybody else.
    place: PathBuf,
    _place: TempDir,
}

impl Started {
    fn program(test: &str) -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", test, "--nocapture"])
            .env("TMPDIR", place.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let pid = i32::try_from(process.id()).expect("a process id");
        STARTED.lock().expect("no test panicked with it").insert(pid);
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let (sender, lines) = channel();
        // Reads on when nobody listens any more, for a test harness must not fail to print.
        thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        Self { process, lines, place: place.path().to_owned(), _place: place }
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.process.id()).expect("a process id")
    }

    fn next_line(&self, what: &str) -> String {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("not within {DEADLINE:?}: {what}"),
            Err(RecvTimeoutError::Disconnected) => panic!("it ended before: {what}"),
        }
    }

    fn await_line(&self, wanted: &str) {
        while self.next_line(wanted) != wanted {}
    }

    /// Waits until it has come so far, or farther.
    fn await_moment(&self, wanted: Moment) -> Moment {
        let mut moment = Moment::Spawned;
        while moment < wanted {
            let line = self.next_line("the moment");
            assert!(!line.starts_with("TOLD Failed"), "{line}");
            moment = Moment::told(&line).unwrap_or(moment);
        }
        moment
    }

    /// Waits until the start has failed; or has succeeded, when it was killed right at its end.
    fn await_end_of_start(&self, mut moment: Moment) {
        while moment < Moment::Executing {
            let line = self.next_line("the end of the start");
            if line.starts_with("TOLD Failed") {
                return;
            }
            moment = Moment::told(&line).unwrap_or(moment);
        }
    }

    fn find(&self, victim: Victim) -> Option<i32> {
        let argument = match victim {
            Victim::Owner => return Some(self.pid()),
            Victim::Supervisor => "supervise",
            Victim::Engine => "ministack.app:app",
        };
        descendants(self.pid()).into_iter().find(|pid| has_argument(*pid, argument))
    }

    /// The folder of the stack, if there is one already: the supervisor holds the lock in it.
    fn folder(&self) -> Option<PathBuf> {
        let descriptors = Process::new(self.find(Victim::Supervisor)?).ok()?.fd().ok()?;
        let mut paths = descriptors.filter_map(|descriptor| {
            let FDTarget::Path(path) = descriptor.ok()?.target else { return None };
            Some(path)
        });
        paths.find(|path| path.ends_with("supervisor.lock")).and_then(|path| path.parent().map(ToOwned::to_owned))
    }

    fn await_success(&mut self) {
        let status = self.process.wait().expect("it is a child");
        assert!(status.success(), "{status}");
        self.forget();
    }

    fn end(&mut self) {
        // It may be what was killed.
        let _ = self.process.kill();
        self.process.wait().expect("it is a child");
        self.forget();
    }

    fn assert_no_temporary_file(&self) {
        assert_eq!(fs::read_dir(&self.place).expect("a folder").count(), 0, "a temporary file is left");
    }

    /// Its process id may become another's.
    fn forget(&self) {
        STARTED.lock().expect("no test panicked with it").remove(&self.pid());
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.end();
    }
}

/// The children of this process that no test has started, but what a test has started did.
fn orphans() -> Vec<i32> {
    let this = i32::try_from(std::process::id()).expect("a process id");
    let started = STARTED.lock().expect("no test panicked with it");
    living().into_iter().filter(|(pid, parent)| *parent == this && !started.contains(pid)).map(|(pid, _)| pid).collect()
}

/// The listening sockets that any of these processes has, by their numbers in the kernel: a port may be another's soon.
fn listening(family: &BTreeSet<i32>) -> BTreeSet<u64> {
    all_listening().intersection(&sockets_of(family)).copied().collect()
}

fn all_listening() -> BTreeSet<u64> {
    let (v4, v6) = (procfs::net::tcp().expect("/proc is there"), procfs::net::tcp6().unwrap_or_default());
    let listening = v4.into_iter().chain(v6).filter(|entry| entry.state == TcpState::Listen);
    listening.map(|entry| entry.inode).collect()
}
