//! The script that installs the tools, `local/tools/install.py`, without a network.

use std::process::Command;

#[test]
fn interrupted_and_repeated_installations_end_with_whole_tools() {
    let tests = project::file("local/stack/tests/install_tools.py");
    let run = Command::new("python3").arg(tests).env("PYTHONDONTWRITEBYTECODE", "1").output().expect("Python runs");
    let printed = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && printed.contains("OK"), "{printed}");
}
