//! Says what is going on: a live line on a terminal, a line for each change elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use console::style;
use indicatif::{ProgressBar, ProgressStyle};

/// The line, and since when the step that it tells of goes on.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    last: String,
    since: Instant,
}

impl Default for Progress {
    /// For stderr, so that the report alone is on stdout.
    fn default() -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            // A template that is known when this is written cannot be wrong; the default serves otherwise.
            if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {msg}") {
                bar.set_style(style.tick_strings(&["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", "✔"]));
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar, last: String::new(), since: Instant::now() }
    }
}

impl Progress {
    /// Says something once.
    pub fn note(&self, what: &str) {
        self.line(&format!("{}", style(what).for_stderr().dim()));
    }

    /// Says what goes on. `left` may change all the time and is only for a live line.
    pub fn say(&mut self, what: &str, left: &str) {
        let changed = self.last != what;
        what.clone_into(&mut self.last);
        match &self.bar {
            Some(bar) if left.is_empty() => bar.set_message(what.to_owned()),
            Some(bar) => bar.set_message(format!("{what} · {left}")),
            None if changed => self.line(&format!("  {what}")),
            None => {}
        }
    }

    /// Shows a table in the place of the live line; elsewhere, what it says in a line.
    pub fn show(&mut self, what: &str, table: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(format!("\n{table}")),
            None => self.say(what, ""),
        }
    }

    /// Says that something is done, and how long it took since the last was.
    pub fn done(&mut self, what: &str) {
        let took = self.since.elapsed().as_secs_f64();
        self.line(&format!(
            "{} {what} {}",
            style("✔").for_stderr().green(),
            style(format!("({took:.1} s)")).for_stderr().dim()
        ));
        self.since = Instant::now();
    }

    /// Takes the live line away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
