//! What crosses the steps of the workflow: the request, the dataset group and group profile as the steps hand
//! them on, the outcome, and the errors that the state machine decides by.
//!
//! Nothing here does I/O; the member names are those of the Amazon Personalize and Amazon DataZone APIs.

pub mod arn;
pub mod batch;
pub mod execution;
pub mod outcome;
pub mod plan;
pub mod request;
pub mod resources;
pub mod retirement;
#[cfg(feature = "schema")]
mod schema;
pub mod step_error;
pub mod subject;
pub mod waiting;
pub mod whole_number;
mod words;

pub use arn::FunctionArn;
pub use execution::Execution;
pub use plan::Plan;
pub use request::{Request, RetirementRequest, Violation};
pub use resources::{DatasetGroup, DatasetGroupStatus, GroupProfile, GroupProfileStatus, Progress};
pub use step_error::{Contents, Difference, Service, ServiceResponse, StepError};
pub use subject::Subject;
