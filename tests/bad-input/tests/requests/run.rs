//! Runs a property and prints what it did.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestRng, TestRunner};

/// Cases of each property unless `PROPTEST_CASES` says otherwise: a few seconds in all.
const CASES: u32 = 600;

/// Cases of all properties so far.
static CASES_SO_FAR: AtomicU32 = AtomicU32::new(0);

/// The cases of a property of the parser.
pub fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().expect("PROPTEST_CASES is a number"))
}

/// Whether more was asked for than every `make test` does.
pub fn is_full() -> bool {
    cases() > CASES
}

/// Runs `property` on so many cases. It says in a word what became of a case, or which law does not hold; a case that
/// fails, panics included, is made as small as it goes before it is shown.
pub fn hold<S: Strategy>(
    name: &str,
    cases: u32,
    cases_of: &S,
    property: impl Fn(&S::Value) -> Result<&'static str, String>,
) {
    let began = Instant::now();
    let seed = match Config::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(name),
    };
    // What failed is to become a test with a name of its own, not a line in a file of seeds.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    // Proptest's own default is a cipher, which takes a third of the time of a whole run.
    let random = TestRng::from_seed(RngAlgorithm::XorShift, &u128::from(seed).to_le_bytes());
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    let ended = TestRunner::new_with_rng(config, random).run(cases_of, |case| {
        let word = property(&case).map_err(TestCaseError::fail)?;
        *counts.borrow_mut().entry(word).or_default() += 1;
        Ok(())
    });
    let seconds = began.elapsed().as_secs_f32();
    let counts: Vec<_> = counts.borrow().iter().map(|(word, number)| format!("{number} {word}")).collect();
    let so_far = CASES_SO_FAR.fetch_add(cases, Ordering::SeqCst) + cases;
    println!(
        "bad input: {name}: {cases} cases ({}), seed {seed}, {seconds:.1} s; {so_far} random cases so far",
        counts.join(", ")
    );
    if let Err(failure) = ended {
        panic!("{name} (PROPTEST_RNG_SEED={seed}): {failure}");
    }
}
