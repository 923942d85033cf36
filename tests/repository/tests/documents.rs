//! What the documents say is so.

use std::collections::{BTreeMap, BTreeSet};

use contract::StepError;
use contract_tests::definition::{Machine, all_machines, steps};
use contract_tests::diagram::{DOCUMENTS, redrawn};
use contract_tests::{project_file, read};
use repository_tests::{files, of_type, template};
use serde_json::Value;

/// Every text file of the project with this extension, by name.
fn texts(ending: &str) -> impl Iterator<Item = (String, String)> {
    let text = |name: String| std::fs::read_to_string(project_file(&name)).ok().map(|text| (name, text));
    files(ending).into_iter().filter_map(text)
}

#[test]
fn the_picture_of_each_state_machine_is_current() {
    let machines = all_machines();
    let drawn = DOCUMENTS.map(|name| {
        let document = read(name);
        let (redrawn, drawn) = redrawn(&document, &machines);
        assert!(redrawn == document, "{name}: `make diagram` draws it anew");
        drawn
    });
    assert_eq!(drawn.into_iter().sum::<usize>(), machines.len(), "each has one picture");
}

/// The rows of the table that begins with these titles, each as its cells.
fn table<'a>(document: &'a str, titles: &str) -> Vec<Vec<&'a str>> {
    let (_, table) = document.split_once(&format!("\n{titles}")).unwrap_or_else(|| panic!("no table {titles}"));
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix('|'));
    rows.map(|row| row.split('|').map(str::trim).collect()).collect()
}

/// What stands between backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The names in the first column.
fn listed(document: &str, titles: &str) -> BTreeSet<String> {
    table(document, titles).iter().flat_map(|row| names(row[0])).map(str::to_owned).collect()
}

/// The whole numbers in a text.
fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_in_a_document_leads_somewhere() {
    for (name, text) in texts(".md") {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
            let target = match file {
                "" => project_file(&name),
                _ => project_file(&name).parent().expect("a folder").join(file),
            };
            assert!(target.exists(), "{name} links to {link}");
            if let Some(heading) = heading {
                let target = std::fs::read_to_string(&target).expect("a document");
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                assert!(headings.any(|line| anchor(line.trim_start_matches('#')) == heading), "{name} links to {link}");
            }
        }
    }
}

#[test]
fn every_place_in_the_code_map_exists() {
    let architecture = read("docs/architecture.md");
    let map = architecture.split("\n## ").find(|section| section.starts_with("Code map")).expect("a code map");
    for cell in map.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next()) {
        for place in cell.split("`, `").map(|place| place.trim_matches('`')) {
            assert!(project_file(place).exists(), "docs/architecture.md names {place}");
        }
    }
}

#[test]
fn every_error_has_a_section_that_tells_what_to_do_and_a_line_in_the_readme() {
    let (readme, operations) = (read("README.md"), read("docs/operations.md"));
    assert_eq!(listed(&readme, "| error |"), StepError::NAMES.map(str::to_owned).into());
    for name in StepError::NAMES {
        let section = operations
            .split_once(&format!("\n## {name}\n"))
            .map(|(_, rest)| rest.split("\n## ").next().unwrap_or_default());
        let section = section.unwrap_or_else(|| panic!("docs/operations.md says nothing of {name}"));
        for part in ["**Meaning:**", "**Check:**", "**Action:**", "**Rerun:**"] {
            assert!(section.contains(part), "{name}: docs/operations.md does not say {part}");
        }
    }
}

#[test]
fn every_parameter_stands_in_the_readme_with_its_default() {
    let readme = read("README.md");
    let parameters = template()["Parameters"].as_object().expect("parameters");
    assert_eq!(listed(&readme, "| parameter |"), parameters.keys().cloned().collect());
    for row in table(&readme, "| parameter |") {
        for name in names(row[0]) {
            let default = &parameters[name]["Default"];
            let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
            let shown = match default.as_str() {
                "" => ["none", "empty"].contains(&row[1]),
                // A list has each item in marks of its own.
                default => [names(row[1]).collect::<Vec<_>>().join(",").as_str()]
                    .into_iter()
                    .chain(names(row[1]))
                    .any(|shown| shown == default),
            };
            assert!(shown, "README.md does not say that the default of {name} is {default:?}");
        }
    }
}

#[test]
fn every_member_of_a_request_stands_in_the_readme_with_its_limits() {
    members_of(contract::outcome::REQUESTED, "| member | | allowed |");
    members_of(contract::retirement::RETIREMENT_REQUESTED, "| member of a retirement | | allowed |");
}

/// Holds a table of README.md against the members of a request.
fn members_of(detail_type: &str, titles: &str) {
    let schema = contract_tests::schemas::schema(detail_type);
    let properties = |schema: &Value| schema["properties"].as_object().expect("members").clone();
    let mut members = BTreeMap::new();
    for (name, member) in properties(&schema) {
        let part = ["allOf", "anyOf"].into_iter().find_map(|kind| member[kind][0]["$ref"].as_str());
        match part.and_then(|path| schema.pointer(path.trim_start_matches('#'))) {
            Some(part) => members.extend(properties(part).into_iter().map(|(inner, m)| (format!("{name}.{inner}"), m))),
            None => drop(members.insert(name, member)),
        }
    }
    members.remove(contract::request::STARTED_BY_EXECUTION);
    let readme = read("README.md");
    assert_eq!(listed(&readme, titles), members.keys().cloned().collect());
    for row in table(&readme, titles) {
        for (name, member) in names(row[0]).map(|name| (name, &members[name])) {
            let (shown, allowed) = (numbers(row[2]), numbers(&member.to_string()));
            assert!(shown.iter().all(|number| allowed.contains(number)), "{name}: {shown:?}, {allowed:?}");
            for word in member["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                assert!(names(row[2]).any(|shown| shown == word), "README.md says nothing of {word} for {name}");
            }
        }
    }
}

#[test]
fn every_alarm_and_every_metric_stands_in_the_operations_manual() {
    let operations = read("docs/operations.md");
    let alarms = of_type("AWS::CloudWatch::Alarm").map(|(name, _)| name.trim_end_matches("Alarm").to_owned());
    assert_eq!(listed(&operations, "| alarm |"), alarms.collect());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metrics = of_type("AWS::Logs::MetricFilter").map(|(_, filter)| {
        let metric = &filter["Properties"]["MetricTransformations"][0];
        (text(&metric["MetricName"]), text(&metric["Dimensions"][0]["Key"]))
    });
    let rows = table(&operations, "| metric |");
    let shown = rows.iter().flat_map(|row| {
        names(row[0]).map(|metric| (metric.to_owned(), names(row[1]).next().unwrap_or_default().to_owned()))
    });
    assert_eq!(shown.collect::<BTreeSet<_>>(), metrics.collect());
}

#[test]
fn the_message_to_the_topic_stands_in_the_operations_manual() {
    let rule = &template()["Resources"]["RequesterErrorsRule"]["Properties"];
    let text = rule["Targets"][0]["InputTransformer"]["InputTemplate"]["Fn::Sub"][0].as_str().expect("text");
    let text = text.replace("${Console}", "console.aws.amazon.com").replace("${AWS::Region}", "us-east-1");
    let operations = read("docs/operations.md");
    let mut shown =
        operations.lines().map(str::trim).skip_while(|line| !line.ends_with("a request for a dataset group failed.\""));
    for line in text.lines() {
        let shown = shown.next().expect("a line");
        let (before, after) = (line.split('<').next(), line.rsplit('>').next());
        assert!(before.is_some_and(|text| shown.starts_with(text)), "{line}");
        assert!(after.is_some_and(|text| shown.ends_with(text)), "{line}");
    }
}

/// Each service that encrypts for the stack may use the key by the key's policy, and each role by its own.
#[test]
fn the_key_policy_and_the_permissions_on_the_key_are_those_that_the_template_needs() {
    let operations = read("docs/operations.md");
    let (_, rest) = operations.split_once("\n## Keys\n").expect("a section");
    let policy = rest.split("```").nth(1).and_then(|block| block.strip_prefix("json")).expect("a block of JSON");
    let policy: Value = serde_json::from_str(policy).expect("JSON");
    let may = |principal: &Value, action: &str| {
        policy.as_array().into_iter().flatten().any(|statement| {
            let actions = statement["Action"].to_string();
            statement["Principal"] == *principal
                && ["", "*"].iter().any(|end| actions.contains(&format!("\"{action}{end}\"")))
        })
    };
    let service = |name: &str| serde_json::json!({"Service": format!("{name}.amazonaws.com")});
    // The log groups, the queue, and the log deliveries of an encrypted state machine.
    assert!(of_type("AWS::Logs::LogGroup").all(|(_, group)| !group["Properties"]["KmsKeyId"].is_null()));
    assert!(of_type("AWS::SQS::Queue").all(|(_, queue)| !queue["Properties"]["KmsMasterKeyId"].is_null()));
    for (principal, actions) in [
        (
            service("logs.REGION"),
            &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt", "kms:GenerateDataKey", "kms:Describe"][..],
        ),
        (service("events"), &["kms:Decrypt", "kms:GenerateDataKey"]),
        (service("delivery.logs"), &["kms:Decrypt"]),
        (serde_json::json!({"AWS": "arn:aws:iam::123456789012:root"}), &["kms:"]),
    ] {
        for action in actions {
            assert!(may(&principal, action), "{principal} may not {action}");
        }
    }
    // The statements on the key, by role or policy.
    let mut permissions = BTreeMap::new();
    for kind in ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy"] {
        for (name, resource) in of_type(kind) {
            let mut actions = BTreeSet::new();
            kms_actions(&resource["Properties"], &mut actions);
            permissions.insert(name.as_str(), actions);
        }
    }
    let row = |title: &str| {
        let rows = table(&operations, "| role | with the key |");
        let row = rows.iter().find(|row| row[0].starts_with(title)).unwrap_or_else(|| panic!("{title}"));
        names(row[1]).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    for (name, actions) in permissions {
        let title = match name {
            "StateMachineRole" | "RetireMachineRole" | "BatchMachineRole" => "the state machine",
            "DatasetGroupRequestedRole"
            | "DatasetGroupRetirementRequestedRole"
            | "DatasetGroupsRequestedRole"
            | "BatchCallerPolicy"
            | "CallerPolicy"
            | "RetirementCallerPolicy" => "the rule",
            _ => "each function",
        };
        assert_eq!(actions, row(title), "{name}");
    }
}

/// The actions of all statements on the key of the parameter `KmsKeyArn`.
fn kms_actions(value: &Value, actions: &mut BTreeSet<String>) {
    if value["Resource"] == serde_json::json!({"Ref": "KmsKeyArn"}) {
        let listed = value["Action"].as_array().cloned().unwrap_or_else(|| vec![value["Action"].clone()]);
        actions.extend(listed.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    for member in
        value.as_object().into_iter().flat_map(|object| object.values()).chain(value.as_array().into_iter().flatten())
    {
        kms_actions(member, actions);
    }
}

/// A function has time for every call that it makes, and its task has time for its response.
#[test]
fn the_time_outs_are_those_of_the_architecture_and_leave_time_for_every_call() {
    let architecture = read("docs/architecture.md");
    let rows = table(&architecture, "| | value |");
    let cell = |title: &str| rows.iter().find(|row| row[0] == title).unwrap_or_else(|| panic!("{title}"))[1];
    let seconds_of_a_call = numbers(cell("connect, attempt, all attempts"))[2];
    for (step, program) in steps() {
        // The cells name a function by its first word.
        let word = program.split('-').next().expect("a word");
        let number = |title: &str| {
            let (_, rest) = cell(title).split_once(word).unwrap_or_else(|| panic!("{title}: nothing of {word}"));
            numbers(rest)[0]
        };
        let (function, task) = (number("Lambda time-out"), number("task time-out of the state machine"));
        let calls = number("maximum calls of one invocation");
        assert_eq!(template()["Resources"][format!("{step}Function")]["Properties"]["Timeout"], function, "{step}");
        let function_arn = format!("${{{step}FunctionArn}}");
        for (name, state) in all_machines().iter().flat_map(Machine::all_states) {
            let runs = state["Arguments"]["FunctionName"] == function_arn;
            assert!(!runs || state["TimeoutSeconds"] == task, "{name}");
        }
        assert!(calls * seconds_of_a_call < function && function < task, "{step}");
    }
}

#[test]
fn every_make_target_in_a_document_exists() {
    let makefile = read("Makefile");
    for (name, text) in texts(".md") {
        for target in text.split("`make ").skip(1).filter_map(|rest| rest.split(['`', ' ', '\n']).next()) {
            assert!(makefile.contains(&format!("\n{target}:")), "{name} names `make {target}`");
        }
    }
}

/// Twelve digits in a row that stand alone, or in an ARN.
fn account_numbers(text: &str) -> Vec<&str> {
    let digits = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_' && c != '.');
    digits.filter(|word| word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit())).collect()
}

#[test]
fn the_only_account_numbers_are_those_of_documentation() {
    let number = "1111".repeat(3);
    assert_eq!(account_numbers(&format!("arn:aws:iam::{number}:role/x, a-{number}")), [number.as_str()]);
    for (name, text) in texts("") {
        for number in account_numbers(&text) {
            assert!(["123456789012", "000000000000"].contains(&number), "{name} holds the account number {number}");
        }
    }
}

#[test]
fn no_file_holds_a_path_of_a_machine_or_a_secret() {
    let here = project_file("").canonicalize().expect("a path");
    let here = here.to_str().expect("text");
    // Put together here, so that this file does not hold them.
    let secrets =
        [["AK", "IA"].concat(), ["-----BEGIN", " PRIVATE"].concat(), ["/ro", "ot/"].concat(), ["/ho", "me/"].concat()];
    for (name, text) in texts("") {
        assert!(!text.contains(&format!("{here}/")), "{name} holds the path of this machine");
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
        }
    }
}
