//! What a run creates, written down before the call that creates it. So what a killed run left behind can be removed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::target::Principal;

/// Something that a run creates or changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Resource {
    /// An execution that goes on without us, and creates what other entries name. Its input has the marker, and it
    /// started after `since`, in seconds since 1970.
    Execution { machine: String, marker: String, since: i64 },
    /// The principal as a member of a project, by any of these ids. It was no member before.
    Membership { domain: String, project: String, ids: Vec<String> },
    /// A dataset group.
    DatasetGroup { arn: String },
    /// The group profile, with the status that it had before; none if there was none.
    Profile { domain: String, principal: Principal, before: Option<String> },
}

impl Resource {
    /// The order of the removal: first who creates, then what needs something else.
    const fn rank(&self) -> u8 {
        match self {
            Self::Execution { .. } => 0,
            Self::Membership { .. } => 1,
            Self::DatasetGroup { .. } => 2,
            Self::Profile { .. } => 3,
        }
    }
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub number: u64,
    /// Whether the call that creates it is known to have succeeded. If not, the resource may appear later.
    pub confirmed: bool,
    pub resource: Resource,
}

/// Where the resources are. A removal with other credentials would look in the wrong account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub account: String,
    pub region: String,
    pub datazone_region: String,
}

/// The journal, in memory as in its file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct State {
    place: Option<Place>,
    next: u64,
    entries: Vec<Entry>,
}

impl Journal {
    /// Reads the journal, or begins one.
    ///
    /// # Errors
    /// When the file cannot be read or is not a journal.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join("journal.json");
        let state = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { path, state })
    }

    pub const fn place(&self) -> Option<&Place> {
        self.state.place.as_ref()
    }

    pub fn begin(&mut self, place: Place) {
        self.state.place = Some(place);
    }

    /// What is still there, in the order of the removal.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = self.state.entries.clone();
        entries.sort_by_key(|entry| entry.resource.rank());
        entries
    }

    /// Writes down what the next call creates. The same resource is written down once.
    ///
    /// # Errors
    /// When the file cannot be written. Then nothing may be created.
    pub fn intend(&mut self, resource: Resource) -> io::Result<u64> {
        let number = self.state.intend(resource);
        self.save()?;
        Ok(number)
    }

    /// The call succeeded.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn confirm(&mut self, number: u64) -> io::Result<()> {
        self.state.confirm(number);
        self.save()
    }

    /// It is gone, or it never was there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remove(&mut self, number: u64) -> io::Result<()> {
        self.state.entries.retain(|entry| entry.number != number);
        self.save()
    }

    /// Replaces the file as a whole, so that a killed program leaves the old one or the new one.
    fn save(&self) -> io::Result<()> {
        let next = self.path.with_extension("next");
        let mut file = File::create(&next)?;
        file.write_all(&serde_json::to_vec_pretty(&self.state)?)?;
        file.sync_all()?;
        fs::rename(next, &self.path)
    }
}

impl State {
    fn intend(&mut self, resource: Resource) -> u64 {
        if let Some(entry) = self.entries.iter().find(|entry| entry.resource == resource) {
            return entry.number;
        }
        let number = self.next;
        self.next += 1;
        self.entries.push(Entry { number, confirmed: false, resource });
        number
    }

    fn confirm(&mut self, number: u64) {
        for entry in self.entries.iter_mut().filter(|entry| entry.number == number) {
            entry.confirmed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> Resource {
        Resource::DatasetGroup { arn: name.to_owned() }
    }

    #[test]
    fn an_intention_survives_the_program_and_a_removal_ends_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(folder.path()).expect("a new one");
        let (one, two) = (journal.intend(group("a")).expect("written"), journal.intend(group("b")).expect("written"));
        journal.confirm(two).expect("written");
        let mut again = Journal::open(folder.path()).expect("the same one");
        let states: Vec<_> = again.entries().into_iter().map(|entry| (entry.number, entry.confirmed)).collect();
        assert_eq!(states, [(one, false), (two, true)]);
        again.remove(one).expect("written");
        again.remove(two).expect("written");
        assert_eq!(Journal::open(folder.path()).expect("the same one").entries(), []);
    }

    #[test]
    fn a_resource_is_written_down_once() {
        let mut state = State::default();
        assert_eq!(state.intend(group("a")), state.intend(group("a")));
        assert_ne!(state.intend(group("a")), state.intend(group("b")));
        assert_eq!(state.entries.len(), 2);
    }

    #[test]
    fn executions_end_before_what_they_create_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(folder.path()).expect("a new one");
        journal.intend(group("a")).expect("written");
        let execution = Resource::Execution { machine: "m".to_owned(), marker: "n".to_owned(), since: 0 };
        journal.intend(execution.clone()).expect("written");
        assert_eq!(journal.entries()[0].resource, execution);
    }

    #[test]
    fn a_file_that_is_no_journal_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("journal.json"), "{").expect("written");
        Journal::open(folder.path()).expect_err("no journal");
    }
}
