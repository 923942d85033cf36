//! The three listeners.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::control;
use crate::control::documents::Urls;
use crate::exchange::{self, Ending};
use crate::service::Service;
use crate::settings::Settings;
use crate::simulation::Simulation;

/// Most bytes of a request body: more than either service takes.
pub const BODY_LIMIT: usize = 1 << 20;

/// Personalize, `DataZone` and the control endpoint, listening on 127.0.0.1 until stopped or dropped.
#[derive(Debug)]
pub struct Simulators {
    urls: Urls,
    listeners: Vec<JoinHandle<()>>,
}

impl Simulators {
    /// Starts listening, without domains and groups.
    ///
    /// # Errors
    ///
    /// When a port is taken or may not be used.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let (personalize, personalize_url) = listen(settings.personalize_port).await?;
        let (datazone, datazone_url) = listen(settings.datazone_port).await?;
        let (control, control_url) = listen(settings.control_port).await?;
        let urls = Urls { personalize: personalize_url, datazone: datazone_url, control: control_url };
        let simulation = Arc::new(Simulation::new(settings));
        let router = control::server::router(Arc::clone(&simulation), urls.clone());
        let listeners = vec![
            tokio::spawn(serve(personalize, Arc::clone(&simulation), Service::Personalize)),
            tokio::spawn(serve(datazone, simulation, Service::DataZone)),
            tokio::spawn(async move {
                // Serving ends only when this task is aborted: errors of accepting are retried inside.
                let _ = axum::serve(control, router).await;
            }),
        ];
        Ok(Self { urls, listeners })
    }

    /// Where Personalize listens, such as `http://127.0.0.1:4001`.
    #[must_use]
    pub fn personalize_url(&self) -> &str {
        &self.urls.personalize
    }

    /// Where `DataZone` listens.
    #[must_use]
    pub fn datazone_url(&self) -> &str {
        &self.urls.datazone
    }

    /// Where the control endpoint listens.
    #[must_use]
    pub fn control_url(&self) -> &str {
        &self.urls.control
    }

    /// All three addresses.
    #[must_use]
    pub const fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Stops listening and closes every connection, also those with a call under way.
    pub async fn stop(mut self) {
        for listener in self.listeners.drain(..) {
            listener.abort();
            // Only "cancelled" can come back, which is what was asked for.
            let _ = listener.await;
        }
    }
}

impl Drop for Simulators {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}

async fn listen(port: u16) -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Accepts connections until it is dropped, and then closes them all.
async fn serve(listener: TcpListener, simulation: Arc<Simulation>, service: Service) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&simulation), service));
                }
                // Out of file descriptors, or the peer was faster: try again, without spinning.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection. axum's own server cannot close one without an answer; hyper does so when the service fails.
async fn connection(stream: TcpStream, simulation: Arc<Simulation>, service: Service) {
    // Only a matter of speed.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| {
        let answering = exchange::answer(Arc::clone(&simulation), service, request);
        async move { finish(answering.await) }
    });
    // What the peer did to the connection, or we on purpose, is nobody's failure.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

fn finish(ending: Ending) -> Result<Response<Body>, Cut> {
    match ending {
        Ending::Whole(response) => Ok(response.map(Body::from)),
        Ending::Truncated(response) => {
            let (mut parts, mut body) = response.into_parts();
            let whole = body.len().max(1);
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole));
            body.truncate(whole / 2);
            Ok(Response::from_parts(parts, Body::new(Half::Unsent(body.into()))))
        }
        Ending::Cut => Err(Cut),
    }
}

/// Makes hyper close the connection.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// A body that fails after its first part, once hyper had the occasion to send that.
#[derive(Debug)]
enum Half {
    Unsent(Bytes),
    Sent,
    Flushed,
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = self.get_mut();
        match this {
            Self::Unsent(bytes) => {
                let bytes = std::mem::take(bytes);
                *this = Self::Sent;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Sent => {
                // hyper flushes what it has when a body has nothing more for the moment.
                *this = Self::Flushed;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Flushed => Poll::Ready(Some(Err(Cut))),
        }
    }
}

/// Reads a body whole; nothing when it is longer than [`BODY_LIMIT`] or the caller gave up.
pub async fn read_body(body: Incoming) -> Option<Bytes> {
    axum::body::to_bytes(Body::new(body), BODY_LIMIT).await.ok()
}
