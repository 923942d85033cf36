//! The configuration of the AWS SDK, the same for all functions.

mod http;
mod trust;

use std::env::var_os;
use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

use self::http::http_client;
use self::trust::Trust;

/// The SDK's attempts at one call. They recover from a cut connection or a moment's throttling within seconds. Longer
/// faults are the state machine's to retry, minutes apart and for no Lambda time.
const ATTEMPTS: u32 = 3;
/// Longest before the second attempt, twice that before the third. The SDK's own lets more calls be throttled.
const PAUSE: Duration = Duration::from_secs(2);
/// For a TCP connection. Of an attempt that has to make one, most is left for the call.
const CONNECT: Duration = Duration::from_secs(2);
/// From the connection to the end of the response, which is a few hundred bytes: a time-out for reading would add nothing.
const ATTEMPT: Duration = Duration::from_secs(4);
/// All attempts at one call, and the pauses between them. A function's time-out is longer than all its calls at their
/// slowest; only a search through hundreds of roles could take longer, and then [`crate::serve`] gives up in time.
const OPERATION: Duration = Duration::from_secs(15);

/// Everything comes from variables of the environment that Lambda or the template sets; no chain of providers is
/// searched:
///
/// | what | from |
/// |---|---|
/// | region | `AWS_REGION`, or `AWS_DEFAULT_REGION` |
/// | credentials | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` |
/// | endpoints | `AWS_ENDPOINT_URL_PERSONALIZE`, `AWS_ENDPOINT_URL_DATAZONE`, `AWS_ENDPOINT_URL`; `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` |
/// | roots | compiled in where Amazon Trust Services signs; else the system's, or those of `SSL_CERT_FILE` or `SSL_CERT_DIR` |
/// | proxy | `HTTPS_PROXY` or `ALL_PROXY`, `NO_PROXY` |
///
/// The SDK still looks for files of profiles, which Lambda does not have: that costs next to nothing.
pub async fn sdk_config() -> SdkConfig {
    let region = EnvironmentVariableRegionProvider::new().region().await;
    let trust = Trust::choose(region.as_ref().map(AsRef::as_ref), |name| var_os(name));
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(trust, CONNECT))
        .region(region)
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(PAUSE))
        .timeout_config(timeouts)
        // It guards long downloads; the responses here are a few hundred bytes and have their time-outs.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .load()
        .await
}
