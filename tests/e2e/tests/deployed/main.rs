//! The workflow on the deployed stack: the real template, state machine and functions, on the local engine.

mod alarms;
mod batch;
mod callers;
mod dataset_group;
mod failures;
mod group_profile;
mod least_privilege;
mod operations;
mod organisation;
mod plans;
mod projects;
mod reruns;
mod retirements;
mod secrets;
mod ways_in;
