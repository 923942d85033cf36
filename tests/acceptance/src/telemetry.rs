//! What operators read: the log and the metrics (docs/operations.md).

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::outcome;
use crate::promises::Provisioned;
use crate::run::Run;
use crate::stack::text;
use crate::trouble::{Trouble, broken, ensure};

/// `CloudWatch` shows lines after seconds, and metrics after minutes.
const UNTIL_LOGGED: f64 = 120.0;
const UNTIL_COUNTED: f64 = 420.0;

/// Checks the log and the metrics of an execution that provisioned a group.
pub async fn check(run: &mut Run, provisioned: Result<Provisioned, Trouble>) {
    let none = |_| Trouble::NotAsked("no group was provisioned".to_owned());
    let (logged, counted) = match provisioned.map_err(none) {
        Ok(provisioned) => {
            let logged = log(run, &provisioned).await;
            (logged, metrics(run, &provisioned).await)
        }
        Err(trouble) => (Err(trouble.clone()), Err(trouble)),
    };
    run.promise("the log has a line for each decision, and no metadata", logged);
    run.promise("the metrics count the success and the invalid request", counted);
}

async fn log(run: &mut Run, provisioned: &Provisioned) -> Result<String, Trouble> {
    let group = run.stack.resources.get("FunctionsLogGroup").cloned();
    let group = group.ok_or_else(|| broken("the stack has no FunctionsLogGroup"))?;
    let pattern = format!("{{ $.executionArn = \"{}\" }}", provisioned.execution);
    let since = (run.since * 1000).to_string();
    let arguments = ["--log-group-name", &group, "--filter-pattern", &pattern, "--start-time", &since];
    let deadline = run.pace.deadline(UNTIL_LOGGED);
    loop {
        run.progress.say("waiting for the lines of the log");
        let found = run.aws.call("logs", "filter-log-events", &arguments).await?;
        let lines = found["events"].as_array().into_iter().flatten().map(|event| text(&event["message"]));
        let lines: Vec<_> = lines.collect();
        let judged = outcome::logged(&lines, &provisioned.execution, &run.name("event"), &run.marker("event"));
        match judged {
            Ok(lines) => return Ok(format!("{lines} lines")),
            Err(trouble) if Instant::now() > deadline => return Err(trouble),
            Err(_) => run.pace.pause().await,
        }
    }
}

async fn metrics(run: &mut Run, provisioned: &Provisioned) -> Result<String, Trouble> {
    // AWS publishes the metrics of Step Functions itself. An endpoint without them publishes none of a log either.
    let played = run.aws.call("cloudwatch", "list-metrics", &["--namespace", "AWS/States"]).await?;
    let publishes = played["Metrics"].as_array().is_some_and(|metrics| !metrics.is_empty());
    if is_not_aws() && !publishes {
        return Err(Trouble::NotPlayed("it has no metrics, not even those of Step Functions".to_owned()));
    }
    let deadline = run.pace.deadline(UNTIL_COUNTED);
    loop {
        run.progress.say("waiting for the metrics");
        let success = sum(run, "Provisioned", "Profile", &provisioned.decision).await?;
        let failure = sum(run, "ProvisioningFailed", "Error", "InvalidRequest").await?;
        if success >= 1.0 && failure >= 1.0 {
            return Ok("Provisioned, ProvisioningFailed".to_owned());
        }
        ensure(Instant::now() < deadline, || {
            let missing = if success < 1.0 { "Provisioned" } else { "ProvisioningFailed" };
            format!("{missing} has no value after {UNTIL_COUNTED} s")
        })?;
        run.pace.pause().await;
    }
}

/// The sum of a metric since the run began.
async fn sum(run: &Run, metric: &str, dimension: &str, value: &str) -> Result<f64, Trouble> {
    let namespace = format!("DatasetGroupWorkflow/{}", run.stack.name);
    let dimension = format!("Name={dimension},Value={value}");
    // Whole minutes, so that the first one counts.
    let from = Timestamp::from_second(run.since / 60 * 60).map_err(|error| broken(error.to_string()))?;
    let until = Timestamp::now() + SignedDuration::from_mins(2);
    let (from, until) = (from.to_string(), until.to_string());
    let arguments = ["--namespace", &namespace, "--metric-name", metric, "--dimensions", &dimension];
    let period = ["--start-time", &from, "--end-time", &until, "--period", "60", "--statistics", "Sum"];
    let found = run.aws.call("cloudwatch", "get-metric-statistics", &[&arguments[..], &period].concat()).await?;
    Ok(total(&found))
}

fn total(found: &Value) -> f64 {
    found["Datapoints"].as_array().into_iter().flatten().filter_map(|point| point["Sum"].as_f64()).sum()
}

/// Whether the user has moved the endpoints, for example to the local stack.
pub fn is_not_aws() -> bool {
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDWATCH"].iter().any(|name| std::env::var_os(name).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_values_of_all_minutes_are_added() {
        assert!((total(&json!({"Datapoints": [{"Sum": 1.0}, {"Sum": 2.0}]})) - 3.0).abs() < f64::EPSILON);
        assert!(total(&json!({"Datapoints": []})).abs() < f64::EPSILON);
    }
}
