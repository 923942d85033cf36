//! Bars over a logarithmic axis: for each name what it takes to be ready, and to the first answer.

use benches::Error;
use benches::subject::Subject;
use plotters::chart::ChartBuilder;
use plotters::prelude::{BindKeyPoints, IntoLogRange, Rectangle, Text};
use plotters::style::Color;
use plotters::style::text_anchor::HPos;

use super::Chart;
use super::canvas::{Area, INDENT, Refusal, beside, bold, drawn, plain};
use super::palette::{FAINT_TEXT, GRID, TEXT, Tone};
use crate::statistics::grouped;

/// Room for the title of a section.
const TITLE: u32 = 30;
/// Height of a row, in pixels.
const ROW: u32 = 40;
/// Room for the axis.
const AXIS: u32 = 58;
/// Room for the names of rows.
const NAMES: u32 = 210;
/// Room for the figure of the longest bar.
const FIGURES: u32 = 110;

/// One row: two bars, the lighter of them for readiness.
#[derive(Debug, Clone)]
pub struct Row {
    name: String,
    tone: Tone,
    /// From the start of the process until it asks for an event; above 0.
    ready: f64,
    /// From the start of the process until its first response; above 0.
    first: f64,
}

impl Row {
    /// The row of a program.
    pub fn of(subject: Subject, ready: f64, first: f64) -> Self {
        Self { name: subject.name(), tone: Tone::of(subject), ready, first }
    }
}

/// Rows with a common axis.
#[derive(Debug, Clone)]
pub struct Section {
    pub title: &'static str,
    /// The unit, at the axis.
    pub unit: &'static str,
    /// A short form of it, behind each figure.
    pub suffix: &'static str,
    /// The rows, from top to bottom.
    pub rows: Vec<Row>,
}

/// The chart of cold starts: instructions and wall time, each a section.
pub fn cold_starts(sections: &[Section]) -> Result<Chart, Error> {
    let head = (
        "A cold start, from the start of the process",
        "Light: until it requests an event. Dark: until its first response. Each step to the right is ten times as much.",
    );
    draw("benchmarks-cold-starts", head, sections)
}

/// Draws sections below each other, under a title and a sentence, which has to say what the two bars are.
fn draw(name: &'static str, head: (&str, &str), sections: &[Section]) -> Result<Chart, Error> {
    drawn(name, sections.iter().map(height).sum(), head, |area| {
        let mut rest = area.clone();
        for section in sections {
            let (this, below) = rest.split_vertically(height(section));
            draw_section(&this, section)?;
            rest = below;
        }
        Ok(())
    })
}

fn height(section: &Section) -> u32 {
    TITLE + ROW * u32::try_from(section.rows.len()).unwrap_or(1) + AXIS
}

fn draw_section(area: &Area, section: &Section) -> Result<(), Refusal> {
    let (head, body) = area.split_vertically(TITLE);
    head.draw(&Text::new(section.title, (INDENT, 4), bold(15, TEXT)))?;
    let powers = powers_around(&section.rows);
    let (Some(from), Some(to)) = (powers.first().copied(), powers.last().copied()) else {
        return Ok(());
    };
    let rows = f64::from(u32::try_from(section.rows.len()).unwrap_or(1));
    let mut chart = ChartBuilder::on(&body)
        .margin_left(INDENT)
        .margin_right(FIGURES)
        .margin_bottom(8)
        .x_label_area_size(42)
        .y_label_area_size(NAMES)
        .build_cartesian_2d((from..to).log_scale().with_key_points(powers), rows..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_labels(64)
        .x_label_formatter(&|value| figure(*value))
        .x_desc(section.unit)
        .label_style(plain(13, TEXT))
        .axis_desc_style(plain(13, FAINT_TEXT))
        .axis_style(FAINT_TEXT)
        .bold_line_style(GRID)
        .draw()?;
    let (left, top) = body.get_base_pixel();
    let mut row_top = 0.0;
    for row in &section.rows {
        let bars = [(row.ready, row.tone.light(), 0.12), (row.first, row.tone.colour(), 0.46)];
        for (value, colour, offset) in bars {
            let place = [(from, row_top + offset), (value, row_top + offset + 0.34)];
            chart.draw_series([Rectangle::new(place, colour.filled())])?;
            let (x, y) = chart.backend_coord(&(value, row_top + offset + 0.17));
            let text = format!("{}{}", figure(value), section.suffix);
            let style = beside(&plain(12, row.tone.letters()), HPos::Left);
            body.draw(&Text::new(text, (x - left + 6, y - top), style))?;
        }
        let (x, y) = chart.backend_coord(&(from, row_top + 0.46));
        let style = if row.tone == Tone::Ours { bold(13, TEXT) } else { plain(13, TEXT) };
        body.draw(&Text::new(row.name.clone(), (x - left - 10, y - top), beside(&style, HPos::Right)))?;
        row_top += 1.0;
    }
    Ok(())
}

/// The powers of ten from one below the least bar to one above the longest.
fn powers_around(rows: &[Row]) -> Vec<f64> {
    let values = || rows.iter().flat_map(|row| [row.ready, row.first]);
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    if !(least > 0.0 && most.is_finite()) {
        return Vec::new();
    }
    let below = 10_f64.powf((least / 1.5).log10().floor());
    let mut powers = vec![below];
    while powers.last().is_some_and(|power| *power < most) {
        powers.push(powers[powers.len() - 1] * 10.0);
    }
    powers
}

/// Three digits, as many as a measurement bears.
fn figure(value: f64) -> String {
    match value {
        value if value >= 99.5 => grouped(value),
        value if value >= 9.95 => trimmed(&format!("{value:.1}")),
        value => trimmed(&format!("{value:.2}")),
    }
}

fn trimmed(number: &str) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use benches::scenario::Scenario;
    use benches::subject::Peer;

    use super::*;

    const OURS: Subject = Subject::Function(Scenario::Poll);

    #[test]
    fn every_row_is_named_and_both_of_its_figures_are_written() {
        let rows = vec![Row::of(OURS, 1.3, 4.29), Row::of(Subject::Peer(Peer::Naive), 12.5, 435.0)];
        let section = Section { title: "Instructions", unit: "million", suffix: " M", rows };
        let chart = draw("a-chart", ("Cold start", "light: ready; dark: first response"), &[section]).expect("drawn");
        for text in ["Cold start", "poll-status polls", "naive", "1.3 M", "4.29 M", "12.5 M", "435 M", "million"] {
            assert!(chart.svg.contains(text), "{text}");
        }
    }

    #[test]
    fn the_axis_goes_from_the_power_of_ten_below_to_that_above() {
        let powers = |least, most| powers_around(&[Row::of(OURS, least, most)]);
        assert_eq!(powers(1.3, 435.0), [0.1, 1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(powers(20.0, 90.0), [10.0, 100.0]);
        assert!(powers(0.0, 90.0).is_empty());
    }

    #[test]
    fn figures_have_three_digits() {
        let figures = [0.49, 1.0, 4.294, 12.54, 99.96, 435.4, 999.7, 1_000.0, 12_034.0].map(figure);
        assert_eq!(figures, ["0.49", "1", "4.29", "12.5", "100", "435", "1,000", "1,000", "12,034"]);
    }
}
