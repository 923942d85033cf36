//! Removes what the journal lists.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use crate::aws::{Aws, Failure};
use crate::execution;
use crate::journal::{Entry, Journal, Resource};
use crate::pace::{Pace, VISIBLE};
use crate::profile;
use crate::progress::Progress;
use crate::stack::text;
use crate::trouble::{Trouble, broken};

/// Something that could not be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// For the report, without names.
    pub kind: &'static str,
    pub why: Trouble,
    /// The command that removes it.
    pub command: String,
}

/// A dataset group that does not end its creation or deletion within so many seconds is left.
const LONGEST: f64 = 3600.0;

/// Removes everything that the journal lists, and returns what is left.
pub async fn clean(aws: &Aws, journal: &mut Journal, pace: Pace, progress: &mut Progress) -> Vec<Left> {
    let mut left = Vec::new();
    for entry in journal.entries() {
        let removed = match remove(aws, &entry, pace, progress).await {
            Ok(()) => journal.remove(entry.number).map_err(|error| broken(format!("the journal: {error}"))),
            Err(trouble) => Err(trouble),
        };
        if let Err(why) = removed {
            left.push(Left { kind: kind(&entry.resource), why, command: command(&entry.resource, aws) });
        }
    }
    left
}

/// Removes one resource. One whose creation is not confirmed may become visible later, so it is looked for again.
///
/// # Errors
/// Why it is still there.
pub async fn remove(aws: &Aws, entry: &Entry, pace: Pace, progress: &mut Progress) -> Result<(), Trouble> {
    let patience = pace.deadline(if entry.confirmed { 0.0 } else { VISIBLE });
    loop {
        progress.say(&format!("removing {}", kind(&entry.resource)));
        let found = match &entry.resource {
            Resource::Execution { machine, marker, since } => {
                let found = execution::find(aws, machine, marker, *since, &mut BTreeSet::new()).await?;
                if let Some(arn) = &found {
                    execution::ended(aws, arn, pace, progress, "removing what a run left").await?;
                }
                found.is_some()
            }
            Resource::Membership { domain, project, ids } => remove_member(aws, domain, project, ids).await?,
            Resource::DatasetGroup { arn } => delete_group(aws, arn, pace, progress).await?,
            Resource::Profile { domain, principal, before } => {
                let found = profile::find(aws, domain, principal).await?;
                let status = before.as_deref().unwrap_or("NOT_ASSIGNED");
                if let Some(profile) = found.as_ref().filter(|profile| profile.status != status) {
                    profile::update(aws, domain, &profile.id, status).await?;
                }
                found.is_some()
            }
        };
        if found || entry.confirmed || Instant::now() > patience {
            return Ok(());
        }
        pace.pause().await;
    }
}

/// Removes the member by each of its ids. True if it was one.
async fn remove_member(aws: &Aws, domain: &str, project: &str, ids: &[String]) -> Result<bool, Failure> {
    let mut found = false;
    for id in ids {
        let member = format!("groupIdentifier={id}");
        let arguments = ["--domain-identifier", domain, "--project-identifier", project, "--member", &member];
        match aws.call("datazone", "delete-project-membership", &arguments).await {
            Ok(_) => found = true,
            // Whether DataZone takes both ids is undocumented.
            Err(failure) if failure.is_not_found() || failure.code.as_deref() == Some("ValidationException") => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(found)
}

/// Deletes a dataset group, once it is no longer being created, and waits until it is gone. False if there was none.
///
/// # Errors
/// Those of the calls, and a wait that takes too long.
pub async fn delete_group(aws: &Aws, arn: &str, pace: Pace, progress: &mut Progress) -> Result<bool, Trouble> {
    let (mut found, mut deleted, deadline) = (false, false, pace.deadline(LONGEST));
    loop {
        let group = describe(aws, arn).await?;
        let status = group.as_ref().map(|group| text(&group["status"]));
        match (next(status.as_deref()), deleted) {
            (Next::Gone, _) => return Ok(found),
            (Next::Delete, false) => {
                aws.call("personalize", "delete-dataset-group", &["--dataset-group-arn", arn]).await?;
                (found, deleted) = (true, true);
                continue;
            }
            (Next::Delete | Next::Wait, _) => found = true,
        }
        let shown = status.unwrap_or_default();
        if Instant::now() > deadline {
            return Err(broken(format!("a dataset group stays {shown}")));
        }
        progress.say(&format!("a dataset group is {shown}: waiting until it is gone"));
        pace.pause().await;
    }
}

/// The group as it is now; nothing if there is none.
pub async fn describe(aws: &Aws, arn: &str) -> Result<Option<Value>, Failure> {
    let found = aws.find("personalize", "describe-dataset-group", &["--dataset-group-arn", arn]).await?;
    Ok(found.map(|mut found| found["datasetGroup"].take()))
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Gone,
    Delete,
    Wait,
}

/// What to do about a group that is to be gone. A group that is being created cannot be deleted.
fn next(status: Option<&str>) -> Next {
    match status {
        None => Next::Gone,
        Some("ACTIVE" | "CREATE FAILED") => Next::Delete,
        Some(_) => Next::Wait,
    }
}

const fn kind(resource: &Resource) -> &'static str {
    match resource {
        Resource::Execution { .. } => "an execution",
        Resource::Membership { .. } => "a membership",
        Resource::DatasetGroup { .. } => "a dataset group",
        Resource::Profile { .. } => "the assignment of the group profile",
    }
}

/// The command that removes a resource.
fn command(resource: &Resource, aws: &Aws) -> String {
    let (region, datazone) = (&aws.region, &aws.datazone_region);
    match resource {
        Resource::Execution { machine, marker: _, since: _ } => {
            format!(
                "aws stepfunctions list-executions --state-machine-arn {machine} --status-filter RUNNING --region {region}"
            )
        }
        Resource::Membership { domain, project, ids } => format!(
            "aws datazone delete-project-membership --domain-identifier {domain} --project-identifier {project} \
             --member groupIdentifier={} --region {datazone}",
            ids.first().map_or("", String::as_str),
        ),
        Resource::DatasetGroup { arn } => {
            format!("aws personalize delete-dataset-group --dataset-group-arn {arn} --region {region}")
        }
        Resource::Profile { domain, principal, before } => format!(
            "aws datazone update-group-profile --domain-identifier {domain} --group-identifier '{}' --status {} \
             --region {datazone}",
            principal.text(),
            before.as_deref().unwrap_or("NOT_ASSIGNED"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_deleted_when_it_is_no_longer_being_created_and_once() {
        assert_eq!(next(None), Next::Gone);
        for (status, expected) in [
            ("CREATE PENDING", Next::Wait),
            ("CREATE IN_PROGRESS", Next::Wait),
            ("ACTIVE", Next::Delete),
            ("CREATE FAILED", Next::Delete),
            ("DELETE PENDING", Next::Wait),
        ] {
            assert_eq!(next(Some(status)), expected, "{status}");
        }
    }
}
