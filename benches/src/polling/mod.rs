//! The wait rule against the pollers that others use: how late each finds a dataset group ACTIVE, and for how many
//! looks. A computation, and an exact one: times to ACTIVE are spread evenly over a span, and means are integrals.

mod cost;
pub use cost::TRANSITION;
mod figures;
mod pollers;
mod schedule;
mod spans;

pub use figures::{Figures, PollerFigures, measure};
pub use schedule::Found;
pub use spans::Span;

mod picture;
mod tables;

#[cfg(test)]
mod tests;
