//! Lines over logarithmic axes, each named at its end.

use benches::Error;
use plotters::chart::ChartBuilder;
use plotters::prelude::{BindKeyPoints, DashedLineSeries, IntoLogRange, LineSeries, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, ShapeStyle};

use super::Chart;
use super::canvas::{Area, INDENT, Refusal, beside, bold, drawn, plain};
use super::palette::{FAINT_TEXT, GRID, HIGHLIGHT, TEXT, Tone};

/// Height of a panel, in pixels.
const HEIGHT: u32 = 400;
/// Room for the title of a panel.
const TITLE: u32 = 30;
/// Room for the names of lines.
const NAMES: u32 = 190;
/// The least distance of two names, from middle to middle.
const LINE: i32 = 17;

/// A logarithmic axis.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    /// What it shows, with the unit.
    pub title: &'static str,
    /// Its first value, above 0, and its last one.
    pub from: f64,
    pub to: f64,
    /// Values that are named.
    pub marks: &'static [f64],
    /// How they are named.
    pub name: fn(f64) -> String,
}

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its name, at its end.
    pub name: String,
    pub tone: Tone,
    /// Its width, in pixels; 0 for a dashed one.
    pub width: u32,
    /// Where its name is.
    pub place: Place,
    /// Its points, from left to right. What is outside of the axes is drawn at their ends.
    pub points: Vec<(f64, f64)>,
}

impl Line {
    /// A dashed grey one: a limit.
    pub fn limit(name: String, points: impl Iterator<Item = (f64, f64)>) -> Self {
        Self { name, tone: Tone::Grey, width: 0, place: Place::Right, points: points.collect() }
    }
}

/// Where the name of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// To the right of its end.
    Right,
    /// Above its end, to the left.
    Above,
}

/// Values of the horizontal axis that matter most.
#[derive(Debug, Clone, Copy)]
pub struct Highlight {
    pub name: &'static str,
    pub from: f64,
    pub to: f64,
}

/// Lines with common axes.
#[derive(Debug, Clone)]
pub struct Panel {
    pub title: &'static str,
    pub x: Axis,
    pub y: Axis,
    /// What is on a darker ground.
    pub highlight: Highlight,
    /// The lines; a later one is drawn over an earlier one.
    pub lines: Vec<Line>,
}

/// Draws panels below each other, under a title and a sentence.
pub fn draw(name: &'static str, head: (&str, &str), panels: &[Panel]) -> Result<Chart, Error> {
    let height = HEIGHT * u32::try_from(panels.len()).unwrap_or(1);
    drawn(name, height, head, |area| {
        area.split_evenly((panels.len(), 1)).iter().zip(panels).try_for_each(|(area, panel)| draw_panel(area, panel))
    })
}

fn draw_panel(area: &Area, panel: &Panel) -> Result<(), Refusal> {
    let (head, body) = area.split_vertically(TITLE);
    head.draw(&Text::new(panel.title, (INDENT, 4), bold(15, TEXT)))?;
    let mut chart = ChartBuilder::on(&body)
        .margin_left(12)
        .margin_right(NAMES)
        .margin_bottom(10)
        .x_label_area_size(46)
        .y_label_area_size(74)
        .build_cartesian_2d(
            (panel.x.from..panel.x.to).log_scale().with_key_points(panel.x.marks.to_vec()),
            (panel.y.from..panel.y.to).log_scale().with_key_points(panel.y.marks.to_vec()),
        )?;
    chart
        .configure_mesh()
        .x_labels(64)
        .y_labels(64)
        .x_label_formatter(&|value| (panel.x.name)(*value))
        .y_label_formatter(&|value| (panel.y.name)(*value))
        .x_desc(panel.x.title)
        .y_desc(panel.y.title)
        .label_style(plain(13, TEXT))
        .axis_desc_style(plain(13, FAINT_TEXT))
        .axis_style(FAINT_TEXT)
        .bold_line_style(GRID)
        .draw()?;
    let Highlight { name, from, to } = panel.highlight;
    chart.draw_series([Rectangle::new([(from, panel.y.from), (to, panel.y.to)], HIGHLIGHT.mix(0.35).filled())])?;
    chart.draw_series([Text::new(
        name,
        (to, panel.y.to),
        plain(12, FAINT_TEXT).pos(Pos::new(HPos::Right, VPos::Top)),
    )])?;
    let mut names = Vec::new();
    for line in &panel.lines {
        let inside = |(x, y): &(f64, f64)| (x.clamp(panel.x.from, panel.x.to), y.clamp(panel.y.from, panel.y.to));
        let points: Vec<_> = line.points.iter().map(inside).collect();
        let style = ShapeStyle::from(&line.tone.colour()).stroke_width(line.width.max(1));
        if line.width == 0 {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), 5, 4, style))?;
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        }
        if let Some(end) = points.last() {
            names.push((chart.backend_coord(end), line));
        }
    }
    // Lines may end close to each other. Only names at the same edge can collide.
    names.sort_by_key(|((_, y), _)| *y);
    let mut edges: Vec<(i32, i32)> = Vec::new();
    let (left, top) = body.get_base_pixel();
    for ((x, y), line) in names {
        let style = if line.width > 2 { bold(13, line.tone.letters()) } else { plain(13, line.tone.letters()) };
        let (x, y) = (x - left, y - top);
        if line.place == Place::Above {
            body.draw(&Text::new(line.name.clone(), (x, y - 12), beside(&style, HPos::Right)))?;
            continue;
        }
        let lowest = edges.iter().filter(|(edge, _)| (edge - x).abs() < 100).map(|(_, taken)| taken + LINE).max();
        let y = lowest.map_or(y, |lowest| y.max(lowest));
        edges.push((x, y));
        body.draw(&Text::new(line.name.clone(), (x + 7, y), beside(&style, HPos::Left)))?;
    }
    Ok(())
}

/// A time, in the largest unit of which it is a whole number.
pub fn time(seconds: f64) -> String {
    match seconds {
        3_600.0.. => format!("{} h", seconds / 3_600.0),
        60.0.. => format!("{} min", seconds / 60.0),
        _ => format!("{seconds} s"),
    }
}
