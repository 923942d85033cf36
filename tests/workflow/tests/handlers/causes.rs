//! What an answer of a service becomes: the name of the error, and the Cause that says everything about it but secrets.

use contract::step_error::Cause;
use simulators::{Fault, Kind, Service};
use workflow_tests::{DOMAIN, GROUP, SECRETS, Setup};

use crate::call_sites::CallSite;

const REQUEST_ID: &str = "0f0e0d0c-0b0a-0908-0706-050403020100";
const MESSAGE: &str = "the words of the service";

/// An answer with an error, in the protocol of the service.
fn error(service: Service, status: u16, code: &str) -> Kind {
    error_saying(service, status, code, MESSAGE)
}

fn error_saying(service: Service, status: u16, code: &str, message: &str) -> Kind {
    let mut headers = vec![("x-amzn-requestid", REQUEST_ID.to_owned())];
    let body = match service {
        // Personalize writes the code with its namespace, DataZone with where it comes from: neither is shown.
        Service::Personalize => {
            headers.push(("content-type", "application/x-amz-json-1.1".to_owned()));
            serde_json::json!({"__type": format!("com.amazonaws.personalize#{code}"), "message": message})
        }
        Service::DataZone => {
            headers.push(("content-type", "application/json".to_owned()));
            headers.push(("x-amzn-errortype", format!("{code}:http://internal.amazon.com/coral/com.amazon.coral/")));
            serde_json::json!({"message": message})
        }
    };
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Kind::Raw { status, headers, body: body.to_string(), effect: false }
}

/// The cause that a step ends with when this call is always answered so.
async fn cause_of(call_site: CallSite, kind: Kind) -> Cause {
    let setup = Setup::start().await;
    call_site.prepare(&setup).await;
    let fault = Fault::new(call_site.service(), kind).operation(call_site.operation()).after(call_site.passed());
    setup.control.add_fault(fault).await.expect("a fault");
    let error = call_site.run(&setup).await.expect_err("an error");
    let cause = error.cause();
    assert_eq!(cause.error, error.name());
    assert_discreet(&cause);
    assert_eq!(cause.operation.as_deref(), Some(call_site.operation()));
    let resource = cause.resource.as_deref().expect("a resource");
    match call_site.service() {
        Service::Personalize => {
            assert_eq!(cause.service, Some(contract::Service::Personalize));
            assert_eq!(resource, setup.arn("media"));
        }
        Service::DataZone => {
            assert_eq!(cause.service, Some(contract::Service::DataZone));
            assert!(resource.contains(DOMAIN), "{resource}");
        }
    }
    cause
}

/// No page of a proxy, no key, no token and no value of a tag.
fn assert_discreet(cause: &Cause) {
    let told = serde_json::to_string(cause).expect("a document");
    let client_token = contract::Request::parse(&workflow_tests::request()).expect("valid").group_profile.client_token;
    for secret in SECRETS.into_iter().chain(["<html", "<center>", "media-secret", client_token.as_str()]) {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

async fn check(call_site: CallSite, status: u16, code: &str, name: &str) {
    let cause = cause_of(call_site, error(call_site.service(), status, code)).await;
    let place = format!("{call_site:?} {code}");
    assert_eq!(cause.error, name, "{place}");
    assert_eq!(cause.code.as_deref(), Some(code), "{place}");
    assert_eq!(cause.request_id.as_deref(), Some(REQUEST_ID), "{place}");
    assert!(cause.message.contains(MESSAGE), "{place}: {}", cause.message);
    assert!(cause.remedy.ends_with('.'), "{place}: {}", cause.remedy);
}

#[tokio::test]
async fn every_error_of_the_model_of_personalize_has_a_meaning() {
    for (call_site, code, name) in [
        (CallSite::CreateGroup, "InvalidInputException", "InvalidRequest"),
        (CallSite::CreateGroup, "TooManyTagsException", "InvalidRequest"),
        (CallSite::CreateGroup, "LimitExceededException", "QuotaExceeded"),
        (CallSite::CreateLook, "InvalidInputException", "InvalidRequest"),
        (CallSite::PollLook, "InvalidInputException", "InvalidRequest"),
        (CallSite::AttachListTags, "InvalidInputException", "InvalidRequest"),
        (CallSite::AttachListTags, "ResourceNotFoundException", "NotFound"),
        (CallSite::AttachTag, "InvalidInputException", "InvalidRequest"),
        (CallSite::AttachTag, "ResourceNotFoundException", "NotFound"),
        (CallSite::AttachTag, "TooManyTagsException", "InvalidRequest"),
        (CallSite::AttachTag, "TooManyTagKeysException", "InvalidRequest"),
        (CallSite::AttachTag, "ResourceInUseException", "Unavailable"),
        (CallSite::AttachTag, "LimitExceededException", "ProvisioningTimedOut"),
        (CallSite::ReplaceDelete, "InvalidInputException", "InvalidRequest"),
        (CallSite::ReplaceDelete, "ResourceInUseException", "Unavailable"),
    ] {
        check(call_site, 400, code, name).await;
    }
}

#[tokio::test]
async fn every_error_of_the_model_of_datazone_has_a_meaning() {
    for call_site in [CallSite::AttachGet, CallSite::AttachSearch, CallSite::AttachCreate, CallSite::AttachUpdate] {
        for (status, code, name) in [
            (400, "ValidationException", "InvalidRequest"),
            (401, "UnauthorizedException", "AccessDenied"),
            (403, "AccessDeniedException", "AccessDenied"),
            (429, "ThrottlingException", "ProvisioningTimedOut"),
            (500, "InternalServerException", "Unavailable"),
        ] {
            check(call_site, status, code, name).await;
        }
    }
    for call_site in [CallSite::AttachCreate, CallSite::AttachUpdate] {
        check(call_site, 404, "ResourceNotFoundException", "NotFound").await;
    }
}

#[tokio::test]
async fn errors_that_are_in_no_model_have_a_meaning() {
    for call_site in [CallSite::PollLook, CallSite::AttachGet] {
        for (status, code, name) in [
            (400, "ThrottlingException", "ProvisioningTimedOut"),
            (400, "Throttling", "ProvisioningTimedOut"),
            (400, "TooManyRequestsException", "ProvisioningTimedOut"),
            (400, "RequestLimitExceeded", "ProvisioningTimedOut"),
            (503, "SlowDown", "ProvisioningTimedOut"),
            (500, "InternalFailure", "Unavailable"),
            (500, "InternalError", "Unavailable"),
            (503, "ServiceUnavailable", "Unavailable"),
            (503, "ServiceUnavailableException", "Unavailable"),
            (504, "NobodyKnows", "Unavailable"),
            (400, "ExpiredTokenException", "Unavailable"),
            (400, "ExpiredToken", "Unavailable"),
            (403, "RequestExpired", "Unavailable"),
            (400, "AccessDeniedException", "AccessDenied"),
            (400, "UnrecognizedClientException", "AccessDenied"),
            (403, "InvalidClientTokenId", "AccessDenied"),
            (403, "MissingAuthenticationTokenException", "AccessDenied"),
            (403, "OptInRequired", "AccessDenied"),
            (403, "NobodyKnows", "AccessDenied"),
            (402, "ServiceQuotaExceededException", "QuotaExceeded"),
            (400, "SerializationException", "InvalidRequest"),
            (400, "NobodyKnows", "Unexpected"),
            (409, "ConflictException", "Unavailable"),
            (400, "RequestTimeTooSkewed", "Unavailable"),
            (404, "UnknownOperationException", "Unexpected"),
        ] {
            check(call_site, status, code, name).await;
        }
    }
}

#[tokio::test]
async fn a_denial_names_the_action_that_is_missing() {
    for (call_site, action) in [
        (CallSite::CreateGroup, "personalize:CreateDatasetGroup"),
        (CallSite::AttachTag, "personalize:TagResource"),
        (CallSite::AttachCreate, "datazone:CreateGroupProfile"),
    ] {
        let cause = cause_of(call_site, Kind::AccessDenied).await;
        assert_eq!(cause.error, "AccessDenied");
        assert!(cause.remedy.contains(action), "{}", cause.remedy);
        assert!(cause.message.contains("is not authorized to perform"), "{}", cause.message);
        assert!(cause.request_id.is_some());
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_is_told_by_its_meaning_and_never_shown() {
    let page = "<html><body><center><h1>no</h1></center></body></html>";
    for call_site in [CallSite::CreateGroup, CallSite::PollLook, CallSite::AttachGet, CallSite::AttachCreate] {
        for (status, name) in
            [(403, "AccessDenied"), (429, "ProvisioningTimedOut"), (502, "Unavailable"), (200, "Unavailable")]
        {
            let headers = [("content-type".to_owned(), "text/html".to_owned())].into();
            let cause = cause_of(call_site, Kind::Raw { status, headers, body: page.to_owned(), effect: false }).await;
            assert_eq!(cause.error, name, "{call_site:?} {status}");
            assert_eq!((cause.code, cause.request_id), (None, None), "{call_site:?} {status}");
            assert!(!cause.message.is_empty());
        }
        assert_eq!(cause_of(call_site, Kind::HtmlBadGateway).await.error, "Unavailable");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_whole_is_told_without_a_code() {
    for call_site in [CallSite::CreateGroup, CallSite::AttachGet] {
        for kind in [Kind::CutBeforeEffect, Kind::CutAfterEffect, Kind::TruncatedBody] {
            let cause = cause_of(call_site, kind).await;
            assert_eq!((cause.error.as_str(), cause.code), ("Unavailable", None), "{call_site:?}");
            assert!(cause.message.len() > 30, "{call_site:?}: {}", cause.message);
        }
    }
}

#[tokio::test]
async fn an_endless_message_is_cut_short() {
    for call_site in [CallSite::PollLook, CallSite::AttachGet] {
        let kind = error_saying(call_site.service(), 400, "AccessDeniedException", &"no ".repeat(100_000));
        let cause = cause_of(call_site, kind).await;
        assert!(cause.message.len() <= 1000 && cause.message.ends_with("..."));
    }
}

#[tokio::test]
async fn a_denial_of_a_profile_names_domain_and_principal() {
    let cause = cause_of(CallSite::AttachGet, Kind::AccessDenied).await;
    assert!(cause.resource.is_some_and(|resource| resource.contains(DOMAIN) && resource.contains(GROUP)));
}

/// A new invocation has new credentials and a new clock.
#[tokio::test]
async fn a_signature_that_is_not_accepted_is_unavailable_with_the_words_of_the_service() {
    for call_site in [CallSite::PollLook, CallSite::AttachGet] {
        for (status, code) in [
            (403, "InvalidSignatureException"),
            (403, "SignatureDoesNotMatch"),
            (400, "RequestExpired"),
            (400, "RequestTimeTooSkewed"),
        ] {
            check(call_site, status, code, "Unavailable").await;
        }
        check(call_site, 400, "IncompleteSignatureException", "AccessDenied").await;
    }
}

/// AWS shows the request as it should have been signed, session token and all.
#[tokio::test]
async fn of_the_words_about_a_signature_only_the_signed_request_is_withheld() {
    let first = "The request signature we calculated does not match the signature you provided.";
    let message = format!(
        "{first} The Canonical String for this request should have been\n'POST\n/\n\n\
         host:personalize.us-east-1.amazonaws.com\nx-amz-security-token:{}\n'",
        SECRETS[2]
    );
    for call_site in [CallSite::PollLook, CallSite::AttachGet] {
        let cause =
            cause_of(call_site, error_saying(call_site.service(), 403, "InvalidSignatureException", &message)).await;
        assert_eq!(cause.code.as_deref(), Some("InvalidSignatureException"));
        assert!(cause.message.contains(first), "{}", cause.message);
    }
}
