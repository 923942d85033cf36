//! The handlers of the three functions, over HTTP, against the simulators.

mod adopting;
mod answers;
mod at_once;
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
mod sites;
mod warm;
mod whole_stories;
mod wire;
