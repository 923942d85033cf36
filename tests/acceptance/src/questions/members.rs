//! Questions about members of projects.

use serde_json::Value;

use super::profiles::Ready;
use super::{ACCEPTED, Answer, NOT_FOUND, answer};
use crate::aws::Failure;
use crate::journal::Resource;
use crate::row::Question;
use crate::run::Run;
use crate::stack::text;
use crate::target::Principal;
use crate::trouble::Trouble;

const BY_PROFILE: Question =
    Question { text: "CreateProjectMembership with the id of a profile", assumed: Some(ACCEPTED) };
const EXISTING: Question = Question {
    text: "CreateProjectMembership for a member, with another designation",
    assumed: Some("ValidationException"),
};
const LISTED_GROUP: Question =
    Question { text: "the id of a group in ListProjectMemberships", assumed: Some(GROUPS_ID) };
const LISTED_ROLE: Question =
    Question { text: "the id of a role in ListProjectMemberships", assumed: Some(PROFILES_ID) };
const REMOVE_BY_PROFILE: Question =
    Question { text: "DeleteProjectMembership with the id of a profile", assumed: Some(ACCEPTED) };
const REMOVE_NOBODY: Question =
    Question { text: "DeleteProjectMembership for a group that is no member", assumed: Some(NOT_FOUND) };
const GROUPS_ID: &str = "the id of the group";
const PROFILES_ID: &str = "the id of the profile";

/// The designations of the two creations.
const FIRST: &str = "PROJECT_CONTRIBUTOR";
const SECOND: &str = "PROJECT_CATALOG_VIEWER";

/// The ids by which the principal can be a member: of the group, then of the profile.
pub fn ids(principal: &Principal, profile: &str) -> Vec<String> {
    match principal {
        Principal::GroupId(id) => vec![id.clone(), profile.to_owned()],
        Principal::GroupName(_) | Principal::Role(_) => vec![profile.to_owned()],
    }
}

/// The member of the list that has one of these ids, as its id and designation.
pub fn member(listed: &Value, ids: &[String]) -> Option<(String, String)> {
    let mut members = listed["members"].as_array().into_iter().flatten();
    members.find_map(|member| {
        let id = text(&member["memberDetails"]["group"]["groupId"]);
        ids.iter().any(|own| own.eq_ignore_ascii_case(&id)).then(|| (id, text(&member["designation"])))
    })
}

/// The members of the project that the user names.
pub async fn list(run: &Run, project: &str) -> Result<Value, Trouble> {
    let arguments = ["--domain-identifier", &run.target.domain, "--project-identifier", project];
    Ok(run.aws.call("datazone", "list-project-memberships", &arguments).await?)
}

/// Makes the principal a member, asks, and removes the member. One that was a member before is not touched.
pub async fn ask(run: &mut Run, ready: &Ready) {
    let listed = match run.target.principal {
        Principal::GroupId(_) | Principal::GroupName(_) => LISTED_GROUP,
        Principal::Role(_) => LISTED_ROLE,
    };
    let answers = match (run.target.project.clone(), ready) {
        (None, _) => Err(Trouble::NotAsked("no PROJECT was given".to_owned())),
        (Some(_), Err(_)) => Err(Trouble::NotAsked("there is no profile".to_owned())),
        (Some(project), Ok(prepared)) => answers(run, &project, &prepared.profile.id).await,
    };
    let questions = [BY_PROFILE, listed, EXISTING, REMOVE_BY_PROFILE, REMOVE_NOBODY];
    let answers = answers.unwrap_or_else(|trouble| questions.map(|_| Err(trouble.clone())));
    for (question, answer) in questions.into_iter().zip(answers) {
        run.question(question, answer);
    }
}

async fn answers(run: &mut Run, project: &str, profile: &str) -> Result<[Answer; 5], Trouble> {
    run.progress.say("asking about members of projects");
    let ids = ids(&run.target.principal, profile);
    if member(&list(run, project).await?, &ids).is_some() {
        return Err(Trouble::NotAsked("GROUP was a member of the project before".to_owned()));
    }
    let (domain, all) = (run.target.domain.clone(), ids.clone());
    let number = run.intend(Resource::Membership { domain, project: project.to_owned(), ids: all })?;
    let by_profile = create(run, project, profile, FIRST).await;
    let mut created = by_profile.as_deref() == Ok(ACCEPTED);
    if !created && ids.len() > 1 {
        created = create(run, project, &ids[0], FIRST).await.as_deref() == Ok(ACCEPTED);
    }
    if !created {
        // A service that answered has created nothing.
        if by_profile.is_ok() {
            run.forget(number)?;
        }
        let none = || Err(Trouble::NotAsked("there is no member".to_owned()));
        return Ok([by_profile, none(), none(), none(), none()]);
    }
    run.confirm(number)?;
    let (shown, existing) = (shown(run, project, &ids, profile).await, existing(run, project, &ids).await);
    let removed = removed(run, project, &ids, profile).await;
    let nobody = nobody(run, number, project, &ids).await;
    Ok([by_profile, shown, existing, removed, nobody])
}

/// Removes the member by the id of its profile: the answer, or that it changed nothing.
async fn removed(run: &Run, project: &str, ids: &[String], profile: &str) -> Answer {
    let answer = answer(remove(run, project, profile).await, ACCEPTED)?;
    let is_member = member(&list(run, project).await?, ids).is_some();
    Ok(if answer == ACCEPTED && is_member { "accepted, the member stays".to_owned() } else { answer })
}

/// Removes the member, if it is still one, and then once more. What cannot be removed stays in the journal for the end.
async fn nobody(run: &mut Run, number: u64, project: &str, ids: &[String]) -> Answer {
    if member(&list(run, project).await?, ids).is_some() {
        remove(run, project, &ids[0]).await?;
    }
    if member(&list(run, project).await?, ids).is_some() {
        return Err(Trouble::NotAsked("the member stays".to_owned()));
    }
    run.forget(number)?;
    answer(remove(run, project, &ids[0]).await, ACCEPTED)
}

async fn remove(run: &Run, project: &str, id: &str) -> Result<Value, Failure> {
    let (domain, member) = (&run.target.domain, format!("groupIdentifier={id}"));
    let arguments = ["--domain-identifier", domain, "--project-identifier", project, "--member", &member];
    run.aws.call("datazone", "delete-project-membership", &arguments).await
}

async fn create(run: &Run, project: &str, id: &str, designation: &str) -> Answer {
    let member = format!("groupIdentifier={id}");
    let domain = &run.target.domain;
    let arguments = ["--domain-identifier", domain, "--project-identifier", project, "--designation", designation];
    let arguments = [&arguments[..], &["--member", &member]].concat();
    answer(run.aws.call("datazone", "create-project-membership", &arguments).await, ACCEPTED)
}

async fn shown(run: &Run, project: &str, ids: &[String], profile: &str) -> Answer {
    Ok(match member(&list(run, project).await?, ids) {
        Some((id, _)) if id == profile => PROFILES_ID,
        Some(_) => GROUPS_ID,
        None => "another id, or none",
    }
    .to_owned())
}

async fn existing(run: &Run, project: &str, ids: &[String]) -> Answer {
    let answer = create(run, project, &ids[0], SECOND).await?;
    if answer != ACCEPTED {
        return Ok(answer);
    }
    let designation = member(&list(run, project).await?, ids).map(|(_, designation)| designation);
    Ok(after_acceptance(designation.as_deref()).to_owned())
}

/// What an accepted creation did to the member.
fn after_acceptance(designation: Option<&str>) -> &'static str {
    match designation {
        Some(FIRST) => "accepted, keeps its designation",
        Some(SECOND) => "accepted, gets the new designation",
        Some(_) | None => "accepted, has another designation",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_is_recognized_by_the_id_of_its_group_or_its_profile() {
        let group = Principal::GroupId("AB".to_owned());
        let listed = |id: &str| {
            json!({"members": [
                {"memberDetails": {"user": {"userId": "u"}}, "designation": "PROJECT_OWNER"},
                {"memberDetails": {"group": {"groupId": id}}, "designation": FIRST}
            ]})
        };
        let ids = ids(&group, "p");
        for id in ["ab", "p"] {
            assert_eq!(member(&listed(id), &ids), Some((id.to_owned(), FIRST.to_owned())));
        }
        assert_eq!(member(&listed("q"), &ids), None);
    }

    #[test]
    fn an_accepted_creation_keeps_or_changes_the_designation() {
        assert!(after_acceptance(Some(FIRST)).contains("keeps"));
        assert!(after_acceptance(Some(SECOND)).contains("new"));
    }
}
