//! The program against the local stack: what it says, what it leaves, and what it does without permissions.

mod setup;

use std::time::Duration;

use local_stack::{LocalStack, Options};
use setup::{Run, Setup, stack};
use simulators::{
    Behaviour, CallFilter, ExistingMembership, ExistingProfile, Fault, Kind, MemberGroupId, MissingMembership,
    ProfileStatus, Service,
};
use tokio::process::Command;

#[tokio::test]
async fn every_promise_holds_and_every_answer_is_what_the_simulators_assume() {
    let setup = Setup::on(stack().await).await;
    let mut program = setup.accept(&setup.group, "");
    // With the CLI as it is installed.
    let path = stack()
        .await
        .tool("aws")
        .expect("the CLI")
        .get_envs()
        .find_map(|(name, value)| (name == "PATH").then_some(value?.to_owned()));
    let run = Run::of(&program.env("PATH", path.expect("a path")).output().await.expect("a run"));
    run.assert_ended(0);
    let unexpected: Vec<_> = setup
        .rows()
        .into_iter()
        .filter(|(about, answer, verdict)| match verdict.as_str() {
            "holds" | "same" | "measured" => false,
            "not-asked" => !answer.contains("GROUP is no role"),
            // The engine stores no metrics of its own.
            "not-played" => !about.contains("metrics"),
            _ => true,
        })
        .collect();
    assert_eq!(unexpected, [], "{}", run.printed);
    setup.assert_nothing_is_left().await;
    let report = setup.file("report.json") + &setup.file("report.md");
    for secret in
        ["000000000000", "arn:", &setup.domain, &setup.group, &setup.project, "analysts", "marker-", &setup.id]
    {
        assert!(!report.contains(secret), "{secret} in {report}");
    }
}

#[tokio::test]
async fn each_setting_of_the_simulators_that_is_turned_makes_its_answers_differ_and_no_others() {
    let stack = LocalStack::start(Options::default()).await.unwrap_or_else(|fault| panic!("{fault}"));
    let (by_group, by_role) = (Setup::on(&stack).await, Setup::on(&stack).await);
    let behaviour = Behaviour {
        existing_profile: ExistingProfile::ValidationException,
        new_profile_status: ProfileStatus::NotAssigned,
        lookup_by_name: false,
        lookup_by_role_arn: true,
        existing_membership: ExistingMembership::Overwrite,
        member_group_id: MemberGroupId::Profile,
        member_by_profile_id: false,
        missing_membership: MissingMembership::ValidationException,
        ..stack.control().behaviour().await.expect("settings")
    };
    stack.control().set_behaviour(&behaviour).await.expect("settings");
    let (one, two) =
        tokio::join!(by_group.run(&by_group.group, "profile,members"), by_role.run(&by_role.role, "profile"));
    one.assert_ended(0);
    two.assert_ended(0);
    let differing = |setup: &Setup| {
        let rows = setup.rows().into_iter();
        rows.filter(|(_, _, verdict)| verdict == "differs")
            .map(|(about, answer, _)| (about, answer))
            .collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(about, answer)| ((*about).to_owned(), (*answer).to_owned())).collect::<Vec<_>>()
    };
    let status = ("the status of a new group profile", "NOT_ASSIGNED");
    let existing = ("CreateGroupProfile for a profile that exists, with another client token", "ValidationException");
    let expected = pairs(&[
        status,
        existing,
        ("GetGroupProfile with the name of a group", "ResourceNotFoundException"),
        ("CreateProjectMembership with the id of a profile", "ResourceNotFoundException"),
        ("the id of a group in ListProjectMemberships", "the id of the profile"),
        ("CreateProjectMembership for a member, with another designation", "accepted, gets the new designation"),
        ("DeleteProjectMembership for a group that is no member", "ValidationException"),
    ]);
    assert_eq!(differing(&by_group), expected, "{}", one.printed);
    let expected = pairs(&[status, existing, ("GetGroupProfile with the ARN of a role", "finds the profile")]);
    assert_eq!(differing(&by_role), expected, "{}", two.printed);
    for setup in [&by_group, &by_role] {
        setup.assert_nothing_is_left().await;
    }
}

/// Kills a run some time after its first entry in the journal, and cleans up.
async fn killed_after(parts: &str, moment: Duration) {
    let setup = Setup::on(stack().await).await;
    let mut program = setup.accept(&setup.group, parts).spawn().expect("a run");
    setup.journal_of(&mut program, 1).await;
    tokio::time::sleep(moment).await;
    program.kill().await.expect("killed");
    let cleaned = setup.clean().await;
    assert_eq!(cleaned.code, Some(0), "{parts} after {moment:?}: {}", cleaned.printed);
    setup.assert_nothing_is_left().await;
    setup.clean().await.assert_ended(0);
}

#[tokio::test]
async fn after_a_kill_at_any_moment_clean_removes_everything() {
    let random = |from: u64, until: u64| Duration::from_millis(fastrand::u64(from..until));
    tokio::join!(
        killed_after("members,groups", random(0, 1_000)),
        killed_after("members,groups", random(1_000, 8_000)),
        killed_after("requests", random(0, 3_000)),
        killed_after("requests", random(3_000, 12_000))
    );
}

#[tokio::test]
async fn an_interrupted_run_removes_what_it_created_and_says_so() {
    let setup = Setup::on(stack().await).await;
    let mut program = setup.accept(&setup.group, "groups");
    let mut program =
        program.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("a run");
    setup.journal_of(&mut program, 1).await;
    let id = program.id().expect("a process").to_string();
    let signalled = Command::new("/bin/kill").args(["-INT", &id]).status().await.expect("signalled");
    assert!(signalled.success());
    let run = Run::of(&program.wait_with_output().await.expect("an end"));
    run.assert_ended(130);
    assert_eq!(setup.report()["interrupted"], true);
    setup.assert_nothing_is_left().await;
}

/// Denies an operation to a run, and returns the run with all that it printed.
async fn denied<'a>(service: Service, operation: &str, parts: &str) -> (Setup<'a>, Run) {
    let setup = Setup::on(stack().await).await;
    let resource = match service {
        Service::Personalize if parts == "requests" => format!("acceptance-{}-event", setup.id),
        Service::Personalize => format!("acceptance-{}-direct", setup.id),
        Service::DataZone => setup.domain.clone(),
    };
    let fault = Fault::new(service, Kind::AccessDenied).operation(operation).resource(&resource);
    let fault = setup.control.add_fault(fault).await.expect("a fault");
    let run = setup.run(&setup.group, parts).await;
    setup.control.remove_fault(fault).await.expect("removed");
    (setup, run)
}

/// Runs without a permission: the report names it, and what is left can be removed once it is granted.
async fn assert_named(service: Service, operation: &str, parts: &str, code: i32) {
    let (setup, run) = denied(service, operation, parts).await;
    run.assert_ended(code);
    let action = format!("{}:{operation}", service.name());
    let report = setup.file("report.md");
    assert!(report.contains(&format!("not allowed to call {action}")), "{action}: {}", run.printed);
    if !setup.journal().is_empty() {
        assert!(run.printed.contains("This removes it:\n  aws "), "{}", run.printed);
    }
    setup.clean().await.assert_ended(0);
    setup.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_missing_permission_on_dataset_groups_is_named() {
    for (operation, parts, code) in [
        ("CreateDatasetGroup", "groups", 0),
        ("TagResource", "groups", 0),
        ("DescribeDatasetGroup", "groups", 1),
        ("DeleteDatasetGroup", "groups", 1),
        // The workflow lacks it, too.
        ("ListTagsForResource", "requests", 1),
    ] {
        assert_named(Service::Personalize, operation, parts, code).await;
    }
}

#[tokio::test]
async fn a_missing_permission_on_profiles_and_members_is_named() {
    for (operation, parts, code) in [
        ("CreateGroupProfile", "profile", 0),
        ("GetGroupProfile", "profile", 0),
        ("UpdateGroupProfile", "profile", 1),
        ("CreateProjectMembership", "members", 0),
        ("ListProjectMemberships", "members", 0),
        ("DeleteProjectMembership", "members", 1),
    ] {
        assert_named(Service::DataZone, operation, parts, code).await;
    }
    let (_, run) = denied(Service::DataZone, "SearchGroupProfiles", "profile").await;
    run.assert_ended(2);
    assert!(run.printed.contains("datazone:SearchGroupProfiles"), "{}", run.printed);
}

#[tokio::test]
async fn without_a_domain_it_refuses_and_calls_nothing() {
    let setup = Setup::on(stack().await).await;
    let mut program = setup.program(&["--stack", setup::WORKFLOW, "--region", "us-east-1", "--group", &setup.group]);
    // A call would fail for want of the AWS CLI.
    let run = Run::of(&program.env("PATH", "/nowhere").output().await.expect("a run"));
    run.assert_ended(2);
    assert!(run.printed.contains("error: DOMAIN is missing; nothing was called"), "{}", run.printed);
    let calls = setup.control.calls(CallFilter::all().about(&setup.domain)).await.expect("calls");
    assert_eq!(calls, []);
}

#[tokio::test]
async fn a_wrong_stack_domain_or_guard_is_named_in_a_sentence() {
    let setup = Setup::on(stack().await).await;
    let refused = async |stack: &str, domain: &str| {
        let arguments = ["--stack", stack, "--region", "us-east-1", "--domain", domain, "--group", &setup.group];
        let run = Run::of(&setup.program(&arguments).output().await.expect("a run"));
        run.assert_ended(2);
        run.printed
    };
    let printed = refused("another", &setup.domain).await;
    assert!(printed.contains("there is no stack another in the Region us-east-1"), "{printed}");
    let printed = refused(setup::WORKFLOW, "dzd_nobody").await;
    assert!(printed.contains("DataZone knows no domain dzd_nobody"), "{printed}");
    assert_eq!(setup.journal(), [serde_json::Value::Null; 0]);
}
