//! The deployed roles, asked of IAM's policy simulator, which knows permissions boundaries too.

use serde_json::Value;

use crate::aws::Failure;
use crate::run::Run;
use crate::stack::{Stack, text};
use crate::trouble::{Trouble, broken, ensure};

/// What a role may do and may not do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Case {
    role: &'static str,
    /// What the actions are about, for people.
    on: &'static str,
    resource: String,
    allowed: Vec<&'static str>,
    denied: Vec<&'static str>,
}

/// Checks every role of the stack, and the policy of callers.
pub async fn check(run: &mut Run) {
    for case in cases(&run.stack) {
        run.progress.say(&format!("asking IAM about {}", case.role));
        let kept = check_role(run, &case).await;
        run.promise(&format!("{} may do what it is for on {}, and no more", case.role, case.on), kept);
    }
    run.progress.say("asking IAM about the policies of callers");
    let kept = check_callers(run, "CallerPolicyArn", &run.stack.provisioning().arn).await;
    run.promise("CallerPolicyArn allows what startExecution.sync:2 needs, and no more", kept);
    if let Some(machine) = run.stack.retirement() {
        let kept = check_callers(run, "RetirementCallerPolicyArn", &machine.arn).await;
        run.promise("RetirementCallerPolicyArn allows what startExecution.sync:2 needs, and no more", kept);
    }
}

fn cases(stack: &Stack) -> Vec<Case> {
    let groups = stack.dataset_group_arn("acceptance");
    let case = |role, on, resource, allowed: &[_], denied: &[_]| Case {
        role,
        on,
        resource,
        allowed: allowed.to_vec(),
        denied: denied.to_vec(),
    };
    let mut create = case(
        "CreateDatasetGroupRole",
        "dataset groups",
        groups.clone(),
        &["personalize:CreateDatasetGroup", "personalize:DescribeDatasetGroup", "personalize:ListTagsForResource"],
        &["personalize:UntagResource", "personalize:CreateDataset", "datazone:CreateGroupProfile", "iam:PassRole"],
    );
    create.allowed.push("personalize:TagResource");
    let deletes = if stack.parameter("ReplaceAllowed") == "false" { &mut create.denied } else { &mut create.allowed };
    deletes.push("personalize:DeleteDatasetGroup");
    let mut cases = vec![
        create,
        case(
            "PollStatusRole",
            "dataset groups",
            groups.clone(),
            &["personalize:DescribeDatasetGroup"],
            &["personalize:CreateDatasetGroup", "personalize:DeleteDatasetGroup", "personalize:TagResource"],
        ),
        case(
            "BootstrapGroupProfileRole",
            "dataset groups",
            groups.clone(),
            &["personalize:ListTagsForResource", "personalize:TagResource"],
            &["personalize:DeleteDatasetGroup", "personalize:CreateDatasetGroup", "personalize:UntagResource"],
        ),
    ];
    cases.extend(if stack.parameter("DataZoneRoleArn").is_empty() { own_domain(stack) } else { hub(stack) });
    if stack.retirement().is_some() {
        cases.push(case(
            "RetireDatasetGroupRole",
            "dataset groups",
            groups,
            &["personalize:DescribeDatasetGroup", "personalize:ListTagsForResource", "personalize:DeleteDatasetGroup"],
            &["personalize:CreateDatasetGroup", "personalize:TagResource", "personalize:UntagResource"],
        ));
        cases.push(case(
            "RetireDatasetGroupRole",
            "contents of dataset groups",
            "*".to_owned(),
            &[
                "personalize:ListDatasets",
                "personalize:ListSolutions",
                "personalize:ListEventTrackers",
                "personalize:ListRecommenders",
                "personalize:ListFilters",
            ],
            &["personalize:DeleteDataset", "personalize:DeleteSolution", "personalize:ListSchemas"],
        ));
    }
    for (machine, runs, starts) in [
        (Some(stack.provisioning()), "StateMachineRole", "DatasetGroupRequestedRole"),
        (stack.retirement(), "RetireMachineRole", "DatasetGroupRetirementRequestedRole"),
    ] {
        let Some(machine) = machine else { continue };
        cases.push(case(
            runs,
            "the bus",
            format!(
                "arn:{}:events:{}:{}:event-bus/{}",
                stack.partition, stack.region, stack.account, stack.outputs["EventBusName"]
            ),
            &["events:PutEvents"],
            &["events:PutRule", "lambda:UpdateFunctionCode", "personalize:DeleteDatasetGroup"],
        ));
        cases.push(case(
            starts,
            "its state machine",
            machine.arn,
            &["states:StartExecution"],
            &["states:DeleteStateMachine", "lambda:InvokeFunction"],
        ));
    }
    cases
}

/// The permissions on group profiles and members, in the domain's own account.
fn own_domain(stack: &Stack) -> Vec<Case> {
    let mut profile = Case {
        role: "BootstrapGroupProfileRole",
        on: "group profiles",
        resource: "*".to_owned(),
        allowed: vec![
            "datazone:CreateGroupProfile",
            "datazone:GetGroupProfile",
            "datazone:UpdateGroupProfile",
            "datazone:SearchGroupProfiles",
        ],
        denied: vec!["datazone:CreateProjectMembership", "datazone:DeleteDomain"],
    };
    if stack.parameter("IdentityCenterAccess") != "false" {
        profile.allowed.push("sso:AssociateProfile");
    }
    let members = Case {
        role: "AddProjectMembersRole",
        on: "projects",
        resource: "*".to_owned(),
        allowed: vec!["datazone:CreateProjectMembership", "datazone:ListProjectMemberships"],
        denied: vec!["datazone:DeleteProjectMembership", "datazone:CreateGroupProfile"],
    };
    let removed = Case {
        role: "RetireDatasetGroupRole",
        on: "group profiles and projects",
        resource: "*".to_owned(),
        allowed: vec![
            "datazone:GetGroupProfile",
            "datazone:SearchGroupProfiles",
            "datazone:ListProjectMemberships",
            "datazone:DeleteProjectMembership",
        ],
        denied: vec!["datazone:CreateProjectMembership", "datazone:UpdateGroupProfile"],
    };
    [profile, members].into_iter().chain(stack.retirement().map(|_| removed)).collect()
}

/// With a role in the account of the domain, the functions' own roles may only assume it.
fn hub(stack: &Stack) -> Vec<Case> {
    let assumes = |role| Case {
        role,
        on: "the role of the domain",
        resource: stack.parameter("DataZoneRoleArn").to_owned(),
        allowed: vec!["sts:AssumeRole"],
        denied: vec!["datazone:CreateGroupProfile"],
    };
    let retires = stack.retirement().map(|_| "RetireDatasetGroupRole");
    ["BootstrapGroupProfileRole", "AddProjectMembersRole"].into_iter().chain(retires).map(assumes).collect()
}

async fn check_role(run: &Run, case: &Case) -> Result<String, Trouble> {
    let role = run.stack.role_arn(case.role).ok_or_else(|| broken(format!("the stack has no {}", case.role)))?;
    let source = ["--policy-source-arn", role.as_str()];
    let (allowed, denied) = tokio::join!(
        simulate(run, "simulate-principal-policy", &source, &case.allowed, &case.resource),
        simulate(run, "simulate-principal-policy", &source, &case.denied, &case.resource)
    );
    judged(&allowed?, &denied?)
}

async fn check_callers(run: &Run, policy: &str, machine: &str) -> Result<String, Trouble> {
    let arn = run.stack.outputs.get(policy).ok_or_else(|| broken(format!("the stack has no output {policy}")))?;
    let arn = ["--policy-arn", arn.as_str()];
    let policy = run.aws.call("iam", "get-policy", &arn).await?;
    let version = text(&policy["Policy"]["DefaultVersionId"]);
    let version = [&arn[..], &["--version-id", &version]].concat();
    let document = run.aws.call("iam", "get-policy-version", &version).await?["PolicyVersion"]["Document"].to_string();
    let source = ["--policy-input-list", document.as_str()];
    let execution = format!("{}:acceptance", machine.replace(":stateMachine:", ":execution:"));
    let simulated =
        async |actions: &[&str], on: &str| simulate(run, "simulate-custom-policy", &source, actions, on).await;
    let (start, others) = tokio::join!(
        simulated(&["states:StartExecution"], machine),
        simulated(&["states:DescribeExecution", "states:StopExecution"], &execution)
    );
    let denied = simulated(&["states:DeleteStateMachine", "lambda:InvokeFunction"], machine).await?;
    judged(&[start?, others?].concat(), &denied)
}

/// Each action with IAM's decision about it.
async fn simulate(
    run: &Run,
    operation: &str,
    source: &[&str],
    actions: &[&str],
    resource: &str,
) -> Result<Vec<(String, String)>, Failure> {
    let question = ["--resource-arns", resource, "--action-names"];
    let simulated = run.aws.call("iam", operation, &[source, &question, actions].concat()).await?;
    Ok(decisions(&simulated))
}

fn decisions(simulated: &Value) -> Vec<(String, String)> {
    let results = simulated["EvaluationResults"].as_array().into_iter().flatten();
    results.map(|result| (text(&result["EvalActionName"]), text(&result["EvalDecision"]))).collect()
}

fn judged(allowed: &[(String, String)], denied: &[(String, String)]) -> Result<String, Trouble> {
    let wrong = |decided: &[(String, String)], is_allowed: bool| {
        let wrong = decided.iter().filter(|(_, decision)| (decision == "allowed") != is_allowed);
        wrong.map(|(action, decision)| format!("{action} is {decision}")).collect::<Vec<_>>()
    };
    let wrong = [wrong(allowed, true), wrong(denied, false)].concat();
    ensure(wrong.is_empty(), || wrong.join(", "))?;
    ensure(!allowed.is_empty() && !denied.is_empty(), || "IAM decided nothing".to_owned())?;
    Ok(format!("{} allowed, {} denied", allowed.len(), denied.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(parameters: &[(&str, &str)]) -> Stack {
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Stack {
            outputs: [("StateMachineArn", "m"), ("EventBusName", "default")].iter().map(text).collect(),
            parameters: parameters.iter().map(text).collect(),
            ..Stack::default()
        }
    }

    #[test]
    fn only_the_create_step_and_retirements_delete_groups_and_only_if_the_stack_allows_it() {
        let create = "CreateDatasetGroupRole";
        for (parameter, retires, expected) in
            [("true", false, &[create][..]), ("false", false, &[]), ("false", true, &["RetireDatasetGroupRole"])]
        {
            let mut stack = stack(&[("ReplaceAllowed", parameter)]);
            if retires {
                stack.outputs.insert("RetirementStateMachineArn".to_owned(), "r".to_owned());
            }
            let cases = cases(&stack).into_iter();
            let deletes = cases.filter(|case| case.allowed.contains(&"personalize:DeleteDatasetGroup"));
            assert_eq!(deletes.map(|case| case.role).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn with_a_role_of_the_hub_the_functions_only_assume_it() {
        let cases = cases(&stack(&[("DataZoneRoleArn", "arn:hub")]));
        let allowed: Vec<_> = cases.iter().flat_map(|case| &case.allowed).collect();
        assert!(allowed.contains(&&"sts:AssumeRole") && !allowed.iter().any(|action| action.starts_with("datazone:")));
    }

    #[test]
    fn every_wrong_decision_is_named() {
        let decided = |action: &str, decision: &str| vec![(action.to_owned(), decision.to_owned())];
        let trouble = judged(&decided("a:B", "implicitDeny"), &decided("c:D", "allowed")).expect_err("wrong");
        assert_eq!(trouble.to_string(), "a:B is implicitDeny, c:D is allowed");
        judged(&decided("a:B", "allowed"), &decided("c:D", "explicitDeny")).expect("right");
        judged(&[], &[]).expect_err("nothing was decided");
    }
}
