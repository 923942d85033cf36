//! The call sites: scenarios of the whole workflow in which every call of the functions is made, and the calls in them.

use contract::StepError;
use contract::outcome::{Disposition, Membership};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Profile, ProfileStatus, Script, Service, Step, Tag};
use workflow_tests::{Exchange, GROUP, KEY, Provisioned, ROLE, Setup, changed, request, request_for_role, tag};

/// What the services have before, and the request of the execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// There is nothing: everything is created.
    Created,
    /// Another execution creates the group after the first description.
    LostRace,
    /// A group with a key exists, and the profile of the role, among others.
    ForRole,
    /// A group exists without the tag, and a profile without access.
    Adopted,
    /// A group and a profile with access exist, and a project with another member.
    Member,
    /// A group exists whose creation failed.
    Replaced,
    /// The creation fails.
    Failed,
}

/// One call of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallSite {
    /// Where it is made.
    pub scenario: Scenario,
    /// The operation.
    pub operation: &'static str,
    /// The calls of the operation before this one.
    pub passed: u32,
    /// What the first failed step reports if the service returns "not found" once, and each time, where that is not
    /// simply `NotFound`.
    pub missing: Option<[Option<&'static str>; 2]>,
}

const fn at(scenario: Scenario, operation: &'static str, passed: u32) -> CallSite {
    CallSite { scenario, operation, passed, missing: None }
}

const fn may_miss(site: CallSite, once: Option<&'static str>, each_time: Option<&'static str>) -> CallSite {
    CallSite { missing: Some([once, each_time]), ..site }
}

/// Every call of the functions, each with a response that no other scenario has.
pub const CALL_SITES: [CallSite; 25] = [
    // The create step.
    may_miss(at(Scenario::Created, "DescribeDatasetGroup", 0), None, Some("NotFound")),
    may_miss(at(Scenario::ForRole, "DescribeDatasetGroup", 0), None, Some("Unavailable")),
    may_miss(at(Scenario::Replaced, "DescribeDatasetGroup", 0), None, Some("Unavailable")),
    at(Scenario::Created, "CreateDatasetGroup", 0),
    may_miss(at(Scenario::LostRace, "DescribeDatasetGroup", 1), Some("Unavailable"), Some("Unavailable")),
    may_miss(at(Scenario::Replaced, "ListTagsForResource", 0), None, Some("NotFound")),
    // The group is as gone as it should be, and the deadline ends the wait for a deletion that nobody carries out.
    may_miss(at(Scenario::Replaced, "DescribeDatasetGroup", 1), Some("ProvisioningTimedOut"), Some("Unavailable")),
    may_miss(
        at(Scenario::Replaced, "DeleteDatasetGroup", 0),
        Some("ProvisioningTimedOut"),
        Some("ProvisioningTimedOut"),
    ),
    // The poll step.
    may_miss(at(Scenario::Created, "DescribeDatasetGroup", 1), None, Some("NotFound")),
    may_miss(at(Scenario::Created, "DescribeDatasetGroup", 3), None, Some("NotFound")),
    may_miss(at(Scenario::Failed, "DescribeDatasetGroup", 1), Some("DatasetGroupCreateFailed"), Some("NotFound")),
    // The bootstrap step.
    may_miss(at(Scenario::Created, "GetGroupProfile", 0), None, None),
    may_miss(at(Scenario::ForRole, "SearchGroupProfiles", 0), None, None),
    at(Scenario::Adopted, "ListTagsForResource", 0),
    at(Scenario::Created, "CreateGroupProfile", 0),
    at(Scenario::ForRole, "UpdateGroupProfile", 0),
    at(Scenario::Created, "ListTagsForResource", 0),
    at(Scenario::Created, "ListTagsForResource", 1),
    at(Scenario::Adopted, "ListTagsForResource", 1),
    at(Scenario::Adopted, "TagResource", 0),
    at(Scenario::Created, "TagResource", 0),
    at(Scenario::Created, "ListTagsForResource", 2),
    // The add step.
    at(Scenario::Member, "ListProjectMemberships", 0),
    at(Scenario::Member, "CreateProjectMembership", 0),
    at(Scenario::Member, "ListProjectMemberships", 1),
];

impl CallSite {
    pub fn service(self) -> Service {
        let of_datazone = ["GroupProfile", "ProjectMembership"].iter().any(|word| self.operation.contains(word));
        if of_datazone { Service::DataZone } else { Service::Personalize }
    }
}

impl Scenario {
    pub async fn prepare(self, setup: &Setup) {
        match self {
            Self::Created => {}
            Self::LostRace => {
                let steps = vec![Step::not_found(), Step::status("ACTIVE")];
                setup.put(DatasetGroupState { steps, ..setup.older_group() }).await;
            }
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
            Self::Member => {
                setup.put_group("ACTIVE").await;
                setup.put_profile(Profile::of_group(GROUP, ProfileStatus::Assigned)).await;
                setup.put_profile(Profile::of_role(ROLE, ProfileStatus::Assigned)).await;
                let role = setup.profiles().await.remove(1).id;
                setup.put_project(PROJECT, &[(&role, "PROJECT_OWNER")]).await;
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
            Self::Created | Self::LostRace | Self::Adopted | Self::Replaced => changed(request(), &policy),
            Self::ForRole => {
                let encryption = json!({"datasetGroup": {"kmsKeyArn": KEY, "roleArn": SERVICE_ROLE}});
                changed(changed(request_for_role(), &encryption), &policy)
            }
            Self::Member => {
                let projects = json!([{"projectIdentifier": PROJECT, "designation": "PROJECT_CATALOG_VIEWER"}]);
                changed(changed(request(), &json!({"groupProfile": {"projects": projects}})), &policy)
            }
            Self::Failed => changed(request(), &json!({"policy": {"timeoutSeconds": 300}})),
        }
    }

    /// The error of an execution without faults.
    pub const fn error(self) -> Option<&'static str> {
        match self {
            Self::Failed => Some("DatasetGroupCreateFailed"),
            Self::Created | Self::LostRace | Self::ForRole | Self::Adopted | Self::Member | Self::Replaced => None,
        }
    }

    /// Where the group of the first execution came from.
    pub const fn disposition(self) -> Disposition {
        match self {
            Self::Created | Self::Replaced | Self::Failed => Disposition::Created,
            Self::LostRace | Self::ForRole | Self::Adopted | Self::Member => Disposition::Adopted,
        }
    }

    /// What executions of the request change, all together and each once.
    pub const fn effects(self) -> &'static [&'static str] {
        match self {
            Self::Created => &["CreateDatasetGroup", "CreateGroupProfile", "TagResource"],
            Self::LostRace => &["CreateGroupProfile", "TagResource"],
            Self::ForRole | Self::Adopted => &["UpdateGroupProfile", "TagResource"],
            Self::Member => &["TagResource", "CreateProjectMembership"],
            Self::Replaced => &["DeleteDatasetGroup", "CreateDatasetGroup", "CreateGroupProfile", "TagResource"],
            Self::Failed => &["CreateDatasetGroup"],
        }
    }

    /// The call sites of the scenario, each with the true response.
    pub async fn exchanges(self) -> Vec<(CallSite, Exchange)> {
        let mut setup = Setup::start().await;
        self.prepare(&setup).await;
        let between = setup.put_between().await;
        let ended = setup.provision(&self.request()).await;
        self.is_true(&setup, &ended).await.expect("the truth is true");
        let exchanges = between.take_exchanges();
        let exchange = |site: CallSite| {
            let mut calls = exchanges.iter().filter(|exchange| exchange.operation == site.operation);
            calls.nth(site.passed as usize).unwrap_or_else(|| panic!("{site:?} makes no call")).clone()
        };
        let sites = CALL_SITES.into_iter().filter(|site| site.scenario == self);
        sites.map(|site| (site, exchange(site))).collect()
    }

    /// Whether what an execution without faults said is what there is.
    pub async fn is_true(self, setup: &Setup, ended: &Result<Provisioned, StepError>) -> Result<(), String> {
        match ended {
            Err(error) if self.error() == Some(error.name()) => Ok(()),
            Err(error) => Err(format!("{}: {error}", error.name())),
            Ok(Provisioned { failed: Some(cause), .. }) => Err(format!("{}: {}", cause.error, cause.message)),
            Ok(done) => told_truly(setup, done).await,
        }
    }
}

const PROJECT: &str = "5rz8k2m4n6p1qa";
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
    let members: Vec<_> = setup.projects().await.into_iter().flat_map(|project| project.members).collect();
    for Membership { designation, .. } in &done.changes.projects {
        let is_member = members
            .iter()
            .any(|member| member.group_id.as_deref() == Some(GROUP) && member.designation == *designation);
        law(is_member, "the profile is no such member")?;
    }
    let shows = |key: &String| group.tags.iter().any(|tag| tag.tag_key == *key);
    law(done.changes.tags_added.iter().all(shows), "a tag that was added is not there")?;
    law(
        group.tags.iter().all(|tag| tag.tag_key != "other" || tag.tag_value == "kept"),
        "somebody's tag was overwritten",
    )
}
