//! What the built functions need from the system that runs them. They may have been built on another system.

use std::process::Command;

use contract_tests::definition::steps;
use contract_tests::{printed_by, project_file};

/// The glibc of Amazon Linux 2023, the system of the Lambda runtime `provided.al2023`.
const GLIBC: [u32; 2] = [2, 34];

/// The versions of glibc in the output of readelf, each once.
fn versions(printed: &str) -> Vec<&str> {
    let words = printed.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.');
    let mut versions: Vec<_> = words.filter_map(|word| word.strip_prefix("GLIBC_")).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// Whether Amazon Linux has a version. Names without a number, such as `ABI_DT_RELR`, are younger than its glibc.
fn is_in_amazon_linux(version: &str) -> bool {
    let numbers: Option<Vec<u32>> = version.split('.').map(|number| number.parse().ok()).collect();
    numbers.is_some_and(|numbers| numbers[..] <= GLIBC[..])
}

#[test]
fn no_built_function_needs_a_newer_glibc_than_that_of_amazon_linux() {
    for (_, function) in steps() {
        let program = project_file(&format!("target/lambda/{function}/bootstrap"));
        if !program.exists() {
            continue;
        }
        // It reads programs for any processor.
        let printed = printed_by(Command::new("readelf").env("LC_ALL", "C").arg("--version-info").arg(&program));
        let versions = versions(&printed);
        assert!(!versions.is_empty(), "{function}: {printed}");
        let newer: Vec<_> = versions.into_iter().filter(|version| !is_in_amazon_linux(version)).collect();
        assert!(newer.is_empty(), "{function} needs glibc {newer:?}; CARGO_LAMBDA_COMPILER=cargo-zigbuild avoids it");
    }
}

#[test]
fn a_newer_glibc_is_found_in_the_output_of_readelf() {
    let printed = "\
Version symbols section '.gnu.version' contains 2 entries:
  000:   0 (*local*)       2 (GLIBC_2.2.5)
Version needs section '.gnu.version_r' contains 2 entries:
 Addr: 0x0000000000000e58  Offset: 0x000e58  Link: 5 (.dynstr)
  000000: Version: 1  File: libgcc_s.so.1  Cnt: 1
  0x0010:   Name: GCC_3.0  Flags: none  Version: 12
  0x0020: Version: 1  File: libc.so.6  Cnt: 5
  0x0030:   Name: GLIBC_2.38  Flags: none  Version: 6
  0x0040:   Name: GLIBC_2.34  Flags: none  Version: 5
  0x0050:   Name: GLIBC_2.4  Flags: none  Version: 4
  0x0060:   Name: GLIBC_ABI_DT_RELR  Flags: none  Version: 3
  0x0070:   Name: GLIBC_2.2.5  Flags: none  Version: 2";
    let versions = versions(printed);
    assert_eq!(versions, ["2.2.5", "2.34", "2.38", "2.4", "ABI_DT_RELR"]);
    let newer: Vec<_> = versions.into_iter().filter(|version| !is_in_amazon_linux(version)).collect();
    assert_eq!(newer, ["2.38", "ABI_DT_RELR"]);
    for (version, expected) in [("2.34.1", false), ("2.35", false), ("3", false), ("2", true), ("1.99", true)] {
        assert_eq!(is_in_amazon_linux(version), expected, "{version}");
    }
}
