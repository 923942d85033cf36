//! The deployed stack that all tests of a binary share.

use local_stack::{LocalStack, Options};
use tokio::sync::OnceCell;

use crate::subscriber;

/// Why it did not start, too: the other tests need not try again.
static STACK: OnceCell<Result<LocalStack, String>> = OnceCell::const_new();

/// The stack; the first test that asks starts it. When the process ends, however it does, its supervisor takes it down.
///
/// # Panics
/// When it does not start.
pub async fn stack() -> &'static LocalStack {
    let start = || async {
        let stack = LocalStack::start(options()).await.map_err(|fault| fault.to_string())?;
        subscriber::subscribe(&stack).await;
        Ok(stack)
    };
    STACK.get_or_init(start).await.as_ref().unwrap_or_else(|fault| panic!("{fault}"))
}

/// A role that requests may name, so that the permission to pass it can be seen; and all that the functions can log.
fn options() -> Options {
    let parameters = [("PersonalizeRoleArns", "arn:aws:iam::000000000000:role/personalize"), ("LogLevel", "TRACE")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Options { parameters: parameters.into(), ..Options::default() }
}

/// Clients of the engine. A client belongs to the runtime of the test that made it.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Step Functions.
    pub sfn: aws_sdk_sfn::Client,
    /// `EventBridge`.
    pub events: aws_sdk_eventbridge::Client,
}

/// Clients of the stack's engine.
#[must_use]
pub fn clients(stack: &LocalStack) -> Clients {
    let config = stack.sdk_config();
    Clients { sfn: aws_sdk_sfn::Client::new(&config), events: aws_sdk_eventbridge::Client::new(&config) }
}
