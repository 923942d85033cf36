//! A fresh process of a function, in the environment that Lambda gives it and in no other.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::error::Error;
use crate::runtime_api::{Answered, Asked, Message, RuntimeApi};
use crate::setup::{ACCOUNT, REGION, Setup, Trust};
use crate::subject::Subject;

/// Nothing takes as long, the naive form under callgrind included.
const PATIENCE: Duration = Duration::from_mins(3);

/// A process, and the Runtime API that it alone uses.
#[derive(Debug)]
pub struct LambdaProcess {
    subject: Subject,
    child: Child,
    pid: Pid,
    api: RuntimeApi,
    started: Instant,
    waiting: Option<Asked>,
    log: NamedTempFile,
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Processor time, in user space and in the kernel, of all threads.
    pub processor: Duration,
    /// The most memory that was resident at a time, in bytes.
    pub peak_memory: u64,
}

impl LambdaProcess {
    /// Starts it, and waits until it asks for its first event. `wrapper` is the program that runs it, with its arguments,
    /// such as `valgrind --tool=callgrind`; mostly there is none.
    ///
    /// # Errors
    /// When it cannot be started, or does anything else.
    pub async fn start(subject: &Subject, setup: &Setup, trust: Trust, wrapper: &[OsString]) -> Result<Self, Error> {
        let what = subject.command(setup.functions)?;
        let log = NamedTempFile::new().map_err(Error::system("no file for the log of a function"))?;
        let output = || log.reopen().map_err(Error::system("the log of a function cannot be written"));
        let mut words = wrapper.to_vec();
        words.push(what.program.into_os_string());
        words.extend(what.arguments.iter().map(OsString::from));
        let api = RuntimeApi::start().await?;
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .envs(environment(*subject, &api.authority, what.handler, &what.task_root))
            .envs(setup.environment(trust))
            .current_dir(&what.task_root)
            .stdin(Stdio::null())
            .stdout(Stdio::from(output()?))
            .stderr(Stdio::from(output()?))
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn().map_err(Error::system(format!("cannot start {}", words[0].display())))?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw);
        let pid = pid.ok_or_else(|| Error::System {
            doing: format!("{} has ended at once", words[0].display()),
            source: std::io::ErrorKind::BrokenPipe.into(),
        })?;
        let mut process = Self { subject: *subject, child, pid, api, started, waiting: None, log };
        process.ask().await?;
        Ok(process)
    }

    /// From its start to its last request for an event.
    #[must_use]
    pub fn ready(&self) -> Duration {
        self.waiting.as_ref().map_or(Duration::ZERO, |asked| asked.at - self.started)
    }

    /// When it was started.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// Gives it an event, and waits until it has answered and asks for the next.
    ///
    /// # Errors
    /// When it does anything else, or answers something else than it should.
    pub async fn invoke(&mut self) -> Result<Answered, Error> {
        let Some(asked) = self.waiting.take() else {
            return Err(self.misbehaved("it does not request an event".to_owned()));
        };
        asked.give(self.subject.scenario().event());
        let answered = match self.next_message().await? {
            Message::Answered(answered) => answered,
            Message::Asked(_) => {
                return Err(self.misbehaved("it requested another event before its response".to_owned()));
            }
            Message::Failed(how) => return Err(self.misbehaved(how)),
        };
        if let Some(fault) = self.subject.fault(&answered.body) {
            return Err(self.misbehaved(fault));
        }
        self.ask().await?;
        Ok(answered)
    }

    /// What it has used so far.
    ///
    /// # Errors
    /// When it has gone.
    pub fn used(&self) -> Result<Used, Error> {
        let clock = clock_getcpuclockid(self.pid).and_then(nix::time::ClockId::now);
        let clock = clock.map_err(|fault| self.misbehaved(format!("its processor time cannot be read: {fault}")))?;
        let status = procfs::process::Process::new(self.pid.as_raw()).and_then(|process| process.status());
        let status = status.map_err(|fault| self.misbehaved(format!("its memory cannot be read: {fault}")))?;
        let kibibytes = status.vmhwm.ok_or_else(|| self.misbehaved("its peak memory is missing".to_owned()))?;
        Ok(Used { processor: Duration::from(clock), peak_memory: kibibytes * 1024 })
    }

    /// Ends it in the way that Lambda would.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn terminate(mut self) -> Result<ExitStatus, Error> {
        kill(self.pid, Signal::SIGTERM).map_err(|fault| self.misbehaved(format!("it has ended already: {fault}")))?;
        match timeout(PATIENCE, self.child.wait()).await {
            Ok(ended) => ended.map_err(Error::system("a process cannot be waited for")),
            Err(_) => Err(self.misbehaved("it did not end after SIGTERM".to_owned())),
        }
    }

    /// The error of a program whose figures mean nothing.
    #[must_use]
    pub fn misbehaved(&self, what: String) -> Error {
        Error::Misbehaved { program: self.subject.name(), what, log: self.last_words() }
    }

    async fn ask(&mut self) -> Result<(), Error> {
        match self.next_message().await? {
            Message::Asked(asked) => {
                self.waiting = Some(asked);
                Ok(())
            }
            Message::Answered(_) => Err(self.misbehaved("it sent a response without an event".to_owned())),
            Message::Failed(how) => Err(self.misbehaved(how)),
        }
    }

    async fn next_message(&mut self) -> Result<Message, Error> {
        tokio::select! {
            message = timeout(PATIENCE, self.api.message()) => {
                message.map_err(|_| self.misbehaved(format!("it sent no message for {} s", PATIENCE.as_secs())))
            }
            ended = self.child.wait() => {
                let ended = ended.map_err(Error::system("a process cannot be waited for"))?;
                Err(self.misbehaved(format!("it ended: {ended}")))
            }
        }
    }

    fn last_words(&self) -> String {
        const LINES: usize = 20;
        let text = fs::read(self.log.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}

/// What Lambda sets: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>.
fn environment(subject: Subject, runtime_api: &str, handler: &str, task_root: &Path) -> [(&'static str, OsString); 22] {
    // A session token of Lambda is about as long, and every request is signed with it.
    let token = "s".repeat(800);
    [
        ("AWS_LAMBDA_RUNTIME_API", runtime_api),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCOUNT_ID", ACCOUNT),
        ("AWS_ACCESS_KEY_ID", "ASIASIMULATED0000000"),
        ("AWS_SECRET_ACCESS_KEY", "secret0of0the0measurement000000000000000"),
        ("AWS_SESSION_TOKEN", &token),
        ("AWS_LAMBDA_FUNCTION_NAME", subject.function()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", subject.function()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/02/[1]0123456789abcdef0123456789abcdef"),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"),
        ("_HANDLER", handler),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LAMBDA_TASK_ROOT", &task_root.to_string_lossy()),
    ]
    .map(|(name, value)| (name, OsString::from(value)))
}
