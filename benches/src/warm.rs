//! Part `warm`: how long an event takes in a process that has handled others before.
//!
//! All processes run at the same time and are given their events in blocks, in turn, each time in another order; only
//! one of them has something to do at a time.

use benches::Error;
use benches::process::LambdaProcess;
use benches::setup::{Setup, verify, verify_calls};
use benches::subject::Subject;
use local_stack::Progress;

use crate::fresh::milliseconds;
use crate::report::{Section, Table, Target};
use crate::statistics::{quantile, shown};

const TITLE: &str = "Warm events";
/// Events at a time.
const BLOCK: usize = 100;
/// Blocks that count.
const BLOCKS: usize = 10;
/// Blocks before those that count: Node compiles what is used often, and Python keeps what it has looked up.
const WARMING: usize = 1;
/// The order of the processes is the same in every run.
const SEED: u64 = 7;

/// A program, and what its events took.
struct Program {
    subject: Subject,
    process: LambdaProcess,
    /// In milliseconds.
    latencies: Vec<f64>,
    /// Connections that the events opened.
    new_connections: u64,
}

/// Measures all programs.
pub async fn measure(setup: &Setup, progress: &mut Progress) -> Result<Section, Error> {
    let mut programs = Vec::new();
    for subject in Subject::all().filter(|subject| subject.scenario().repeats()) {
        programs.push(Program::start(subject, setup).await?);
    }
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut order: Vec<usize> = (0..programs.len()).collect();
    for block in 1..=WARMING + BLOCKS {
        progress.say(TITLE, &format!("{block} of {}", WARMING + BLOCKS));
        random.shuffle(&mut order);
        for &place in &order {
            programs[place].block(setup, block > WARMING).await?;
        }
    }
    progress.done(TITLE);
    // A connection that an event of ours opens ends the measurement with an error.
    let found = format!("none in {} events of each function", BLOCKS * BLOCK);
    let targets = vec![Target::holds("connections opened by warm events", "none", true, found)];
    let section = Section { title: TITLE, tables: vec![table(&programs)], targets, ..Section::default() };
    for program in programs {
        program.process.terminate().await?;
    }
    Ok(section)
}

impl Program {
    /// A process that has handled its first event.
    async fn start(subject: Subject, setup: &Setup) -> Result<Self, Error> {
        subject.scenario().prepare(&setup.control).await?;
        let before = setup.tally();
        let mut process = LambdaProcess::start(&subject, setup, subject.trust(), &[]).await?;
        process.invoke().await?;
        verify(&process, setup, before, subject.calls(), subject.connections()).await?;
        Ok(Self { subject, process, latencies: Vec::new(), new_connections: 0 })
    }

    /// Gives it a block of events. One of ours may open no connection; a peer may, for its pool can get a connection back
    /// only after it has responded.
    async fn block(&mut self, setup: &Setup, counts: bool) -> Result<(), Error> {
        self.subject.scenario().prepare(&setup.control).await?;
        let before = setup.tally();
        let mut latencies = Vec::with_capacity(BLOCK);
        for _ in 0..BLOCK {
            latencies.push(milliseconds(self.process.invoke().await?.took));
        }
        let calls = self.subject.calls().repeat(BLOCK);
        match self.subject {
            Subject::Function(_) => verify(&self.process, setup, before, &calls, 0).await?,
            Subject::Peer(_) => verify_calls(&self.process, setup, &calls).await?,
        }
        if counts {
            self.latencies.extend(latencies);
            self.new_connections += setup.tally().since(before).connections;
        }
        Ok(())
    }
}

fn table(programs: &[Program]) -> Table {
    let row = |program: &Program| {
        let [p50, p99] = [0.5, 0.99].map(|share| quantile(&program.latencies, share));
        vec![
            program.subject.name(),
            program.subject.calls().len().to_string(),
            format!("{p50:.3}"),
            format!("{p99:.3}"),
            format!("{} ×", shown(p50 / quantile(&programs[0].latencies, 0.5))),
            program.new_connections.to_string(),
        ]
    };
    Table {
        title: "A warm event, in milliseconds".to_owned(),
        columns: vec!["program", "calls", "p50", "p99", "multiple of poll-status", "new connections"],
        rows: programs.iter().map(row).collect(),
        notes: vec![format!(
            "{} events each, timed from sending the event to receiving its response; none failed. The {} events before them \
             do not count. The multiples are of p50.",
            BLOCKS * BLOCK,
            1 + WARMING * BLOCK
        )],
    }
}
