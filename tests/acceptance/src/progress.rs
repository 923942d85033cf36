//! Says what is waited for: a live line on a terminal, a line for each change elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

/// The line on stderr, so that the table alone is on stdout.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    last: String,
    since: Instant,
}

impl Progress {
    pub fn new() -> Self {
        let bar = stderr().is_terminal().then(ProgressBar::new_spinner);
        if let Some(bar) = &bar {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar, last: String::new(), since: Instant::now() }
    }

    /// Says what goes on, and for how long.
    pub fn say(&mut self, what: &str) {
        if self.last != what {
            what.clone_into(&mut self.last);
            self.since = Instant::now();
            if self.bar.is_none() {
                eprintln!("  {what}");
            }
        }
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{what} · {} s", self.since.elapsed().as_secs()));
        }
    }

    /// Says something once.
    pub fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }

    /// Takes the live line away, for a question or the table.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
