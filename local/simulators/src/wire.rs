//! What goes over the wire in the two protocols: answers, errors, request ids.

use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::faults::Service;

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
    /// An error with everything spelled out.
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

    /// What both services answer to an operation that they do not have.
    pub fn unknown_operation(service: Service) -> Self {
        let status = match service {
            Service::Personalize => 400,
            Service::DataZone => 404,
        };
        Self::new(status, "UnknownOperationException", "The operation is not known")
    }
}

/// A successful answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body; nothing for an operation without an output.
    pub body: Option<Value>,
}

impl Reply {
    /// 200 with a body.
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body) }
    }
}

/// The response of an operation, and whether it changed anything.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationResult {
    /// What is answered.
    pub answer: Result<Reply, ServiceError>,
    /// True when anything that callers can see was changed.
    pub changed: bool,
}

impl OperationResult {
    /// An answer that left everything as it was.
    pub fn read(body: Value) -> Self {
        Self { answer: Ok(Reply::ok(body)), changed: false }
    }

    /// An answer to something that was changed.
    pub fn changed(reply: Reply) -> Self {
        Self { answer: Ok(reply), changed: true }
    }
}

impl From<ServiceError> for OperationResult {
    fn from(error: ServiceError) -> Self {
        Self { answer: Err(error), changed: false }
    }
}

impl From<Result<Self, ServiceError>> for OperationResult {
    fn from(result: Result<Self, ServiceError>) -> Self {
        result.unwrap_or_else(Self::from)
    }
}

/// The HTTP answer of a service.
pub fn render(service: Service, answer: &Result<Reply, ServiceError>) -> Response<Vec<u8>> {
    let mut response = match answer {
        Ok(reply) => {
            let body = reply.body.as_ref().map(Value::to_string).unwrap_or_default();
            with_status(reply.status, body)
        }
        Err(error) => match service {
            Service::Personalize => {
                with_status(error.status, json!({"__type": error.code, "message": error.message}).to_string())
            }
            Service::DataZone => {
                let mut response = with_status(error.status, json!({"message": error.message}).to_string());
                add_header(&mut response, "x-amzn-errortype", &error.code);
                response
            }
        },
    };
    let content_type = match service {
        Service::Personalize => "application/x-amz-json-1.1",
        Service::DataZone => "application/json",
    };
    add_header(&mut response, header::CONTENT_TYPE.as_str(), content_type);
    add_request_id(&mut response);
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

fn add_request_id(response: &mut Response<Vec<u8>>) {
    add_header(response, "x-amzn-requestid", &Uuid::new_v4().to_string());
}

/// The service's id of the call that is answered.
pub fn request_id(response: &Response<Vec<u8>>) -> Option<String> {
    response.headers().get("x-amzn-requestid").and_then(|id| id.to_str().ok()).map(str::to_owned)
}

/// The trace that a request is a part of.
pub fn trace_id(parts: &axum::http::request::Parts) -> Option<String> {
    parts.headers.get("x-amzn-trace-id").and_then(|id| id.to_str().ok()).map(str::to_owned)
}

/// True when the request carries a signature, in a header or in the query. It is not verified.
pub fn is_signed(parts: &axum::http::request::Parts) -> bool {
    let in_header =
        parts.headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"AWS4-"));
    in_header || parts.uri.query().is_some_and(|query| query.contains("X-Amz-Signature="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Result<Reply, ServiceError> {
        Err(ServiceError::new(404, "ResourceNotFoundException", "no"))
    }

    #[test]
    fn personalize_names_the_error_in_the_body() {
        let response = render(Service::Personalize, &refused());
        assert_eq!(
            String::from_utf8(response.body().clone()).unwrap(),
            r#"{"__type":"ResourceNotFoundException","message":"no"}"#
        );
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
        assert!(response.headers().contains_key("x-amzn-requestid"));
    }

    #[test]
    fn datazone_names_the_error_in_a_header() {
        let response = render(Service::DataZone, &refused());
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()["x-amzn-errortype"], "ResourceNotFoundException");
        assert_eq!(response.body(), br#"{"message":"no"}"#);
    }

    #[test]
    fn an_operation_without_an_output_answers_an_empty_body() {
        let response = render(Service::Personalize, &Ok(Reply { status: 200, body: None }));
        assert!(response.body().is_empty());
    }
}
