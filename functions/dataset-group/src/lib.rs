//! A dataset group as Amazon Personalize tells of it, read into the types of the workflow. Every member of the
//! service's answers is optional and its status a free string; what does not fit is an error here, at the edge.

mod observe;
mod tags;

use contract::Service;
use wiring::Call;

pub use observe::{Observed, observe};
pub use tags::{Link, add_tags, list_tags, service_tags};

/// A call to Personalize on behalf of one dataset group.
#[must_use]
pub fn call(operation: &'static str, dataset_group_arn: &str) -> Call {
    Call { service: Service::Personalize, operation, resource: dataset_group_arn.to_owned() }
}
