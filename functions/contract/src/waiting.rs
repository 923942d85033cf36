//! How long to wait before the next poll of a dataset group.

/// Latest age at the first poll, in seconds. No dataset group was seen ACTIVE sooner than 20 s after its creation, and one
/// that is ACTIVE then is found as late as the shortest pause allows.
const FIRST: u64 = 25;
/// The shortest pause between two polls, in seconds.
const SHORTEST: u64 = 5;
/// The longest pause between two polls, in seconds. Below 60 s, so polling every minute is never both cheaper and
/// earlier; long enough for the longest deadline to fit into the history of an execution.
const LONGEST: u64 = 50;
/// Between those two a pause is this part of the age.
const PART_OF_AGE: u64 = 10;
/// How often an execution may begin again because the group that it waits for was deleted or replaced. Each time the
/// first, short pauses come again, so executions that keep replacing each other's group would fill the history.
pub const MOST_ROUNDS: u64 = 20;

/// How many seconds sooner than the latest an execution polls first: 0 to 4. Groups that are created in the same second
/// are polled in different ones, and each execution keeps its own.
#[must_use]
pub fn phase(execution_arn: &str) -> u64 {
    execution_arn.bytes().fold(0, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) % SHORTEST
}

/// Seconds until the next poll of a group that is `age` seconds into its creation or deletion, when `remaining`
/// seconds are left until the deadline, in an execution of this [`phase`].
///
/// Public recordings show groups becoming ACTIVE after 20 to 60 s. So the first poll is at 21 to 25 s, then there is one
/// every 5 s, from an age of 50 s on the pause is a tenth of the age, and from 500 s on it is 50 s. A group is found
/// ACTIVE late by at most the larger of 5 s and 10 %, and never by more than 50 s; the time of a poll itself comes on
/// top. Up to 500 s no rule within that bound polls less often than phase 0, and the others poll at most once more. A
/// wait of an hour takes 93 polls, one of 6 h 453. The last poll is at the deadline. Never less than 1.
#[must_use]
pub fn seconds_until_next_poll(age: u64, remaining: u64, phase: u64) -> u64 {
    let pause = (age / PART_OF_AGE).clamp(SHORTEST, LONGEST);
    FIRST.saturating_sub(phase).saturating_sub(age).max(pause).min(remaining).max(1)
}
