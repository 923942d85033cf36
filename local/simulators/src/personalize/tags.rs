//! The tags of a dataset group.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dataset_groups::Group;
use super::invalid;
use crate::control::documents::Tag;
use crate::service::Service;
use crate::wire::{Reply, ServiceError};

/// Most tags of a resource, and most keys of a request (Personalize developer guide, "Tagging resources").
const MOST_TAGS: usize = 50;

/// The tags of a request.
///
/// # Errors
///
/// `InvalidInputException` when a key is reserved or repeated; `TooManyTagsException`.
pub fn distinct(tags: &[Tag]) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut distinct = BTreeMap::new();
    for Tag { tag_key, tag_value } in tags {
        if tag_key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys that start with aws: are reserved"));
        }
        if distinct.insert(tag_key.clone(), tag_value.clone()).is_some() {
            return Err(invalid("The request names the same tag key more than once"));
        }
    }
    at_most_fifty(distinct)
}

/// `TagResource`: adds tags and overwrites those of the same key.
///
/// # Errors
///
/// `TooManyTagsException` when the group would have more than 50; `ResourceInUseException` while it is being
/// deleted.
pub fn tag(group: &mut Group, tags: BTreeMap<String, String>) -> Result<Reply, ServiceError> {
    let mut all = group.tags.clone();
    all.extend(tags);
    replace(group, all)
}

/// Checks the keys of an `UntagResource`.
///
/// # Errors
///
/// `TooManyTagKeysException`.
pub fn check_keys(keys: &[String]) -> Result<(), ServiceError> {
    if keys.len() > MOST_TAGS {
        let message = format!("A request can name at most {MOST_TAGS} tag keys; this one names {}", keys.len());
        return Err(Service::Personalize.error("TooManyTagKeysException", message));
    }
    Ok(())
}

/// `UntagResource`: removes tags; keys that the group does not have are no error.
///
/// # Errors
///
/// `ResourceInUseException` while the group is being deleted.
pub fn untag(group: &mut Group, keys: &[String]) -> Result<Reply, ServiceError> {
    let mut all = group.tags.clone();
    all.retain(|key, _| !keys.contains(key));
    replace(group, all)
}

/// `ListTagsForResource`, in the order of the keys.
pub fn list(group: &Group) -> Reply {
    let tags = group.tags.iter().map(|(key, value)| json!({"tagKey": key, "tagValue": value})).collect::<Vec<Value>>();
    Reply::read(json!({"tags": tags}))
}

fn replace(group: &mut Group, tags: BTreeMap<String, String>) -> Result<Reply, ServiceError> {
    if group.is_being_deleted() {
        let message = "The resource is being deleted and its tags cannot be changed";
        return Err(Service::Personalize.error("ResourceInUseException", message));
    }
    let tags = at_most_fifty(tags)?;
    let changed = group.tags != tags;
    group.tags = tags;
    Ok(Reply::write(json!({}), changed))
}

fn at_most_fifty(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ServiceError> {
    if tags.len() > MOST_TAGS {
        let message = format!("A resource can have at most {MOST_TAGS} tags; this request makes it {}", tags.len());
        return Err(Service::Personalize.error("TooManyTagsException", message));
    }
    Ok(tags)
}
