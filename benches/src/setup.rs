//! The set-up of a measurement: the services behind TLS, and files with the certificates to trust.

use std::fs;
use std::path::Path;

use simulators::{CallFilter, Control, Settings, Simulators};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::error::Error;
use crate::front::{Front, SharedTally, Tally};
use crate::places;
use crate::process::LambdaProcess;

/// The account of all ARNs.
pub const ACCOUNT: &str = "123456789012";
/// The region of all ARNs.
pub const REGION: &str = "us-east-1";

/// Where our functions are, below the root of the project: the very files that are deployed.
pub const FUNCTIONS: &str = "target/lambda";

const AMAZON: &str = "amazon.pem";
const SYSTEM: &str = "system.pem";
const ROOT: &str = "root.pem";

/// What is prepared for a measurement: the simulators of both services, each behind TLS, and files of certificates.
#[derive(Debug)]
pub struct Setup {
    /// Gives the simulators orders.
    pub control: Control,
    /// The folder of our functions, below the root of the project.
    pub functions: &'static str,
    /// For files of the measurement; removed with this.
    folder: TempDir,
    personalize: Front,
    datazone: Front,
    tally: SharedTally,
    // Its end is the end of both services.
    _simulators: Simulators,
}

/// Whom a program trusts. Each reads as many certificates as it would on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// What the program has compiled in, and not the root of the measurement: for a start that makes no connection.
    CompiledIn,
    /// The root of the measurement and Amazon's own: as many as our functions have compiled in, from a file.
    Amazon,
    /// The root of the measurement and the store of the system: what a program finds in Lambda's image.
    System,
}

impl Setup {
    /// Starts everything, without domains and groups.
    ///
    /// # Errors
    /// When there are no free ports, or a file is missing.
    pub async fn start() -> Result<Self, Error> {
        let settings = Settings { account: ACCOUNT.to_owned(), region: REGION.to_owned(), ..Settings::default() };
        let simulators = Simulators::start(settings).await.map_err(Error::system("the simulators cannot listen"))?;
        let authority = Authority::new()?;
        let (host, tally) = (|url: &str| url.trim_start_matches("http://").to_owned(), SharedTally::default());
        let personalize = Front::start(&authority, &host(simulators.personalize_url()), tally.clone()).await?;
        let datazone = Front::start(&authority, &host(simulators.datazone_url()), tally.clone()).await?;
        let folder = TempDir::new().map_err(Error::system("no folder for files of the measurement"))?;
        for (file, others) in [(AMAZON, amazon_roots()?), (SYSTEM, system_roots()?), (ROOT, String::new())] {
            write(&folder.path().join(file), &format!("{}{others}", authority.root))?;
        }
        let control = Control::new(simulators.control_url());
        Ok(Self { control, functions: FUNCTIONS, folder, personalize, datazone, tally, _simulators: simulators })
    }

    /// The variables that make a program call these simulators, whatever SDK it has.
    #[must_use]
    pub fn environment(&self, trust: Trust) -> Vec<(&'static str, String)> {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let mut variables = vec![
            ("AWS_ENDPOINT_URL_PERSONALIZE", format!("https://{}", self.personalize.authority)),
            ("AWS_ENDPOINT_URL_DATAZONE", format!("https://{}", self.datazone.authority)),
        ];
        let store = match trust {
            Trust::CompiledIn => None,
            Trust::Amazon => Some(file(AMAZON)),
            Trust::System => Some(file(SYSTEM)),
        };
        if let Some(store) = store {
            variables.extend([
                ("SSL_CERT_FILE", store.clone()),
                // boto3 has a store of its own, which this replaces.
                ("AWS_CA_BUNDLE", store),
                // Node has one compiled in, and adds this.
                ("NODE_EXTRA_CA_CERTS", file(ROOT)),
            ]);
        }
        variables
    }

    /// What both fronts have seen so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally.read()
    }
}

/// That a process made the calls and opened the connections that it should since `before`, and no others.
///
/// # Errors
/// When it did not, so that its figures mean nothing.
pub async fn verify(
    process: &LambdaProcess,
    setup: &Setup,
    before: Tally,
    calls: &[&str],
    connections: u64,
) -> Result<(), Error> {
    verify_calls(process, setup, calls).await?;
    let seen = setup.tally().since(before);
    if seen != (Tally { connections, handshakes: connections, failures: 0 }) {
        return Err(process.misbehaved(format!("it should have opened {connections} connections: {seen:?}")));
    }
    Ok(())
}

/// That a process made the calls that it should since the last reset, and no others.
///
/// # Errors
/// When it did not.
pub async fn verify_calls(process: &LambdaProcess, setup: &Setup, calls: &[&str]) -> Result<(), Error> {
    let called = setup.control.calls(CallFilter::all()).await?;
    let called: Vec<String> = called.into_iter().map(|call| call.operation).collect();
    if called == calls { Ok(()) } else { Err(process.misbehaved(format!("it called {called:?} instead of {calls:?}"))) }
}

/// The roots that the functions have compiled in.
fn amazon_roots() -> Result<String, Error> {
    read(&places::existing("functions/wiring/src/sdk/amazon-trust-services.pem", "it is part of the sources")?)
}

fn system_roots() -> Result<String, Error> {
    // Where Debian, Ubuntu, Alpine and Arch have it, and where Fedora and Amazon Linux do.
    let files = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"].map(Path::new);
    let file = files.into_iter().find(|file| file.exists());
    let what = files[0].to_owned();
    read(file.ok_or(Error::Missing { what, remedy: "install ca-certificates" })?)
}

fn read(file: &Path) -> Result<String, Error> {
    fs::read_to_string(file).map_err(Error::system(format!("cannot read {}", file.display())))
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    fs::write(file, text).map_err(Error::system(format!("cannot write {}", file.display())))
}
