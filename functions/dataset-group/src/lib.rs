//! A dataset group as Amazon Personalize describes it, read into the types of the workflow. Every member of the
//! service's responses is optional and its status a free string; what does not fit is an error here, at the edge.

mod configuration;
mod observe;
mod tags;

use aws_sdk_personalize::config::Builder;
use aws_sdk_personalize::config::retry::RetryConfig;
use contract::Service;
use service_call::Call;

pub use configuration::{differences, no_conflict};
pub use observe::{Observed, observe};
pub use tags::{Link, Tags, add_tags, list_tags, service_tags};

/// A call to Personalize on behalf of one dataset group.
#[must_use]
pub fn call(operation: &'static str, dataset_group_arn: &str) -> Call {
    Call { service: Service::Personalize, operation, resource: dataset_group_arn.to_owned() }
}

/// Configuration of a call that changes what was just read, and that the service takes no condition for: the SDK does
/// not send it again by itself, because another execution may have changed it by then. A failure ends the step, and its
/// next run reads first.
#[must_use]
pub fn sent_once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}
