//! Questions about group profiles.

use serde_json::Value;

use super::{FINDS, NOT_FOUND, RETURNS};
use crate::aws::Failure;
use crate::journal::Resource;
use crate::profile::{self, Profile};
use crate::row::Question;
use crate::run::Run;
use crate::stack::text;
use crate::target::Principal;
use crate::trouble::Trouble;

const NEW_STATUS: Question = Question { text: "the status of a new group profile", assumed: Some("ASSIGNED") };
const OTHER_TOKEN: Question = Question {
    text: "CreateGroupProfile for a profile that exists, with another client token",
    assumed: Some(RETURNS),
};
const SAME_TOKEN: Question = Question {
    text: "CreateGroupProfile for a profile that exists, with the client token of its creation",
    assumed: Some(RETURNS),
};
const UNKNOWN_GROUP: Question = Question { text: "GetGroupProfile for an unknown group", assumed: Some(NOT_FOUND) };
const UNKNOWN_DOMAIN: Question = Question { text: "GetGroupProfile in an unknown domain", assumed: Some(NOT_FOUND) };
const BY_NAME: Question = Question { text: "GetGroupProfile with the name of a group", assumed: Some(FINDS) };
const BY_ROLE: Question = Question { text: "GetGroupProfile with the ARN of a role", assumed: Some(NOT_FOUND) };
const SHOWS_ROLE: Question = Question { text: "SearchGroupProfiles shows rolePrincipalArn", assumed: Some("yes") };
const ROLE_AS_TEXT: Question =
    Question { text: "SearchGroupProfiles with the ARN of a role as text", assumed: Some(FINDS) };

/// The profile that the questions are about.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub profile: Profile,
    /// The token that created it; absent if it existed before.
    token: Option<String>,
}

pub type Ready = Result<Prepared, Trouble>;

/// Makes sure that there is a profile. A new one is set to `NOT_ASSIGNED`, so that the workflow assigns it.
pub async fn prepare(run: &mut Run) -> Ready {
    run.progress.say("looking at the group profile");
    let prepared = prepared(run).await;
    let status = match &prepared {
        Ok((_, Some(status))) => Ok(status.clone()),
        Ok((_, None)) => Err(Trouble::NotAsked("the profile existed before".to_owned())),
        Err(trouble) => Err(trouble.clone()),
    };
    run.question(NEW_STATUS, status);
    prepared.map(|(prepared, _)| prepared)
}

/// The profile, and the status that it had when it was new.
async fn prepared(run: &mut Run) -> Result<(Prepared, Option<String>), Trouble> {
    let found = run.profile().await?;
    let before = found.as_ref().map(|profile| profile.status.clone());
    let (domain, principal) = (run.target.domain.clone(), run.target.principal.clone());
    let number = run.intend(Resource::Profile { domain: domain.clone(), principal, before })?;
    if let Some(profile) = found {
        run.confirm(number)?;
        return Ok((Prepared { profile, token: None }, None));
    }
    let token = run.marker("token");
    let created = create(run, &token).await;
    let profile = Profile::read(&run.made(number, created)?);
    if profile.status == "ASSIGNED" {
        profile::update(&run.aws, &domain, &profile.id, "NOT_ASSIGNED").await?;
    }
    let status = profile.status.clone();
    Ok((Prepared { profile, token: Some(token) }, Some(status)))
}

/// Asks what is about profiles.
pub async fn ask(run: &mut Run, ready: &Ready) {
    run.progress.say("asking about group profiles");
    let unknown = Principal::GroupId("00000000-0000-0000-0000-0000000acce7".to_owned());
    let domain = run.target.domain.clone();
    let answer = answer_of_get(run, &domain, unknown.text()).await;
    run.question(UNKNOWN_GROUP, answer);
    let answer = answer_of_get(run, &format!("dzd_acceptance{}", run.id), unknown.text()).await;
    run.question(UNKNOWN_DOMAIN, answer);

    let Ok(Prepared { profile, token }) = ready.clone() else {
        for question in [OTHER_TOKEN, SAME_TOKEN, BY_NAME, BY_ROLE, SHOWS_ROLE, ROLE_AS_TEXT] {
            run.question(question, Err(Trouble::NotAsked("there is no profile".to_owned())));
        }
        return;
    };
    let other = run.marker("other-token");
    let answer = again(run, &other, &profile).await;
    run.question(OTHER_TOKEN, answer);
    let same = match token {
        Some(token) => again(run, &token, &profile).await,
        None => Err(Trouble::NotAsked("the profile existed before".to_owned())),
    };
    run.question(SAME_TOKEN, same);
    let answer = match (&run.target.principal, &profile.group_name) {
        (Principal::GroupId(_) | Principal::GroupName(_), Some(name)) => {
            let name = name.clone();
            answer_of_get(run, &domain, &name).await
        }
        (_, _) => Err(Trouble::NotAsked("the profile has no name of a group".to_owned())),
    };
    run.question(BY_NAME, answer);
    ask_about_role(run, &domain).await;
}

async fn ask_about_role(run: &mut Run, domain: &str) {
    let Principal::Role(arn) = run.target.principal.clone() else {
        for question in [BY_ROLE, SHOWS_ROLE, ROLE_AS_TEXT] {
            run.question(question, Err(Trouble::NotAsked("GROUP is no role".to_owned())));
        }
        return;
    };
    let answer = answer_of_get(run, domain, &arn).await;
    run.question(BY_ROLE, answer);
    let principal = run.target.principal.clone();
    let shown = profile::search(&run.aws, domain, &principal, None).await;
    run.question(SHOWS_ROLE, shown.map_err(Trouble::from).map(|found| yes_or_no(found.is_some()).to_owned()));
    let found = profile::search(&run.aws, domain, &principal, Some(&arn)).await;
    let answer = |found: Option<Value>| if found.is_some() { FINDS } else { "finds nothing" }.to_owned();
    run.question(ROLE_AS_TEXT, found.map_err(Trouble::from).map(answer));
}

const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

async fn create(run: &Run, token: &str) -> Result<Value, Failure> {
    let Run { target, .. } = run;
    let (option, value) = (target.principal.option(), target.principal.text());
    let arguments = ["--domain-identifier", &target.domain, option, value, "--client-token", token];
    run.aws.call("datazone", "create-group-profile", &arguments).await
}

/// What a creation does for a profile that exists.
async fn again(run: &Run, token: &str, profile: &Profile) -> Result<String, Trouble> {
    match create(run, token).await {
        Ok(returned) if text(&returned["id"]) == profile.id => Ok(RETURNS.to_owned()),
        Ok(_) => Ok("returns another profile".to_owned()),
        Err(failure) => failure.answer(),
    }
}

async fn answer_of_get(run: &Run, domain: &str, identifier: &str) -> Result<String, Trouble> {
    match profile::get(&run.aws, domain, identifier).await {
        Ok(Some(_)) => Ok(FINDS.to_owned()),
        Ok(None) => Ok(NOT_FOUND.to_owned()),
        Err(failure) => failure.answer(),
    }
}
