//! That the functions reach the services through a proxy, where an operator has one.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use benches::process::LambdaProcess;
use benches::scenario::Scenario;
use benches::setup::{Setup, Trust, verify};
use benches::subject::Subject;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy that opens tunnels (RFC 9110, 9.3.6); returns its address and the number of tunnels so far.
async fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let tunnels = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&tunnels);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(tunnel(client));
        }
    });
    (address, tunnels)
}

async fn tunnel(client: TcpStream) {
    let mut client = BufReader::new(client);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        client.read_line(&mut request).await.expect("a request");
    }
    let target = request.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).expect("a tunnel");
    let mut service = TcpStream::connect(target).await.expect("the service listens");
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.expect("a client");
    // Either side ends the tunnel as it likes.
    let _ = copy_bidirectional(&mut client, &mut service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_are_reached_through_the_proxy_that_the_operator_names() {
    let setup = Setup::start().await.unwrap_or_else(|fault| panic!("{fault}"));
    let (address, tunnels) = proxy().await;
    let poll = Subject::Function(Scenario::Poll);
    poll.scenario().prepare(&setup.control).await.expect("prepared");
    let before = setup.tally();
    let through = ["env".to_owned(), format!("HTTPS_PROXY=http://{address}")].map(Into::into);
    let started = LambdaProcess::start(&poll, &setup, Trust::Amazon, &through).await;
    let mut process = started.unwrap_or_else(|fault| panic!("{fault}"));
    process.invoke().await.unwrap_or_else(|fault| panic!("{fault}"));
    verify(&process, &setup, before, poll.calls(), 1).await.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(tunnels.load(Ordering::SeqCst), 1);
}
