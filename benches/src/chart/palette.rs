//! Colours of Okabe and Ito, who chose them so that every kind of colour-blindness can tell them apart.

use benches::subject::{Peer, Subject};
use plotters::style::RGBColor;

/// The ground of a chart.
pub const GROUND: RGBColor = RGBColor(255, 255, 255);
/// Titles and names.
pub const TEXT: RGBColor = RGBColor(31, 35, 40);
/// Everything that explains.
pub const FAINT_TEXT: RGBColor = RGBColor(89, 99, 110);
/// Lines that help to read values.
pub const GRID: RGBColor = RGBColor(225, 228, 232);
/// The ground of what matters most; half-transparent.
pub const HIGHLIGHT: RGBColor = RGBColor(208, 220, 232);

/// What something is drawn in: this project in its own tone, limits and floors in grey, peers in the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Ours,
    Orange,
    Green,
    Vermilion,
    Purple,
    Sky,
    Grey,
}

impl Tone {
    /// The tone of a program.
    pub const fn of(subject: Subject) -> Self {
        match subject {
            Subject::Function(_) => Self::Ours,
            Subject::Peer(Peer::Hello) => Self::Grey,
            Subject::Peer(Peer::Naive) => Self::Vermilion,
            Subject::Peer(Peer::Python) => Self::Orange,
            Subject::Peer(Peer::Node) => Self::Green,
        }
    }

    /// For lines and bars.
    pub const fn colour(self) -> RGBColor {
        self.shades()[0]
    }

    /// For letters, which are thin: dark enough to be read on the ground.
    pub const fn letters(self) -> RGBColor {
        self.shades()[1]
    }

    const fn shades(self) -> [RGBColor; 2] {
        match self {
            Self::Ours => [RGBColor(0, 114, 178), RGBColor(0, 94, 150)],
            Self::Orange => [RGBColor(230, 159, 0), RGBColor(146, 98, 0)],
            Self::Green => [RGBColor(0, 158, 115), RGBColor(0, 112, 80)],
            Self::Vermilion => [RGBColor(213, 94, 0), RGBColor(170, 72, 0)],
            Self::Purple => [RGBColor(204, 121, 167), RGBColor(150, 66, 112)],
            Self::Sky => [RGBColor(86, 180, 233), RGBColor(20, 110, 160)],
            Self::Grey => [RGBColor(110, 119, 129), RGBColor(89, 99, 110)],
        }
    }

    /// A light shade, for the lesser of two bars.
    pub fn light(self) -> RGBColor {
        let RGBColor(red, green, blue) = self.colour();
        let lighter = |part: u8| u8::try_from((u16::from(part) * 2 + 255 * 3) / 5).unwrap_or(u8::MAX);
        RGBColor(lighter(red), lighter(green), lighter(blue))
    }
}
