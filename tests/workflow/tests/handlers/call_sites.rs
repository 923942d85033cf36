//! The places where a function calls a service.

use contract::{DatasetGroupStatus, StepError};
use serde_json::{Value, json};
use simulators::{DatasetGroupState, Profile, ProfileStatus, Service, Step};
use workflow_tests::{GROUP, Setup, changed, request, request_for_role};

/// One call of one function, on a path that leads there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallSite {
    /// `create-dataset-group` looks for a group that is not there.
    CreateLook,
    /// It creates the group.
    CreateGroup,
    /// It looks again, because another execution was faster.
    CreateLookAgain,
    /// It reads the tags of a group whose creation failed.
    ReplaceListTags,
    /// It looks at that group again.
    ReplaceLookAgain,
    /// It deletes that group.
    ReplaceDelete,
    /// `poll-status` looks at the group.
    PollLook,
    /// `bootstrap-group-profile` looks for the profile of a group of people that has none.
    AttachGet,
    /// It looks for the profile of a role that has none.
    AttachSearch,
    /// It reads the link.
    AttachListTags,
    /// It creates the profile.
    AttachCreate,
    /// It assigns the profile.
    AttachUpdate,
    /// It reads the link again before it writes it.
    AttachListTagsAgain,
    /// It writes the link.
    AttachTag,
    /// It reads the link that it wrote.
    AttachReadBack,
}

impl CallSite {
    pub const ALL: [Self; 15] = [
        Self::CreateLook,
        Self::CreateGroup,
        Self::CreateLookAgain,
        Self::ReplaceListTags,
        Self::ReplaceLookAgain,
        Self::ReplaceDelete,
        Self::PollLook,
        Self::AttachListTags,
        Self::AttachGet,
        Self::AttachSearch,
        Self::AttachCreate,
        Self::AttachUpdate,
        Self::AttachListTagsAgain,
        Self::AttachTag,
        Self::AttachReadBack,
    ];

    pub const fn service(self) -> Service {
        match self {
            Self::CreateLook
            | Self::CreateGroup
            | Self::CreateLookAgain
            | Self::ReplaceListTags
            | Self::ReplaceLookAgain
            | Self::ReplaceDelete
            | Self::PollLook
            | Self::AttachListTags
            | Self::AttachListTagsAgain
            | Self::AttachTag
            | Self::AttachReadBack => Service::Personalize,
            Self::AttachGet | Self::AttachSearch | Self::AttachCreate | Self::AttachUpdate => Service::DataZone,
        }
    }

    pub const fn operation(self) -> &'static str {
        match self {
            Self::CreateLook | Self::CreateLookAgain | Self::ReplaceLookAgain | Self::PollLook => {
                "DescribeDatasetGroup"
            }
            Self::CreateGroup => "CreateDatasetGroup",
            Self::ReplaceListTags | Self::AttachListTags | Self::AttachListTagsAgain | Self::AttachReadBack => {
                "ListTagsForResource"
            }
            Self::AttachTag => "TagResource",
            Self::ReplaceDelete => "DeleteDatasetGroup",
            Self::AttachGet => "GetGroupProfile",
            Self::AttachSearch => "SearchGroupProfiles",
            Self::AttachCreate => "CreateGroupProfile",
            Self::AttachUpdate => "UpdateGroupProfile",
        }
    }

    /// True when the call changes what a look has just shown: it is not sent again without another look.
    pub const fn acts_on_a_look(self) -> bool {
        match self {
            Self::ReplaceDelete | Self::AttachTag => true,
            Self::CreateLook
            | Self::CreateGroup
            | Self::CreateLookAgain
            | Self::ReplaceListTags
            | Self::ReplaceLookAgain
            | Self::PollLook
            | Self::AttachListTags
            | Self::AttachGet
            | Self::AttachSearch
            | Self::AttachCreate
            | Self::AttachUpdate
            | Self::AttachListTagsAgain
            | Self::AttachReadBack => false,
        }
    }

    /// Calls of the operation that the function makes before it comes here.
    pub const fn passed(self) -> u32 {
        match self {
            Self::AttachReadBack => 2,
            Self::CreateLookAgain | Self::ReplaceLookAgain | Self::AttachListTagsAgain => 1,
            Self::CreateLook
            | Self::CreateGroup
            | Self::ReplaceListTags
            | Self::ReplaceDelete
            | Self::PollLook
            | Self::AttachListTags
            | Self::AttachGet
            | Self::AttachSearch
            | Self::AttachCreate
            | Self::AttachUpdate
            | Self::AttachTag => 0,
        }
    }

    /// Calls of the operation on this path when nothing goes wrong.
    pub const fn calls(self) -> u32 {
        match self {
            Self::AttachListTags | Self::AttachListTagsAgain | Self::AttachReadBack => 3,
            Self::CreateLook
            | Self::CreateGroup
            | Self::CreateLookAgain
            | Self::ReplaceListTags
            | Self::ReplaceLookAgain
            | Self::ReplaceDelete
            | Self::PollLook
            | Self::AttachGet
            | Self::AttachSearch
            | Self::AttachCreate
            | Self::AttachUpdate
            | Self::AttachTag => self.passed() + 1,
        }
    }

    /// Everything that is changed on this path, however often it has to be gone.
    pub const fn effects(self) -> &'static [&'static str] {
        match self {
            Self::CreateLook | Self::CreateGroup => &["CreateDatasetGroup"],
            Self::CreateLookAgain | Self::PollLook => &[],
            Self::ReplaceListTags | Self::ReplaceLookAgain | Self::ReplaceDelete => &["DeleteDatasetGroup"],
            Self::AttachListTags
            | Self::AttachListTagsAgain
            | Self::AttachReadBack
            | Self::AttachGet
            | Self::AttachSearch
            | Self::AttachCreate
            | Self::AttachTag => &["CreateGroupProfile", "TagResource"],
            Self::AttachUpdate => &["UpdateGroupProfile", "TagResource"],
        }
    }

    /// Prepares what leads the function to this call.
    pub async fn prepare(self, setup: &Setup) {
        match self {
            Self::CreateLook | Self::CreateGroup => {}
            Self::CreateLookAgain => {
                let steps = vec![Step::not_found(), Step::status("ACTIVE")];
                setup.put(DatasetGroupState { steps, ..setup.older_group() }).await;
            }
            Self::ReplaceListTags | Self::ReplaceLookAgain | Self::ReplaceDelete => {
                setup.put_group("CREATE FAILED").await;
            }
            Self::AttachUpdate => {
                setup.put_group("ACTIVE").await;
                setup.put_profile(Profile::of_group(GROUP, ProfileStatus::NotAssigned)).await;
            }
            Self::PollLook
            | Self::AttachListTags
            | Self::AttachListTagsAgain
            | Self::AttachReadBack
            | Self::AttachGet
            | Self::AttachSearch
            | Self::AttachCreate
            | Self::AttachTag => setup.put_group("ACTIVE").await,
        }
    }

    /// Runs the function.
    pub async fn run(self, setup: &Setup) -> Result<(), StepError> {
        match self {
            Self::CreateLook | Self::CreateGroup | Self::CreateLookAgain => setup.create(&request()).await.map(drop),
            Self::ReplaceListTags | Self::ReplaceLookAgain | Self::ReplaceDelete => {
                setup.create(&replacing()).await.map(drop)
            }
            Self::PollLook => setup.poll(DatasetGroupStatus::CreatePending, 20).await.map(drop),
            Self::AttachSearch => setup.bootstrap(&request_for_role()).await.map(drop),
            Self::AttachListTags
            | Self::AttachListTagsAgain
            | Self::AttachReadBack
            | Self::AttachGet
            | Self::AttachCreate
            | Self::AttachUpdate
            | Self::AttachTag => setup.bootstrap(&request()).await.map(drop),
        }
    }

    /// The function runs again without faults: it succeeds, and all its runs together changed everything once.
    pub async fn converge(self, setup: &Setup) -> Result<(), String> {
        self.run(setup).await.map_err(|error| format!("the rerun ended in {}: {error}", error.name()))?;
        let effects = setup.effects().await;
        if effects != self.effects() {
            return Err(format!("both runs together had the effects {effects:?}, not {:?}", self.effects()));
        }
        Ok(())
    }
}

fn replacing() -> Value {
    changed(request(), &json!({"policy": {"ifCreateFailed": "REPLACE"}}))
}
