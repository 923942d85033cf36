//! Questions about dataset groups.

use std::time::Instant;

use super::{ACCEPTED, NOT_FOUND};
use crate::row::Question;
use crate::run::{Run, seconds};
use crate::stack::text;
use crate::trouble::{Trouble, broken};

const AFTER_CREATION: Question =
    Question { text: "DescribeDatasetGroup right after the creation", assumed: Some("CREATE PENDING") };
const TAG_PENDING: Question = Question { text: "TagResource on a group in CREATE PENDING", assumed: Some(ACCEPTED) };
const UNTIL_ACTIVE: Question = Question { text: "time until a group is ACTIVE", assumed: None };
const AFTER_DELETION: Question =
    Question { text: "DescribeDatasetGroup right after the deletion", assumed: Some("DELETE PENDING") };
const UNTIL_GONE: Question = Question { text: "time until a deleted group is gone", assumed: None };

/// The longest wait for ACTIVE, in seconds.
const LONGEST: f64 = 3600.0;

/// Creates a group without the workflow, asks, and deletes it.
pub async fn ask(run: &mut Run) {
    run.progress.say("asking about dataset groups");
    let created = create(run).await;
    let (number, arn, began) = match created {
        Ok(created) => created,
        Err(trouble) => {
            run.question(AFTER_CREATION, Err(trouble));
            for question in [TAG_PENDING, UNTIL_ACTIVE, AFTER_DELETION, UNTIL_GONE] {
                run.question(question, Err(Trouble::NotAsked("there is no group".to_owned())));
            }
            return;
        }
    };
    let shown = status(run).await;
    run.question(AFTER_CREATION, shown.clone());
    let tagged = match shown.as_deref() {
        Ok("CREATE PENDING") | Err(_) => tag(run, &arn).await,
        Ok(other) => Err(Trouble::NotAsked(format!("the group was {other}"))),
    };
    run.question(TAG_PENDING, tagged);
    let active = until_active(run, began).await;
    run.question(UNTIL_ACTIVE, active);
    let (shown, gone) = match run.delete_group(number, &arn).await {
        Ok(Some(deletion)) => (Ok(deletion.status), Ok(seconds(deletion.seconds))),
        Ok(None) => (Err(broken("the group is not there")), Err(broken("the group is not there"))),
        Err(trouble) => (Err(trouble), Err(Trouble::NotAsked("the group was not deleted".to_owned()))),
    };
    run.question(AFTER_DELETION, shown);
    run.question(UNTIL_GONE, gone);
}

async fn create(run: &mut Run) -> Result<(u64, String, Instant), Trouble> {
    let (number, arn) = run.intend_group("direct")?;
    let began = Instant::now();
    let name = run.name("direct");
    let tags = run.stack.items("RequiredTagKeys");
    let tags: Vec<_> = tags.iter().map(|key| format!("tagKey={key},tagValue=acceptance")).collect();
    let tags = (!tags.is_empty()).then_some("--tags").into_iter().chain(tags.iter().map(String::as_str));
    let arguments: Vec<_> = ["--name", &name].into_iter().chain(tags).collect();
    let created = run.aws.call("personalize", "create-dataset-group", &arguments).await;
    run.made(number, created)?;
    Ok((number, arn, began))
}

async fn status(run: &Run) -> Result<String, Trouble> {
    let found = run.group("direct").await?;
    Ok(found.map_or_else(|| NOT_FOUND.to_owned(), |group| text(&group["status"])))
}

async fn tag(run: &Run, arn: &str) -> Result<String, Trouble> {
    let arguments = ["--resource-arn", arn, "--tags", "tagKey=acceptance,tagValue=pending"];
    match run.aws.call("personalize", "tag-resource", &arguments).await {
        Ok(_) => Ok(ACCEPTED.to_owned()),
        Err(failure) => failure.answer(),
    }
}

async fn until_active(run: &mut Run, began: Instant) -> Result<String, Trouble> {
    let deadline = run.pace.deadline(LONGEST);
    loop {
        let shown = status(run).await?;
        match shown.as_str() {
            "ACTIVE" => return Ok(seconds(began.elapsed().as_secs_f64())),
            "CREATE FAILED" => return Err(broken("the creation failed")),
            _ => {}
        }
        if Instant::now() > deadline {
            return Err(broken(format!("the group stays {shown}")));
        }
        run.progress.say(&format!("a dataset group is {shown}: waiting until it is ACTIVE"));
        run.pace.pause().await;
    }
}
