//! The pictures of the state machines, in Mermaid, drawn from the definitions.

use std::fmt::Write as _;

use serde_json::Value;

use crate::definition::Machine;

/// The documents with pictures.
pub const DOCUMENTS: [&str; 2] = ["README.md", "docs/operations.md"];

/// The picture as a Mermaid state diagram, told from the start; a state that nothing leads to is not in it. The states inside
/// of a map are drawn once: another map runs the same.
#[must_use]
pub fn mermaid(definition: &Value) -> String {
    let mut drawn = String::from("stateDiagram-v2\n");
    draw(definition, "    ", &mut drawn);
    drawn
}

fn draw(machine: &Value, indent: &str, drawn: &mut String) {
    // Writing to a string cannot fail.
    let arrow = |drawn: &mut String, from: &str, to: &str, label: &str| {
        let label = if label.is_empty() { String::new() } else { format!(": {label}") };
        let _ = writeln!(drawn, "{indent}{from} --> {to}{label}");
    };
    let mut reached = vec![text(&machine["StartAt"])];
    arrow(drawn, "[*]", reached[0], "");
    let mut map_is_drawn = false;
    let mut told = 0;
    while let Some(name) = reached.get(told).copied() {
        told += 1;
        let state = &machine["States"][name];
        if state["ItemProcessor"].is_object() && !std::mem::replace(&mut map_is_drawn, true) {
            let _ = writeln!(drawn, "{indent}state {name} {{");
            draw(&state["ItemProcessor"], &format!("{indent}    "), drawn);
            let _ = writeln!(drawn, "{indent}}}");
        }
        for (to, label) in ways_out(state) {
            arrow(drawn, name, to, &label);
            if !reached.contains(&to) {
                reached.push(to);
            }
        }
        if matches!(text(&state["Type"]), "Succeed" | "Fail") {
            arrow(drawn, name, "[*]", "");
        }
    }
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
        let errors: Vec<_> = catch["ErrorEquals"].as_array().into_iter().flatten().map(text).collect();
        let label = if errors == ["States.ALL"] { "any error".to_owned() } else { errors.join(" or ") };
        ways.push((text(&catch["Next"]), label));
    }
    ways
}

/// The document with the pictures in it brought up to date, and how many it has. A picture stands between two lines that
/// name its state machine.
#[must_use]
pub fn redrawn(document: &str, machines: &[Machine]) -> (String, usize) {
    let (mut redrawn, mut drawn) = (document.to_owned(), 0);
    for Machine { name, definition } in machines {
        let (begin, end) = (format!("<!-- {name}: drawn by `make diagram` -->"), format!("<!-- end of {name} -->"));
        let place = redrawn.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
        if let Some((before, after)) = place {
            redrawn = format!("{before}{begin}\n\n```mermaid\n{}```\n\n{end}{after}", mermaid(definition));
            drawn += 1;
        }
    }
    (redrawn, drawn)
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
            "A": {"Type": "Task", "Next": "B", "Catch": [{"ErrorEquals": ["E", "F"], "Next": "D"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}]},
            "B": {"Type": "Choice", "Choices": [
                {"Condition": "{% $x in ['P', 'Q'] %}", "Next": "D"},
                {"Condition": "{% $y != null and $z >= 1 %}", "Next": "C"},
                {"Condition": "{% $y != null %}", "Next": "D"}
            ], "Default": "C"},
            "C": {"Type": "Fail"},
            "D": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "E", "States": {"E": {"Type": "Succeed"}}}}
        }});
        let arrows = [
            "[*] --> A",
            "A --> B",
            "A --> D: E or F",
            "A --> C: any error",
            "B --> D: P or Q",
            "B --> C: y at the deadline",
            "B --> D: y",
            "B --> C: anything else",
            "state D {",
            "[*] --> E",
            "E --> [*]",
            "}",
            "C --> [*]",
        ];
        let drawn = mermaid(&machine);
        assert_eq!(drawn.lines().skip(1).map(str::trim).collect::<Vec<_>>(), arrows);
    }

    #[test]
    fn a_document_has_the_pictures_that_it_has_places_for() {
        let machine = |name: &str| Machine { name: name.to_owned(), definition: json!({"StartAt": "A", "States": {}}) };
        let machines = ["one", "two"].map(machine);
        assert_eq!(redrawn("# Title", &machines), ("# Title".to_owned(), 0));
        let document = "<!-- two: drawn by `make diagram` -->old<!-- end of two -->";
        let (text, drawn) = redrawn(document, &machines);
        assert!(drawn == 1 && text.contains("[*] --> A") && !text.contains("old"), "{text}");
    }
}
