//! The baseline of the whole workflow: says what the state machine needs to go on, whichever of its three functions it
//! is, and does nothing else but write a line to the log, as every function does. (The local engine waits for a line, up
//! to a tenth of a second.)

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

/// The look that finds the group ACTIVE, as with the simulators.
const LAST_LOOK: f64 = 3.0;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |event: LambdaEvent<Value>| Ok::<_, Error>(answer(&event.payload)))).await
}

/// Writes a line, and answers with every member that any of the three functions answers with; the machine takes those
/// that it wants.
fn answer(event: &Value) -> Value {
    println!(r#"{{"timestamp":"1970-01-01T00:00:00Z","level":"INFO","message":"decided","decision":"nothing"}}"#);
    let polls = event["polls"].as_f64().unwrap_or_default();
    json!({
        "request": {
            "datasetGroup": {"name": "none", "tags": []},
            "groupProfile": {"domainIdentifier": "dzd_none", "groupIdentifier": "none"},
            "policy": {"ifCreateFailed": "FAIL", "timeoutSeconds": 3600}
        },
        "datasetGroup": {"datasetGroupArn": "none", "name": "none", "status": "ACTIVE"},
        "disposition": "CREATED",
        "changes": {"tagsAdded": [], "tagsKept": [], "groupProfile": "CREATED"},
        "progress": if polls < LAST_LOOK { "CREATING" } else { "ACTIVE" },
        "since": "1970-01-01T00:00:00Z",
        "waitSeconds": 25,
        "elapsedSeconds": 0,
        "waitedSeconds": 0,
        "polls": polls,
        "groupProfile": {"domainId": "dzd_none", "id": "none", "status": "ASSIGNED"}
    })
}
