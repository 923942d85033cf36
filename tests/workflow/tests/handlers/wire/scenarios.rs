//! Executions in which every request is sent, with every member that it can have.

use serde_json::json;
use simulators::{DatasetGroupState, Profile, ProfileStatus, Script};
use workflow_tests::{
    DOMAIN, Exchange, GROUP, GROUP_NAME, KEY, PROJECT, ROLE, Setup, changed, request, request_for_role, retirement,
    retirement_for_role, tag,
};

/// What the services have before, and the request of the execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// A custom group with a key, for a group of people by its name, which has to be escaped in a path.
    CreateWithKey,
    /// A group of a domain, with tags, for a role.
    CreateForRole,
    /// A group that exists is adopted, gets a tag, and its profile is assigned.
    AdoptAndAssign,
    /// The role is on the second page of profiles.
    SearchTwoPages,
    /// The group becomes a member of a project that has two pages of members.
    BecomeMember,
    /// A role's profile becomes a member by its own id.
    BecomeMemberAsRole,
    /// A group whose creation failed is replaced.
    Replace,
    /// Another execution was faster.
    LoseTheRace,
    /// The creation fails.
    Fail,
    /// A linked group is retired, and its profile is removed from a project.
    Retire,
    /// The same for the profile of a role.
    RetireForRole,
}

impl Scenario {
    pub const ALL: [Self; 11] = [
        Self::CreateWithKey,
        Self::CreateForRole,
        Self::AdoptAndAssign,
        Self::SearchTwoPages,
        Self::BecomeMember,
        Self::BecomeMemberAsRole,
        Self::Replace,
        Self::LoseTheRace,
        Self::Fail,
        Self::Retire,
        Self::RetireForRole,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateWithKey => "create-with-key",
            Self::CreateForRole => "create-for-role",
            Self::AdoptAndAssign => "adopt-and-assign",
            Self::SearchTwoPages => "search-two-pages",
            Self::BecomeMember => "become-member",
            Self::BecomeMemberAsRole => "become-member-as-role",
            Self::Replace => "replace",
            Self::LoseTheRace => "lose-the-race",
            Self::Fail => "fail",
            Self::Retire => "retire",
            Self::RetireForRole => "retire-for-role",
        }
    }

    /// What goes over the wire.
    pub async fn exchanges(self) -> Vec<Exchange> {
        let mut setup = Setup::start().await;
        let request = match self {
            Self::CreateWithKey => changed(
                request(),
                &json!({
                    "datasetGroup": {"domain": null, "tags": null, "kmsKeyArn": KEY, "roleArn": "arn:aws:iam::123456789012:role/personalize"},
                    "groupProfile": {"groupIdentifier": GROUP_NAME, "clientToken": "the-token-of-the-sender"}
                }),
            ),
            Self::CreateForRole => request_for_role(),
            Self::AdoptAndAssign => {
                setup.put(DatasetGroupState { tags: vec![tag("other", "kept")], ..setup.older_group() }).await;
                setup.put_profile(Profile::of_group(GROUP, ProfileStatus::NotAssigned)).await;
                request()
            }
            Self::SearchTwoPages => {
                setup.put_group("ACTIVE").await;
                for number in 0..50 {
                    setup.put_profile(Profile::of_role(&format!("{ROLE}-{number}"), ProfileStatus::Assigned)).await;
                }
                setup.put_profile(Profile::of_role(ROLE, ProfileStatus::Assigned)).await;
                request_for_role()
            }
            Self::BecomeMember => {
                setup.put_group("ACTIVE").await;
                setup.put_profile(Profile::of_group(GROUP, ProfileStatus::Assigned)).await;
                let others: Vec<_> =
                    (0..51).map(|number| format!("00000000-0000-4000-8000-0000000000{number:02}")).collect();
                let groups: Vec<_> = others.iter().map(|id| (id.as_str(), id.as_str())).collect();
                setup.control.add_domain(DOMAIN, &groups).await.expect("an order");
                let members: Vec<_> = others.iter().map(|id| (id.as_str(), "PROJECT_OWNER")).collect();
                setup.put_project(PROJECT, &members).await;
                changed(request(), &json!({"groupProfile": {"projects": [{"projectIdentifier": PROJECT}]}}))
            }
            Self::BecomeMemberAsRole => {
                setup.put_group("ACTIVE").await;
                setup.put_profile(Profile::of_role(ROLE, ProfileStatus::Assigned)).await;
                setup.put_project(PROJECT, &[]).await;
                let projects = json!([{"projectIdentifier": PROJECT, "designation": "PROJECT_CATALOG_STEWARD"}]);
                changed(request_for_role(), &json!({"groupProfile": {"projects": projects}}))
            }
            Self::Replace => {
                setup.put_group("CREATE FAILED").await;
                changed(request(), &json!({"policy": {"ifCreateFailed": "REPLACE"}}))
            }
            Self::LoseTheRace => {
                let steps = vec![simulators::Step::not_found(), simulators::Step::status("ACTIVE")];
                setup.put(DatasetGroupState { steps, ..setup.older_group() }).await;
                request()
            }
            Self::Fail => {
                setup.script(Script::create_fails("no access to the key")).await;
                request()
            }
            Self::Retire => {
                setup.put_linked_group("ACTIVE", Profile::of_group(GROUP, ProfileStatus::Assigned), PROJECT).await;
                retirement(&[PROJECT])
            }
            Self::RetireForRole => {
                setup.put_linked_group("ACTIVE", Profile::of_role(ROLE, ProfileStatus::Assigned), PROJECT).await;
                retirement_for_role(&[PROJECT])
            }
        };
        let between = setup.put_between().await;
        let ended = if matches!(self, Self::Retire | Self::RetireForRole) {
            setup.retire(&request).await.map(drop)
        } else {
            setup.provision(&request).await.map(drop)
        };
        assert_eq!(
            ended.map_err(|error| error.name()).err(),
            (self == Self::Fail).then_some("DatasetGroupCreateFailed")
        );
        between.take_exchanges()
    }
}
