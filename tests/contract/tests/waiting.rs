//! The wait rule of the poll step: how late, how often, and whether a day of it fits into the history of an execution.

use std::iter::successors;

use contract::waiting::{MOST_ROUNDS, phase, seconds_until_next_poll};

const FOR_EVER: u64 = u64::MAX;
/// `phase` gives these, from 0.
const PHASES: u64 = 5;
/// `policy.timeoutSeconds` is at most a day.
const DAY: u64 = 86_400;

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
    for phase in 0..PHASES {
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
    for phase in 0..PHASES {
        let ours = polls(500, phase);
        for (time_to_active, fewest) in (0..=500).zip(&fewest).skip(20) {
            let polled = ours.iter().position(|poll| *poll >= time_to_active).expect("found") + 1;
            // Whoever polls at that age or later has found it; a later poll needs no fewer polls before.
            let most = if phase == 0 { *fewest } else { fewest + 1 };
            assert!((*fewest..=most).contains(&polled), "{time_to_active} s, phase {phase}");
        }
    }
}

/// An execution has room for 25,000 events; docs/reliability.md has these figures. What is left is for retries.
#[test]
fn the_longest_waits_fit_into_the_history_of_an_execution_also_when_the_group_is_replaced_most_often() {
    // A poll takes 9 events: Wait, Task and Choice entered, left, and the call. A round takes 7 more: Task and Choice.
    let rounds = MOST_ROUNDS + 1;
    let most_polls = |seconds: u64| (0..PHASES).map(|phase| polls(seconds, phase).len()).max().expect("phases");
    let healthy = most_polls(DAY) * 9;
    let fought_over = usize::try_from(rounds).expect("few") * (most_polls(DAY / rounds) * 9 + 7);
    assert_eq!((healthy, fought_over), (15_750, 19_803));
    // A throttled step takes 11: Task, Choice, Wait and Choice. It waits 50 s at least, once its waits have grown.
    let throttled = usize::try_from(DAY).expect("small") / 50 * 11;
    assert_eq!((throttled, throttled + fought_over - healthy), (19_008, 23_061));
}

#[test]
fn the_last_poll_falls_on_the_deadline() {
    assert_eq!(seconds_until_next_poll(600, 7, 0), 7);
    assert_eq!(seconds_until_next_poll(600, 0, 0), 1);
}
