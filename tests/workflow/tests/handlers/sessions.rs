//! The session of the role in the account of a domain. The local engine plays STS on the deployed stack; here STS says what it
//! never says there.

use std::net::Ipv4Addr;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use axum::http::StatusCode;
use contract::{Execution, StepError};
use domain_access::{Clients, DomainAccess};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const ROLE: &str = "arn:aws:iam::123456789012:role/hub";

/// An STS with one answer, and the bodies of the calls to it.
async fn sts(status: StatusCode, body: String) -> (String, UnboundedReceiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, calls) = unbounded_channel();
    let answer = move |call: String| {
        drop(sender.send(call));
        std::future::ready((status, body.clone()))
    };
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    (url, calls)
}

/// The client of an invocation, or why there is none.
async fn session(sts: &str) -> Result<aws_sdk_datazone::Client, StepError> {
    let deployed = wiring::sdk_config().await;
    let retries = deployed.retry_config().expect("the functions configure retries").clone();
    let config = deployed
        .to_builder()
        .region(aws_types::region::Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "test")))
        .retry_config(retries.with_initial_backoff(Duration::from_millis(1)))
        .endpoint_url(sts)
        .build();
    let execution = Execution {
        arn: format!("arn:aws:states:us-east-1:123456789012:execution:provision:{}", "e".repeat(80)),
        start_time: Timestamp::UNIX_EPOCH,
        waited_seconds: 0,
    };
    let domain = DomainAccess { region: "eu-west-1".to_owned(), role_arn: ROLE.to_owned() };
    Clients::new(config).client(&domain, &execution).await
}

#[tokio::test]
async fn a_session_lasts_an_invocation_and_has_the_name_of_the_execution() {
    let member = |name: &str| format!("<{name}>x</{name}>");
    let members = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(member).concat();
    let credentials = format!("<Credentials>{members}<Expiration>2026-11-20T09:15:00Z</Expiration></Credentials>");
    let result = format!("<AssumeRoleResult>{credentials}</AssumeRoleResult>");
    let (url, mut calls) = sts(StatusCode::OK, format!("<AssumeRoleResponse>{result}</AssumeRoleResponse>")).await;
    let client = session(&url).await.expect("a client");
    assert_eq!(client.config().region().map(AsRef::as_ref), Some("eu-west-1"));
    let call = calls.recv().await.expect("a call");
    let name = format!("&RoleSessionName={}&", "e".repeat(64));
    assert!(call.contains(&name) && call.ends_with("&DurationSeconds=900"), "{call}");
}

#[tokio::test]
async fn an_error_of_sts_is_that_of_the_step_and_names_the_role() {
    for (status, code, error) in [
        (403, "AccessDenied", "AccessDenied"),
        (403, "RegionDisabledException", "AccessDenied"),
        (403, "ExpiredToken", "Unavailable"),
        (400, "Throttling", "ProvisioningTimedOut"),
        (500, "InternalFailure", "Unavailable"),
        // The role is a parameter of the stack: nobody who sends a request can correct it.
        (400, "ValidationError", "Unexpected"),
    ] {
        let body = format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>");
        let (url, _calls) = sts(StatusCode::from_u16(status).expect("a status"), body).await;
        let cause = session(&url).await.expect_err("no session").cause();
        assert_eq!(cause.error, error, "{code}: {cause:?}");
        assert_eq!((cause.operation.as_deref(), cause.resource.as_deref()), (Some("AssumeRole"), Some(ROLE)));
    }
    let (url, _calls) = sts(StatusCode::OK, "<AssumeRoleResponse/>".to_owned()).await;
    assert_eq!(session(&url).await.expect_err("no session").name(), "Unavailable");
}
