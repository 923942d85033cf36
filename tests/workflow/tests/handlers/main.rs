//! The handlers of the three functions, over HTTP, against the simulators.

mod adopting;
mod answers;
mod at_once;
mod call_sites;
mod causes;
mod conflicts;
mod creating;
mod deletions;
mod failed_creations;
mod killed;
mod links;
mod matrix;
mod polling;
mod profiles;
mod warm;
mod whole_workflow;
mod wire;
