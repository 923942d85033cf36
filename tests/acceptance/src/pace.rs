//! How long is waited. The tests wait less.

use std::time::{Duration, Instant};

/// Real seconds for each second of waiting.
#[derive(Debug, Clone, Copy)]
pub struct Pace(pub f64);

/// Between two looks at something that changes within minutes, in seconds.
const PAUSE: f64 = 5.0;
/// A machine needs this for a look, whatever the pace.
const SHORTEST: Duration = Duration::from_millis(100);
/// What was created is visible after this time, in seconds.
pub const VISIBLE: f64 = 60.0;

impl Pace {
    pub async fn pause(self) {
        tokio::time::sleep(Duration::from_secs_f64(PAUSE * self.0).max(SHORTEST)).await;
    }

    /// When the patience of so many seconds ends.
    pub fn deadline(self, seconds: f64) -> Instant {
        Instant::now() + Duration::from_secs_f64(seconds * self.0).max(Duration::from_secs(2))
    }
}
