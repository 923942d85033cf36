//! The programs around the local stack.

mod demo;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local_stack::supervisor::{Socket, become_bound};

/// Runs the dataset group workflow on this machine.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Provisions a dataset group on a stack of its own, and shows what happens.
    Provision(demo::Arguments),
    /// Owns an engine on behalf of the process at the other end of stdin.
    #[command(hide = true)]
    Supervise,
    /// Becomes another program, one that the kernel kills when the supervisor is gone.
    #[command(hide = true)]
    Bound {
        #[arg(long)]
        supervisor: i32,
        /// Pass the listening socket that is stdin on to it.
        #[arg(long)]
        socket: bool,
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Provision(arguments) => demo::provision(&arguments),
        Command::Supervise => local_stack::supervisor::run(),
        Command::Bound { supervisor, socket, command } => {
            let socket = if socket { Socket::Passed } else { Socket::None };
            let (program, arguments) = command.split_first().expect("clap requires a program");
            let Err(error) = become_bound(supervisor, socket, Path::new(program), arguments);
            eprintln!("{} cannot be started: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
