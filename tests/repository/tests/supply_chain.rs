//! What gets into a build, and by whom: `deny.toml` says it of the crates of the workspace, and this of the rest.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use contract_tests::definition::steps;
use contract_tests::{project_file, read, read_json};
use repository_tests::{files, template};
use serde_json::Value;

/// The locks of programs that cargo builds: name, version and checksum of the crate, whose own lock file is in it.
const PROGRAMS: [&str; 2] = ["local/tools/deny.lock", "local/tools/fuzz.lock"];

/// Those that say which tools are installed.
fn tools(ending: &str) -> Vec<String> {
    let mut locks = files(ending);
    locks.retain(|name| name.starts_with("local/tools/"));
    assert!(!locks.is_empty(), "there is no {ending}");
    locks
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The lines of a section of a TOML file, up to the next one.
fn section<'a>(manifest: &'a str, name: &str) -> Vec<&'a str> {
    let lines = manifest.lines().skip_while(|line| *line != format!("[{name}]")).skip(1);
    lines.take_while(|line| !line.starts_with('[')).collect()
}

#[test]
fn no_package_may_hold_unsafe_code() {
    const FORBIDDEN: &str = r#"unsafe_code = "forbid""#;
    for name in files("Cargo.toml") {
        let manifest = read(&name);
        if manifest.contains("\nmembers = ") {
            assert!(section(&manifest, "workspace.lints.rust").contains(&FORBIDDEN), "{name} allows unsafe code");
        }
        if manifest.contains("[package]") {
            let by_the_workspace = section(&manifest, "lints").contains(&"workspace = true");
            let by_itself = section(&manifest, "lints.rust").contains(&FORBIDDEN);
            assert!(by_the_workspace || by_itself, "{name} allows unsafe code");
        }
    }
}

#[test]
fn every_crate_of_every_lock_file_is_from_crates_io_with_its_checksum() {
    for name in files("Cargo.lock") {
        let lock = read(&name);
        let packages: Vec<_> = lock.split("[[package]]\n").skip(1).collect();
        assert!(packages.len() > 1, "{name} locks something");
        for package in packages {
            let value = |key: &str| package.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
            let Some(source) = value("source") else { continue };
            let crates_io = "\"registry+https://github.com/rust-lang/crates.io-index\"";
            assert_eq!(source, crates_io, "{name}: {package}");
            assert!(value("checksum").is_some_and(|sum| is_sha256(sum.trim_matches('"'))), "{name}: {package}");
        }
    }
}

#[test]
fn every_dependency_that_the_workspace_names_is_some_packages() {
    let manifests: Vec<_> = files("Cargo.toml").iter().map(|name| read(name)).collect();
    let root = read("Cargo.toml");
    let named: Vec<_> = section(&root, "workspace.dependencies")
        .into_iter()
        .filter_map(|line| Some(line.split_once(" = ")?.0).filter(|name| !name.starts_with('#')))
        .collect();
    assert!(named.contains(&"tokio"));
    for name in named {
        let ways = [format!("\n{name}.workspace = true"), format!("\n{name} = {{ workspace = true")];
        let used = manifests.iter().any(|manifest| ways.iter().any(|way| manifest.contains(way)));
        assert!(used, "nobody depends on {name}");
    }
}

/// What a program may read of cargo while it is compiled: names and versions.
const COMPILED_IN: [&str; 2] = ["\"CARGO_CRATE_NAME\"", "\"CARGO_PKG_"];

/// Whether a source holds a path of the machine that compiles it. The parts are joined here, or this file would hold one.
fn compiles_a_path_in(source: &str) -> bool {
    let variables = source.split(concat!("env", "!(")).skip(1).map(str::trim_start);
    let mut others = variables.filter(|variable| !COMPILED_IN.iter().any(|allowed| variable.starts_with(allowed)));
    others.next().is_some() || source.contains(concat!("file", "!()"))
}

/// Such a program would go on to use the old place after a checkout or its target folder was moved.
#[test]
fn no_program_has_a_path_compiled_into_it() {
    for variable in ["CARGO_MANIFEST_DIR", "CARGO_BIN_EXE_simulators", "CARGO_TARGET_TMPDIR", "OUT_DIR"] {
        let source = format!("{}\n\"{variable}\")", concat!("option_env", "!("));
        assert!(compiles_a_path_in(&source), "{source}");
    }
    assert!(!compiles_a_path_in(concat!("env", "!(\"CARGO_PKG_VERSION\")")));
    for name in files(".rs") {
        assert!(!compiles_a_path_in(&read(&name)), "{name}: `project::root` finds the checkout when the program runs");
    }
}

/// The requirements of a file that pip reads, each with its continuation lines.
fn requirements(lock: &str) -> Vec<String> {
    let lines: Vec<_> = lock.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    lines.join("\n").replace("\\\n", " ").lines().map(str::to_owned).collect()
}

/// Whether a requirement names one version, and nothing but the checksums of its files.
fn is_pinned(requirement: &str) -> bool {
    let (package, marker) = requirement.split_once(" --hash=").unwrap_or((requirement, ""));
    let (name_and_version, _) = package.split_once(" ; ").unwrap_or((package, ""));
    let Some((name, version)) = name_and_version.trim().split_once("==") else { return false };
    let hashes: Vec<_> = marker.split("--hash=").map(str::trim).collect();
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.[],+".contains(&byte))
    };
    is_name(name) && is_name(version) && hashes.iter().all(|hash| hash.strip_prefix("sha256:").is_some_and(is_sha256))
}

#[test]
fn every_python_package_of_the_tools_is_pinned_by_its_checksum() {
    let sum = "0123456789abcdef".repeat(4);
    assert!(is_pinned(&format!("a[b]==1.0 --hash=sha256:{sum} --hash=sha256:{sum}")));
    assert!(is_pinned(&format!("a==1.0 ; python_version < '3.12'  --hash=sha256:{sum}")));
    for open in ["a==1.0", "a --hash=sha256:", "--extra-index-url=https://x", "a @ https://x --hash=sha256:"] {
        assert!(!is_pinned(open) && !is_pinned(&format!("{open}{}", &sum[1..])), "{open}");
    }
    for name in tools(".lock").iter().filter(|name| !PROGRAMS.contains(&name.as_str())) {
        let requirements = requirements(&read(name));
        assert!(!requirements.is_empty(), "{name}");
        for requirement in requirements {
            assert!(is_pinned(&requirement), "{name}: {requirement}");
        }
    }
}

#[test]
fn every_node_package_is_pinned_by_its_checksum() {
    for lock in files("package-lock.json") {
        let text = read_json(&lock);
        let packages = text["packages"].as_object().expect("packages");
        assert!(packages.len() > 1, "{lock}");
        // What a package brings in its own file has that file's checksum.
        let downloaded = |(name, package): &(&String, &Value)| !name.is_empty() && package["inBundle"] != true;
        for (name, package) in packages.iter().filter(downloaded) {
            assert!(package["integrity"].as_str().is_some_and(|sum| sum.starts_with("sha512-")), "{lock}: {name}");
            // Whoever installs says from which registry; the checksum says what.
            assert_eq!(package["resolved"], Value::Null, "{lock}: {name}");
        }
    }
}

#[test]
fn every_program_that_cargo_builds_as_a_tool_is_pinned_by_its_checksum() {
    for name in PROGRAMS {
        let lock = read(name);
        let words: Vec<_> = lock.split_whitespace().collect();
        let [program, version, checksum] = words[..] else { panic!("{name}: {lock}") };
        assert!(program.starts_with("cargo-") && version.split('.').count() == 3, "{name}: {lock}");
        assert!(checksum.strip_prefix("sha256:").is_some_and(is_sha256), "{name}: {lock}");
    }
}

/// What the steps of a workflow use of others.
fn actions(workflow: &str) -> Vec<&str> {
    workflow.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("uses: ")).collect()
}

#[test]
fn every_action_is_pinned_by_its_commit() {
    for name in files(".yml").iter().filter(|name| Path::new(name).starts_with(".github/workflows")) {
        let workflow = read(name);
        for action in actions(&workflow) {
            let (_, revision) = action.split_once('@').unwrap_or_default();
            let (commit, version) = revision.split_once(" # v").unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && !version.is_empty(), "{name}: {action}");
        }
        assert!(!actions(&workflow).is_empty(), "{name}");
    }
}

#[test]
fn ci_and_a_release_build_for_every_architecture_of_the_template() {
    let architectures = &template()["Parameters"]["Architecture"]["AllowedValues"];
    let names: Vec<_> = architectures.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let matrix = format!("architecture: [{}]\n", names.join(", "));
    for workflow in ["ci", "release"] {
        assert!(read(&format!(".github/workflows/{workflow}.yml")).contains(&matrix), "{workflow}: {matrix}");
    }
}

/// What the commands of the Makefile compile in the development profile: the packages that they select, and the kinds of
/// dependencies.
fn selections() -> BTreeSet<(Vec<String>, &'static str)> {
    let makefile = read("Makefile");
    let commands = makefile.lines().flat_map(|line| line.split("cargo ").skip(1)).map(|command| {
        let words: Vec<_> = command.split_whitespace().map(str::to_owned).collect();
        let selects = |word: &str| ["--package", "--exclude"].contains(&word);
        let pairs = words.windows(2).filter(|pair| selects(&pair[0])).flatten();
        let packages = words.iter().filter(|word| *word == "--workspace").chain(pairs).cloned().collect();
        (words, packages)
    });
    commands
        .filter(|(words, _)| !words.iter().any(|word| word == "--profile"))
        .filter_map(|(words, packages)| match words.first()?.as_str() {
            "test" | "clippy" => Some((packages, "normal,build,dev")),
            "build" | "run" => Some((packages, "normal,build")),
            _ => None,
        })
        .collect()
}

/// Every dependency of the packages with its features, as the resolver unifies them.
fn features(selection: &[String], kinds: &str) -> BTreeSet<String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["tree", "--locked", "--offline", "--prefix=none", "--format={p} {f}", "--edges"]);
    let listed = cargo.arg(kinds).args(selection).current_dir(project_file("")).output().expect("cargo runs");
    assert!(listed.status.success(), "{selection:?}: {}", String::from_utf8_lossy(&listed.stderr));
    // A package that was listed before has a star.
    String::from_utf8_lossy(&listed.stdout).lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// Otherwise the second command would compile the dependency again, and with it half of the AWS SDK. `local/features` has
/// what only some packages ask for.
#[test]
fn all_commands_compile_a_dependency_with_the_same_features() {
    let selections = selections();
    assert!(selections.len() >= 4 && selections.contains(&(vec![], "normal,build,dev")), "{selections:?}");
    let all = features(&["--workspace".to_owned()], "normal,build,dev");
    for (selection, kinds) in selections {
        let others: Vec<_> = features(&selection, kinds).difference(&all).cloned().collect();
        assert!(others.is_empty(), "cargo with {selection:?} also compiles {others:#?}");
    }
}

/// `sam build` builds each function alone, after `make` has built them in one call.
#[test]
fn functions_have_the_same_dependencies_alone_and_together() {
    let packages: Vec<_> = steps().into_iter().map(|(_, function)| format!("--package={function}")).collect();
    let together = features(&packages, "normal,build");
    for package in packages {
        let alone = features(std::slice::from_ref(&package), "normal,build");
        assert!(alone.is_subset(&together), "{package}: {:#?}", alone.difference(&together));
    }
}
