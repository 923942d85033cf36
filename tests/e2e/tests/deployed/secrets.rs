//! Nothing that a request or a service holds back from others is in a log: not of the functions, the engine, the
//! deployment or the simulators, at the level that logs most, whatever happens to the request.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use e2e_tests::{Execution, Setup, eventually, stack, tools};
use local_stack::credentials::{SECRET_ACCESS_KEY, SESSION_TOKEN};
use serde_json::{Value, json};
use simulators::{ContentKind, Contents, DatasetGroupState, Kind, Script, Step, Tag};

/// Part of everything that the requests and the services say in confidence.
const MARK: &str = "tell-nobody";
/// What may be in no log.
const SECRETS: [&str; 3] = [MARK, SECRET_ACCESS_KEY, SESSION_TOKEN];
/// What the functions log, beside the logs of the engine and the deployment.
const FUNCTIONS: &str = "functions.log";

#[test]
fn no_log_of_a_run_holds_a_tag_a_token_metadata_or_credentials() {
    let place = tempfile::tempdir().expect("a folder");
    let errors = place.path().join("stderr");
    let mut run = Command::new(env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "secrets::run", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(&errors).expect("a file"))
        .spawn()
        .expect("it starts");
    let mut output = BufReader::new(run.stdout.take().expect("it is piped"));
    let (mut told, mut line) = (String::new(), String::new());
    while !line.starts_with("DONE ") {
        line.clear();
        let read = output.read_line(&mut line).expect("text");
        assert!(read > 0, "it did not get to the end: {told}{}", read_to_string(&errors));
        told.push_str(&line);
    }
    let logs = Path::new(line.trim_start_matches("DONE ").trim_end());
    // All that the stack has written while it ran, be it called a log or not.
    let mut texts = files_below(logs.parent().expect("the folder of the stack"));
    let functions = environments_of_functions(logs.parent().expect("the folder of the stack"));

    // It is waiting for this.
    drop(run.stdin.take());
    output.read_to_string(&mut told).expect("text");
    assert!(run.wait().expect("it has ended").success(), "{told}{}", read_to_string(&errors));
    let executions: Vec<_> = told.lines().filter_map(|line| line.strip_prefix("ENDED ")).map(str::to_owned).collect();
    texts.insert("stdout".into(), told.into_bytes());
    texts.insert("stderr".into(), fs::read(&errors).expect("it is a file"));

    assert_eq!(places_of(&SECRETS, &texts), [""; 0]);

    // They had it to tell, and were asked to tell all.
    assert!(functions.len() >= 3, "{} functions", functions.len());
    for environment in functions {
        assert!(environment.contains(SECRET_ACCESS_KEY) && environment.contains(SESSION_TOKEN));
        assert!(environment.contains("AWS_LAMBDA_LOG_LEVEL=TRACE"));
    }
    // What has to be in the logs is found there in the same way.
    assert_eq!(executions.len(), CASES);
    for execution in &executions {
        let places = places_of(&[execution], &texts);
        for log in [FUNCTIONS, "engine.log"] {
            assert!(places.iter().any(|place| place.contains(&format!("logs/{log}:"))), "{execution}: {places:?}");
        }
    }
    assert!(places_of(&["dataset-group-workflow"], &texts).iter().any(|place| place.contains("logs/deploy.log:")));
}

#[test]
fn a_secret_is_found_wherever_it_is_and_named_with_its_line() {
    let told = |text: &[u8]| places_of(&SECRETS, &BTreeMap::from([(PathBuf::from("a.log"), text.to_vec())]));
    assert_eq!(told(b"one\ntwo\n"), [""; 0]);
    assert_eq!(told(b"one\n\xff {\"tags\": \"tell-nobody-this\"}\n"), ["a.log:2: tell-nobody"]);
    let both = format!("x-amz-security-token:{SESSION_TOKEN}\n\n{SECRET_ACCESS_KEY}");
    assert_eq!(told(both.as_bytes()), [format!("a.log:1: {SESSION_TOKEN}"), format!("a.log:3: {SECRET_ACCESS_KEY}")]);
}

/// The lines that hold any of the words.
fn places_of(words: &[&str], texts: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let mut places = Vec::new();
    for (path, text) in texts {
        for (number, line) in String::from_utf8_lossy(text).lines().enumerate() {
            let words = words.iter().filter(|word| line.contains(*word));
            places.extend(words.map(|word| format!("{}:{}: {word}", path.display(), number + 1)));
        }
    }
    places
}

/// Every file below a folder, by its path.
fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if let Some(text) = unless_gone(fs::read(&path)) {
            files.insert(path, text);
        }
    }
    files
}

/// The environments of the functions of the stack in this folder.
fn environments_of_functions(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().expect("text");
    let processes = fs::read_dir("/proc").expect("/proc is there").filter_map(|entry| Some(entry.ok()?.path()));
    // A process may end while it is looked at, or be another user's.
    let environments = processes.filter_map(|process| fs::read(process.join("environ")).ok());
    environments
        .map(|environment| String::from_utf8_lossy(&environment).into_owned())
        .filter(|environment| environment.contains(folder) && environment.contains("AWS_LAMBDA_FUNCTION_NAME="))
        .collect()
}

/// Temporary files come and go.
fn unless_gone<T>(found: io::Result<T>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
        Err(fault) => panic!("{fault}"),
    }
}

fn read_to_string(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Not a test of its own: the run whose logs the other looks into.
#[tokio::test]
#[ignore = "started by another test as a process of its own, for its output is a log too"]
async fn run() {
    let mut ended = Vec::new();
    for (expected, execution) in started().await {
        let execution = Execution::ended(&Setup::new().await.workflow, &execution).await;
        assert_eq!(execution.error.as_deref(), expected, "{:?}", execution.cause);
        println!("\nENDED {}", execution.arn);
        ended.push(execution.arn);
    }
    let logs = stack().await.logs();
    let complete = || async {
        let logged = logged_by_functions().await;
        ended.iter().all(|execution| logged.contains(execution)).then_some(logged)
    };
    fs::write(logs.join(FUNCTIONS), eventually("lines for each execution", complete).await).expect("written");
    println!("\nDONE {}", logs.display());
    // Until the other has looked.
    io::stdin().read_to_end(&mut Vec::new()).expect("it closes");
}

/// All that is in the log groups of the engine.
async fn logged_by_functions() -> String {
    let stack = stack().await;
    let groups = tools::aws(stack, &["logs", "describe-log-groups"]);
    let groups = groups["logGroups"].as_array().into_iter().flatten();
    let mut lines = String::new();
    for group in groups.filter_map(|group| group["logGroupName"].as_str()) {
        let events = tools::aws(stack, &["logs", "filter-log-events", "--log-group-name", group]);
        for event in events["events"].as_array().into_iter().flatten() {
            lines.push_str(event["message"].as_str().expect("a message"));
            lines.push('\n');
        }
    }
    lines
}

/// How many requests are made.
const CASES: usize = 33;

/// Executions with requests full of marks, one for each thing that can happen to them, and the error that each ends with.
async fn started() -> Vec<(Option<&'static str>, String)> {
    let mut started = vec![(None, sent_as_an_event().await)];
    for request in [
        json!({"datasetGroup": {"name": "fine", MARK: MARK}, "groupProfile": {"clientToken": format!("{MARK}\u{7}")}}),
        json!({"datasetGroup": {"name": 7, "domain": MARK, "tags": [{"tagKey": "tell-nobody-key", "tagValue": 7}]}}),
        json!({"datasetGroup": MARK, "metadata": MARK}),
        json!([MARK]),
    ] {
        started.push((Some("InvalidRequest"), Setup::new().await.start(&request).await));
    }
    for (steps, policy, error) in [
        (vec![Step::create_failed("tell-nobody-reason")], json!({}), Some("DatasetGroupCreateFailed")),
        (vec![Step::create_failed("tell-nobody-reason")], json!({"ifCreateFailed": "REPLACE"}), None),
        (vec![Step::status("CREATE PENDING")], json!({"timeoutSeconds": 60}), Some("ProvisioningTimedOut")),
        (vec![Step::status("tell-nobody-status")], json!({}), Some("Unexpected")),
    ] {
        let setup = Setup::new().await;
        setup.put_project("a", &[]).await;
        let (kms_key_arn, role_arn) = (Some(KEY.to_owned()), Some(ROLE.to_owned()));
        setup.put_group(DatasetGroupState { steps, kms_key_arn, role_arn, ..DatasetGroupState::default() }).await;
        started.push((error, setup.start(&marked(&setup, policy)).await));
    }
    let setup = Setup::new().await;
    let kms_key_arn = Some("arn:aws:kms:us-east-1:000000000000:key/tell-nobody-the-other-key".to_owned());
    setup.put_group(DatasetGroupState { kms_key_arn, ..DatasetGroupState::default() }).await;
    started.push((Some("DatasetGroupConflict"), setup.start(&marked(&setup, json!({}))).await));
    let setup = Setup::new().await;
    setup.control.script_dataset_group(&setup.name, Script::create_fails("tell-nobody-why")).await.expect("a script");
    started.push((Some("DatasetGroupCreateFailed"), setup.start(&marked(&setup, json!({}))).await));
    for (operation, kind, error) in faults() {
        let setup = Setup::new().await;
        setup.put_project("a", &[]).await;
        setup.fault(operation, None, kind).await;
        started.push((error, setup.start(&marked(&setup, json!({"timeoutSeconds": 60}))).await));
    }
    started.extend(started_retirements().await);
    assert_eq!(started.len(), CASES);
    started
}

/// The same for retirements.
async fn started_retirements() -> Vec<(Option<&'static str>, String)> {
    let mut started = Vec::new();
    let contents = Contents::from([(ContentKind::Datasets, vec!["tell-nobody-dataset".to_owned()])]);
    for (contents, member, fault, error) in faults_of_retirements()
        .map(|(operation, kind, error)| (Contents::new(), None, Some((operation, kind)), error))
        .into_iter()
        .chain([
            (contents, None, None, Some("DatasetGroupInUse")),
            (Contents::new(), Some(("/datasetGroup/tell-nobody-member", json!(MARK))), None, Some("InvalidRequest")),
        ])
    {
        let setup = Setup::new().await;
        let tags = vec![Tag { tag_key: "tell-nobody-key".to_owned(), tag_value: "tell-nobody-value".to_owned() }];
        setup.put_linked_group(DatasetGroupState { tags, contents, ..DatasetGroupState::default() }).await;
        setup.put_project("a", &[(&setup.group, "PROJECT_OWNER")]).await;
        if let Some((operation, kind)) = fault {
            setup.fault(operation, None, kind).await;
        }
        let members = [
            ("/policy", setup.retirement(&["a"])["policy"].clone()),
            ("/metadata", json!({"tell-nobody-member": ["tell-nobody-metadata"]})),
        ];
        let request = setup.request_with(&members.into_iter().chain(member).collect::<Vec<_>>());
        started.push((error, setup.start_on(setup.retirement_machine(), &request).await));
    }
    started
}

/// What calls meet every time, and the error that it leads to.
fn faults() -> [(&'static str, Kind, Option<&'static str>); 14] {
    // AWS repeats what should have been signed.
    let canonical = format!("The canonical string should have been 'POST x-amz-security-token:{SESSION_TOKEN}'");
    [
        ("CreateDatasetGroup", Kind::AccessDenied, Some("AccessDenied")),
        ("GetGroupProfile", Kind::AccessDenied, Some("AccessDenied")),
        ("CreateDatasetGroup", refused(400, "InvalidSignatureException", &canonical), Some("Unavailable")),
        ("CreateDatasetGroup", refused(400, "LimitExceededException", ""), Some("QuotaExceeded")),
        ("CreateDatasetGroup", refused(400, "InvalidInputException", ""), Some("InvalidRequest")),
        ("CreateDatasetGroup", Kind::Throttle { code: None }, Some("ProvisioningTimedOut")),
        ("CreateGroupProfile", Kind::CutBeforeEffect, Some("Unavailable")),
        ("CreateGroupProfile", Kind::CutAfterEffect, None),
        ("TagResource", refused(503, "ServiceUnavailable", ""), Some("Unavailable")),
        ("DescribeDatasetGroup", answered(200, r#"{"datasetGroup": "tell-nobody-body"#), Some("Unavailable")),
        ("GetGroupProfile", answered(404, r#"{"message": "tell-nobody-body"}"#), Some("Unexpected")),
        ("ListProjectMemberships", answered(200, r#"{"members": "tell-nobody-body"#), Some("Unavailable")),
        ("CreateProjectMembership", refused(400, "ValidationException", ""), Some("InvalidRequest")),
        ("CreateProjectMembership", Kind::AccessDenied, Some("AccessDenied")),
    ]
}

/// What calls of retirements meet every time, and the error that it leads to.
fn faults_of_retirements() -> [(&'static str, Kind, Option<&'static str>); 6] {
    [
        ("ListTagsForResource", answered(200, r#"{"tags": "tell-nobody-body"#), Some("Unavailable")),
        ("ListDatasets", refused(400, "InvalidInputException", ""), Some("InvalidRequest")),
        ("DeleteProjectMembership", refused(400, "ValidationException", ""), Some("InvalidRequest")),
        ("DeleteProjectMembership", Kind::AccessDenied, Some("AccessDenied")),
        ("DeleteDatasetGroup", refused(503, "ServiceUnavailable", ""), Some("Unavailable")),
        ("DeleteDatasetGroup", Kind::CutAfterEffect, None),
    ]
}

fn refused(status: u16, code: &str, message: &str) -> Kind {
    Kind::Error { status, code: code.to_owned(), message: Some(format!("{message} tell-nobody-message")) }
}

fn answered(status: u16, body: &str) -> Kind {
    Kind::Raw { status, headers: BTreeMap::new(), body: body.to_owned(), effect: false }
}

const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/tell-nobody-the-key";
const ROLE: &str = "arn:aws:iam::000000000000:role/personalize";

/// A valid request with a mark wherever one can be.
fn marked(setup: &Setup, policy: Value) -> Value {
    setup.request_with(&[
        ("/datasetGroup/kmsKeyArn", json!(KEY)),
        ("/datasetGroup/roleArn", json!(ROLE)),
        ("/datasetGroup/tags", json!([{"tagKey": "tell-nobody-key", "tagValue": "tell-nobody-value"}])),
        ("/groupProfile/clientToken", json!("tell-nobody-token")),
        ("/groupProfile/projects", json!([{"projectIdentifier": setup.project("a")}])),
        ("/policy", policy),
        ("/metadata", json!({"tell-nobody-member": {"nested": ["tell-nobody-metadata"]}})),
    ])
}

/// The execution that an event of the bus starts.
async fn sent_as_an_event() -> String {
    let setup = Setup::new().await;
    setup.put_project("a", &[]).await;
    setup.send(&marked(&setup, json!({}))).await;
    setup.executions_started_by_events(1).await.remove(0).arn
}
