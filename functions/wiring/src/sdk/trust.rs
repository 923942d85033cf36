//! Which certificate authorities the functions trust.

use std::ffi::OsString;

use aws_smithy_http_client::tls::TrustStore;

/// The roots that Amazon Trust Services asks clients with a trust store of their own to have.
const AMAZON_TRUST_SERVICES: &str = include_str!("amazon-trust-services.pem");

/// The roots that the certificates of services are verified against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The five that are compiled in. Reading a whole system's is most of what a cold start would cost.
    AmazonTrustServices,
    /// All of the operating system, or the file or folders of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
}

impl Trust {
    /// Amazon Trust Services where AWS documents that the endpoints' certificates come from it: the partitions `aws`
    /// and `aws-us-gov`. The system's roots in all others (China, isolated, sovereign), and wherever the operator
    /// names a file or folder, as behind a proxy with an authority of its own.
    ///
    /// `variable` reads an environment variable; an empty one is as good as none.
    pub(super) fn choose(region: Option<&str>, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().any(is_set);
        let compiled_in = !named && region.is_some_and(has_certificates_of_amazon_trust_services);
        if compiled_in { Self::AmazonTrustServices } else { Self::System }
    }

    pub(super) fn store(self) -> TrustStore {
        match self {
            Self::AmazonTrustServices => TrustStore::empty().with_pem_certificate(AMAZON_TRUST_SERVICES),
            Self::System => TrustStore::default(),
        }
    }
}

/// The names of regions are those of the SDK's partitions: three parts in `aws` and in `aws-cn`, more in all others.
fn has_certificates_of_amazon_trust_services(region: &str) -> bool {
    let parts: Vec<_> = region.split('-').collect();
    matches!(*parts, [partition, _, _] if partition != "cn") || matches!(*parts, ["us", "gov", _, _])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_in_roots_serve_the_partitions_whose_certificates_come_from_them_and_the_system_s_all_others() {
        for region in ["us-east-1", "eu-central-2", "ap-southeast-7", "mx-central-1", "us-gov-west-1"] {
            assert_eq!(Trust::choose(Some(region), |_| None), Trust::AmazonTrustServices, "{region}");
        }
        let others = ["cn-north-1", "us-iso-east-1", "us-isob-east-1", "us-isof-south-1", "eu-isoe-west-1"];
        for region in others.into_iter().chain(["eusc-de-east-1"]).map(Some).chain([None]) {
            assert_eq!(Trust::choose(region, |_| None), Trust::System, "{region:?}");
        }
        let [compiled_in, system] =
            [Trust::AmazonTrustServices, Trust::System].map(|trust| format!("{:?}", trust.store()));
        assert_ne!(compiled_in, system);
    }

    #[test]
    fn roots_that_the_operator_names_go_first() {
        for set in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            let to = |value: &'static str| move |name: &str| (name == set).then(|| value.into());
            assert_eq!(Trust::choose(Some("us-east-1"), to("/opt/authority.pem")), Trust::System, "{set}");
            assert_eq!(Trust::choose(Some("us-east-1"), to("")), Trust::AmazonTrustServices, "{set}");
        }
    }
}
