//! Programs that the kernel kills when the supervisor is gone, even by SIGKILL.

use std::convert::Infallible;
use std::env;
use std::ffi::OsString;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Pid, dup, getpid, getppid};

use super::linux;

/// Whether the program gets a listening socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Socket {
    /// The one that is stdin; its last argument says where it is, as `fd://3`.
    Passed,
    /// None.
    None,
}

/// A command for `program`; it runs through this one, which binds itself before it becomes the other. To be spawned
/// from a thread that lives as long as the supervisor: the kernel takes the end of that thread for the end of it.
///
/// # Errors
/// When this program cannot be found.
pub fn command(program: &Path, socket: Socket) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["bound", "--supervisor", &getpid().to_string()]);
    match socket {
        Socket::Passed => command.arg("--socket"),
        Socket::None => &mut command,
    }
    .arg("--")
    .arg(program);
    Ok(command)
}

/// Turns this process into the program, bound to the supervisor.
///
/// # Errors
/// When something is refused; otherwise it never returns.
pub fn become_bound(supervisor: i32, socket: Socket, program: &Path, arguments: &[OsString]) -> io::Result<Infallible> {
    linux::die_with_parent()?;
    // The signal is lost when the supervisor died before it was asked for.
    if getppid() != Pid::from_raw(supervisor) {
        return Err(io::Error::other("the supervisor is gone"));
    }
    // As the engine's own program does: every connection and every worker takes some.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let mut command = Command::new(program);
    command.args(arguments);
    // The socket moves from stdin to a number that the program inherits, but not what the program starts. It stays
    // open because `exec` does not come back.
    let socket = match socket {
        Socket::Passed => Some(dup(io::stdin())?),
        Socket::None => None,
    };
    if let Some(socket) = &socket {
        command.arg(format!("fd://{}", socket.as_raw_fd()));
    }
    Err(command.stdin(Stdio::null()).exec())
}
