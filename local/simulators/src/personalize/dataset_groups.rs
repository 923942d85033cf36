//! The dataset groups: created, looked at, listed, deleted, and put in any state by order.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::requests::{Create, LIST, Page};
use crate::arn;
use crate::control::documents::{DatasetGroupState, Tag};
use crate::lifecycle::{self, Course, Look, Script, Step};
use crate::page_token;
use crate::settings::Settings;
use crate::wire::{OperationResult, Reply, ServiceError};

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
    role_arn: Option<String>,
    kms_key_arn: Option<String>,
    domain: Option<String>,
    /// Keys and values.
    pub tags: BTreeMap<String, String>,
    created: Timestamp,
    updated: Timestamp,
    course: Course,
    shown: Look,
    delete_script: Vec<Step>,
    holds_resources: bool,
    deleting: bool,
}

impl Group {
    /// True once `DeleteDatasetGroup` was accepted.
    pub const fn is_being_deleted(&self) -> bool {
        self.deleting
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
        match self.groups.get_mut(name) {
            Some(group) => match group.course.current(now) {
                Look::Status { .. } => Ok(group),
                Look::NotFound | Look::Gone => Err(not_found(settings, name)),
            },
            None => Err(not_found(settings, name)),
        }
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
        let shown = course.current(now);
        let created = state.creation_date_time.unwrap_or(now);
        self.last_sequence += 1;
        let group = Group {
            sequence: self.last_sequence,
            role_arn: state.role_arn,
            kms_key_arn: state.kms_key_arn,
            domain: state.domain,
            tags: state.tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect(),
            created,
            updated: state.last_updated_date_time.unwrap_or(created),
            deleting: shows_deletion(&shown),
            shown,
            course,
            delete_script: state.delete_steps,
            holds_resources: state.holds_resources,
        };
        self.groups.insert(state.name, group);
    }

    /// The state of every group, in the order of creation.
    pub fn documents(&self, now: Timestamp) -> Vec<DatasetGroupState> {
        self.in_order().into_iter().map(|(name, group)| document(name, group, now)).collect()
    }

    /// The state of one group.
    pub fn document(&self, name: &str, now: Timestamp) -> Option<DatasetGroupState> {
        self.groups.get(name).map(|group| document(name, group, now))
    }

    fn in_order(&self) -> Vec<(&String, &Group)> {
        let mut groups = self.groups.iter().collect::<Vec<_>>();
        groups.sort_by_key(|(_, group)| group.sequence);
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
/// `ResourceAlreadyExistsException`, `LimitExceededException`.
pub fn create(
    state: &mut State,
    settings: &Settings,
    quota: usize,
    request: Create,
    now: Timestamp,
) -> Result<OperationResult, ServiceError> {
    let Create { name, role_arn, kms_key_arn, domain, tags } = request;
    let arn = arn::dataset_group(settings, &name);
    if state.groups.contains_key(&name) {
        return Err(ServiceError::new(
            400,
            "ResourceAlreadyExistsException",
            format!("Another dataset group with Arn {arn} already exists, please use a different name."),
        ));
    }
    if state.active(now) >= quota {
        return Err(ServiceError::new(
            400,
            "LimitExceededException",
            format!("The limit on the number of active dataset groups is exceeded (limit: {quota})."),
        ));
    }
    let script = state.scripts.get_mut(&name).and_then(VecDeque::pop_front).unwrap_or_default();
    state.last_sequence += 1;
    let course = Course::created(&script.create, settings.lifecycle, now);
    let group = Group {
        sequence: state.last_sequence,
        role_arn,
        kms_key_arn,
        domain: domain.clone(),
        tags: tags.into_iter().collect(),
        created: now,
        updated: now,
        shown: course.current(now),
        course,
        delete_script: script.delete,
        holds_resources: false,
        deleting: false,
    };
    state.groups.insert(name, group);
    let mut body = Map::new();
    body.insert("datasetGroupArn".to_owned(), arn.into());
    body.extend(domain.map(|domain| ("domain".to_owned(), domain.into())));
    Ok(OperationResult::changed(Reply::ok(Value::Object(body))))
}

/// `DescribeDatasetGroup`: one look, which moves a scripted group on.
///
/// # Errors
///
/// `ResourceNotFoundException`.
pub fn describe(
    state: &mut State,
    settings: &Settings,
    name: &str,
    now: Timestamp,
) -> Result<OperationResult, ServiceError> {
    let group = state.groups.get_mut(name).ok_or_else(|| not_found(settings, name))?;
    let look = group.course.next(now);
    group.course.looked();
    if look != group.shown {
        group.updated = now;
        group.shown = look.clone();
    }
    match look {
        Look::Status { status, failure_reason } => {
            let mut body = summary(settings, name, group, &status, failure_reason.as_deref());
            let members = [("roleArn", &group.role_arn), ("kmsKeyArn", &group.kms_key_arn)];
            body.extend(
                members.into_iter().filter_map(|(member, value)| Some((member.to_owned(), value.clone()?.into()))),
            );
            Ok(OperationResult::read(json!({"datasetGroup": body})))
        }
        Look::NotFound | Look::Gone => Err(not_found(settings, name)),
    }
}

/// `ListDatasetGroups`, in the order of creation. Listing moves nothing on.
pub fn list(state: &State, settings: &Settings, page: &Page, now: Timestamp) -> OperationResult {
    let groups = state.in_order().into_iter().filter_map(|(name, group)| match group.course.current(now) {
        Look::Status { status, failure_reason } => {
            let body = summary(settings, name, group, &status, failure_reason.as_deref());
            Some((group.sequence, Value::Object(body)))
        }
        Look::NotFound | Look::Gone => None,
    });
    let (groups, next) = page_token::page(groups, page.after, page.size);
    let mut body = Map::from_iter([("datasetGroups".to_owned(), Value::Array(groups))]);
    body.extend(next.map(|next| ("nextToken".to_owned(), page_token::make(LIST, next).into())));
    OperationResult::read(Value::Object(body))
}

/// `DeleteDatasetGroup`.
///
/// # Errors
///
/// `ResourceNotFoundException`; `ResourceInUseException` while the group is being made or deleted, or holds
/// datasets.
pub fn delete(
    state: &mut State,
    settings: &Settings,
    name: &str,
    now: Timestamp,
) -> Result<OperationResult, ServiceError> {
    let group = state.visible(settings, name, now)?;
    let in_use = |why: &str| {
        let arn = arn::dataset_group(settings, name);
        ServiceError::new(400, "ResourceInUseException", format!("The dataset group {arn} cannot be deleted: {why}"))
    };
    let look = group.course.current(now);
    if group.deleting {
        return Err(in_use("it is being deleted already"));
    }
    match look {
        Look::Status { status, .. }
            if status == lifecycle::CREATE_PENDING || status == lifecycle::CREATE_IN_PROGRESS =>
        {
            return Err(in_use(&format!("its status is {status}")));
        }
        Look::Status { .. } | Look::NotFound | Look::Gone => {}
    }
    if group.holds_resources {
        return Err(in_use("it holds datasets, solutions or event trackers"));
    }
    group.deleting = true;
    let course = Course::deleted(&group.delete_script, settings.lifecycle, now);
    group.follow(course, now);
    Ok(OperationResult::changed(Reply { status: 200, body: None }))
}

/// True when a status says that the group is on its way out.
fn shows_deletion(look: &Look) -> bool {
    match look {
        Look::Status { status, .. } => status.starts_with("DELETE "),
        Look::NotFound | Look::Gone => false,
    }
}

fn not_found(settings: &Settings, name: &str) -> ServiceError {
    ServiceError::new(
        400,
        "ResourceNotFoundException",
        format!("Resource Arn {} does not exist.", arn::dataset_group(settings, name)),
    )
}

/// The members that `DatasetGroup` and `DatasetGroupSummary` share; absent ones are left out.
fn summary(
    settings: &Settings,
    name: &str,
    group: &Group,
    status: &str,
    failure_reason: Option<&str>,
) -> Map<String, Value> {
    let mut body = Map::from_iter([
        ("name".to_owned(), name.into()),
        ("datasetGroupArn".to_owned(), arn::dataset_group(settings, name).into()),
        ("status".to_owned(), status.into()),
        ("creationDateTime".to_owned(), epoch_seconds(group.created)),
        ("lastUpdatedDateTime".to_owned(), epoch_seconds(group.updated)),
    ]);
    let optional = [("domain", group.domain.as_deref()), ("failureReason", failure_reason)];
    body.extend(optional.into_iter().filter_map(|(member, value)| Some((member.to_owned(), value?.into()))));
    body
}

/// Seconds with milliseconds, as JSON protocols of AWS write dates.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into 53 bits for ages")]
fn epoch_seconds(time: Timestamp) -> Value {
    (time.as_millisecond() as f64 / 1000.0).into()
}

fn document(name: &str, group: &Group, now: Timestamp) -> DatasetGroupState {
    let (status, failure_reason) = match group.course.current(now) {
        Look::Status { status, failure_reason } => (Some(status), failure_reason),
        Look::NotFound | Look::Gone => (None, None),
    };
    let steps = match &group.course {
        Course::Steps { steps, looks: _ } => steps.clone(),
        Course::Clock { .. } => Vec::new(),
    };
    DatasetGroupState {
        name: name.to_owned(),
        status,
        failure_reason,
        domain: group.domain.clone(),
        role_arn: group.role_arn.clone(),
        kms_key_arn: group.kms_key_arn.clone(),
        tags: group.tags.iter().map(|(key, value)| Tag { tag_key: key.clone(), tag_value: value.clone() }).collect(),
        creation_date_time: Some(group.created),
        last_updated_date_time: Some(group.updated),
        holds_resources: group.holds_resources,
        steps,
        delete_steps: group.delete_script.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn request(name: &str) -> Create {
        Create { name: name.to_owned(), role_arn: None, kms_key_arn: None, domain: None, tags: Vec::new() }
    }

    fn created(state: &mut State, name: &str, quota: usize) -> Result<OperationResult, ServiceError> {
        create(state, &Settings::default(), quota, request(name), at(1))
    }

    fn status(state: &mut State, name: &str) -> String {
        state.sweep(at(2));
        match describe(state, &Settings::default(), name, at(2)) {
            Ok(result) => result.answer.unwrap().body.unwrap()["datasetGroup"]["status"].as_str().unwrap().to_owned(),
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
        delete(&mut state, &Settings::default(), "a", at(3)).unwrap();
        created(&mut state, "b", 1).unwrap();
    }

    #[test]
    fn successive_creations_follow_successive_scripts() {
        let mut state = State::default();
        state.script("a", Script::create([Step::create_failed("first")]).and_delete([Step::gone()]));
        state.script("a", Script::create([Step::status("ACTIVE")]));
        created(&mut state, "a", 5).unwrap();
        assert_eq!(status(&mut state, "a"), "CREATE FAILED");
        delete(&mut state, &Settings::default(), "a", at(3)).unwrap();
        state.sweep(at(3));
        created(&mut state, "a", 5).unwrap();
        assert_eq!(status(&mut state, "a"), "ACTIVE");
    }

    #[test]
    fn a_group_that_is_being_made_or_deleted_or_holds_resources_cannot_be_deleted() {
        let mut state = State::default();
        let settings = Settings::default();
        created(&mut state, "a", 5).unwrap();
        let refused = |state: &mut State, name: &str| delete(state, &settings, name, at(3)).unwrap_err().code;
        assert_eq!(refused(&mut state, "a"), "ResourceInUseException");
        for _ in 0..3 {
            status(&mut state, "a");
        }
        delete(&mut state, &settings, "a", at(3)).unwrap();
        assert_eq!(refused(&mut state, "a"), "ResourceInUseException");
        let full = DatasetGroupState { holds_resources: true, ..DatasetGroupState::active("full") };
        state.put(full, at(3));
        assert_eq!(refused(&mut state, "full"), "ResourceInUseException");
        assert_eq!(refused(&mut state, "none"), "ResourceNotFoundException");
    }

    #[test]
    fn a_deleted_group_is_gone_and_its_name_is_free() {
        let mut state = State::default();
        state.put(DatasetGroupState::active("a"), at(1));
        delete(&mut state, &Settings::default(), "a", at(3)).unwrap();
        assert_eq!(status(&mut state, "a"), "DELETE PENDING");
        assert_eq!(status(&mut state, "a"), "DELETE PENDING");
        assert_eq!(status(&mut state, "a"), "ResourceNotFoundException");
        created(&mut state, "a", 5).unwrap();
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
