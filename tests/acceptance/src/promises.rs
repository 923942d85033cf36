//! What the workflow promises, from the request to the outcome.

use serde_json::{Value, json};

use crate::execution::{self, Ended};
use crate::journal::Resource;
use crate::outcome::{self, Expected, Kind, linked, profile_change, provisioned, unchanged};
use crate::questions::members;
use crate::retirements;
use crate::run::{Run, seconds};
use crate::stack::text;
use crate::trouble::{Trouble, broken, ensure};

/// A group that was provisioned by an event, for the log and the metrics.
#[derive(Debug)]
pub struct Provisioned {
    pub execution: String,
    /// The decision that the metric counts, such as `profile assigned`.
    pub decision: String,
}

/// What a promise that holds says, or why it does not hold.
pub type Kept = Result<String, Trouble>;

/// Keeps all promises about requests, with one dataset group at a time.
pub async fn keep(run: &mut Run) -> Result<Provisioned, Trouble> {
    let kept = invalid(run).await;
    run.promise("a request that breaks a rule ends in InvalidRequest with every violation", kept);
    let kept = plan(run).await;
    run.promise("a plan says what would be done, and changes nothing", kept);

    let event = by_event(run).await;
    let kept = event.as_ref().map(|(_, ended)| seconds(ended.seconds)).map_err(Clone::clone);
    run.promise("an event provisions a dataset group and its link", kept);
    let needed = event.as_ref().map(|_| ()).map_err(|_| Trouble::NotAsked("no group was provisioned".to_owned()));
    let kept = match (&event, &needed) {
        (Ok((_, ended)), _) => published(run, ended, Kind::Provisioned).await,
        (Err(_), needed) => needed.clone().map(|()| String::new()),
    };
    run.promise("EventBridge takes the outcome event, which is valid", kept);
    let kept = match &needed {
        Ok(()) => rerun(run).await,
        Err(trouble) => Err(trouble.clone()),
    };
    run.promise("a rerun adopts the group and changes nothing", kept);
    let kept = match &needed {
        Ok(()) => conflict(run).await,
        Err(trouble) => Err(trouble.clone()),
    };
    run.promise("a request with another domain ends in DatasetGroupConflict and changes nothing", kept);
    let kept = match (&needed, run.target.project.clone()) {
        (Err(trouble), _) => Err(trouble.clone()),
        (Ok(()), None) => Err(Trouble::NotAsked("no PROJECT was given".to_owned())),
        (Ok(()), Some(project)) => membership(run, &project).await,
    };
    run.promise("a request with a project makes the profile a member", kept);
    retirements::keep(run, &needed).await;
    let deleted = delete(run, "event").await;
    let kept = match deleted {
        Ok(()) => by_start(run).await,
        Err(trouble) => Err(trouble),
    };
    run.promise("startExecution provisions a dataset group", kept);
    let _left_to_the_end = delete(run, "start").await;
    event.map(|(provisioned, _)| provisioned)
}

async fn invalid(run: &mut Run) -> Kept {
    let machine = run.stack.provisioning();
    let mut request = run.request("invalid", "invalid");
    request["datasetGroup"]["domain"] = json!("MUSIC");
    request["policy"]["timeoutSeconds"] = json!(1);
    let ended = run.start(&machine, "invalid", &request).await?;
    failed(&ended, "InvalidRequest")?;
    let violations = ended.cause["violations"].as_array().map_or(0, Vec::len);
    ensure(violations == 2, || format!("the cause has {violations} violations instead of 2"))?;
    published(run, &ended, Kind::Failed).await?;
    Ok("2 violations".to_owned())
}

async fn plan(run: &mut Run) -> Kept {
    let machine = run.stack.provisioning();
    let mut request = run.request("plan", "plan");
    request["policy"]["mode"] = json!("PLAN");
    let before = run.profile().await?;
    let ended = run.start(&machine, "plan", &request).await?;
    let action = &ended.success()?["plan"]["datasetGroup"]["action"];
    ensure(action == "CREATE", || "the plan does not say CREATE".to_owned())?;
    published(run, &ended, Kind::Planned).await?;
    ensure(run.group("plan").await?.is_none(), || "the plan created a group".to_owned())?;
    ensure(run.profile().await? == before, || "the plan changed the profile".to_owned())?;
    Ok("CREATE; nothing was created".to_owned())
}

/// Checks the outcome event, as the state that published it got it.
pub async fn published(run: &Run, ended: &Ended, kind: Kind) -> Kept {
    let detail = execution::published(&run.aws, &ended.arn, kind.state()).await?;
    let detail = detail.ok_or_else(|| broken(format!("{} published no event", kind.state())))?;
    outcome::valid(&run.root, kind, &detail)?;
    ensure(!ended.succeeded || detail == ended.output, || "event and output differ".to_owned())?;
    Ok("valid".to_owned())
}

pub fn failed(ended: &Ended, error: &str) -> Result<(), Trouble> {
    if ended.error == error { Ok(()) } else { Err(ended.failure()) }
}

async fn by_event(run: &mut Run) -> Result<(Provisioned, Ended), Trouble> {
    let change = expected_change(run).await?;
    let (number, _) = run.intend_group("event")?;
    let request = run.request("event", "event");
    let (ended, event) = run.send(&run.stack.provisioning(), "event", &request).await?;
    let marker = run.marker("event");
    let output = ended.success()?;
    run.confirm(number)?;
    let expected = Expected { disposition: "CREATED", profile: change, marker: &marker, event: Some(&event) };
    provisioned(output, expected)?;
    linked(output, &run.tags("event").await?)?;
    let decision = format!("profile {}", change.to_lowercase());
    Ok((Provisioned { execution: ended.arn.clone(), decision }, ended))
}

async fn expected_change(run: &Run) -> Result<&'static str, Trouble> {
    Ok(profile_change(run.profile().await?.as_ref().map(|profile| profile.status.as_str())))
}

/// What the group of the event looks like from outside.
pub async fn seen(run: &Run) -> Result<(Option<Value>, Value), Trouble> {
    Ok((run.group("event").await?, run.tags("event").await?))
}

async fn rerun(run: &mut Run) -> Kept {
    let machine = run.stack.provisioning();
    let (before, marker) = (seen(run).await?, run.marker("rerun"));
    let request = run.request("event", "rerun");
    let ended = run.start(&machine, "rerun", &request).await?;
    let output = ended.success()?;
    provisioned(output, Expected { disposition: "ADOPTED", profile: "KEPT", marker: &marker, event: None })?;
    unchanged(output)?;
    ensure(seen(run).await? == before, || "the group or its tags changed".to_owned())?;
    Ok(format!("ADOPTED, {}", seconds(ended.seconds)))
}

async fn conflict(run: &mut Run) -> Kept {
    let machine = run.stack.provisioning();
    let before = seen(run).await?;
    let mut request = run.request("event", "conflict");
    request["datasetGroup"]["domain"] = json!("ECOMMERCE");
    let ended = run.start(&machine, "conflict", &request).await?;
    failed(&ended, "DatasetGroupConflict")?;
    let names_domain = ended.cause["differences"].to_string().contains("domain");
    ensure(names_domain, || "the cause does not name the domain".to_owned())?;
    published(run, &ended, Kind::Failed).await?;
    ensure(seen(run).await? == before, || "the group or its tags changed".to_owned())?;
    Ok("the cause names the domain".to_owned())
}

async fn membership(run: &mut Run, project: &str) -> Kept {
    let profile = run.profile().await?.ok_or_else(|| broken("there is no profile"))?;
    let ids = members::ids(&run.target.principal, &profile.id);
    let was_member = members::member(&members::list(run, project).await?, &ids).is_some();
    let (domain, all) = (run.target.domain.clone(), ids.clone());
    let mine = Resource::Membership { domain, project: project.to_owned(), ids: all };
    let number = if was_member { None } else { Some(run.intend(mine)?) };
    let mut request = run.request("event", "project");
    request["groupProfile"]["projects"] =
        json!([{"projectIdentifier": project, "designation": run.stack.designation()}]);
    let ended = run.start(&run.stack.provisioning(), "project", &request).await?;
    let output = ended.success()?;
    let change = text(&output["changes"]["projects"][0]["change"]);
    if let Some(number) = number {
        run.confirm(number)?;
    }
    let expected = if was_member { "KEPT" } else { "ADDED" };
    ensure(change == expected, || format!("the change is {change} instead of {expected}"))?;
    let is_member = members::member(&members::list(run, project).await?, &ids).is_some();
    ensure(is_member, || "the list has no such member".to_owned())?;
    Ok(change)
}

async fn by_start(run: &mut Run) -> Kept {
    let machine = run.stack.provisioning();
    let change = expected_change(run).await?;
    let (number, _) = run.intend_group("start")?;
    let (request, marker) = (run.request("start", "start"), run.marker("start"));
    let ended = run.start(&machine, "start", &request).await?;
    let output = ended.success()?;
    run.confirm(number)?;
    provisioned(output, Expected { disposition: "CREATED", profile: change, marker: &marker, event: None })?;
    Ok(seconds(ended.seconds))
}

/// Deletes the group of a name, as one at a time is created.
async fn delete(run: &mut Run, name: &str) -> Result<(), Trouble> {
    let (number, arn) = run.intend_group(name)?;
    run.delete_group(number, &arn).await
}
