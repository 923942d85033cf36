//! How long to wait before the next look at a dataset group.

/// Age at the first look, in seconds. No dataset group was seen ACTIVE sooner than 20 s after its creation, and one that
/// is ACTIVE then is found as late as the shortest pause allows.
const FIRST: u64 = 25;
/// The shortest pause between two looks, in seconds.
const SHORTEST: u64 = 5;
/// The longest pause between two looks, in seconds. Shorter than a minute, so that nobody who looks every minute is less
/// late for fewer looks; long enough for the longest deadline to fit into the history of an execution.
const LONGEST: u64 = 50;
/// Between those two a pause is this part of the age.
const PART_OF_AGE: u64 = 10;
/// How often an execution may begin again because the group that it waits for was deleted or replaced. Each time the
/// first, short pauses come again, so executions that keep replacing each other's group would fill the history.
pub const MOST_ROUNDS: u64 = 20;

/// Seconds until the next look at a group that is `age` seconds into its creation or deletion, when `remaining`
/// seconds are left until the deadline.
///
/// Public recordings show groups becoming ACTIVE after 20 to 60 s. So the first look is at 25 s, then there is one every
/// 5 s, from an age of 50 s on the pause is a tenth of the age, and from 500 s on it is 50 s. A group is found ACTIVE
/// late by at most the larger of 5 s and 10 %, and never by more than 50 s; what a look itself takes comes on top. Up to
/// 500 s no rule within that bound looks less often. A wait of an hour takes 93 looks, one of 6 h 453. The last look falls
/// on the deadline. Never less than 1.
#[must_use]
pub fn seconds_until_next_look(age: u64, remaining: u64) -> u64 {
    FIRST.saturating_sub(age).max((age / PART_OF_AGE).clamp(SHORTEST, LONGEST)).min(remaining).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOR_EVER: u64 = u64::MAX;

    /// The ages at which a group is looked at until `end`, or a little later.
    fn looks(end: u64) -> Vec<u64> {
        let mut looks = Vec::new();
        let mut age = 0;
        while age < end {
            age += seconds_until_next_look(age, FOR_EVER);
            looks.push(age);
        }
        looks
    }

    /// How late a group may be found that becomes ACTIVE right after this age. The fastest do at 20 s.
    fn latest_after(age: u64) -> u64 {
        let soonest = age.max(20);
        soonest + (soonest / 10).max(5)
    }

    #[test]
    fn the_first_look_finds_the_fastest_groups_five_seconds_late() {
        assert_eq!(seconds_until_next_look(0, FOR_EVER), 25);
        assert_eq!(seconds_until_next_look(12, FOR_EVER), 13);
        assert_eq!(seconds_until_next_look(24, FOR_EVER), 5);
    }

    #[test]
    fn a_group_is_found_active_late_by_five_seconds_or_a_tenth_and_never_by_more_than_fifty_seconds() {
        let mut last = 0;
        for look in looks(86_400) {
            assert!(look <= latest_after(last), "nobody looks between {last} s and {look} s");
            assert!(look - last.max(20) <= 50, "nobody looks between {last} s and {look} s");
            last = look;
        }
    }

    /// The fewest looks of any rule that keeps the bound, found by trying every age for the look before.
    #[test]
    fn no_rule_within_the_bound_looks_less_often_while_the_pauses_grow() {
        let ours = looks(500);
        let mut fewest = vec![0_usize; 501];
        for age in 1..=500_u64 {
            let before = (0..age).filter(|before| latest_after(*before) >= age);
            let best = before.map(|before| fewest[usize::try_from(before).expect("small")] + 1).min();
            fewest[usize::try_from(age).expect("small")] = best.expect("the age before is near enough");
        }
        for time_to_active in 20..=500_u64 {
            let looked = ours.iter().position(|look| *look >= time_to_active).expect("found") + 1;
            let first_age = usize::try_from(time_to_active).expect("small");
            // Whoever looks at that age or later has found it; a later look needs no fewer looks before.
            assert_eq!(looked, fewest[first_age], "{time_to_active} s");
        }
    }

    #[test]
    fn the_longest_wait_fits_into_the_history_of_an_execution_also_when_the_group_is_replaced_most_often() {
        // A look takes 9 events: Wait, Task and Choice entered, left, and the call. A round takes 7 more: Task and Choice.
        let rounds = MOST_ROUNDS + 1;
        let healthy = looks(86_400).len() * 9;
        let fought_over = usize::try_from(rounds).expect("few") * (looks(86_400 / rounds).len() * 9 + 7);
        // docs/reliability.md has these figures. An execution has room for 25,000 events; the rest is left for retries.
        assert_eq!((healthy, fought_over), (15_741, 19_803));
    }

    #[test]
    fn the_last_look_falls_on_the_deadline() {
        assert_eq!(seconds_until_next_look(600, 7), 7);
        assert_eq!(seconds_until_next_look(600, 0), 1);
    }
}
