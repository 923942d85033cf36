//! A running stack.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use aws_sdk_sfn::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use simulators::Control;

use crate::error::Error;
use crate::folder::logs_in;
use crate::keeper::{Facts, Keeper};
use crate::options::Options;
use crate::{places, tools};

/// The region that the engine plays.
const REGION: &str = "us-east-1";

/// The engine with the deployed template, and the simulators. Dropping it waits until all of it is gone.
#[derive(Debug)]
pub struct LocalStack {
    facts: Facts,
    keeper: Keeper,
}

impl LocalStack {
    /// Starts the simulators and the engine, and deploys the built template.
    ///
    /// # Errors
    /// When something is not installed or built, with the command that does it; when something does not start, with
    /// the end of its log. Nothing is left behind then.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let (keeper, facts) = Keeper::start(options).await?;
        Ok(Self { facts, keeper })
    }

    /// Where the AWS engine listens.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        &self.facts.endpoint_url
    }

    /// Where Amazon Personalize listens.
    #[must_use]
    pub fn personalize_url(&self) -> &str {
        &self.facts.personalize_url
    }

    /// Where Amazon `DataZone` listens.
    #[must_use]
    pub fn datazone_url(&self) -> &str {
        &self.facts.datazone_url
    }

    /// Where the simulators take orders.
    #[must_use]
    pub fn control_url(&self) -> &str {
        &self.facts.control_url
    }

    /// A client for the orders to the simulators.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(self.control_url())
    }

    /// The outputs of the deployed stack, such as `StateMachineArn`; none when nothing was deployed.
    #[must_use]
    pub const fn outputs(&self) -> &BTreeMap<String, String> {
        &self.facts.outputs
    }

    /// The folder with `engine.log` and `deploy.log`. What functions log is in the engine's `CloudWatch` Logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        logs_in(&self.facts.folder)
    }

    /// `aws` or `sam`, in the project's folder and pointed at the engine, with nothing of the user's environment.
    ///
    /// # Errors
    /// When the tools are not installed, or the current directory is outside the project.
    pub fn tool(&self, name: &str) -> Result<Command, Error> {
        let folder = places::aws_tools()?;
        let mut tool = Command::new(folder.join(name));
        tool.current_dir(places::root()?)
            .env_clear()
            .envs(tools::environment(&folder, &self.logs(), self.endpoint_url()))
            .stdin(Stdio::null());
        Ok(tool)
    }

    /// Configuration for AWS SDK clients of the engine. A client belongs to the runtime that first used it: tests with
    /// a runtime each make a client each.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::new("test", "test", None, None, "local-stack");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(self.endpoint_url())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build()
    }

    /// Ends it and waits until no process, port or folder of it is left.
    ///
    /// # Errors
    /// When it had ended before, unasked.
    pub async fn stop(mut self) -> Result<(), Error> {
        let end = tokio::task::spawn_blocking(move || self.keeper.end());
        end.await.unwrap_or_else(|_| Err(Error::Ended("its thread panicked".to_owned())))
    }
}
