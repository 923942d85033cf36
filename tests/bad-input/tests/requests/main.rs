//! Bad input, by the ten thousands. `PROPTEST_CASES` sets the cases of each property, `PROPTEST_RNG_SEED` repeats a run
//! (it is printed with the figures, which `--nocapture` shows).

mod documents;
mod handler;
mod limits;
mod manifests;
mod mutations;
mod parser;
mod run;
mod schema;
mod seeds;
mod texts;
