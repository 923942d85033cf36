//! The execution of the state machine that a step belongs to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What every step gets of its execution (`$states.context.Execution`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Execution {
    /// The execution's ARN.
    pub arn: String,
    /// When it started: the deadline counts from here.
    pub start_time: Timestamp,
    /// Seconds that the state machine has waited so far. The time since the start is at least that long, however
    /// far the clocks of Lambda and Step Functions are apart.
    #[serde(deserialize_with = "crate::whole_number::deserialize")]
    pub waited_seconds: u64,
}

impl Execution {
    /// Seconds since the execution started.
    #[must_use]
    pub fn elapsed_seconds(&self, now: Timestamp) -> u64 {
        seconds_between(self.start_time, now).max(self.waited_seconds)
    }
}

/// Whole seconds from one instant to a later one; 0 when the second is the earlier one, as clocks differ.
#[must_use]
pub fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second() - from.as_second()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_is_at_least_as_old_as_it_has_waited() {
        let execution = Execution { arn: String::new(), start_time: Timestamp::UNIX_EPOCH, waited_seconds: 40 };
        for (now, elapsed) in [(0, 40), (40, 40), (41, 41), (-5, 40)] {
            assert_eq!(execution.elapsed_seconds(Timestamp::constant(now, 0)), elapsed);
        }
    }
}
