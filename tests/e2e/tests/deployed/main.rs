//! The workflow on the deployed stack: the real template, state machine and functions, on the local engine.

mod dataset_group;
mod failures;
mod group_profile;
mod reruns;
mod ways_in;
