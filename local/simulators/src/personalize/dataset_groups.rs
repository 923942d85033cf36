//! The dataset groups: created, looked at, listed, deleted, and put in any state by order.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{invalid, position, tags};
use crate::arn;
use crate::control::documents::{Behaviour, ContentKind, Contents, DatasetGroupState, DeletionWithFilters, Tag};
use crate::lifecycle::{self, Course, Look, Script, Step};
use crate::page_token;
use crate::service::Service;
use crate::settings::Settings;
use crate::wire::{Reply, ServiceError, object};

/// Name of the list in page tokens.
const LIST: &str = "dataset-groups";
/// The size of a page unless the request has one.
const PAGE: usize = 100;

/// All dataset groups, and what is to happen to the next ones.
#[derive(Debug, Default)]
pub struct State {
    groups: BTreeMap<String, Group>,
    scripts: BTreeMap<String, VecDeque<Script>>,
    last_sequence: u64,
}

/// One dataset group.
#[derive(Debug)]
pub struct Group {
    sequence: u64,
    /// What it was made with. The other members know better about its tags, dates, status and steps.
    made: DatasetGroupState,
    /// Keys and values.
    pub tags: BTreeMap<String, String>,
    created: Timestamp,
    updated: Timestamp,
    course: Course,
    shown: Look,
    deleting: bool,
}

impl Group {
    /// True once `DeleteDatasetGroup` was accepted.
    pub const fn is_being_deleted(&self) -> bool {
        self.deleting
    }

    /// What is in it.
    pub const fn contents(&self) -> &Contents {
        &self.made.contents
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.made.name
    }

    /// When it was created.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    fn follow(&mut self, course: Course, now: Timestamp) {
        self.shown = course.current(now);
        self.course = course;
        self.updated = now;
    }
}

impl State {
    /// Forgets the groups that are gone.
    pub fn sweep(&mut self, now: Timestamp) {
        self.groups.retain(|_, group| group.course.current(now) != Look::Gone);
    }

    /// The group of a name as everything but `DescribeDatasetGroup` sees it.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` when there is none, or none visible yet.
    pub fn visible(&mut self, settings: &Settings, name: &str, now: Timestamp) -> Result<&mut Group, ServiceError> {
        let group = self.groups.get_mut(name).filter(|group| group.course.current(now).status().is_some());
        group.ok_or_else(|| not_found(settings, name))
    }

    /// The number and the status of the group of a name, if there is one; the status only while it is visible.
    pub fn glance(&self, name: &str, now: Timestamp) -> Option<(u64, Option<String>)> {
        let group = self.groups.get(name)?;
        match group.course.current(now) {
            Look::Status { status, .. } => Some((group.sequence, Some(status))),
            Look::NotFound => Some((group.sequence, None)),
            Look::Gone => None,
        }
    }

    /// Forgets what was said about creations that have not happened yet.
    pub fn forget_scripts(&mut self) {
        self.scripts.clear();
    }

    /// Says what happens to the next group that is created under a name, after those already said.
    pub fn script(&mut self, name: &str, script: Script) {
        self.scripts.entry(name.to_owned()).or_default().push_back(script);
    }

    /// Lets a group that exists take these steps from now on; false when there is none.
    pub fn move_on(&mut self, name: &str, steps: &[Step], now: Timestamp) -> bool {
        self.groups.get_mut(name).is_some_and(|group| {
            group.follow(Course::steps(steps, &[Step::status(lifecycle::ACTIVE)]), now);
            group.deleting = shows_deletion(&group.shown);
            true
        })
    }

    /// What is in the group of a name; nothing when there is no such group.
    pub fn contents(&self, name: &str) -> Contents {
        self.groups.get(name).map(|group| group.made.contents.clone()).unwrap_or_default()
    }

    /// Puts resources into a group, in place of those that are in it; false when there is none.
    pub fn put_contents(&mut self, name: &str, contents: Contents) -> bool {
        self.groups.get_mut(name).is_some_and(|group| {
            group.made.contents = without_empty(contents);
            true
        })
    }

    /// Removes a group at once; false when there is none.
    pub fn remove(&mut self, name: &str) -> bool {
        self.groups.remove(name).is_some()
    }

    /// Puts a group in the state of a document, in place of one of the same name.
    pub fn put(&mut self, state: DatasetGroupState, now: Timestamp) {
        let standard = [Step {
            look: Look::Status {
                status: state.status.clone().unwrap_or_else(|| lifecycle::ACTIVE.to_owned()),
                failure_reason: state.failure_reason.clone(),
            },
            times: 1,
        }];
        let course = Course::steps(&state.steps, &standard);
        self.insert(state, course, now);
    }

    fn insert(&mut self, made: DatasetGroupState, course: Course, now: Timestamp) {
        let (contents, late_contents) = (without_empty(made.contents), without_empty(made.late_contents));
        let made = DatasetGroupState { contents, late_contents, ..made };
        self.last_sequence += 1;
        let shown = course.current(now);
        let created = made.creation_date_time.unwrap_or(now);
        let group = Group {
            sequence: self.last_sequence,
            tags: made.tags.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect(),
            created,
            updated: made.last_updated_date_time.unwrap_or(created),
            deleting: shows_deletion(&shown),
            shown,
            course,
            made,
        };
        self.groups.insert(group.made.name.clone(), group);
    }

    /// The state of every group, in the order of creation.
    pub fn documents(&self, now: Timestamp) -> Vec<DatasetGroupState> {
        self.in_order().into_iter().map(|group| document(group, now)).collect()
    }

    /// The state of one group.
    pub fn document(&self, name: &str, now: Timestamp) -> Option<DatasetGroupState> {
        self.groups.get(name).map(|group| document(group, now))
    }

    /// All groups, in the order of creation.
    pub fn in_order(&self) -> Vec<&Group> {
        let mut groups = self.groups.values().collect::<Vec<_>>();
        groups.sort_by_key(|group| group.sequence);
        groups
    }

    /// Groups that count for the quota: all but those that failed or are being deleted.
    fn active(&self, now: Timestamp) -> usize {
        let counts = |group: &&Group| match group.course.current(now) {
            Look::Status { status, .. } => !group.deleting && status != lifecycle::CREATE_FAILED,
            Look::NotFound => !group.deleting,
            Look::Gone => false,
        };
        self.groups.values().filter(counts).count()
    }
}

/// `CreateDatasetGroup`.
///
/// # Errors
///
/// `InvalidInputException`, `TooManyTagsException`, `ResourceAlreadyExistsException`, `LimitExceededException`.
pub fn create(
    state: &mut State,
    settings: &Settings,
    quota: usize,
    wanted: DatasetGroupState,
    now: Timestamp,
) -> Result<Reply, ServiceError> {
    match (&wanted.role_arn, &wanted.kms_key_arn) {
        (Some(_), None) => return Err(invalid("A role ARN is only valid when a KMS key ARN is specified as well")),
        (None, Some(_)) => return Err(invalid("A KMS key ARN needs a role ARN with permission to use the key")),
        (Some(_), Some(_)) | (None, None) => {}
    }
    tags::distinct(&wanted.tags)?;
    let arn = arn::dataset_group(settings, &wanted.name);
    if state.groups.contains_key(&wanted.name) {
        let message = format!("Another dataset group with Arn {arn} already exists, please use a different name.");
        return Err(Service::Personalize.error("ResourceAlreadyExistsException", message));
    }
    if state.active(now) >= quota {
        let message = format!("The limit on the number of active dataset groups is exceeded (limit: {quota}).");
        return Err(Service::Personalize.error("LimitExceededException", message));
    }
    let script = state.scripts.get_mut(&wanted.name).and_then(VecDeque::pop_front).unwrap_or_default();
    let course = Course::created(&script.create, settings.lifecycle, now);
    let body = object([("datasetGroupArn", Some(arn.into())), ("domain", wanted.domain.clone().map(Value::from))]);
    let Script { create: _, delete: delete_steps, contents, late_contents } = script;
    state.insert(DatasetGroupState { contents, late_contents, delete_steps, ..wanted }, course, now);
    Ok(Reply::write(body, true))
}

/// `DescribeDatasetGroup`: one look, which moves a scripted group on.
///
/// # Errors
///
/// `ResourceNotFoundException`.
pub fn describe(state: &mut State, settings: &Settings, name: &str, now: Timestamp) -> Result<Reply, ServiceError> {
    let group = state.groups.get_mut(name).ok_or_else(|| not_found(settings, name))?;
    let look = group.course.next(now);
    group.course.looked();
    if look != group.shown {
        group.updated = now;
        group.shown = look.clone();
    }
    let summary = summary(settings, group, look).ok_or_else(|| not_found(settings, name))?;
    let more = [("roleArn", &group.made.role_arn), ("kmsKeyArn", &group.made.kms_key_arn)];
    let more = more.map(|(member, value)| (member, value.clone().map(Value::from)));
    Ok(Reply::read(json!({"datasetGroup": object(summary.into_iter().chain(more))})))
}

/// `ListDatasetGroups`, in the order of creation. Listing moves nothing on.
///
/// # Errors
///
/// `InvalidNextTokenException`.
pub fn list(
    state: &State,
    settings: &Settings,
    next_token: Option<&str>,
    max_results: Option<usize>,
    now: Timestamp,
) -> Result<Reply, ServiceError> {
    let after = position(LIST, next_token)?;
    let groups = state
        .in_order()
        .into_iter()
        .filter_map(|group| Some((group.sequence, object(summary(settings, group, group.course.current(now))?))));
    let (groups, next) = page_token::page(groups, after, max_results.unwrap_or(PAGE));
    let next = next.map(|next| page_token::make(LIST, next).into());
    Ok(Reply::read(object([("datasetGroups", Some(Value::Array(groups))), ("nextToken", next)])))
}

/// `DeleteDatasetGroup`.
///
/// # Errors
///
/// `ResourceNotFoundException`; `ResourceInUseException` while the group is being made or deleted, or has contents that
/// have to be deleted first.
pub fn delete(
    state: &mut State,
    settings: &Settings,
    behaviour: &Behaviour,
    name: &str,
    now: Timestamp,
) -> Result<Reply, ServiceError> {
    let group = state.visible(settings, name, now)?;
    let in_use = |why: &str| {
        let arn = arn::dataset_group(settings, name);
        let message = format!("The dataset group {arn} cannot be deleted: {why}");
        Err(Service::Personalize.error("ResourceInUseException", message))
    };
    if group.deleting {
        return in_use("it is being deleted already");
    }
    if let Some((status, _)) = group.course.current(now).status()
        && [lifecycle::CREATE_PENDING, lifecycle::CREATE_IN_PROGRESS].contains(&status.as_str())
    {
        return in_use(&format!("its status is {status}"));
    }
    for (kind, names) in std::mem::take(&mut group.made.late_contents) {
        group.made.contents.entry(kind).or_default().extend(names);
    }
    let blocks = |kind: &&ContentKind| match kind {
        ContentKind::Datasets | ContentKind::Solutions | ContentKind::EventTrackers | ContentKind::Recommenders => true,
        ContentKind::Filters => behaviour.deletion_with_filters == DeletionWithFilters::ResourceInUseException,
    };
    if let Some(kind) = group.made.contents.keys().find(blocks) {
        return in_use(&format!("it has {kind:?}"));
    }
    group.deleting = true;
    let course = Course::deleted(&group.made.delete_steps, settings.lifecycle, now);
    group.follow(course, now);
    Ok(Reply { body: None, changed: true })
}

/// True when a status says that the group is on its way out.
fn shows_deletion(look: &Look) -> bool {
    look.clone().status().is_some_and(|(status, _)| status.starts_with("DELETE "))
}

/// Without kinds of which there is nothing.
fn without_empty(contents: Contents) -> Contents {
    contents.into_iter().filter(|(_, names)| !names.is_empty()).collect()
}

fn not_found(settings: &Settings, name: &str) -> ServiceError {
    let message = format!("Resource Arn {} does not exist.", arn::dataset_group(settings, name));
    Service::Personalize.error("ResourceNotFoundException", message)
}

/// The members that `DatasetGroup` and `DatasetGroupSummary` share; nothing if the look does not show the group.
fn summary(settings: &Settings, group: &Group, look: Look) -> Option<[(&'static str, Option<Value>); 7]> {
    let (status, failure_reason) = look.status()?;
    Some([
        ("name", Some(group.made.name.as_str().into())),
        ("datasetGroupArn", Some(arn::dataset_group(settings, &group.made.name).into())),
        ("status", Some(status.into())),
        ("creationDateTime", Some(epoch_seconds(group.created))),
        ("lastUpdatedDateTime", Some(epoch_seconds(group.updated))),
        ("domain", group.made.domain.clone().map(Value::from)),
        ("failureReason", failure_reason.map(Value::from)),
    ])
}

/// Seconds with milliseconds, as JSON protocols of AWS write dates.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into 53 bits for ages")]
pub fn epoch_seconds(time: Timestamp) -> Value {
    (time.as_millisecond() as f64 / 1000.0).into()
}

fn document(group: &Group, now: Timestamp) -> DatasetGroupState {
    let (status, failure_reason) = group.course.current(now).status().unzip();
    let steps = match &group.course {
        Course::Steps { steps, looks: _ } => steps.clone(),
        Course::Clock { .. } => Vec::new(),
    };
    DatasetGroupState {
        status,
        failure_reason: failure_reason.flatten(),
        steps,
        tags: group.tags.iter().map(|(key, value)| Tag { tag_key: key.clone(), tag_value: value.clone() }).collect(),
        creation_date_time: Some(group.created),
        last_updated_date_time: Some(group.updated),
        ..group.made.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn created(state: &mut State, name: &str, quota: usize) -> Result<Reply, ServiceError> {
        create(state, &Settings::default(), quota, DatasetGroupState::active(name), at(1))
    }

    fn deleted(state: &mut State, name: &str) -> Result<Reply, ServiceError> {
        let settings = Settings::default();
        delete(state, &settings, &Behaviour::of(&settings), name, at(3))
    }

    fn status(state: &mut State, name: &str) -> String {
        state.sweep(at(2));
        match describe(state, &Settings::default(), name, at(2)) {
            Ok(reply) => reply.body.unwrap()["datasetGroup"]["status"].as_str().unwrap().to_owned(),
            Err(error) => error.code,
        }
    }

    #[test]
    fn a_name_that_exists_is_refused_even_while_nobody_can_see_the_group() {
        let mut state = State::default();
        state.script("a", Script::create([Step::not_found(), Step::status("ACTIVE")]));
        created(&mut state, "a", 5).unwrap();
        assert_eq!(created(&mut state, "a", 5).unwrap_err().code, "ResourceAlreadyExistsException");
        assert_eq!(status(&mut state, "a"), "ResourceNotFoundException");
        assert_eq!(status(&mut state, "a"), "ACTIVE");
    }

    #[test]
    fn groups_that_failed_or_are_being_deleted_do_not_count_for_the_quota() {
        let mut state = State::default();
        state.script("failed", Script::create([Step::create_failed("no")]));
        created(&mut state, "failed", 1).unwrap();
        created(&mut state, "a", 1).unwrap();
        assert_eq!(created(&mut state, "b", 1).unwrap_err().code, "LimitExceededException");
        for _ in 0..3 {
            status(&mut state, "a");
        }
        deleted(&mut state, "a").unwrap();
        created(&mut state, "b", 1).unwrap();
    }

    #[test]
    fn successive_creations_follow_successive_scripts() {
        let mut state = State::default();
        state.script("a", Script::create([Step::create_failed("first")]).and_delete([Step::gone()]));
        state.script("a", Script::create([Step::status("ACTIVE")]));
        created(&mut state, "a", 5).unwrap();
        assert_eq!(status(&mut state, "a"), "CREATE FAILED");
        deleted(&mut state, "a").unwrap();
        state.sweep(at(3));
        created(&mut state, "a", 5).unwrap();
        assert_eq!(status(&mut state, "a"), "ACTIVE");
    }

    #[test]
    fn a_group_that_is_being_made_or_deleted_cannot_be_deleted() {
        let mut state = State::default();
        created(&mut state, "a", 5).unwrap();
        let refused = |state: &mut State, name: &str| deleted(state, name).unwrap_err().code;
        assert_eq!(refused(&mut state, "a"), "ResourceInUseException");
        for _ in 0..3 {
            status(&mut state, "a");
        }
        deleted(&mut state, "a").unwrap();
        assert_eq!(refused(&mut state, "a"), "ResourceInUseException");
        assert_eq!(refused(&mut state, "none"), "ResourceNotFoundException");
    }

    #[test]
    fn a_group_with_contents_cannot_be_deleted_except_with_filters_by_setting() {
        let deletion = |kind, deletion_with_filters| {
            let contents = Contents::from([(kind, vec!["x".to_owned()])]);
            let mut state = State::default();
            state.put(DatasetGroupState { contents, ..DatasetGroupState::active("a") }, at(3));
            let settings = Settings::default();
            let behaviour = Behaviour { deletion_with_filters, ..Behaviour::of(&settings) };
            delete(&mut state, &settings, &behaviour, "a", at(3)).map(drop).map_err(|error| error.code)
        };
        let in_use = Err("ResourceInUseException".to_owned());
        let blocking =
            [ContentKind::Datasets, ContentKind::Solutions, ContentKind::EventTrackers, ContentKind::Recommenders];
        for kind in blocking {
            assert_eq!(deletion(kind, DeletionWithFilters::Return), in_use, "{kind:?}");
        }
        assert_eq!(deletion(ContentKind::Filters, DeletionWithFilters::Return), Ok(()));
        assert_eq!(deletion(ContentKind::Filters, DeletionWithFilters::ResourceInUseException), in_use);
    }

    #[test]
    fn late_contents_are_there_when_the_first_deletion_is_carried_out() {
        let mut state = State::default();
        let late_contents = Contents::from([(ContentKind::Datasets, vec!["late".to_owned()])]);
        state.put(DatasetGroupState { late_contents: late_contents.clone(), ..DatasetGroupState::active("a") }, at(3));
        assert_eq!(state.contents("a"), Contents::new());
        assert_eq!(deleted(&mut state, "a").unwrap_err().code, "ResourceInUseException");
        assert_eq!(state.contents("a"), late_contents);
        assert!(state.put_contents("a", Contents::from([(ContentKind::Datasets, vec![])])));
        deleted(&mut state, "a").unwrap();
        assert!(!state.put_contents("none", Contents::new()));
    }

    #[test]
    fn the_last_update_is_when_the_status_was_seen_to_change() {
        let mut state = State::default();
        created(&mut state, "a", 5).unwrap();
        status(&mut state, "a");
        assert_eq!(state.document("a", at(2)).unwrap().last_updated_date_time, Some(at(1)));
        status(&mut state, "a");
        assert_eq!(state.document("a", at(2)).unwrap().last_updated_date_time, Some(at(2)));
    }

    #[test]
    fn dates_are_seconds_with_a_fraction() {
        let time = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        assert_eq!(epoch_seconds(time).to_string(), "1700000000.123");
    }
}
