//! Nothing of a stack outlives whoever started it; `killed_at_random` has the kills. No template is deployed here: an
//! empty engine has the same processes, ports and folders.

mod processes;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Lines};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, fs};

use local_stack::{LocalStack, Options};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::Process;

use self::processes::{descendants, eventually, has_argument, living, sockets_of};

fn empty() -> Options {
    Options { deploy: false, ..Options::default() }
}

#[tokio::test]
async fn two_stacks_run_side_by_side_and_stop_apart() {
    let (first, second) = tokio::join!(LocalStack::start(empty()), LocalStack::start(empty()));
    let (first, second) = (first.expect("the first starts"), second.expect("the second starts"));
    assert_ne!(first.endpoint_url(), second.endpoint_url());
    assert_ne!(first.logs(), second.logs());

    let (gone, folder) = (address(first.endpoint_url()), first.logs());
    first.stop().await.expect("the first stops");
    assert!(!listens(gone), "its port is closed");
    assert!(!folder.exists(), "its folder is removed");
    assert!(listens(address(second.endpoint_url())), "the other goes on");
    second.stop().await.expect("the second stops");
}

#[tokio::test]
async fn dropping_a_stack_ends_it() {
    let stack = LocalStack::start(empty()).await.expect("it starts");
    let (engine, simulator) = (address(stack.endpoint_url()), address(stack.personalize_url()));
    assert!(listens(engine) && listens(simulator));
    drop(stack);
    assert!(!listens(engine) && !listens(simulator));
}

#[tokio::test]
async fn nothing_listens_beyond_this_machine() {
    let stack = LocalStack::start(empty()).await.expect("it starts");
    let this = Process::myself().expect("this process").pid;
    let mut family = descendants(this);
    family.insert(this);
    let listeners = listeners_of(&family);
    assert!(listeners.contains(&address(stack.endpoint_url())), "the engine is among {listeners:?}");
    for listener in listeners {
        assert_eq!(listener.ip(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    stack.stop().await.expect("it stops");
}

#[test]
fn a_terminated_owner_leaves_nothing_behind() {
    ends_with_its_owner(|owner| signal(owner.process.id(), Signal::SIGTERM));
}

#[test]
fn a_terminated_supervisor_leaves_nothing_behind() {
    ends_with_its_owner(|owner| signal(owner.supervisor(), Signal::SIGTERM));
}

#[test]
fn a_function_at_work_and_what_it_started_die_with_the_owner() {
    let place = tempfile::tempdir().expect("a folder");
    fs::write(place.path().join("bootstrap"), "#!/bin/sh\nsleep 1000\n").expect("a function");
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(tools().join(program));
        command.args(arguments).current_dir(place.path()).stdout(Stdio::null()).stderr(Stdio::null()).env_clear();
        command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("PATH", "/usr/bin:/bin")]);
        command
    };
    let zip = run("engine/bin/python", &["-m", "zipfile", "-c", "function.zip", "bootstrap"]).status();
    assert!(zip.expect("it runs").success());

    let mut owner = Owner::start();
    let endpoint = format!("http://{}", owner.endpoint);
    let lambda = ["--endpoint-url", &endpoint, "--region", "us-east-1", "lambda"];
    let create = ["create-function", "--function-name", "busy", "--runtime", "provided.al2023"];
    let rest = ["--handler", "bootstrap", "--zip-file", "fileb://function.zip", "--role"];
    let role = ["arn:aws:iam::000000000000:role/none"];
    let created = run("aws/bin/aws", &[&lambda[..], &create, &rest, &role].concat()).status();
    assert!(created.expect("it runs").success());
    let invoke = ["invoke", "--function-name", "busy", "answer"];
    let mut invoking = run("aws/bin/aws", &[&lambda[..], &invoke].concat()).spawn().expect("it runs");
    eventually("the function is at work", || owner.runs("sleep").then_some(()));

    let family = owner.family();
    signal(owner.process.id(), Signal::SIGKILL);
    eventually("the processes are gone", || gone(&family).then_some(()));
    // It may have noticed by itself.
    let _ = invoking.kill();
    invoking.wait().expect("it has ended");
    owner.end();
}

/// What every sudden end has in common.
fn ends_with_its_owner(end: impl FnOnce(&Owner)) {
    let mut owner = Owner::start();
    let family = owner.family();
    assert!(listens(owner.endpoint));
    end(&owner);
    eventually("the port is closed", || (!listens(owner.endpoint)).then_some(()));
    eventually("the processes are gone", || gone(&family).then_some(()));
    eventually("the folder is removed", || (!owner.folder.exists()).then_some(()));
    owner.end();
}

/// Not a test of its own: the process that the others bring to its end.
#[tokio::test]
#[ignore = "started by other tests as a process of its own"]
async fn owner() {
    let stack = LocalStack::start(empty()).await.expect("it starts");
    println!("\nOWNER {} {}", stack.endpoint_url(), stack.logs().display());
    std::future::pending::<()>().await;
}

/// A process that owns a stack.
struct Owner {
    process: Child,
    endpoint: SocketAddr,
    folder: PathBuf,
    /// Kept open: the test harness of the owner prints, and must not fail to.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Owner {
    fn start() -> Self {
        let mut process = Command::new(env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", "owner", "--nocapture"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut output = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let line = output
            .find_map(|line| line.expect("it is text").strip_prefix("OWNER ").map(str::to_owned))
            .expect("it says where the stack is");
        let (endpoint, logs) = line.split_once(' ').expect("two words");
        let folder = Path::new(logs).parent().expect("logs are in the folder").to_owned();
        Self { process, endpoint: address(endpoint), folder, _output: output }
    }

    /// The supervisor and everything below it.
    fn family(&self) -> BTreeSet<i32> {
        descendants(i32::try_from(self.process.id()).expect("a process id"))
    }

    fn supervisor(&self) -> u32 {
        let pid = self.family().into_iter().find(|pid| has_argument(*pid, "supervise")).expect("it runs");
        u32::try_from(pid).expect("a process id")
    }

    fn runs(&self, program: &str) -> bool {
        self.family().into_iter().any(|pid| has_argument(pid, program))
    }

    fn end(&mut self) {
        // It may be what the test has ended already.
        let _ = self.process.kill();
        self.process.wait().expect("it has ended");
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.end();
    }
}

fn tools() -> PathBuf {
    project::file("target/tools")
}

fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).expect("a process id")), signal).expect("it lives");
}

fn gone(family: &BTreeSet<i32>) -> bool {
    living().iter().all(|(pid, _)| !family.contains(pid))
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().expect("an address")
}

fn listens(address: SocketAddr) -> bool {
    TcpStream::connect(address).is_ok()
}

/// The addresses that any of these processes listens on.
fn listeners_of(family: &BTreeSet<i32>) -> BTreeSet<SocketAddr> {
    let sockets = sockets_of(family);
    let is_listener = |entry: &TcpNetEntry| entry.state == TcpState::Listen && sockets.contains(&entry.inode);
    let (v4, v6) = (procfs::net::tcp().expect("/proc is there"), procfs::net::tcp6().unwrap_or_default());
    v4.into_iter().chain(v6).filter(is_listener).map(|entry| entry.local_address).collect()
}
