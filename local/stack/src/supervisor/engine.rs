//! The local AWS engine: `MiniStack`, as a child that dies with its supervisor.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;
use std::time::Duration;

use super::bound::Socket;
use super::watch::Watch;
use super::{Trouble, bound, http};
use crate::credentials;
use crate::folder::Folder;
use crate::protocol::Order;

/// On a busy machine the engine takes seconds to start, not minutes.
const PATIENCE: Duration = Duration::from_secs(90);

/// The running engine.
#[derive(Debug)]
pub struct Engine {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Engine {
    /// Starts the engine. Its socket is bound and listening before it starts, so its port cannot be taken by another,
    /// and whoever connects early waits in the queue instead of being refused.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(order: &Order, folder: &Folder) -> Result<Self, Trouble> {
        let start = || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = listener.local_addr()?.port();
            let path = folder.logs().join("engine.log");
            let log = File::create(&path)?;
            let child = bound::command(&order.python, Socket::Passed)?
                .args([
                    "-c",
                    include_str!("engine.py"),
                    "ministack.app:app",
                    "--workers",
                    "0",
                    "--keep-alive",
                    "75",
                    "--bind",
                ])
                .env_clear()
                .envs(environment(order, folder, port))
                .stdin(Stdio::from(OwnedFd::from(listener)))
                .stdout(log.try_clone()?)
                .stderr(log)
                .spawn()?;
            Ok(Self { child, port, log: path })
        };
        start().map_err(|source| Trouble::Start { what: "the engine".to_owned(), source })
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until it answers.
    ///
    /// # Errors
    /// When it ends instead, takes too long, or the stack is to go.
    pub fn await_answer(&mut self, watch: &Watch) -> Result<(), Trouble> {
        let (sender, answer) = channel();
        let port = self.port;
        thread::spawn(move || sender.send(http::status_of(port, "/_ministack/health", PATIENCE)));
        loop {
            match answer.try_recv() {
                Ok(Ok(status)) if status.starts_with("200") => return Ok(()),
                Ok(Ok(status)) => return Err(Trouble::EngineRefuses(status)),
                Ok(Err(error)) => {
                    // It may be ending at this moment, and its log says more than a cut connection.
                    watch.pause()?;
                    self.check()?;
                    return Err(Trouble::EngineSilent { error, log: end_of(&self.log) });
                }
                Err(TryRecvError::Disconnected) => {
                    let error = io::Error::other("the thread that asked it panicked");
                    return Err(Trouble::EngineSilent { error, log: end_of(&self.log) });
                }
                Err(TryRecvError::Empty) => {}
            }
            self.check()?;
            watch.pause()?;
        }
    }

    /// Fails when it has ended.
    ///
    /// # Errors
    /// How it ended.
    pub fn check(&mut self) -> Result<(), Trouble> {
        let status = match self.child.try_wait() {
            Ok(None) => return Ok(()),
            Ok(Some(status)) => status.to_string(),
            Err(error) => error.to_string(),
        };
        Err(Trouble::EngineEnded { status, log: end_of(&self.log) })
    }
}

/// All that the engine sees of this machine. Its Lambda functions inherit it, so it has nothing of the user's, and
/// the one endpoint for all of AWS is the engine itself.
fn environment(order: &Order, folder: &Folder, port: u16) -> Vec<(&'static str, OsString)> {
    let place = |name: &str| folder.path().join(name).into_os_string();
    let mut environment: Vec<(_, OsString)> = vec![
        ("PATH", "/usr/bin:/bin".into()),
        ("HOME", place("home")),
        ("TMPDIR", place("tmp")),
        ("STATE_DIR", place("state")),
        ("S3_DATA_DIR", place("state")),
        ("GATEWAY_PORT", port.to_string().into()),
        ("BIND_HOST", "127.0.0.1".into()),
        // They would listen on every interface.
        ("IOT_MTLS_ENABLED", "0".into()),
        ("SFTP_ENABLED", "0".into()),
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}").into()),
        ("AWS_SECRET_ACCESS_KEY", credentials::SECRET_ACCESS_KEY.into()),
        ("AWS_SESSION_TOKEN", credentials::SESSION_TOKEN.into()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".into()),
        ("SFN_WAIT_SCALE", order.wait_scale.to_string().into()),
    ];
    // Lambda tells functions the level of their logging configuration; the engine does not.
    let level = order.deployment.as_ref().and_then(|deployment| deployment.parameters.get("LogLevel"));
    environment.extend(level.map(|level| ("AWS_LAMBDA_LOG_LEVEL", level.into())));
    environment
}

/// The last lines of a log.
pub fn end_of(log: &Path) -> String {
    const LINES: usize = 20;
    let text =
        fs::read(log).map_or_else(|error| error.to_string(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
