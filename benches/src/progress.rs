//! Says what is measured: a live line on a terminal, a line for each part elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use console::style;
use indicatif::{ProgressBar, ProgressStyle};

const SPINNER: &str = "{spinner:.cyan} {msg}";
const BAR: &str = "{spinner:.cyan} {msg} {bar:30.cyan/dim} {pos}/{len}";

/// The line, and since when the part that it tells of goes on.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    since: Instant,
}

impl Progress {
    /// For stderr, so that the tables alone are on stdout.
    #[must_use]
    pub fn new() -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar, since: Instant::now() }
    }

    /// A part begins, of so many steps; 0 when it has no number.
    pub fn begin(&mut self, part: &str, steps: usize) {
        self.since = Instant::now();
        match &self.bar {
            Some(bar) => {
                let template = if steps == 0 { SPINNER } else { BAR };
                // A template that is known when this is written cannot be wrong; the default serves otherwise.
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style.progress_chars("━━━"));
                }
                bar.set_length(u64::try_from(steps).unwrap_or(0));
                bar.set_position(0);
                bar.set_message(part.to_owned());
            }
            None => eprintln!("  {part}"),
        }
    }

    /// So many of its steps are done.
    pub fn at(&self, step: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(step).unwrap_or(0));
        }
    }

    /// What goes on in the part.
    pub fn say(&self, part: &str, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{part}: {what}"));
        }
    }

    /// The part is done.
    pub fn done(&self, part: &str) {
        let took = style(format!("({:.0} s)", self.since.elapsed().as_secs_f64())).for_stderr().dim();
        let line = format!("{} {part} {took}", style("✔").for_stderr().green());
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
