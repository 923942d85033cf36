//! The tools that people use, pointed at the engine.

use contract_tests::printed_by;
use local_stack::LocalStack;
use serde_json::Value;

/// Runs `aws` or `sam` in the project's folder, with nothing of the user's environment, and returns what it printed.
///
/// # Panics
/// When it fails, with what it printed.
#[must_use]
pub fn run(stack: &LocalStack, tool: &str, arguments: &[&str]) -> String {
    printed_by(stack.tool(tool).unwrap_or_else(|fault| panic!("{fault}")).args(arguments))
}

/// Runs `aws` and reads the JSON that it prints.
///
/// # Panics
/// When it fails or prints none.
#[must_use]
pub fn aws(stack: &LocalStack, arguments: &[&str]) -> Value {
    let printed = run(stack, "aws", &[arguments, &["--output", "json"]].concat());
    serde_json::from_str(&printed).unwrap_or_else(|fault| panic!("aws {arguments:?}: {fault}: {printed}"))
}
