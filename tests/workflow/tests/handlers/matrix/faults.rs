//! Everything that goes wrong, as data.

use simulators::{Kind, Service};

/// Longer than any client waits.
const FOR_EVER: u64 = 600_000;

/// Something that goes wrong with a call, and what it means wherever nothing else is said.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name in a failed cell.
    pub name: &'static str,
    /// The error of the step.
    pub meaning: &'static str,
    /// The attempts that the SDK makes before it gives up.
    pub attempts: u32,
    kind: FaultKind,
}

#[derive(Debug, Clone, Copy)]
enum FaultKind {
    Throttle(&'static str),
    Error(u16, &'static str),
    /// Named differently by the two services.
    Refusal,
    AccessDenied,
    HtmlBadGateway,
    TruncatedBody,
    NotJson,
    Delay,
    CutBeforeEffect,
    CutAfterEffect,
}

/// The attempts at what may heal.
const ATTEMPTS: u32 = 3;

const fn fault(name: &'static str, meaning: &'static str, attempts: u32, kind: FaultKind) -> Fault {
    Fault { name, meaning, attempts, kind }
}

const fn error(status: u16, code: &'static str, meaning: &'static str, attempts: u32) -> Fault {
    fault(code, meaning, attempts, FaultKind::Error(status, code))
}

const fn throttle(code: &'static str) -> Fault {
    fault(code, super::expected::THROTTLED, ATTEMPTS, FaultKind::Throttle(code))
}

pub const FAULTS: [Fault; 22] = [
    throttle("ThrottlingException"),
    throttle("TooManyRequestsException"),
    error(500, "InternalFailure", "Unavailable", ATTEMPTS),
    error(500, "InternalServerException", "Unavailable", ATTEMPTS),
    error(503, "ServiceUnavailable", "Unavailable", ATTEMPTS),
    error(400, "RequestTimeoutException", "Unavailable", ATTEMPTS),
    error(400, "ExpiredTokenException", "Unavailable", 1),
    error(400, "ResourceInUseException", "Unavailable", 1),
    error(400, "LimitExceededException", "QuotaExceeded", ATTEMPTS),
    error(402, "ServiceQuotaExceededException", "QuotaExceeded", 1),
    fault("AccessDenied", "AccessDenied", 1, FaultKind::AccessDenied),
    error(403, "UnrecognizedClientException", "AccessDenied", 1),
    fault("Refusal", "InvalidRequest", 1, FaultKind::Refusal),
    error(404, "ResourceNotFoundException", "NotFound", 1),
    error(400, "ExceptionOfTomorrow", "Unexpected", 1),
    fault("HtmlBadGateway", "Unavailable", ATTEMPTS, FaultKind::HtmlBadGateway),
    fault("TruncatedBody", "Unavailable", ATTEMPTS, FaultKind::TruncatedBody),
    fault("NotJson", "Unavailable", 1, FaultKind::NotJson),
    fault("Delay", "Unavailable", ATTEMPTS, FaultKind::Delay),
    fault("CutBeforeEffect", "Unavailable", ATTEMPTS, FaultKind::CutBeforeEffect),
    fault("CutAfterEffect", "Unavailable", ATTEMPTS, FaultKind::CutAfterEffect),
    error(429, "NoCodeThatAnybodyKnows", super::expected::THROTTLED, 1),
];

impl Fault {
    /// What the simulator does.
    pub fn kind(&self, service: Service) -> Kind {
        match self.kind {
            FaultKind::Throttle(code) => Kind::Throttle { code: Some(code.to_owned()) },
            FaultKind::Error(status, code) => Kind::Error { status, code: code.to_owned(), message: None },
            FaultKind::Refusal => {
                let code = match service {
                    Service::Personalize => "InvalidInputException",
                    Service::DataZone => "ValidationException",
                };
                Kind::Error { status: 400, code: code.to_owned(), message: None }
            }
            FaultKind::AccessDenied => Kind::AccessDenied,
            FaultKind::HtmlBadGateway => Kind::HtmlBadGateway,
            FaultKind::TruncatedBody => Kind::TruncatedBody,
            FaultKind::NotJson => Kind::Raw {
                status: 200,
                headers: [("content-type".to_owned(), "text/html".to_owned())].into(),
                body: "<html>signed out</html>".to_owned(),
                effect: false,
            },
            FaultKind::Delay => Kind::Delay { milliseconds: FOR_EVER },
            FaultKind::CutBeforeEffect => Kind::CutBeforeEffect,
            FaultKind::CutAfterEffect => Kind::CutAfterEffect,
        }
    }

    /// True when the clients have to give up waiting.
    pub const fn takes_time(&self) -> bool {
        matches!(self.kind, FaultKind::Delay)
    }
}
