//! What one test prepares on the shared stack: names that no other test uses.

use std::sync::atomic::{AtomicU32, Ordering};

use contract::outcome::REQUESTED;
use contract::retirement::RETIREMENT_REQUESTED;
use local_stack::Workflow;
use serde_json::{Value, json};
use simulators::{Call, CallFilter, Control, DatasetGroupState, Fault, Kind, Profile, ProfileStatus, Service, Tag};

use crate::stack::SOURCE;
use crate::{Execution, eventually, stack};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// The tags that link a dataset group to a profile.
#[must_use]
pub fn link(domain: &str, profile: &str) -> Vec<Tag> {
    let tag = |key: &str, value: &str| Tag { tag_key: key.to_owned(), tag_value: value.to_owned() };
    vec![tag("datazone:domain-id", domain), tag("datazone:group-profile-id", profile)]
}

/// A dataset group's name, and a `DataZone` domain with one Identity Center group and one role in it.
#[derive(Debug)]
pub struct Setup {
    /// The name of the dataset group.
    pub name: String,
    /// The domain.
    pub domain: String,
    /// The id of the Identity Center group.
    pub group: String,
    /// The ARN of the role.
    pub role: String,
    /// Orders to the simulators.
    pub control: Control,
    /// The deployed workflow.
    pub workflow: Workflow,
}

impl Setup {
    /// A new set-up, on the stack that all tests share.
    ///
    /// # Panics
    /// When the stack does not start.
    pub async fn new() -> Self {
        let stack = stack().await;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let setup = Self {
            name: format!("setup-{number}"),
            domain: format!("dzd_setup{number}"),
            group: format!("a1b2c3d4-5678-90ab-cdef-0000{number:08}"),
            role: format!("arn:aws:iam::000000000000:role/setup-{number}"),
            control: stack.control(),
            workflow: Workflow::of(stack),
        };
        setup.know_domain().await;
        setup
    }

    async fn know_domain(&self) {
        self.control.add_domain(&self.domain, &[(&self.group, "analysts")]).await.expect("a domain");
        self.control.add_role(&self.domain, &self.role).await.expect("a role");
    }

    /// The smallest request about this set-up.
    #[must_use]
    pub fn request(&self) -> Value {
        json!({
            "datasetGroup": {"name": self.name},
            "groupProfile": {"domainIdentifier": self.domain, "groupIdentifier": self.group}
        })
    }

    /// The id of a project that no other set-up has.
    #[must_use]
    pub fn project(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// Gives the simulators a project, with members by id and designation.
    ///
    /// # Panics
    /// When the simulators do not take it.
    pub async fn put_project(&self, name: &str, members: &[(&str, &str)]) {
        self.control.add_project(&self.domain, &self.project(name), members).await.expect("a project");
    }

    /// The request for a contributor in each of these projects.
    #[must_use]
    pub fn request_for_projects(&self, names: &[&str]) -> Value {
        let project = |name: &&str| json!({"projectIdentifier": self.project(name)});
        self.request_with(&[("/groupProfile/projects", names.iter().map(project).collect())])
    }

    /// The designations of the members of a project.
    ///
    /// # Panics
    /// When there is no such project.
    pub async fn members(&self, name: &str) -> Vec<String> {
        let projects = self.control.projects(&self.domain).await.expect("projects");
        let project = projects.into_iter().find(|project| project.id == self.project(name)).expect("a project");
        project.members.into_iter().map(|member| member.designation).collect()
    }

    /// Lets calls of one operation about one project go wrong.
    ///
    /// # Panics
    /// When the simulators do not take it.
    pub async fn fault_in(&self, project: &str, operation: &str, times: Option<u32>, kind: Kind) {
        let fault = Fault { times, ..Fault::new(Service::DataZone, kind).operation(operation) };
        self.control.add_fault(fault.resource(&self.project(project))).await.expect("a fault");
    }

    /// The smallest request to retire the group of this set-up, with the profile of the group no longer a member of these
    /// projects.
    #[must_use]
    pub fn retirement(&self, projects: &[&str]) -> Value {
        let projects: Value = projects.iter().map(|name| self.project(name)).collect();
        self.request_with(&[("/policy", json!({"removeProjects": projects}))])
    }

    /// Gives the simulators a dataset group of this set-up's name, with the link to the profile of its group.
    ///
    /// # Panics
    /// When the simulators do not take it.
    pub async fn put_linked_group(&self, group: DatasetGroupState) {
        let profile = Profile::of_group(&self.group, ProfileStatus::Assigned);
        let tags = [link(&self.domain, &profile.id), group.tags].concat();
        self.control.put_profile(&self.domain, profile).await.expect("a profile");
        self.put_group(DatasetGroupState { tags, ..group }).await;
    }

    /// Gives the simulators a dataset group of this set-up's name.
    ///
    /// # Panics
    /// When the simulators do not take it.
    pub async fn put_group(&self, group: DatasetGroupState) {
        let group = DatasetGroupState { name: self.name.clone(), ..group };
        self.control.put_dataset_group(&group).await.expect("a dataset group");
    }

    /// The request with members set, by JSON pointer.
    ///
    /// # Panics
    /// When the member's parent is not an object.
    #[must_use]
    pub fn request_with(&self, members: &[(&str, Value)]) -> Value {
        let mut request = self.request();
        for (pointer, value) in members {
            let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
            request.pointer_mut(parent).expect("a parent")[member] = value.clone();
        }
        request
    }

    /// Starts an execution as another workflow or a person would.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(&self, request: &Value) -> String {
        self.start_on(&self.workflow.machine, request).await
    }

    /// Starts an execution of any machine.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_on(&self, machine: &str, request: &Value) -> String {
        let started = self.workflow.sfn.start_execution().state_machine_arn(machine).input(request.to_string()).send();
        started.await.expect("started").execution_arn
    }

    /// Runs the workflow and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn run(&self, request: &Value) -> Execution {
        Execution::ended(&self.workflow, &self.start(request).await).await
    }

    /// The state machine that retires.
    ///
    /// # Panics
    /// When the stack has none.
    #[must_use]
    pub fn retirement_machine(&self) -> &str {
        self.workflow.retirement_machine.as_deref().expect("the stack retires")
    }

    /// Runs a retirement and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn retire(&self, request: &Value) -> Execution {
        Execution::ended(&self.workflow, &self.start_on(self.retirement_machine(), request).await).await
    }

    /// Puts the event on the bus.
    ///
    /// # Panics
    /// When the bus does not take it.
    pub async fn send(&self, request: &Value) {
        self.send_as(REQUESTED, request).await;
    }

    /// Puts an event with any detail-type on the bus.
    ///
    /// # Panics
    /// When the bus does not take it.
    pub async fn send_as(&self, detail_type: &str, request: &Value) {
        self.send_from(SOURCE, detail_type, request).await;
    }

    /// Puts an event of another source on the bus.
    ///
    /// # Panics
    /// When the bus does not take it.
    pub async fn send_from(&self, source: &str, detail_type: &str, request: &Value) {
        self.workflow.send(source, detail_type, &[request]).await.expect("the bus takes the event");
    }

    /// The executions that events about this set-up have started, ended, when there are so many.
    ///
    /// # Panics
    /// When there are not.
    pub async fn executions_started_by_events(&self, number: usize) -> Vec<Execution> {
        self.executions_on(&self.workflow.machine, number).await
    }

    /// Puts the event on the bus that asks for a retirement, and returns the retirements about this set-up, ended, when there
    /// are so many.
    ///
    /// # Panics
    /// When there are not.
    pub async fn retire_by_event(&self, request: &Value, number: usize) -> Vec<Execution> {
        self.send_as(RETIREMENT_REQUESTED, request).await;
        self.executions_on(self.retirement_machine(), number).await
    }

    async fn executions_on(&self, machine: &str, number: usize) -> Vec<Execution> {
        let arns = eventually("the executions of the events", || async {
            let mut arns = Vec::new();
            let executions = self.workflow.executions().await.expect("executions");
            for item in executions.into_iter().filter(|item| item.state_machine_arn == machine) {
                let arn = item.execution_arn;
                let described = self.workflow.described(&arn).await.expect("described");
                if described.input().is_some_and(|input| input.contains(&format!("\"{}\"", self.domain))) {
                    arns.push(arn);
                }
            }
            (arns.len() >= number).then_some(arns)
        })
        .await;
        let mut ended = Vec::new();
        for arn in arns {
            ended.push(Execution::ended(&self.workflow, &arn).await);
        }
        assert_eq!(ended.len(), number);
        ended
    }

    /// Lets calls of one operation about this set-up's dataset group or domain go wrong.
    ///
    /// # Panics
    /// When the simulators do not take it.
    pub async fn fault(&self, operation: &str, times: Option<u32>, kind: Kind) {
        let datazone = ["GroupProfile", "ProjectMembership"].iter().any(|word| operation.contains(word));
        let (service, resource) =
            if datazone { (Service::DataZone, &self.domain) } else { (Service::Personalize, &self.name) };
        let fault = Fault { times, ..Fault::new(service, kind).operation(operation).resource(resource) };
        self.control.add_fault(fault).await.expect("a fault");
    }

    /// Ends the faults that [`Setup::fault`] and [`Setup::fault_in`] began.
    ///
    /// # Panics
    /// When the simulators do not answer.
    pub async fn end_faults(&self) {
        for received in self.control.faults().await.expect("faults") {
            let resource = received.fault.resource.unwrap_or_default();
            if resource == self.name || resource == self.domain || resource.starts_with(&self.project("")) {
                self.control.remove_fault(received.id).await.expect("removed");
            }
        }
    }

    /// The calls that the services got about this set-up's dataset group and domain, in order.
    ///
    /// # Panics
    /// When the simulators do not answer.
    pub async fn calls(&self) -> Vec<Call> {
        let about = |resource| CallFilter::all().about(resource);
        let mut calls = self.control.calls(about(&self.name)).await.expect("calls");
        calls.extend(self.control.calls(about(&self.domain)).await.expect("calls"));
        calls.sort_by_key(|call| call.sequence);
        calls
    }

    /// The operations of those calls that changed something.
    ///
    /// # Panics
    /// When the simulators do not answer.
    pub async fn effects(&self) -> Vec<String> {
        self.calls().await.into_iter().filter(|call| call.effect).map(|call| call.operation).collect()
    }

    /// How many of the calls were of the operation.
    ///
    /// # Panics
    /// When the simulators do not answer.
    pub async fn count(&self, operation: &str) -> usize {
        self.calls().await.iter().filter(|call| call.operation == operation).count()
    }

    /// The dataset group as it is now.
    ///
    /// # Panics
    /// When the simulators do not answer.
    pub async fn dataset_group(&self) -> Option<DatasetGroupState> {
        self.control.dataset_group(&self.name).await.expect("an answer")
    }

    /// The tags of the dataset group, as `key=value`.
    ///
    /// # Panics
    /// When there is no group.
    pub async fn tags(&self) -> Vec<String> {
        let group = self.dataset_group().await.expect("a dataset group");
        group.tags.into_iter().map(|tag| format!("{}={}", tag.tag_key, tag.tag_value)).collect()
    }

    /// The group profiles of the domain.
    ///
    /// # Panics
    /// When the simulators do not answer.
    pub async fn profiles(&self) -> Vec<Profile> {
        self.control.profiles(&self.domain).await.expect("profiles")
    }
}
