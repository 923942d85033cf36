//! What the documents say is so.

use std::path::Path;
use std::process::Command;

use contract_tests::definition::definition;
use contract_tests::diagram::redrawn;
use contract_tests::{project_file, read};

/// Every file of the project as git knows it, text only.
fn files() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(project_file(""))
        .output();
    let listed = String::from_utf8(listed.expect("git runs").stdout).expect("names");
    let files: Vec<_> = listed
        .lines()
        .filter_map(|name| Some((name.to_owned(), std::fs::read_to_string(project_file(name)).ok()?)))
        .collect();
    assert!(files.len() > 50, "git lists the files of the project");
    files
}

#[test]
fn the_picture_of_the_state_machine_is_current() {
    let readme = read("README.md");
    assert_eq!(redrawn(&readme, &definition()).as_deref(), Ok(readme.as_str()), "`make diagram` draws it anew");
}

#[test]
fn every_link_in_a_document_leads_somewhere() {
    for (name, text) in files().iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|kind| kind == "md"))
    {
        let folder = project_file(name);
        let folder = folder.parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if !link.is_empty() && !link.starts_with("http") {
                assert!(folder.join(link).exists(), "{name} links to {link}");
            }
        }
    }
}

#[test]
fn every_place_in_the_code_map_exists() {
    let architecture = read("docs/architecture.md");
    let map = architecture.split("\n## ").find(|section| section.starts_with("Code map")).expect("a code map");
    for cell in map.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next()) {
        for place in cell.split("`, `").map(|place| place.trim_matches('`')) {
            assert!(project_file(place).exists(), "docs/architecture.md names {place}");
        }
    }
}

#[test]
fn every_error_has_a_section_that_tells_what_to_do_and_a_line_in_the_readme() {
    let (readme, operations) = (read("README.md"), read("docs/operations.md"));
    for name in contract::StepError::NAMES {
        assert!(readme.contains(&format!("\n| `{name}` |")), "README.md says nothing of {name}");
        let section = operations
            .split_once(&format!("\n## {name}\n"))
            .map(|(_, rest)| rest.split("\n## ").next().unwrap_or_default());
        let section = section.unwrap_or_else(|| panic!("docs/operations.md says nothing of {name}"));
        for part in ["**Meaning:**", "**Check:**", "**Action:**", "**Rerun:**"] {
            assert!(section.contains(part), "{name}: docs/operations.md does not say {part}");
        }
    }
}

#[test]
fn every_parameter_stands_in_the_readme_with_its_default() {
    let readme = read("README.md");
    let rows: Vec<_> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    for (name, parameter) in contract_tests::template::template()["Parameters"].as_object().expect("parameters") {
        let row = rows.iter().find(|row| row.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("`{name}`"))));
        let row = row.unwrap_or_else(|| panic!("README.md says nothing of the parameter {name}"));
        let default = parameter["Default"].as_str().map_or_else(|| parameter["Default"].to_string(), str::to_owned);
        let shown = if default.is_empty() {
            row.contains("none") || row.contains("empty")
        } else {
            row.contains(&format!("`{default}`"))
        };
        assert!(shown, "README.md does not say that the default of {name} is {default:?}");
    }
}

#[test]
fn every_alarm_stands_in_the_operations_manual() {
    let operations = read("docs/operations.md");
    for (name, resource) in contract_tests::template::template()["Resources"].as_object().expect("resources") {
        let Some(alarm) = name.strip_suffix("Alarm").filter(|_| resource["Type"] == "AWS::CloudWatch::Alarm") else {
            continue;
        };
        let listed = alarm.ends_with("Errors") || operations.contains(&format!("\n| `{alarm}` |"));
        assert!(listed, "docs/operations.md says nothing of {name}");
    }
}

#[test]
fn every_make_target_in_a_document_exists() {
    let makefile = read("Makefile");
    for (name, text) in files().iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|kind| kind == "md"))
    {
        for target in text.split("`make ").skip(1).filter_map(|rest| rest.split(['`', ' ', '\n']).next()) {
            assert!(makefile.contains(&format!("\n{target}:")), "{name} names `make {target}`");
        }
    }
}

/// Twelve digits in a row that stand alone, or in an ARN.
fn account_numbers(text: &str) -> Vec<&str> {
    let digits = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_' && c != '.');
    digits.filter(|word| word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit())).collect()
}

#[test]
fn the_only_account_numbers_are_those_of_documentation() {
    let number = "1111".repeat(3);
    assert_eq!(account_numbers(&format!("arn:aws:iam::{number}:role/x, a-{number}")), [number.as_str()]);
    for (name, text) in files() {
        for number in account_numbers(&text) {
            assert!(["123456789012", "000000000000"].contains(&number), "{name} holds the account number {number}");
        }
    }
}

#[test]
fn no_file_holds_a_path_of_a_machine_or_a_secret() {
    let here = project_file("").canonicalize().expect("a path");
    let here = here.to_str().expect("text");
    // Put together here, so that this file does not hold them.
    let secrets =
        [["AK", "IA"].concat(), ["-----BEGIN", " PRIVATE"].concat(), ["/ro", "ot/"].concat(), ["/ho", "me/"].concat()];
    for (name, text) in files() {
        assert!(!text.contains(&format!("{here}/")), "{name} holds the path of this machine");
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
        }
    }
}
