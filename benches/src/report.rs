//! The report: for people in the terminal and in docs/benchmarks.md, for programs in target/bench/report.json.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use benches::{Error, places};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement};
use console::style;
use serde::Serialize;

use crate::chart::Chart;
use crate::machine::Machine;

/// What one part measured: a heading of the document, with its charts and tables.
#[derive(Debug, Default, Serialize)]
pub struct Section {
    pub title: &'static str,
    #[serde(skip)]
    pub charts: Vec<Chart>,
    pub tables: Vec<Table>,
    pub targets: Vec<Target>,
}

/// A table, before it is drawn.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    pub title: String,
    /// Names of the columns, with their units.
    pub columns: Vec<&'static str>,
    /// Rows of as many cells as there are columns, as they are printed.
    pub rows: Vec<Vec<String>>,
    /// Sentences below the table.
    pub notes: Vec<String>,
}

/// What was promised, and whether it holds.
#[derive(Debug, Clone, Serialize)]
pub struct Target {
    /// What is measured.
    pub what: String,
    pub promised: String,
    pub found: String,
    pub met: bool,
}

impl Target {
    /// At most so much.
    pub fn at_most(what: impl Into<String>, found: f64, limit: f64, unit: &str) -> Self {
        let promised = format!("at most {limit} {unit}");
        Self::holds(what, promised, found <= limit, format!("{found:.2} {unit}"))
    }

    /// So many times, at least.
    pub fn times(what: impl Into<String>, found: f64, limit: f64) -> Self {
        Self::holds(what, format!("at least {limit} ×"), found >= limit, format!("{found:.1} ×"))
    }

    /// That something holds.
    pub fn holds(what: impl Into<String>, promised: impl Into<String>, met: bool, found: impl Into<String>) -> Self {
        Self { what: what.into(), promised: promised.into(), found: found.into(), met }
    }
}

/// The table of the targets of all sections; none when no section has any.
fn targets(sections: &[Section]) -> Option<Table> {
    let row = |target: &Target| {
        let met = if target.met { "met" } else { "MISSED" };
        vec![target.what.clone(), target.promised.clone(), target.found.clone(), met.to_owned()]
    };
    let rows: Vec<_> = sections.iter().flat_map(|section| &section.targets).map(row).collect();
    let columns = vec!["metric", "target", "result", ""];
    (!rows.is_empty()).then(|| Table { title: "Targets".to_owned(), columns, rows, notes: Vec::new() })
}

/// Everything for the terminal.
pub fn text(sections: &[Section]) -> String {
    let tables = sections.iter().flat_map(|section| section.tables.clone()).chain(targets(sections));
    tables.map(|table| format!("\n{}\n", drawn(&table))).collect::<Vec<_>>().concat()
}

/// Writes target/bench/report.json and the charts beside it, and returns where they are.
pub fn write_results(sections: &[Section], machine: &Machine) -> Result<Vec<PathBuf>, Error> {
    let document = serde_json::json!({ "machine": machine, "sections": sections });
    let folder = places::results()?;
    let mut files = vec![write(folder.join("report.json"), &format!("{document:#}\n"))?];
    files.extend(write_charts(sections, &folder)?);
    Ok(files)
}

/// Writes docs/benchmarks.md and the charts beside it, and returns where they are.
pub fn write_document(sections: &[Section], machine: &Machine) -> Result<Vec<PathBuf>, Error> {
    let folder = places::root()?.join("docs");
    let mut files = vec![write(folder.join("benchmarks.md"), &document(sections, machine))?];
    files.extend(write_charts(sections, &folder)?);
    Ok(files)
}

fn write_charts(sections: &[Section], folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let charts = sections.iter().flat_map(|section| &section.charts);
    charts.map(|chart| write(folder.join(format!("{}.svg", chart.name)), &chart.svg)).collect()
}

fn document(sections: &[Section], machine: &Machine) -> String {
    let mut text = HEAD.to_owned();
    let Machine { date, processor, cores, kernel, system, versions } = machine;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\nMeasured on {date}: {processor}, {cores} cores; {system}, {kernel}; {}.",
        versions.join(", ")
    );
    if let Some(targets) = targets(sections) {
        let _ = write!(text, "\n## Targets\n\n{}", markdown(&targets));
    }
    for section in sections {
        let _ = write!(text, "\n## {}\n", section.title);
        for chart in &section.charts {
            let _ = write!(text, "\n![{}]({}.svg)\n", section.title, chart.name);
        }
        for table in &section.tables {
            let _ = write!(text, "\n### {}\n\n{}", table.title, markdown(table));
        }
    }
    text
}

const HEAD: &str = "\
# Benchmarks

<!-- Written by `make bench`, which overwrites changes by hand. -->

`make bench` runs all measurements and writes this document, its charts and `target/bench/report.json`.

- **The same conditions for every program.** A replacement of Lambda's Runtime API starts a fresh process with the environment
  that Lambda sets, and without the user's environment. Our functions are the files that `sam build` deploys.
- **The services are the simulators behind real TLS** (1.3, HTTP/1.1, kept alive, a chain of three certificates) on this
  machine. The figures do not include the micro-VM, the resolution of names and the network of AWS, which are the same for all.
- **Each program reads as many root certificates as it would on AWS.** Our functions read those of Amazon Trust Services, a peer
  reads the whole system's store, and Node reads its own.
- **Each process is checked**: its calls, its connections and handshakes, and its response. Any deviation stops the
  measurement.
- **The peers** are in `benches/peers`. `hello` is a hello-world on lambda_runtime, built like our functions. `naive` is the call
  of poll-status as on the first page of the SDK's guide, built with cargo-lambda. `python` is the same call with boto3 on
  awslambdaric. `node` is the same call with the SDK for JavaScript, bundled by esbuild, on a minimal loop over the Runtime API.
";

/// For the terminal.
fn drawn(table: &Table) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    drawn.set_header(&table.columns);
    for row in &table.rows {
        drawn.add_row(row);
    }
    for (place, column) in drawn.column_iter_mut().enumerate() {
        if is_of_figures(table, place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let notes = table.notes.iter().map(|note| format!("\n{}", style(note).dim())).collect::<Vec<_>>().concat();
    format!("{}\n{drawn}{notes}", style(&table.title).bold())
}

/// For the document.
fn markdown(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let escaped = |cell: &str| cell.replace('|', "\\|");
    let mut text = line(table.columns.iter().map(|column| escaped(column)).collect());
    let alignments = (0..table.columns.len()).map(|place| if is_of_figures(table, place) { "--:" } else { "---" });
    text.push_str(&line(alignments.map(str::to_owned).collect()));
    for row in &table.rows {
        text.push_str(&line(row.iter().map(|cell| escaped(cell)).collect()));
    }
    for note in &table.notes {
        text.push('\n');
        text.push_str(note);
        text.push('\n');
    }
    text
}

/// Whether a column has figures, which are read from the right.
fn is_of_figures(table: &Table, place: usize) -> bool {
    let is_figure = |cell: &String| cell.is_empty() || cell.starts_with(|first: char| first.is_ascii_digit());
    place > 0 && table.rows.iter().filter_map(|row| row.get(place)).all(is_figure)
}

fn write(file: PathBuf, text: &str) -> Result<PathBuf, Error> {
    fs::write(&file, text).map_err(Error::system(format!("cannot write {}", file.display())))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_as_markdown_with_figures_to_the_right() {
        let rows = vec![vec!["a|b".to_owned(), "1.2".to_owned()], vec!["c".to_owned(), String::new()]];
        let notes = vec!["So it is.".to_owned()];
        let table = Table { title: "A".to_owned(), columns: vec!["who", "ms"], rows, notes };
        assert_eq!(markdown(&table), "| who | ms |\n| --- | --: |\n| a\\|b | 1.2 |\n| c |  |\n\nSo it is.\n");
    }

    #[test]
    fn a_target_is_met_up_to_its_limit_and_marked_beyond_it() {
        let limits = [Target::at_most("zip", 2.5, 2.5, "MB"), Target::at_most("zip", 2.501, 2.5, "MB")];
        let times = [Target::times("faster", 50.0, 50.0), Target::times("faster", 49.9, 50.0)];
        let section = Section { targets: [limits, times].concat(), ..Section::default() };
        let marks: Vec<_> = targets(&[section]).expect("targets").rows.into_iter().map(|row| row[3].clone()).collect();
        assert_eq!(marks, ["met", "MISSED", "met", "MISSED"]);
    }
}
