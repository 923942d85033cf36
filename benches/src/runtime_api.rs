//! The Runtime API of Lambda, as much of it as a runtime needs: it hands out events one at a time, when told to, and
//! notes when each was asked for and answered.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::error::Error;

/// Longer than any event takes, also under callgrind.
const TIME_OF_AN_EVENT: Duration = Duration::from_mins(5);

/// What a runtime did.
#[derive(Debug)]
pub enum Message {
    /// It asked for an event.
    Asked(Asked),
    /// It answered one.
    Answered(Answered),
    /// It reported that it failed, at its start or at an event.
    Failed(String),
}

/// A runtime that waits for its next event.
#[derive(Debug)]
pub struct Asked {
    /// When its request arrived.
    pub at: Instant,
    give: oneshot::Sender<Event>,
}

/// An answered event.
#[derive(Debug)]
pub struct Answered {
    /// From the event being sent to its answer being there.
    pub took: Duration,
    /// When the answer was there.
    pub at: Instant,
    /// The answer.
    pub body: Bytes,
}

/// An event for a function.
#[derive(Debug, Clone)]
pub struct Event {
    /// The function's ARN.
    pub function_arn: String,
    /// The payload, JSON.
    pub payload: Bytes,
}

/// A Runtime API for one process.
#[derive(Debug)]
pub struct RuntimeApi {
    /// Host and port, for `AWS_LAMBDA_RUNTIME_API`.
    pub authority: String,
    messages: mpsc::UnboundedReceiver<Message>,
    server: JoinHandle<()>,
}

impl Asked {
    /// Sends the event. A runtime that has gone meanwhile does not get it.
    pub fn give(self, event: Event) {
        // Its end is noticed by whoever waits for the answer.
        let _ = self.give.send(event);
    }
}

impl RuntimeApi {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(Error::system("the Runtime API cannot listen"))?;
        let authority = listener.local_addr().map_err(Error::system("the Runtime API has no address"))?.to_string();
        let (sender, messages) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk { messages: sender, given: Mutex::new(None) });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failure))
            .route("/2018-06-01/runtime/init/error", post(failure))
            .with_state(desk);
        let listener = listener.tap_io(|stream| {
            // Only a matter of speed.
            let _ = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move {
            // Serving ends only when this task is aborted: errors of accepting are retried inside.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { authority, messages, server })
    }

    /// What the runtime does next.
    pub async fn message(&mut self) -> Message {
        // The server holds the other end for as long as this exists.
        self.messages.recv().await.unwrap_or_else(|| Message::Failed("the Runtime API has ended".to_owned()))
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What the handlers share.
#[derive(Debug)]
struct Desk {
    messages: mpsc::UnboundedSender<Message>,
    /// Since when an event is out.
    given: Mutex<Option<Instant>>,
}

impl Desk {
    fn tell(&self, message: Message) {
        // Whoever listened has seen enough.
        let _ = self.messages.send(message);
    }
}

async fn next(State(desk): State<Arc<Desk>>) -> Response {
    let (give, given) = oneshot::channel();
    desk.tell(Message::Asked(Asked { at: Instant::now(), give }));
    let Ok(event) = given.await else {
        // The process is being terminated, or is about to be.
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now() + TIME_OF_AN_EVENT;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/json"),
        ("lambda-runtime-aws-request-id", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("lambda-runtime-deadline-ms", &deadline),
        ("lambda-runtime-invoked-function-arn", &event.function_arn),
        ("lambda-runtime-trace-id", "Root=1-65a1b2c3-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"),
    ];
    let answer = (headers, event.payload).into_response();
    *desk.given.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    answer
}

async fn response(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    let at = Instant::now();
    let given = desk.given.lock().unwrap_or_else(PoisonError::into_inner).take();
    desk.tell(match given {
        Some(since) => Message::Answered(Answered { took: at - since, at, body }),
        None => Message::Failed("it sent a response without an event".to_owned()),
    });
    accepted()
}

async fn failure(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    desk.tell(Message::Failed(format!("it reported {}", String::from_utf8_lossy(&body))));
    accepted()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({"status": "OK"}))).into_response()
}
