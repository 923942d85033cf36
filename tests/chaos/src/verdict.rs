//! What the judge finds.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// What the judge finds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// What must never be.
    pub violations: Vec<Violation>,
    /// What no order of calls can rule out, and docs/architecture.md says so.
    pub races: Vec<Race>,
    /// Executions that the engine failed, not the workflow: nothing is proven by them.
    pub engine_failures: Vec<EngineFailure>,
}

/// An invariant that did not hold, with the evidence: names of dataset groups, ARNs of executions, numbers of calls in the
/// simulators' log.
#[expect(missing_docs, reason = "each variant says what must hold; what its members are is in their names")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "invariant", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Violation {
    /// Every event that was accepted starts one execution each time that it was sent.
    ExecutionCount { trigger: String, sent: usize, executions: Vec<String> },
    /// An execution is started by an event.
    Unsolicited { execution: String },
    /// Every execution ends by itself.
    NeverEnded { execution: String, status: String },
    /// An execution that was not aborted tells of its outcome at least once.
    NotTold { execution: String, ended: String },
    /// What is told is how the execution ended.
    ToldOtherwise { execution: String, ended: String, told: String },
    /// Each row of a batch has one outcome: of the execution with the name of the batch and the number of the row, or, if
    /// it is invalid, of the batch.
    RowOutcome { batch: String, row: u64, why: String },
    /// The summary of a batch counts the outcomes of its rows.
    Miscounted { batch: String, told: String, counted: String },
    /// There is one dataset group for a name. The simulators refuse a second one, as the service does, so no history with
    /// them breaks this: it would tell of a defect in them, or of services that do not refuse.
    TwoGroups { name: String, call: u64, standing: u64 },
    /// There is one group profile for a principal. The simulators refuse a second one, so of their histories only client
    /// tokens break this: two of them for one principal.
    TwoProfiles { domain: String, principal: String, found: String },
    /// Only a group in CREATE FAILED is deleted under REPLACE, or one by a retirement of its own profile that had seen it
    /// empty and had taken the access to its projects; once by an execution.
    Deleted { name: String, call: u64, status: String, why: String },
    /// A group that is linked to another profile gets no tag.
    TaggedElsewhere { name: String, call: u64, keys: Vec<String>, link: String },
    /// Tags are added, never taken away or overwritten.
    TagChanged { name: String, call: u64, key: String, from: String, to: Option<String> },
    /// A profile is never taken away from its group.
    Unassigned { domain: String, profile: String, call: u64 },
    /// A plan changes nothing.
    PlanChanged { execution: String, name: String, call: u64, operation: String },
    /// A group profile becomes a member only of a project that was asked for it, with the designation that was asked for.
    MemberAdded { domain: String, project: String, member: String, designation: String, call: u64 },
    /// A group profile stops being a member of a project only by a retirement that names the project, of a group that is
    /// linked to this profile, and is empty or on its way out.
    MemberRemoved { domain: String, project: String, member: String, call: u64, why: String },
    /// A retirement adds and changes nothing.
    RetirementChanged { execution: String, name: String, call: u64, operation: String },
    /// A member keeps its designation.
    DesignationChanged { domain: String, project: String, call: u64, from: String, to: String },
    /// A membership that an outcome tells of is there.
    NotMember { execution: String, name: String, project: String, why: String },
    /// An execution in the mode PLAN says what would be done.
    NotPlanned { execution: String, name: String, lacks: Vec<String> },
    /// Provisioned means ACTIVE, ASSIGNED and linked.
    NotReady { execution: String, name: String, lacks: Vec<String> },
    /// Retired means gone, and what it says became of the projects is all of them.
    NotRetired { execution: String, name: String, lacks: Vec<String> },
    /// A request for another configuration than the group has is a conflict, and so is a retirement for another profile.
    ConflictHidden { execution: String, name: String, ended: String, standing: String },
    /// What an execution fails with is what happened.
    Unfounded { execution: String, name: String, error: String, why: String },
    /// Without faults every name comes to what its state allows.
    NotConverged { execution: String, name: String, ended: String, allowed: Vec<String>, state: String },
}

impl Violation {
    /// The dataset group's name, or what it is about instead.
    #[must_use]
    pub fn about(&self) -> &str {
        match self {
            Self::ExecutionCount { trigger, .. } => trigger,
            Self::Unsolicited { execution }
            | Self::NeverEnded { execution, .. }
            | Self::NotTold { execution, .. }
            | Self::ToldOtherwise { execution, .. } => execution,
            Self::RowOutcome { batch, .. } | Self::Miscounted { batch, .. } => batch,
            Self::TwoGroups { name, .. }
            | Self::Deleted { name, .. }
            | Self::TaggedElsewhere { name, .. }
            | Self::TagChanged { name, .. }
            | Self::PlanChanged { name, .. }
            | Self::NotMember { name, .. }
            | Self::NotPlanned { name, .. }
            | Self::NotReady { name, .. }
            | Self::NotRetired { name, .. }
            | Self::RetirementChanged { name, .. }
            | Self::ConflictHidden { name, .. }
            | Self::Unfounded { name, .. }
            | Self::NotConverged { name, .. } => name,
            Self::TwoProfiles { principal, .. } => principal,
            Self::Unassigned { profile, .. } => profile,
            Self::MemberAdded { project, .. }
            | Self::MemberRemoved { project, .. }
            | Self::DesignationChanged { project, .. } => project,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExecutionCount { trigger, sent, executions } => {
                write!(
                    formatter,
                    "{trigger} was sent {sent} times and has {} executions: {}",
                    executions.len(),
                    executions.join(", ")
                )
            }
            Self::Unsolicited { execution } => write!(formatter, "no event asked for {execution}"),
            Self::NeverEnded { execution, status } => write!(formatter, "{execution} is {status}"),
            Self::NotTold { execution, ended } => write!(formatter, "{execution} ended {ended}, and no event told so"),
            Self::ToldOtherwise { execution, ended, told } => {
                write!(formatter, "{execution} ended {ended}, and an event told {told}")
            }
            Self::RowOutcome { batch, row, why } => write!(formatter, "row {row} of {batch}: {why}"),
            Self::Miscounted { batch, told, counted } => {
                write!(formatter, "{batch} tells {told}, and the outcomes of its rows are {counted}")
            }
            Self::TwoGroups { name, call, standing } => {
                write!(formatter, "call {call} created a second dataset group {name} beside generation {standing}")
            }
            Self::TwoProfiles { domain, principal, found } => {
                write!(formatter, "two group profiles for {principal} in {domain}: {found}")
            }
            Self::Deleted { name, call, status, why } => {
                write!(formatter, "call {call} deleted the dataset group {name}, which was {status}: {why}")
            }
            Self::TaggedElsewhere { name, call, keys, link } => {
                write!(formatter, "call {call} added {} to {name}, which was linked to {link}", keys.join(", "))
            }
            Self::TagChanged { name, call, key, from, to } => {
                let to = to.as_deref().unwrap_or("nothing");
                write!(formatter, "call {call} changed the tag {key} of {name} from {from} to {to}")
            }
            Self::Unassigned { domain, profile, call } => {
                write!(formatter, "call {call} took the group profile {profile} in {domain} away")
            }
            Self::PlanChanged { execution, name, call, operation } => {
                write!(formatter, "{execution} only plans {name}, and call {call} ({operation}) changed something")
            }
            Self::MemberAdded { domain, project, member, designation, call } => {
                write!(
                    formatter,
                    "call {call} made {member} a {designation} of {project} in {domain}, and no execution was asked to"
                )
            }
            Self::DesignationChanged { domain, project, call, from, to } => {
                write!(formatter, "call {call} made a {from} of {project} in {domain} a {to}")
            }
            Self::MemberRemoved { domain, project, member, call, why } => {
                write!(formatter, "call {call} removed {member} from {project} in {domain}: {why}")
            }
            Self::RetirementChanged { execution, name, call, operation } => {
                write!(
                    formatter,
                    "{execution} retires {name}, and call {call} ({operation}) added or changed something"
                )
            }
            Self::NotMember { execution, name, project, why } => {
                write!(formatter, "{execution} about {name} tells of a membership in {project}: {why}")
            }
            Self::NotPlanned { execution, name, lacks } => {
                write!(formatter, "{execution} was to plan {name}, and its output lacks {}", lacks.join(", "))
            }
            Self::NotReady { execution, name, lacks } => {
                write!(formatter, "{execution} says that {name} is provisioned, which lacks {}", lacks.join(", "))
            }
            Self::NotRetired { execution, name, lacks } => {
                write!(formatter, "{execution} says that {name} is retired, which lacks {}", lacks.join(", "))
            }
            Self::ConflictHidden { execution, name, ended, standing } => {
                write!(formatter, "{execution} asks for another {name} than stood there ({standing}) and ended {ended}")
            }
            Self::Unfounded { execution, name, error, why } => {
                write!(formatter, "{execution} about {name} failed with {error}: {why}")
            }
            Self::NotConverged { execution, name, ended, allowed, state } => {
                write!(
                    formatter,
                    "without faults {execution} about {name} ended {ended}, not {}; before it {state}",
                    allowed.join(" or ")
                )
            }
        }
    }
}

/// Two executions did the same at once, in the moment between the look of one and its act.
///
/// The services take no conditions, so nothing but that moment can be made small. Each is recognised by the calls: the
/// one that acted had looked before the other acted, in the same invocation.
#[expect(missing_docs, reason = "each variant says what happened; what its members are is in their names")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "race", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Race {
    /// Tags were written between the reading of the tags and the call that writes the same ones.
    Tag { name: String, keys: Vec<String>, call: u64, at: Timestamp, looked: Timestamp },
    /// The failed group was replaced between the look at it and its deletion.
    Deletion { name: String, call: u64, at: Timestamp, looked: Timestamp },
    /// Another execution added the member between the reading of the members and the call that adds the same one.
    Designation { domain: String, project: String, call: u64, at: Timestamp, looked: Timestamp },
}

impl fmt::Display for Race {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag { name, keys, call, at, looked } => {
                let keys = keys.join(", ");
                write!(formatter, "call {call} overwrote {keys} of {name} at {at}, having looked at {looked}")
            }
            Self::Deletion { name, call, at, looked } => {
                write!(formatter, "call {call} deleted the successor of {name} at {at}, having looked at {looked}")
            }
            Self::Designation { domain, project, call, at, looked } => {
                write!(
                    formatter,
                    "call {call} changed a designation in {project} of {domain} at {at}, having looked at {looked}"
                )
            }
        }
    }
}

/// An execution that the engine failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineFailure {
    /// The execution.
    pub execution: String,
    /// What it says.
    pub message: String,
}
