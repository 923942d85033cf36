//! What was done to the dataset groups.

use jiff::Timestamp;
use simulators::{Answer, Call};

use super::failures::links_elsewhere;
use super::replay::{Group, Life, Moment, tags_of};
use super::{Evidence, Run, retirements};
use crate::plan::Purpose;
use crate::verdict::{Race, Verdict, Violation};

const CREATE_FAILED: &str = "CREATE FAILED";

pub(super) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    for (name, life) in &evidence.lives {
        for (before, moment) in life.steps() {
            if !moment.call.effect {
                continue;
            }
            match (moment.call.operation.as_str(), before) {
                ("CreateDatasetGroup", Some(group)) if !group.deleting => {
                    let (call, standing) = (moment.call.sequence, group.generation.unwrap_or_default());
                    verdict.violations.push(Violation::TwoGroups { name: (*name).to_owned(), call, standing });
                }
                ("TagResource", Some(group)) => tagged(evidence, name, life, group, moment, verdict),
                ("UntagResource", Some(group)) => untagged(name, group, moment.call, verdict),
                ("DeleteDatasetGroup", Some(group)) => deleted(evidence, name, group, moment, verdict),
                _ => {}
            }
        }
        deleted_once(evidence, name, life, verdict);
    }
}

/// A tag with another value is kept, unless it came between the look and the act.
fn tagged(evidence: &Evidence, name: &str, life: &Life, group: &Group, moment: &Moment, verdict: &mut Verdict) {
    let call = moment.call.sequence;
    tagged_elsewhere(evidence, name, life, group, moment, verdict);
    let looked = look_right_before(evidence, moment.call, "ListTagsForResource").and_then(|look| look.ended_at);
    let mut raced = Vec::new();
    for (key, to) in tags_of(moment.call) {
        let Some(from) = group.tags.get(&key).filter(|from| **from != to) else { continue };
        let written = written(life, moment, &key, from);
        if looked.is_some_and(|looked| written.is_some_and(|written| looked < written)) {
            raced.push(key);
        } else {
            let (name, from, to) = (name.to_owned(), from.clone(), Some(to));
            verdict.violations.push(Violation::TagChanged { name, call, key, from, to });
        }
    }
    if let Some(looked) = looked.filter(|_| !raced.is_empty()) {
        verdict.races.push(Race::Tag { name: name.to_owned(), keys: raced, call, at: moment.at, looked });
    }
}

/// Whether the group was linked to another profile than that of each execution that could have made the call.
fn links_elsewhere_for_every_run(evidence: &Evidence, name: &str, group: &Group, call: &Call) -> bool {
    let applies = |run: &&Run| {
        let provisions = run.asked.purpose == Purpose::Provision && !run.asked.plan_only;
        run.name.name == name && provisions && run.covers(call.received_at)
    };
    let mut runs = evidence.runs.iter().filter(applies).peekable();
    runs.peek().is_some() && runs.all(|run| links_elsewhere(evidence, run.asked, group))
}

/// A group that is linked to another profile gets no tag, unless the link came between the look and the act.
fn tagged_elsewhere(
    evidence: &Evidence,
    name: &str,
    life: &Life,
    group: &Group,
    moment: &Moment,
    verdict: &mut Verdict,
) {
    let call = moment.call;
    if !links_elsewhere_for_every_run(evidence, name, group, call) {
        return;
    }
    let looked = look_right_before(evidence, call, "ListTagsForResource").and_then(|look| look.ended_at);
    let came_late = ["datazone:domain-id", "datazone:group-profile-id"].into_iter().any(|key| {
        let written = group.tags.get(key).and_then(|value| written(life, moment, key, value));
        looked.zip(written).is_some_and(|(looked, written)| looked < written)
    });
    if !came_late {
        let (name, keys, link) = (name.to_owned(), tags_of(call).into_keys().collect(), format!("{:?}", group.link()));
        verdict.violations.push(Violation::TaggedElsewhere { name, call: call.sequence, keys, link });
    }
}

fn untagged(name: &str, group: &Group, call: &Call, verdict: &mut Verdict) {
    let keys = call.request["tagKeys"].as_array().into_iter().flatten().filter_map(|key| key.as_str());
    for (key, from) in keys.filter_map(|key| group.tags.get_key_value(key)) {
        let (name, key, from) = (name.to_owned(), key.clone(), from.clone());
        verdict.violations.push(Violation::TagChanged { name, call: call.sequence, key, from, to: None });
    }
}

fn deleted(evidence: &Evidence, name: &str, group: &Group, moment: &Moment, verdict: &mut Verdict) {
    let call = moment.call;
    if retirements::is_retiring(evidence, call) {
        return retired(evidence, name, group, moment, verdict);
    }
    if links_elsewhere_for_every_run(evidence, name, group, call) {
        verdict.violations.push(violation(name, call, "it was linked by somebody else"));
    }
    if status_before(call) == CREATE_FAILED {
        return;
    }
    match failed_right_before(evidence, call) {
        Some((looked, generation)) if Some(generation) != group.generation => {
            let (name, call, at) = (name.to_owned(), call.sequence, moment.at);
            verdict.races.push(Race::Deletion { name, call, at, looked });
        }
        Some(_) | None => verdict.violations.push(violation(name, call, "its creation had not failed")),
    }
}

/// A retirement deletes the group that it looked at last.
fn retired(evidence: &Evidence, name: &str, group: &Group, moment: &Moment, verdict: &mut Verdict) {
    let call = moment.call;
    if let Some(why) = retirements::deletion_refused(evidence, call) {
        verdict.violations.push(violation(name, call, &why));
    }
    let look = look_right_before(evidence, call, "DescribeDatasetGroup");
    let seen = look.and_then(|look| Some((look.ended_at?, look.transition.as_ref()?.generation)));
    match seen {
        Some((_, generation)) if Some(generation) == group.generation => {}
        Some((looked, _)) => {
            let (name, call, at) = (name.to_owned(), call.sequence, moment.at);
            verdict.races.push(Race::Deletion { name, call, at, looked });
        }
        None => verdict.violations.push(violation(name, call, "nobody had looked at it right before")),
    }
}

/// An execution that retires, or provisions under REPLACE, deletes once at most, while it runs. Each deletion goes to the execution that stops first of
/// those that are left: when a deletion is left over then, no other way to give them finds one for each.
fn deleted_once(evidence: &Evidence, name: &str, life: &Life, verdict: &mut Verdict) {
    let deletes = |call: &&Call| call.effect && call.operation == "DeleteDatasetGroup";
    let mut deletions: Vec<_> = life.moments().iter().map(|moment| moment.call).filter(deletes).collect();
    deletions.sort_by_key(|call| call.received_at);
    let may_delete = |run: &&Run| {
        let deletes = match run.asked.purpose {
            Purpose::Provision => run.asked.replace,
            Purpose::Retire => true,
        };
        run.name.name == name && deletes && !run.asked.plan_only
    };
    let mut unused: Vec<_> = evidence.runs.iter().filter(may_delete).collect();
    unused.sort_by_key(|run| run.execution.stopped);
    for call in deletions {
        let purpose = if retirements::is_retiring(evidence, call) { Purpose::Retire } else { Purpose::Provision };
        let may_have = |run: &&Run| run.asked.purpose == purpose && run.covers(call.received_at) && run.is_about(call);
        if let Some(place) = unused.iter().position(may_have) {
            unused.remove(place);
        } else {
            let why = "no execution was running that might delete and had not deleted already";
            verdict.violations.push(violation(name, call, why));
        }
    }
}

fn violation(name: &str, call: &Call, why: &str) -> Violation {
    let (name, status, why) = (name.to_owned(), status_before(call).to_owned(), why.to_owned());
    Violation::Deleted { name, call: call.sequence, status, why }
}

fn status_before(call: &Call) -> &str {
    call.transition.as_ref().and_then(|transition| transition.before.as_deref()).unwrap_or("invisible")
}

/// When the invocation of a call had seen a group in CREATE FAILED right before it, and which.
fn failed_right_before(evidence: &Evidence, call: &Call) -> Option<(Timestamp, u64)> {
    let look = look_right_before(evidence, call, "DescribeDatasetGroup")?;
    let transition = look.transition.as_ref()?;
    (transition.after.as_deref() == Some(CREATE_FAILED)).then_some((look.ended_at?, transition.generation))
}

/// The call that the same invocation made last, if that was a successful look. What was sent again without another look is
/// no race, and without a trace nobody knows whose the calls are.
pub(super) fn look_right_before<'a>(evidence: &Evidence<'a>, call: &Call, operation: &str) -> Option<&'a Call> {
    let last = evidence.earlier(call).next_back()?;
    (last.operation == operation && last.status == Answer::Status(200)).then_some(last)
}

/// When the value that a tag has was written, by a call of another invocation: the last that wrote it before this one.
fn written(life: &Life, moment: &Moment, key: &str, value: &str) -> Option<Timestamp> {
    let writes = |other: &&Moment| {
        other.at < moment.at
            && other.call.effect
            && other.call.trace_id != moment.call.trace_id
            && ["TagResource", "CreateDatasetGroup"].contains(&other.call.operation.as_str())
            && tags_of(other.call).get(key).is_some_and(|written| written == value)
    };
    life.moments().iter().rfind(writes).map(|other| other.at)
}
