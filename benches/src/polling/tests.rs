use serde_json::Value;

use super::cost;
use super::pollers::{Poller, ours, peers};
use super::schedule::{LONGEST, SPANS, Schedule, Span};
use super::{beaten, is_within_bound, measure};

fn peer(name: &str) -> Poller {
    peers().into_iter().find(|poller| poller.name == name).expect("it is there")
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
}

#[test]
fn the_rule_is_late_by_five_seconds_or_a_tenth_at_most_for_every_time_to_active() {
    assert!(is_within_bound(&ours(0.0), 0.0));
    for peer in peers() {
        assert!(!is_within_bound(&peer, 0.0), "{} is within the bound, so the bound says nothing", peer.name);
    }
}

#[test]
fn what_a_round_takes_by_itself_is_all_that_comes_on_top_of_the_bound() {
    for round in [0.3, 1.0] {
        assert!(is_within_bound(&ours(round), round), "{round} s");
        assert!(!is_within_bound(&ours(round), round / 2.0), "{round} s");
    }
}

#[test]
fn no_peer_that_is_as_early_uses_fewer_transitions() {
    let beaten: Vec<_> = SPANS.into_iter().flat_map(|span| beaten(&ours(0.0), &peers(), span)).collect();
    assert!(beaten.is_empty(), "{beaten:?}");
}

/// The comparison can fail: it does for the rule without a longest pause.
#[test]
fn a_rule_without_a_longest_pause_is_beaten_by_those_who_poll_every_few_minutes() {
    let rule = Poller::patient("a tenth of the age", |age, _| Some((25.0 - age).max((age / 10.0).floor().max(5.0))));
    let beaten: Vec<_> = SPANS.into_iter().flat_map(|span| beaten(&rule, &peers(), span)).collect();
    let expected = [
        "every 120 s (10-60 min)",
        "every 60 s (10-60 min)",
        "on a 5 min schedule (1-6 h)",
        "on a 5 min schedule (20 s-6 h)",
    ];
    assert_eq!(beaten, expected);
}

#[test]
fn the_pollers_poll_when_their_names_say() {
    let tries = peer("5 s × 1.02, 30 tries");
    assert_eq!(tries.gives_up_after.map(f64::round), Some(203.0));
    assert_eq!(tries.schedules[0].intervals().count(), 30);
    assert!(tries.over(Span { name: "later", from: 203.0, to: 300.0 }).is_none());
    let growing = peer("2 s × 1.5");
    let polls: Vec<f64> = growing.schedules[0].intervals().map(|(_, poll, _)| poll).take(4).collect();
    assert_eq!(polls, [2.0, 5.0, 9.5, 16.25]);
    let schedule = peer("on a 5 min schedule").over(SPANS[6]).expect("found");
    assert_close(schedule.lateness_mean.round(), 150.0);
    let polls: Vec<f64> = ours(0.0).schedules[0].intervals().map(|(_, poll, _)| poll).take(9).collect();
    assert_eq!(polls, [25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 66.0]);
}

#[test]
fn lateness_and_polls_are_those_of_every_time_in_the_span() {
    let every_minute = Schedule::of_pauses(LONGEST, |_, _| Some(60.0));
    // 20-60 s: found by the first poll, 40 to 0 s late. 60-80 s: by the second, 60 to 40 s late.
    let found = every_minute.over(Span { name: "", from: 20.0, to: 80.0 }).expect("found");
    assert_close(found.lateness_mean, (40.0 * 20.0 + 20.0 * 50.0) / 60.0);
    assert_close(found.polls_mean, (40.0 * 1.0 + 20.0 * 2.0) / 60.0);
    assert_close(found.lateness_worst, 60.0);
    assert_close(found.polls_worst, 2.0);
    assert_close(found.share, 1.0);
}

#[test]
fn the_transitions_are_those_of_the_definition() {
    let definition: Value =
        serde_json::from_str(include_str!("../../../statemachine/provision-dataset-group.asl.json")).expect("JSON");
    let next = |state: &str, goes_on: &str| -> Option<String> {
        let state = &definition["States"][state];
        let choices = state["Choices"].as_array().into_iter().flatten();
        let mut choices =
            choices.filter(|choice| choice["Condition"].as_str().is_some_and(|text| text.contains(goes_on)));
        choices.next().map_or(&state["Next"], |choice| &choice["Next"]).as_str().map(str::to_owned)
    };
    let path = |from: &str, goes_on: &'static str| {
        std::iter::successors(Some(from.to_owned()), move |state| next(state, goes_on)).take(20)
    };
    let begin = definition["StartAt"].as_str().expect("a state");
    let last = "BootstrapGroupProfile";
    let straight = path(begin, "'ACTIVE'").take_while(|state| state != last).chain(path(last, "$groupProfile != null"));
    let straight: Vec<_> = straight.collect();
    assert_eq!(straight.last().map(String::as_str), Some("Provisioned"));
    let round: Vec<_> = path("CheckStatus", "'CREATING'").skip(1).take_while(|state| state != "CheckStatus").collect();
    assert_close(f64::from(u32::try_from(straight.len()).expect("small")), cost::TRANSITIONS_WITHOUT_POLLS);
    assert_close(f64::from(u32::try_from(round.len() + 1).expect("small")), cost::TRANSITIONS_OF_A_POLL);
    assert_close(cost::transitions(3.0), 17.0);
}

#[test]
fn dollars_are_those_of_the_price_list() {
    // 17 transitions, and three polls of 200 ms at 256 MB.
    assert_close(cost::dollars(3.0) * 1e6, 425.0 + 3.0 * (0.2 + 0.25 * 0.2 * 16.6667));
    let template = include_str!("../../../template.yaml");
    assert!(template.contains(&format!("MemorySize: {}", cost::MEMORY * 1024.0)));
}

#[test]
fn the_tables_have_a_cell_for_each_column_and_the_statements_that_the_figures_bear() {
    let tables = measure().expect("computed").tables;
    for table in &tables {
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{table:#?}");
    }
    assert!(tables[0].notes[1].contains("30 tries gives up after 203 s."), "{:?}", tables[0].notes);
    assert!(tables[0].notes[2].ends_with("time to ACTIVE: this workflow."), "{:?}", tables[0].notes);
    assert!(tables[1].notes[0].starts_with("In every column"), "{:?}", tables[1].notes);
}

#[test]
fn the_chart_shows_every_poller() {
    let chart = measure().expect("computed").charts.remove(0);
    assert_eq!(chart.name, "benchmarks-polling");
    for poller in std::iter::once(ours(0.0)).chain(peers()) {
        assert!(chart.svg.contains(poller.name), "{}", poller.name);
    }
}
