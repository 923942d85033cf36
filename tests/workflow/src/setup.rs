//! The simulators of one test, and the handlers in front of them.

use add_project_members::Added;
use bootstrap_group_profile::{Attached, Output};
use contract::outcome::Changes;
use contract::request::{DatasetGroupRequest, Domain, Guards};
use contract::{DatasetGroup, DatasetGroupStatus, Execution, FunctionArn, GroupProfile, Plan, Request, StepError};
use domain_access::DomainAccess;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulators::{
    Call, CallFilter, Control, DatasetGroupState, Fault, Kind, Profile, Project, Script, Service, Settings, Simulators,
    Tag, Urls,
};
use wiring::Invocation;

use crate::between::Between;
use crate::calls::described;
use crate::clients::{Clients, Pace};
use crate::documents::{DOMAIN, GROUP, GROUP_NAME, NAME, ROLE, request};

/// What a test prepares: simulators in which the domain, the group of people and the role of the requests exist, and
/// nothing else, and the clients of the handlers.
#[derive(Debug)]
pub struct Setup {
    simulators: Simulators,
    /// Gives the simulators orders.
    pub control: Control,
    /// What the handlers call with.
    pub clients: Clients,
    settings: Settings,
    /// When the execution started that the handlers belong to.
    pub started: Timestamp,
}

/// A tag as the simulators have it.
#[must_use]
pub fn tag(key: &str, value: &str) -> Tag {
    Tag { tag_key: key.to_owned(), tag_value: value.to_owned() }
}

#[expect(clippy::missing_panics_doc, reason = "an order that the simulators refuse is a mistake of the test")]
impl Setup {
    /// In the commercial partition.
    pub async fn start() -> Self {
        Self::start_at(Pace::Deployed).await
    }

    /// With clients of another pace.
    pub async fn start_at(pace: Pace) -> Self {
        Self::start_with(Settings { account: "123456789012".to_owned(), ..Settings::default() }, pace).await
    }

    /// Wherever the settings say.
    pub async fn start_with(settings: Settings, pace: Pace) -> Self {
        let simulators = Simulators::start(settings.clone()).await.expect("free ports");
        let control = Control::new(simulators.control_url());
        control.add_domain(DOMAIN, &[(GROUP, GROUP_NAME)]).await.expect("a domain");
        control.add_role(DOMAIN, ROLE).await.expect("a role");
        let clients = Clients::new(simulators.urls(), &settings.region, pace).await;
        // The service tells of creation dates to the millisecond, and an execution starts at one too.
        let started = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).expect("a time of today");
        Self { simulators, control, clients, settings, started }
    }

    /// Lets the clients call one of the services where nobody listens.
    pub async fn hang_up(&mut self, service: Service) {
        let nobody = "http://127.0.0.1:1".to_owned();
        let urls = self.simulators.urls().clone();
        let urls = match service {
            Service::Personalize => Urls { personalize: nobody, ..urls },
            Service::DataZone => Urls { datazone: nobody, ..urls },
        };
        self.clients = Clients::new(&urls, &self.settings.region, Pace::Deployed).await;
    }

    /// Puts a listener between the clients and the simulators.
    pub async fn put_between(&mut self) -> Between {
        let between = Between::start(self.simulators.urls()).await;
        self.clients = Clients::new(between.urls(), &self.settings.region, Pace::Deployed).await;
        between
    }

    /// Gives the handlers new clients, as a new process has them, that call the simulators.
    pub async fn call_again(&mut self) {
        self.clients = Clients::new(self.simulators.urls(), &self.settings.region, Pace::Deployed).await;
    }

    /// The ARN of the dataset group of a name.
    #[must_use]
    pub fn arn(&self, name: &str) -> String {
        self.function().dataset_group(name)
    }

    /// Runs `create-dataset-group` as the first step of an execution.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn create(&self, request: &Value) -> Result<create_dataset_group::Output, StepError> {
        self.create_at(request, 0, 0).await
    }

    /// Runs it when the execution has been sent back so often, and has waited for so many seconds.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn create_at(
        &self,
        request: &Value,
        rounds: u64,
        waited_seconds: u64,
    ) -> Result<create_dataset_group::Output, StepError> {
        let execution = self.execution(waited_seconds);
        let input =
            create_dataset_group::Input { request: request.clone(), guards: Guards::default(), execution, rounds };
        create_dataset_group::handle(&self.clients.personalize, input, &self.invocation(waited_seconds)).await
    }

    /// Runs `poll-status` for the group of the requests, last seen in a status, so many seconds into an execution that
    /// began with its creation or deletion and ends after 3600.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn poll(&self, last: DatasetGroupStatus, waited_seconds: u64) -> Result<poll_status::Output, StepError> {
        let requested = Request::parse(&request()).map_err(StepError::InvalidRequest)?.dataset_group;
        self.poll_on(self.dataset_group(last), requested, self.started, 3600, 1, waited_seconds).await
    }

    /// Runs it with everything spelled out.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn poll_on(
        &self,
        dataset_group: DatasetGroup,
        requested: DatasetGroupRequest,
        since: Timestamp,
        timeout_seconds: u64,
        polls: u64,
        waited_seconds: u64,
    ) -> Result<poll_status::Output, StepError> {
        let execution = self.execution(waited_seconds);
        let input = poll_status::Input { dataset_group, requested, since, timeout_seconds, polls, execution };
        poll_status::handle(&self.clients.personalize, input, &self.invocation(waited_seconds)).await
    }

    /// Runs `bootstrap-group-profile` for the group of the request, which is ACTIVE.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn bootstrap(&self, request: &Value) -> Result<Attached, StepError> {
        let request = Request::parse(request).map_err(StepError::InvalidRequest)?;
        self.attach(&request, self.dataset_group(DatasetGroupStatus::Active), 0).await
    }

    /// Runs it for the group of a request, so many seconds into an execution.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn attach(&self, request: &Request, group: DatasetGroup, waited: u64) -> Result<Attached, StepError> {
        match self.bootstrap_with(request, group, waited, None).await? {
            Output::Attached(attached) => Ok(attached),
            Output::Planned { plan } => panic!("nobody asked for a plan: {plan:?}"),
        }
    }

    /// Runs it, with the plan of the step before in an execution in the mode PLAN.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn bootstrap_with(
        &self,
        request: &Request,
        dataset_group: DatasetGroup,
        waited_seconds: u64,
        plan: Option<Plan>,
    ) -> Result<Output, StepError> {
        let input = bootstrap_group_profile::Input {
            dataset_group,
            tags: request.dataset_group.tags.clone(),
            group_profile: request.group_profile.clone(),
            domain_access: DomainAccess::default(),
            execution: self.execution(waited_seconds),
            plan,
        };
        bootstrap_group_profile::handle(&self.clients.domain, &self.clients.personalize, input).await
    }

    /// Runs `add-project-members` for the projects of a request, with what the step before returned.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn add(
        &self,
        request: &Request,
        group: DatasetGroup,
        attached: Attached,
        waited: u64,
    ) -> Result<Added, StepError> {
        let Attached { group_profile, changes, .. } = attached;
        match self.add_with(request, group, Some(group_profile), changes, waited, None).await? {
            add_project_members::Output::Added(added) => Ok(added),
            add_project_members::Output::Planned { plan } => panic!("nobody asked for a plan: {plan:?}"),
        }
    }

    /// Runs it with everything spelled out.
    ///
    /// # Errors
    /// Those of the handler.
    pub async fn add_with(
        &self,
        request: &Request,
        dataset_group: DatasetGroup,
        group_profile: Option<GroupProfile>,
        changes: Changes,
        waited_seconds: u64,
        plan: Option<Plan>,
    ) -> Result<add_project_members::Output, StepError> {
        let input = add_project_members::Input {
            dataset_group,
            request: request.group_profile.clone(),
            group_profile,
            changes,
            domain_access: DomainAccess::default(),
            execution: self.execution(waited_seconds),
            plan,
        };
        add_project_members::handle(&self.clients.domain, input).await
    }

    /// The group of the requests as a step hands it on.
    #[must_use]
    pub fn dataset_group(&self, status: DatasetGroupStatus) -> DatasetGroup {
        DatasetGroup {
            dataset_group_arn: self.arn(NAME),
            name: NAME.to_owned(),
            domain: Some(Domain::Ecommerce),
            status,
            creation_date_time: None,
        }
    }

    /// Puts the group that the requests ask for in a status, without their tag; it is an hour older than the execution.
    pub async fn put_group(&self, status: &str) {
        self.put(DatasetGroupState { status: Some(status.to_owned()), ..self.older_group() }).await;
    }

    /// The group that the requests ask for, ACTIVE, without their tag, an hour older than the execution.
    #[must_use]
    pub fn older_group(&self) -> DatasetGroupState {
        DatasetGroupState {
            domain: Some("ECOMMERCE".to_owned()),
            creation_date_time: Some(self.started - SignedDuration::from_hours(1)),
            ..DatasetGroupState::active(NAME)
        }
    }

    /// Puts a group in any state.
    pub async fn put(&self, group: DatasetGroupState) {
        self.control.put_dataset_group(&group).await.expect("a dataset group");
    }

    /// Puts a profile into the domain of the requests.
    pub async fn put_profile(&self, profile: Profile) {
        self.control.put_profile(DOMAIN, profile).await.expect("a profile");
    }

    /// Says what happens to the next group of the requests' name.
    pub async fn script(&self, script: Script) {
        self.control.script_dataset_group(NAME, script).await.expect("a script");
    }

    /// Lets something go wrong with an operation, so many times or for ever.
    pub async fn fail(&self, service: Service, operation: &str, kind: Kind, times: Option<u32>) {
        let fault = Fault { times, ..Fault::new(service, kind).operation(operation) };
        self.control.add_fault(fault).await.expect("a fault");
    }

    /// The calls since the last time that they were taken, in words.
    pub async fn take_calls(&self) -> Vec<String> {
        let calls = self.calls().await;
        self.control.forget_calls().await.expect("an order");
        calls.iter().map(described).collect()
    }

    /// All calls that were not taken.
    pub async fn calls(&self) -> Vec<Call> {
        self.control.calls(CallFilter::all()).await.expect("the log")
    }

    /// The operations that changed anything, of all calls that were not taken.
    pub async fn effects(&self) -> Vec<String> {
        self.calls().await.into_iter().filter(|call| call.effect).map(|call| call.operation).collect()
    }

    /// The group of the requests, if there is one.
    pub async fn group(&self) -> Option<DatasetGroupState> {
        self.control.dataset_group(NAME).await.expect("an answer")
    }

    /// The tags of the group of the requests, as `key=value`.
    pub async fn tags(&self) -> Vec<String> {
        let tags = self.group().await.map(|group| group.tags).unwrap_or_default();
        tags.into_iter().map(|tag| format!("{}={}", tag.tag_key, tag.tag_value)).collect()
    }

    /// The profiles of the domain of the requests.
    pub async fn profiles(&self) -> Vec<Profile> {
        self.control.profiles(DOMAIN).await.expect("the profiles")
    }

    /// A project of the domain of the requests, with groups or roles as members, by id and designation.
    pub async fn put_project(&self, id: &str, members: &[(&str, &str)]) {
        self.control.add_project(DOMAIN, id, members).await.expect("a project");
    }

    /// The projects of the domain of the requests.
    pub async fn projects(&self) -> Vec<Project> {
        self.control.projects(DOMAIN).await.expect("the projects")
    }

    /// The execution of the handlers. Its phase is 0: it polls as late as the rule allows.
    pub(crate) fn execution(&self, waited_seconds: u64) -> Execution {
        let arn = "arn:aws:states:us-east-1:123456789012:execution:provision-dataset-group:it".to_owned();
        Execution { arn, start_time: self.started, waited_seconds }
    }

    pub(crate) fn invocation(&self, waited_seconds: u64) -> Invocation {
        let waited = SignedDuration::from_secs(i64::try_from(waited_seconds).expect("less than an eternity"));
        Invocation { function: self.function(), now: self.started + waited }
    }

    fn function(&self) -> FunctionArn {
        let Settings { partition, region, account, .. } = &self.settings;
        let arn = format!("arn:{partition}:lambda:{region}:{account}:function:under-test");
        FunctionArn::parse(&arn).expect("the ARN of a function")
    }
}
