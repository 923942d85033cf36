//! One doctored history for each invariant about retirements.

use chaos::{Ended, Execution, History, Purpose, Race, Sent, Trigger};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulators::{Call, ContentKind, Contents};

use crate::broken;
use crate::doctored::{call, continued, doctored, execution, fail, running};
use crate::good_history::{
    CONTRIBUTOR, FULL, GIVEN_BACK, JOINED, NEW, RETIRED, Recorder, VIEWER, failed, good_history,
};
use crate::plans_and_projects::{asks, tell};

fn link_of<'a>(history: &'a mut History, name: &str) -> &'a mut String {
    let name = history.plan.names.iter_mut().find(|other| other.name == name).expect("a name");
    &mut name.existing.as_mut().expect("a group").tags[1].tag_value
}

#[test]
fn a_group_that_was_retired_without_the_link_to_its_profile() {
    let linked_elsewhere = |history: &mut History| *link_of(history, RETIRED) = "another".to_owned();
    assert_eq!(doctored(linked_elsewhere), ["deleted", "memberRemoved"]);
    let never_read = |history: &mut History| {
        call(history, "ListTagsForResource", RETIRED).operation = "DescribeDatasetGroup".to_owned();
    };
    assert_eq!(doctored(never_read), ["deleted", "memberRemoved"]);
}

#[test]
fn a_group_that_was_retired_while_it_was_not_empty_or_nobody_had_looked() {
    for operation in ["ListDatasets", "ListSolutions", "ListEventTrackers", "ListRecommenders", "ListFilters"] {
        let never_listed = |history: &mut History| {
            call(history, operation, RETIRED).operation = "DescribeDatasetGroup".to_owned();
        };
        assert_eq!(doctored(never_listed), ["deleted", "memberRemoved"], "{operation}");
    }
    let solution = |history: &mut History| {
        call(history, "ListSolutions", RETIRED).contents =
            Contents::from([(ContentKind::Solutions, vec!["s".to_owned()])]);
    };
    assert_eq!(doctored(solution), ["deleted", "memberRemoved"]);
}

#[test]
fn access_that_was_taken_before_the_group_was_known_to_be_empty() {
    let too_early = |history: &mut History| {
        let tags = call(history, "ListTagsForResource", RETIRED).ended_at;
        let removal = call(history, "DeleteProjectMembership", GIVEN_BACK);
        removal.ended_at = tags.map(|tags| tags + SignedDuration::from_millis(1));
    };
    assert_eq!(doctored(too_early), ["memberRemoved"]);
}

#[test]
fn access_to_a_group_on_its_way_out_may_be_taken_without_looking_into_it() {
    let removal_while = |status: &'static str| {
        continued(|recorder| {
            recorder.linked(RETIRED, 71);
            running(recorder, RETIRED);
            recorder.invocation();
            let going = Some((71, Some(status), Some(status)));
            recorder.personalize("DescribeDatasetGroup", RETIRED, json!({}), going);
            recorder.datazone("GetGroupProfile", crate::good_history::PROFILE, Value::Null);
            recorder.personalize("ListTagsForResource", RETIRED, json!({}), going);
            recorder.project("DeleteProjectMembership", GIVEN_BACK, Some(CONTRIBUTOR), None);
        })
    };
    assert!(removal_while("DELETE PENDING").0.is_empty());
    assert_eq!(removal_while("ACTIVE").0, ["memberRemoved"]);
}

#[test]
fn a_group_that_was_deleted_while_its_profile_still_had_access() {
    let kept = |history: &mut History| call(history, "DeleteProjectMembership", GIVEN_BACK).effect = false;
    assert_eq!(doctored(kept), ["deleted", "notMember"]);
    let never_read = |history: &mut History| {
        let lists = |call: &&mut Call| call.resource.is(GIVEN_BACK) && call.operation == "ListProjectMemberships";
        history.calls.iter_mut().filter(lists).for_each(|list| list.operation = "GetGroupProfile".to_owned());
    };
    assert_eq!(doctored(never_read), ["deleted"]);
}

#[test]
fn a_plan_of_a_retirement_that_was_carried_out() {
    let planned = |history: &mut History| asks(history, RETIRED).plan_only = true;
    assert_eq!(doctored(planned), ["deleted", "memberRemoved", "notPlanned", "planChanged"]);
}

/// So many retirements of the same group run, and delete so many groups.
fn deletions(runs: usize, deletions: u64) -> (Vec<String>, Vec<Race>) {
    continued(|recorder| {
        recorder.linked(RETIRED, 71);
        (0..runs).for_each(|_| running(recorder, RETIRED));
        for generation in 71..71 + deletions {
            recorder.proves(RETIRED, generation);
            recorder.project("ListProjectMemberships", GIVEN_BACK, None, None);
            recorder.deletes(RETIRED, generation);
        }
    })
}

#[test]
fn a_group_is_deleted_once_by_each_retirement() {
    assert_eq!(deletions(0, 1).0, ["deleted"], "nobody was running");
    assert!(deletions(1, 1).0.is_empty());
    assert_eq!(deletions(1, 2).0, ["deleted"]);
    assert!(deletions(2, 2).0.is_empty());
}

#[test]
fn a_deletion_between_whose_look_and_act_the_group_was_replaced_is_a_race_and_one_without_a_look_is_not() {
    let replaced = |history: &mut History| {
        let deletion = call(history, "DeleteDatasetGroup", RETIRED).transition.as_mut().expect("a transition");
        deletion.generation = 71;
    };
    let mut history = good_history();
    replaced(&mut history);
    let before = |call: &Call| call.operation == "DeleteDatasetGroup" && call.resource.is(RETIRED);
    let deletion = history.calls.iter().position(before).expect("a deletion");
    // Another one stood there when the call came.
    let mut arrived = history.calls[deletion].clone();
    (arrived.operation, arrived.effect, arrived.trace_id) = ("DescribeDatasetGroup".to_owned(), false, None);
    arrived.ended_at = arrived.ended_at.map(|at| at - SignedDuration::from_millis(1));
    history.calls.push(arrived);
    let verdict = chaos::judge(&history);
    assert_eq!((broken(&verdict), verdict.races.len()), (vec![], 1));
    let unseen = |history: &mut History| {
        let is_look = |call: &Call| call.operation == "DescribeDatasetGroup" && call.resource.is(RETIRED);
        let second = history.calls.iter().rposition(|call| is_look(call) && call.transition.is_some());
        history.calls.remove(second.expect("a look"));
    };
    assert_eq!(doctored(unseen), ["deleted"]);
}

#[test]
fn access_that_nobody_asked_to_take() {
    let removal = |is_running: bool, otherwise: fn(&mut Call)| {
        let (broken, _) = continued(|recorder| {
            recorder.linked(RETIRED, 71);
            if is_running {
                running(recorder, RETIRED);
            }
            recorder.proves(RETIRED, 71);
            otherwise(recorder.project("DeleteProjectMembership", GIVEN_BACK, Some(CONTRIBUTOR), None));
        });
        broken
    };
    assert!(removal(true, |_| {}).is_empty());
    assert_eq!(removal(false, |_| {}), ["memberRemoved"]);
    assert_eq!(removal(true, |call| call.resource.project = Some(JOINED.to_owned())), ["memberRemoved"]);
    assert_eq!(removal(true, |call| call.resource.group = Some("another".to_owned())), ["memberRemoved"]);
    assert_eq!(removal(true, |call| call.resource.domain = Some("dzd_another".to_owned())), ["memberRemoved"]);
}

#[test]
fn a_retirement_that_added_something() {
    let (broken, _) = continued(|recorder| {
        running(recorder, RETIRED);
        let tags = json!({"tags": [{"tagKey": "stage", "tagValue": "test"}]});
        recorder.personalize("TagResource", RETIRED, tags, Some((71, Some("ACTIVE"), Some("ACTIVE"))));
    });
    assert_eq!(broken, ["retirementChanged"]);
    let (broken, _) = continued(|recorder| {
        running(recorder, RETIRED);
        recorder.project("CreateProjectMembership", GIVEN_BACK, None, Some(CONTRIBUTOR));
    });
    assert_eq!(broken, ["memberAdded", "retirementChanged"]);
}

#[test]
fn an_outcome_of_a_retirement_that_is_not_so() {
    let still_there = |history: &mut History| {
        let deleted = call(history, "DeleteDatasetGroup", RETIRED).transition.clone();
        let is_look = |call: &&mut Call| call.operation == "DescribeDatasetGroup" && call.resource.is(RETIRED);
        history.calls.iter_mut().filter(is_look).nth(2).expect("a poll").transition = deleted;
    };
    assert_eq!(doctored(still_there), ["notRetired"]);
    let otherwise = |trigger: &'static str, pointer: &'static str, value: Value| {
        doctored(move |history: &mut History| {
            tell(history, trigger, RETIRED, |output| *output.pointer_mut(pointer).expect("a member") = value.clone());
        })
    };
    assert_eq!(otherwise("rerun", "/disposition", json!("DELETED")), ["notRetired"], "it was gone");
    assert_eq!(otherwise("storm", "/datasetGroup/name", json!(NEW)), ["notRetired"]);
    let of_another = otherwise("storm", "/changes/projects/0/projectIdentifier", json!(JOINED));
    assert_eq!(of_another, ["notMember", "notRetired"]);
    assert_eq!(otherwise("storm", "/changes/projects/0/designation", json!(VIEWER)), ["notMember"]);
    let removed = json!({"projectIdentifier": GIVEN_BACK, "change": "REMOVED", "designation": CONTRIBUTOR});
    assert_eq!(otherwise("rerun", "/changes/projects/0", removed), ["notMember"]);
    let left = json!({"projectIdentifier": GIVEN_BACK, "change": "LEFT", "designation": CONTRIBUTOR});
    assert_eq!(otherwise("rerun", "/changes/projects/0", left), ["notMember"]);
}

#[test]
fn an_absence_while_the_group_stood_there() {
    let absent = |history: &mut History| {
        let is_missing = |call: &Call| call.resource.is(RETIRED) && call.transition.is_none();
        history.calls.retain(|call| !is_missing(call));
        tell(history, "storm", RETIRED, |output| output["disposition"] = json!("ABSENT"));
    };
    assert_eq!(doctored(absent), ["notRetired"]);
}

#[test]
fn a_failure_of_a_retirement_that_nothing_explains() {
    let in_use = |contents: Value| {
        move |history: &mut History| fail(history, FULL, failed("DatasetGroupInUse", json!({"contents": contents})))
    };
    assert!(doctored(in_use(json!({"datasets": ["interactions"]}))).is_empty());
    assert_eq!(doctored(in_use(json!({"datasets": ["items"]}))), ["unfounded"]);
    assert_eq!(doctored(in_use(json!({"datasets": ["interactions"], "filters": ["f"]}))), ["unfounded"]);
    assert_eq!(doctored(in_use(json!({}))), ["unfounded"]);
    for error in ["DatasetGroupConflict", "DatasetGroupCreateFailed", "NotFound", "InvalidRequest", "Unexpected"] {
        let unexplained = |history: &mut History| fail(history, FULL, failed(error, json!({})));
        assert_eq!(doctored(unexplained), ["unfounded"], "{error}");
    }
}

#[test]
fn a_retirement_of_somebody_elses_group_that_is_no_conflict() {
    let elsewhere = |history: &mut History| *link_of(history, FULL) = "another".to_owned();
    assert_eq!(doctored(elsewhere), ["conflictHidden"]);
}

#[test]
fn a_retirement_that_does_not_converge() {
    let emptied = |history: &mut History| {
        let full = history.rounds[0].groups.iter_mut().find(|group| group.name == FULL).expect("a group");
        full.contents.clear();
    };
    assert_eq!(doctored(emptied), ["notConverged"]);
}

/// [`NEW`] is retired right before the end of the execution that provisions it.
fn retired_at_the_end(link_is_read: bool) -> Vec<String> {
    let mut history = good_history();
    let provisioning = execution(&mut history, "storm", NEW).clone();
    let name = history.plan.names.iter_mut().find(|name| name.name == NEW).expect("a name");
    let retirement = chaos::Asked { purpose: Purpose::Retire, projects: vec![], ..name.requests[0].clone() };
    name.requests.push(retirement);
    let id = "storm-retirement".to_owned();
    history.plan.triggers.push(Trigger { id: id.clone(), name: 0, request: 2, abort_in: None });
    history.sent.push(Sent { trigger: id.clone() });
    let (arn, trigger, ended) = (id.clone(), Some(id), Ended::Aborted);
    history.executions.push(Execution { arn, trigger, ended, ..provisioning.clone() });
    let first = history.calls.len();
    let mut recorder = Recorder::after(history);
    recorder.proves(NEW, 10);
    recorder.deletes(NEW, 10);
    let mut history = recorder.history;
    for (place, call) in history.calls[first..].iter_mut().rev().enumerate() {
        let place = i64::try_from(place).expect("a few");
        call.received_at = provisioning.stopped - SignedDuration::from_micros(100 * (place + 1));
        call.ended_at = Some(call.received_at + SignedDuration::from_micros(50));
    }
    if !link_is_read {
        let at = history.calls[first..].iter().position(|call| call.operation == "ListTagsForResource");
        history.calls.remove(first + at.expect("the tags"));
    }
    broken(&chaos::judge(&history))
}

#[test]
fn a_group_that_was_retired_right_after_it_was_provisioned_was_provisioned() {
    assert!(retired_at_the_end(true).is_empty());
    assert_eq!(retired_at_the_end(false), ["deleted"]);
}
