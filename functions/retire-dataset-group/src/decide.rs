//! What a retirement does about a group that was found. Pure: no I/O.

use contract::retirement::{Changes, GroupAction, Removal, RemovalChange};
use contract::{DatasetGroup, DatasetGroupStatus, GroupProfile, StepError};
use dataset_group::call;

use crate::Earlier;

/// What a run of the step has decided to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) action: Action,
    pub(crate) access: Access,
    /// The group as it is; `None` where there is none.
    pub(crate) group: Option<DatasetGroup>,
    /// The profile that the request names, if there is one.
    pub(crate) profile: Option<GroupProfile>,
}

/// What is done about the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Delete,
    AwaitDeletion,
    AwaitCreation,
    /// It is gone.
    Nothing,
}

/// What is done about the memberships that the request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// They are removed: a link proves that the request may do that.
    Remove,
    /// They are removed by a later run of the step, when the group has been created.
    RemoveLater,
    /// They are listed and left: nothing proves that the request may take them away.
    Leave,
    /// An earlier run of the step has done its part.
    Done,
}

impl From<Action> for GroupAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Delete => Self::Delete,
            Action::AwaitDeletion => Self::AwaitDeletion,
            Action::AwaitCreation => Self::AwaitCreation,
            Action::Nothing => Self::None,
        }
    }
}

impl Action {
    /// What the status of a group asks for.
    pub(crate) const fn about(status: DatasetGroupStatus) -> Self {
        match status {
            DatasetGroupStatus::Active | DatasetGroupStatus::CreateFailed => Self::Delete,
            DatasetGroupStatus::CreatePending | DatasetGroupStatus::CreateInProgress => Self::AwaitCreation,
            DatasetGroupStatus::DeletePending | DatasetGroupStatus::DeleteInProgress => Self::AwaitDeletion,
        }
    }

    /// What follows for the memberships, if the link is `proven`.
    pub(crate) const fn access(self, proven: bool) -> Access {
        match (self, proven) {
            (Self::Delete | Self::AwaitDeletion, true) => Access::Remove,
            (Self::AwaitCreation, true) => Access::RemoveLater,
            (_, false) | (Self::Nothing, true) => Access::Leave,
        }
    }
}

/// The group that was found, if it is the one of the first look. A group without a date cannot be told from another one that
/// takes its place.
///
/// # Errors
/// [`StepError::Unexpected`] for a group without a creation date.
pub(crate) fn the_same(
    found: Option<DatasetGroup>,
    earlier: Option<&Earlier>,
) -> Result<Option<DatasetGroup>, StepError> {
    let Some(group) = found else { return Ok(None) };
    if group.creation_date_time.is_none() {
        let call = call("DescribeDatasetGroup", &group.dataset_group_arn);
        let message = format!("{} returned no creation date for {}", call.operation, call.resource);
        return Err(StepError::unexpected(message));
    }
    let replaced = earlier.is_some_and(|earlier| earlier.dataset_group.creation_date_time != group.creation_date_time);
    Ok((!replaced).then_some(group))
}

/// What this run of the step did about a membership, unless an earlier run has removed it.
pub(crate) fn remembering(earlier: &Changes, now: Removal) -> Removal {
    let removed = |earlier: &&Removal| {
        earlier.change == RemovalChange::Removed && earlier.project_identifier == now.project_identifier
    };
    match now.change {
        RemovalChange::Absent => earlier.projects.iter().find(removed).cloned().unwrap_or(now),
        RemovalChange::Removed | RemovalChange::Left => now,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn group(created: Option<i64>) -> DatasetGroup {
        DatasetGroup {
            dataset_group_arn: "arn".to_owned(),
            name: "media".to_owned(),
            domain: None,
            status: DatasetGroupStatus::Active,
            creation_date_time: created.map(|second| Timestamp::constant(second, 0)),
        }
    }

    fn earlier() -> Earlier {
        let since = Timestamp::UNIX_EPOCH;
        Earlier { dataset_group: group(Some(1)), group_profile: None, since, deleted: false }
    }

    #[test]
    fn a_group_is_told_by_its_creation_date() {
        for (found, earlier, expected) in [
            (None, None, None),
            (None, Some(earlier()), None),
            (Some(group(Some(1))), None, Some(group(Some(1)))),
            (Some(group(Some(1))), Some(earlier()), Some(group(Some(1)))),
            (Some(group(Some(2))), Some(earlier()), None),
        ] {
            assert_eq!(the_same(found, earlier.as_ref()), Ok(expected));
        }
        for earlier in [None, Some(earlier())] {
            let error = the_same(Some(group(None)), earlier.as_ref()).expect_err("no date");
            assert_eq!(error.name(), "Unexpected");
        }
    }

    #[test]
    fn access_is_taken_away_only_with_a_proof() {
        for status in DatasetGroupStatus::ALL {
            let action = Action::about(status);
            assert_eq!(action.access(false), Access::Leave);
            let expected = if action == Action::AwaitCreation { Access::RemoveLater } else { Access::Remove };
            assert_eq!(action.access(true), expected, "{status:?}");
        }
        assert_eq!(Action::Nothing.access(true), Access::Leave);
    }

    #[test]
    fn what_an_earlier_run_removed_stays_removed() {
        use RemovalChange::{Absent, Left, Removed};
        let removal = |project: &str, change| Removal {
            project_identifier: project.to_owned(),
            change,
            designation: (change != Absent).then(|| "PROJECT_OWNER".to_owned()),
        };
        let earlier = Changes { projects: vec![removal("a", Removed), removal("b", Absent), removal("c", Left)] };
        for (project, now, expected) in [
            ("a", Absent, Removed),
            ("a", Removed, Removed),
            ("b", Absent, Absent),
            ("c", Absent, Absent),
            ("d", Absent, Absent),
        ] {
            assert_eq!(remembering(&earlier, removal(project, now)), removal(project, expected));
        }
    }
}
