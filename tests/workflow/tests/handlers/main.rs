//! The handlers of the functions, over HTTP, against the simulators.

mod adopting;
mod at_once;
mod conflicts;
mod creating;
mod deletions;
mod failed_creations;
mod grid;
mod links;
mod plans;
mod polling;
mod profiles;
mod projects;
mod retirements;
mod sessions;
mod warm;
mod whole_workflow;
mod wire;
