//! How long to wait before the next look at a dataset group.

/// A dataset group was never seen ACTIVE sooner than this after its creation, in seconds.
const SOONEST: u64 = 20;
/// The shortest pause between two looks, in seconds.
const SHORTEST: u64 = 5;
/// From then on a pause is this part of the age: a group that took an hour may be found some minutes late.
const PART_OF_AGE: u64 = 10;

/// Seconds until the next look at a group that is `age` seconds into its creation or deletion, when `remaining`
/// seconds are left until the deadline.
///
/// Public recordings show groups becoming ACTIVE after 20 to 60 s. So nobody looks before 20 s, then every 5 s, and
/// from 50 s on the pause is a tenth of the age: the look is late by at most the larger of 5 s and 10 %, and a wait
/// of 6 h takes about 60 looks. The last look falls on the deadline itself. Never less than 1.
#[must_use]
pub fn seconds_until_next_look(age: u64, remaining: u64) -> u64 {
    SOONEST.saturating_sub(age).max(SHORTEST).max(age / PART_OF_AGE).min(remaining).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOR_EVER: u64 = u64::MAX;

    #[test]
    fn the_first_look_is_when_the_fastest_groups_become_active() {
        assert_eq!(seconds_until_next_look(0, FOR_EVER), 20);
        assert_eq!(seconds_until_next_look(12, FOR_EVER), 8);
    }

    #[test]
    fn a_group_is_found_active_late_by_five_seconds_or_a_tenth_at_most() {
        for time_to_active in 20..=21_600 {
            let mut looked_at = 0;
            while looked_at < time_to_active {
                looked_at += seconds_until_next_look(looked_at, FOR_EVER);
            }
            let late = looked_at - time_to_active;
            assert!(late <= SHORTEST.max(time_to_active / 10), "{late} s late after {time_to_active} s");
        }
    }

    #[test]
    fn the_last_look_falls_on_the_deadline() {
        assert_eq!(seconds_until_next_look(600, 7), 7);
        assert_eq!(seconds_until_next_look(600, 0), 1);
    }
}
