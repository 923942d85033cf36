//! Runs the installed tools over the files of the project. The SAM template is read by cfn-lint's own reader: it knows the
//! short forms (`!Ref`) that plain YAML does not.

use std::process::Command;
use std::sync::OnceLock;

use contract_tests::{printed_by, project_file};
use serde_json::Value;

/// The template as JSON, functions in their long form (`{"Ref": ..}`).
///
/// # Panics
/// When the tools are not installed (`make tools`), or it cannot be read.
pub fn template() -> &'static Value {
    static TEMPLATE: OnceLock<Value> = OnceLock::new();
    TEMPLATE.get_or_init(|| load("template.yaml"))
}

/// Its resources of a type, by name.
///
/// # Panics
/// When it has none.
pub fn of_type(kind: &str) -> impl Iterator<Item = (&'static String, &'static Value)> {
    template()["Resources"].as_object().expect("resources").iter().filter(move |(_, resource)| resource["Type"] == kind)
}

/// Any template as JSON, with YAML aliases and merge keys resolved.
///
/// # Panics
/// When the tools are not installed (`make tools`), or it cannot be read.
#[must_use]
pub fn load(path: &str) -> Value {
    let program =
        "import json, sys; from cfnlint.decode import cfn_yaml; json.dump(cfn_yaml.load(sys.argv[1]), sys.stdout)";
    let read = run("target/tools/aws/bin/python", &["-c", program, path]);
    serde_json::from_str(&read).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// The names of all templates: that of the workflow, and those of the examples.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn templates() -> Vec<String> {
    files("template.yaml")
}

/// Every action of every statement in a part of a template.
#[must_use]
pub fn actions(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        if name == "Action" {
            found.extend(member.as_str());
            found.extend(member.as_array().into_iter().flatten().filter_map(Value::as_str));
        }
        found.extend(actions(member));
    }
    found.extend(value.as_array().into_iter().flatten().flat_map(actions));
    found
}

/// Runs a tool in the project's folder and returns what it printed.
///
/// # Panics
/// When the tool is not installed (`make tools`) or fails, with what it printed.
#[must_use]
pub fn run(tool: &str, arguments: &[&str]) -> String {
    printed_by(Command::new(project_file(tool)).args(arguments).current_dir(project_file("")))
}

/// The names of the files of the project with this name or extension, as git knows them.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn files(ending: &str) -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(project_file(""))
        .output();
    let listed = String::from_utf8(listed.expect("git runs").stdout).expect("names");
    // A file may be deleted, and git not know yet.
    let exists = |name: &&str| name.ends_with(ending) && project_file(name).exists();
    let files: Vec<_> = listed.lines().filter(exists).map(str::to_owned).collect();
    assert!(!files.is_empty(), "git knows no {ending}");
    files
}
