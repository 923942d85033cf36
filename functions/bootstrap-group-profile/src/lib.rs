//! The bootstrap step: finds, creates or assigns the group profile, and writes the missing tags of the dataset group, the link
//! to the profile among them. No other step writes tags. In the mode PLAN it decides in the same way and then says what it
//! would do.

mod profile;
mod tagging;

use aws_sdk_datazone::Client as DataZone;
use aws_sdk_personalize::Client as Personalize;
use contract::outcome::{Changes, ProfileChange};
use contract::plan::{GroupAction, LinkAction, Plan, ProfilePlan};
use contract::request::{GroupProfileRequest, Tag};
use contract::resources::{DOMAIN_TAG, GROUP_PROFILE_TAG};
use contract::{DatasetGroup, Execution, GroupProfile, StepError};
use dataset_group::{Link, Tags, add_tags, call, list_tags};
use domain_access::{Clients, DomainAccess};
use serde::{Deserialize, Serialize};
use wiring::LogSummary;

/// What the state machine passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The group, ACTIVE; in a plan, as it would be used.
    pub dataset_group: DatasetGroup,
    /// The tags that the request asks for.
    pub tags: Vec<Tag>,
    /// The profile that the group shall be linked to.
    pub group_profile: GroupProfileRequest,
    /// Where the domain is.
    pub domain_access: DomainAccess,
    /// The execution.
    pub execution: Execution,
    /// What the step before would do, in the mode PLAN.
    pub plan: Option<Plan>,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Output {
    /// What was done.
    Attached(Attached),
    /// What would be done, with the profile and the link.
    Planned {
        /// The plan.
        plan: Plan,
    },
}

/// The profile that the group is linked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attached {
    /// The profile, ASSIGNED.
    pub group_profile: GroupProfile,
    /// What the execution has changed on what it found.
    pub changes: Changes,
    /// Whether the step for projects follows, for the log.
    #[serde(skip)]
    projects_follow: bool,
}

impl LogSummary for Output {
    fn decision(&self) -> &'static str {
        match self {
            Self::Attached(Attached { projects_follow: true, .. }) => "projects follow",
            Self::Attached(Attached { changes, .. }) => changes.decision(),
            Self::Planned { .. } => "planned",
        }
    }
}

/// Makes sure that the profile exists, is ASSIGNED, and is the one that the group is linked to, and that the group has
/// the tags of the request. Or plans it.
///
/// Profile and tags are read before anything is changed: a group that is linked to another profile, or that has no room
/// for the tags, stays as it is.
///
/// # Errors
/// [`StepError::DatasetGroupConflict`] when the group is linked to another profile, [`StepError::TooManyTags`],
/// [`StepError::NotFound`] when DataZone does not know the domain or the group, [`StepError::Unavailable`] when the
/// profile is not returned as ASSIGNED or a tag is not visible yet, and what the services' errors mean.
pub async fn handle(clients: &Clients, personalize: &Personalize, input: Input) -> Result<Output, StepError> {
    let domain = input.domain_access.clone();
    let datazone = clients.client(&domain, &input.execution).await?;
    let Input { dataset_group: DatasetGroup { dataset_group_arn: arn, .. }, tags, group_profile: request, .. } = input;
    let step = Step { datazone, personalize, arn, tags, request };
    let done = match input.plan {
        None => step.attach().await,
        Some(plan) => step.plan(plan).await,
    };
    done.map_err(|error| domain.named(error))
}

/// One run of the step.
struct Step<'a> {
    datazone: DataZone,
    personalize: &'a Personalize,
    arn: String,
    tags: Vec<Tag>,
    request: GroupProfileRequest,
}

impl Step<'_> {
    async fn attach(self) -> Result<Output, StepError> {
        let found = profile::find(&self.datazone, &self.request).await?;
        let existing = list_tags(self.personalize, &self.arn).await?;
        let found = self.decide(found, &existing).await?;
        let (group_profile, change) = profile::ensure_assigned(&self.datazone, &self.request, found).await?;
        let (tags_added, tags_kept) = self.tag(&group_profile, existing, change == ProfileChange::Kept).await?;
        let changes = Changes { tags_added, tags_kept, group_profile: Some(change), projects: vec![] };
        let projects_follow = !self.request.projects.is_empty();
        Ok(Output::Attached(Attached { group_profile, changes, projects_follow }))
    }

    /// The profile to use, if there is one. A group that is linked to another profile, or that has no room for the tags, is
    /// refused.
    async fn decide(
        &self,
        mut found: Option<GroupProfile>,
        existing: &Tags,
    ) -> Result<Option<GroupProfile>, StepError> {
        let link = Link::read(existing);
        // Another execution may have created the profile and linked the group to it between the two reads.
        if found.is_none() && link.group_profile_id.is_some() {
            found = profile::find(&self.datazone, &self.request).await?;
        }
        let id = found.as_ref().map(|profile| profile.id.as_str());
        link.conflict(&self.arn, self.request.domain_identifier.as_str(), id)?;
        tagging::room(&self.arn, &self.tags, existing)?;
        Ok(found)
    }

    fn requested(&self) -> Tags {
        self.tags.iter().map(Tag::pair).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// The tags of the request and of the link.
    fn wanted(&self, profile_id: &str) -> Tags {
        let link = Link::tags(self.request.domain_identifier.as_str(), profile_id);
        self.requested().into_iter().chain(link).collect()
    }

    /// What [`Self::attach`] would do.
    async fn plan(self, mut plan: Plan) -> Result<Output, StepError> {
        let planned = self.add_to(&mut plan).await;
        let plan = match planned {
            Ok(()) => plan,
            Err(error) => {
                let refused = matches!(error, StepError::DatasetGroupConflict { .. });
                plan.link = refused.then_some(LinkAction::Refuse);
                plan.failing(error)?
            }
        };
        Ok(Output::Planned { plan })
    }

    async fn add_to(&self, plan: &mut Plan) -> Result<(), StepError> {
        let found = profile::find(&self.datazone, &self.request).await?;
        let existing = match plan.dataset_group.action {
            GroupAction::Adopt => list_tags(self.personalize, &self.arn).await?,
            // The group would be created with them.
            GroupAction::Create | GroupAction::AwaitDeletion | GroupAction::Replace | GroupAction::Refuse => {
                self.requested()
            }
        };
        let found = self.decide(found, &existing).await?;
        let id = found.as_ref().map(|profile| profile.id.clone());
        // A profile that is still to be created gets a new id, which no group is linked to.
        let wanted = self.wanted(id.as_deref().unwrap_or_default());
        let missing = tagging::missing(&wanted, &existing);
        let unlinked = [DOMAIN_TAG, GROUP_PROFILE_TAG].iter().any(|key| missing.contains_key(*key));
        plan.link = Some(if unlinked { LinkAction::Add } else { LinkAction::Keep });
        plan.group_profile = Some(ProfilePlan { action: profile::change(found.as_ref()).into(), id });
        plan.dataset_group.tags_to_add = missing.into_keys().collect();
        plan.dataset_group.tags_kept = tagging::kept(&wanted, &existing);
        Ok(())
    }

    /// Adds the missing tags, and returns the keys of the added ones and of those that the group has with another value.
    ///
    /// Tags cannot be written on a condition. So they are read right before they are written (again, if the profile took its
    /// time and they are not `fresh`), and once more afterwards: of two executions that link the group to different profiles at
    /// once, the one that comes second finds the other's link. What is left is the moment between a read and its write.
    async fn tag(
        &self,
        profile: &GroupProfile,
        mut existing: Tags,
        fresh: bool,
    ) -> Result<(Vec<String>, Vec<String>), StepError> {
        let (personalize, arn, wanted) = (self.personalize, &self.arn, &self.wanted(&profile.id));
        let conflict = |tags: &Tags| Link::read(tags).conflict(arn, &profile.domain_id, Some(&profile.id));
        let mut missing = tagging::missing(wanted, &existing);
        if !missing.is_empty() {
            if !fresh {
                existing = list_tags(personalize, arn).await?;
                conflict(&existing)?;
                missing = tagging::missing(wanted, &existing);
            }
            add_tags(personalize, arn, &missing).await?;
            let written = list_tags(personalize, arn).await?;
            conflict(&written)?;
            if let Some(key) = tagging::missing(wanted, &written).keys().next() {
                let message =
                    format!("tag {key} was added but is not visible: it may appear later, or somebody removed it");
                return Err(call("ListTagsForResource", arn).unfinished(message));
            }
        }
        Ok((missing.into_keys().collect(), tagging::kept(wanted, &existing)))
    }
}
