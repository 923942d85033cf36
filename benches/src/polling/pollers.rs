//! The wait rule, and the pollers that others use.

use contract::waiting::seconds_until_next_poll;

use super::schedule::{Found, LONGEST, Schedule, Span};

/// The longest `policy.timeoutSeconds`, so that the deadline never ends a wait here.
const NO_DEADLINE: u64 = 86_400;
/// The phases that executions have, all as likely (`contract::waiting::phase`).
const PHASES: u64 = 5;

/// Somebody who waits for a group to become ACTIVE.
#[derive(Debug, Clone)]
pub struct Poller {
    pub name: &'static str,
    /// One, or as many as it has moments at which it may begin, all as likely.
    pub schedules: Vec<Schedule>,
    /// When it gives up, in seconds.
    pub gives_up_after: Option<f64>,
}

impl Poller {
    /// One that never gives up.
    pub fn patient(name: &'static str, pause: impl FnMut(f64, i32) -> Option<f64>) -> Self {
        Self { name, schedules: vec![Schedule::of_pauses(LONGEST, pause)], gives_up_after: None }
    }

    /// How it does over a span; nothing when it has given up before.
    pub fn over(&self, span: Span) -> Option<Found> {
        let found: Vec<Found> = self.schedules.iter().filter_map(|schedule| schedule.over(span)).collect();
        Found::of_all(&found)
    }
}

/// The rule of the workflow, when each round of the loop takes so many seconds besides its pause.
pub fn ours(round: f64) -> Poller {
    let schedules = (0..PHASES).map(|phase| {
        Schedule::of_pauses(LONGEST, move |age, _| {
            // Ages are whole seconds to the rule, rounded down.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an age is neither")]
            let age = age as u64;
            let pause = seconds_until_next_poll(age, NO_DEADLINE - age, phase);
            Some(f64::from(u32::try_from(pause).unwrap_or(u32::MAX)) + round)
        })
    });
    Poller { name: "this workflow", schedules: schedules.collect(), gives_up_after: None }
}

/// Those that are in use elsewhere. They poll first after their first pause: a poll at once would find nothing.
pub fn peers() -> Vec<Poller> {
    const TRIES: i32 = 30;
    let tries = Schedule::of_pauses(LONGEST, |_, number| (number < TRIES).then(|| 5.0 * 1.02_f64.powi(number)));
    let gives_up_after = Some(tries.end());
    // A schedule begins at any moment of its period; every second of it is tried.
    let every_five_minutes = (0..300).map(|second| {
        let first = f64::from(second) + 0.5;
        Schedule::of_pauses(LONGEST, move |_, number| Some(if number == 0 { first } else { 300.0 }))
    });
    vec![
        Poller { name: "5 s × 1.02, 30 tries", schedules: vec![tries], gives_up_after },
        Poller::patient("every 120 s", |_, _| Some(120.0)),
        Poller::patient("2 s × 1.5", |_, number| Some(2.0 * 1.5_f64.powi(number))),
        Poller::patient("every 60 s", |_, _| Some(60.0)),
        Poller { name: "on a 5 min schedule", schedules: every_five_minutes.collect(), gives_up_after: None },
    ]
}
