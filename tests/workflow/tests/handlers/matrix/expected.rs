//! What each fault comes to at each site.

use super::faults::Fault;
use crate::sites::Site;

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// For one call.
    Once,
    /// Until somebody mends it.
    ForEver,
}

/// How a run ends, and how many calls of the operation it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The name of the error; none: it succeeds.
    pub error: Option<&'static str>,
    /// Calls of the operation.
    pub calls: u32,
}

/// The rule, and below it the sites at which a fault means something of its own.
pub fn expected(site: Site, fault: &Fault, lasting: Lasting) -> Expected {
    exception(site, fault.name, lasting).unwrap_or_else(|| rule(site, fault, lasting))
}

/// What the SDK tries again heals when it happens once; everything else ends the step at the first call.
fn rule(site: Site, fault: &Fault, lasting: Lasting) -> Expected {
    let attempts = if site.acts_on_a_look() { 1 } else { fault.attempts };
    match lasting {
        Lasting::Once if attempts > 1 => succeeds(site.calls() + 1),
        Lasting::Once | Lasting::ForEver => fails(fault.meaning, site.passed() + attempts),
    }
}

fn exception(site: Site, fault: &str, lasting: Lasting) -> Option<Expected> {
    match fault {
        "ResourceNotFoundException" => without_a_resource(site, lasting),
        // A rate, everywhere but where a group is created.
        "LimitExceededException" if site.acts_on_a_look() => Some(fails("Unavailable", site.passed() + 1)),
        "LimitExceededException" if site != Site::CreateGroup && lasting == Lasting::ForEver => {
            Some(fails("Unavailable", site.passed() + 3))
        }
        "NotJson" => with_an_answer_that_is_not_read(site),
        _ => None,
    }
}

fn without_a_resource(site: Site, lasting: Lasting) -> Option<Expected> {
    match (site, lasting) {
        // What is not there is created, is waited for, or is as gone as it should be.
        (
            Site::CreateLook
            | Site::PollLook
            | Site::AttachSearch
            | Site::ReplaceListTags
            | Site::ReplaceLookAgain
            | Site::ReplaceDelete,
            _,
        )
        | (Site::AttachGet, Lasting::Once) => Some(succeeds(site.calls())),
        // It was just answered, so it will be shown soon.
        (Site::AttachGet | Site::AttachVerify | Site::CreateLookAgain, _) => Some(fails("Unavailable", 2)),
        _ => None,
    }
}

/// The answers of these operations have no members, so the SDK does not read them: 200 is success, whatever it says.
fn with_an_answer_that_is_not_read(site: Site) -> Option<Expected> {
    if site == Site::AttachTag {
        // The link is read back, and is not there.
        return Some(fails("Unavailable", site.calls()));
    }
    (site == Site::ReplaceDelete).then_some(succeeds(site.calls()))
}

const fn succeeds(calls: u32) -> Expected {
    Expected { error: None, calls }
}

const fn fails(error: &'static str, calls: u32) -> Expected {
    Expected { error: Some(error), calls }
}
