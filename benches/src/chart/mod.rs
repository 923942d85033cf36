//! Charts for the documents, as SVG: on a ground of their own, so that they can be read on light and dark pages, in
//! colours that colour-blind people can tell apart, with names beside what they name instead of a legend.

pub mod bars;
pub mod lines;

mod canvas;
mod palette;

pub use palette::Tone;

/// A chart, drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Name of its file in docs/, without the ending.
    pub name: &'static str,
    /// The file.
    pub svg: String,
}
