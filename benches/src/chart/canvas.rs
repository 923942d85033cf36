//! What all charts are drawn on.

use benches::Error;
use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontStyle, IntoFont, RGBColor, TextStyle};

use super::Chart;
use super::palette::{FAINT_TEXT, GROUND, TEXT};

/// Width of every chart, in pixels: about that of a page on GitHub.
pub const WIDTH: u32 = 880;
/// Height of the title and the sentence below it.
pub const HEAD: u32 = 76;
/// Distance of titles from the left edge.
pub const INDENT: i32 = 20;

/// Why the library refuses.
pub type Refusal = DrawingAreaErrorKind<std::io::Error>;
/// A part of a chart.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws a title and a sentence, and below them whatever `body` draws.
pub fn drawn(
    name: &'static str,
    body_height: u32,
    (title, sentence): (&str, &str),
    body: impl FnOnce(&Area) -> Result<(), Refusal>,
) -> Result<Chart, Error> {
    let mut svg = String::new();
    let draw = |svg| {
        let root = SVGBackend::with_string(svg, (WIDTH, HEAD + body_height)).into_drawing_area();
        root.fill(&GROUND)?;
        let (head, rest) = root.split_vertically(HEAD);
        head.draw(&Text::new(title.to_owned(), (INDENT, 18), bold(20, TEXT)))?;
        head.draw(&Text::new(sentence.to_owned(), (INDENT, 46), plain(14, FAINT_TEXT)))?;
        body(&rest)?;
        root.present()
    };
    draw(&mut svg).map_err(|refusal: Refusal| Error::Chart(format!("{name}: {refusal}")))?;
    Ok(Chart { name, svg })
}

/// Letters.
pub fn plain(pixels: u32, colour: RGBColor) -> TextStyle<'static> {
    coloured(("sans-serif", pixels).into_font(), colour)
}

/// Bold letters.
pub fn bold(pixels: u32, colour: RGBColor) -> TextStyle<'static> {
    coloured(("sans-serif", pixels).into_font().style(FontStyle::Bold), colour)
}

/// Letters whose given end is at half their height at the place where they are drawn.
pub fn beside(style: &TextStyle<'static>, end: HPos) -> TextStyle<'static> {
    style.pos(Pos::new(end, VPos::Center))
}

fn coloured(font: FontDesc<'static>, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { color: colour.to_backend_color(), ..TextStyle::from(font) }
}
