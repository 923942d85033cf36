//! What a set of simulators is started with.

use std::time::Duration;

/// How dataset groups move from one status to the next when no script says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// By the clock, for demos: CREATE PENDING for the first quarter of `time_to_active`, CREATE `IN_PROGRESS` for
    /// the rest, then ACTIVE; DELETE PENDING for `time_to_delete`, then gone.
    Clock {
        /// From the creation to ACTIVE.
        time_to_active: Duration,
        /// From the deletion until the group is gone.
        time_to_delete: Duration,
    },
    /// By the calls, for tests: each `DescribeDatasetGroup` is one step, so nobody has to sleep.
    Scripted,
}

/// What exists without having been registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// Every well-formed `DataZone` domain, group and role exists.
    Open,
    /// Only what was registered through the control endpoint exists.
    Closed,
}

/// What a set of simulators is started with. The default is what tests want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Region in the ARNs of this world.
    pub region: String,
    /// Account in the ARNs of this world: 12 digits.
    pub account: String,
    /// Partition in the ARNs of this world, such as `aws` or `aws-cn`.
    pub partition: String,
    /// How dataset groups move on.
    pub lifecycle: Lifecycle,
    /// What exists without having been registered.
    pub world: World,
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
            world: World::Closed,
            dataset_group_quota: 500,
            personalize_port: 0,
            datazone_port: 0,
            control_port: 0,
        }
    }
}
