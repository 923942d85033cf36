//! Crowds in virtual time: many groups at once where the services allow few calls a second. The wait of a throttled step is
//! the one of the definition, that between two polls the one of the poll step. Everything else is a model: an operation has
//! a bucket of tokens, the SDK makes three attempts, and a function above its concurrency is throttled by Lambda.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use contract::waiting::{phase, seconds_until_next_poll};
use contract_tests::definition::states;
use fastrand::Rng;

/// Milliseconds of virtual time.
type Time = u64;

const ATTEMPTS: u32 = 3;
/// Of a call, and of Lambda and Step Functions before the first call of an invocation.
const CALL: Time = 50;
const INVOCATION: Time = 60;
/// The calls of each step for a group that does not exist, nor its profile.
const STEPS: [&[&str]; 3] = [
    &["DescribeDatasetGroup", "CreateDatasetGroup"],
    &["DescribeDatasetGroup"],
    &["GetGroupProfile", "ListTags", "CreateGroupProfile", "ListTags", "TagResource", "ListTags"],
];
const CREATE: usize = 0;
const POLL: usize = 1;
const LINK: usize = 2;

/// The wait rule of the definition: `$ceil($min([100, 3 * $power(1.3, $min([$throttles, 20]))]) * (1 + $random()) / 2)`.
struct Rule {
    longest: f64,
    first: f64,
    factor: f64,
}

impl Rule {
    fn of_the_definition() -> Self {
        let choices = states()["CheckStatus"]["Choices"].clone();
        let mut choices = choices.as_array().expect("choices").iter();
        let rule = choices.find_map(|choice| choice["Assign"]["waitSeconds"].as_str()).expect("the rule");
        let numbers = rule.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|number| number.parse().ok());
        let numbers: Vec<f64> = numbers.collect();
        assert_eq!(numbers[3..], [20.0, 1.0, 2.0], "{rule} is not the rule that is known here");
        Self { longest: numbers[0], first: numbers[1], factor: numbers[2] }
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

struct Bucket {
    rate: f64,
    left: f64,
    at: Time,
}

impl Bucket {
    #[expect(clippy::cast_precision_loss, reason = "hours")]
    fn takes(&mut self, now: Time) -> bool {
        self.left = (self.left + (now - self.at) as f64 / 1_000.0 * self.rate).min(2.0 * self.rate);
        self.at = now;
        let taken = self.left >= 1.0;
        self.left -= if taken { 1.0 } else { 0.0 };
        taken
    }
}

/// So many groups at once, the calls a second of Personalize and of DataZone, and `FunctionConcurrency`.
#[derive(Debug, Clone, Copy)]
struct Crowd {
    groups: u32,
    personalize: u32,
    datazone: u32,
    concurrency: Option<usize>,
}

#[derive(Clone, Default)]
struct Group {
    step: usize,
    call: usize,
    attempts: u32,
    throttles: i32,
    created: Time,
    active: Time,
}

#[derive(Debug, Default)]
struct Outcome {
    seconds: f64,
    calls: u32,
    throttled: u32,
    most_throttles: i32,
}

impl Crowd {
    fn bound(self) -> f64 {
        (30.0 + 2.0 * f64::from(self.groups) / f64::from(self.datazone)).max(60.0)
    }

    fn run(self, rule: &Rule, seed: u64) -> Outcome {
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        enum Event {
            Invoke,
            Call,
        }
        let rng = &mut Rng::with_seed(seed);
        let mut buckets: BTreeMap<&str, Bucket> = BTreeMap::new();
        let mut running = [0; 3];
        let mut groups = vec![Group::default(); self.groups as usize];
        let mut queue: BinaryHeap<_> =
            (0..groups.len()).map(|group| Reverse((rng.u64(..500), Event::Invoke, group))).collect();
        let (mut outcome, mut last) = (Outcome::default(), 0);
        while let Some(Reverse((now, event, number))) = queue.pop() {
            let group = &mut groups[number];
            let step = group.step;
            if event == Event::Invoke {
                if self.concurrency.is_some_and(|limit| running[step] >= limit) {
                    queue.push(Reverse((now + rule.wait(group.throttles, rng), Event::Invoke, number)));
                    group.throttles += 1;
                } else {
                    running[step] += 1;
                    (group.call, group.attempts) = (0, 0);
                    queue.push(Reverse((now + INVOCATION, Event::Call, number)));
                }
                continue;
            }
            let operation = STEPS[step][group.call];
            let rate = f64::from(if operation.ends_with("GroupProfile") { self.datazone } else { self.personalize });
            let bucket = buckets.entry(operation).or_insert(Bucket { rate, left: 2.0 * rate, at: now });
            outcome.calls += 1;
            if !bucket.takes(now) {
                outcome.throttled += 1;
                group.attempts += 1;
                if operation != "TagResource" && group.attempts < ATTEMPTS {
                    let pause = rng.f64() * f64::from(1 << (group.attempts - 1));
                    queue.push(Reverse((now + CALL + milliseconds(pause), Event::Call, number)));
                } else {
                    running[step] -= 1;
                    queue.push(Reverse((now + CALL + rule.wait(group.throttles, rng), Event::Invoke, number)));
                    group.throttles += 1;
                }
                continue;
            }
            if operation == "CreateDatasetGroup" {
                group.created = now;
                group.active = now + rng.u64(30_000..60_000);
            }
            (group.call, group.attempts) = (group.call + 1, 0);
            if group.call < STEPS[step].len() {
                queue.push(Reverse((now + CALL, Event::Call, number)));
                continue;
            }
            running[step] -= 1;
            let age = (now - group.created) / 1_000;
            let pause = seconds_until_next_poll(age, Time::MAX, phase(&number.to_string())) * 1_000;
            let next = match step {
                CREATE => (POLL, now + pause),
                POLL if now < group.active => (POLL, now + pause),
                POLL => (LINK, now),
                _ => {
                    last = last.max(now);
                    outcome.most_throttles = outcome.most_throttles.max(group.throttles);
                    continue;
                }
            };
            group.step = next.0;
            queue.push(Reverse((next.1, Event::Invoke, number)));
        }
        #[expect(clippy::cast_precision_loss, reason = "hours")]
        let seconds = last as f64 / 1_000.0;
        Outcome { seconds, ..outcome }
    }
}

/// Every crowd with three seeds: the time beside the bound, and the part of the calls that is throttled.
#[track_caller]
fn assert_within(crowds: &[Crowd], ratio: f64, share: impl Fn(&Crowd) -> f64) {
    let rule = Rule::of_the_definition();
    for crowd in crowds {
        for seed in 1..=3 {
            let outcome = crowd.run(&rule, seed);
            let (slower, throttled) =
                (outcome.seconds / crowd.bound(), f64::from(outcome.throttled) / f64::from(outcome.calls));
            println!("{crowd:?}: {:.0} s, {slower:.2} x the bound, {outcome:?}", outcome.seconds);
            assert!(slower <= ratio && throttled <= share(crowd), "{crowd:?}: {slower:.2}, {throttled:.2} {outcome:?}");
            // Far below the default deadline, so nobody runs out of time.
            assert!(outcome.seconds < 3_600.0);
        }
    }
}

const fn crowd(groups: u32, personalize: u32, datazone: u32, concurrency: Option<usize>) -> Crowd {
    Crowd { groups, personalize, datazone, concurrency }
}

#[test]
fn a_crowd_takes_at_most_twice_the_bound_as_delivered() {
    let crowds = [
        crowd(1, 10, 5, None),
        crowd(30, 10, 5, None),
        crowd(100, 10, 5, None),
        crowd(300, 10, 5, None),
        crowd(100, 2, 1, None),
        crowd(300, 2, 1, None),
        crowd(3_000, 40, 20, None),
    ];
    assert_within(&crowds, 2.0, |_| 1.0);
}

#[test]
fn with_the_recommended_concurrency_a_crowd_takes_at_most_one_and_a_half_times_the_bound_and_few_calls_are_throttled() {
    let crowds = [
        crowd(30, 10, 5, Some(3)),
        crowd(100, 10, 5, Some(3)),
        crowd(300, 10, 5, Some(3)),
        crowd(100, 2, 1, Some(1)),
        crowd(300, 2, 1, Some(1)),
    ];
    assert_within(&crowds, 1.5, |crowd| if crowd.personalize == 2 { 0.2 } else { 0.1 });
}

/// One group alone is never throttled, and makes the least calls.
#[test]
fn a_group_alone_makes_no_call_twice() {
    let outcome = crowd(1, 2, 1, Some(1)).run(&Rule::of_the_definition(), 1);
    assert_eq!((outcome.throttled, outcome.most_throttles), (0, 0));
    assert!(outcome.calls <= 9 + 8, "{outcome:?}");
}
