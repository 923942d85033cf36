//! Every sample event against the types.

use std::collections::BTreeSet;

use contract::Request;
use contract::outcome::REQUESTED;
use contract_tests::{project_file, read};
use serde_json::Value;

fn event(name: &str) -> Value {
    serde_json::from_str(&read(&format!("events/{name}"))).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

#[test]
fn every_sample_is_known_to_a_test() {
    let files = std::fs::read_dir(project_file("events")).expect("events");
    let names: BTreeSet<_> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    let tested = [
        "dataset-group-requested.json",
        "dataset-group-requested-for-role.json",
        "dataset-group-requested-invalid.json",
    ];
    assert_eq!(names, tested.map(str::to_owned).into());
}

#[test]
fn the_triggering_samples_are_events_with_a_valid_request() {
    for name in ["dataset-group-requested.json", "dataset-group-requested-for-role.json"] {
        let event = event(name);
        assert_eq!(event["detail-type"], REQUESTED, "{name}");
        assert_eq!(Request::parse(&event["detail"]).map(|_| ()), Ok(()), "{name}");
    }
}

#[test]
fn the_invalid_sample_has_three_violations() {
    let event = event("dataset-group-requested-invalid.json");
    let paths: Vec<_> = Request::parse(&event["detail"]).expect_err("invalid").into_iter().map(|v| v.path).collect();
    assert_eq!(paths, ["$.datasetGroup.name", "$.datasetGroup.domain", "$.groupProfile.domainIdentifier"]);
}
