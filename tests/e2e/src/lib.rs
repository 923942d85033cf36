//! One deployed stack for all end-to-end tests, and what a test does with it: it prepares names that no other test
//! uses, sends the workflow a request, and checks the result.

mod execution;
mod setup;
mod stack;
pub mod tools;

pub use execution::Execution;
pub use setup::{Setup, link};
pub use stack::{TOPIC, stack};

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks again and again until there is an answer; a test waits for a state, never for a time.
///
/// # Panics
/// When there is none within five minutes, which is long even beside other builds.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    let asked = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(asked.elapsed() < Duration::from_mins(5), "{what}: not within five minutes");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
