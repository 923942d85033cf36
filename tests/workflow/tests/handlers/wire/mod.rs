//! The exact wire: every request that the functions send, as it went over HTTP, against `golden/*.json`, and requests
//! and answers against the newest service models of botocore.
//!
//! After a change that is meant: `GOLDEN=write cargo test --workspace --test handlers wire`, and read the
//! difference.

mod requests;
mod scenarios;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use self::scenarios::Scenario;

fn golden(scenario: Scenario) -> PathBuf {
    project::file(&format!("tests/workflow/tests/handlers/wire/golden/{}.json", scenario.name()))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[tokio::test]
async fn every_request_is_the_one_that_is_written_down() {
    let write = std::env::var_os("GOLDEN").is_some_and(|what| what == "write");
    let mut different = Vec::new();
    for scenario in Scenario::ALL {
        let sent = pretty(&requests::sent(&scenario.exchanges().await));
        let file = golden(scenario);
        if write {
            fs::write(&file, &sent).expect("a file that can be written");
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        if sent != written {
            different.push(format!("{}:\n{}", file.display(), first_difference(&written, &sent)));
        }
    }
    assert!(different.is_empty(), "other requests are sent than are written down:\n{}", different.join("\n"));
}

fn first_difference(written: &str, sent: &str) -> String {
    let line = written.lines().zip(sent.lines()).take_while(|(written, sent)| written == sent).count();
    let around = |text: &str| text.lines().skip(line.saturating_sub(6)).take(12).collect::<Vec<_>>().join("\n");
    format!("line {}, written:\n{}\nsent:\n{}", line + 1, around(written), around(sent))
}

/// Runs the script beside this file with the botocore of `target/tools/models`.
fn models(order: &str, exchanges: &Value) -> String {
    let tools = std::env::var_os("TOOLS_DIR").map_or_else(|| project::file("target/tools"), PathBuf::from);
    let python = tools.join("models/bin/python");
    assert!(python.exists(), "{} is missing: run `make tools` first, or set TOOLS_DIR", python.display());
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), exchanges.to_string()).expect("a file that can be written");
    let script = project::file("tests/workflow/tests/handlers/wire/models.py");
    let mut command = Command::new(python);
    command
        .arg(script)
        .arg(order)
        .arg(file.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let ended = command.output().expect("a program that starts");
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    said
}

async fn all_exchanges() -> Value {
    let mut all = Vec::new();
    for scenario in Scenario::ALL {
        all.extend(requests::exchanged(&scenario.exchanges().await));
    }
    Value::Array(all)
}

/// Every member of an answer that the functions read.
const READ: [(&str, &str); 22] = [
    ("DescribeDatasetGroup", "/datasetGroup/datasetGroupArn"),
    ("DescribeDatasetGroup", "/datasetGroup/status"),
    ("DescribeDatasetGroup", "/datasetGroup/domain"),
    ("DescribeDatasetGroup", "/datasetGroup/kmsKeyArn"),
    ("DescribeDatasetGroup", "/datasetGroup/roleArn"),
    ("DescribeDatasetGroup", "/datasetGroup/creationDateTime"),
    ("DescribeDatasetGroup", "/datasetGroup/failureReason"),
    ("ListTagsForResource", "/tags/0/tagKey"),
    ("ListTagsForResource", "/tags/0/tagValue"),
    ("GetGroupProfile", "/id"),
    ("GetGroupProfile", "/status"),
    ("GetGroupProfile", "/groupName"),
    ("CreateGroupProfile", "/id"),
    ("CreateGroupProfile", "/status"),
    ("CreateGroupProfile", "/rolePrincipalArn"),
    ("UpdateGroupProfile", "/id"),
    ("UpdateGroupProfile", "/status"),
    ("SearchGroupProfiles", "/items/0/rolePrincipalArn"),
    ("SearchGroupProfiles", "/nextToken"),
    ("ListProjectMemberships", "/members/0/memberDetails/group/groupId"),
    ("ListProjectMemberships", "/members/0/designation"),
    ("ListProjectMemberships", "/nextToken"),
];

#[tokio::test]
async fn requests_and_answers_are_those_of_the_newest_models() {
    let exchanges = all_exchanges().await;
    let all = exchanges.as_array().expect("a list");
    let operations: BTreeSet<_> = all.iter().filter_map(|exchange| exchange["operation"].as_str()).collect();
    assert_eq!(operations.len(), 17, "{operations:?}");
    for (operation, member) in READ {
        let seen =
            |exchange: &&Value| exchange["operation"] == operation && exchange["answer"].pointer(member).is_some();
        assert!(all.iter().any(|exchange| seen(&exchange)), "no answer to {operation} has {member}");
    }
    println!("wire: {}", models("check", &exchanges).trim());
}

/// Each member, operation, path, word and type that is used is changed in a copy of the models, one after the other.
#[tokio::test]
async fn a_model_that_names_anything_else_is_found_out() {
    let said = models("doctor", &all_exchanges().await);
    println!("wire: {}", said.trim());
    let told: Value = serde_json::from_str(&said).unwrap_or_else(|fault| panic!("{fault}: {said}"));
    assert_eq!(told["overlooked"], json!([]));
    assert!(told["found"].as_u64().is_some_and(|found| found >= 60), "{said}");
}
