//! What a set of simulators is started with.

use std::time::Duration;

/// How dataset groups move from one status to the next when no script says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// By the clock, for demos: CREATE PENDING for the first quarter of `time_to_active`, CREATE `IN_PROGRESS` for
    /// the rest, then ACTIVE; DELETE PENDING for `time_to_delete`, then gone.
    Clock {
        /// From the creation to ACTIVE, at least.
        time_to_active: Duration,
        /// Each group takes up to so much longer, at random.
        spread: Duration,
        /// From the deletion until the group is gone.
        time_to_delete: Duration,
    },
    /// By the calls, for tests: each `DescribeDatasetGroup` is one step, so nobody has to sleep.
    Scripted,
}

/// Whether `DataZone` domains, groups and roles exist only when they were registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Every well-formed domain, group and role exists.
    Optional,
    /// Only what was registered through the control endpoint exists.
    Required,
}

/// What a set of simulators is started with. The default is what tests want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Region in the simulated ARNs.
    pub region: String,
    /// Account in the simulated ARNs: 12 digits.
    pub account: String,
    /// Partition in the simulated ARNs, such as `aws` or `aws-cn`.
    pub partition: String,
    /// How dataset groups move on.
    pub lifecycle: Lifecycle,
    /// Whether domains, groups and roles have to be registered.
    pub registration: Registration,
    /// Most dataset groups that may be active at once (AWS: 5 by default, adjustable, code L-14011066).
    pub dataset_group_quota: usize,
    /// Port of the Personalize listener; 0 takes a free one.
    pub personalize_port: u16,
    /// Port of the `DataZone` listener; 0 takes a free one.
    pub datazone_port: u16,
    /// Port of the control listener; 0 takes a free one.
    pub control_port: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            partition: "aws".to_owned(),
            lifecycle: Lifecycle::Scripted,
            registration: Registration::Required,
            dataset_group_quota: 500,
            personalize_port: 0,
            datazone_port: 0,
            control_port: 0,
        }
    }
}
