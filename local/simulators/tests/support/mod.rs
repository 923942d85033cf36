//! Raw HTTP, so that tests see what goes over the wire and not what a client makes of it.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use serde_json::{Value, json};
use simulators::{Control, Settings, Simulators};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A header that counts as signed.
pub const SIGNED: &str =
    "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/x/aws4_request, Signature=0\r\n";

/// A domain for the tests.
pub const DOMAIN: &str = "dzd_simulated";
/// Id of a group.
pub const GROUP: &str = "11111111-2222-3333-4444-555555555555";

/// ARN of the dataset group of a name.
pub fn arn(name: &str) -> String {
    format!("arn:aws:personalize:us-east-1:000000000000:dataset-group/{name}")
}

/// Simulators with their control client.
pub async fn started() -> (Simulators, Control) {
    started_with(Settings::default()).await
}

/// The same with settings.
pub async fn started_with(settings: Settings) -> (Simulators, Control) {
    let simulators = Simulators::start(settings).await.unwrap();
    let control = Control::new(simulators.control_url());
    (simulators, control)
}

/// What came back until the connection ended.
#[derive(Debug)]
pub struct Received {
    /// Nothing when the connection ended before an answer.
    pub status: Option<u16>,
    /// Lower-case names with their values.
    pub headers: Vec<(String, String)>,
    /// As much of the body as came.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The name of the error: from the header of REST JSON or the body of AWS JSON.
    pub fn code(&self) -> String {
        self.header("x-amzn-errortype")
            .map(str::to_owned)
            .or_else(|| self.json()["__type"].as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// Sends one request and reads until the connection ends.
pub async fn send(url: &str, method: &str, path: &str, headers: &str, body: &str) -> Received {
    let authority = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A connection that is reset has ended as well.
    let _ = stream.read_to_end(&mut bytes).await;
    parse(&bytes)
}

/// Calls an operation of Personalize, signed.
pub async fn personalize(simulators: &Simulators, operation: &str, request: &Value) -> Received {
    let headers = format!("{SIGNED}X-Amz-Target: AmazonPersonalize.{operation}\r\n");
    send(simulators.personalize_url(), "POST", "/", &headers, &request.to_string()).await
}

/// Calls an operation of DataZone, signed; a null request has no body.
pub async fn datazone(simulators: &Simulators, method: &str, path: &str, request: &Value) -> Received {
    let body = if request.is_null() { String::new() } else { request.to_string() };
    send(simulators.datazone_url(), method, path, SIGNED, &body).await
}

/// Creates the profile of [`GROUP`] in a domain.
pub async fn create_profile(simulators: &Simulators, domain: &str) -> Received {
    let path = format!("/v2/domains/{domain}/group-profiles");
    datazone(simulators, "POST", &path, &json!({"groupIdentifier": GROUP})).await
}

fn parse(bytes: &[u8]) -> Received {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        assert!(bytes.is_empty(), "half a head: {bytes:?}");
        return Received { status: None, headers: Vec::new(), body: Vec::new() };
    };
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Received { status: Some(status), headers, body: bytes[end + 4..].to_vec() }
}
