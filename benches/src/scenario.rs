//! The scenarios that functions are measured in: what the services have before, the event, the calls that it has to
//! make, and the response.

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulators::{Control, DatasetGroupState, Profile, ProfileStatus, Tag};

use crate::error::Error;
use crate::runtime_api::Event;
use crate::setup::{ACCOUNT, REGION};

const NAME: &str = "media-recommendations";
const DOMAIN: &str = "dzd_simulated";
const GROUP: &str = "a1b2c3d4-5678-90ab-cdef-112233445566";
const PROJECT: &str = "5rz8k2m4n6p1qa";
const BUCKET: &str = "manifests";
const PROFILE: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

/// What happens in the measured event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// `poll-status` finds the group ACTIVE.
    Poll,
    /// `create-dataset-group` finds the group as it was asked for.
    Adopt,
    /// `create-dataset-group` creates it.
    Create,
    /// `bootstrap-group-profile` finds everything done.
    Keep,
    /// `bootstrap-group-profile` makes the profile and writes the link.
    Attach,
    /// `add-project-members` finds the profile among the members of a project.
    Member,
    /// `add-project-members` makes it a member.
    Add,
    /// `retire-dataset-group` proves the link, removes a membership and deletes the group.
    Retire,
    /// `batch-dataset-groups` makes a request out of a row of a table. It calls no service.
    Row,
}

/// What is known of a scenario.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The function.
    pub function: &'static str,
    /// What the function does in it, in a word.
    pub title: &'static str,
    /// The calls of the event, in order: with any others its figures mean nothing.
    pub calls: &'static [&'static str],
    /// A JSON pointer into the response, and the text there.
    pub response: (&'static str, &'static str),
}

impl Scenario {
    /// All of them, those of a function side by side.
    pub const ALL: [Self; 9] = [
        Self::Poll,
        Self::Adopt,
        Self::Create,
        Self::Keep,
        Self::Attach,
        Self::Member,
        Self::Add,
        Self::Retire,
        Self::Row,
    ];

    /// What is known of it.
    #[must_use]
    pub const fn facts(self) -> Facts {
        let (function, title, calls, response): (_, _, &'static [&'static str], _) = match self {
            Self::Poll => ("poll-status", "polls", &["DescribeDatasetGroup"], ("/progress", "ACTIVE")),
            Self::Adopt => ("create-dataset-group", "adopts", &["DescribeDatasetGroup"], ("/disposition", "ADOPTED")),
            Self::Create => {
                let calls = &["DescribeDatasetGroup", "CreateDatasetGroup"];
                ("create-dataset-group", "creates", calls, ("/disposition", "CREATED"))
            }
            Self::Keep => {
                let calls = &["GetGroupProfile", "ListTagsForResource"];
                ("bootstrap-group-profile", "keeps", calls, ("/changes/groupProfile", "KEPT"))
            }
            Self::Attach => {
                let calls = &[
                    "GetGroupProfile",
                    "ListTagsForResource",
                    "CreateGroupProfile",
                    "ListTagsForResource",
                    "TagResource",
                    "ListTagsForResource",
                ];
                ("bootstrap-group-profile", "attaches", calls, ("/changes/groupProfile", "CREATED"))
            }
            Self::Member => {
                let calls = &["ListProjectMemberships"];
                ("add-project-members", "keeps", calls, ("/changes/projects/0/change", "KEPT"))
            }
            Self::Add => {
                let calls = &["ListProjectMemberships", "CreateProjectMembership", "ListProjectMemberships"];
                ("add-project-members", "adds", calls, ("/changes/projects/0/change", "ADDED"))
            }
            Self::Retire => {
                let calls = &[
                    "DescribeDatasetGroup",
                    "GetGroupProfile",
                    "ListTagsForResource",
                    "ListDatasets",
                    "ListSolutions",
                    "ListEventTrackers",
                    "ListRecommenders",
                    "ListFilters",
                    "ListProjectMemberships",
                    "DeleteProjectMembership",
                    "ListProjectMemberships",
                    "DescribeDatasetGroup",
                    "DeleteDatasetGroup",
                ];
                ("retire-dataset-group", "deletes", calls, ("/progress", "DELETING"))
            }
            Self::Row => ("batch-dataset-groups", "reads", &[], ("/input/detail/datasetGroup/name", NAME)),
        };
        Facts { function, title, calls, response }
    }

    /// True when the event leaves the services as they were, so that it can be sent again.
    #[must_use]
    pub fn repeats(self) -> bool {
        !self.facts().calls.iter().any(|call| call.starts_with("Create") || call.starts_with("Delete"))
    }

    /// Prepares what the event needs, and forgets what was called before.
    ///
    /// # Errors
    /// When the simulators refuse.
    pub async fn prepare(self, control: &Control) -> Result<(), Error> {
        control.reset().await?;
        control.add_domain(DOMAIN, &[(GROUP, "Data Owners")]).await?;
        match self {
            Self::Poll | Self::Adopt | Self::Attach => control.put_dataset_group(&group(&[team()])).await?,
            Self::Create | Self::Row => {}
            Self::Member => control.add_project(DOMAIN, PROJECT, &[(GROUP, "PROJECT_CONTRIBUTOR")]).await?,
            Self::Add => control.add_project(DOMAIN, PROJECT, &[]).await?,
            Self::Keep | Self::Retire => {
                let link = [team(), tag("datazone:domain-id", DOMAIN), tag("datazone:group-profile-id", PROFILE)];
                control.put_dataset_group(&group(&link)).await?;
                let profile = Profile { id: PROFILE.to_owned(), ..Profile::of_group(GROUP, ProfileStatus::Assigned) };
                control.put_profile(DOMAIN, profile).await?;
                control.add_project(DOMAIN, PROJECT, &[(GROUP, "PROJECT_CONTRIBUTOR")]).await?;
            }
        }
        Ok(())
    }

    /// The event, as the state machine sends it.
    #[must_use]
    pub fn event(self) -> Event {
        Event {
            function_arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}:1", self.facts().function),
            payload: Bytes::from(self.payload().to_string()),
        }
    }

    fn payload(self) -> Value {
        // To the millisecond, as Step Functions tells it.
        let start = (Timestamp::now() - SignedDuration::from_secs(30)).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let execution = |waited: u64| {
            json!({
                "arn": format!("arn:aws:states:{REGION}:{ACCOUNT}:execution:provision:7c9e6679-7425-40de-944b"),
                "startTime": start,
                "waitedSeconds": waited
            })
        };
        match self {
            Self::Poll => json!({
                "datasetGroup": dataset_group("CREATE IN_PROGRESS"),
                "requested": {"name": NAME, "domain": "VIDEO_ON_DEMAND", "tags": [{"tagKey": "team", "tagValue": "media"}]},
                "since": start,
                "timeoutSeconds": 3600,
                "polls": 1,
                "execution": execution(20)
            }),
            Self::Adopt | Self::Create => json!({
                "request": {
                    "datasetGroup": {
                        "name": NAME,
                        "domain": "VIDEO_ON_DEMAND",
                        "tags": [{"tagKey": "team", "tagValue": "media"}]
                    },
                    "groupProfile": {"domainIdentifier": DOMAIN, "groupIdentifier": GROUP},
                    "metadata": {"correlationId": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
                },
                "guards": guards(),
                "execution": execution(0),
                "rounds": 0
            }),
            Self::Keep | Self::Attach => json!({
                "datasetGroup": dataset_group("ACTIVE"),
                "groupProfile": {
                    "domainIdentifier": DOMAIN,
                    "groupIdentifier": GROUP,
                    "clientToken": "3f0c9a5d7b1e4c2f8a6d0b9e5c7f1a3d"
                },
                "tags": [{"tagKey": "team", "tagValue": "media"}],
                "domainAccess": {"region": "", "roleArn": ""},
                "execution": execution(30),
                "plan": null
            }),
            Self::Member | Self::Add => json!({
                "datasetGroup": dataset_group("ACTIVE"),
                "request": {
                    "domainIdentifier": DOMAIN,
                    "groupIdentifier": GROUP,
                    "clientToken": "3f0c9a5d7b1e4c2f8a6d0b9e5c7f1a3d",
                    "projects": [{"projectIdentifier": PROJECT, "designation": "PROJECT_CONTRIBUTOR"}]
                },
                "groupProfile": {"domainId": DOMAIN, "id": PROFILE, "status": "ASSIGNED"},
                "changes": {"tagsAdded": [], "tagsKept": [], "groupProfile": "KEPT"},
                "domainAccess": {"region": "", "roleArn": ""},
                "execution": execution(30),
                "plan": null
            }),
            Self::Retire => json!({
                "request": {
                    "datasetGroup": {"name": NAME},
                    "groupProfile": {"domainIdentifier": DOMAIN, "groupIdentifier": GROUP},
                    "policy": {"removeProjects": [PROJECT]},
                    "metadata": {"correlationId": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
                },
                "guards": {"allowedDomainIds": "", "allowedProjectIds": ""},
                "domainAccess": {"region": "", "roleArn": ""},
                "execution": execution(0),
                "earlier": null,
                "changes": {"projects": []}
            }),
            Self::Row => json!({
                "task": "ROW",
                "execution": execution(0),
                "request": {
                    "detail-type": "Dataset Groups Requested",
                    "source": "recommendation-platform",
                    "detail": {
                        "manifest": {"bucket": BUCKET, "key": "groups.csv"},
                        "metadata": {"correlationId": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
                    }
                },
                "bucket": BUCKET,
                "guards": guards(),
                "row": 1,
                "item": {
                    "name": NAME,
                    "domain": "VIDEO_ON_DEMAND",
                    "tags": "team=media",
                    "domainIdentifier": DOMAIN,
                    "groupIdentifier": GROUP
                },
                "hasExtraValues": false
            }),
        }
    }
}

fn guards() -> Value {
    json!({
        "allowedDomainIds": "",
        "allowedProjectIds": "",
        "allowedDesignations": "PROJECT_CONTRIBUTOR,PROJECT_CATALOG_VIEWER,PROJECT_CATALOG_CONSUMER,PROJECT_CATALOG_STEWARD",
        "requiredTagKeys": "",
        "replaceAllowed": "true"
    })
}

fn dataset_group(status: &str) -> Value {
    json!({
        "datasetGroupArn": format!("arn:aws:personalize:{REGION}:{ACCOUNT}:dataset-group/{NAME}"),
        "name": NAME,
        "domain": "VIDEO_ON_DEMAND",
        "status": status
    })
}

fn group(tags: &[Tag]) -> DatasetGroupState {
    DatasetGroupState {
        domain: Some("VIDEO_ON_DEMAND".to_owned()),
        // Older than every execution, so that it is adopted.
        creation_date_time: Some(Timestamp::now() - SignedDuration::from_hours(1)),
        tags: tags.to_vec(),
        ..DatasetGroupState::active(NAME)
    }
}

fn team() -> Tag {
    tag("team", "media")
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { tag_key: key.to_owned(), tag_value: value.to_owned() }
}
