//! Manifests of batches in the engine's S3. The SDK of S3 would take minutes to compile.

use std::path::Path;
use std::process::Command;

use crate::{Error, LocalStack};

/// The bucket for manifests: a stack runs batches if it is the value of the parameter `ManifestBucketName`.
pub const MANIFEST_BUCKET: &str = "manifests";

impl LocalStack {
    /// Puts a file into the bucket for manifests.
    ///
    /// # Errors
    /// When the tools are not installed, or with what they complain about.
    pub fn upload(&self, file: &Path, key: &str) -> Result<(), Error> {
        let mut put = self.tool("aws")?;
        put.args(["s3api", "put-object", "--bucket", MANIFEST_BUCKET, "--key", key, "--body"]).arg(file);
        if run(&mut put).is_ok() {
            return Ok(());
        }
        // There is no bucket yet. Creating one that exists is no error in this Region.
        run(self.tool("aws")?.args(["s3api", "create-bucket", "--bucket", MANIFEST_BUCKET]))?;
        run(&mut put)
    }
}

fn run(command: &mut Command) -> Result<(), Error> {
    let doing = "uploading a manifest";
    let output = command.output().map_err(Error::engine(doing))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Engine { doing, message })
}
