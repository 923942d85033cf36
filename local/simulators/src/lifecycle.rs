//! The life of a dataset group: pure, told the time and the number of looks, never asking for them.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::control::documents::Contents;
use crate::settings::Lifecycle;

/// Status of a group that was just created.
pub const CREATE_PENDING: &str = "CREATE PENDING";
/// Status of a group that is being made.
pub const CREATE_IN_PROGRESS: &str = "CREATE IN_PROGRESS";
/// Status of a group that can be used.
pub const ACTIVE: &str = "ACTIVE";
/// Status of a group that could not be made.
pub const CREATE_FAILED: &str = "CREATE FAILED";
/// Status of a group that is being deleted.
pub const DELETE_PENDING: &str = "DELETE PENDING";

/// What one look at a dataset group shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The group with this status. Any text is allowed: the model has no enumeration for it.
    Status {
        /// The status.
        status: String,
        /// Why the creation failed.
        failure_reason: Option<String>,
    },
    /// Not found, though it exists: what was just created is not yet visible everywhere.
    NotFound,
    /// Not found because it exists no more: the name is free again.
    Gone,
}

impl Look {
    /// The status and the failure reason; nothing while the group is not found.
    pub(crate) fn status(self) -> Option<(String, Option<String>)> {
        match self {
            Self::Status { status, failure_reason } => Some((status, failure_reason)),
            Self::NotFound | Self::Gone => None,
        }
    }
}

/// One entry of a script: what the next `times` looks show.
///
/// As JSON: `{"status": "CREATE FAILED", "failureReason": "...", "times": 2}`, `{"notFound": true}` or
/// `{"gone": true}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StepDocument", into = "StepDocument")]
pub struct Step {
    /// What is shown.
    pub look: Look,
    /// For how many `DescribeDatasetGroup` calls, at least 1; the last step of a script stays for ever.
    pub times: u32,
}

impl Step {
    /// Shows a status once.
    #[must_use]
    pub fn status(status: &str) -> Self {
        Self { look: Look::Status { status: status.to_owned(), failure_reason: None }, times: 1 }
    }

    /// Shows CREATE FAILED with a reason.
    #[must_use]
    pub fn create_failed(reason: &str) -> Self {
        let look = Look::Status { status: CREATE_FAILED.to_owned(), failure_reason: Some(reason.to_owned()) };
        Self { look, times: 1 }
    }

    /// Answers not found although the group exists.
    #[must_use]
    pub const fn not_found() -> Self {
        Self { look: Look::NotFound, times: 1 }
    }

    /// Removes the group.
    #[must_use]
    pub const fn gone() -> Self {
        Self { look: Look::Gone, times: 1 }
    }

    /// The same for so many looks.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: times.max(1), ..self }
    }
}

/// [`Step`] as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StepDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    not_found: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gone: bool,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

impl TryFrom<StepDocument> for Step {
    type Error = String;

    fn try_from(document: StepDocument) -> Result<Self, String> {
        let StepDocument { status, failure_reason, not_found, gone, times } = document;
        if times == 0 {
            return Err("`times` of a step must be 1 or more".to_owned());
        }
        let look = match (status, not_found, gone) {
            (Some(status), false, false) => Look::Status { status, failure_reason },
            (None, true, false) if failure_reason.is_none() => Look::NotFound,
            (None, false, true) if failure_reason.is_none() => Look::Gone,
            _ => {
                return Err("a step has exactly one of `status` (with or without `failureReason`), \
                            `notFound` and `gone`"
                    .to_owned());
            }
        };
        Ok(Self { look, times })
    }
}

impl From<Step> for StepDocument {
    fn from(step: Step) -> Self {
        let blank = Self { status: None, failure_reason: None, not_found: false, gone: false, times: step.times };
        match step.look {
            Look::Status { status, failure_reason } => Self { status: Some(status), failure_reason, ..blank },
            Look::NotFound => Self { not_found: true, ..blank },
            Look::Gone => Self { gone: true, ..blank },
        }
    }
}

/// What happens to the next dataset group that is created under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Script {
    /// Steps after the creation; empty: the life cycle of the settings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub create: Vec<Step>,
    /// Steps after `DeleteDatasetGroup`; empty: the life cycle of the settings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delete: Vec<Step>,
    /// What the group has from its creation on.
    #[serde(default, skip_serializing_if = "Contents::is_empty")]
    pub contents: Contents,
    /// What is added to the group right before the first `DeleteDatasetGroup` is carried out.
    #[serde(default, skip_serializing_if = "Contents::is_empty")]
    pub late_contents: Contents,
}

impl Script {
    /// A creation that takes these steps.
    #[must_use]
    pub fn create(steps: impl Into<Vec<Step>>) -> Self {
        Self { create: steps.into(), ..Self::default() }
    }

    /// A creation that ends CREATE FAILED with a reason, after CREATE PENDING and CREATE `IN_PROGRESS`.
    #[must_use]
    pub fn create_fails(reason: &str) -> Self {
        Self::create([Step::status(CREATE_PENDING), Step::status(CREATE_IN_PROGRESS), Step::create_failed(reason)])
    }

    /// The same with these steps after `DeleteDatasetGroup`.
    #[must_use]
    pub fn and_delete(self, steps: impl Into<Vec<Step>>) -> Self {
        Self { delete: steps.into(), ..self }
    }
}

/// Where a dataset group is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// Moved on by looks.
    Steps {
        /// Never empty as made by the functions of this module; an empty list shows [`Look::Gone`].
        steps: Vec<Step>,
        /// Looks that were answered.
        looks: u64,
    },
    /// Moved on by the clock.
    Clock {
        /// What is under way.
        phase: Phase,
        /// When it began.
        since: Timestamp,
        /// How long it takes.
        takes: Duration,
    },
}

/// What the clock is running for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// From the creation to ACTIVE.
    Creating,
    /// From the deletion until it is gone.
    Deleting,
}

impl Course {
    /// The course of a group that was just created; `script` wins over the settings.
    pub fn created(script: &[Step], lifecycle: Lifecycle, now: Timestamp) -> Self {
        let standard = [Step::status(CREATE_PENDING), Step::status(CREATE_IN_PROGRESS), Step::status(ACTIVE)];
        match lifecycle {
            Lifecycle::Clock { time_to_active, spread, time_to_delete: _ } if script.is_empty() => {
                Self::Clock { phase: Phase::Creating, since: now, takes: time_to_active + part_of(spread) }
            }
            Lifecycle::Clock { .. } | Lifecycle::Scripted => Self::steps(script, &standard),
        }
    }

    /// The course of a group that is being deleted from now on; `script` wins over the settings.
    pub fn deleted(script: &[Step], lifecycle: Lifecycle, now: Timestamp) -> Self {
        let standard = [Step::status(DELETE_PENDING).times(2), Step::gone()];
        match lifecycle {
            Lifecycle::Clock { time_to_active: _, spread: _, time_to_delete } if script.is_empty() => {
                Self::Clock { phase: Phase::Deleting, since: now, takes: time_to_delete }
            }
            Lifecycle::Clock { .. } | Lifecycle::Scripted => Self::steps(script, &standard),
        }
    }

    /// The course that follows these steps, or the standard ones when there are none.
    pub fn steps(steps: &[Step], standard: &[Step]) -> Self {
        let steps = if steps.is_empty() { standard } else { steps };
        Self::Steps { steps: steps.to_vec(), looks: 0 }
    }

    /// What the next `DescribeDatasetGroup` shows.
    pub fn next(&self, now: Timestamp) -> Look {
        match self {
            Self::Steps { steps, looks } => at(steps, *looks),
            Self::Clock { phase, since, takes } => by_clock(*phase, elapsed(*since, now), *takes),
        }
    }

    /// What everything but `DescribeDatasetGroup` goes by: what the last look showed, or the first step.
    ///
    /// A group is gone from the moment the next look would show that, so a list does not keep it for a
    /// look that may never come.
    pub fn current(&self, now: Timestamp) -> Look {
        match self {
            Self::Steps { steps, looks } => match at(steps, *looks) {
                Look::Gone => Look::Gone,
                Look::Status { .. } | Look::NotFound => at(steps, looks.saturating_sub(1)),
            },
            Self::Clock { .. } => self.next(now),
        }
    }

    /// Counts one look.
    pub fn looked(&mut self) {
        match self {
            Self::Steps { steps: _, looks } => *looks += 1,
            Self::Clock { .. } => {}
        }
    }
}

/// What look number `looks` (from 0) of a script shows; the last step stays for ever.
fn at(steps: &[Step], looks: u64) -> Look {
    let mut end = 0;
    for step in steps {
        end += u64::from(step.times);
        if looks < end {
            return step.look.clone();
        }
    }
    steps.last().map_or(Look::Gone, |step| step.look.clone())
}

/// What the clock shows.
fn by_clock(phase: Phase, elapsed: Duration, takes: Duration) -> Look {
    let status = |status: &str| Look::Status { status: status.to_owned(), failure_reason: None };
    match phase {
        Phase::Creating if elapsed >= takes => status(ACTIVE),
        Phase::Creating if elapsed < takes / 4 => status(CREATE_PENDING),
        Phase::Creating => status(CREATE_IN_PROGRESS),
        Phase::Deleting if elapsed >= takes => Look::Gone,
        Phase::Deleting => status(DELETE_PENDING),
    }
}

/// Time between two moments; nothing when the clock was set back.
fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO)
}

/// Any part of a time, at random.
fn part_of(time: Duration) -> Duration {
    let drawn = u16::try_from(Uuid::new_v4().as_u128() % 1_000).unwrap_or_default();
    time.mul_f64(f64::from(drawn) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(course: &mut Course, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| {
                let look = course.next(Timestamp::UNIX_EPOCH);
                course.looked();
                name(&look)
            })
            .collect()
    }

    fn name(look: &Look) -> String {
        match look {
            Look::Status { status, .. } => status.clone(),
            Look::NotFound => "not found".to_owned(),
            Look::Gone => "gone".to_owned(),
        }
    }

    #[test]
    fn a_script_replaces_the_standard_steps_and_its_last_step_stays() {
        let script = [
            Step::not_found().times(2),
            Step::status("WAITING FOR GODOT"),
            Step::create_failed("the role cannot use the key"),
        ];
        let mut course = Course::created(&script, Lifecycle::Scripted, Timestamp::UNIX_EPOCH);
        assert_eq!(
            looks(&mut course, 5),
            ["not found", "not found", "WAITING FOR GODOT", CREATE_FAILED, CREATE_FAILED]
        );
    }

    #[test]
    fn what_a_list_shows_is_what_the_last_look_showed() {
        let mut course = Course::created(&[], Lifecycle::Scripted, Timestamp::UNIX_EPOCH);
        assert_eq!(name(&course.current(Timestamp::UNIX_EPOCH)), CREATE_PENDING);
        looks(&mut course, 2);
        assert_eq!(name(&course.current(Timestamp::UNIX_EPOCH)), CREATE_IN_PROGRESS);
    }

    #[test]
    fn a_group_is_gone_for_everybody_once_the_next_look_would_find_it_gone() {
        let mut course = Course::deleted(&[], Lifecycle::Scripted, Timestamp::UNIX_EPOCH);
        looks(&mut course, 1);
        assert_eq!(name(&course.current(Timestamp::UNIX_EPOCH)), DELETE_PENDING);
        looks(&mut course, 1);
        assert_eq!(course.current(Timestamp::UNIX_EPOCH), Look::Gone);
    }

    #[test]
    fn the_clock_gives_the_first_quarter_to_pending_and_the_rest_to_in_progress() {
        let takes = Duration::from_secs(20);
        let at = |milliseconds| name(&by_clock(Phase::Creating, Duration::from_millis(milliseconds), takes));
        assert_eq!(at(0), CREATE_PENDING);
        assert_eq!(at(4_999), CREATE_PENDING);
        assert_eq!(at(5_000), CREATE_IN_PROGRESS);
        assert_eq!(at(19_999), CREATE_IN_PROGRESS);
        assert_eq!(at(20_000), ACTIVE);
    }

    #[test]
    fn the_clock_keeps_delete_pending_until_the_group_is_gone() {
        let takes = Duration::from_secs(10);
        let at = |seconds| by_clock(Phase::Deleting, Duration::from_secs(seconds), takes);
        assert_eq!(name(&at(9)), DELETE_PENDING);
        assert_eq!(at(10), Look::Gone);
    }

    #[test]
    fn a_clock_that_was_set_back_counts_as_no_time() {
        let since = Timestamp::from_second(100).unwrap();
        assert_eq!(elapsed(since, Timestamp::from_second(40).unwrap()), Duration::ZERO);
    }

    #[test]
    fn a_script_wins_over_the_clock() {
        let second = Duration::from_secs(1);
        let clock = Lifecycle::Clock { time_to_active: second, spread: Duration::ZERO, time_to_delete: second };
        let mut course = Course::created(&[Step::create_failed("no")], clock, Timestamp::UNIX_EPOCH);
        assert_eq!(looks(&mut course, 1), [CREATE_FAILED]);
    }

    #[test]
    fn a_step_reads_and_writes_the_documented_json() {
        for (json, step) in [
            (r#"{"status":"ACTIVE","times":1}"#, Step::status("ACTIVE")),
            (r#"{"status":"CREATE FAILED","failureReason":"no","times":2}"#, Step::create_failed("no").times(2)),
            (r#"{"notFound":true,"times":3}"#, Step::not_found().times(3)),
            (r#"{"gone":true,"times":1}"#, Step::gone()),
        ] {
            assert_eq!(serde_json::from_str::<Step>(json).unwrap(), step);
            assert_eq!(serde_json::to_string(&step).unwrap(), json);
        }
    }

    #[test]
    fn a_step_that_says_two_things_or_nothing_is_refused() {
        for json in [
            "{}",
            r#"{"status":"ACTIVE","gone":true}"#,
            r#"{"notFound":true,"failureReason":"x"}"#,
            r#"{"status":"ACTIVE","times":0}"#,
            r#"{"state":"ACTIVE"}"#,
        ] {
            assert!(serde_json::from_str::<Step>(json).is_err(), "{json}");
        }
    }
}
