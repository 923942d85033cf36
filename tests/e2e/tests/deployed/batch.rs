//! Batches: each row of a manifest has an outcome of its own, and the batch says how many ended how.

use aws_sdk_sfn::types::ExecutionStatus;
use contract::batch::{BatchFinished, Summary};
use contract::outcome::{BATCH_FINISHED, BATCH_REQUESTED, PROVISIONED, PROVISIONING_FAILED};
use contract_tests::schemas::assert_valid;
use e2e_tests::{Execution, Setup, eventually, stack};
use local_stack::MANIFEST_BUCKET;
use serde_json::{Value, json};
use simulators::CallFilter;

/// A batch that has ended.
struct Batch {
    arn: String,
    states: Vec<String>,
    finished: BatchFinished,
    /// The outcomes of its rows, with their envelopes.
    outcomes: Vec<Value>,
}

impl Batch {
    fn summary(&self) -> &Summary {
        self.finished.summary.as_ref().unwrap_or_else(|| panic!("{:?}", self.finished))
    }

    /// The numbers, errors and messages of the rows that failed.
    fn failed(&self) -> Vec<(u64, &str, &str)> {
        let failed = self.summary().failed_rows.iter();
        failed.map(|failed| (failed.row, failed.error.as_str(), failed.message.as_str())).collect()
    }

    /// The outcome of a row.
    fn outcome(&self, row: u64) -> &Value {
        let of_row = |event: &&Value| event["detail"]["requestedBy"]["batch"]["row"] == row;
        let outcomes: Vec<_> = self.outcomes.iter().filter(of_row).collect();
        assert_eq!(outcomes.len(), 1, "row {row}");
        outcomes[0]
    }
}

fn key(setup: &Setup, format: &str) -> String {
    format!("{}.{format}", setup.name)
}

fn batch_request(key: &str) -> Value {
    json!({"manifest": {"bucket": MANIFEST_BUCKET, "key": key}, "metadata": {"ticket": key}})
}

async fn upload(key: &str, manifest: &str) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), manifest).expect("written");
    stack().await.upload(file.path(), key).expect("uploaded");
}

async fn run(setup: &Setup, request: &Value) -> Batch {
    let arn = setup.start_on(setup.workflow.batch_machine.as_deref().expect("batches are on"), request).await;
    ended(setup, &arn).await
}

/// Uploads a manifest and runs it.
async fn run_manifest(setup: &Setup, format: &str, manifest: &str) -> Batch {
    let key = key(setup, format);
    upload(&key, manifest).await;
    run(setup, &batch_request(&key)).await
}

async fn ended(setup: &Setup, arn: &str) -> Batch {
    let execution = Execution::ended(&setup.workflow, arn).await;
    let finished = eventually("the outcome of the batch", || async {
        events(setup, |event| event["detail-type"] == BATCH_FINISHED && event["detail"]["executionArn"] == arn)
            .await
            .pop()
    })
    .await["detail"]
        .take();
    assert_valid(BATCH_FINISHED, &finished);
    if execution.status == ExecutionStatus::Succeeded {
        assert_eq!(execution.output.as_ref(), Some(&finished));
    } else {
        assert_eq!(json!(execution.error), finished["error"]);
    }
    let of_row = |event: &Value| event["detail"]["requestedBy"]["batch"]["executionArn"] == arn;
    let rows = finished["summary"]["rows"].as_u64().unwrap_or_default();
    let outcomes = eventually("the outcomes of all rows", || async {
        Some(events(setup, of_row).await).filter(|events| events.len() as u64 >= rows)
    })
    .await;
    assert_eq!(outcomes.len() as u64, rows, "each row has one outcome");
    let finished = serde_json::from_value(finished).expect("the outcome fits its type");
    let states = execution.states().into_iter().map(str::to_owned).collect();
    Batch { arn: arn.to_owned(), states, finished, outcomes }
}

async fn events(setup: &Setup, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut events = Vec::new();
    for delivery in setup.workflow.deliveries().await.expect("deliveries") {
        events.push(setup.workflow.delivered(&delivery).await.expect("an event"));
    }
    events.retain(wanted);
    events
}

/// With all that spreadsheets do to a table, and rows that are wrong in different ways. Sent again, what stands is adopted.
#[tokio::test]
async fn every_row_of_a_table_has_its_own_outcome_and_a_bad_one_stops_no_other() {
    let setup = Setup::new().await;
    let Setup { name, domain, group, role, .. } = &setup;
    let header = "\u{feff} tags ,\"name\",groupIdentifier,domainIdentifier, kmsKeyArn,roleArn,rolePrincipalArn";
    let rows = [
        format!("team=media; stage=test,{name}-1,{group}, {domain} ,,,"),
        format!("\"team=a\nb\",{name}-2,{group},{domain},,,"),
        ",,,,,,".to_owned(),
        format!(",\"{name}-4\",,{domain},,,{role}"),
        format!(",{name}-5,{group},{domain},arn:aws:kms:us-east-1:000000000000:key/1,,"),
        format!("{},{name}-6,{group},{domain},,,", "x".repeat(10_000)),
        format!(",{name}-7,{group},{domain},,,,more"),
        format!(",{name}-8,{group},{domain},,,"),
    ];
    let manifest = format!("{header}\r\n{}\r\n\r\n\r\n", rows.join("\r\n"));
    let key = key(&setup, "csv");
    upload(&key, &manifest).await;
    setup.send_as(BATCH_REQUESTED, &batch_request(&key)).await;
    let arn = eventually("the batch of the event", || async {
        for batch in setup.workflow.batches().await.expect("batches") {
            let described = setup.workflow.described(&batch.execution_arn).await.expect("described");
            if described.input().is_some_and(|input| input.contains(&key)) {
                return Some(batch.execution_arn);
            }
        }
        None
    })
    .await;
    let batch = ended(&setup, &arn).await;

    let summary = batch.summary();
    assert_eq!((summary.rows, summary.created, summary.adopted, summary.planned), (7, 3, 0, 0), "{summary:?}");
    let failed = batch.failed();
    let told: Vec<_> = failed.iter().map(|(row, error, message)| (*row, *error, message.split(' ').next())).collect();
    let expected = [(2, Some("tags[0].tagValue")), (5, Some("roleArn")), (6, Some("tags[0].tagKey")), (7, Some("row"))];
    assert_eq!(told, expected.map(|(row, path)| (row, "InvalidRequest", path)));
    assert_eq!(summary.failed_rows[1].name.as_deref(), Some(format!("{name}-5").as_str()));
    assert_eq!(batch.finished.metadata, Some(json!({"ticket": key})));

    for (row, detail_type) in [(1, PROVISIONED), (4, PROVISIONED), (5, PROVISIONING_FAILED), (8, PROVISIONED)] {
        let outcome = batch.outcome(row);
        assert_eq!(outcome["detail-type"], detail_type, "row {row}");
        assert_valid(detail_type, &outcome["detail"]);
        assert_eq!(outcome["detail"]["requestedBy"]["source"], "recommendation-platform");
        assert_eq!(outcome["detail"]["metadata"], json!({"ticket": key}));
        let own = outcome["detail"]["executionArn"].as_str().expect("text").rsplit(':').next();
        let of_batch: String = batch.arn.rsplit(':').next().expect("a name").chars().take(70).collect();
        assert_eq!(own == Some(&format!("{of_batch}-{row}")), detail_type == PROVISIONED);
    }
    let tags = setup.control.dataset_group(&format!("{name}-1")).await.expect("an answer").expect("a group").tags;
    assert!(tags.iter().any(|tag| (tag.tag_key.as_str(), tag.tag_value.as_str()) == ("stage", "test")), "{tags:?}");

    let again = run(&setup, &batch_request(&key)).await;
    assert_eq!((again.summary().created, again.summary().adopted), (0, 3));
    assert_eq!(again.failed(), failed);
}

#[tokio::test]
async fn of_two_rows_with_one_name_and_different_configurations_one_is_provisioned() {
    let setup = Setup::new().await;
    let Setup { name, domain, group, .. } = &setup;
    let header = "name,domain,domainIdentifier,groupIdentifier";
    let rows = ["ECOMMERCE", "VIDEO_ON_DEMAND"].map(|of| format!("{name},{of},{domain},{group}"));
    let batch = run_manifest(&setup, "csv", &format!("{header}\n{}", rows.join("\n"))).await;
    let summary = batch.summary();
    assert_eq!((summary.rows, summary.created + summary.adopted), (2, 1), "{summary:?}");
    assert_eq!(summary.failed.get("DatasetGroupConflict"), Some(&1));
}

#[tokio::test]
async fn lines_of_json_are_requests_with_a_policy_of_their_own() {
    let setup = Setup::new().await;
    let mut conflict = setup.request_with(&[("/datasetGroup/domain", json!("ECOMMERCE"))]);
    setup.run(&setup.request()).await.provisioned().await;
    conflict["policy"] = json!({"mode": "PLAN"});
    let mut own = setup.request_with(&[("/metadata", json!({"own": true, "_jsonata_lambda": true}))]);
    own["policy"] = json!({"timeoutSeconds": null});
    let lines = [conflict, own, json!([7])].map(|line| line.to_string());
    let batch = run_manifest(&setup, "jsonl", &format!("{}\n\n", lines.join("\n"))).await;
    let summary = batch.summary();
    assert_eq!((summary.planned, summary.adopted, summary.rows), (1, 1, 3), "{summary:?}");
    assert_eq!((&summary.would_fail["DatasetGroupConflict"], &summary.failed["InvalidRequest"]), (&1, &1));
    assert_eq!(batch.outcome(2)["detail"]["metadata"]["own"], true);
    assert_eq!(batch.failed()[1], (3, "InvalidRequest", "$ is a list"));
}

#[tokio::test]
async fn a_plan_of_all_rows_shows_every_fault_and_changes_nothing() {
    let setup = Setup::new().await;
    let Setup { name, domain, group, .. } = &setup;
    let header = "name,domainIdentifier,groupIdentifier";
    let rows = [format!("{name},{domain},{group}"), format!("{name},{domain},{group}"), format!("-,{domain},{group}")];
    let key = key(&setup, "csv");
    upload(&key, &format!("{header}\n{}", rows.join("\n"))).await;
    let mut request = batch_request(&key);
    request["policy"] = json!({"mode": "PLAN"});
    let batch = run(&setup, &request).await;
    assert_eq!((batch.summary().planned, batch.summary().rows), (2, 3), "{:?}", batch.finished);
    let told: Vec<_> = batch.failed().into_iter().map(|(row, error, _)| (row, error)).collect();
    assert_eq!(told, [(3, "InvalidRequest")]);
    assert_eq!(setup.effects().await.len(), 0);
}

/// On AWS, stopping the batch stops the executions of its rows; the engine only starts no more of them.
#[tokio::test]
async fn a_batch_that_is_stopped_in_the_middle_of_its_rows_and_sent_again_creates_no_group_twice() {
    const ROWS: u64 = 16;
    let setup = Setup::new().await;
    let Setup { name, domain, group, control, workflow, .. } = &setup;
    let names: Vec<_> = (1..=ROWS).map(|row| format!("{name}-{row}")).collect();
    let rows: Vec<_> = names.iter().map(|name| format!("{name},{domain},{group}")).collect();
    let key = key(&setup, "csv");
    upload(&key, &format!("name,domainIdentifier,groupIdentifier\n{}", rows.join("\n"))).await;
    let request = batch_request(&key);
    let arn = setup.start_on(workflow.batch_machine.as_deref().expect("batches are on"), &request).await;
    eventually("the first group", || async { control.dataset_group(&names[0]).await.expect("an answer") }).await;
    let stop = |arn: &str| workflow.sfn.stop_execution().execution_arn(arn).send();
    stop(&arn).await.expect("stopped in the middle");
    let of_batch = arn.rsplit(':').next().expect("a name");
    for run in workflow.executions().await.expect("executions") {
        if run.name.starts_with(of_batch) {
            // It may have ended.
            let _ = stop(&run.execution_arn).await;
        }
    }

    let again = run(&setup, &request).await;
    let summary = again.summary();
    assert_eq!((summary.rows, summary.created + summary.adopted), (ROWS, ROWS), "{summary:?}");
    assert!(summary.created > 0 && summary.adopted > 0, "{summary:?}");
    for name in &names {
        let calls = control.calls(CallFilter::all().about(name)).await.expect("calls");
        let creations = calls.iter().filter(|call| call.effect && call.operation == "CreateDatasetGroup").count();
        assert_eq!(creations, 1, "{name}");
    }
}

/// By the names of errors; no row runs. The unit tests of the function have all that can be wrong with a file.
#[tokio::test]
async fn a_manifest_that_cannot_be_run_is_the_failure_of_the_batch() {
    let setup = Setup::new().await;
    for (format, manifest, part) in [
        ("csv", "", "has no rows"),
        ("csv", "name,colour\n", "unknown column \"colour\""),
        ("jsonl", "{}\n{\n", "row 2 cannot be parsed"),
    ] {
        let finished = run_manifest(&setup, format, manifest).await.finished;
        let (error, cause) = (finished.error, finished.cause.expect("a cause"));
        assert_eq!(error.as_deref(), Some("InvalidRequest"), "{manifest}");
        assert!(cause.message.contains(part), "{}", cause.message);
        assert_eq!(finished.metadata, Some(json!({"ticket": key(&setup, format)})));
    }
    for (bucket, key, name) in [
        (MANIFEST_BUCKET, "missing.csv", "NotFound"),
        (MANIFEST_BUCKET, "table.xlsx", "InvalidRequest"),
        ("another", "missing.csv", "InvalidRequest"),
    ] {
        let finished = run(&setup, &json!({"manifest": {"bucket": bucket, "key": key}})).await.finished;
        assert_eq!((finished.error.as_deref(), finished.summary), (Some(name), None));
    }
    assert_eq!(setup.calls().await.len(), 0);
}

#[tokio::test]
async fn a_manifest_is_read_in_parts() {
    let setup = Setup::new().await;
    let row = format!("{},dzd_a,g,{}\n", setup.name, "tag \u{1f600};".repeat(400));
    let manifest = format!("name,domainIdentifier,groupIdentifier,tags\n{}", row.repeat(25));
    assert!(manifest.len() > 80_000);
    let batch = run_manifest(&setup, "csv", &manifest).await;
    assert_eq!(batch.summary().failed["InvalidRequest"], 25);
    let reads = batch.states.iter().filter(|state| *state == "ReadManifest").count();
    assert_eq!(reads, 3);
}
