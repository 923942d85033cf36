//! Everything that goes wrong with a call, and the error that the step must end with.

use simulators::{Kind, Service};

use super::scenarios::CallSite;

/// The service's id of a call in its errors.
pub const REQUEST_ID: &str = "0f0e0d0c-0b0a-0908-0706-050403020100";
/// The service's message in its errors.
pub const MESSAGE: &str = "the words of the service";
/// A step that stays throttled until the deadline ends so.
pub const THROTTLED: &str = "ProvisioningTimedOut";
/// The session token in a message about a signature.
pub const SIGNED: &str = "session-of-the-function";

/// Longer than any client waits.
const FOR_EVER: u64 = 600_000;
/// The attempts of the SDK at what may recover within seconds.
const ATTEMPTS: u32 = 3;
/// Calls that change what a read has just shown: they are not sent again without another read.
const SENT_ONCE: [&str; 3] = ["DeleteDatasetGroup", "TagResource", "CreateProjectMembership"];
/// Calls whose responses have no members, so the SDK does not read them.
const UNREAD: [&str; 4] = ["DeleteDatasetGroup", "TagResource", "CreateProjectMembership", "DeleteProjectMembership"];
/// Its response has no body that could be cut.
const WITHOUT_BODY: &str = "DeleteProjectMembership";

/// A fault at a call site.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What the simulator does.
    pub kind: Kind,
    /// The name of the error.
    pub error: &'static str,
    /// How many times the SDK sends the call before the step fails.
    pub attempts: u32,
    /// The service's code, where the response has one.
    pub code: Option<&'static str>,
}

/// Errors that the SDK sends the call again for: status, code, error of the step.
const SENT_AGAIN: [(u16, &str, &str); 14] = [
    (400, "ThrottlingException", THROTTLED),
    (429, "ThrottlingException", THROTTLED),
    (400, "TooManyRequestsException", THROTTLED),
    (400, "Throttling", THROTTLED),
    (400, "RequestLimitExceeded", THROTTLED),
    (503, "SlowDown", THROTTLED),
    (500, "InternalFailure", "Unavailable"),
    (500, "InternalServerException", "Unavailable"),
    (500, "InternalError", "Unavailable"),
    (503, "ServiceUnavailable", "Unavailable"),
    (503, "ServiceUnavailableException", "Unavailable"),
    (504, "NobodyKnows", "Unavailable"),
    (400, "RequestTimeoutException", "Unavailable"),
    // A rate, except where a group is created: see `code`.
    (400, "LimitExceededException", THROTTLED),
];

/// Errors that end the step at once.
const FINAL: [(u16, &str, &str); 31] = [
    (400, "ExpiredTokenException", "Unavailable"),
    (400, "ExpiredToken", "Unavailable"),
    (400, "RequestExpired", "Unavailable"),
    (403, "RequestExpired", "Unavailable"),
    (400, "RequestTimeTooSkewed", "Unavailable"),
    (403, "InvalidSignatureException", "Unavailable"),
    (403, "SignatureDoesNotMatch", "Unavailable"),
    (400, "ResourceInUseException", "Unavailable"),
    (409, "ConflictException", "Unavailable"),
    (402, "ServiceQuotaExceededException", "QuotaExceeded"),
    (401, "UnauthorizedException", "AccessDenied"),
    (400, "AccessDeniedException", "AccessDenied"),
    (403, "AccessDeniedException", "AccessDenied"),
    (400, "UnrecognizedClientException", "AccessDenied"),
    (403, "UnrecognizedClientException", "AccessDenied"),
    (403, "InvalidClientTokenId", "AccessDenied"),
    (403, "MissingAuthenticationTokenException", "AccessDenied"),
    (400, "IncompleteSignatureException", "AccessDenied"),
    (403, "OptInRequired", "AccessDenied"),
    (403, "NobodyKnows", "AccessDenied"),
    (400, "InvalidInputException", "InvalidRequest"),
    (400, "ValidationException", "InvalidRequest"),
    (400, "TooManyTagsException", "InvalidRequest"),
    (400, "TooManyTagKeysException", "InvalidRequest"),
    (400, "SerializationException", "InvalidRequest"),
    (400, "ResourceNotFoundException", "NotFound"),
    (404, "ResourceNotFoundException", "NotFound"),
    (400, "NobodyKnows", "Unexpected"),
    (400, "ExceptionOfTomorrow", "Unexpected"),
    (404, "UnknownOperationException", "Unexpected"),
    (429, "NobodyKnows", THROTTLED),
];

/// All faults of a call.
pub fn faults(site: CallSite) -> Vec<Fault> {
    let fault = |kind, error, attempts| {
        let attempts = if SENT_ONCE.contains(&site.operation) { 1 } else { attempts };
        Fault { kind, error, attempts, code: None }
    };
    let code = |status, code, error, attempts| {
        let rate = code != "LimitExceededException" || site.operation != "CreateDatasetGroup";
        let error = if rate { error } else { "QuotaExceeded" };
        Fault { code: Some(code), ..fault(response(site.service(), status, code), error, attempts) }
    };
    let mut faults = vec![
        Fault { code: Some("AccessDeniedException"), ..fault(Kind::AccessDenied, "AccessDenied", 1) },
        fault(Kind::HtmlBadGateway, "Unavailable", ATTEMPTS),
        fault(Kind::Delay { milliseconds: FOR_EVER }, "Unavailable", ATTEMPTS),
        fault(Kind::CutBeforeEffect, "Unavailable", ATTEMPTS),
        fault(Kind::CutAfterEffect, "Unavailable", ATTEMPTS),
        fault(page(403), "AccessDenied", 1),
        fault(page(429), THROTTLED, 1),
    ];
    if site.operation != WITHOUT_BODY {
        faults.push(fault(Kind::TruncatedBody, "Unavailable", ATTEMPTS));
    }
    if !UNREAD.contains(&site.operation) {
        faults.push(fault(page(200), "Unavailable", 1));
    }
    faults.extend(SENT_AGAIN.map(|(status, name, error)| code(status, name, error, ATTEMPTS)));
    faults.extend(FINAL.map(|(status, name, error)| code(status, name, error, 1)));
    faults
}

/// An error in the protocol of the service. Personalize writes the code with its namespace, DataZone with its origin:
/// the cause shows neither.
fn response(service: Service, status: u16, code: &str) -> Kind {
    // AWS repeats the request as it should have been signed, session token and all.
    let signed = if code.contains("Signature") {
        format!(" The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:{SIGNED}\n'")
    } else {
        String::new()
    };
    let message = format!("{MESSAGE}{signed}");
    let (kind, body) = match service {
        Service::Personalize => {
            let kind = ("content-type", "application/x-amz-json-1.1".to_owned());
            (kind, serde_json::json!({"__type": format!("com.amazonaws.personalize#{code}"), "message": message}))
        }
        Service::DataZone => {
            let kind = ("x-amzn-errortype", format!("{code}:http://internal.amazon.com/coral/com.amazon.coral/"));
            (kind, serde_json::json!({"message": message}))
        }
    };
    let headers = [("x-amzn-requestid", REQUEST_ID.to_owned()), kind];
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Kind::Raw { status, headers, body: body.to_string(), effect: false }
}

/// A page in the place of a response, as a proxy sends it.
fn page(status: u16) -> Kind {
    let headers = [("content-type".to_owned(), "text/html".to_owned())].into();
    let body = "<html><body><center><h1>signed out</h1></center></body></html>".to_owned();
    Kind::Raw { status, headers, body, effect: false }
}
