//! A crowd in virtual time. The wait of a throttled step is the one of the definition, that between two polls the one of the
//! poll step. Everything else is a model.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;

use benches::scenario::Scenario;
use benches::subject::is_of_datazone;
use contract::waiting::{phase, seconds_until_next_poll};
use fastrand::Rng;
use serde_json::Value;

use super::{ACTIVE_AFTER, Crowd, Outcome};

const DEFINITION: &str = include_str!("../../../statemachine/provision-dataset-group.asl.json");

/// Milliseconds of virtual time.
type Time = u64;

/// Of the SDK, but for `TagResource`, with pauses of up to 2 s and then up to 4 s (`wiring::sdk_config`).
const ATTEMPTS: u32 = 3;
/// Of a call, and of Lambda and Step Functions before the first call of an invocation.
const CALL: Time = 50;
const INVOCATION: Time = 60;
/// From the end of a row's execution to the start of the next one: the tasks `CloseRow` and `ReadRow`.
const AROUND_A_ROW: Time = 2 * INVOCATION;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Step {
    #[default]
    Create,
    Poll,
    Link,
}

impl Step {
    /// Its calls for a group that does not exist, nor its profile. The counts of instructions see the functions make them.
    const fn calls(self) -> &'static [&'static str] {
        match self {
            Self::Create => Scenario::Create.facts().calls,
            Self::Poll => Scenario::Poll.facts().calls,
            Self::Link => Scenario::Attach.facts().calls,
        }
    }
}

/// States that are entered before the first step and after the last one: Begin; `ComposeProvisioned` to Provisioned.
const AROUND_THE_STEPS: u32 = 4;
/// A step and `CheckStatus`; `WaitForStatus`; `WaitForCapacity` and `RunStepAgain`.
const STEP: u32 = 2;
const STATUS: u32 = 1;
const CAPACITY: u32 = 2;

/// The wait rule of the definition: `$ceil($min([100, 4 * $power(1.2, $min([$throttles, 20]))]) * (1 + $random()) / 2)`.
struct Rule {
    longest: f64,
    first: f64,
    factor: f64,
}

impl Rule {
    fn of_the_definition() -> Self {
        let definition: Value = serde_json::from_str(DEFINITION).unwrap_or_default();
        let choices = definition["States"]["CheckStatus"]["Choices"].as_array().into_iter().flatten();
        let rule = choices.filter_map(|choice| choice["Assign"]["waitSeconds"].as_str()).collect::<String>();
        let numbers = rule.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|number| number.parse().ok());
        let mut numbers = numbers.fuse();
        let mut next = || numbers.next().unwrap_or(f64::NAN);
        Self { longest: next(), first: next(), factor: next() }
    }

    fn wait(&self, throttles: i32, rng: &mut Rng) -> Time {
        let longest = (self.first * self.factor.powi(throttles.min(20))).min(self.longest);
        milliseconds((longest * f64::midpoint(1.0, rng.f64())).ceil())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hours, and never negative")]
fn milliseconds(seconds: f64) -> Time {
    (seconds * 1_000.0) as Time
}

#[expect(clippy::cast_precision_loss, reason = "hours")]
fn seconds(milliseconds: Time) -> f64 {
    milliseconds as f64 / 1_000.0
}

struct Bucket {
    rate: f64,
    left: f64,
    at: Time,
}

impl Bucket {
    fn takes(&mut self, now: Time) -> bool {
        self.left = seconds(now - self.at).mul_add(self.rate, self.left).min(2.0 * self.rate);
        self.at = now;
        let taken = self.left >= 1.0;
        self.left -= if taken { 1.0 } else { 0.0 };
        taken
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Invoke,
    Call,
}

#[derive(Clone, Default)]
struct Group {
    step: Step,
    call: usize,
    attempts: u32,
    throttles: i32,
    created: Time,
    active: Time,
}

struct World<'a> {
    crowd: Crowd,
    rule: Rule,
    rng: &'a mut Rng,
    queue: BinaryHeap<Reverse<(Time, Event, usize)>>,
    groups: Vec<Group>,
    /// Instances of each function that are busy.
    busy: [u32; 3],
    buckets: BTreeMap<&'static str, Bucket>,
    calls: BTreeMap<String, [u32; 2]>,
    transitions: u32,
    last: Time,
    /// Rows of a batch that wait for a place.
    waiting: Range<usize>,
}

impl Crowd {
    /// Runs the crowd in virtual time.
    pub(super) fn virtually(self, seed: u64) -> Outcome {
        let rng = &mut Rng::with_seed(seed);
        let groups = vec![Group::default(); self.groups as usize];
        let at_once = self.batch.map_or(groups.len(), |limit| groups.len().min(limit as usize));
        let queue = (0..at_once).map(|group| Reverse((rng.u64(..500), Event::Invoke, group))).collect();
        let waiting = at_once..groups.len();
        let mut world = World {
            crowd: self,
            rule: Rule::of_the_definition(),
            rng,
            queue,
            groups,
            busy: [0; 3],
            buckets: BTreeMap::new(),
            calls: BTreeMap::new(),
            transitions: self.groups * AROUND_THE_STEPS,
            last: 0,
            waiting,
        };
        while let Some(Reverse((now, event, group))) = world.queue.pop() {
            match event {
                Event::Invoke => world.invoke(now, group),
                Event::Call => world.call(now, group),
            }
        }
        // Nobody gives up before the deadline, which the tests compare with the time.
        let transitions = f64::from(world.transitions) / f64::from(self.groups);
        let provisioned = self.groups as usize;
        Outcome { crowd: self, provisioned, calls: world.calls, seconds: seconds(world.last), transitions }
    }
}

impl World<'_> {
    fn invoke(&mut self, now: Time, number: usize) {
        let step = self.groups[number].step;
        self.transitions += STEP;
        if self.crowd.concurrency.is_some_and(|limit| self.busy[step as usize] >= limit) {
            return self.wait(now, number);
        }
        self.busy[step as usize] += 1;
        let group = &mut self.groups[number];
        (group.call, group.attempts) = (0, 0);
        self.queue.push(Reverse((now + INVOCATION, Event::Call, number)));
    }

    /// The step was throttled.
    fn wait(&mut self, now: Time, number: usize) {
        let group = &mut self.groups[number];
        let wait = self.rule.wait(group.throttles, self.rng);
        group.throttles += 1;
        self.transitions += CAPACITY;
        self.queue.push(Reverse((now + wait, Event::Invoke, number)));
    }

    fn call(&mut self, now: Time, number: usize) {
        let group = &mut self.groups[number];
        let step = group.step;
        let operation = step.calls()[group.call];
        let Crowd { personalize, datazone, .. } = self.crowd;
        let rate = f64::from(if is_of_datazone(operation) { datazone } else { personalize });
        let bucket = self.buckets.entry(operation).or_insert(Bucket { rate, left: 2.0 * rate, at: now });
        let [made, throttled] = self.calls.entry(operation.to_owned()).or_default();
        *made += 1;
        if bucket.takes(now) {
            (group.call, group.attempts) = (group.call + 1, 0);
            return self.go_on(now, number, operation);
        }
        *throttled += 1;
        group.attempts += 1;
        if operation != "TagResource" && group.attempts < ATTEMPTS {
            let pause = milliseconds(self.rng.f64() * f64::from(1 << group.attempts));
            self.queue.push(Reverse((now + CALL + pause, Event::Call, number)));
        } else {
            self.busy[step as usize] -= 1;
            self.wait(now + CALL, number);
        }
    }

    /// The call was carried out.
    fn go_on(&mut self, now: Time, number: usize, operation: &str) {
        let group = &mut self.groups[number];
        if operation == "CreateDatasetGroup" {
            let [first, last] = ACTIVE_AFTER.map(|seconds| u64::from(seconds) * 1_000);
            (group.created, group.active) = (now, now + self.rng.u64(first..last));
        }
        if group.call < group.step.calls().len() {
            return self.queue.push(Reverse((now + CALL, Event::Call, number)));
        }
        self.busy[group.step as usize] -= 1;
        let age = (now - group.created) / 1_000;
        let pause = seconds_until_next_poll(age, Time::MAX, phase(&number.to_string())) * 1_000;
        let at = match group.step {
            Step::Link => {
                self.last = self.last.max(now);
                let row = self.waiting.next().map(|row| Reverse((now + AROUND_A_ROW, Event::Invoke, row)));
                self.queue.extend(row);
                return;
            }
            Step::Poll if now >= group.active => {
                group.step = Step::Link;
                now
            }
            Step::Create | Step::Poll => {
                group.step = Step::Poll;
                self.transitions += STATUS;
                now + pause
            }
        };
        self.queue.push(Reverse((at, Event::Invoke, number)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::least;
    use super::*;

    const FAST: [u32; 2] = [10, 5];
    const SLOW: [u32; 2] = [2, 1];

    /// The default of `policy.timeoutSeconds`.
    const DEADLINE: f64 = 3_600.0;

    /// With three seeds each.
    #[track_caller]
    fn assert_within(crowds: &[Crowd], ratio: f64, most_throttled: impl Fn(&Crowd) -> f64) {
        for crowd in crowds {
            for seed in 1..=3 {
                let outcome = crowd.virtually(seed);
                let (slower, (_, throttled)) = (outcome.ratio(), outcome.share());
                let is_within = slower <= ratio && throttled <= most_throttled(crowd) && outcome.seconds < DEADLINE;
                assert!(is_within, "{crowd}: {slower:.2} x the bound, {throttled:.2} throttled");
            }
        }
    }

    #[test]
    fn the_rule_is_that_of_the_definition() {
        let Rule { longest, first, factor } = Rule::of_the_definition();
        let rule = format!(
            "$ceil($min([{longest}, {first} * $power({factor}, $min([$throttles, 20]))]) * (1 + $random()) / 2)"
        );
        assert!(DEFINITION.contains(&rule), "{rule}");
    }

    #[test]
    fn a_crowd_takes_at_most_twice_the_bound_as_delivered() {
        let crowds = [(1, FAST), (30, FAST), (100, FAST), (300, FAST), (100, SLOW), (300, SLOW), (3_000, [40, 20])];
        assert_within(&crowds.map(|(groups, rates)| Crowd::of(groups, rates, None)), 2.0, |_| 1.0);
    }

    #[test]
    fn with_the_recommended_concurrency_a_crowd_takes_one_and_a_half_times_the_bound_and_few_calls_are_throttled() {
        let crowds = [(30, FAST), (100, FAST), (300, FAST), (100, SLOW), (300, SLOW)];
        let crowds = crowds.map(|(groups, rates)| Crowd::recommended(groups, rates));
        assert_within(&crowds, 1.5, |crowd| if crowd.datazone == 1 { 0.2 } else { 0.1 });
    }

    #[test]
    fn rows_of_a_batch_keep_within_the_same_bounds() {
        for batch in [10, 30, 100].map(Some) {
            assert_within(&[Crowd { batch, ..Crowd::of(300, FAST, None) }], 2.0, |_| 1.0);
            assert_within(&[Crowd { batch, ..Crowd::recommended(300, FAST) }], 1.5, |_| 0.1);
        }
    }

    #[test]
    fn a_group_alone_is_never_throttled_and_makes_the_least_calls() {
        for rates in [FAST, SLOW] {
            let outcome = Crowd::recommended(1, rates).virtually(1);
            let polls = outcome.calls["DescribeDatasetGroup"][0] - 1;
            for (operation, least) in least() {
                let [made, throttled] = outcome.calls[operation];
                assert_eq!(throttled, 0);
                assert!(made == least || operation == "DescribeDatasetGroup", "{operation}: {made}");
            }
            assert!((outcome.transitions - f64::from(8 + 3 * polls)).abs() < 1e-9, "{}", outcome.transitions);
        }
    }
}
