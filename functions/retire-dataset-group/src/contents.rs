//! What is in a dataset group: five lists of Amazon Personalize.

use aws_sdk_personalize::Client;
use contract::step_error::MOST_NAMES;
use contract::{Contents, StepError};
use dataset_group::call;
use domain_access::pages::{self, Page};
use service_call::{Call, classify};

/// The most items of a page (Amazon Personalize API reference).
const PAGE: i32 = 100;
/// The longest name of a resource in Personalize.
const LONGEST_NAME: usize = 63;

/// The names of one kind of resource in the group. The operations have nothing in common but the names of their members.
macro_rules! names {
    ($client:expr, $arn:expr, $operation:ident, $name:literal, $items:ident) => {{
        let call = call($name, $arn);
        let list = $client.$operation().dataset_group_arn($arn).max_results(PAGE);
        pages::at_most(MOST_NAMES, &call, async |token| {
            let page = list.clone().set_next_token(token).send().await;
            let page = page.map_err(|error| classify(call.clone(), &error))?;
            let found = page.$items().iter().map(|item| name(&call, item.name())).collect::<Result<_, _>>()?;
            Ok(Page { found, next: page.next_token().map(str::to_owned) })
        })
        .await?
    }};
}

/// The names of what is in the group, at most 20 of each kind.
///
/// # Errors
/// What [`classify`] makes of the service's error, those of [`pages::at_most`], and [`StepError::Unexpected`] for a
/// resource without a name that can be handed on.
pub(crate) async fn contents(personalize: &Client, arn: &str) -> Result<Contents, StepError> {
    Ok(Contents {
        datasets: names!(personalize, arn, list_datasets, "ListDatasets", datasets),
        solutions: names!(personalize, arn, list_solutions, "ListSolutions", solutions),
        event_trackers: names!(personalize, arn, list_event_trackers, "ListEventTrackers", event_trackers),
        recommenders: names!(personalize, arn, list_recommenders, "ListRecommenders", recommenders),
        filters: names!(personalize, arn, list_filters, "ListFilters", filters),
    })
}

fn name(call: &Call, name: Option<&str>) -> Result<String, StepError> {
    let name = name.unwrap_or_default();
    let usable = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    let Call { operation, resource, .. } = call;
    let unusable =
        || StepError::unexpected(format!("{operation} returned a resource without a valid name for {resource}"));
    usable.then(|| name.to_owned()).ok_or_else(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_handed_on_is_unexpected() {
        let call = call("ListDatasets", "arn");
        let longest = "n".repeat(LONGEST_NAME);
        for text in ["items", longest.as_str()] {
            assert_eq!(name(&call, Some(text)).as_deref(), Ok(text));
        }
        let endless = "n".repeat(LONGEST_NAME + 1);
        for text in [None, Some(""), Some("a b"), Some("\u{1}"), Some(endless.as_str())] {
            assert_eq!(name(&call, text).expect_err("unusable").name(), "Unexpected");
        }
    }
}
