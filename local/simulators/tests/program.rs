//! The program: its line of JSON, its options, its ends.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use simulators::{Control, Urls};

fn program(options: &[&str]) -> Child {
    // Cargo names the program when the test runs; a path compiled into the test would survive a move of the target folder.
    Command::new(std::env::var_os("CARGO_BIN_EXE_simulators").expect("cargo runs the test"))
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn urls(program: &mut Child) -> Urls {
    let mut line = String::new();
    BufReader::new(program.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

fn signal(program: &Child, signal: Signal) {
    kill(Pid::from_raw(program.id().try_into().unwrap()), signal).unwrap();
}

#[tokio::test]
async fn it_prints_where_it_listens_and_stops_cleanly_on_either_signal() {
    for ending in [Signal::SIGINT, Signal::SIGTERM] {
        let mut program = program(&["--scripted", "--quota", "7", "--registration", "required"]);
        let urls = urls(&mut program);
        let control = Control::new(&urls.control);
        assert_eq!(control.urls().await.unwrap(), urls);
        assert_eq!(control.behaviour().await.unwrap().dataset_group_quota, 7);
        signal(&program, ending);
        assert!(program.wait().unwrap().success());
    }
}

#[test]
fn it_stops_when_standard_input_closes_if_told_so() {
    let mut program = program(&["--until-stdin-closes"]);
    urls(&mut program);
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
}

#[tokio::test]
async fn it_begins_with_the_scenario_of_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), r#"{"description": "one", "datasetGroups": [{"name": "media"}]}"#).unwrap();
    let mut program = program(&["--scenario", file.path().to_str().unwrap(), "--until-stdin-closes"]);
    let groups = Control::new(&urls(&mut program).control).dataset_groups().await.unwrap();
    assert_eq!(groups[0].name, "media");
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
}

#[test]
fn it_says_what_is_wrong_with_its_options() {
    for (options, word) in [
        (["--account", "12"], "12 digits"),
        (["--time-to-active", "soon"], "--time-to-active"),
        (["--scenario", "no-such-file.json"], "No such file"),
    ] {
        let mut program = program(&options);
        assert!(!program.wait().unwrap().success());
        let mut error = String::new();
        program.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        assert!(error.contains(word), "{error}");
    }
}
