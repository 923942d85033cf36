//! Scenarios of the whole workflow in which every call that the functions make is made.

use contract::StepError;
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Profile, ProfileStatus, Script, Tag};
use workflow_tests::{Exchange, GROUP, KEY, Provisioned, ROLE, Setup, changed, request, request_for_role, tag};

/// What the services have before, and the request of the execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// There is nothing: everything is created.
    Created,
    /// A group with a key exists, and the profile of the role, among others.
    ForRole,
    /// A group exists without the tag, and a profile without access.
    Adopted,
    /// A group exists whose creation failed.
    Replaced,
    /// The creation fails.
    Failed,
}

/// Which call of a scenario: the operation, and how many of them come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub operation: &'static str,
    pub passed: usize,
}

impl Scenario {
    pub async fn prepare(self, setup: &Setup) {
        match self {
            Self::Created => {}
            Self::ForRole => {
                let key = Some(KEY.to_owned());
                let group = DatasetGroupState {
                    kms_key_arn: key,
                    role_arn: Some(SERVICE_ROLE.to_owned()),
                    ..setup.older_group()
                };
                setup
                    .put(DatasetGroupState { tags: vec![tag("team", "media-secret"), tag("other", "kept")], ..group })
                    .await;
                setup.put_profile(Profile::of_role(&format!("{ROLE}-others"), ProfileStatus::Assigned)).await;
                setup.put_profile(Profile::of_role(ROLE, ProfileStatus::NotAssigned)).await;
            }
            Self::Adopted => {
                setup.put(DatasetGroupState { tags: vec![tag("other", "kept")], ..setup.older_group() }).await;
                setup.put_profile(Profile::of_group(GROUP, ProfileStatus::NotAssigned)).await;
            }
            Self::Replaced => {
                let reason = Some("no access to the key".to_owned());
                let failed = DatasetGroupState { failure_reason: reason, ..setup.older_group() };
                setup.put(DatasetGroupState { status: Some("CREATE FAILED".to_owned()), ..failed }).await;
            }
            Self::Failed => setup.script(Script::create_fails("no access to the key")).await,
        }
    }

    pub fn request(self) -> Value {
        // Short, so that a group that never shows is not waited for long.
        let policy = json!({"policy": {"timeoutSeconds": 300, "ifCreateFailed": "REPLACE"}});
        match self {
            Self::Created | Self::Adopted | Self::Replaced => changed(request(), &policy),
            Self::ForRole => {
                let encryption = json!({"datasetGroup": {"kmsKeyArn": KEY, "roleArn": SERVICE_ROLE}});
                changed(changed(request_for_role(), &encryption), &policy)
            }
            Self::Failed => changed(request(), &json!({"policy": {"timeoutSeconds": 300}})),
        }
    }

    /// The calls whose answers only this scenario has; the others are those of another one.
    fn own(self) -> &'static [Place] {
        const fn at(operation: &'static str, passed: usize) -> Place {
            Place { operation, passed }
        }
        match self {
            Self::Created => {
                &const {
                    [
                        at("DescribeDatasetGroup", 0),
                        at("CreateDatasetGroup", 0),
                        at("DescribeDatasetGroup", 1),
                        at("DescribeDatasetGroup", 3),
                        at("GetGroupProfile", 0),
                        at("CreateGroupProfile", 0),
                        at("ListTagsForResource", 1),
                    ]
                }
            }
            Self::ForRole => {
                &const { [at("DescribeDatasetGroup", 0), at("SearchGroupProfiles", 0), at("UpdateGroupProfile", 0)] }
            }
            Self::Adopted => {
                &const { [at("ListTagsForResource", 0), at("ListTagsForResource", 1), at("TagResource", 0)] }
            }
            Self::Replaced => {
                &const {
                    [
                        at("DescribeDatasetGroup", 0),
                        at("ListTagsForResource", 0),
                        at("DescribeDatasetGroup", 1),
                        at("DeleteDatasetGroup", 0),
                    ]
                }
            }
            Self::Failed => &const { [at("DescribeDatasetGroup", 1)] },
        }
    }

    /// The true answers of the calls that are this scenario's own.
    pub async fn exchanges(self) -> Vec<(Place, Exchange)> {
        let mut setup = Setup::start().await;
        self.prepare(&setup).await;
        let between = setup.put_between().await;
        let ended = setup.provision(&self.request()).await;
        self.is_true(&setup, &ended).await.expect("the truth is true");
        let exchanges = between.take_exchanges();
        let of =
            |place: &Place| exchanges.iter().filter(|exchange| exchange.operation == place.operation).nth(place.passed);
        self.own()
            .iter()
            .map(|place| (*place, of(place).unwrap_or_else(|| panic!("{place:?} of {self:?}")).clone()))
            .collect()
    }

    /// Whether what an execution without faults said is what there is.
    pub async fn is_true(self, setup: &Setup, ended: &Result<Provisioned, StepError>) -> Result<(), String> {
        match (self, ended) {
            (Self::Failed, Err(error)) if error.name() == "DatasetGroupCreateFailed" => Ok(()),
            (Self::Failed | Self::Created | Self::ForRole | Self::Adopted | Self::Replaced, Err(error)) => {
                Err(format!("{}: {error}", error.name()))
            }
            (_, Ok(done)) => told_truly(setup, done).await,
        }
    }
}

const SERVICE_ROLE: &str = "arn:aws:iam::123456789012:role/personalize";

/// Whether everything that an outcome says is so, and the request is fulfilled.
pub async fn told_truly(setup: &Setup, done: &Provisioned) -> Result<(), String> {
    let law =
        |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}, and the outcome is {done:?}")) };
    let group = setup.group().await.ok_or("there is no group")?;
    law(group.status.as_deref() == Some("ACTIVE"), "the group is not ACTIVE")?;
    law(done.dataset_group.status.as_str() == "ACTIVE", "the outcome is not ACTIVE")?;
    law(done.dataset_group.dataset_group_arn == setup.arn(&group.name), "it has another ARN")?;
    law(
        done.dataset_group.domain.map(contract::request::Domain::as_str) == group.domain.as_deref(),
        "it has another domain",
    )?;
    let profiles = setup.profiles().await;
    let profile =
        profiles.iter().find(|profile| profile.id == done.group_profile.id).ok_or("there is no such profile")?;
    law(profile.status == ProfileStatus::Assigned, "the profile is not ASSIGNED")?;
    law(done.group_profile.status == contract::GroupProfileStatus::Assigned, "the outcome is not ASSIGNED")?;
    let said = |said: &Option<String>, known: &Option<String>| said.is_none() || said == known;
    law(said(&done.group_profile.group_name, &profile.group_name), "it has another name")?;
    law(said(&done.group_profile.role_principal_arn, &profile.role_principal_arn), "it has another role")?;
    let carries =
        |key: &str, value: &str| group.tags.contains(&Tag { tag_key: key.to_owned(), tag_value: value.to_owned() });
    law(carries("datazone:domain-id", &done.group_profile.domain_id), "it is not linked to the domain")?;
    law(carries("datazone:group-profile-id", &done.group_profile.id), "it is not linked to the profile")?;
    law(carries("team", "media-secret"), "it lacks the tag that was asked for")?;
    let shows = |key: &String| group.tags.iter().any(|tag| tag.tag_key == *key);
    law(done.changes.tags_added.iter().all(shows), "a tag that was added is not there")?;
    law(
        group.tags.iter().all(|tag| tag.tag_key != "other" || tag.tag_value == "kept"),
        "somebody's tag was overwritten",
    )
}
