//! Amazon Personalize and Amazon `DataZone`, simulated over HTTP.
//!
//! Three listeners on 127.0.0.1: one speaks AWS JSON 1.1 as Personalize does, one REST JSON as `DataZone` does,
//! and one takes orders: what exists, what happens next, what goes wrong, and what was called. The
//! README describes them; [`Control`] is the typed client of the third.
//!
//! The rules (paths, lengths, patterns, enumerations, status codes) are those of botocore's service models
//! `personalize/2018-05-22` and `datazone/2018-05-10`, which are loaded. Nothing here uses the code under test.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should"))]

mod arn;
mod call_log;
mod control;
mod datazone;
mod exchange;
mod faults;
mod lifecycle;
mod model;
mod page_token;
mod personalize;
mod rate_limits;
mod server;
mod service;
mod settings;
mod simulation;
mod wire;

pub use call_log::{Answer, Call, CallFilter, Membership, Resource, Transition, Word};
pub use control::client::{Control, ControlError};
pub use control::documents::{
    Behaviour, ContentKind, Contents, ContentsOfMissingGroup, DatasetGroupState, DeletionWithFilters, DomainState,
    ExistingMembership, ExistingProfile, Group, MemberGroupId, MissingMembership, NamedScript, Profile, ProfileStatus,
    Project, ProjectMember, ReceivedFault, Scenario, Tag, Urls,
};
pub use faults::{Chance, Fault, Kind};
pub use lifecycle::{Look, Script, Step};
pub use rate_limits::RateLimit;
pub use server::Simulators;
pub use service::Service;
pub use settings::{Lifecycle, Registration, Settings};
