//! TLS in front of a simulator, as AWS has it in front of a service: HTTP/1.1, kept alive. It counts connections.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

use crate::authority::Authority;
use crate::error::Error;

/// TLS on a free port of 127.0.0.1, until dropped.
#[derive(Debug)]
pub struct Front {
    /// Host and port.
    pub authority: String,
    counters: Arc<Counters>,
    server: JoinHandle<()>,
}

/// What a front has seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Connections that were opened.
    pub connections: u64,
    /// Handshakes that were completed.
    pub handshakes: u64,
    /// Handshakes that failed.
    pub failures: u64,
}

#[derive(Debug, Default)]
struct Counters {
    connections: AtomicU64,
    handshakes: AtomicU64,
    failures: AtomicU64,
}

impl Front {
    /// Before the server at `backend`, a host and port.
    ///
    /// # Errors
    /// When there is no free port, or the authority's key does not fit its certificate.
    pub async fn start(authority: &Authority, backend: &str) -> Result<Self, Error> {
        let acceptor = TlsAcceptor::from(Arc::new(configuration(authority)?));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(Error::system("the front of a simulator cannot listen"))?;
        let address = listener.local_addr().map_err(Error::system("the front of a simulator has no address"))?;
        let counters = Arc::new(Counters::default());
        let server = tokio::spawn(serve(listener, acceptor, backend.to_owned(), Arc::clone(&counters)));
        Ok(Self { authority: address.to_string(), counters, server })
    }

    /// What it has seen so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.counters.read()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Counters {
    fn read(&self) -> Tally {
        Tally {
            connections: self.connections.load(Ordering::SeqCst),
            handshakes: self.handshakes.load(Ordering::SeqCst),
            failures: self.failures.load(Ordering::SeqCst),
        }
    }
}

impl Tally {
    /// What was seen since an earlier look.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        Self {
            connections: self.connections - before.connections,
            handshakes: self.handshakes - before.handshakes,
            failures: self.failures - before.failures,
        }
    }

    /// What several fronts have seen.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            connections: self.connections + other.connections,
            handshakes: self.handshakes + other.handshakes,
            failures: self.failures + other.failures,
        }
    }
}

fn configuration(authority: &Authority) -> Result<ServerConfig, Error> {
    let fault = |fault: tokio_rustls::rustls::Error| Error::Certificates(fault.to_string());
    let mut configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(fault)?
        .with_no_client_auth()
        .with_single_cert(authority.chain.clone(), authority.key.clone_key())
        .map_err(fault)?;
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(configuration)
}

/// Accepts connections until it is dropped, and then closes them all.
async fn serve(listener: TcpListener, acceptor: TlsAcceptor, backend: String, counters: Arc<Counters>) {
    let backend: Arc<str> = backend.into();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                counters.connections.fetch_add(1, Ordering::SeqCst);
                connections.spawn(connection(stream, acceptor.clone(), Arc::clone(&backend), Arc::clone(&counters)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, backend: Arc<str>, counters: Arc<Counters>) {
    // Only a matter of speed.
    let _ = stream.set_nodelay(true);
    let Ok(mut outside) = acceptor.accept(stream).await else {
        counters.failures.fetch_add(1, Ordering::SeqCst);
        return;
    };
    counters.handshakes.fetch_add(1, Ordering::SeqCst);
    let Ok(mut inside) = TcpStream::connect(&*backend).await else { return };
    let _ = inside.set_nodelay(true);
    // Either side may end the connection as it likes: a process under measurement is killed with its connections open.
    let _ = copy_bidirectional(&mut outside, &mut inside).await;
}
