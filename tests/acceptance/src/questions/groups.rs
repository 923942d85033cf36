//! Questions about dataset groups.

use std::time::Instant;

use super::{ACCEPTED, Answer, NOT_FOUND, answer};
use crate::row::Question;
use crate::run::{Run, seconds};
use crate::stack::text;
use crate::trouble::{Trouble, broken};

const AFTER_CREATION: Question =
    Question { text: "DescribeDatasetGroup right after the creation", assumed: Some("CREATE PENDING") };
const TAG_PENDING: Question = Question { text: "TagResource on a group in CREATE PENDING", assumed: Some(ACCEPTED) };
const DELETE_PENDING: Question =
    Question { text: "DeleteDatasetGroup on a group in CREATE PENDING", assumed: Some(IN_USE) };
const UNTIL_ACTIVE: Question = Question { text: "time until a group is ACTIVE", assumed: None };
const AFTER_DELETION: Question =
    Question { text: "DescribeDatasetGroup right after the deletion", assumed: Some("DELETE PENDING") };
const TAGS_DELETED: Question =
    Question { text: "ListTagsForResource on a group in DELETE PENDING", assumed: Some(LISTS_TAGS) };
const DELETE_DELETED: Question =
    Question { text: "DeleteDatasetGroup on a group in DELETE PENDING", assumed: Some(IN_USE) };
const UNTIL_GONE: Question = Question { text: "time until a deleted group is gone", assumed: None };

const IN_USE: &str = "ResourceInUseException";
const LISTS_TAGS: &str = "lists the tags";

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
            for question in
                [TAG_PENDING, DELETE_PENDING, UNTIL_ACTIVE, AFTER_DELETION, TAGS_DELETED, DELETE_DELETED, UNTIL_GONE]
            {
                run.question(question, Err(Trouble::NotAsked("there is no group".to_owned())));
            }
            return;
        }
    };
    let shown = status(run).await;
    run.question(AFTER_CREATION, shown.clone());
    let tagged = asked_in("CREATE PENDING", &shown, tag(run, &arn)).await;
    run.question(TAG_PENDING, tagged);
    let deleted = asked_in("CREATE PENDING", &shown, delete(run, &arn)).await;
    run.question(DELETE_PENDING, deleted);
    let active = until_active(run, began).await;
    run.question(UNTIL_ACTIVE, active);

    let (began, deleted) = (Instant::now(), delete(run, &arn).await);
    let shown = match deleted.as_deref() {
        Ok(ACCEPTED) => status(run).await,
        Ok(code) => Err(Trouble::NotAsked(format!("the deletion was refused: {code}"))),
        Err(trouble) => Err(trouble.clone()),
    };
    run.question(AFTER_DELETION, shown.clone());
    let tags = asked_in("DELETE PENDING", &shown, tags(run, &arn)).await;
    run.question(TAGS_DELETED, tags);
    let again = asked_in("DELETE PENDING", &shown, delete(run, &arn)).await;
    run.question(DELETE_DELETED, again);
    let gone = run.delete_group(number, &arn).await;
    run.question(UNTIL_GONE, gone.map(|()| seconds(began.elapsed().as_secs_f64())));
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

async fn status(run: &Run) -> Answer {
    let found = run.group("direct").await?;
    Ok(found.map_or_else(|| NOT_FOUND.to_owned(), |group| text(&group["status"])))
}

/// Asks while the group is in this status.
async fn asked_in(status: &str, shown: &Answer, ask: impl Future<Output = Answer>) -> Answer {
    match shown {
        Ok(found) if found == status => ask.await,
        Ok(found) => Err(Trouble::NotAsked(format!("the group was {found}"))),
        Err(trouble) => Err(trouble.clone()),
    }
}

async fn tag(run: &Run, arn: &str) -> Answer {
    let arguments = ["--resource-arn", arn, "--tags", "tagKey=acceptance,tagValue=pending"];
    answer(run.aws.call("personalize", "tag-resource", &arguments).await, ACCEPTED)
}

async fn delete(run: &Run, arn: &str) -> Answer {
    answer(run.aws.call("personalize", "delete-dataset-group", &["--dataset-group-arn", arn]).await, ACCEPTED)
}

async fn tags(run: &Run, arn: &str) -> Answer {
    answer(run.aws.call("personalize", "list-tags-for-resource", &["--resource-arn", arn]).await, LISTS_TAGS)
}

async fn until_active(run: &mut Run, began: Instant) -> Answer {
    let deadline = run.pace.deadline(LONGEST);
    loop {
        let shown = status(run).await?;
        match shown.as_str() {
            "ACTIVE" => return Ok(seconds(began.elapsed().as_secs_f64())),
            "CREATE FAILED" => return Err(broken("the creation failed")),
            "DELETE PENDING" | "DELETE IN_PROGRESS" => return Err(broken("the group is being deleted")),
            _ => {}
        }
        if Instant::now() > deadline {
            return Err(broken(format!("the group stays {shown}")));
        }
        run.progress.say(&format!("a dataset group is {shown}: waiting until it is ACTIVE"));
        run.pace.pause().await;
    }
}
