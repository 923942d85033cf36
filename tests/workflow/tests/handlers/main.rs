//! The handlers of the three functions, over HTTP, against the simulators.

mod adopting;
mod at_once;
mod conflicts;
mod creating;
mod deletions;
mod failed_creations;
mod grid;
mod links;
mod polling;
mod profiles;
mod sessions;
mod warm;
mod whole_workflow;
mod wire;
