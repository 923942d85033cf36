//! What was called, in the order it was received, and what became of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::control::documents::Contents;
use crate::service::Service;

/// What a call is about, as far as it says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Name of the Personalize dataset group, also when the call gave its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_group: Option<String>,
    /// Identifier of the `DataZone` domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Group, group profile or role, as the call gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Identifier of the project in the domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

impl Resource {
    /// True when any of the identifiers is this one.
    #[must_use]
    pub fn is(&self, identifier: &str) -> bool {
        self.identifiers().into_iter().flatten().any(|own| own == identifier)
    }

    /// All identifiers in one text; none of them holds a line feed.
    pub(crate) fn key(&self) -> String {
        self.identifiers().map(|own| own.map_or("", String::as_str)).join("\n")
    }

    fn identifiers(&self) -> [Option<&String>; 4] {
        [&self.dataset_group, &self.domain, &self.group, &self.project].map(Option::as_ref)
    }
}

/// What a caller got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// An HTTP status.
    Status(u16),
    /// No answer.
    Word(Word),
}

/// Why there is no HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// The connection was cut.
    Cut,
    /// The call is still being answered.
    Pending,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// From 1, in the order the calls were received.
    pub sequence: u64,
    /// When it was received.
    pub received_at: Timestamp,
    /// The service.
    pub service: Service,
    /// The operation; empty when the call did not name one.
    pub operation: String,
    /// What it was about.
    pub resource: Resource,
    /// The body; null without one, a string when it was no JSON.
    pub request: Value,
    /// The HTTP status, `"cut"` or `"pending"`.
    pub status: Answer,
    /// Name of the error that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Kind of the fault that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// True when the call was throttled because of the rate limit of its operation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rate_limited: bool,
    /// True when the call changed anything that callers can see.
    pub effect: bool,
    /// The service's id of the call, as it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The caller's trace (`X-Amzn-Trace-Id`), which all calls of one Lambda invocation share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// What it was signed with: `{access key id}/{date}/{region}/{service}/aws4_request`. The signature is not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// When it was carried out or refused; absent while it is pending. No two calls have the same, and effects happened
    /// in this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What it did to the dataset group that it is about; absent when there was none before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition: Option<Transition>,
    /// What it did to the membership of the group in the project that it is about; absent when there was none before and
    /// after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
    /// What was in the dataset group that it is about, right before it.
    #[serde(default, skip_serializing_if = "Contents::is_empty")]
    pub contents: Contents,
}

impl Call {
    /// A call of a service that was received just now, and of which nothing else is known yet.
    pub(crate) fn received(service: Service) -> Self {
        Self {
            sequence: 0,
            received_at: Timestamp::now(),
            service,
            operation: String::new(),
            resource: Resource::default(),
            request: Value::Null,
            status: Answer::Word(Word::Pending),
            error_code: None,
            fault: None,
            rate_limited: false,
            effect: false,
            request_id: None,
            trace_id: None,
            credential: None,
            ended_at: None,
            transition: None,
            membership: None,
            contents: Contents::new(),
        }
    }
}

/// The status of a dataset group right before and right after a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// Which of all groups that were ever created or put it is: a name may be used again.
    pub generation: u64,
    /// The status before; absent when there was none, or it was not visible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The status after: for a `DescribeDatasetGroup`, what it showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The designation of a member of a project right before and right after a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// The designation before; absent when it was no member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The designation after; absent when it is no member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Which calls to read; what is absent matches every call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallFilter {
    /// Calls of this service.
    pub service: Option<Service>,
    /// Calls of this operation.
    pub operation: Option<String>,
    /// Calls about this dataset group name, domain id, group identifier or project id.
    pub resource: Option<String>,
}

impl CallFilter {
    /// Every call.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Calls of one operation.
    #[must_use]
    pub fn operation(operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::default() }
    }

    /// The same about one dataset group name, domain id, group identifier or project id only.
    #[must_use]
    pub fn about(self, resource: &str) -> Self {
        Self { resource: Some(resource.to_owned()), ..self }
    }

    /// True when the call is wanted.
    #[must_use]
    pub fn matches(&self, call: &Call) -> bool {
        self.service.is_none_or(|service| service == call.service)
            && self.operation.as_deref().is_none_or(|operation| operation == call.operation)
            && self.resource.as_deref().is_none_or(|resource| call.resource.is(resource))
    }
}

/// All calls since the last [`CallLog::forget`].
#[derive(Debug, Default)]
pub struct CallLog {
    calls: Vec<Call>,
    last_sequence: u64,
    last_end: Timestamp,
}

impl CallLog {
    /// Notes a call the moment it is received, so that a caller who gives up is not forgotten. Returns its number.
    pub fn begin(&mut self, call: Call) -> u64 {
        self.last_sequence += 1;
        self.calls.push(Call { sequence: self.last_sequence, ..call });
        self.last_sequence
    }

    /// Notes what became of a call. One that was forgotten meanwhile stays forgotten.
    pub fn end(&mut self, sequence: u64, note: impl FnOnce(&mut Call)) {
        // The clock may stand still between two calls, or be set back.
        let next = self.last_end.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(self.last_end);
        self.last_end = next.max(Timestamp::now());
        if let Ok(index) = self.calls.binary_search_by_key(&sequence, |call| call.sequence) {
            let call = &mut self.calls[index];
            note(call);
            call.ended_at = Some(self.last_end);
        }
    }

    /// The calls that are wanted, in order.
    pub fn read(&self, filter: &CallFilter) -> Vec<Call> {
        self.calls.iter().filter(|call| filter.matches(call)).cloned().collect()
    }

    /// Forgets all calls; the numbers go on.
    pub fn forget(&mut self) {
        self.calls.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(log: &mut CallLog) -> u64 {
        log.begin(Call::received(Service::Personalize))
    }

    #[test]
    fn a_call_is_pending_until_it_has_ended() {
        let mut log = CallLog::default();
        let sequence = logged(&mut log);
        assert_eq!(log.read(&CallFilter::all())[0].status, Answer::Word(Word::Pending));
        log.end(sequence, |call| call.status = Answer::Word(Word::Cut));
        assert_eq!(serde_json::to_value(&log.read(&CallFilter::all())[0]).unwrap()["status"], "cut");
    }

    #[test]
    fn calls_end_one_after_the_other_also_when_the_clock_stands_still() {
        let mut log = CallLog::default();
        let calls = [logged(&mut log), logged(&mut log)];
        log.last_end = Timestamp::MAX.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap();
        for sequence in calls.into_iter().rev() {
            log.end(sequence, |_| {});
        }
        let ends: Vec<_> = log.read(&CallFilter::all()).iter().map(|call| call.ended_at.unwrap()).collect();
        assert!(ends[1] < ends[0], "{ends:?}");
    }

    #[test]
    fn a_call_that_was_forgotten_while_it_ran_stays_forgotten() {
        let mut log = CallLog::default();
        let sequence = logged(&mut log);
        log.forget();
        log.end(sequence, |_| {});
        assert!(log.read(&CallFilter::all()).is_empty());
        assert_eq!(logged(&mut log), 2);
    }
}
