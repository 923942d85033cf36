//! The deployed stack, as CloudFormation describes it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::aws::{Aws, Failure};
use crate::target::{Principal, Target};

/// The stack with what the promises need of it.
#[derive(Debug, Default)]
pub struct Stack {
    pub name: String,
    pub account: String,
    pub partition: String,
    pub region: String,
    pub outputs: BTreeMap<String, String>,
    pub parameters: BTreeMap<String, String>,
    /// Physical ids by logical ids.
    pub resources: BTreeMap<String, String>,
}

/// A state machine of the stack, and the events that start it.
#[derive(Debug, Clone)]
pub struct Machine {
    pub arn: String,
    pub detail_type: &'static str,
    /// A source that its rule lets through.
    pub source: String,
}

/// The outputs without which it is not a stack of this workflow.
const OUTPUTS: [&str; 3] = ["StateMachineArn", "EventBusName", "CallerPolicyArn"];

impl Stack {
    /// Finds the stack.
    ///
    /// # Errors
    /// A sentence for the user.
    pub async fn find(aws: &Aws, name: &str) -> Result<Self, String> {
        let region = &aws.region;
        let identity = aws.call("sts", "get-caller-identity", &[]).await.map_err(|failure| no_identity(&failure))?;
        let account = text(&identity["Account"]);
        let named = ["--stack-name", name];
        let (described, listed) = tokio::join!(
            aws.call("cloudformation", "describe-stacks", &named),
            aws.call("cloudformation", "list-stack-resources", &named)
        );
        let wrong = |failure: Failure| no_stack(&failure, name, region, &account);
        let (mut described, listed) = (described.map_err(wrong)?, listed.map_err(wrong)?);
        let described = described["Stacks"][0].take();
        let outputs = pairs(&described["Outputs"], ["OutputKey", "OutputValue"]);
        if let Some(missing) = OUTPUTS.iter().find(|output| !outputs.contains_key(**output)) {
            return Err(format!("the stack {name} is not one of this workflow: it has no output {missing}"));
        }
        let partition = outputs["StateMachineArn"].split(':').nth(1).unwrap_or("aws").to_owned();
        Ok(Self {
            name: name.to_owned(),
            account,
            partition,
            region: region.clone(),
            outputs,
            parameters: pairs(&described["Parameters"], ["ParameterKey", "ParameterValue"]),
            resources: pairs(&listed["StackResourceSummaries"], ["LogicalResourceId", "PhysicalResourceId"]),
        })
    }

    /// The state machine that provisions.
    pub fn provisioning(&self) -> Machine {
        self.machine(&self.outputs["StateMachineArn"], "Dataset Group Requested", &["AllowedSources"])
    }

    /// The state machine that retires, if the stack has one.
    pub fn retirement(&self) -> Option<Machine> {
        let arn = self.outputs.get("RetirementStateMachineArn")?;
        Some(self.machine(arn, "Dataset Group Retirement Requested", &["RetirementSources", "AllowedSources"]))
    }

    /// The machine that starts for the sources of the first of these parameters that has any.
    fn machine(&self, arn: &str, detail_type: &'static str, sources: &[&str]) -> Machine {
        let source = sources.iter().find_map(|parameter| self.items(parameter).into_iter().next());
        Machine { arn: arn.to_owned(), detail_type, source: source.unwrap_or_else(|| "acceptance".to_owned()) }
    }

    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The items of a parameter that is a list.
    pub fn items(&self, parameter: &str) -> Vec<String> {
        let items = self.parameter(parameter).split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    pub fn dataset_group_arn(&self, name: &str) -> String {
        let Self { partition, region, account, .. } = self;
        format!("arn:{partition}:personalize:{region}:{account}:dataset-group/{name}")
    }

    /// The ARN of a role of the stack.
    pub fn role_arn(&self, logical_id: &str) -> Option<String> {
        let Self { partition, account, .. } = self;
        let path = match self.parameter("RolePath") {
            "" => "/",
            path => path,
        };
        Some(format!("arn:{partition}:iam::{account}:role{path}{}", self.resources.get(logical_id)?))
    }

    /// A designation that requests may have.
    pub fn designation(&self) -> String {
        let allowed = self.items("AllowedDesignations");
        let usual = "PROJECT_CONTRIBUTOR".to_owned();
        if allowed.contains(&usual) { usual } else { allowed.into_iter().next().unwrap_or(usual) }
    }

    /// Why the guards of the stack refuse every request about the target, as a sentence.
    pub fn refusal(&self, target: &Target) -> Option<String> {
        let excludes = |parameter: &str, id: &String| {
            let allowed = self.items(parameter);
            !allowed.is_empty() && !allowed.contains(id)
        };
        let project = target.project.as_ref().filter(|project| excludes("AllowedProjectIds", project));
        let by_name = matches!(target.principal, Principal::GroupName(_)) && target.project.is_some();
        if excludes("AllowedDomainIds", &target.domain) {
            Some(format!("the parameter AllowedDomainIds of the stack does not allow the domain {}", target.domain))
        } else if let Some(project) = project {
            Some(format!("the parameter AllowedProjectIds of the stack does not allow the project {project}"))
        } else if by_name {
            Some("with PROJECT, give GROUP as an id: a project lists its members by id".to_owned())
        } else {
            None
        }
    }
}

fn no_identity(failure: &Failure) -> String {
    format!("your credentials do not work (`aws sts get-caller-identity`): {}", failure.message)
}

fn no_stack(failure: &Failure, name: &str, region: &str, account: &str) -> String {
    if failure.message.contains("does not exist") {
        format!("there is no stack {name} in the Region {region} of the account {account}: check STACK and REGION")
    } else {
        format!("the stack {name} in the Region {region} cannot be read ({}): {}", failure.action, failure.message)
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn pairs(list: &Value, [name, value]: [&str; 2]) -> BTreeMap<String, String> {
    list.as_array().into_iter().flatten().map(|item| (text(&item[name]), text(&item[value]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(parameters: &[(&str, &str)]) -> Stack {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Stack { parameters, ..Stack::default() }
    }

    fn target(project: Option<&str>, group: &str) -> Target {
        let principal = Principal::parse(group);
        Target { domain: "dzd_a".to_owned(), principal, project: project.map(str::to_owned) }
    }

    #[test]
    fn a_guard_that_excludes_the_target_is_named() {
        let role = "arn:aws:iam::1:role/r";
        let refused = |parameters, project| stack(parameters).refusal(&target(project, role));
        assert_eq!(refused(&[("AllowedDomainIds", "")], Some("p")), None);
        assert_eq!(refused(&[("AllowedDomainIds", "dzd_b, dzd_a")], None), None);
        assert!(refused(&[("AllowedDomainIds", "dzd_b")], None).is_some_and(|text| text.contains("AllowedDomainIds")));
        assert!(
            refused(&[("AllowedProjectIds", "q")], Some("p")).is_some_and(|text| text.contains("AllowedProjectIds"))
        );
        assert!(stack(&[]).refusal(&target(Some("p"), "analysts")).is_some_and(|text| text.contains("id")));
    }

    #[test]
    fn requests_keep_to_the_parameters() {
        let mut stack = stack(&[("AllowedSources", "one,two"), ("AllowedDesignations", "PROJECT_CATALOG_VIEWER")]);
        let outputs = ["StateMachineArn", "RetirementStateMachineArn"].map(|name| (name.to_owned(), name.to_owned()));
        stack.outputs.extend(outputs);
        let retirement_source = |stack: &Stack| stack.retirement().expect("a machine").source;
        assert_eq!((stack.provisioning().source, retirement_source(&stack)), ("one".to_owned(), "one".to_owned()));
        stack.parameters.insert("RetirementSources".to_owned(), "three".to_owned());
        assert_eq!(retirement_source(&stack), "three");
        assert_eq!(stack.designation(), "PROJECT_CATALOG_VIEWER");
    }

    #[test]
    fn a_stack_that_is_not_there_is_told_from_one_that_cannot_be_read() {
        let failure = |message: &str| Failure { action: "a:B".to_owned(), code: None, message: message.to_owned() };
        assert!(no_stack(&failure("Stack with id x does not exist"), "x", "r", "1").starts_with("there is no stack x"));
        assert!(no_stack(&failure("Could not connect"), "x", "r", "1").contains("Could not connect"));
    }
}
