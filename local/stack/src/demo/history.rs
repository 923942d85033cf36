//! The history of an execution, for people. Everything is pure except the conversion from the SDK's types.

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::HistoryEvent;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// An event of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// The kinds of events that the demo shows.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A state began.
    Entered { state: String, kind: Kind },
    /// The state ended.
    Exited { state: String },
    /// The task of the state succeeded.
    Succeeded { output: Value },
    /// The task of the state failed; the state may retry it or catch the error.
    Failed { error: String },
}

/// Whether a state takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It calls a function or a service.
    Task,
    /// It waits.
    Wait,
    /// It only computes.
    Other,
}

/// The position of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The state, and the known facts of the group.
    pub what: String,
    /// The remaining wait time.
    pub left: String,
}

/// A row of the timeline: a state that took time.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its name.
    pub state: String,
    /// Since the execution began.
    pub start: SignedDuration,
    /// How long it took.
    pub duration: SignedDuration,
    /// Its result.
    pub note: String,
}

/// Selects the events that the demo shows.
pub fn read(events: &[HistoryEvent]) -> Vec<Moment> {
    events.iter().filter_map(|event| Some(Moment { at: timestamp(event.timestamp())?, what: what(event)? })).collect()
}

fn timestamp(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_nanosecond(at.as_nanos()).ok()
}

fn what(event: &HistoryEvent) -> Option<What> {
    if let Some(entered) = event.state_entered_event_details() {
        let kind = match event.r#type().as_str() {
            "TaskStateEntered" => Kind::Task,
            "WaitStateEntered" => Kind::Wait,
            _ => Kind::Other,
        };
        return Some(What::Entered { state: entered.name().to_owned(), kind });
    }
    if let Some(exited) = event.state_exited_event_details() {
        return Some(What::Exited { state: exited.name().to_owned() });
    }
    // The engine and AWS name the events of a task differently: generic, or by service.
    let output = event
        .task_succeeded_event_details()
        .and_then(|details| details.output())
        .or_else(|| event.lambda_function_succeeded_event_details().and_then(|details| details.output()));
    if let Some(output) = output {
        return Some(What::Succeeded { output: serde_json::from_str(output).unwrap_or_default() });
    }
    let error = event
        .task_failed_event_details()
        .and_then(|details| details.error())
        .or_else(|| event.lambda_function_failed_event_details().and_then(|details| details.error()));
    error.map(|error| What::Failed { error: error.to_owned() })
}

/// The position of an execution, from its events until `now`. `pace`: real seconds for one second of waiting.
pub fn position(moments: &[Moment], now: Timestamp, pace: f64) -> Option<Position> {
    let (mut current, mut status, mut wait, mut polls, mut errors) = (None, None, None, 0, 0);
    for moment in moments {
        match &moment.what {
            What::Entered { state, kind } => {
                polls += usize::from(state == "PollStatus");
                errors = 0;
                current = Some((state, kind, moment.at));
            }
            What::Succeeded { output } => {
                status = text(output, "/Payload/datasetGroup/status").or(status);
                wait = output.pointer("/Payload/waitSeconds").and_then(Value::as_f64).or(wait);
            }
            What::Failed { .. } => errors += 1,
            What::Exited { .. } => {}
        }
    }
    let (state, kind, since) = current?;
    let mut what = state.clone();
    if let Some(status) = status {
        what = format!("{what} · {status}");
    }
    if polls > 0 {
        what = format!("{what} · {}", count(polls, "poll"));
    }
    if errors > 0 {
        what = format!("{what} · {}", count(errors, "failed attempt"));
    }
    let left = match (kind, wait) {
        (Kind::Wait, Some(wait)) => {
            let left = wait * pace - (now - since).total(jiff::Unit::Second).unwrap_or_default();
            format!("{:.0} s left", left.max(0.0))
        }
        (Kind::Wait, None) | (Kind::Task | Kind::Other, _) => String::new(),
    };
    Some(Position { what, left })
}

/// The states that took time, in their order.
pub fn timeline(moments: &[Moment]) -> Vec<Row> {
    let Some(first) = moments.first().map(|moment| moment.at) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    let mut open: Option<(Row, usize)> = None;
    let mut ended_badly = false;
    for moment in moments {
        match &moment.what {
            What::Entered { kind: Kind::Other, .. } => open = None,
            What::Entered { state, kind: Kind::Task | Kind::Wait } => {
                let start = moment.at.duration_since(first);
                let row = Row { state: state.clone(), start, duration: SignedDuration::ZERO, note: String::new() };
                open = Some((row, 0));
            }
            What::Succeeded { output } => {
                ended_badly = false;
                if let Some((row, _)) = &mut open {
                    row.note = note(output);
                }
            }
            What::Failed { error } => {
                ended_badly = true;
                if let Some((row, failures)) = &mut open {
                    *failures += 1;
                    row.note.clone_from(error);
                }
            }
            What::Exited { state } => {
                if let Some((mut row, failures)) = open.take_if(|(row, _)| row.state == *state) {
                    row.duration = moment.at.duration_since(first) - row.start;
                    if failures > usize::from(ended_badly) {
                        row.note = format!("{} ({})", row.note, count(failures, "failed attempt"));
                    }
                    rows.push(row);
                }
            }
        }
    }
    rows
}

/// The result of a task, in a few words.
fn note(output: &Value) -> String {
    let provisioning = ["/Payload/disposition", "/Payload/groupProfile/status", "/Payload/datasetGroup/status"];
    // A retirement changes no profile.
    let retirement = ["/Payload/retired/disposition", "/Payload/datasetGroup/status"];
    let is_retirement = output.pointer("/Payload/retired").is_some();
    let about = if is_retirement { &retirement[..] } else { &provisioning };
    // The group of a plan may not exist.
    let is_plan = output.pointer("/Payload/plan").is_some_and(Value::is_object);
    let words: Vec<String> = about.iter().filter(|_| !is_plan).filter_map(|pointer| text(output, pointer)).collect();
    words.join(", ")
}

fn text(document: &Value, pointer: &str) -> Option<String> {
    document.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).expect("it is in range")
    }

    fn entered(milliseconds: i64, state: &str, kind: Kind) -> Moment {
        Moment { at: at(milliseconds), what: What::Entered { state: state.to_owned(), kind } }
    }

    fn exited(milliseconds: i64, state: &str) -> Moment {
        Moment { at: at(milliseconds), what: What::Exited { state: state.to_owned() } }
    }

    fn succeeded(milliseconds: i64, payload: &Value) -> Moment {
        Moment { at: at(milliseconds), what: What::Succeeded { output: json!({ "Payload": payload }) } }
    }

    fn failed(milliseconds: i64, error: &str) -> Moment {
        Moment { at: at(milliseconds), what: What::Failed { error: error.to_owned() } }
    }

    fn waiting() -> Vec<Moment> {
        vec![
            entered(0, "Begin", Kind::Other),
            exited(1, "Begin"),
            entered(1, "CreateDatasetGroup", Kind::Task),
            succeeded(
                90,
                &json!({"disposition": "CREATED", "datasetGroup": {"status": "CREATE PENDING"}, "waitSeconds": 20}),
            ),
            exited(100, "CreateDatasetGroup"),
            entered(100, "WaitForStatus", Kind::Wait),
        ]
    }

    #[test]
    fn a_waiting_execution_shows_status_and_seconds_left_at_this_pace() {
        let position = position(&waiting(), at(2_100), 0.5);
        let expected = Position { what: "WaitForStatus · CREATE PENDING".to_owned(), left: "8 s left".to_owned() };
        assert_eq!(position, Some(expected));
    }

    #[test]
    fn a_finished_wait_shows_zero_seconds_left() {
        let position = position(&waiting(), at(60_000), 0.5).expect("it has begun");
        assert_eq!(position.left, "0 s left");
    }

    #[test]
    fn a_running_task_shows_polls_and_its_failed_attempts() {
        let mut moments = waiting();
        moments.extend([exited(20_000, "WaitForStatus"), entered(20_000, "PollStatus", Kind::Task)]);
        moments.push(failed(20_100, "Unavailable"));
        let position = position(&moments, at(20_200), 1.0).expect("it has begun");
        assert_eq!(position.what, "PollStatus · CREATE PENDING · 1 poll · 1 failed attempt");
        assert_eq!(position.left, "");
    }

    #[test]
    fn an_execution_has_no_position_before_its_first_state() {
        assert_eq!(position(&[], at(0), 1.0), None);
    }

    #[test]
    fn the_timeline_has_the_states_that_took_time_with_their_results() {
        let mut moments = waiting();
        moments.push(exited(10_100, "WaitForStatus"));
        let rows = timeline(&moments);
        let brief: Vec<_> = rows.iter().map(|row| (row.state.as_str(), row.duration.as_millis())).collect();
        assert_eq!(brief, [("CreateDatasetGroup", 99), ("WaitForStatus", 10_000)]);
        assert_eq!(rows[0].note, "CREATED, CREATE PENDING");
        assert_eq!(rows[1].start.as_millis(), 100);
    }

    #[test]
    fn the_timeline_shows_failed_attempts() {
        let moments = [
            entered(0, "PollStatus", Kind::Task),
            failed(1, "Unavailable"),
            failed(2, "Unavailable"),
            succeeded(3, &json!({"datasetGroup": {"status": "ACTIVE"}})),
            exited(4, "PollStatus"),
        ];
        assert_eq!(timeline(&moments)[0].note, "ACTIVE (2 failed attempts)");
    }

    #[test]
    fn the_timeline_shows_the_error_of_a_failed_task() {
        let moments = [
            entered(0, "CreateDatasetGroup", Kind::Task),
            failed(1, "InvalidRequest"),
            exited(2, "CreateDatasetGroup"),
        ];
        assert_eq!(timeline(&moments)[0].note, "InvalidRequest");
    }
}
