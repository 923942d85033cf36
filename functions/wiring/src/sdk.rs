//! The configuration of the AWS SDK, the same for all functions.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// The SDK's attempts at one call. They heal a cut connection or a moment's throttling within seconds; what lasts
/// longer is the state machine's to retry, minutes apart and for no Lambda time.
const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(2);
const READ: Duration = Duration::from_secs(4);
const ATTEMPT: Duration = Duration::from_secs(4);
/// All attempts at one call, and the pauses between them. A function's time-out is longer than all its calls at their
/// slowest; only a search through hundreds of roles could take longer, and then [`crate::serve`] gives up in time.
const OPERATION: Duration = Duration::from_secs(15);

/// Credentials and region come from the variables that Lambda sets, so no chain of providers is searched; endpoints
/// can be moved by `AWS_ENDPOINT_URL_PERSONALIZE` and `AWS_ENDPOINT_URL_DATAZONE`.
///
/// TLS is rustls with ring: the default provider gathers entropy for hundreds of millions of instructions at the first
/// handshake. Certificates are verified against the system's roots, or those of `SSL_CERT_FILE`.
pub async fn sdk_config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .read_timeout(READ)
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(OPERATION)
                .build(),
        )
        // It guards long downloads; the answers here are a few hundred bytes and have their time-outs.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .load()
        .await
}
