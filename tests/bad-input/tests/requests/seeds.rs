//! What the fuzzer begins with.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::parser::{lawful, lawful_retirement};

/// The JSON documents of a folder of the project whose names begin so, by name.
fn documents(folder: &str, beginning: &str) -> Vec<(String, Value)> {
    let folder = project::file(folder);
    let files = fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path());
    let wanted = files.filter_map(|file| Some((file.file_name()?.to_str()?.strip_prefix(beginning)?.to_owned(), file)));
    let read = |file| serde_json::from_str(&fs::read_to_string(file).expect("text")).expect("JSON");
    wanted.map(|(name, file)| (name, read(file))).collect()
}

/// `make fuzz` adds the requests of the events to those of the folder.
#[test]
fn the_fuzzer_begins_with_requests_that_are_accepted_and_others_that_are_refused() {
    let events = documents("events", "dataset-group-requested").into_iter();
    let requests = events.map(|(name, mut event)| (name, event["detail"].take()));
    let seeds: Vec<_> = requests.chain(documents("tests/bad-input/fuzz/seeds/request", "")).collect();
    assert_eq!(seeds.len(), 6);
    let verdicts = seeds.iter().map(|(name, seed)| lawful(seed).unwrap_or_else(|law| panic!("{name}: {law}")));
    assert_eq!(verdicts.collect::<BTreeSet<_>>(), BTreeSet::from(["accepted", "refused"]));
}

#[test]
fn the_fuzzer_begins_with_accepted_retirements_too() {
    let events = documents("events", "dataset-group-retirement-requested");
    assert_eq!(events.len(), 2);
    for (name, event) in events {
        assert_eq!(lawful_retirement(&event["detail"]), Ok("accepted"), "{name}");
    }
}
