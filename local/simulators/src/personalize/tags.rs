//! The tags of a dataset group.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dataset_groups::Group;
use super::requests::{MOST_TAGS, too_many_tags};
use crate::wire::{OperationResult, Reply, ServiceError};

/// `TagResource`: adds tags and overwrites those of the same key.
///
/// # Errors
///
/// `TooManyTagsException` when the group would have more than 50; `ResourceInUseException` while it is being
/// deleted.
pub fn tag(group: &mut Group, tags: Vec<(String, String)>) -> Result<OperationResult, ServiceError> {
    refuse_deleted(group)?;
    let mut all = group.tags.clone();
    all.extend(tags);
    if all.len() > MOST_TAGS {
        return Err(too_many_tags(all.len()));
    }
    Ok(replace(group, all))
}

/// `UntagResource`: removes tags; keys that the group does not have are no error.
///
/// # Errors
///
/// `ResourceInUseException` while the group is being deleted.
pub fn untag(group: &mut Group, keys: &[String]) -> Result<OperationResult, ServiceError> {
    refuse_deleted(group)?;
    let mut all = group.tags.clone();
    all.retain(|key, _| !keys.contains(key));
    Ok(replace(group, all))
}

/// `ListTagsForResource`, in the order of the keys.
pub fn list(group: &Group) -> OperationResult {
    let tags = group.tags.iter().map(|(key, value)| json!({"tagKey": key, "tagValue": value})).collect::<Vec<Value>>();
    OperationResult::read(json!({"tags": tags}))
}

fn replace(group: &mut Group, tags: BTreeMap<String, String>) -> OperationResult {
    let changed = group.tags != tags;
    group.tags = tags;
    OperationResult { answer: Ok(Reply::ok(json!({}))), changed }
}

fn refuse_deleted(group: &Group) -> Result<(), ServiceError> {
    if group.is_being_deleted() {
        return Err(ServiceError::new(
            400,
            "ResourceInUseException",
            "The resource is being deleted and its tags cannot be changed",
        ));
    }
    Ok(())
}
