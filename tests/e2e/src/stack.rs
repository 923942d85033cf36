//! The deployed stack that all tests of a binary share.

use local_stack::{LocalStack, MANIFEST_BUCKET, Options, Workflow};
use tokio::sync::OnceCell;

/// Why it did not start, too: the other tests need not try again.
static STACK: OnceCell<Result<LocalStack, String>> = OnceCell::const_new();

/// The stack; the first test that asks starts it. When the process ends, however it does, its supervisor takes it down.
///
/// # Panics
/// When it does not start.
pub async fn stack() -> &'static LocalStack {
    let start = || async {
        let stack = LocalStack::start(options()).await.map_err(|fault| fault.to_string())?;
        Workflow::of(&stack).subscribe().await.map_err(|fault| fault.to_string())?;
        Ok(stack)
    };
    STACK.get_or_init(start).await.as_ref().unwrap_or_else(|fault| panic!("{fault}"))
}

/// The source of the events that tests send, unless they say another.
pub const SOURCE: &str = "recommendation-platform";

/// The topic for operators. The test about its messages creates it.
pub const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:operators";

/// A role that requests may name, so that the permission to pass it can be seen; all that the functions can log; messages
/// about all failures; retirements, for one source; and batches.
fn options() -> Options {
    let parameters = [
        ("PersonalizeRoleArns", "arn:aws:iam::000000000000:role/personalize"),
        ("LogLevel", "TRACE"),
        ("NotificationTopicArn", TOPIC),
        ("NotifyRequesterErrors", "true"),
        ("Retirement", "true"),
        ("RetirementSources", SOURCE),
        ("ManifestBucketName", MANIFEST_BUCKET),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Options { parameters: parameters.into(), ..Options::default() }
}
