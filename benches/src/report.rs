//! The report: for people in the terminal and in docs/benchmarks.md, for programs in target/bench/report.json.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement};
use console::style;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::chart::Chart;
use crate::error::Error;
use crate::machine::Machine;
use crate::places;
use crate::table::Table;
use crate::target::Target;

/// What was measured, part by part.
#[derive(Debug, Default)]
pub struct Report {
    figures: Map<String, Value>,
    targets: Vec<Target>,
    sections: Vec<Section>,
}

/// A heading of the document.
#[derive(Debug)]
struct Section {
    title: &'static str,
    charts: Vec<Chart>,
    tables: Vec<Table>,
}

impl Report {
    /// Adds a part; `key` is its name in the JSON document.
    ///
    /// # Errors
    /// When the figures cannot be written as JSON.
    pub fn add(
        &mut self,
        key: &str,
        title: &'static str,
        figures: &impl Serialize,
        tables: Vec<Table>,
        targets: Vec<Target>,
    ) -> Result<(), Error> {
        let figures = serde_json::to_value(figures)
            .map_err(|fault| Error::Unreadable { file: PathBuf::from(key), problem: fault.to_string() })?;
        self.figures.insert(key.to_owned(), figures);
        self.targets.extend(targets);
        self.sections.push(Section { title, charts: Vec::new(), tables });
        Ok(())
    }

    /// Adds a chart to the part that was added last.
    pub fn draw(&mut self, chart: Chart) {
        if let Some(section) = self.sections.last_mut() {
            section.charts.push(chart);
        }
    }

    /// The table of targets; none when no part has any.
    fn promises(&self) -> Option<Table> {
        let row = |target: &Target| {
            let met = if target.met { "met" } else { "MISSED" };
            vec![target.what.clone(), target.promised.clone(), target.found.clone(), met.to_owned()]
        };
        (!self.targets.is_empty()).then(|| Table {
            title: "Targets".to_owned(),
            columns: vec!["metric", "target", "result", ""],
            rows: self.targets.iter().map(row).collect(),
            notes: Vec::new(),
        })
    }

    /// For the terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let tables = self.sections.iter().flat_map(|section| section.tables.clone()).chain(self.promises());
        tables.map(|table| format!("\n{}\n", drawn(&table))).collect::<Vec<_>>().concat()
    }

    /// Writes target/bench/report.json and the charts beside it, and returns where they are.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write_results(&self, machine: &Machine) -> Result<Vec<PathBuf>, Error> {
        let document = serde_json::json!({ "machine": machine, "targets": self.targets, "figures": self.figures });
        let folder = places::results()?;
        let mut files = vec![write(folder.join("report.json"), &format!("{document:#}\n"))?];
        files.extend(self.write_charts(&folder)?);
        Ok(files)
    }

    /// Writes docs/benchmarks.md and the charts beside it, and returns where they are.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write_document(&self, machine: &Machine) -> Result<Vec<PathBuf>, Error> {
        let folder = places::root()?.join("docs");
        let mut files = vec![write(folder.join("benchmarks.md"), &self.document(machine))?];
        files.extend(self.write_charts(&folder)?);
        Ok(files)
    }

    fn write_charts(&self, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let charts = self.sections.iter().flat_map(|section| &section.charts);
        charts.map(|chart| write(folder.join(format!("{}.svg", chart.name)), &chart.svg)).collect()
    }

    fn document(&self, machine: &Machine) -> String {
        let mut text = HEAD.to_owned();
        let Machine { date, processor, cores, kernel, system, versions } = machine;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "\nMeasured on {date}: {processor}, {cores} cores; {system}, {kernel}; {}.",
            versions.join(", ")
        );
        if let Some(promises) = self.promises() {
            let _ = write!(text, "\n## Targets\n\n{}", markdown(&promises));
        }
        for section in &self.sections {
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

    fn table() -> Table {
        Table {
            title: "A".to_owned(),
            columns: vec!["who", "ms"],
            rows: vec![vec!["a|b".to_owned(), "1.2".to_owned()], vec!["c".to_owned(), String::new()]],
            notes: vec!["So it is.".to_owned()],
        }
    }

    #[test]
    fn a_table_is_written_as_markdown_with_figures_to_the_right() {
        assert_eq!(markdown(&table()), "| who | ms |\n| --- | --: |\n| a\\|b | 1.2 |\n| c |  |\n\nSo it is.\n");
    }

    #[test]
    fn a_missed_target_is_marked() {
        let mut report = Report::default();
        let targets = vec![Target::at_most("zip", 3.0, 2.5, "MB"), Target::at_most("memory", 3.0, 20.0, "MB")];
        report.add("a", "A", &(), vec![table()], targets).expect("figures");
        let marks: Vec<_> = report.promises().expect("promises").rows.into_iter().map(|row| row[3].clone()).collect();
        assert_eq!(marks, ["MISSED", "met"]);
    }
}
