//! A dataset group is retired only with the proof that it is meant, access first, and once. (Faults, kills and changed responses
//! at each call: see the grid.)

mod access;
mod deletion;
mod plans;
mod proof;

use contract::retirement::{Disposition, RemovalChange};
use simulators::{Profile, ProfileStatus};
use workflow_tests::{GROUP, PROJECT, Retired, Setup};

/// A group in this status that is linked to the profile of the requests, which is a member of the project.
async fn linked(status: &str) -> Setup {
    let setup = Setup::start().await;
    setup.put_linked_group(status, Profile::of_group(GROUP, ProfileStatus::Assigned), PROJECT).await;
    setup
}

async fn is_member(setup: &Setup) -> bool {
    setup.projects().await.iter().any(|project| !project.members.is_empty())
}

fn changes(done: &Retired) -> Vec<(RemovalChange, Option<&str>)> {
    done.changes.projects.iter().map(|removal| (removal.change, removal.designation.as_deref())).collect()
}

fn disposition(done: &Retired) -> Option<Disposition> {
    done.gone.as_ref().map(|gone| gone.disposition)
}
