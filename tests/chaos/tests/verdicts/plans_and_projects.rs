//! One doctored history for each invariant about plans and members of projects.

use chaos::{AskedProject, Ended, History, Race};
use serde_json::{Value, json};
use simulators::{Answer, Call, DatasetGroupState, Service, Transition};

use crate::doctored::{call, continued, doctored, execution, fail, running};
use crate::good_history::{CONTRIBUTOR, DENIED, DOMAIN, GROUP, JOINED, NEW, OTHER, PLANNED, VIEWED, VIEWER, failed};

/// Changes the output of an execution, and the event that tells of it.
pub fn tell(history: &mut History, trigger: &str, name: &str, change: impl Fn(&mut Value)) {
    let execution = execution(history, trigger, name);
    let Ended::Succeeded(output) = &mut execution.ended else { panic!("{trigger}-{name} did not succeed") };
    change(output);
    let arn = execution.arn.clone();
    let told = history.told.iter_mut().find(|told| told.detail["executionArn"] == arn).expect("an event");
    change(&mut told.detail);
}

/// A call of the plan in the storm.
fn planning<'a>(history: &'a mut History, operation: &str) -> &'a mut Call {
    let plan = execution(history, "storm", PLANNED);
    let (started, stopped) = (plan.started, plan.stopped);
    let of = |call: &&mut Call| call.operation == operation && (started..stopped).contains(&call.received_at);
    history.calls.iter_mut().find(of).expect("a call")
}

pub fn asks<'a>(history: &'a mut History, name: &str) -> &'a mut chaos::Asked {
    let name = history.plan.names.iter_mut().find(|other| other.name == name).expect("a name");
    &mut name.requests[1]
}

fn cause(error: &str) -> Value {
    let Ended::Failed { cause, .. } = failed(error, json!({})) else { panic!("a failure") };
    serde_json::from_str(&cause).expect("JSON")
}

#[test]
fn a_plan_that_changed_something() {
    for (look, change) in [("GetGroupProfile", "UpdateGroupProfile"), ("DescribeDatasetGroup", "TagResource")] {
        let changed = |history: &mut History| {
            let call = planning(history, look);
            (call.operation, call.request, call.effect) = (change.to_owned(), json!({"status": "ASSIGNED"}), true);
        };
        assert_eq!(doctored(changed), ["planChanged"], "{change}");
    }
    let added = |history: &mut History| {
        let call = planning(history, "ListProjectMemberships");
        call.operation = "CreateProjectMembership".to_owned();
        call.request = json!({"member": {"groupIdentifier": GROUP}, "designation": CONTRIBUTOR});
        call.resource.group = Some(GROUP.to_owned());
        call.effect = true;
    };
    assert_eq!(doctored(added), ["memberAdded", "planChanged"]);
}

#[test]
fn a_change_while_both_a_plan_and_one_under_apply_were_running_is_no_change_by_the_plan() {
    let change = |recorder: &mut crate::good_history::Recorder| {
        recorder.datazone("UpdateGroupProfile", GROUP, json!({"status": "ASSIGNED"})).effect = true;
    };
    let (broken, _) = continued(|recorder| {
        running(recorder, PLANNED);
        change(recorder);
    });
    assert_eq!(broken, ["planChanged"]);
    let (broken, _) = continued(|recorder| {
        running(recorder, PLANNED);
        running(recorder, NEW);
        change(recorder);
    });
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn a_plan_that_does_not_say_what_would_be_done_or_for_whom() {
    let no_plan = |history: &mut History| {
        tell(history, "storm", PLANNED, |output| output["plan"]["datasetGroup"]["action"] = Value::Null);
    };
    assert_eq!(doctored(no_plan), ["notPlanned", "toldOtherwise"]);
    let anothers = |history: &mut History| {
        tell(history, "storm", PLANNED, |output| output["metadata"]["correlationId"] = json!("another"));
    };
    assert_eq!(doctored(anothers), ["notPlanned"]);
}

#[test]
fn a_plan_instead_of_a_group_and_a_group_instead_of_a_plan() {
    assert_eq!(doctored(|history| asks(history, PLANNED).plan_only = false), ["notReady"]);
    // What made the group changed something, too.
    assert_eq!(doctored(|history| asks(history, NEW).plan_only = true), ["memberAdded", "notPlanned", "planChanged"]);
}

#[test]
fn a_plan_that_says_what_nothing_explains() {
    let conflict = |trigger: &'static str| {
        move |history: &mut History| {
            tell(history, trigger, PLANNED, |output| output["plan"]["wouldFail"] = cause("DatasetGroupConflict"));
        }
    };
    assert_eq!(doctored(conflict("storm")), ["unfounded"]);
    assert_eq!(doctored(conflict("rerun")), ["notConverged", "unfounded"]);
}

#[test]
fn a_plan_that_hides_a_conflict() {
    let hidden = |history: &mut History| {
        let look = planning(history, "DescribeDatasetGroup");
        let active = || Some("ACTIVE".to_owned());
        look.status = Answer::Status(200);
        look.transition = Some(Transition { generation: 60, before: active(), after: active() });
        let name = history.plan.names.iter_mut().find(|name| name.name == PLANNED).expect("a name");
        let other = DatasetGroupState { domain: Some("ECOMMERCE".to_owned()), ..DatasetGroupState::active(PLANNED) };
        name.existing = Some(other);
    };
    assert_eq!(doctored(hidden), ["conflictHidden"]);
}

#[test]
fn a_plan_that_failed_by_what_it_is_to_say() {
    assert!(doctored(|history| asks(history, DENIED).plan_only = true).is_empty(), "denied, as a plan may be");
    assert_eq!(doctored(|history| asks(history, OTHER).plan_only = true), ["unfounded"]);
}

/// The profile became a member, and somebody who asked for it was running; but something was otherwise.
fn added(otherwise: impl FnOnce(&mut Call)) -> Vec<String> {
    let (broken, _) = continued(|recorder| {
        running(recorder, NEW);
        otherwise(recorder.project("CreateProjectMembership", JOINED, None, Some(CONTRIBUTOR)));
    });
    broken
}

#[test]
fn a_member_that_nobody_asked_for() {
    assert!(added(|_| {}).is_empty());
    assert_eq!(added(|call| call.resource.project = Some("another".to_owned())), ["memberAdded"]);
    assert_eq!(added(|call| call.resource.domain = Some("dzd_another".to_owned())), ["memberAdded"]);
    assert_eq!(added(|call| call.resource.group = Some("another".to_owned())), ["memberAdded"]);
    assert_eq!(added(|call| call.request["designation"] = json!(VIEWER)), ["memberAdded"]);
    let user = |call: &mut Call| {
        call.request["member"] = json!({"userIdentifier": "somebody"});
        (call.resource.group, call.membership) = (None, None);
    };
    assert_eq!(added(user), ["memberAdded"]);
    let (nobody, _) = continued(|recorder| {
        recorder.project("CreateProjectMembership", JOINED, None, Some(CONTRIBUTOR));
    });
    assert_eq!(nobody, ["memberAdded"]);
}

/// One adds a viewer; another one, who had looked before or after that, makes it a contributor.
fn two_designations(looked_before: bool) -> (Vec<String>, Vec<Race>) {
    continued(|recorder| {
        let project = AskedProject { id: VIEWED.to_owned(), designation: Some(VIEWER.to_owned()) };
        asks(&mut recorder.history, DENIED).projects = vec![project];
        running(recorder, DENIED);
        running(recorder, NEW);
        let looks = |recorder: &mut crate::good_history::Recorder| {
            recorder.project("ListProjectMemberships", VIEWED, None, None).trace_id = Some("ours".to_owned());
        };
        if looked_before {
            looks(recorder);
        }
        recorder.project("CreateProjectMembership", VIEWED, None, Some(VIEWER)).trace_id = Some("theirs".to_owned());
        if !looked_before {
            looks(recorder);
        }
        let ours = recorder.project("CreateProjectMembership", VIEWED, Some(VIEWER), Some(CONTRIBUTOR));
        ours.trace_id = Some("ours".to_owned());
    })
}

#[test]
fn a_designation_that_was_changed_by_one_who_could_know() {
    let (broken, races) = two_designations(false);
    assert_eq!((broken, races.len()), (vec!["designationChanged".to_owned()], 0));
    let (broken, races) = two_designations(true);
    assert_eq!((broken, races.len()), (vec![], 1), "between the look and the act");
    let (broken, _) = continued(|recorder| {
        running(recorder, NEW);
        recorder.project("CreateProjectMembership", VIEWED, Some(VIEWER), Some(CONTRIBUTOR));
    });
    assert_eq!(broken, ["designationChanged"], "without a look");
}

#[test]
fn a_membership_that_an_outcome_tells_of_and_that_is_not_there() {
    let not_added = |history: &mut History| call(history, "CreateProjectMembership", JOINED).effect = false;
    assert_eq!(doctored(not_added), ["notMember"]);
    let otherwise = |pointer: &'static str, value: Value| {
        doctored(move |history: &mut History| {
            tell(history, "storm", NEW, |output| *output.pointer_mut(pointer).expect("a member") = value.clone());
        })
    };
    assert_eq!(otherwise("/changes/projects/0/designation", json!(VIEWER)), ["notMember"]);
    assert_eq!(otherwise("/changes/projects/1/requestedDesignation", json!(VIEWER)), ["notMember"]);
    assert_eq!(otherwise("/changes/projects/1/change", json!("ADDED")), ["notMember"]);
    assert_eq!(otherwise("/changes/projects/0/projectIdentifier", json!("another")), ["notMember", "notReady"]);
    let in_a_failure = |history: &mut History| {
        let arn = execution(history, "storm", DENIED).arn.clone();
        let told = history.told.iter_mut().find(|told| told.detail["executionArn"] == arn).expect("an event");
        let joined = json!({"projectIdentifier": JOINED, "designation": CONTRIBUTOR, "change": "ADDED"});
        told.detail["changes"]["projects"] = json!([joined]);
    };
    assert_eq!(doctored(in_a_failure), ["notMember"]);
}

#[test]
fn a_success_that_does_not_tell_of_every_project() {
    let silent = |history: &mut History| {
        tell(history, "storm", NEW, |output| drop(output["changes"]["projects"].as_array_mut().expect("two").pop()));
    };
    assert_eq!(doctored(silent), ["notReady"]);
}

#[test]
fn a_project_that_is_said_to_be_unknown() {
    let unknown = |id: &'static str| {
        move |history: &mut History| {
            let looked = call(history, "CreateDatasetGroup", DENIED);
            (looked.service, looked.operation) = (Service::DataZone, "ListProjectMemberships".to_owned());
            (looked.resource.dataset_group, looked.resource.domain) = (None, Some(DOMAIN.to_owned()));
            looked.resource.project = Some(id.to_owned());
            looked.error_code = Some("ResourceNotFoundException".to_owned());
            let answer = json!({
                "service": "datazone",
                "operation": "ListProjectMemberships",
                "code": "ResourceNotFoundException",
                "requestId": looked.request_id
            });
            asks(history, DENIED).projects = vec![AskedProject { id: id.to_owned(), designation: None }];
            fail(history, DENIED, failed("NotFound", answer));
        }
    };
    assert!(doctored(unknown("nowhere")).is_empty());
    assert_eq!(doctored(unknown(JOINED)), ["unfounded"]);
}
