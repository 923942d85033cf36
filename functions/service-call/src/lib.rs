//! A call to one of the two services, and what its error means for the state machine. Pure: no I/O.

use std::error::Error;
use std::iter::successors;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::request_id::RequestId;
use contract::{Service, ServiceResponse, StepError};

/// A call to a service, for naming it when it fails.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who is called.
    pub service: Service,
    /// The operation, as the API names it.
    pub operation: &'static str,
    /// What it is called for: an ARN, or the identifiers.
    pub resource: String,
}

impl Call {
    /// The error of a call whose response does not have the expected data yet: the next attempt reads again.
    #[must_use]
    pub fn unfinished(self, message: impl Into<String>) -> StepError {
        StepError::Unavailable(Box::new(self.returned(None, message.into())))
    }

    /// The error of a call whose resource vanished.
    #[must_use]
    pub fn not_found(self, message: impl Into<String>) -> StepError {
        StepError::NotFound(Box::new(self.returned(Some("ResourceNotFoundException".to_owned()), message.into())))
    }

    fn returned(self, code: Option<String>, message: String) -> ServiceResponse {
        let Self { service, operation, resource } = self;
        ServiceResponse { service, operation, resource, code, message, request_id: None, role: None }
    }
}

/// Decides what the state machine should do about an error. Pure: no I/O.
///
/// It goes by the service's code and the HTTP status, never by the SDK's variant: throttling, denials and server
/// errors are not modelled for Personalize and arrive as unhandled ones.
pub fn classify<E: ProvideErrorMetadata + Error + 'static>(call: Call, error: &SdkError<E, HttpResponse>) -> StepError {
    let (metadata, operation) = (error.meta(), call.operation);
    let code = metadata.code().unwrap_or_default();
    let mut response = Box::new(call.returned(metadata.code().map(str::to_owned), message(metadata, error)));
    response.request_id = error.request_id().map(str::to_owned);
    match error {
        // No response, or none that could be parsed. The call may have had its effect: each step reads first.
        SdkError::DispatchFailure(failure) if !failure.is_user() => StepError::Unavailable(response),
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => StepError::Unavailable(response),
        SdkError::ServiceError(failure) => meaning(code, failure.raw().status().as_u16(), operation)(response),
        // The request never left: the SDK or its configuration is at fault, and will be next time. (The SDK's enum is
        // non-exhaustive, so its variants alone do not do.)
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) | _ => unexpected(response),
    }
}

/// Whether the failure of a creation can mean that what it creates exists. Throttling, a denial or an unknown domain or
/// project cannot.
#[must_use]
pub fn may_exist(failure: &StepError) -> bool {
    let in_conflict = |code: Option<&str>| code == Some("ConflictException");
    matches!(failure, StepError::RefusedRequest(_) | StepError::QuotaExceeded(_) | StepError::Unexpected { .. })
        || matches!(failure, StepError::Unavailable(response) if in_conflict(response.code.as_deref()))
}

fn message<E: Error + 'static>(metadata: &ErrorMetadata, error: &SdkError<E, HttpResponse>) -> String {
    match (metadata.code(), metadata.message(), error.raw_response()) {
        (Some(code), Some(message), _) if is_about_the_signature(code) => without_the_request(message),
        (_, Some(message), _) => message.to_owned(),
        (None, None, Some(response)) => {
            format!("HTTP {} with a response that cannot be parsed: {}", response.status().as_u16(), causes_of(error))
        }
        (_, None, _) => causes_of(error),
    }
}

fn is_about_the_signature(code: &str) -> bool {
    code.contains("Signature") || ["RequestExpired", "RequestTimeTooSkewed"].contains(&code)
}

/// AWS repeats the request as it should have been signed, session token and all, after words that help: which clock
/// is ahead, and by how much. Only these words are kept.
fn without_the_request(message: &str) -> String {
    const BEGINNINGS: [&str; 9] = [
        "\n",
        "\r",
        "the canonical",
        "canonical",
        "the string-to-sign",
        "string-to-sign",
        "x-amz-",
        "authorization",
        "aws4-",
    ];
    let lower = message.to_ascii_lowercase();
    let end = BEGINNINGS.iter().filter_map(|beginning| lower.find(beginning)).min().unwrap_or(message.len());
    let kept = message[..end].trim();
    if kept.is_empty() { "the signature of the request was not accepted".to_owned() } else { kept.to_owned() }
}

/// The error that a code stands for. The codes are those of the two service models, of "Common Errors" in both API
/// references, and those that the SDKs treat as throttling.
fn meaning(code: &str, status: u16, operation: &str) -> fn(Box<ServiceResponse>) -> StepError {
    match code {
        // "The limit on the number of requests per second" in Personalize's model; only where a group is created does
        // it also stand for the number of groups.
        "LimitExceededException" if operation != "CreateDatasetGroup" => StepError::Throttled,
        "InvalidInputException" | "ValidationException" | "ValidationError" | "SerializationException"
        | "TooManyTagsException" | "TooManyTagKeysException" => StepError::RefusedRequest,
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedException" | "UnauthorizedOperation" | "NotAuthorized"
        | "UnrecognizedClientException" | "InvalidClientTokenId" | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" | "IncompleteSignature" | "IncompleteSignatureException"
        | "OptInRequired" => StepError::AccessDenied,
        "ResourceNotFoundException" => StepError::NotFound,
        "LimitExceededException" | "ServiceQuotaExceededException" => StepError::QuotaExceeded,
        "ThrottlingException" | "Throttling" | "ThrottledException" | "TooManyRequestsException"
        | "RequestLimitExceeded" | "RequestThrottled" | "RequestThrottledException" | "SlowDown"
        | "BandwidthLimitExceeded" | "PriorRequestNotComplete" => StepError::Throttled,
        "InternalServerException" | "InternalFailure" | "InternalError" | "ServiceUnavailable"
        | "ServiceUnavailableException" | "RequestTimeout" | "RequestTimeoutException"
        // Another operation holds the resource; it ends by itself.
        | "ResourceInUseException" | "ConflictException"
        // The next invocation has new credentials and a new clock.
        | "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "RequestTimeTooSkewed"
        | "InvalidSignatureException" | "SignatureDoesNotMatch" => StepError::Unavailable,
        _ => match status {
            401 | 403 => StepError::AccessDenied,
            // A success that cannot be parsed, as from a proxy. What the call did, the next attempt sees.
            200..=299 | 408 | 500.. => StepError::Unavailable,
            429 => StepError::Throttled,
            _ => unexpected,
        },
    }
}

fn unexpected(response: Box<ServiceResponse>) -> StepError {
    let code = response.code.as_deref().unwrap_or("no code");
    let message = format!(
        "{} of {} failed with an unexpected error ({code}): {}",
        response.operation,
        response.service.title(),
        response.message
    );
    StepError::Unexpected { message, response: Some(response) }
}

/// The error and its sources, each in its own words: their `Debug` would show the whole HTTP response.
fn causes_of(error: &dyn Error) -> String {
    let mut causes = error.to_string();
    for cause in successors(error.source(), |cause| (*cause).source()).map(ToString::to_string) {
        if !causes.ends_with(&cause) {
            causes = format!("{causes}: {cause}");
        }
    }
    causes
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::result::ConnectorError;

    use super::*;

    #[test]
    fn a_request_that_never_left_is_unexpected_and_one_that_reached_nobody_is_unavailable() {
        for (failure, name) in
            [(ConnectorError::user("no".into()), "Unexpected"), (ConnectorError::io("no".into()), "Unavailable")]
        {
            let call = Call { service: Service::DataZone, operation: "", resource: String::new() };
            let error = SdkError::<ErrorMetadata, HttpResponse>::dispatch_failure(failure);
            assert_eq!(classify(call, &error).name(), name);
        }
    }

    #[test]
    fn a_code_decides_and_without_a_known_one_the_status() {
        for (code, status, operation, name) in [
            ("LimitExceededException", 400, "CreateDatasetGroup", "QuotaExceeded"),
            ("LimitExceededException", 400, "TagResource", "ProvisioningTimedOut"),
            ("ThrottlingException", 400, "CreateDatasetGroup", "ProvisioningTimedOut"),
            ("AccessDeniedException", 400, "CreateDatasetGroup", "AccessDenied"),
            ("ResourceNotFoundException", 400, "CreateDatasetGroup", "NotFound"),
            ("", 200, "CreateDatasetGroup", "Unavailable"),
            ("", 502, "CreateDatasetGroup", "Unavailable"),
            ("", 429, "CreateDatasetGroup", "ProvisioningTimedOut"),
            ("", 403, "CreateDatasetGroup", "AccessDenied"),
            ("", 400, "CreateDatasetGroup", "Unexpected"),
            ("", 418, "CreateDatasetGroup", "Unexpected"),
        ] {
            let call = Call { service: Service::Personalize, operation: "", resource: String::new() };
            let error = meaning(code, status, operation)(Box::new(call.returned(None, String::new())));
            assert_eq!(error.name(), name, "{code} {status} {operation}");
        }
    }

    #[test]
    fn the_words_about_a_signature_are_kept_and_the_signed_request_is_not() {
        let skewed =
            "Signature expired: 20261121T000000Z is now earlier than 20261121T001000Z (20261121T001500Z - 5 min.)";
        let mismatch = "The request signature we calculated does not match the signature you provided.";
        for (message, kept) in [
            (skewed.to_owned(), skewed),
            (format!("{mismatch}\n\nThe Canonical String for this request should have been\n'POST"), mismatch),
            (format!("{mismatch} The String-to-Sign should have been 'AWS4"), mismatch),
            (format!("{mismatch} x-amz-security-token:secret"), mismatch),
            ("AWS4-HMAC-SHA256 Credential=AKID".to_owned(), "the signature of the request was not accepted"),
        ] {
            assert_eq!(without_the_request(&message), kept);
        }
        assert!(!is_about_the_signature("ValidationException"));
    }

    #[test]
    fn an_error_is_described_with_its_causes_and_none_twice() {
        #[derive(Debug)]
        struct Layer(&'static str, Option<Box<Layer>>);
        impl std::fmt::Display for Layer {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.0)
            }
        }
        impl Error for Layer {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                self.1.as_deref().map(|layer| layer as _)
            }
        }
        let error = Layer("timed out", Some(Box::new(Layer("timed out", Some(Box::new(Layer("no route", None)))))));
        assert_eq!(causes_of(&error), "timed out: no route");
    }
}
