//! The request of a batch: a manifest in S3, each row of it the request for one dataset group.

use serde::Serialize;
use serde_json::{Map, Value};

use super::guards::not_among;
use super::reader::{Read, Reader};
use super::text::{BucketName, ManifestKey};
use super::{Policy, STARTED_BY_EXECUTION, Violation, of_input};
use crate::outcome::BATCH_REQUESTED;
#[cfg(feature = "schema")]
use crate::schema;
use crate::words::words;

/// A batch that is valid as a whole, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "DatasetGroupsRequested",
        description = "Asks for the dataset groups of a manifest, one for each row.",
        deny_unknown_fields,
        transform = schema::started_by_execution
    )
)]
#[serde(rename_all = "camelCase")]
pub struct BatchRequest {
    /// Where the rows are.
    pub manifest: Manifest,
    /// For each row; a row of JSON Lines may have other values.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub policy: Policy,
    /// Any object of at most 16 KiB and 125 levels. Returned in the outcome of the batch, and in that of each row without
    /// metadata of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// An object in S3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The bucket of the parameter `ManifestBucketName`.
    pub bucket: BucketName,
    /// At most 1024 characters. Ends in `.csv` for a table with a header and commas, in `.jsonl` or `.ndjson` for a request
    /// in each line.
    pub key: ManifestKey,
}

words! {
    /// How the rows of a manifest are written, by the names of the Distributed Map.
    pub enum ManifestFormat {
        /// A header, then a row for each request, with commas.
        Csv = "CSV",
        /// A request in each line.
        JsonLines = "JSONL",
    }
}

impl Manifest {
    /// The format that the end of the key names.
    #[must_use]
    pub fn format(&self) -> ManifestFormat {
        // The pattern of the key allows no end in other letters.
        match self.key.as_str().rsplit_once('.') {
            Some((_, "csv")) => ManifestFormat::Csv,
            Some(_) | None => ManifestFormat::JsonLines,
        }
    }

    /// `s3://{bucket}/{key}`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket.as_str(), self.key.as_str())
    }
}

impl BatchRequest {
    /// Reads the input of an execution, which is a batch or the event around it, in a deployment that reads this bucket.
    ///
    /// # Errors
    /// Every violation at once; that of the bucket comes last.
    pub fn of_input(input: &Value, bucket: &str) -> Result<Self, Vec<Violation>> {
        of_input(input, BATCH_REQUESTED, |document| {
            let given = document.pointer("/manifest/bucket").and_then(Value::as_str);
            given.and_then(|given| not_among(&[bucket.to_owned()], given, "$.manifest.bucket")).into_iter().collect()
        })
    }
}

impl Read for BatchRequest {
    fn read(at: &Reader) -> Option<Self> {
        let known = ["manifest", "policy", "metadata"];
        let [manifest, policy, metadata] = at.members(known, Some(STARTED_BY_EXECUTION))?;
        let (manifest, policy, metadata) = (manifest.required(), policy.optional(), metadata.optional());
        Some(Self { manifest: manifest?, policy: policy?.unwrap_or_default(), metadata: metadata? })
    }
}

impl Read for Manifest {
    fn read(at: &Reader) -> Option<Self> {
        let [bucket, key] = at.members(["bucket", "key"], None)?;
        let (bucket, key) = (bucket.required(), key.required());
        Some(Self { bucket: bucket?, key: key? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn batch(manifest: &Value) -> Result<BatchRequest, Vec<Violation>> {
        BatchRequest::of_input(&json!({"manifest": manifest}), "manifests")
    }

    #[test]
    fn the_end_of_the_key_says_the_format() {
        for (key, format) in [
            ("a.csv", ManifestFormat::Csv),
            ("2026/teams.jsonl", ManifestFormat::JsonLines),
            ("b.ndjson", ManifestFormat::JsonLines),
        ] {
            let batch = batch(&json!({"bucket": "manifests", "key": key})).expect("valid");
            assert_eq!((batch.manifest.format(), batch.manifest.url()), (format, format!("s3://manifests/{key}")));
        }
        for key in ["a.xlsx", "a.CSV", "csv", "", "a\n.csv"] {
            let violations = batch(&json!({"bucket": "manifests", "key": key})).expect_err("refused");
            assert_eq!(violations[0].path, "$.manifest.key");
            assert!(violations[0].allowed.contains(".csv, .jsonl or .ndjson"), "{violations:?}");
        }
    }

    #[test]
    fn another_bucket_is_refused_and_the_allowed_one_is_named() {
        let violations = batch(&json!({"bucket": "others", "key": "a.csv"})).expect_err("refused");
        let told = violations.iter().map(|v| (v.path.as_str(), v.allowed.as_str())).collect::<Vec<_>>();
        assert_eq!(told, [("$.manifest.bucket", "manifests")]);
    }

    #[test]
    fn an_event_of_a_batch_is_read_and_one_of_a_single_request_is_not() {
        let manifest = json!({"manifest": {"bucket": "manifests", "key": "a.csv"}, "policy": {"mode": "PLAN"}});
        let event = |detail_type: &str| json!({"detail-type": detail_type, "detail": manifest});
        let read = BatchRequest::of_input(&event(BATCH_REQUESTED), "manifests").expect("valid");
        assert_eq!(read.policy.mode, crate::request::Mode::Plan);
        assert!(BatchRequest::of_input(&event(crate::outcome::REQUESTED), "manifests").is_err());
    }
}
