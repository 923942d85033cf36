//! Part `warm`: how long an event takes in a process that has answered others before.
//!
//! All processes run at the same time and are given their events in blocks, in turn, each time in another order; only
//! one of them has something to do at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::cold::milliseconds;
use crate::error::Error;
use crate::process::{LambdaProcess, Wrapper};
use crate::scenario::{Scenario, dataset_group_arn};
use crate::setup::{Setup, verify, verify_calls};
use crate::statistics::{percentile, shown};
use crate::subject::{Peer, Subject};
use crate::table::Table;
use crate::target::Target;

/// Events of each process that count.
pub const EVENTS: usize = 1000;
/// Events at a time.
const BLOCK: usize = 100;
/// What [`measure`] does one after the other.
pub const BLOCKS: usize = WARMING + EVENTS / BLOCK;
/// Blocks before those that count: Node compiles what is used often, and Python keeps what it has looked up.
const WARMING: usize = 1;
/// The order of the processes is the same in every run.
const SEED: u64 = 7;

/// What was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Events of each.
    pub events: usize,
    /// Our functions, the peers, and the limit.
    pub programs: Vec<Program>,
}

/// One program.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Calls of an event.
    pub calls: usize,
    /// The middle latency, in milliseconds.
    pub p50: f64,
    /// What one event of a hundred exceeds, in milliseconds.
    pub p99: f64,
    /// How many times the p50 of `poll-status` its p50 is.
    pub times_poll_status: f64,
    /// Connections that the events opened. None for ours, or there would be no figures.
    pub new_connections: u64,
}

impl Figures {
    /// The table of the report.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let limit = self.programs.last().map_or(f64::NAN, |program| program.p50);
        let row = |program: &Program| {
            vec![
                program.name.clone(),
                program.calls.to_string(),
                format!("{:.3}", program.p50),
                format!("{:.3}", program.p99),
                format!("{} ×", shown(program.times_poll_status)),
                format!("{} ×", shown(program.p50 / limit)),
                program.new_connections.to_string(),
            ]
        };
        vec![Table {
            title: "A warm event, in milliseconds".to_owned(),
            columns: vec![
                "program",
                "calls",
                "p50",
                "p99",
                "multiple of poll-status",
                "multiple of the limit",
                "new connections",
            ],
            rows: self.programs.iter().map(row).collect(),
            notes: vec![format!(
                "{} events each, timed from sending the event to receiving its response; none failed. The {} events \
                 before them do not count. The multiples are of p50. The limit is the last row: a client in the measuring \
                 process itself, without the two exchanges with the Runtime API.",
                self.events,
                1 + WARMING * BLOCK
            )],
        }]
    }

    /// What was promised of warm events.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        // A connection that an event opens ends the measurement with an error.
        let what = "connections opened by warm events";
        vec![Target::holds(what, "none", true, format!("none in {} events of each function", self.events))]
    }
}

/// Measures all programs. `progress` is told how many blocks are done.
///
/// # Errors
/// When a program is missing or does something else than it should: opens a connection, for one.
pub async fn measure(setup: &Setup, progress: impl Fn(usize)) -> Result<Figures, Error> {
    let mut sources = Vec::new();
    let functions = Scenario::ALL.into_iter().filter(|scenario| scenario.repeats()).map(Subject::Function);
    for subject in functions.chain(Peer::ALL.map(Subject::Peer)) {
        sources.push(Source::process(subject, setup).await?);
    }
    let mut bare = Bare::connect(setup).await?;
    // The front counts a handshake a moment after the client is through with it, but before it passes on a request.
    Scenario::Poll.prepare(&setup.control).await?;
    bare.call().await?;
    sources.push(Source::Bare(Box::new(bare)));

    let mut latencies: Vec<Vec<f64>> = vec![Vec::new(); sources.len()];
    let mut new_connections = vec![0; sources.len()];
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut order: Vec<usize> = (0..sources.len()).collect();
    for block in 0..BLOCKS {
        progress(block);
        random.shuffle(&mut order);
        for &place in &order {
            let (took, connections) = sources[place].block(setup).await?;
            if block >= WARMING {
                latencies[place].extend(took.into_iter().map(milliseconds));
                new_connections[place] += connections;
            }
        }
    }
    let reference = percentile(&latencies[0], 0.5);
    let programs =
        sources.iter().zip(&latencies).zip(new_connections).map(|((source, latencies), new_connections)| Program {
            name: source.name(),
            calls: source.calls(),
            p50: percentile(latencies, 0.5),
            p99: percentile(latencies, 0.99),
            times_poll_status: percentile(latencies, 0.5) / reference,
            new_connections,
        });
    let figures = Figures { events: EVENTS, programs: programs.collect() };
    for source in sources {
        source.end().await?;
    }
    Ok(figures)
}

/// What is given events.
enum Source {
    Process(Subject, Box<LambdaProcess>),
    Bare(Box<Bare>),
}

impl Source {
    /// A process that has answered its first event.
    async fn process(subject: Subject, setup: &Setup) -> Result<Self, Error> {
        subject.prepare(&setup.control).await?;
        let before = setup.tally();
        let mut process = LambdaProcess::start(&subject, setup, subject.trust(), &Wrapper::default()).await?;
        process.invoke().await?;
        verify(&process, setup, before, subject.calls(), subject.connections()).await?;
        Ok(Self::Process(subject, Box::new(process)))
    }

    fn name(&self) -> String {
        match self {
            Self::Process(subject, _) => subject.name(),
            Self::Bare(_) => "only the same request over TLS".to_owned(),
        }
    }

    fn calls(&self) -> usize {
        match self {
            Self::Process(subject, _) => subject.calls().len(),
            Self::Bare(_) => 1,
        }
    }

    /// Gives it a block of events, and returns how long each took and how many connections they opened. One of ours may
    /// open none; a peer may, for its pool can get a connection back only after it has answered.
    async fn block(&mut self, setup: &Setup) -> Result<(Vec<Duration>, u64), Error> {
        let before = setup.tally();
        let mut took = Vec::with_capacity(BLOCK);
        match self {
            Self::Process(subject, process) => {
                subject.prepare(&setup.control).await?;
                for _ in 0..BLOCK {
                    took.push(process.invoke().await?.took);
                }
                let calls = subject.calls().repeat(BLOCK);
                match subject {
                    Subject::Function(_) | Subject::WithSymbols(_) => verify(process, setup, before, &calls, 0).await?,
                    Subject::Peer(_) => verify_calls(process, setup, &calls).await?,
                }
            }
            Self::Bare(bare) => {
                Scenario::Poll.prepare(&setup.control).await?;
                for _ in 0..BLOCK {
                    took.push(bare.call().await?);
                }
            }
        }
        Ok((took, setup.tally().since(before).connections))
    }

    async fn end(self) -> Result<(), Error> {
        match self {
            Self::Process(_, process) => process.terminate().await.map(drop),
            Self::Bare(_) => Ok(()),
        }
    }
}

/// The one call of `poll-status` over a connection that is kept: no SDK, no function, no Runtime API.
struct Bare {
    host: String,
    body: String,
    sender: SendRequest<Body>,
}

impl Bare {
    async fn connect(setup: &Setup) -> Result<Self, Error> {
        let fault = |fault: tokio_rustls::rustls::Error| Error::Certificates(fault.to_string());
        let mut roots = RootCertStore::empty();
        roots.add(setup.root.clone()).map_err(fault)?;
        let configuration = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(fault)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let host = setup.personalize().to_owned();
        let system = |doing: &str| Error::system(format!("{doing} {host}"));
        let stream = TcpStream::connect(&host).await.map_err(system("cannot connect to"))?;
        // Only a matter of speed.
        let _ = stream.set_nodelay(true);
        let name = ServerName::try_from("localhost").map_err(|fault| Error::Certificates(fault.to_string()))?;
        let connector = TlsConnector::from(Arc::new(configuration));
        let stream = connector.connect(name, stream).await.map_err(system("no TLS with"))?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|fault| broken(&fault.to_string()))?;
        tokio::spawn(connection);
        let arn = dataset_group_arn();
        Ok(Self { host, body: format!(r#"{{"datasetGroupArn":"{arn}"}}"#), sender })
    }

    async fn call(&mut self) -> Result<Duration, Error> {
        let request = Request::post("/")
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", "AmazonPersonalize.DescribeDatasetGroup")
            // Signatures are not verified, but a request has to have one.
            .header(header::AUTHORIZATION, "AWS4-HMAC-SHA256 Credential=simulated")
            .body(Body::from(self.body.clone()))
            .map_err(|fault| broken(&fault.to_string()))?;
        // The last answer may not be put away yet.
        self.sender.ready().await.map_err(|fault| broken(&fault.to_string()))?;
        let start = Instant::now();
        let answer = self.sender.send_request(request).await.map_err(|fault| broken(&fault.to_string()))?;
        let status = answer.status();
        let body =
            to_bytes(Body::new(answer.into_body()), usize::MAX).await.map_err(|fault| broken(&fault.to_string()))?;
        let took = start.elapsed();
        if !status.is_success() {
            return Err(broken(&format!("{status}: {}", String::from_utf8_lossy(&body))));
        }
        Ok(took)
    }
}

fn broken(what: &str) -> Error {
    Error::Misbehaved { program: "the bare request".to_owned(), what: what.to_owned(), log: String::new() }
}
