//! The call sites: scenarios of the whole workflow in which every call of the functions is made, and the calls in them.

use contract::StepError;
use contract::outcome::Disposition;
use contract::step_error::Cause;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulators::{ContentKind, Contents, DatasetGroupState, Profile, ProfileStatus, Script, Service, Step};
use workflow_tests::{
    Exchange, GROUP, KEY, NAME, PROJECT, ROLE, Setup, changed, request, request_for_role, retirement,
    retirement_for_role, tag,
};

use super::outcomes::{Outcome, told_truly};

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
    /// A linked group is retired, and its profile is removed from a project.
    Retired,
    /// The same for the profile of the role, among others.
    RetiredForRole,
    /// A linked group is not retired, because each kind of resource is in it.
    InUse,
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
pub const CALL_SITES: [CallSite; 40] = [
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
    // The retire step. A group that is not found once is looked for again; one that the service never finds is ABSENT.
    may_miss(at(Scenario::Retired, "DescribeDatasetGroup", 0), Some("Unavailable"), None),
    // Without a profile there is no proof.
    may_miss(at(Scenario::Retired, "GetGroupProfile", 0), Some("DatasetGroupConflict"), Some("DatasetGroupConflict")),
    may_miss(
        at(Scenario::RetiredForRole, "SearchGroupProfiles", 0),
        Some("DatasetGroupConflict"),
        Some("DatasetGroupConflict"),
    ),
    may_miss(at(Scenario::Retired, "ListTagsForResource", 0), Some("Unavailable"), Some("Unavailable")),
    at(Scenario::InUse, "ListDatasets", 0),
    at(Scenario::InUse, "ListSolutions", 0),
    at(Scenario::InUse, "ListEventTrackers", 0),
    at(Scenario::InUse, "ListRecommenders", 0),
    at(Scenario::InUse, "ListFilters", 0),
    at(Scenario::Retired, "ListProjectMemberships", 0),
    at(Scenario::Retired, "DeleteProjectMembership", 0),
    at(Scenario::Retired, "ListProjectMemberships", 1),
    may_miss(at(Scenario::Retired, "DescribeDatasetGroup", 1), None, None),
    may_miss(at(Scenario::Retired, "DeleteDatasetGroup", 0), None, Some("ProvisioningTimedOut")),
    // The poll step of a retirement.
    may_miss(at(Scenario::Retired, "DescribeDatasetGroup", 2), None, None),
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
            Self::Retired => put_linked_group(setup, Profile::of_group(GROUP, ProfileStatus::Assigned)).await,
            Self::RetiredForRole => {
                setup.put_profile(Profile::of_role(&format!("{ROLE}-others"), ProfileStatus::Assigned)).await;
                put_linked_group(setup, Profile::of_role(ROLE, ProfileStatus::Assigned)).await;
            }
            Self::InUse => {
                put_linked_group(setup, Profile::of_group(GROUP, ProfileStatus::Assigned)).await;
                let contents = ContentKind::ALL.map(|kind| (kind, vec!["interactions".to_owned()]));
                setup.control.put_contents(NAME, &Contents::from(contents)).await.expect("an order");
            }
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
            Self::Retired | Self::InUse => retirement(&[PROJECT]),
            Self::RetiredForRole => retirement_for_role(&[PROJECT]),
        }
    }

    /// Whose profile the request names.
    pub const fn principal(self) -> &'static str {
        match self {
            Self::ForRole | Self::RetiredForRole => ROLE,
            Self::Created
            | Self::LostRace
            | Self::Adopted
            | Self::Member
            | Self::Replaced
            | Self::Failed
            | Self::Retired
            | Self::InUse => GROUP,
        }
    }

    /// Goes through the workflow that the request is for, and calls `failed` with each failure of a step.
    ///
    /// # Errors
    /// What the execution ends with, unless that is part of an outcome.
    pub async fn execute(self, setup: &Setup, failed: impl AsyncFn(&Cause)) -> Result<Outcome, StepError> {
        let request = self.request();
        match self {
            Self::Created
            | Self::LostRace
            | Self::ForRole
            | Self::Adopted
            | Self::Member
            | Self::Replaced
            | Self::Failed => setup.provision_reporting(&request, failed).await.map(Outcome::Provisioned),
            Self::Retired | Self::RetiredForRole | Self::InUse => {
                setup.retire_reporting(&request, failed).await.map(Outcome::Retired)
            }
        }
    }

    /// The error of an execution without faults.
    pub const fn error(self) -> Option<&'static str> {
        match self {
            Self::Failed => Some("DatasetGroupCreateFailed"),
            Self::InUse => Some("DatasetGroupInUse"),
            Self::Created
            | Self::LostRace
            | Self::ForRole
            | Self::Adopted
            | Self::Member
            | Self::Replaced
            | Self::Retired
            | Self::RetiredForRole => None,
        }
    }

    /// Where the group that the first execution provisions came from.
    pub const fn disposition(self) -> Option<Disposition> {
        match self {
            Self::Created | Self::Replaced | Self::Failed => Some(Disposition::Created),
            Self::LostRace | Self::ForRole | Self::Adopted | Self::Member => Some(Disposition::Adopted),
            Self::Retired | Self::RetiredForRole | Self::InUse => None,
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
            Self::Retired | Self::RetiredForRole => &["DeleteProjectMembership", "DeleteDatasetGroup"],
            Self::InUse => &[],
        }
    }

    /// The call sites of the scenario, each with the true response.
    pub async fn exchanges(self) -> Vec<(CallSite, Exchange)> {
        let mut setup = Setup::start().await;
        self.prepare(&setup).await;
        let between = setup.put_between().await;
        let ended = self.execute(&setup, async |_| {}).await;
        self.is_true(&setup, &ended).await.expect("the truth is true");
        let exchanges = between.take_exchanges();
        let exchange = |site: CallSite| {
            let mut calls = exchanges.iter().filter(|exchange| exchange.operation == site.operation);
            calls.nth(site.passed as usize).unwrap_or_else(|| panic!("{site:?} makes no call")).clone()
        };
        let sites = CALL_SITES.into_iter().filter(|site| site.scenario == self);
        sites.map(|site| (site, exchange(site))).collect()
    }

    /// Whether what an execution without faults said is what there is, and the request is fulfilled.
    pub async fn is_true(self, setup: &Setup, ended: &Result<Outcome, StepError>) -> Result<(), String> {
        match ended {
            Err(error) if self.error() == Some(error.name()) => Ok(()),
            Err(error) => Err(format!("{}: {error}", error.name())),
            Ok(done) => {
                if let Some(cause) = done.failed() {
                    return Err(format!("{}: {}", cause.error, cause.message));
                }
                told_truly(setup, done).await?;
                if done.is_fulfilled(setup).await { Ok(()) } else { Err("the request is not fulfilled".to_owned()) }
            }
        }
    }
}

/// A linked group of a fixed date, so that a recorded description is true of it.
async fn put_linked_group(setup: &Setup, profile: Profile) {
    let profile = Profile { id: PROFILE.to_owned(), ..profile };
    setup.put_linked_group("ACTIVE", profile, PROJECT).await;
    let group = setup.group().await.expect("a group");
    setup.put(DatasetGroupState { creation_date_time: Some(CREATED), ..group }).await;
}

const PROFILE: &str = "0d1e2f3a-5678-90ab-cdef-112233445566";
const CREATED: Timestamp = Timestamp::constant(1_767_225_600, 0);
const SERVICE_ROLE: &str = "arn:aws:iam::123456789012:role/personalize";
