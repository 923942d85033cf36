//! The archive of a release: its contents, and that the SAM CLI deploys it without Rust. `RELEASE_ARCHIVE` names the one that
//! `make release` has made. Without it, one is made from the functions that `make build` has left.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use contract::outcome::{Disposition, REQUESTED};
use contract_tests::definition::steps;
use contract_tests::{printed_by, project_file};
use e2e_tests::{Execution, eventually};
use local_stack::{LocalStack, Options, Workflow};
use serde_json::{Value, json};
use simulators::Registration;

/// An unpacked archive. The folder is outside the project.
struct Archive {
    temporary: tempfile::TempDir,
    name: String,
}

impl Archive {
    fn unpacked() -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        let made = env::var_os("RELEASE_ARCHIVE").map(PathBuf::from);
        let packed = made.unwrap_or_else(|| made_from_what_is_built().to_owned());
        printed_by(Command::new("tar").arg("-xzf").arg(project_file("").join(&packed)).current_dir(temporary.path()));
        let name = packed.file_name().and_then(|name| name.to_str()?.strip_suffix(".tar.gz")).expect("a name");
        Self { name: name.to_owned(), temporary }
    }

    fn folder(&self) -> PathBuf {
        self.temporary.path().join(&self.name)
    }

    fn architecture(&self) -> &str {
        self.name.rsplit_once('-').expect("name, version and architecture").1
    }

    /// Whether this machine can run the functions.
    fn runs_here(&self) -> bool {
        self.architecture() == architecture()
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder().join(file)).unwrap_or_else(|fault| panic!("{file}: {fault}"))
    }

    /// The names of all files.
    fn files(&self) -> BTreeSet<String> {
        let listed = printed_by(Command::new("find").args([".", "-type", "f"]).current_dir(self.folder()));
        listed.lines().map(|name| name.trim_start_matches("./").to_owned()).collect()
    }
}

/// That of this machine, as Lambda calls it.
fn architecture() -> &'static str {
    if env::consts::ARCH == "aarch64" { "arm64" } else { env::consts::ARCH }
}

/// Once for all tests.
fn made_from_what_is_built() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut make = Command::new(project_file("target/tools/aws/bin/python"));
        make.args(["local/release/archive.py", architecture(), "--template", "target/sam/build/template.yaml"]);
        make.args(["--into", "target/e2e-tests"]).current_dir(project_file(""));
        let printed = printed_by(&mut make);
        project_file(printed.split_whitespace().last().expect("the name of the archive"))
    })
}

/// Name and version of each crate that is linked into the functions.
fn linked(architecture: &str) -> BTreeSet<(String, String)> {
    let processor = if architecture == "arm64" { "aarch64" } else { architecture };
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--locked", "--offline", "--prefix=none", "--format={p}", "--edges=normal,no-proc-macro"]);
    tree.arg(format!("--target={processor}-unknown-linux-gnu")).current_dir(project_file(""));
    tree.args(steps().iter().map(|(_, function)| format!("--package={function}")));
    let printed = printed_by(&mut tree);
    let crates = printed.lines().filter_map(|line| line.split_once(" v"));
    crates.map(|(name, rest)| (name.to_owned(), rest.split(' ').next().unwrap_or_default().to_owned())).collect()
}

#[test]
fn an_archive_has_all_that_a_deployment_needs_with_its_checksums_and_licences() {
    let archive = Archive::unpacked();
    let files = archive.files();
    let functions = steps().into_iter().map(|(_, function)| format!("functions/{function}.zip"));
    let others = [
        "template.yaml",
        "samconfig.toml",
        "statemachine/provision-dataset-group.asl.json",
        "events/dataset-group-requested.json",
        "events/schemas/dataset-group-requested.schema.json",
        "examples/caller/template.yaml",
        "README.md",
        "LICENSE",
        "THIRD-PARTY-NOTICES.txt",
        "THIRD-PARTY-NOTICES-rust.html",
        "sbom.cdx.json",
    ];
    for file in functions.chain(others.map(str::to_owned)) {
        assert!(files.contains(&file), "{file} is missing");
    }

    let sums = archive.read("SHA256SUMS");
    let mut summed: BTreeSet<_> =
        sums.lines().map(|line| line.split_once("  ").expect("sum and name").1.to_owned()).collect();
    summed.insert("SHA256SUMS".to_owned());
    assert_eq!(summed, files);
    printed_by(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(archive.folder()));

    let linked = linked(archive.architecture());
    assert!(linked.iter().any(|(name, _)| name == "tokio"));
    let sbom: Value = serde_json::from_str(&archive.read("sbom.cdx.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let listed = sbom["components"].as_array().expect("components").iter();
    let listed = listed.map(|component| (text(&component["name"]), text(&component["version"]))).collect();
    assert_eq!(linked, listed);
    let notices = archive.read("THIRD-PARTY-NOTICES.txt");
    let ours = |name: &str| project_file(&format!("functions/{name}")).exists();
    for (name, version) in linked.iter().filter(|(name, _)| !ours(name)) {
        assert!(notices.contains(&format!("\n{name} {version} (")), "the notices do not name {name} {version}");
    }
}

/// `sam` finds no Rust: its PATH has the folder of the SAM CLI and those of the system.
#[tokio::test]
async fn sam_deploys_an_unpacked_archive_without_rust_and_its_sample_event_is_provisioned() {
    let archive = Archive::unpacked();
    if !archive.runs_here() {
        return eprintln!("{} is for another processor", archive.name);
    }
    let (archive_folder, registration) = (Some(archive.folder()), Registration::Optional);
    let options = Options { archive: archive_folder, registration, ..Options::default() };
    let stack = LocalStack::start(options).await.expect("a stack");
    let workflow = Workflow::of(&stack);
    workflow.subscribe().await.expect("a subscriber");
    let event: Value = serde_json::from_str(&archive.read("events/dataset-group-requested.json")).expect("JSON");
    workflow.send("platform", REQUESTED, &[&event["detail"]]).await.expect("the bus takes the event");
    let started = eventually("the execution", || async {
        workflow.executions().await.expect("executions").into_iter().next().map(|execution| execution.execution_arn)
    });
    let outcome = Execution::ended(&workflow, &started.await).await.provisioned().await;
    assert_eq!(outcome.disposition, Disposition::Created);
    assert_eq!(json!(outcome.dataset_group.name), event["detail"]["datasetGroup"]["name"]);
    stack.stop().await.expect("stopped");
}
