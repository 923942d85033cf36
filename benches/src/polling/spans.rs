//! Spans of times to ACTIVE.

use serde::Serialize;

/// Times to ACTIVE from `from` to `to` seconds, each as likely as any other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Span {
    /// For people.
    pub name: &'static str,
    /// The shortest time, in seconds.
    pub from: f64,
    /// The longest time, in seconds.
    pub to: f64,
}

/// The shortest time to ACTIVE that was ever seen, in seconds.
pub const SOONEST: f64 = 20.0;
/// The longest time that is looked at, in seconds: 6 h.
pub const LONGEST: f64 = 21_600.0;

/// What public recordings show.
pub const REAL: Span = Span { name: "20-120 s", from: SOONEST, to: 120.0 };
/// The longest times.
pub const HOURS: Span = Span { name: "1-6 h", from: 3_600.0, to: LONGEST };

/// The bands of the tables: those that add up to the whole, then what really occurs, then the whole.
pub const SPANS: [Span; 7] = [
    Span { name: "20-60 s", from: SOONEST, to: 60.0 },
    Span { name: "60-120 s", from: 60.0, to: 120.0 },
    Span { name: "2-10 min", from: 120.0, to: 600.0 },
    Span { name: "10-60 min", from: 600.0, to: 3_600.0 },
    HOURS,
    REAL,
    Span { name: "20 s-6 h", from: SOONEST, to: LONGEST },
];
