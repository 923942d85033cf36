//! Addresses and commands for a stack that keeps running.

use local_stack::LocalStack;
use serde_json::{Value, json};

use super::outcome::Outcome;
use super::trigger::Trigger;

/// The group of the commands.
const ANOTHER: &str = "another-group";

/// Addresses, and commands to copy: the same events for another dataset group.
pub fn invitation(stack: &LocalStack, triggers: &[&Trigger], outcome: &Outcome) -> String {
    let machine = &stack.outputs()[if triggers.len() > 1 { "RetirementStateMachineArn" } else { "StateMachineArn" }];
    let bus = &stack.outputs()["EventBusName"];
    let personalize = stack.personalize_url();
    let place = outcome.dataset_group_arn().and_then(|arn| arn.rsplit_once('/'));
    let group = place.map_or_else(|| "<arn>".to_owned(), |(place, _)| format!("{place}/{ANOTHER}"));
    let events = triggers.iter().map(|trigger| {
        let entries = json!([{
            "EventBusName": bus, "Source": "me", "DetailType": trigger.detail_type,
            "Detail": another(&trigger.detail).to_string(),
        }]);
        format!("  # {}\n  aws events put-events --entries {}", trigger.detail_type, quoted(&entries.to_string()))
    });
    let events = events.collect::<Vec<_>>().join("\n");
    format!(
        "\
The stack keeps running until Ctrl-C.

  AWS engine         {engine}
  Personalize        {personalize}
  DataZone           {datazone}
  simulator control  {control}
  logs               {logs}
  state machine      {machine}

In another terminal, in the folder of the project:

  export PATH=$PWD/target/tools/aws/bin:$PATH AWS_ENDPOINT_URL={engine}
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1

{events}
  # the executions
  aws stepfunctions list-executions --state-machine-arn {machine}
  # the dataset groups
  aws personalize list-dataset-groups --endpoint-url {personalize}
  aws personalize list-tags-for-resource --endpoint-url {personalize} --resource-arn {group}
  # the log of the functions
  for group in $(aws logs describe-log-groups --query 'logGroups[].logGroupName' --output text); do
    aws logs filter-log-events --log-group-name $group --query 'events[].[message]' --output text
  done",
        engine = stack.endpoint_url(),
        datazone = stack.datazone_url(),
        control = stack.control_url(),
        logs = stack.logs().display(),
    )
}

/// The same request with another group name.
fn another(request: &Value) -> Value {
    let mut request = request.clone();
    if let Some(name) = request.pointer_mut("/datasetGroup/name") {
        *name = ANOTHER.into();
    }
    request
}

/// As one word for a shell.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_request_differs_in_the_name_only() {
        let request = json!({"datasetGroup": {"name": "one", "domain": "ECOMMERCE"}});
        assert_eq!(another(&request), json!({"datasetGroup": {"name": ANOTHER, "domain": "ECOMMERCE"}}));
    }

    #[test]
    fn a_quote_in_a_request_does_not_end_the_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn a_request_without_a_name_stays_as_it_is() {
        assert_eq!(another(&json!(null)), json!(null));
    }
}
