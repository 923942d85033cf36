//! The log: a JSON document a line, as Lambda's JSON format wants it (`timestamp` in RFC 3339, `level`, `message`).

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Sends the log to standard output, down to the level that Lambda's logging configuration sets
/// (`AWS_LAMBDA_LOG_LEVEL`: TRACE, DEBUG, INFO, WARN, ERROR or FATAL; INFO when absent).
///
/// Only the project's own lines: the SDK's would show request bodies, with tags and tokens in them.
pub fn start_logging() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").map_or(Level::INFO, |level| level_named(&level));
    let own = Targets::new().with_default(LevelFilter::OFF).with_target(env!("CARGO_CRATE_NAME"), level);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    tracing_subscriber::registry().with(lines).with(own).init();
}

fn level_named(level: &str) -> Level {
    match level.to_ascii_uppercase().as_str() {
        "TRACE" => Level::TRACE,
        "DEBUG" => Level::DEBUG,
        "WARN" => Level::WARN,
        // tracing has no level above ERROR.
        "ERROR" | "FATAL" => Level::ERROR,
        _ => Level::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_of_lambda_has_a_level_here() {
        let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].map(level_named);
        assert_eq!(levels, [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR, Level::ERROR]);
    }
}
