//! What the fuzzer begins with.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::parser::lawful;

/// The JSON documents of a folder of the project whose names begin so, by name.
fn documents(folder: &str, beginning: &str) -> Vec<(String, Value)> {
    let folder = project::file(folder);
    let files = fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path());
    let wanted = files.filter_map(|file| Some((file.file_name()?.to_str()?.strip_prefix(beginning)?.to_owned(), file)));
    let read = |file| serde_json::from_str(&fs::read_to_string(file).expect("text")).expect("JSON");
    wanted.map(|(name, file)| (name, read(file))).collect()
}

#[test]
fn the_fuzzer_begins_with_every_request_of_the_events() {
    let seeds = documents("fuzz/seeds/request", "");
    let verdicts: BTreeSet<_> =
        seeds.iter().map(|(name, seed)| lawful(seed).unwrap_or_else(|law| panic!("{name}: {law}"))).collect();
    assert_eq!(verdicts, BTreeSet::from(["accepted", "refused"]));
    let events = documents("events", "dataset-group-requested");
    assert_eq!(events.len(), 3);
    for (name, event) in events {
        assert!(seeds.iter().any(|(_, seed)| *seed == event["detail"]), "dataset-group-requested{name} is no seed");
    }
}
