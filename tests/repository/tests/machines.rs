//! Which machines the commands say they need, before they compile anything.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use contract_tests::project_file;

/// What `make` says for a target and how it ends, on a machine whose only program is `uname`.
fn make(target: &str, system: &str, folder: &Path) -> (Option<i32>, String) {
    let uname = folder.join("uname");
    fs::write(&uname, format!("#!/bin/sh\necho {system}\n")).expect("written");
    fs::set_permissions(&uname, fs::Permissions::from_mode(0o755)).expect("executable");
    let mut make = Command::new("/usr/bin/make");
    make.arg(target).current_dir(project_file("")).env("PATH", folder).env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
    let done = make.output().expect("make runs");
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout))
}

#[test]
fn commands_that_need_linux_say_so_on_another_system_and_do_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for target in ["run", "test", "chaos", "bench"] {
        let (status, said) = make(target, "Darwin", folder.path());
        assert_eq!(status, Some(2), "{target}: {said}");
        assert!(said.contains("needs Linux, and this is Darwin: use the container of .devcontainer."), "{said}");
        assert_eq!(said.lines().count(), 2, "one sentence, and that make has failed: {said}");
    }
}

#[test]
fn commands_that_need_valgrind_say_how_to_install_it_and_do_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for target in ["test", "bench"] {
        let (status, said) = make(target, "Linux", folder.path());
        assert_eq!(status, Some(2), "{target}: {said}");
        assert!(said.contains("apt install valgrind"), "{said}");
        assert_eq!(said.lines().count(), 2, "one sentence, and that make has failed: {said}");
    }
}
