//! The report of an execution, for people. Pure.

use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
use comfy_table::{CellAlignment, Table};
use console::style;
use jiff::SignedDuration;
use serde_json::Value;

use super::aws::Described;
use super::history::{Moment, Row, timeline};
use super::outcome::{Kind, Outcome};

/// Columns for the longest bar.
const BAR: usize = 24;

/// The whole report.
pub fn report(outcome: &Outcome, history: &[Moment], group: &Described, profile: &Described) -> String {
    let mut parts = vec![heading(outcome), facts(&about(outcome))];
    if let Some(cause) = outcome.member("/cause") {
        parts.push(section("Cause", &pretty(cause)));
    }
    let rows = match outcome.kind {
        Kind::Provisioned | Kind::Failed | Kind::Retired | Kind::RetirementFailed => {
            projects(outcome.items("/changes/projects"), "change")
        }
        Kind::Planned | Kind::RetirementPlanned => planned(outcome),
    };
    if !rows.is_empty() {
        parts.push(actions(&rows));
    }
    if let Some(cause) = outcome.member("/plan/wouldFail") {
        parts.push(section("It would fail", &pretty(cause)));
    }
    parts.push(section("Timeline", &chart(&timeline(history))));
    parts.push(section("Amazon Personalize: DescribeDatasetGroup", &described(group)));
    match outcome.kind {
        Kind::Planned => {}
        Kind::Provisioned | Kind::Failed | Kind::RetirementFailed | Kind::RetirementPlanned => {
            parts.push(section("Amazon DataZone: GetGroupProfile", &described(profile)));
        }
        Kind::Retired => {
            parts.push(section("Amazon DataZone: GetGroupProfile (the profile stays)", &described(profile)));
        }
    }
    format!("\n{}\n", parts.join("\n\n"))
}

fn heading(outcome: &Outcome) -> String {
    match outcome.kind {
        Kind::Provisioned => style("✔ Dataset Group Provisioned").green().bold().to_string(),
        Kind::Failed => style("✘ Dataset Group Provisioning Failed").red().bold().to_string(),
        Kind::Planned => style("✔ Dataset Group Planned: nothing was changed").green().bold().to_string(),
        Kind::Retired => style("✔ Dataset Group Retired").green().bold().to_string(),
        Kind::RetirementFailed => style("✘ Dataset Group Retirement Failed").red().bold().to_string(),
        Kind::RetirementPlanned => {
            style("✔ Dataset Group Retirement Planned: nothing was changed").green().bold().to_string()
        }
    }
}

/// What would be done: to what, the action, and more about it.
fn planned(outcome: &Outcome) -> Vec<[String; 3]> {
    let group = outcome.dataset_group_arn().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
    let tags = [("add", "/plan/datasetGroup/tagsToAdd"), ("keep another value of", "/plan/datasetGroup/tagsKept")];
    let tags = tags.into_iter().filter_map(|(what, pointer)| {
        let keys = brief(outcome.member(pointer)?)?;
        Some(["tags".to_owned(), what.to_owned(), keys])
    });
    let about = [
        (format!("dataset group {group}"), "/plan/datasetGroup/action", None),
        ("group profile".to_owned(), "/plan/groupProfile/action", outcome.text("/plan/groupProfile/id")),
        ("link".to_owned(), "/plan/link", None),
    ];
    let about = about.into_iter().filter_map(|(what, action, more)| {
        Some([what, outcome.text(action)?.to_owned(), more.unwrap_or_default().to_owned()])
    });
    about.chain(tags).chain(projects(outcome.items("/plan/projects"), "action")).collect()
}

/// What was or would be done about each project.
fn projects(projects: &[Value], done: &str) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |project: &Value| {
        let kept = project.get("requestedDesignation").map(|asked| format!(", instead of {}", text(asked)));
        let designation = text(&project["designation"]) + &kept.unwrap_or_default();
        [format!("project {}", text(&project["projectIdentifier"])), text(&project[done]), designation]
    };
    projects.iter().map(row).collect()
}

fn actions(rows: &[[String; 3]]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(["what", "action", ""]).add_rows(rows);
    table.to_string()
}

/// The members of the event, the most important first.
fn about(outcome: &Outcome) -> Vec<(String, String)> {
    [
        ("error", "/error"),
        ("disposition", "/disposition"),
        ("dataset group", "/datasetGroup/datasetGroupArn"),
        ("status", "/datasetGroup/status"),
        ("group profile", "/groupProfile/id"),
        ("profile status", "/groupProfile/status"),
        ("tags added", "/changes/tagsAdded"),
        ("tags kept", "/changes/tagsKept"),
        ("profile", "/changes/groupProfile"),
        ("seconds until active", "/timings/secondsUntilActive"),
        ("seconds until gone", "/timings/secondsUntilGone"),
        ("polls", "/timings/polls"),
        ("metadata", "/metadata"),
        ("execution", "/executionArn"),
    ]
    .into_iter()
    .filter_map(|(name, pointer)| Some((name.to_owned(), brief(outcome.member(pointer)?)?)))
    .collect()
}

/// A value in one line; nothing if it is empty.
fn brief(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(items.iter().filter_map(brief).collect::<Vec<_>>().join(", ")),
        Value::Object(_) | Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}

fn described(resource: &Described) -> String {
    match resource {
        None => "  does not exist".to_owned(),
        Some(members) => {
            let lines: Vec<_> =
                members.iter().filter_map(|(name, value)| Some((name.clone(), brief(value)?))).collect();
            facts(&lines)
        }
    }
}

fn section(title: &str, text: &str) -> String {
    format!("{}\n{text}", style(title).bold())
}

fn facts(lines: &[(String, String)]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    for (name, value) in lines {
        table.add_row([format!(" {name}"), value.clone()]);
    }
    table.trim_fmt()
}

fn pretty(document: &Value) -> String {
    // A JSON value can always be printed.
    serde_json::to_string_pretty(document).unwrap_or_default()
}

fn chart(rows: &[Row]) -> String {
    let whole = rows.iter().map(|row| row.start + row.duration).max().unwrap_or_default();
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(["state", "start", "took", "", "result"]);
    for row in rows {
        table.add_row([
            row.state.clone(),
            seconds(row.start),
            seconds(row.duration),
            bar(row, whole),
            row.note.clone(),
        ]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

fn seconds(duration: SignedDuration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

/// A bar for the time of a state within the execution; at least one mark.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "columns of a terminal"
)]
fn bar(row: &Row, whole: SignedDuration) -> String {
    let column = |at: SignedDuration| (at.as_secs_f64() / whole.as_secs_f64().max(f64::EPSILON) * BAR as f64) as usize;
    let start = column(row.start).min(BAR - 1);
    let end = column(row.start + row.duration).clamp(start + 1, BAR);
    format!("{}{}{}", " ".repeat(start), "━".repeat(end - start), " ".repeat(BAR - end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(start: i64, duration: i64) -> Row {
        let duration = SignedDuration::from_millis(duration);
        Row { state: "S".to_owned(), start: SignedDuration::from_millis(start), duration, note: String::new() }
    }

    fn outcome(detail_type: &str, detail: &str) -> Outcome {
        serde_json::from_str(&format!(r#"{{"detail-type": "{detail_type}", "detail": {detail}}}"#)).expect("an outcome")
    }

    #[test]
    fn a_bar_shows_start_and_duration_of_a_state() {
        let whole = SignedDuration::from_secs(24);
        assert_eq!(bar(&row(6_000, 12_000), whole), format!("{}{}{}", " ".repeat(6), "━".repeat(12), " ".repeat(6)));
    }

    #[test]
    fn a_bar_is_never_empty_and_never_too_long() {
        for (start, duration) in [(0, 0), (24_000, 0), (23_999, 1), (0, 24_000)] {
            let bar = bar(&row(start, duration), SignedDuration::from_secs(24));
            assert!(bar.contains('━'), "{start} {duration}");
            assert_eq!(bar.chars().count(), BAR, "{start} {duration}");
        }
        assert!(bar(&row(0, 0), SignedDuration::ZERO).contains('━'));
    }

    #[test]
    fn the_report_of_a_success_names_the_resources() {
        let outcome = outcome(
            "Dataset Group Provisioned",
            r#"{"disposition": "CREATED", "datasetGroup": {"status": "ACTIVE"}, "changes": {"tagsKept": []}}"#,
        );
        let text = report(&outcome, &[], &None, &None);
        for part in ["Dataset Group Provisioned", "CREATED", "ACTIVE", "does not exist"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("tags kept") && !text.contains("Cause"), "{text}");
    }

    #[test]
    fn the_report_of_a_plan_is_a_table_of_what_would_be_done() {
        let outcome = outcome(
            "Dataset Group Planned",
            r#"{"plan": {
                "datasetGroup": {"datasetGroupArn": "arn:x/media", "action": "ADOPT", "tagsToAdd": ["team"]},
                "groupProfile": {"action": "KEEP", "id": "profile-1"}, "link": "ADD",
                "projects": [{"projectIdentifier": "p1", "action": "KEEP", "designation": "PROJECT_OWNER",
                    "requestedDesignation": "PROJECT_CONTRIBUTOR"}],
                "wouldFail": {"error": "NotFound"}
            }}"#,
        );
        let kept = "PROJECT_OWNER, instead of PROJECT_CONTRIBUTOR";
        let rows = planned(&outcome);
        let rows: Vec<_> = rows.iter().map(|row| row.each_ref().map(String::as_str)).collect();
        let expected = [
            ["dataset group media", "ADOPT", ""],
            ["group profile", "KEEP", "profile-1"],
            ["link", "ADD", ""],
            ["tags", "add", "team"],
            ["project p1", "KEEP", kept],
        ];
        assert_eq!(rows, expected);
        let text = report(&outcome, &[], &None, &None);
        for part in ["nothing was changed", "It would fail", kept] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_report_of_a_retirement_says_what_was_removed_and_what_stays() {
        let outcome = outcome(
            "Dataset Group Retired",
            r#"{"disposition": "DELETED", "changes": {"projects": [
                {"projectIdentifier": "p1", "change": "REMOVED", "designation": "PROJECT_OWNER"},
                {"projectIdentifier": "p2", "change": "ABSENT"}
            ]}}"#,
        );
        let profile = Some([("status".to_owned(), "ASSIGNED".into())].into());
        let text = report(&outcome, &[], &None, &profile);
        for part in
            ["DELETED", "project p1", "REMOVED", "PROJECT_OWNER", "ABSENT", "does not exist", "the profile stays"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_report_of_a_failure_shows_error_and_cause() {
        let outcome = outcome(
            "Dataset Group Provisioning Failed",
            r#"{"error": "NotFound", "cause": {"remedy": "Create the domain."}}"#,
        );
        let text = report(&outcome, &[], &None, &None);
        for part in ["Dataset Group Provisioning Failed", "NotFound", r#""remedy": "Create the domain.""#] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
