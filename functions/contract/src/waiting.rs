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

#[cfg(test)]
mod tests {
    use std::iter::successors;

    use super::*;

    const FOR_EVER: u64 = u64::MAX;

    /// The ages at which a group is polled until `end`, or a little later.
    fn polls(end: u64, phase: u64) -> Vec<u64> {
        let next = |age: &u64| (*age < end).then(|| age + seconds_until_next_poll(*age, FOR_EVER, phase));
        successors(next(&0), next).collect()
    }

    /// How late a group may be found that becomes ACTIVE right after this age. The fastest do at 20 s.
    fn latest_after(age: u64) -> u64 {
        let soonest = age.max(20);
        soonest + (soonest / 10).max(5)
    }

    #[test]
    fn the_first_poll_finds_the_fastest_groups_at_most_five_seconds_late() {
        assert_eq!(seconds_until_next_poll(0, FOR_EVER, 0), 25);
        assert_eq!(seconds_until_next_poll(0, FOR_EVER, 4), 21);
        assert_eq!(seconds_until_next_poll(12, FOR_EVER, 0), 13);
        assert_eq!(seconds_until_next_poll(24, FOR_EVER, 0), 5);
    }

    #[test]
    fn executions_are_spread_evenly_over_the_phases() {
        let mut executions = [0; 5];
        for number in 0..5_000 {
            let arn = format!("arn:aws:states:us-east-1:123456789012:execution:provision:{number:08x}-{number:04x}");
            executions[usize::try_from(phase(&arn)).expect("small")] += 1;
        }
        assert!(executions.iter().all(|executions| (800..1_200).contains(executions)), "{executions:?}");
    }

    #[test]
    fn a_group_is_found_active_late_by_five_seconds_or_a_tenth_and_never_by_more_than_fifty_seconds() {
        for phase in 0..SHORTEST {
            let mut last = 0;
            for poll in polls(86_400, phase) {
                let late = poll - last.max(20);
                assert!(poll <= latest_after(last) && late <= 50, "no poll between {last} s and {poll} s");
                last = poll;
            }
        }
    }

    /// The fewest polls of any rule that keeps the bound, found by trying every age for the poll before.
    #[test]
    fn no_rule_within_the_bound_polls_less_often_while_the_pauses_grow_and_a_phase_costs_at_most_one_poll() {
        let mut fewest = vec![0];
        for age in 1..=500 {
            let before = (0..age).zip(&fewest).filter(|(before, _)| latest_after(*before) >= age);
            fewest.push(before.map(|(_, polls)| polls + 1).min().expect("the age before is near enough"));
        }
        for phase in 0..SHORTEST {
            let ours = polls(500, phase);
            for (time_to_active, fewest) in (0..=500).zip(&fewest).skip(20) {
                let polled = ours.iter().position(|poll| *poll >= time_to_active).expect("found") + 1;
                // Whoever polls at that age or later has found it; a later poll needs no fewer polls before.
                let most = if phase == 0 { *fewest } else { fewest + 1 };
                assert!((*fewest..=most).contains(&polled), "{time_to_active} s, phase {phase}");
            }
        }
    }

    #[test]
    fn the_longest_wait_fits_into_the_history_of_an_execution_also_when_the_group_is_replaced_most_often() {
        // A poll takes 9 events: Wait, Task and Choice entered, left, and the call. A round takes 7 more: Task and Choice.
        let rounds = MOST_ROUNDS + 1;
        let healthy = polls(86_400, 0).len() * 9;
        let fought_over = usize::try_from(rounds).expect("few") * (polls(86_400 / rounds, 0).len() * 9 + 7);
        // docs/reliability.md has these figures. An execution has room for 25,000 events; the rest is left for retries.
        assert_eq!((healthy, fought_over), (15_741, 19_803));
    }

    #[test]
    fn the_last_poll_falls_on_the_deadline() {
        assert_eq!(seconds_until_next_poll(600, 7, 0), 7);
        assert_eq!(seconds_until_next_poll(600, 0, 0), 1);
    }
}
