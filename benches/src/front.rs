//! TLS in front of a simulator, as AWS has it in front of a service: HTTP/1.1, kept alive. It counts connections.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

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
    server: JoinHandle<()>,
}

/// What the fronts of a measurement have seen so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Connections that were opened.
    pub connections: u64,
    /// Handshakes that were completed.
    pub handshakes: u64,
    /// Handshakes that failed.
    pub failures: u64,
}

/// A tally that several fronts write to.
#[derive(Debug, Clone, Default)]
pub struct SharedTally(Arc<Mutex<Tally>>);

impl SharedTally {
    /// What was seen so far.
    #[must_use]
    pub fn read(&self) -> Tally {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, what: impl FnOnce(&mut Tally) -> &mut u64) {
        *what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)) += 1;
    }
}

impl Tally {
    /// What was seen since an earlier reading.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        Self {
            connections: self.connections - before.connections,
            handshakes: self.handshakes - before.handshakes,
            failures: self.failures - before.failures,
        }
    }
}

impl Front {
    /// Before the server at `backend`, a host and port.
    ///
    /// # Errors
    /// When there is no free port, or the authority's key does not fit its certificate.
    pub async fn start(authority: &Authority, backend: &str, tally: SharedTally) -> Result<Self, Error> {
        let acceptor = TlsAcceptor::from(Arc::new(configuration(authority)?));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(Error::system("the front of a simulator cannot listen"))?;
        let address = listener.local_addr().map_err(Error::system("the front of a simulator has no address"))?;
        let server = tokio::spawn(serve(listener, acceptor, backend.to_owned(), tally));
        Ok(Self { authority: address.to_string(), server })
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
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
async fn serve(listener: TcpListener, acceptor: TlsAcceptor, backend: String, tally: SharedTally) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                tally.count(|tally| &mut tally.connections);
                connections.spawn(connection(stream, acceptor.clone(), backend.clone(), tally.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, backend: String, tally: SharedTally) {
    // Only a matter of speed.
    let _ = stream.set_nodelay(true);
    let Ok(mut outside) = acceptor.accept(stream).await else {
        tally.count(|tally| &mut tally.failures);
        return;
    };
    tally.count(|tally| &mut tally.handshakes);
    let Ok(mut inside) = TcpStream::connect(&backend).await else { return };
    let _ = inside.set_nodelay(true);
    // Either side may end the connection as it likes: a process under measurement is killed with its connections open.
    let _ = copy_bidirectional(&mut outside, &mut inside).await;
}
