//! A set-up for each test: simulators of its own, the clients that the functions would have, and the handlers to run.
//!
//! Nothing here waits for time to pass. The simulators move a dataset group on with each look, and the clock that the
//! handlers are told is the test's.

mod between;
mod calls;
mod clients;
mod documents;
mod machine;
mod planning;
mod retiring;
mod setup;

pub use between::{Answer, Between, Exchange, Forgery, content_type};
pub use clients::{Clients, Pace, SECRETS};
pub use documents::{
    DOMAIN, GROUP, GROUP_NAME, KEY, NAME, OTHER_DOMAIN, PROJECT, ROLE, changed, request, request_for_role,
};
pub use machine::Provisioned;
pub use retiring::{Retired, retirement, retirement_for_role};
pub use setup::{Setup, tag};
