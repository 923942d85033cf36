//! A group profile as Amazon DataZone returns it, read into the types of the workflow, and its memberships in projects.

mod find;
pub mod members;
mod response;

use contract::Service;
use contract::request::{DomainIdentifier, Principal};
use service_call::Call;

pub use find::find;
pub use response::ProfileResponse;

/// A call to DataZone about the profile of a principal in a domain.
#[must_use]
pub fn call(operation: &'static str, domain: &DomainIdentifier, principal: &Principal) -> Call {
    let resource = format!("{} {} in domain {}", principal.kind(), principal.identifier(), domain.as_str());
    Call { service: Service::DataZone, operation, resource }
}
