//! One doctored history for each invariant about dataset groups, profiles and outcomes.

use std::time::Duration;

use chaos::{Ended, Execution, History, Race, Report, Sent, Verdict, judge};
use serde_json::{Value, json};
use simulators::{Answer, Call, Profile, ProfileStatus, Step, Tag, Transition};

use crate::broken;
use crate::good_history::{DENIED, FAILED, GROUP, NEW, OTHER, PROFILE, REPLACED, Recorder, failed, good_history};

/// Doctors a good history, and says what is broken then.
pub fn doctored(doctor: impl FnOnce(&mut History)) -> Vec<String> {
    let mut history = good_history();
    doctor(&mut history);
    broken(&judge(&history))
}

/// The same with calls after everything else.
pub fn continued(record: impl FnOnce(&mut Recorder)) -> (Vec<String>, Vec<Race>) {
    let mut recorder = Recorder::after(good_history());
    record(&mut recorder);
    let verdict = judge(&recorder.history);
    (broken(&verdict), verdict.races)
}

pub fn execution<'a>(history: &'a mut History, trigger: &str, name: &str) -> &'a mut Execution {
    let trigger = format!("{trigger}-{name}");
    let of = |execution: &&mut Execution| execution.trigger.as_deref() == Some(&trigger);
    history.executions.iter_mut().find(of).expect("an execution")
}

/// Lets an execution of the storm fail otherwise, and its event tell so.
pub fn fail(history: &mut History, name: &str, ended: Ended) {
    let arn = execution(history, "storm", name).arn.clone();
    if let Ended::Failed { error, cause } = &ended {
        let told = history.told.iter_mut().find(|told| told.detail["executionArn"] == arn).expect("an event");
        told.detail["error"] = json!(error);
        told.detail["cause"] = serde_json::from_str(cause).expect("JSON");
    }
    execution(history, "storm", name).ended = ended;
}

pub fn call<'a>(history: &'a mut History, operation: &str, name: &str) -> &'a mut Call {
    let of = |call: &&mut Call| call.operation == operation && call.resource.is(name);
    history.calls.iter_mut().find(of).expect("a call")
}

/// An execution of the storm's request for a name runs from now on, for a minute.
pub fn running(recorder: &mut Recorder, name: &str) {
    let template = execution(&mut recorder.history, "storm", name).clone();
    let started = recorder.starts("storm", name).1;
    let stopped = started + jiff::SignedDuration::from_secs(60);
    let (arn, ended) = (format!("runs-{name}"), Ended::Aborted);
    recorder.history.executions.push(Execution { arn, ended, started, stopped, ..template });
}

#[test]
fn an_event_without_an_execution_and_one_with_two() {
    let lost = |history: &mut History| history.sent.push(Sent { trigger: format!("storm-{NEW}") });
    assert_eq!(doctored(lost), ["executionCount"]);
    let doubled = |history: &mut History| {
        let first = history.sent.iter().position(|sent| sent.trigger == format!("storm-{DENIED}"));
        let twin =
            Execution { arn: "twin".to_owned(), ended: Ended::Aborted, ..execution(history, "storm", DENIED).clone() };
        assert!(first.is_some());
        history.executions.push(twin);
    };
    assert_eq!(doctored(doubled), ["executionCount"]);
}

#[test]
fn an_execution_that_nobody_asked_for() {
    let unsolicited = |history: &mut History| {
        let stray = Execution { arn: "stray".to_owned(), trigger: None, ..execution(history, "storm", NEW).clone() };
        history.executions.push(Execution { ended: Ended::Aborted, ..stray });
    };
    assert_eq!(doctored(unsolicited), ["unsolicited"]);
}

#[test]
fn an_execution_that_never_ended() {
    let endless = |history: &mut History| {
        execution(history, "storm", NEW).ended = Ended::Otherwise("RUNNING".to_owned());
    };
    assert_eq!(doctored(endless), ["neverEnded"]);
}

#[test]
fn an_outcome_that_was_not_told() {
    assert_eq!(doctored(|history| drop(history.told.remove(0))), ["notTold"]);
}

#[test]
fn an_outcome_that_was_told_otherwise() {
    let other_kind = |history: &mut History| {
        history.told[0].detail_type = "Dataset Group Provisioning Failed".to_owned();
    };
    assert_eq!(doctored(other_kind), ["toldOtherwise"]);
    let other_content = |history: &mut History| history.told[0].detail["disposition"] = json!("ADOPTED");
    assert_eq!(doctored(other_content), ["toldOtherwise"]);
    let one_of_two = |history: &mut History| {
        let mut twice = history.told[0].clone();
        twice.detail["timings"]["polls"] = json!(9);
        history.told.push(twice);
    };
    assert_eq!(doctored(one_of_two), ["toldOtherwise"]);
    let nobodys = |history: &mut History| {
        let mut nobodys = history.told[0].clone();
        nobodys.detail["executionArn"] = json!("nobody");
        history.told.push(nobodys);
    };
    assert_eq!(doctored(nobodys), ["toldOtherwise"]);
}

#[test]
fn an_outcome_may_be_told_twice_and_that_of_an_aborted_execution_not_at_all() {
    assert!(doctored(|history| history.told.push(history.told[0].clone())).is_empty());
    let aborted = |history: &mut History| {
        history.told.remove(0);
        execution(history, "storm", NEW).ended = Ended::Aborted;
    };
    assert!(doctored(aborted).is_empty());
}

#[test]
fn an_aborted_execution_that_told_of_both_outcomes() {
    let both = |history: &mut History| {
        execution(history, "storm", NEW).ended = Ended::Aborted;
        let arn = execution(history, "storm", NEW).arn.clone();
        let failure = history.told.iter().find(|told| told.detail_type == "Dataset Group Provisioning Failed");
        let mut failure = failure.expect("an event").clone();
        failure.detail["executionArn"] = json!(arn);
        history.told.push(failure);
    };
    assert_eq!(doctored(both), ["toldOtherwise"]);
}

#[test]
fn a_second_dataset_group_of_a_name() {
    let (broken, _) = continued(|recorder| {
        recorder.personalize(
            "CreateDatasetGroup",
            NEW,
            json!({"name": NEW}),
            Some((99, Some("ACTIVE"), Some("ACTIVE"))),
        );
    });
    assert_eq!(broken, ["twoGroups"]);
}

#[test]
fn a_second_group_profile_of_a_principal() {
    let standing = |history: &mut History| {
        history.end.domains[0].profiles.push(Profile::of_group(GROUP, ProfileStatus::Assigned));
    };
    assert_eq!(doctored(standing), ["twoProfiles"]);
    let (broken, _) = continued(|recorder| {
        let request = json!({"groupIdentifier": GROUP, "clientToken": "another"});
        recorder.datazone("CreateGroupProfile", GROUP, request).effect = false;
    });
    assert_eq!(broken, ["twoProfiles"]);
}

#[test]
fn a_dataset_group_that_was_deleted_though_its_creation_had_not_failed() {
    let active = |history: &mut History| {
        let deletion = call(history, "DeleteDatasetGroup", REPLACED);
        deletion.transition.as_mut().expect("a transition").before = Some("ACTIVE".to_owned());
        let look = call(history, "DescribeDatasetGroup", REPLACED);
        look.transition.as_mut().expect("a transition").after = Some("ACTIVE".to_owned());
    };
    assert_eq!(doctored(active), ["deleted"]);
}

#[test]
fn a_dataset_group_that_was_deleted_under_fail() {
    let under_fail = |history: &mut History| {
        let replaced = history.plan.names.iter_mut().find(|name| name.name == REPLACED).expect("a name");
        replaced.requests.iter_mut().for_each(|asked| asked.replace = false);
    };
    assert_eq!(doctored(under_fail), ["deleted"]);
}

#[test]
fn a_dataset_group_that_was_deleted_by_nobody_who_was_running() {
    let (broken, _) = continued(|recorder| {
        let failed = Some((21, Some(FAILED), Some("DELETE PENDING")));
        recorder.personalize("DeleteDatasetGroup", REPLACED, json!({}), failed);
    });
    assert_eq!(broken, ["deleted"]);
}

#[test]
fn a_dataset_group_that_was_deleted_twice_while_one_execution_was_running() {
    let again = |history: &mut History| {
        // Another execution under REPLACE was over before, and the rerun starts later.
        let earlier = execution(history, "storm", NEW).clone();
        let trigger = Some(format!("storm-{REPLACED}"));
        let twin = Execution { arn: "twin".to_owned(), trigger, ended: Ended::Aborted, ..earlier };
        history.executions.push(twin);
        history.sent.push(Sent { trigger: format!("storm-{REPLACED}") });
        let mut again = call(history, "DeleteDatasetGroup", REPLACED).clone();
        again.ended_at = again.ended_at.map(|at| at + jiff::SignedDuration::from_millis(1));
        history.calls.push(again);
    };
    assert_eq!(doctored(again), ["deleted"]);
}

#[test]
fn a_dataset_group_may_be_deleted_by_each_execution_that_is_running() {
    let deletions_within = |moments: [i64; 2]| {
        let (broken, _) = continued(|recorder| {
            recorder.history.rounds.clear();
            let (trigger, start) = (format!("storm-{REPLACED}"), recorder.starts("storm", REPLACED).1);
            let after = |seconds: i64| start + jiff::SignedDuration::from_secs(seconds);
            recorder.history.sent.push(Sent { trigger: trigger.clone() });
            let template = execution(&mut recorder.history, "storm", REPLACED).clone();
            // The longer one is the first, so that whoever takes the first that fits has none left.
            for (arn, stopped) in [("longer", after(10)), ("shorter", after(5))] {
                let (arn, ended) = (arn.to_owned(), Ended::Aborted);
                let execution = Execution { arn, ended, started: start, stopped, ..template.clone() };
                recorder.history.executions.push(execution);
            }
            for moment in moments {
                let failed = Some((21, Some(FAILED), Some("DELETE PENDING")));
                let deletion = recorder.personalize("DeleteDatasetGroup", REPLACED, json!({}), failed);
                deletion.received_at = after(moment);
                deletion.ended_at = Some(after(moment));
            }
        });
        broken
    };
    assert!(deletions_within([1, 2]).is_empty());
    assert!(deletions_within([1, 7]).is_empty());
    assert_eq!(deletions_within([6, 7]), ["deleted"], "the shorter one was over");
}

/// A group that fails again and is replaced between the look of an invocation and its deletion.
fn replaced_in_between(recorder: &mut Recorder, look_first: bool) {
    let seen = Some((21, Some(FAILED), Some(FAILED)));
    let (theirs, ours) = ("theirs".to_owned(), "ours".to_owned());
    if look_first {
        recorder.personalize("DescribeDatasetGroup", REPLACED, json!({}), seen).trace_id = Some(ours.clone());
    }
    let deleted = Some((21, Some(FAILED), Some("DELETE PENDING")));
    recorder.personalize("DeleteDatasetGroup", REPLACED, json!({}), deleted).trace_id = Some(theirs.clone());
    let gone = recorder.personalize("DescribeDatasetGroup", REPLACED, json!({}), None);
    gone.trace_id = Some(theirs.clone());
    let created = Some((50, None, Some("ACTIVE")));
    recorder.personalize("CreateDatasetGroup", REPLACED, json!({"name": REPLACED}), created).trace_id = Some(theirs);
    if !look_first {
        let seen = Some((50, Some("ACTIVE"), Some("ACTIVE")));
        recorder.personalize("DescribeDatasetGroup", REPLACED, json!({}), seen).trace_id = Some(ours.clone());
    }
    let deleted = Some((50, Some("ACTIVE"), Some("DELETE PENDING")));
    recorder.personalize("DeleteDatasetGroup", REPLACED, json!({}), deleted).trace_id = Some(ours);
}

#[test]
fn a_deletion_between_whose_look_and_act_the_group_was_replaced_is_a_race_and_no_other_is() {
    let running = |recorder: &mut Recorder| {
        // Somebody is running under REPLACE meanwhile, often enough.
        let template =
            recorder.history.executions.iter().find(|execution| execution.trigger.as_deref() == Some("rerun-replaced"));
        let template = template.expect("an execution").clone();
        let until = template.stopped + jiff::SignedDuration::from_secs(60);
        let trigger = template.trigger.clone().unwrap_or_default();
        for number in 0..2 {
            recorder.history.sent.push(Sent { trigger: trigger.clone() });
            let (arn, ended) = (format!("runs-{number}"), Ended::Aborted);
            recorder.history.executions.push(Execution { arn, stopped: until, ended, ..template.clone() });
        }
        // No rerun is aborted; here the rerun stands for an execution of the storm.
        recorder.history.rounds.clear();
    };
    let (broken, races) = continued(|recorder| {
        running(recorder);
        replaced_in_between(recorder, true);
    });
    assert_eq!((broken, races.len()), (vec![], 1));
    let (broken, races) = continued(|recorder| {
        running(recorder);
        replaced_in_between(recorder, false);
    });
    assert_eq!((broken, races.len()), (vec!["deleted".to_owned()], 0));
}

/// Somebody writes tags, and another invocation writes the same ones with other values, having looked before or after.
fn two_write_a_tag(recorder: &mut Recorder, looked: Option<bool>) {
    let still = Some((10, Some("ACTIVE"), Some("ACTIVE")));
    let look = |recorder: &mut Recorder| {
        recorder.personalize("ListTagsForResource", NEW, json!({}), still).trace_id = Some("late".to_owned());
    };
    let write = |recorder: &mut Recorder, value: &str, trace: &str| {
        let tag = |key: &str| json!({"tagKey": key, "tagValue": value});
        let tags = json!({"tags": [tag("stage"), tag("owner")]});
        recorder.personalize("TagResource", NEW, tags, still).trace_id = Some(trace.to_owned());
    };
    if looked == Some(false) {
        look(recorder);
    }
    write(recorder, "test", "early");
    if looked == Some(true) {
        look(recorder);
    }
    write(recorder, "live", "late");
}

#[test]
fn a_tag_that_was_overwritten_by_one_who_could_know() {
    for looked in [Some(true), None] {
        let (broken, races) = continued(|recorder| two_write_a_tag(recorder, looked));
        assert_eq!((broken, races.len()), (vec!["tagChanged".to_owned()], 0), "{looked:?}");
    }
    let (broken, races) = continued(|recorder| {
        let still = Some((10, Some("ACTIVE"), Some("ACTIVE")));
        two_write_a_tag(recorder, Some(false));
        // The late one was refused before, and sent it again without another look.
        let mut refused = recorder.personalize("TagResource", NEW, json!({}), still).clone();
        recorder.history.calls.pop();
        let look = recorder.history.calls.iter().find(|call| call.trace_id.as_deref() == Some("late")).expect("a look");
        refused.effect = false;
        refused.trace_id.clone_from(&look.trace_id);
        refused.ended_at = look.ended_at.map(|at| at + jiff::SignedDuration::from_millis(1));
        recorder.history.calls.push(refused);
    });
    assert_eq!((broken, races.len()), (vec!["tagChanged".to_owned()], 0), "sent again");
    let (broken, races) = continued(|recorder| two_write_a_tag(recorder, Some(false)));
    assert_eq!((broken, races.len()), (vec![], 1), "between the look and the act");
    let verdict = Verdict { races, ..Verdict::default() };
    let text = Report::of(&good_history(), verdict, Duration::ZERO).to_string();
    assert!(text.contains(" 1 races,") && text.contains("overwrote owner, stage of new at 2026-"), "{text}");
}

#[test]
fn a_failed_group_that_was_linked_by_somebody_else_and_deleted() {
    for link in [("datazone:domain-id", "dzd_elsewhere"), ("datazone:group-profile-id", "another")] {
        let linked = |history: &mut History| {
            let replaced = history.plan.names.iter_mut().find(|name| name.name == REPLACED).expect("a name");
            let existing = replaced.existing.as_mut().expect("a group");
            existing.tags.push(Tag { tag_key: link.0.to_owned(), tag_value: link.1.to_owned() });
        };
        assert_eq!(doctored(linked), ["deleted"]);
    }
}

/// A group that is linked to another profile gets a tag, by one who looked before or after it was linked.
fn tagged(recorder: &mut Recorder, looked_before: bool) {
    let still = Some((30, Some("ACTIVE"), Some("ACTIVE")));
    let call = |recorder: &mut Recorder, operation: &str, tags: Value, trace: &str| {
        recorder.personalize(operation, OTHER, tags, still).trace_id = Some(trace.to_owned());
    };
    let tag = |key: &str, value: &str| json!({"tags": [{"tagKey": key, "tagValue": value}]});
    running(recorder, OTHER);
    if looked_before {
        call(recorder, "ListTagsForResource", json!({}), "ours");
    }
    call(recorder, "TagResource", tag("datazone:group-profile-id", "another"), "theirs");
    if !looked_before {
        call(recorder, "ListTagsForResource", json!({}), "ours");
    }
    call(recorder, "TagResource", tag("stage", "test"), "ours");
}

#[test]
fn a_tag_on_a_group_that_is_linked_to_another_profile() {
    assert_eq!(continued(|recorder| tagged(recorder, false)).0, ["taggedElsewhere"]);
    assert!(continued(|recorder| tagged(recorder, true)).0.is_empty(), "linked between the look and the act");
}

#[test]
fn a_tag_that_was_taken_away() {
    let (broken, _) = continued(|recorder| {
        let still = Some((10, Some("ACTIVE"), Some("ACTIVE")));
        recorder.personalize("UntagResource", NEW, json!({"tagKeys": ["team"]}), still);
    });
    assert_eq!(broken, ["tagChanged"]);
}

#[test]
fn a_profile_that_was_taken_away_from_its_group() {
    let (broken, _) = continued(|recorder| {
        recorder.datazone("UpdateGroupProfile", GROUP, json!({"status": "NOT_ASSIGNED"})).effect = true;
    });
    assert_eq!(broken, ["unassigned"]);
}

#[test]
fn a_success_without_a_group_that_is_active_a_profile_that_is_assigned_or_the_link() {
    let not_active = |history: &mut History| {
        for call in history.calls.iter_mut().filter(|call| call.resource.is(NEW)) {
            if let Some(transition) = &mut call.transition {
                transition.after = Some("CREATE IN_PROGRESS".to_owned());
            }
        }
    };
    assert_eq!(doctored(not_active), ["notReady"]);
    let not_linked = |history: &mut History| call(history, "TagResource", NEW).effect = false;
    assert_eq!(doctored(not_linked), ["notReady"]);
    let linked_elsewhere = |history: &mut History| {
        call(history, "TagResource", NEW).request["tags"][1]["tagValue"] = json!("another");
    };
    assert_eq!(doctored(linked_elsewhere), ["notReady"]);
    let not_assigned = |history: &mut History| {
        history.plan.behaviour.new_profile_status = ProfileStatus::NotAssigned;
    };
    assert_eq!(doctored(not_assigned), ["notReady"]);
    let of_another = |history: &mut History| history.end.domains[0].profiles[0].id = "another".to_owned();
    let broken = doctored(of_another);
    assert_eq!(broken, ["conflictHidden", "deleted", "memberRemoved", "notReady"], "retirements lack their link, too");
}

#[test]
fn a_success_with_a_group_of_another_configuration() {
    let hidden = |history: &mut History| {
        let new = history.plan.names.iter_mut().find(|name| name.name == NEW).expect("a name");
        new.requests[1].configuration.domain = Some("ECOMMERCE".to_owned());
    };
    assert_eq!(doctored(hidden), ["conflictHidden"]);
}

#[test]
fn a_conflict_that_is_reported_as_something_else() {
    let hidden = |history: &mut History| fail(history, OTHER, failed("DatasetGroupCreateFailed", json!({})));
    assert_eq!(doctored(hidden), ["conflictHidden", "unfounded"], "and nothing had failed");
}

#[test]
fn a_failure_that_nothing_explains() {
    let conflict_without_difference =
        |history: &mut History| fail(history, DENIED, failed("DatasetGroupConflict", json!({})));
    assert_eq!(doctored(conflict_without_difference), ["unfounded"]);
    let not_denied = |history: &mut History| call(history, "CreateDatasetGroup", DENIED).fault = None;
    assert_eq!(doctored(not_denied), ["unfounded"]);
    let another_call =
        |history: &mut History| call(history, "CreateDatasetGroup", DENIED).request_id = Some("another".to_owned());
    assert_eq!(doctored(another_call), ["unfounded"]);
    for error in ["InvalidRequest", "NotFound", "QuotaExceeded", "ProvisioningTimedOut", "Unavailable", "Unexpected"] {
        let unexplained = |history: &mut History| {
            let answer = json!({"service": "personalize", "operation": "DescribeDatasetGroup"});
            fail(history, DENIED, failed(error, answer));
        };
        assert_eq!(doctored(unexplained), ["unfounded"], "{error}");
    }
    let not_vanished = |history: &mut History| {
        let creation = call(history, "CreateDatasetGroup", DENIED);
        creation.error_code = Some("ResourceNotFoundException".to_owned());
        let id = creation.request_id.clone();
        let answer = json!({
            "service": "personalize",
            "operation": "CreateDatasetGroup",
            "code": "ResourceNotFoundException",
            "requestId": id
        });
        fail(history, DENIED, failed("NotFound", answer));
    };
    assert_eq!(doctored(not_vanished), ["unfounded"], "nobody had seen a group");
    let unreadable = |history: &mut History| {
        let cause = "out of order".to_owned();
        execution(history, "storm", DENIED).ended = Ended::Failed { error: "AccessDenied".to_owned(), cause };
        let arn = execution(history, "storm", DENIED).arn.clone();
        history.told.iter_mut().filter(|told| told.detail["executionArn"] == arn).for_each(|told| {
            told.detail["cause"] = Value::Null;
        });
    };
    assert_eq!(doctored(unreadable), ["toldOtherwise", "unfounded"]);
}

#[test]
fn a_conflict_with_a_group_that_did_not_stand() {
    for status in [FAILED, "DELETE PENDING"] {
        let did_not_stand = |history: &mut History| {
            let look = call(history, "DescribeDatasetGroup", OTHER).transition.as_mut().expect("a transition");
            (look.before, look.after) = (Some(status.to_owned()), Some(status.to_owned()));
            let other = history.plan.names.iter_mut().find(|name| name.name == OTHER).expect("a name");
            other.existing.as_mut().expect("a group").steps = vec![Step::status(status)];
        };
        assert_eq!(doctored(did_not_stand), ["unfounded"], "{status}");
    }
}

#[test]
fn a_deadline_that_passed_before_it_could() {
    let with_timeout = |seconds: u64| {
        move |history: &mut History| {
            let look = call(history, "DescribeDatasetGroup", DENIED);
            look.status = Answer::Status(200);
            let pending = || Some("CREATE PENDING".to_owned());
            look.transition = Some(Transition { generation: 39, before: pending(), after: pending() });
            let denied = history.plan.names.iter_mut().find(|name| name.name == DENIED).expect("a name");
            denied.requests[1].timeout_seconds = seconds;
            fail(history, DENIED, failed("ProvisioningTimedOut", json!({})));
        }
    };
    assert!(doctored(with_timeout(100)).is_empty(), "50 s before the look and 50 s after it");
    assert_eq!(doctored(with_timeout(101)), ["unfounded"]);
}

#[test]
fn a_time_out_that_is_said_to_come_from_a_service_that_did_not_throttle() {
    let throttled = |code: &'static str| {
        move |history: &mut History| {
            let creation = call(history, "CreateDatasetGroup", DENIED);
            creation.error_code = Some(code.to_owned());
            let id = creation.request_id.clone();
            let answer =
                json!({"service": "personalize", "operation": "CreateDatasetGroup", "code": code, "requestId": id});
            fail(history, DENIED, failed("ProvisioningTimedOut", answer));
        }
    };
    assert!(doctored(throttled("ThrottlingException")).is_empty());
    assert_eq!(doctored(throttled("ServiceUnavailable")), ["unfounded"]);
}

/// The creation failed with a fault and a code, and the execution says which call and which code it was.
fn unavailable(fault: &str, operation: &str, code: &str) -> Vec<String> {
    doctored(|history| {
        let creation = call(history, "CreateDatasetGroup", DENIED);
        creation.fault = Some(fault.to_owned());
        creation.error_code = Some("ThrottlingException".to_owned());
        let id = creation.request_id.clone();
        let answer = json!({"service": "personalize", "operation": operation, "code": code, "requestId": id});
        fail(history, DENIED, failed("Unavailable", answer));
    })
}

#[test]
fn a_service_that_is_said_to_be_unavailable_by_an_answer_that_it_did_not_give() {
    assert!(unavailable("throttle", "CreateDatasetGroup", "ThrottlingException").is_empty());
    assert_eq!(unavailable("throttle", "TagResource", "ThrottlingException"), ["unfounded"]);
    assert_eq!(unavailable("throttle", "CreateDatasetGroup", "ServiceUnavailable"), ["unfounded"]);
    assert_eq!(unavailable("delay", "CreateDatasetGroup", "ThrottlingException"), ["unfounded"], "late, but answered");
}

#[test]
fn a_service_that_is_said_to_be_unavailable_for_what_happened_to_another_principal() {
    let cut = |about: Option<&str>| {
        let about = about.map(str::to_owned);
        doctored(|history| {
            let creation = call(history, "CreateDatasetGroup", DENIED).clone();
            let mut cut = call(history, "GetGroupProfile", PROFILE).clone();
            cut.resource.group = about;
            cut.fault = Some("cutBeforeEffect".to_owned());
            (cut.received_at, cut.ended_at) = (creation.received_at, creation.ended_at);
            history.calls.push(cut);
            fail(
                history,
                DENIED,
                failed("Unavailable", json!({"service": "datazone", "operation": "GetGroupProfile"})),
            );
        })
    };
    for own in [Some(GROUP), Some(PROFILE), None] {
        assert!(cut(own).is_empty(), "{own:?}");
    }
    assert_eq!(cut(Some("another")), ["unfounded"]);
}

#[test]
fn what_the_engine_failed_is_told_apart_from_what_a_function_failed() {
    let ended_with = |error: &str, attempt: &str| {
        let mut history = good_history();
        let message = "CreateDatasetGroup ended with Lambda.Unknown: Rate Exceeded";
        fail(&mut history, DENIED, failed(error, json!({"message": message, "resource": "CreateDatasetGroup"})));
        execution(&mut history, "storm", DENIED).failed_attempts =
            vec!["Lambda.Unknown".to_owned(), attempt.to_owned()];
        let verdict = judge(&history);
        (broken(&verdict), verdict.engine_failures.len())
    };
    assert_eq!(ended_with("Unavailable", "Lambda.Unknown"), (vec![], 1));
    let unfounded = || (vec!["unfounded".to_owned()], 0);
    assert_eq!(ended_with("Unexpected", "Runtime.ExitError"), unfounded());
    assert_eq!(ended_with("Unavailable", "Unavailable"), unfounded(), "whatever its cause says");
    assert_eq!(ended_with("Unavailable", "States.Timeout"), unfounded(), "a step that hangs");
}

#[test]
fn a_name_that_does_not_converge() {
    let other = |history: &mut History| {
        let group = history.rounds[0].groups.iter_mut().find(|group| group.name == NEW).expect("a group");
        group.domain = Some("ECOMMERCE".to_owned());
    };
    assert_eq!(doctored(other), ["notConverged"]);
    let still_missing = |history: &mut History| {
        let arn = execution(history, "rerun", DENIED).arn.clone();
        execution(history, "rerun", DENIED).ended = Ended::Aborted;
        history.told.retain(|told| told.detail["executionArn"] != arn);
    };
    assert_eq!(doctored(still_missing), ["notConverged"]);
    let never_started = |history: &mut History| {
        let arn = execution(history, "rerun", DENIED).arn.clone();
        history.sent.retain(|sent| sent.trigger != format!("rerun-{DENIED}"));
        history.executions.retain(|execution| execution.arn != arn);
        history.told.retain(|told| told.detail["executionArn"] != arn);
    };
    assert_eq!(doctored(never_started), ["notConverged"]);
}
