//! What is in the dataset groups: listed by calls, and put by order.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dataset_groups::{Group, State, epoch_seconds};
use super::{invalid, own_group, position};
use crate::arn;
use crate::control::documents::{ContentKind, ContentsOfMissingGroup};
use crate::lifecycle::ACTIVE;
use crate::page_token;
use crate::settings::Settings;
use crate::wire::{Reply, ServiceError, object};

/// The size of a page unless the request has one.
const PAGE: usize = 100;

/// The input of the five lists.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// None: the resources of all dataset groups.
    dataset_group_arn: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// `ListDatasets`, `ListSolutions`, `ListEventTrackers`, `ListRecommenders` or `ListFilters`, in the order in which the
/// names were put.
///
/// # Errors
///
/// `InvalidInputException`; `InvalidNextTokenException`; by setting also for a group that does not exist.
pub fn list(
    state: &mut State,
    settings: &Settings,
    missing_group: ContentsOfMissingGroup,
    kind: ContentKind,
    list: &List,
    now: Timestamp,
) -> Result<Reply, ServiceError> {
    let List { dataset_group_arn, next_token, max_results } = list;
    let group_name = dataset_group_arn.as_deref().map(|arn| own_group(settings, arn)).transpose()?;
    let source = format!("{}\n{}", kind.list_operation(), group_name.unwrap_or_default());
    let after = position(&source, next_token.as_deref())?;
    let groups: Vec<&Group> = match group_name {
        None => state.in_order(),
        Some(name) => match (state.visible(settings, name, now), missing_group) {
            (Ok(group), _) => vec![group],
            (Err(_), ContentsOfMissingGroup::Empty) => Vec::new(),
            (Err(error), ContentsOfMissingGroup::InvalidInputException) => return Err(invalid(error.message)),
            (Err(error), ContentsOfMissingGroup::ResourceNotFoundException) => return Err(error),
        },
    };
    let names = groups.into_iter().flat_map(|group| {
        let names = group.contents().get(&kind).into_iter().flatten();
        names.map(move |name| summary(settings, kind, group, name))
    });
    let (page, next) = page_token::page((1..).zip(names), after, max_results.unwrap_or(PAGE));
    let next = next.map(|next| page_token::make(&source, next).into());
    let member = match kind {
        ContentKind::Datasets => "datasets",
        ContentKind::Solutions => "solutions",
        ContentKind::EventTrackers => "eventTrackers",
        ContentKind::Recommenders => "recommenders",
        // The only one with a capital letter in the model.
        ContentKind::Filters => "Filters",
    };
    Ok(Reply::read(object([(member, Some(Value::Array(page))), ("nextToken", next)])))
}

/// A resource as its list shows it, without what its dataset group does not say: the recipe and the type of a dataset.
fn summary(settings: &Settings, kind: ContentKind, group: &Group, name: &str) -> Value {
    let (resource, arn_member) = match kind {
        ContentKind::Datasets => ("dataset", "datasetArn"),
        ContentKind::Solutions => ("solution", "solutionArn"),
        ContentKind::EventTrackers => ("event-tracker", "eventTrackerArn"),
        ContentKind::Recommenders => ("recommender", "recommenderArn"),
        ContentKind::Filters => ("filter", "filterArn"),
    };
    let group_arn = match kind {
        ContentKind::Recommenders | ContentKind::Filters => Some(arn::dataset_group(settings, group.name()).into()),
        ContentKind::Datasets | ContentKind::Solutions | ContentKind::EventTrackers => None,
    };
    object([
        ("name", Some(name.into())),
        (arn_member, Some(arn::personalize(settings, resource, name).into())),
        ("datasetGroupArn", group_arn),
        ("status", Some(json!(ACTIVE))),
        ("creationDateTime", Some(epoch_seconds(group.created()))),
        ("lastUpdatedDateTime", Some(epoch_seconds(group.created()))),
    ])
}
