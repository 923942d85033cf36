//! What waiting costs on AWS: list prices of us-east-1, `x86_64`, first tier, without the free tier, in 2026.

/// States that an execution enters when nothing has to be waited for: Begin to Provisioned, with `CheckStatus` twice.
pub const TRANSITIONS_WITHOUT_POLLS: f64 = 8.0;
/// States of one round of the loop: `WaitForStatus`, `PollStatus`, `CheckStatus`.
pub const TRANSITIONS_OF_A_POLL: f64 = 3.0;

/// Dollars for a transition of a Standard workflow.
pub const TRANSITION: f64 = 0.000_025;
/// Dollars for a request to Lambda.
pub const REQUEST: f64 = 0.000_000_2;
/// Dollars for Lambda to keep a gigabyte for a second.
pub const GIGABYTE_SECOND: f64 = 0.000_016_666_7;
/// Memory of the poll function, in gigabytes (template.yaml).
pub const MEMORY: f64 = 0.25;
/// What a poll is billed for, in seconds. An assumption, and a large one: a cold start with a slow answer.
pub const BILLED: f64 = 0.2;

/// States that an execution enters.
pub fn transitions(polls: f64) -> f64 {
    TRANSITIONS_WITHOUT_POLLS + TRANSITIONS_OF_A_POLL * polls
}

/// Dollars for an execution's transitions and polls.
pub fn dollars(polls: f64) -> f64 {
    transitions(polls) * TRANSITION + polls * (REQUEST + GIGABYTE_SECOND * MEMORY * BILLED)
}
