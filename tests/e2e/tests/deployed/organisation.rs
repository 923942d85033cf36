//! The stack in a large organisation: every parameter set at once, the domain in another account and Region, a bus of its
//! own.

use std::collections::BTreeSet;

use contract::outcome::REQUESTED;
use contract::retirement::RETIREMENT_REQUESTED;
use contract::step_error::Cause;
use e2e_tests::tools::{self, decisions};
use e2e_tests::{Execution, eventually};
use local_stack::{LocalStack, Options, Workflow};
use serde_json::{Value, json};
use simulators::{Call, CallFilter, Fault, Kind, Registration, Service};

const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";
const DOMAIN_KEY: &str = "arn:aws:kms:eu-west-1:000000000000:key/66666666-7777-8888-9999-000000000000";
const GROUPS: &str = "arn:aws:personalize:us-east-1:000000000000:dataset-group/media";

/// The workflow, deployed as docs/deploying.md says for a domain in another account.
struct Organisation {
    stack: LocalStack,
    workflow: Workflow,
    hub_role: String,
    bus: String,
}

impl Organisation {
    async fn new() -> Self {
        let parameters = [("Retirement".to_owned(), "true".to_owned())].into();
        let options = Options { registration: Registration::Optional, parameters, ..Options::default() };
        let stack = LocalStack::start(options).await.unwrap_or_else(|fault| panic!("{fault}"));
        let function_roles = ["GroupProfileRoleArn", "ProjectMembersRoleArn", "RetirementRoleArn"];
        let function_roles = function_roles.map(|name| stack.outputs()[name].as_str()).join(",");
        let hub = [("FunctionRoleArns", &*function_roles), ("DataZoneKmsKeyArn", DOMAIN_KEY), ("Retirement", "true")];
        let hub_role = tools::deploy_example(&stack, "hub-role", &hub)["RoleArn"].clone();
        let bus = tools::deploy_example(&stack, "event-bus", &[])["EventBusName"].clone();
        let subnets = tools::aws(&stack, &["ec2", "describe-subnets"])["Subnets"].take();
        let groups = tools::aws(&stack, &["ec2", "describe-security-groups"])["SecurityGroups"].take();
        let [subnet, group] = [&subnets[0]["SubnetId"], &groups[0]["GroupId"]].map(|id| id.as_str().expect("an id"));
        let parameters = [
            ("EventBusName", bus.as_str()),
            ("AllowedSources", "recommendation-platform, ,another"),
            ("AllowedDomainIds", " dzd_a ,,dzd_b,"),
            ("AllowedProjectIds", "p1, p2"),
            ("AllowedDesignations", "PROJECT_OWNER, PROJECT_CONTRIBUTOR"),
            ("RequiredTagKeys", "team, cost center"),
            ("ReplaceAllowed", "false"),
            ("RetirementSources", "give-back"),
            ("DataZoneRegion", "eu-west-1"),
            ("DataZoneRoleArn", hub_role.as_str()),
            ("DataZoneKmsKeyArn", DOMAIN_KEY),
            ("KmsKeyArn", KEY),
            ("PersonalizeRoleArns", "arn:aws:iam::000000000000:role/personalize"),
            ("PermissionsBoundaryArn", "arn:aws:iam::aws:policy/PowerUserAccess"),
            ("VpcSubnetIds", subnet),
            ("VpcSecurityGroupIds", group),
            ("FunctionConcurrency", "10"),
            ("NotificationTopicArn", "arn:aws:sns:us-east-1:000000000000:operators"),
            ("LogExecutionData", "true"),
        ];
        let (_, outputs) = tools::redeploy(&stack, &parameters);
        assert_eq!(
            (&outputs["EventBusName"], &outputs["StateMachineArn"]),
            (&bus, &stack.outputs()["StateMachineArn"])
        );
        let workflow = Workflow::of(&stack);
        Self { stack, workflow, hub_role, bus }
    }

    fn send(&self, source: &str, detail_type: &str, request: &Value) {
        let entry = json!([{
            "EventBusName": self.bus, "Source": source, "DetailType": detail_type, "Detail": request.to_string()
        }]);
        let put = tools::aws(&self.stack, &["events", "put-events", "--entries", &entry.to_string()]);
        assert_eq!(put["FailedEntryCount"], 0);
    }

    /// The executions so far, ended.
    async fn executions(&self, number: usize) -> Vec<Execution> {
        let arns = eventually("the executions", || async {
            let executions = self.workflow.executions().await.expect("executions");
            (executions.len() >= number).then(|| executions.into_iter().map(|item| item.execution_arn))
        });
        let mut ended = Vec::new();
        for arn in arns.await {
            ended.push(Execution::ended(&self.workflow, &arn).await);
        }
        ended
    }

    async fn calls(&self, service: Service) -> Vec<Call> {
        let calls = self.stack.control().calls(CallFilter::all()).await.expect("calls");
        calls.into_iter().filter(|call| call.service == service).collect()
    }
}

fn request(name: &str) -> Value {
    let tags = ["team", "cost center"].map(|key| json!({"tagKey": key, "tagValue": "x"}));
    json!({
        "datasetGroup": {"name": name, "tags": tags},
        "groupProfile": {
            "domainIdentifier": "dzd_a",
            "groupIdentifier": "a1b2c3d4-5678-90ab-cdef-112233445566",
            "projects": [{"projectIdentifier": "p1", "designation": "PROJECT_OWNER"}]
        }
    })
}

fn retirement(domain: &str, project: &str) -> Value {
    let mut retirement = request("media");
    retirement["datasetGroup"] = json!({"name": "media"});
    retirement["groupProfile"] =
        json!({"domainIdentifier": domain, "groupIdentifier": retirement["groupProfile"]["groupIdentifier"]});
    retirement["policy"] = json!({"removeProjects": [project]});
    retirement
}

/// Access key and Region of each call.
fn signers(calls: &[Call]) -> BTreeSet<(String, String)> {
    let parts = |call: &Call| {
        let credential = call.credential.clone().expect("a signature");
        let parts: Vec<_> = credential.split('/').map(str::to_owned).collect();
        (parts[0].clone(), parts[2].clone())
    };
    calls.iter().map(parts).collect()
}

#[tokio::test]
async fn with_every_parameter_set_a_group_is_provisioned_and_each_guard_holds() {
    let organisation = Organisation::new().await;
    // The engine's simulator knows no role with a path.
    organisation.permissions();
    let (printed, _) = tools::redeploy(&organisation.stack, &[("RolePath", "/recommendations/")]);
    assert!(printed.contains("Successfully"), "{printed}");

    // The event that starts something is sent last: when it has, the other would have too.
    organisation.send("somebody", REQUESTED, &request("forbidden"));
    organisation.send("recommendation-platform", REQUESTED, &request("media"));
    let execution = organisation.executions(1).await.remove(0);
    let outcome = execution.output.unwrap_or_else(|| panic!("{:?} {:?}", execution.error, execution.cause));
    assert_eq!(outcome["datasetGroup"]["name"], "media");
    assert_eq!(outcome["changes"]["projects"][0]["designation"], "PROJECT_OWNER");
    assert_eq!(outcome["requestedBy"]["source"], "recommendation-platform");

    // The functions sign with their own credentials, and the role of the hub with those of a session.
    let [own, hub] = [Service::Personalize, Service::DataZone].map(|service| organisation.calls(service));
    let (own, hub) = (signers(&own.await), signers(&hub.await));
    let key = |(key, _): &(String, String)| key.clone();
    assert!(own.iter().all(|(_, region)| region == "us-east-1"), "{own:?}");
    assert!(!hub.is_empty() && hub.iter().all(|(_, region)| region == "eu-west-1"), "{hub:?}");
    assert!(
        own.iter().map(key).collect::<BTreeSet<_>>().is_disjoint(&hub.iter().map(key).collect()),
        "{own:?} {hub:?}"
    );

    organisation.expired_session().await;
    organisation.guards().await;
    organisation.retirement().await;
    organisation.stack.stop().await.expect("the stack stops");
}

impl Organisation {
    /// A session that ends in the middle is followed by another one.
    async fn expired_session(&self) {
        let control = self.stack.control();
        let before = signers(&self.calls(Service::DataZone).await).len();
        let expired = Kind::Error { status: 403, code: "ExpiredTokenException".to_owned(), message: None };
        let fault = Fault::new(Service::DataZone, expired).operation("CreateGroupProfile");
        control.add_fault(fault.times(1)).await.expect("a fault");
        let mut expired = request("expired");
        expired["groupProfile"]["domainIdentifier"] = json!("dzd_b");
        self.send("another", REQUESTED, &expired);
        let execution = self.executions(2).await;
        assert!(execution.iter().all(|execution| execution.output.is_some()), "{execution:?}");
        // Two runs of the bootstrap step, and one of the add step.
        assert_eq!(signers(&self.calls(Service::DataZone).await).len(), before + 3);
    }

    /// Another source may ask for retirements than for groups, and the role of the hub removes the members.
    async fn retirement(&self) {
        let before = signers(&self.calls(Service::DataZone).await).len();
        let retirement = retirement("dzd_a", "p1");
        self.send("recommendation-platform", RETIREMENT_REQUESTED, &retirement);
        self.send("give-back", RETIREMENT_REQUESTED, &retirement);
        let executions = self.executions(5).await;
        let mut outcomes = executions.iter().filter_map(|execution| execution.output.as_ref());
        let retired = outcomes.find(|outcome| outcome["disposition"] == "DELETED").expect("a retirement");
        assert_eq!(retired["requestedBy"]["source"], "give-back");
        assert_eq!(retired["changes"]["projects"][0]["change"], "REMOVED");
        assert_eq!(executions.len(), 5);
        assert_eq!(self.stack.control().dataset_group("media").await.expect("an answer"), None);
        // Two runs of the retire step call DataZone with a session each; the last one has nothing to ask.
        let hub = signers(&self.calls(Service::DataZone).await);
        assert!(hub.len() > before && hub.iter().all(|(_, region)| region == "eu-west-1"), "{hub:?}");
    }

    /// What a deployment does not allow is listed with everything else, on a way in without a rule.
    async fn guards(&self) {
        let calls = self.stack.control().calls(CallFilter::all()).await.expect("calls").len();
        let refused = json!({
            "datasetGroup": {"name": "-", "tags": [{"tagKey": "team", "tagValue": "x"}]},
            "groupProfile": {
                "domainIdentifier": "dzd_c",
                "groupIdentifier": "a1b2c3d4-5678-90ab-cdef-112233445566",
                "projects": [{"projectIdentifier": "p3", "designation": "PROJECT_CATALOG_VIEWER"}]
            },
            "policy": {"ifCreateFailed": "REPLACE"}
        });
        let name = "$.datasetGroup.name";
        let guarded = [
            "$.groupProfile.domainIdentifier",
            "$.datasetGroup.tags",
            "$.policy.ifCreateFailed",
            "$.groupProfile.projects[0].projectIdentifier",
            "$.groupProfile.projects[0].designation",
        ];
        assert_eq!(self.violations(&self.workflow.machine, &refused).await, [&[name], &guarded[..]].concat());
        let retirements = self.workflow.retirement_machine.as_deref().expect("a machine");
        let guarded = ["$.groupProfile.domainIdentifier", "$.policy.removeProjects[0]"];
        assert_eq!(self.violations(retirements, &retirement("dzd_c", "p3")).await, guarded);
        assert_eq!(self.stack.control().calls(CallFilter::all()).await.expect("calls").len(), calls);
    }

    /// Where a request breaks a rule, as its execution reports it.
    async fn violations(&self, machine: &str, request: &Value) -> Vec<String> {
        let start = self.workflow.sfn.start_execution().state_machine_arn(machine).input(request.to_string());
        let started = start.send().await.expect("started");
        let execution = Execution::ended(&self.workflow, &started.execution_arn).await;
        assert_eq!(execution.error.as_deref(), Some("InvalidRequest"));
        let cause: Cause = serde_json::from_str(&execution.cause.expect("a cause")).expect("a cause");
        cause.violations.into_iter().map(|violation| violation.path).collect()
    }

    /// Each needed action is allowed, and its neighbours are denied. The engine's simulator knows no conditions, so what has
    /// one is a fact of the template.
    fn permissions(&self) {
        let ids = tools::resources(&self.stack);
        let another_role = "arn:aws:iam::000000000000:role/another";
        let hub = self.hub_role.as_str();
        let hub_name = hub.rsplit('/').next().expect("a name");
        let function = ids["BootstrapGroupProfileRole"].as_str();
        let datazone = ["CreateGroupProfile", "GetGroupProfile", "UpdateGroupProfile", "SearchGroupProfiles"]
            .map(|call| format!("datazone:{call}"));
        let datazone: Vec<_> = datazone.iter().map(String::as_str).collect();
        let projects = ["datazone:CreateProjectMembership", "datazone:ListProjectMemberships"];
        let of_projects = ids["AddProjectMembersRole"].as_str();
        let removal = ["datazone:DeleteProjectMembership"];
        let of_retirements = ids["RetireDatasetGroupRole"].as_str();
        let network = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"];
        for (role, actions, resource, allowed) in [
            (function, &["sts:AssumeRole"][..], hub, true),
            (function, &["sts:AssumeRole"], another_role, false),
            (function, &datazone, "*", false),
            (function, &["sso:AssociateProfile", "sso:ListProfiles"], "*", false),
            (function, &["kms:Decrypt"], DOMAIN_KEY, false),
            (function, &["personalize:TagResource"], GROUPS, true),
            (function, &network, "*", true),
            (of_projects, &["sts:AssumeRole"], hub, true),
            (of_projects, &["sts:AssumeRole"], another_role, false),
            (of_projects, &projects, "*", false),
            (of_projects, &["kms:Decrypt"], DOMAIN_KEY, false),
            (of_projects, &network, "*", true),
            (of_retirements, &["sts:AssumeRole"], hub, true),
            (of_retirements, &["sts:AssumeRole"], another_role, false),
            (of_retirements, &removal, "*", false),
            (of_retirements, &["personalize:DeleteDatasetGroup"], GROUPS, true),
            (of_retirements, &["kms:Decrypt"], DOMAIN_KEY, false),
            (of_retirements, &network, "*", true),
            (hub_name, &datazone, "*", true),
            (hub_name, &projects, "*", true),
            (hub_name, &removal, "*", true),
            (hub_name, &["sso:AssociateProfile", "sso:ListProfiles"], "*", true),
            (hub_name, &["datazone:DeleteDomain", "sts:AssumeRole", "personalize:TagResource"], "*", false),
            (ids["CreateDatasetGroupRole"].as_str(), &["personalize:CreateDatasetGroup"], GROUPS, true),
            (ids["CreateDatasetGroupRole"].as_str(), &["personalize:DeleteDatasetGroup"], GROUPS, false),
            (ids["CreateDatasetGroupRole"].as_str(), &["sts:AssumeRole"], hub, false),
        ] {
            let decided = decisions(&self.stack, role, actions, resource);
            for (action, decided) in actions.iter().zip(decided) {
                assert_eq!(decided == "allowed", allowed, "{role}: {action} on {resource} is {decided}");
            }
        }
    }
}
