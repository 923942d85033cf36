//! The clients of the functions, moved to the simulators.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_personalize::config::Credentials;
use aws_sdk_personalize::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_personalize::config::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use simulators::Urls;
use tokio::sync::OnceCell;

/// The keys that the clients sign with: no outcome may show one of them.
pub const SECRETS: [&str; 3] = ["AKIDSIMULATED", "secret-of-the-function", "session-of-the-function"];

/// How much sooner than in Lambda the clients give up, for the tests that would otherwise wait for it. The number of
/// attempts is always that of the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// With the time-outs of the functions, and without their pauses between two attempts.
    Deployed,
    /// With half of the time-outs, each still in proportion to the others, for services that do not answer. With less, three
    /// attempts do not fit where other test programs take the processors.
    Hasty,
    /// With pauses so long that a handler stays between two attempts until it is dropped.
    Halting,
}

/// The clients of the two services.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Amazon Personalize.
    pub personalize: aws_sdk_personalize::Client,
    /// Amazon DataZone, with the role of the function.
    pub domain: Arc<domain_access::Clients>,
}

impl Clients {
    /// Built as the functions build theirs, from [`wiring::sdk_config`]; only where Lambda's environment has a say
    /// (region, credentials, endpoints) the test has it.
    ///
    /// # Panics
    /// When the configuration of the functions sets no retries or no time-outs.
    pub async fn new(urls: &Urls, region: &str, pace: Pace) -> Self {
        let deployed = deployed().await;
        let retries = pace.retries(deployed.retry_config().expect("the functions configure retries"));
        let timeouts = pace.timeouts(deployed.timeout_config().expect("the functions configure time-outs"));
        let [key, secret, session] = SECRETS;
        let shared = deployed
            .to_builder()
            .region(Region::new(region.to_owned()))
            .retry_config(retries)
            .timeout_config(timeouts)
            .build();
        // The SDK counts the retries of a whole process and ends them at a hundred: a test may not use up another's.
        let partition = || RetryPartition::custom("test").build();
        let credentials = || Credentials::new(key, secret, Some(session.to_owned()), None, "test");
        let personalize = aws_sdk_personalize::config::Builder::from(&shared)
            .credentials_provider(credentials())
            .retry_partition(partition())
            .endpoint_url(&urls.personalize);
        let datazone = aws_sdk_datazone::config::Builder::from(&shared)
            .credentials_provider(credentials())
            .retry_partition(partition())
            .endpoint_url(&urls.datazone);
        Self {
            personalize: aws_sdk_personalize::Client::from_conf(personalize.build()),
            domain: Arc::new(domain_access::Clients::with(
                shared,
                aws_sdk_datazone::Client::from_conf(datazone.build()),
            )),
        }
    }
}

impl Pace {
    fn retries(self, deployed: &RetryConfig) -> RetryConfig {
        let backoff = match self {
            Self::Deployed | Self::Hasty => Duration::from_millis(1),
            Self::Halting => Duration::from_mins(10),
        };
        deployed.clone().with_initial_backoff(backoff).with_max_backoff(backoff)
    }

    fn timeouts(self, deployed: &TimeoutConfig) -> TimeoutConfig {
        let share = |timeout: Option<Duration>| {
            timeout.map(|timeout| match self {
                Self::Deployed | Self::Halting => timeout,
                Self::Hasty => timeout / 2,
            })
        };
        let mut timeouts = TimeoutConfig::builder();
        timeouts
            .set_connect_timeout(share(deployed.connect_timeout()))
            .set_read_timeout(share(deployed.read_timeout()))
            .set_operation_attempt_timeout(share(deployed.operation_attempt_timeout()))
            .set_operation_timeout(share(deployed.operation_timeout()));
        timeouts.build()
    }
}

/// Loaded once in a process: it looks for files and for the variables of Lambda.
async fn deployed() -> &'static SdkConfig {
    static DEPLOYED: OnceCell<SdkConfig> = OnceCell::const_new();
    DEPLOYED.get_or_init(wiring::sdk_config).await
}
