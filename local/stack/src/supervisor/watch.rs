//! Notices that the stack is not wanted any more, at any moment of its life.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};

/// Between two looks at anything: short for a human, long for a processor.
const PAUSE: Duration = Duration::from_millis(20);

/// Why the stack is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum End {
    /// The other end of stdin is closed: stopped, or dead.
    #[error("the stack is not wanted any more")]
    Unwanted,
    /// Somebody asked this process to end.
    #[error("{0} received")]
    Signal(Signal),
}

/// The ears of the supervisor.
#[derive(Debug)]
pub struct Watch {
    ends: Receiver<End>,
}

impl Watch {
    /// Starts listening to stdin and to signals. To be called before other threads exist: they inherit the mask.
    ///
    /// # Errors
    /// When the signals cannot be masked.
    pub fn start() -> nix::Result<Self> {
        let mut signals = SigSet::empty();
        for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
            signals.add(signal);
        }
        signals.thread_block()?;
        let (sender, ends) = channel();
        let for_signals = sender.clone();
        thread::spawn(move || wait_for_signal(&signals, &for_signals));
        thread::spawn(move || wait_for_close(&sender));
        Ok(Self { ends })
    }

    /// Waits a moment; fails as soon as the stack is to go.
    ///
    /// # Errors
    /// Why it is to go.
    pub fn pause(&self) -> Result<(), End> {
        match self.ends.recv_timeout(PAUSE) {
            Ok(end) => Err(end),
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(End::Unwanted),
        }
    }
}

fn wait_for_signal(signals: &SigSet, ends: &Sender<End>) {
    if let Ok(signal) = signals.wait() {
        // Nobody listens any more when the stack is going already.
        let _ = ends.send(End::Signal(signal));
    }
}

fn wait_for_close(ends: &Sender<End>) {
    let mut unexpected = [0; 64];
    loop {
        match io::stdin().read(&mut unexpected) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    // Nobody listens any more when the stack is going already.
    let _ = ends.send(End::Unwanted);
}
