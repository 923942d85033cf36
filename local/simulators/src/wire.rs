//! What goes over the wire in the two protocols: responses, errors, request ids.

use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::{Model, Protocol};

/// An error as a service names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    /// HTTP status.
    pub status: u16,
    /// Name of the error shape, without a namespace.
    pub code: String,
    /// The text for people.
    pub message: String,
}

impl ServiceError {
    /// An error with everything spelled out. [`crate::service::Service::error`] makes those of the service models.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// What both services answer to a request without a signature.
    pub fn unsigned() -> Self {
        Self::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    }

    /// What both services answer to a body that is no JSON, or JSON of the wrong types.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new(400, "SerializationException", message)
    }

    /// What the services answer to an operation that they do not have.
    pub fn unknown_operation(protocol: &Protocol) -> Self {
        let status = match protocol {
            Protocol::Json { .. } => 400,
            Protocol::RestJson => 404,
        };
        Self::new(status, "UnknownOperationException", "The operation is not known")
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::serialization(error.to_string())
    }
}

/// The response of an operation that was carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The body; nothing for an operation without an output.
    pub body: Option<Value>,
    /// True when anything that callers can see was changed.
    pub changed: bool,
}

impl Reply {
    /// A response that left everything as it was.
    pub fn read(body: Value) -> Self {
        Self { body: Some(body), changed: false }
    }

    /// A response to a change, which may have changed nothing.
    pub fn write(body: Value, changed: bool) -> Self {
        Self { body: Some(body), changed }
    }
}

/// A JSON object of the members that have a value.
pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Value {
    let members = members.into_iter().filter_map(|(member, value)| Some((member.to_owned(), value?)));
    Value::Object(members.collect())
}

/// The HTTP response of a service to a call of an operation.
pub fn render(model: &Model, operation: &str, answer: &Result<Reply, ServiceError>) -> Response<Vec<u8>> {
    let mut response = match answer {
        Ok(reply) => {
            let body = reply.body.as_ref().map(Value::to_string).unwrap_or_default();
            with_status(model.success_status(operation), body)
        }
        Err(ServiceError { status, code, message }) => match &model.protocol {
            Protocol::Json { .. } => with_status(*status, json!({"__type": code, "message": message}).to_string()),
            Protocol::RestJson => {
                let mut response = with_status(*status, json!({"message": message}).to_string());
                add_header(&mut response, "x-amzn-errortype", code);
                response
            }
        },
    };
    let content_type = match &model.protocol {
        Protocol::Json { json_version, .. } => format!("application/x-amz-json-{json_version}"),
        Protocol::RestJson => "application/json".to_owned(),
    };
    add_header(&mut response, header::CONTENT_TYPE.as_str(), &content_type);
    add_header(&mut response, "x-amzn-requestid", &Uuid::new_v4().to_string());
    response
}

/// An answer that no service writes, but something between it and the caller.
pub fn html_bad_gateway() -> Response<Vec<u8>> {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad \
                Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    let mut response = with_status(502, page.to_owned());
    add_header(&mut response, header::CONTENT_TYPE.as_str(), "text/html");
    response
}

/// An answer with a status and a body only. A status that HTTP does not know becomes 500.
pub fn with_status(status: u16, body: String) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Adds a header. One that HTTP does not allow is left out.
pub fn add_header(response: &mut Response<Vec<u8>>, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}

/// The service's id of the call that is answered.
pub fn request_id(response: &Response<Vec<u8>>) -> Option<String> {
    response.headers().get("x-amzn-requestid").and_then(|id| id.to_str().ok()).map(str::to_owned)
}

/// The trace that a request is a part of.
pub fn trace_id(parts: &axum::http::request::Parts) -> Option<String> {
    parts.headers.get("x-amzn-trace-id").and_then(|id| id.to_str().ok()).map(str::to_owned)
}

/// The credential of the signature in the header.
pub fn credential(parts: &axum::http::request::Parts) -> Option<String> {
    let signature = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = signature.split_once("Credential=")?;
    Some(credential.split([',', ' ']).next()?.to_owned())
}

/// True when the request carries a signature, in a header or in the query. It is not verified.
pub fn is_signed(parts: &axum::http::request::Parts) -> bool {
    let in_header =
        parts.headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"AWS4-"));
    in_header || parts.uri.query().is_some_and(|query| query.contains("X-Amz-Signature="))
}
