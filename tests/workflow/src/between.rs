//! A listener between the clients and the simulators. It writes down every exchange as it went over the wire, and
//! answers in place of a service where it is told to: with any bytes, which the simulators' own faults cannot.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, header};
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use simulators::{Service, Urls};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What went over the wire for one call.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The service that was called.
    pub service: Service,
    /// The operation, as the wire names it.
    pub operation: String,
    /// `POST`.
    pub method: String,
    /// The path as it was sent, and a query if there was one.
    pub target: String,
    /// Names in lower case.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub body: Bytes,
    /// What the simulator answered.
    pub answer: Answer,
}

/// An answer over HTTP.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Its headers; the length is left to HTTP.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub body: Bytes,
}

/// An answer in place of a true one.
#[derive(Debug, Clone)]
pub struct Forgery {
    /// In place of the answers to this operation.
    pub operation: String,
    /// So many of them stay true.
    pub after: usize,
    /// So many are forged; none: all from then on.
    pub times: Option<usize>,
    /// Whether the service carries out the call all the same.
    pub effect: bool,
    /// What is answered.
    pub answer: Answer,
}

/// Both listeners, until dropped.
#[derive(Debug)]
pub struct Between {
    urls: Urls,
    notes: Arc<Mutex<Notes>>,
    listeners: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Notes {
    exchanges: Vec<Exchange>,
    forgery: Option<Forgery>,
    passed: usize,
}

impl Between {
    /// In front of these simulators.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start(simulators: &Urls) -> Self {
        let notes = Arc::default();
        let (personalize, first) = listen(Service::Personalize, &simulators.personalize, &notes).await;
        let (datazone, second) = listen(Service::DataZone, &simulators.datazone, &notes).await;
        let urls = Urls { personalize, datazone, control: simulators.control.clone() };
        Self { urls, notes, listeners: vec![first, second] }
    }

    /// Where to call the services.
    #[must_use]
    pub const fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The exchanges since the last time that they were taken, in the order of the calls.
    #[must_use]
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut lock(&self.notes).exchanges)
    }

    /// Forges answers from now on, or none any more.
    pub fn forge(&self, forgery: Option<Forgery>) {
        let mut notes = lock(&self.notes);
        notes.forgery = forgery;
        notes.passed = 0;
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}

impl Notes {
    /// The forgery that this call is answered with, and whether it is carried out.
    fn decide(&mut self, operation: &str) -> Option<Forgery> {
        let forgery = self.forgery.as_ref().filter(|forgery| forgery.operation == operation)?;
        let number = self.passed;
        self.passed += 1;
        let last = forgery.times.map(|times| forgery.after + times);
        (number >= forgery.after && last.is_none_or(|last| number < last)).then(|| forgery.clone())
    }
}

fn lock(notes: &Mutex<Notes>) -> std::sync::MutexGuard<'_, Notes> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(service: Service, url: &str, notes: &Arc<Mutex<Notes>>) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let own = format!("http://{}", listener.local_addr().expect("an address"));
    let (notes, simulator) = (Arc::clone(notes), url.trim_start_matches("http://").to_owned());
    let accepting = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        // A listener that cannot accept any more has been dropped, or the test has failed anyway.
        while let Ok((stream, _)) = listener.accept().await {
            let (notes, simulator) = (Arc::clone(&notes), simulator.clone());
            let answer = service_fn(move |request| answer(service, request, Arc::clone(&notes), simulator.clone()));
            connections.spawn(server::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    (own, accepting)
}

type Broken = Box<dyn std::error::Error + Send + Sync>;

async fn answer(
    service: Service,
    request: Request<Incoming>,
    notes: Arc<Mutex<Notes>>,
    simulator: String,
) -> Result<Response<Body>, Broken> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await?;
    let operation = operation(service, &parts);
    let forgery = lock(&notes).decide(&operation);
    if let Some(forgery) = &forgery
        && !forgery.effect
    {
        return Ok(response(&forgery.answer));
    }
    let (method, target) = (parts.method.to_string(), parts.uri.to_string());
    let headers = parts.headers.clone();
    let truth = ask(&simulator, parts, body.clone()).await?;
    let answered = response(&forgery.map_or_else(|| truth.clone(), |forgery| forgery.answer));
    lock(&notes).exchanges.push(Exchange { service, operation, method, target, headers, body, answer: truth });
    Ok(answered)
}

/// A connection for each call: they are few, and a pool would outlive its test.
async fn ask(simulator: &str, parts: Parts, body: Bytes) -> Result<Answer, Broken> {
    let stream = TcpStream::connect(simulator).await?;
    let (mut sender, connection) = client::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let mut request = Request::from_parts(parts, Body::from(body));
    // Relative, as a server is asked.
    *request.uri_mut() = request.uri().path_and_query().map_or_else(Uri::default, |target| target.clone().into());
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await?;
    driver.abort();
    let mut headers = parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    Ok(Answer { status: parts.status.as_u16(), headers, body })
}

fn response(answer: &Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = answer.headers.clone();
    response
}

fn operation(service: Service, parts: &Parts) -> String {
    match service {
        Service::Personalize => {
            let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
            target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned()
        }
        Service::DataZone => {
            let segments = parts.uri.path().split('/').skip(4).collect::<Vec<_>>();
            match (parts.method.as_str(), segments.as_slice()) {
                ("POST", ["group-profiles"]) => "CreateGroupProfile",
                ("GET", ["group-profiles", _]) => "GetGroupProfile",
                ("PUT", ["group-profiles", _]) => "UpdateGroupProfile",
                ("POST", ["search-group-profiles"]) => "SearchGroupProfiles",
                ("POST", ["projects", _, "createMembership"]) => "CreateProjectMembership",
                ("POST", ["projects", _, "deleteMembership"]) => "DeleteProjectMembership",
                ("GET", ["projects", _, "memberships"]) => "ListProjectMemberships",
                _ => "",
            }
            .to_owned()
        }
    }
}

/// Headers with this one only.
#[must_use]
pub fn content_type(value: &'static str) -> HeaderMap {
    [(HeaderName::from_static("content-type"), HeaderValue::from_static(value))].into_iter().collect()
}
