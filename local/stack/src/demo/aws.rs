//! The installed AWS CLI. The SDKs of these services would take minutes to compile.

use std::collections::BTreeMap;

use jiff::Timestamp;
use local_stack::LocalStack;
use serde_json::Value;
use tokio::process::Command;

use super::error::Error;
use super::outcome::Outcome;

/// The AWS CLI, with the endpoints of a stack instead of those of AWS.
#[derive(Debug)]
pub struct Aws<'a>(pub &'a LocalStack);

/// The members of a described resource; nothing if the service does not find it.
pub type Described = Option<BTreeMap<String, Value>>;

impl Aws<'_> {
    /// The group with its tags, and the profile, as the services describe them now.
    pub async fn describe(&self, outcome: &Outcome) -> Result<(Described, Described), Error> {
        tokio::try_join!(self.group(outcome), self.profile(outcome))
    }

    async fn group(&self, outcome: &Outcome) -> Result<Described, Error> {
        let Some(arn) = outcome.dataset_group_arn() else {
            return Ok(None);
        };
        let describe = ["describe-dataset-group", "--dataset-group-arn", arn];
        let list = ["list-tags-for-resource", "--resource-arn", arn];
        let (group, tags) = tokio::try_join!(
            self.find(self.0.personalize_url(), "personalize", &describe),
            self.find(self.0.personalize_url(), "personalize", &list)
        )?;
        Ok(group.map(|group| with_tags(members(&group["datasetGroup"]), tags.as_ref())))
    }

    async fn profile(&self, outcome: &Outcome) -> Result<Described, Error> {
        let (Some(domain), Some(id)) = (outcome.text("/groupProfile/domainId"), outcome.text("/groupProfile/id"))
        else {
            return Ok(None);
        };
        let get = ["get-group-profile", "--domain-identifier", domain, "--group-identifier", id];
        Ok(self.find(self.0.datazone_url(), "datazone", &get).await?.map(|profile| members(&profile)))
    }

    /// Calls a service; returns nothing if the service does not find the resource.
    async fn find(&self, endpoint: &str, service: &str, arguments: &[&str]) -> Result<Option<Value>, Error> {
        match self.call(endpoint, service, arguments).await {
            Ok(response) => Ok(Some(response)),
            Err(Error::Aws { message, .. }) if message.contains("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn call(&self, endpoint: &str, service: &str, arguments: &[&str]) -> Result<Value, Error> {
        let failed = |message: String| {
            let operation = arguments.first().copied().unwrap_or_default();
            Error::Aws { command: format!("{service} {operation}"), message }
        };
        let run = Command::from(self.0.tool("aws")?)
            .args([service])
            .args(arguments)
            .args(["--endpoint-url", endpoint, "--output", "json"])
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| failed(error.to_string()))?;
        if !run.status.success() {
            return Err(failed(String::from_utf8_lossy(&run.stderr).trim().to_owned()));
        }
        serde_json::from_slice(&run.stdout).map_err(|error| failed(error.to_string()))
    }
}

fn members(document: &Value) -> BTreeMap<String, Value> {
    document.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), readable(key, value))).collect()
}

/// The CLI prints times as seconds since 1970.
fn readable(key: &str, value: &Value) -> Value {
    let time = value.as_f64().filter(|_| key.ends_with("DateTime"));
    #[expect(clippy::cast_possible_truncation, reason = "a time in milliseconds fits")]
    let time = time.and_then(|seconds| Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok());
    time.map_or_else(|| value.clone(), |time| time.to_string().into())
}

fn with_tags(mut group: BTreeMap<String, Value>, tags: Option<&Value>) -> BTreeMap<String, Value> {
    let tags = tags.and_then(|tags| tags["tags"].as_array()).into_iter().flatten();
    let lines: Vec<String> = tags
        .map(|tag| {
            let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
            format!("{} = {}", text("tagKey"), text("tagValue"))
        })
        .collect();
    if !lines.is_empty() {
        group.insert("tags".to_owned(), lines.join("\n").into());
    }
    group
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_readable() {
        let group = members(&json!({"creationDateTime": 1_795_207_399.474, "polls": 2}));
        assert_eq!(group["creationDateTime"], "2026-11-20T20:43:19.474Z");
        assert_eq!(group["polls"], 2);
    }

    #[test]
    fn tags_are_shown_with_the_group_one_a_line() {
        let tags = json!({"tags": [{"tagKey": "a", "tagValue": "1"}, {"tagKey": "b", "tagValue": ""}]});
        let group = with_tags(members(&json!({"name": "g"})), Some(&tags));
        assert_eq!(group["tags"], "a = 1\nb = ");
        assert_eq!(group["name"], "g");
    }
}
