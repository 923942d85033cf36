//! Amazon `DataZone`: what its operations do beyond the rules of its model.

mod memberships;
mod profiles;
mod search;

use serde::Deserialize;
use serde_json::Value;

use self::memberships::{Creation, Deletion, List};
pub use self::profiles::State;
use self::search::Search;
use crate::control::documents::ProfileStatus;
use crate::service::Service;
use crate::settings::Settings;
use crate::simulation;
use crate::wire::{Reply, ServiceError};

/// The operations that are simulated, with inputs that the model has checked.
#[derive(Debug, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
enum Request {
    CreateGroupProfile {
        domain_identifier: String,
        group_identifier: Option<String>,
        role_principal_arn: Option<String>,
        client_token: Option<String>,
    },
    GetGroupProfile {
        domain_identifier: String,
        group_identifier: String,
    },
    UpdateGroupProfile {
        domain_identifier: String,
        group_identifier: String,
        status: ProfileStatus,
    },
    SearchGroupProfiles(Search),
    CreateProjectMembership(Creation),
    DeleteProjectMembership(Deletion),
    ListProjectMemberships(List),
}

/// Carries out a request: a name of an operation with its input.
///
/// # Errors
///
/// Those of the operation.
pub fn perform(state: &mut simulation::State, settings: &Settings, request: Value) -> Result<Reply, ServiceError> {
    let simulation::State { datazone, behaviour, .. } = state;
    let registration = settings.registration;
    match serde_json::from_value(request)? {
        Request::CreateGroupProfile { domain_identifier, group_identifier, role_principal_arn, client_token } => {
            let principal = profiles::principal(group_identifier, role_principal_arn)?;
            let domain = datazone.domain(&domain_identifier, registration)?;
            profiles::create(&domain_identifier, domain, registration, behaviour, principal, client_token)
        }
        Request::GetGroupProfile { domain_identifier, group_identifier } => {
            let domain = datazone.domain(&domain_identifier, registration)?;
            profiles::get(&domain_identifier, domain, behaviour, &group_identifier)
        }
        Request::UpdateGroupProfile { domain_identifier, group_identifier, status } => {
            let domain = datazone.domain(&domain_identifier, registration)?;
            profiles::update(&domain_identifier, domain, behaviour, &group_identifier, status)
        }
        Request::SearchGroupProfiles(search) => {
            search::search(datazone.domain(&search.domain_identifier, registration)?, &search)
        }
        Request::CreateProjectMembership(creation) => {
            let domain = datazone.domain(&creation.domain_identifier, registration)?;
            memberships::create(domain, registration, behaviour, creation)
        }
        Request::DeleteProjectMembership(deletion) => {
            let domain = datazone.domain(&deletion.domain_identifier, registration)?;
            memberships::delete(domain, registration, behaviour, deletion)
        }
        Request::ListProjectMemberships(list) => {
            let domain = datazone.domain(&list.domain_identifier, registration)?;
            memberships::list(domain, registration, behaviour, &list)
        }
    }
}

fn invalid(message: impl Into<String>) -> ServiceError {
    Service::DataZone.invalid(message)
}

fn not_found(message: String) -> ServiceError {
    Service::DataZone.error("ResourceNotFoundException", message)
}
