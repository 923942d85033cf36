//! What each fault comes to at each call site.

use super::faults::Fault;
use crate::call_sites::CallSite;

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// For one call.
    Once,
    /// Until somebody mends it.
    ForEver,
}

/// A step that stays throttled until the deadline ends so.
pub const THROTTLED: &str = "ProvisioningTimedOut";

/// How a run ends, and how many calls of the operation it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The name of the error; none: it succeeds.
    pub error: Option<&'static str>,
    /// Calls of the operation.
    pub calls: u32,
}

/// The rule, and below it the call sites at which a fault means something of its own.
pub fn expected(call_site: CallSite, fault: &Fault, lasting: Lasting) -> Expected {
    exception(call_site, fault.name, lasting).unwrap_or_else(|| rule(call_site, fault, lasting))
}

/// What the SDK tries again heals when it happens once; everything else ends the step at the first call.
fn rule(call_site: CallSite, fault: &Fault, lasting: Lasting) -> Expected {
    let attempts = if call_site.acts_on_a_look() { 1 } else { fault.attempts };
    match lasting {
        Lasting::Once if attempts > 1 => succeeds(call_site.calls() + 1),
        Lasting::Once | Lasting::ForEver => fails(fault.meaning, call_site.passed() + attempts),
    }
}

fn exception(call_site: CallSite, fault: &str, lasting: Lasting) -> Option<Expected> {
    match fault {
        "ResourceNotFoundException" => without_a_resource(call_site, lasting),
        // A rate, everywhere but where a group is created.
        "LimitExceededException" if call_site.acts_on_a_look() => Some(fails(THROTTLED, call_site.passed() + 1)),
        "LimitExceededException" if call_site != CallSite::CreateGroup && lasting == Lasting::ForEver => {
            Some(fails(THROTTLED, call_site.passed() + 3))
        }
        "NotJson" => with_an_answer_that_is_not_read(call_site),
        _ => None,
    }
}

fn without_a_resource(call_site: CallSite, lasting: Lasting) -> Option<Expected> {
    match (call_site, lasting) {
        // What is not there is created, is waited for, or is as gone as it should be.
        (
            CallSite::CreateLook
            | CallSite::PollLook
            | CallSite::AttachGet
            | CallSite::AttachSearch
            | CallSite::ReplaceListTags
            | CallSite::ReplaceLookAgain
            | CallSite::ReplaceDelete,
            _,
        ) => Some(succeeds(call_site.calls())),
        // It was just answered, so it will be shown soon.
        (CallSite::CreateLookAgain, _) => Some(fails("Unavailable", 2)),
        _ => None,
    }
}

/// The answers of these operations have no members, so the SDK does not read them: 200 is success, whatever it says.
fn with_an_answer_that_is_not_read(call_site: CallSite) -> Option<Expected> {
    if call_site == CallSite::AttachTag {
        // The link is read back, and is not there.
        return Some(fails("Unavailable", call_site.calls()));
    }
    (call_site == CallSite::ReplaceDelete).then_some(succeeds(call_site.calls()))
}

const fn succeeds(calls: u32) -> Expected {
    Expected { error: None, calls }
}

const fn fails(error: &'static str, calls: u32) -> Expected {
    Expected { error: Some(error), calls }
}
