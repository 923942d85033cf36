//! A certificate authority for one measurement, as long a chain as AWS shows: a root, an intermediate, the server.

use std::process::Command;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::Error;
use crate::places;

/// The certificate of a server on 127.0.0.1, with its chain. The keys are RSA with 2048 bits, as the certificates of the
/// services' endpoints have (issued by "Amazon RSA 2048 M.."): verifying three signatures is a good part of a handshake.
#[derive(Debug)]
pub struct Authority {
    /// The root, PEM: for whoever shall trust the server.
    pub root: String,
    /// The server's certificate and the intermediate.
    pub chain: Vec<CertificateDer<'static>>,
    /// The server's key.
    pub key: PrivateKeyDer<'static>,
}

impl Authority {
    /// New keys and certificates.
    ///
    /// # Errors
    /// When the tools are missing that make keys.
    pub fn new() -> Result<Self, Error> {
        signed(key()?, key()?, &key()?).map_err(|fault| Error::Certificates(fault.to_string()))
    }
}

fn signed(root_key: KeyPair, intermediate_key: KeyPair, server_key: &KeyPair) -> Result<Authority, rcgen::Error> {
    let root_params = issuing("Root of a measurement");
    let root = root_params.self_signed(&root_key)?;
    let root_issuer = Issuer::new(root_params, root_key);

    let intermediate_params = issuing("Intermediate of a measurement");
    let intermediate = intermediate_params.signed_by(&intermediate_key, &root_issuer)?;
    let intermediate_issuer = Issuer::new(intermediate_params, intermediate_key);

    let mut server_params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    server_params.distinguished_name.push(DnType::CommonName, "localhost");
    server_params.use_authority_key_identifier_extension = true;
    server_params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server_params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = server_params.signed_by(server_key, &intermediate_issuer)?;

    Ok(Authority {
        root: root.pem(),
        chain: vec![server.der().clone(), intermediate.der().clone()],
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der())),
    })
}

fn issuing(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params
}

/// ring makes no RSA keys; the pinned Node does.
fn key() -> Result<KeyPair, Error> {
    const MAKE_ONE: &str = r#"
        const { generateKeyPairSync } = require("node:crypto");
        const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        process.stdout.write(privateKey.export({ type: "pkcs8", format: "pem" }));
    "#;
    let node = places::existing("target/tools/node/bin/node", "run `make tools`")?;
    let made = Command::new(&node).args(["--eval", MAKE_ONE]).output();
    let made = made.map_err(Error::system(format!("cannot start {}", node.display())))?;
    KeyPair::from_pkcs8_pem_and_sign_algo(&String::from_utf8_lossy(&made.stdout), &PKCS_RSA_SHA256)
        .map_err(|fault| Error::Certificates(format!("{fault}: {}", String::from_utf8_lossy(&made.stderr))))
}
