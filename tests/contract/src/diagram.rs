//! The picture of the state machine, in Mermaid, drawn from the definition.

use std::fmt::Write as _;

use serde_json::Value;

/// The line of README.md before the picture.
pub const BEGIN: &str = "<!-- state machine: drawn by `make diagram` -->";
/// The line of README.md after the picture.
pub const END: &str = "<!-- end of the state machine -->";

/// The picture as a Mermaid state diagram, told from the start; a state that nothing leads to is not in it.
#[must_use]
pub fn mermaid(definition: &Value) -> String {
    let mut drawn = String::from("stateDiagram-v2\n");
    // Writing to a string cannot fail.
    let mut arrow = |from: &str, to: &str, label: &str| {
        let label = if label.is_empty() { String::new() } else { format!(": {label}") };
        let _ = writeln!(drawn, "    {from} --> {to}{label}");
    };
    let mut reached = vec![text(&definition["StartAt"])];
    arrow("[*]", reached[0], "");
    let mut told = 0;
    while let Some(name) = reached.get(told).copied() {
        told += 1;
        let state = &definition["States"][name];
        for (to, label) in ways_out(state) {
            arrow(name, to, &label);
            if !reached.contains(&to) {
                reached.push(to);
            }
        }
        if matches!(text(&state["Type"]), "Succeed" | "Fail") {
            arrow(name, "[*]", "");
        }
    }
    drawn
}

/// Where a state leads to, and when.
fn ways_out(state: &Value) -> Vec<(&str, String)> {
    let mut ways = Vec::new();
    for choice in state["Choices"].as_array().into_iter().flatten() {
        ways.push((text(&choice["Next"]), condition(text(&choice["Condition"]))));
    }
    if state["Default"].is_string() {
        ways.push((text(&state["Default"]), "anything else".to_owned()));
    }
    if state["Next"].is_string() {
        ways.push((text(&state["Next"]), String::new()));
    }
    for catch in state["Catch"].as_array().into_iter().flatten().filter(|catch| catch["Next"] != state["Next"]) {
        ways.push((text(&catch["Next"]), "any error".to_owned()));
    }
    ways
}

/// The document with the picture in it brought up to date.
///
/// # Errors
/// When the document has no place for it.
pub fn redrawn(document: &str, definition: &Value) -> Result<String, String> {
    let place = document.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = place.ok_or_else(|| format!("README.md has no lines {BEGIN:?} and {END:?}"))?;
    Ok(format!("{before}{BEGIN}\n\n```mermaid\n{}```\n\n{END}{after}", mermaid(definition)))
}

/// `{% $progress in ['CREATING', 'DELETING'] %}` as `CREATING or DELETING`, `{% $throttled != null %}` as `throttled`, with
/// a comparison of times as `throttled at the deadline`, and `{% $items[0] != null %}` as `items`.
fn condition(expression: &str) -> String {
    let given = expression.strip_prefix("{% $").and_then(|rest| rest.split_once(" != null"));
    match given {
        Some((variable, rest)) if rest.contains(">=") => format!("{variable} at the deadline"),
        Some((variable, _)) => variable.trim_end_matches("[0]").to_owned(),
        None => expression.split('\'').skip(1).step_by(2).collect::<Vec<_>>().join(" or "),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_through_a_machine_is_an_arrow() {
        let machine = json!({"StartAt": "A", "States": {
            "A": {"Type": "Task", "Next": "B", "Catch": [{"Next": "C"}]},
            "B": {"Type": "Choice", "Choices": [
                {"Condition": "{% $x in ['P', 'Q'] %}", "Next": "D"},
                {"Condition": "{% $y != null and $z >= 1 %}", "Next": "C"},
                {"Condition": "{% $y != null %}", "Next": "D"}
            ], "Default": "C"},
            "C": {"Type": "Fail"},
            "D": {"Type": "Succeed"}
        }});
        let arrows = [
            "[*] --> A",
            "A --> B",
            "A --> C: any error",
            "B --> D: P or Q",
            "B --> C: y at the deadline",
            "B --> D: y",
            "B --> C: anything else",
            "C --> [*]",
            "D --> [*]",
        ];
        let drawn = mermaid(&machine);
        assert_eq!(drawn.lines().skip(1).map(str::trim).collect::<Vec<_>>(), arrows);
    }

    #[test]
    fn a_document_without_a_place_for_the_picture_is_refused() {
        assert!(redrawn("# Title", &json!({})).is_err());
    }
}
