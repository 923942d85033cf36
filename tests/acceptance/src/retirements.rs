//! What the workflow promises about retirements, with the dataset group that an event provisioned.

use serde_json::{Value, json};

use crate::journal::Resource;
use crate::outcome::Kind;
use crate::promises::{Kept, failed, published, seen};
use crate::questions::members;
use crate::run::{Run, seconds};
use crate::stack::Machine;
use crate::trouble::{Trouble, broken, ensure};

const CONFLICT: &str =
    "a retirement for another principal than that of the link ends in DatasetGroupConflict and changes nothing";
const PLAN: &str = "a plan of a retirement says what would be removed, and changes nothing";
const RETIRED: &str = "an event retires the dataset group and its access, and the profile stays";
const ABSENT: &str = "a retirement of a group that is gone ends with ABSENT";

/// Keeps all promises about retirements. Afterwards the group of the event is gone, unless one is broken.
pub async fn keep(run: &mut Run, provisioned: &Result<(), Trouble>) {
    let machine = run.stack.retirement();
    let machine = machine.ok_or_else(|| Trouble::NotAsked("the stack has no retirement".to_owned()));
    let machine = match provisioned.clone().and(machine) {
        Ok(machine) => machine,
        Err(trouble) => {
            for about in [CONFLICT, PLAN, RETIRED, ABSENT] {
                run.promise(about, Err(trouble.clone()));
            }
            return;
        }
    };
    // Only a membership of this run is removed.
    let mine = run.journal.entries().into_iter().find_map(|entry| match entry.resource {
        Resource::Membership { project, .. } => Some((entry.number, project)),
        Resource::Execution { .. } | Resource::DatasetGroup { .. } | Resource::Profile { .. } => None,
    });
    let project = mine.as_ref().map(|(_, project)| project.as_str());
    let kept = conflict(run, &machine).await;
    run.promise(CONFLICT, kept);
    let kept = plan(run, &machine, project).await;
    run.promise(PLAN, kept);
    let kept = by_event(run, &machine, project).await;
    if let (Ok(_), Some((number, _))) = (&kept, &mine)
        && let Err(trouble) = run.forget(*number)
    {
        run.promise(RETIRED, Err(trouble));
    }
    let retired = kept.is_ok();
    run.promise(RETIRED, kept);
    let kept =
        if retired { absent(run, &machine).await } else { Err(Trouble::NotAsked("no group was retired".to_owned())) };
    run.promise(ABSENT, kept);
}

/// A request to retire the group of the event.
fn retirement(run: &Run, marker: &str, project: Option<&str>) -> Value {
    let mut request = run.request("event", marker);
    request["datasetGroup"] = json!({"name": run.name("event")});
    request["policy"]["removeProjects"] = project.into_iter().collect();
    request
}

async fn conflict(run: &mut Run, machine: &Machine) -> Kept {
    let before = seen(run).await?;
    let mut request = retirement(run, "retire-conflict", None);
    let nobody = format!("arn:{}:iam::{}:role/acceptance-nobody", run.stack.partition, run.stack.account);
    request["groupProfile"] = json!({"domainIdentifier": run.target.domain, "rolePrincipalArn": nobody});
    let ended = run.start(machine, "retire-conflict", &request).await?;
    failed(&ended, "DatasetGroupConflict")?;
    published(run, &ended, Kind::RetirementFailed).await?;
    ensure(seen(run).await? == before, || "the group or its tags changed".to_owned())?;
    Ok("nothing was changed".to_owned())
}

async fn plan(run: &mut Run, machine: &Machine, project: Option<&str>) -> Kept {
    let before = (seen(run).await?, members_of(run, project).await?);
    let mut request = retirement(run, "retire-plan", project);
    request["policy"]["mode"] = json!("PLAN");
    let ended = run.start(machine, "retire-plan", &request).await?;
    let plan = &ended.success()?["plan"];
    let projects = plan["projects"].as_array().into_iter().flatten();
    let removes = projects.filter(|project| project["action"] == "REMOVE").count();
    ensure(plan["datasetGroup"]["action"] == "DELETE", || "the plan does not say DELETE".to_owned())?;
    ensure(removes == usize::from(project.is_some()), || format!("the plan removes {removes} members"))?;
    published(run, &ended, Kind::RetirementPlanned).await?;
    let after = (seen(run).await?, members_of(run, project).await?);
    ensure(after == before, || "the group, its tags or the members changed".to_owned())?;
    Ok("DELETE; nothing was removed".to_owned())
}

async fn members_of(run: &Run, project: Option<&str>) -> Result<Option<Value>, Trouble> {
    match project {
        Some(project) => Ok(Some(members::list(run, project).await?)),
        None => Ok(None),
    }
}

async fn by_event(run: &mut Run, machine: &Machine, project: Option<&str>) -> Kept {
    let before = run.profile().await?.ok_or_else(|| broken("there is no profile"))?;
    let request = retirement(run, "retire", project);
    let (ended, event) = run.send(machine, "retire", &request).await?;
    let (output, marker) = (ended.success()?, run.marker("retire"));
    let removed = project.map(|_| ("/changes/projects/0/change", "REMOVED"));
    let members = [
        ("/disposition", "DELETED"),
        ("/groupProfile/id", before.id.as_str()),
        ("/metadata/acceptance", marker.as_str()),
        ("/requestedBy/eventId", event.as_str()),
    ];
    for (pointer, value) in members.into_iter().chain(removed) {
        ensure(output.pointer(pointer).is_some_and(|member| member == value), || format!("{pointer} is different"))?;
    }
    published(run, &ended, Kind::Retired).await?;
    ensure(run.group("event").await?.is_none(), || "the group is still there".to_owned())?;
    let ids = members::ids(&run.target.principal, &before.id);
    let members = members_of(run, project).await?;
    let is_member = members.is_some_and(|members| members::member(&members, &ids).is_some());
    ensure(!is_member, || "the profile is still a member".to_owned())?;
    ensure(run.profile().await?.as_ref() == Some(&before), || "the profile changed".to_owned())?;
    Ok(format!("DELETED, {}", seconds(ended.seconds)))
}

async fn absent(run: &mut Run, machine: &Machine) -> Kept {
    let request = retirement(run, "retire-again", None);
    let ended = run.start(machine, "retire-again", &request).await?;
    let disposition = &ended.success()?["disposition"];
    ensure(disposition == "ABSENT", || "the disposition is not ABSENT".to_owned())?;
    published(run, &ended, Kind::Retired).await?;
    Ok(seconds(ended.seconds))
}
