//! How many calls a second a service takes: a bucket of tokens for each operation, which fills steadily.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many calls of an operation the service takes; it throttles the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    /// Calls in a second, in the long run.
    pub per_second: NonZeroU32,
    /// Calls at once, after a pause.
    pub burst: NonZeroU32,
}

impl RateLimit {
    /// So many calls a second, and twice as many at once.
    #[must_use]
    pub const fn of(per_second: NonZeroU32) -> Self {
        Self { per_second, burst: per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1)) }
    }
}

/// The tokens that are left of each operation's bucket, and when they were counted.
#[derive(Debug, Default)]
pub struct Buckets {
    left: BTreeMap<String, (f64, Timestamp)>,
}

impl Buckets {
    /// Takes a token for a call; false where there is none, so that the call is throttled. A bucket is full at first.
    pub fn admit(&mut self, limits: &BTreeMap<String, RateLimit>, operation: &str, now: Timestamp) -> bool {
        let Some(RateLimit { per_second, burst }) = limits.get(operation) else { return true };
        let [per_second, burst] = [per_second, burst].map(|number| f64::from(number.get()));
        let (left, counted_at) = self.left.entry(operation.to_owned()).or_insert((burst, now));
        let seconds = now.duration_since(*counted_at).as_secs_f64().max(0.0);
        *left = seconds.mul_add(per_second, *left).min(burst);
        *counted_at = now.max(*counted_at);
        let admitted = *left >= 1.0;
        if admitted {
            *left -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_burst_passes_then_as_many_as_the_bucket_gains_and_other_operations_have_no_limit() {
        let limits = BTreeMap::from([("Describe".to_owned(), RateLimit::of(NonZeroU32::new(10).unwrap()))]);
        let mut buckets = Buckets::default();
        let mut admitted_at = |milliseconds: i64, operation: &str| {
            let now = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(milliseconds);
            (0..100).filter(|_| buckets.admit(&limits, operation, now)).count()
        };
        assert_eq!(admitted_at(0, "Describe"), 20);
        assert_eq!(admitted_at(50, "Describe"), 0);
        assert_eq!(admitted_at(500, "Describe"), 5);
        assert_eq!(admitted_at(400, "Describe"), 0, "the clock was set back");
        assert_eq!(admitted_at(60_000, "Describe"), 20, "no more than the burst");
        assert_eq!(admitted_at(60_000, "Create"), 100);
    }
}
