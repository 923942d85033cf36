//! The connections to the services.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

use super::trust::Trust;

/// The default of the SDK gathers entropy for hundreds of millions of instructions at the first handshake; ring does not.
#[cfg(not(feature = "fips"))]
const CRYPTO: CryptoMode = CryptoMode::Ring;
/// The module that is validated for FIPS 140-3, for those who have to have it.
#[cfg(feature = "fips")]
const CRYPTO: CryptoMode = CryptoMode::AwsLcFips;

/// One connector for all clients: they share its connections, and the roots are parsed once. (The SDK's own client
/// would build one when a client is made, to see that it can, throw it away and build another at the first call.)
///
/// `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured. Connecting may take as long as `connect`; all other time-outs
/// are the SDK's.
pub(super) fn http_client(trust: Trust, connect: Duration) -> SharedHttpClient {
    let tls = TlsContext::builder().with_trust_store(trust.store()).build().expect("nothing in it can be invalid");
    let connector = Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().connect_timeout(connect).build())
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CRYPTO))
        .tls_context(tls)
        .build();
    let connector = SharedHttpConnector::new(connector);
    http_client_fn(move |_, _| connector.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_that_is_compiled_in_can_be_read() {
        let roots = include_str!("amazon-trust-services.pem");
        assert_eq!(roots.matches("-----BEGIN CERTIFICATE-----").count(), 5);
        // A certificate that cannot be read is a panic.
        http_client(Trust::AmazonTrustServices, Duration::from_secs(1));
    }
}
