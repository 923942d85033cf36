//! Amazon Personalize: what its operations do beyond the rules of its model.

mod contents;
mod dataset_groups;
mod tags;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

pub use self::dataset_groups::State;
use crate::arn;
use crate::control::documents::{ContentKind, DatasetGroupState, Tag};
use crate::page_token;
use crate::service::Service;
use crate::settings::Settings;
use crate::simulation;
use crate::wire::{Reply, ServiceError};

/// The operations that are simulated, with inputs that the model has checked.
#[derive(Debug, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
enum Request {
    /// The members of the input are members of the state, too.
    CreateDatasetGroup(Box<DatasetGroupState>),
    DescribeDatasetGroup {
        dataset_group_arn: String,
    },
    ListDatasetGroups {
        next_token: Option<String>,
        max_results: Option<usize>,
    },
    DeleteDatasetGroup {
        dataset_group_arn: String,
    },
    TagResource {
        resource_arn: String,
        tags: Vec<Tag>,
    },
    UntagResource {
        resource_arn: String,
        tag_keys: Vec<String>,
    },
    ListTagsForResource {
        resource_arn: String,
    },
    ListDatasets(contents::List),
    ListSolutions(contents::List),
    ListEventTrackers(contents::List),
    ListRecommenders(contents::List),
    ListFilters(contents::List),
}

/// Carries out a request: a name of an operation with its input.
///
/// # Errors
///
/// Those of the operation.
pub fn perform(
    state: &mut simulation::State,
    settings: &Settings,
    request: Value,
    now: Timestamp,
) -> Result<Reply, ServiceError> {
    let (groups, behaviour) = (&mut state.personalize, &state.behaviour);
    groups.sweep(now);
    let missing_group = behaviour.contents_of_missing_group;
    let contents = |groups: &mut State, kind, list: contents::List| {
        contents::list(groups, settings, missing_group, kind, &list, now)
    };
    match serde_json::from_value(request)? {
        Request::CreateDatasetGroup(group) => {
            dataset_groups::create(groups, settings, behaviour.dataset_group_quota, *group, now)
        }
        Request::DescribeDatasetGroup { dataset_group_arn } => {
            dataset_groups::describe(groups, settings, own_group(settings, &dataset_group_arn)?, now)
        }
        Request::ListDatasetGroups { next_token, max_results } => {
            dataset_groups::list(groups, settings, next_token.as_deref(), max_results, now)
        }
        Request::DeleteDatasetGroup { dataset_group_arn } => {
            dataset_groups::delete(groups, settings, behaviour, own_group(settings, &dataset_group_arn)?, now)
        }
        Request::TagResource { resource_arn, tags } => {
            let (name, tags) = (own_group(settings, &resource_arn)?, tags::distinct(&tags)?);
            tags::tag(groups.visible(settings, name, now)?, tags)
        }
        Request::UntagResource { resource_arn, tag_keys } => {
            tags::check_keys(&tag_keys)?;
            tags::untag(groups.visible(settings, own_group(settings, &resource_arn)?, now)?, &tag_keys)
        }
        Request::ListTagsForResource { resource_arn } => {
            Ok(tags::list(groups.visible(settings, own_group(settings, &resource_arn)?, now)?))
        }
        Request::ListDatasets(list) => contents(groups, ContentKind::Datasets, list),
        Request::ListSolutions(list) => contents(groups, ContentKind::Solutions, list),
        Request::ListEventTrackers(list) => contents(groups, ContentKind::EventTrackers, list),
        Request::ListRecommenders(list) => contents(groups, ContentKind::Recommenders, list),
        Request::ListFilters(list) => contents(groups, ContentKind::Filters, list),
    }
}

fn invalid(message: impl Into<String>) -> ServiceError {
    Service::Personalize.invalid(message)
}

/// The position that the token of a list stands for.
fn position(list: &str, token: Option<&str>) -> Result<Option<u64>, ServiceError> {
    let foreign = || {
        let message = "The token is not valid: it does not come from the same list";
        Service::Personalize.error("InvalidNextTokenException", message)
    };
    token.map(|token| page_token::read(list, token).ok_or_else(foreign)).transpose()
}

/// The name in an ARN, when it is one of a dataset group in the partition, region and account of the settings.
fn own_group<'a>(settings: &Settings, arn: &'a str) -> Result<&'a str, ServiceError> {
    let name = arn::dataset_group_name(arn)
        .ok_or_else(|| invalid(format!("The ARN {arn} is not the ARN of a dataset group")))?;
    if arn == arn::dataset_group(settings, name) {
        Ok(name)
    } else {
        let Settings { partition, region, account, .. } = settings;
        Err(invalid(format!("The ARN {arn} is not in partition {partition}, region {region} and account {account}")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulation::Simulation;

    fn code(request: Value) -> String {
        let simulation = Simulation::new(Settings::default());
        let reply = perform(&mut simulation.state(), &simulation.settings, request, Timestamp::UNIX_EPOCH);
        reply.map_or_else(|error| error.code, |_| "valid".to_owned())
    }

    #[test]
    fn key_and_role_come_together_or_not_at_all() {
        let (key, role) = ("arn:aws:kms:us-east-1:123456789012:key/1", "arn:aws:iam::123456789012:role/personalize");
        let with = |input: Value| code(json!({"CreateDatasetGroup": input}));
        assert_eq!(with(json!({"name": "a", "kmsKeyArn": key, "roleArn": role})), "valid");
        assert_eq!(with(json!({"name": "a", "kmsKeyArn": key})), "InvalidInputException");
        assert_eq!(with(json!({"name": "a", "roleArn": role})), "InvalidInputException");
    }

    #[test]
    fn tag_keys_are_unique_not_reserved_and_at_most_fifty() {
        let with = |keys: &[&str]| {
            let tags: Vec<_> = keys.iter().map(|key| json!({"tagKey": key, "tagValue": "1"})).collect();
            code(json!({"CreateDatasetGroup": {"name": "a", "tags": tags}}))
        };
        let keys: Vec<_> = (0..51).map(|number| number.to_string()).collect();
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        assert_eq!(with(&keys[..50]), "valid");
        assert_eq!(with(&keys), "TooManyTagsException");
        assert_eq!(with(&["k", "k"]), "InvalidInputException");
        assert_eq!(with(&["AWS:k"]), "InvalidInputException");
        let resource_arn = arn::dataset_group(&Settings::default(), "a");
        let untag = json!({"UntagResource": {"resourceArn": resource_arn, "tagKeys": keys}});
        assert_eq!(code(untag), "TooManyTagKeysException");
    }

    #[test]
    fn only_arns_of_dataset_groups_of_this_account_are_accepted() {
        let with = |arn: &str| code(json!({"DescribeDatasetGroup": {"datasetGroupArn": arn}}));
        assert_eq!(with("arn:aws:personalize:us-east-1:000000000000:dataset-group/a"), "ResourceNotFoundException");
        for arn in [
            "a",
            "arn:aws:s3:us-east-1:000000000000:dataset-group/a",
            "arn:aws:personalize:us-east-1:000000000000:solution/a",
            "arn:aws:personalize:eu-west-1:000000000000:dataset-group/a",
            "arn:aws:personalize:us-east-1:123456789012:dataset-group/a",
            "arn:aws-cn:personalize:us-east-1:000000000000:dataset-group/a",
        ] {
            assert_eq!(with(arn), "InvalidInputException", "{arn}");
        }
    }
}
