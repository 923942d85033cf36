//! Part `instructions`: how many instructions until a function is ready, and until its first response.

use benches::Error;
use benches::callgrind::{Count, Counted, Until};
use benches::setup::Setup;
use benches::subject::{Peer, Subject};
use local_stack::Progress;

use crate::chart::bars;
use crate::report::{Section, Table, Target};

const TITLE: &str = "Instructions of a cold start";
/// Fresh processes of each count. They are within a thousandth of each other, so that these are enough.
const RUNS: usize = 3;

/// A program with one of its events.
struct Program {
    subject: Subject,
    ready: Count,
    first: Count,
}

/// Counts everything. The chart of part `fresh` has the counts, too: they are added to its `bars`.
pub async fn measure(setup: &Setup, progress: &mut Progress, bars: &mut Vec<bars::Section>) -> Result<Section, Error> {
    // callgrind would count the interpreters of the other peers, and take minutes.
    let is_counted =
        |subject: &Subject| subject.is_ours() || [Peer::Hello, Peer::Naive].map(Subject::Peer).contains(subject);
    let mut programs: Vec<Program> = Vec::new();
    for subject in Subject::all().filter(is_counted) {
        progress.say(TITLE, &subject.name());
        let [ready, first] = Until::BOTH.map(|until| Counted { subject, until });
        // The start of a function is the same for all of its scenarios.
        let ready = match programs.iter().find(|other| other.ready.name == ready.name()) {
            Some(other) => other.ready.clone(),
            None => ready.count(setup, RUNS).await?,
        };
        programs.push(Program { subject, ready, first: first.count(setup, RUNS).await? });
    }
    progress.done(TITLE);
    let row = |program: &Program| bars::Row::of(program.subject, program.ready.millions, program.first.millions);
    let rows = programs.iter().map(row).collect();
    bars.push(bars::Section { title: "Instructions", unit: "millions", suffix: " M", rows });
    Ok(Section { title: TITLE, tables: vec![table(&programs)], targets: targets(&programs), ..Section::default() })
}

fn of(peer: Peer, programs: &[Program]) -> Option<&Program> {
    programs.iter().find(|program| program.subject == Subject::Peer(peer))
}

fn table(programs: &[Program]) -> Table {
    let (hello, naive) = (of(Peer::Hello, programs), of(Peer::Naive, programs));
    let rows = programs.iter().map(|program| {
        let (ready, first) = (program.ready.millions, program.first.millions);
        vec![
            program.subject.name(),
            program.subject.calls().len().to_string(),
            format!("{ready:.2}"),
            hello.map_or_else(String::new, |hello| format!("{:.1} ×", ready / hello.ready.millions)),
            format!("{first:.2}"),
            hello.map_or_else(String::new, |hello| format!("{:.1} ×", first / hello.first.millions)),
            naive.map_or_else(String::new, |naive| format!("{:.0} ×", naive.first.millions / first)),
        ]
    });
    let ours = programs.iter().filter(|program| program.subject.is_ours());
    let spread = ours.flat_map(|program| [program.ready.spread, program.first.spread]).fold(0.0, f64::max);
    let columns =
        ["program", "calls", "ready", "multiple of hello", "first response", "multiple of hello", "naive needs"];
    Table {
        title: "Instructions of a cold start, in millions".to_owned(),
        columns: columns.to_vec(),
        rows: rows.collect(),
        notes: vec![
            format!(
                "User space, counted by callgrind, median of {RUNS} fresh processes. Counts of our functions differ by at \
                 most {:.2} %.",
                spread * 100.0
            ),
            "Ready is counted with the compiled-in roots, as on AWS. Until a first response the function reads the same \
             number of roots from a file, because the root of the measurement must be among them."
                .to_owned(),
        ],
    }
}

fn targets(programs: &[Program]) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for Program { subject, ready, first } in programs.iter().filter(|program| program.subject.is_ours()) {
        if targets.iter().all(|other| other.what != ready.name) {
            targets.push(Target::at_most(&ready.name, ready.millions, 2.0, "M instructions"));
        }
        let calls = subject.calls().len();
        let limit = match calls {
            1 => Some(6.0),
            2 | 3 => Some(9.0),
            // Nothing was promised of longer paths, nor of one without calls.
            _ => None,
        };
        let what = format!("{}, calls: {calls}", first.name);
        targets.extend(limit.map(|limit| Target::at_most(what, first.millions, limit, "M instructions")));
    }
    if let (Some(naive), Some(ours)) = (of(Peer::Naive, programs), programs.first()) {
        let times = naive.first.millions / ours.first.millions;
        targets.push(Target::times("fewer instructions than naive to the first response", times, 50.0));
    }
    targets
}
