//! The task that begins a batch: it validates the request and then the manifest, which the state machine reads in parts.

use contract::request::{BatchRequest, ManifestFormat};
use contract::step_error::shortened;
use contract::{Execution, Service, ServiceResponse, StepError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest::{PART, PartOf, Position, of_manifest};

/// The input of the task.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Open {
    /// The execution of the batch.
    pub execution: Execution,
    /// The input of that execution: the request, or the event around it.
    pub request: Value,
    /// The bucket of the deployment.
    pub bucket: String,
    /// The position that the last run of the task returned.
    pub position: Option<Position>,
    /// What the state machine read from there.
    pub part: Option<Part>,
}

/// What `s3:GetObject` returned.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, rename_all_fields = "PascalCase")]
pub enum Part {
    /// A part of the manifest.
    Read {
        /// Its text.
        body: String,
        /// `bytes {first}-{last}/{all}`.
        content_range: String,
    },
    /// An error of the service integration.
    Failed {
        /// Its name.
        error: String,
        /// What happened; it has the HTTP status.
        cause: String,
    },
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// What to do next.
    pub progress: Progress,
    /// The bucket of the manifest.
    pub bucket: String,
    /// The key of the manifest.
    pub key: String,
    /// The bytes to read next, as the header `Range` has them.
    pub range: String,
    /// How far the manifest has been validated.
    pub position: Position,
}

/// What the state machine does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Progress {
    /// Read the next part.
    Read,
    /// Run the rows of a table.
    Csv,
    /// Run the rows of JSON Lines.
    Jsonl,
}

impl Progress {
    /// Every variant.
    pub const ALL: [Self; 3] = [Self::Read, Self::Csv, Self::Jsonl];
}

impl Open {
    /// Validates the request, and the part where there is one.
    pub(crate) fn decide(self) -> Result<Opened, StepError> {
        let BatchRequest { manifest, .. } =
            BatchRequest::of_input(&self.request, &self.bucket).map_err(StepError::InvalidRequest)?;
        let position = self.position.unwrap_or_default();
        let (position, is_last) = match self.part {
            None => (position, false),
            Some(Part::Failed { error, cause }) => return Err(unreadable(manifest.url(), error, &cause)),
            Some(Part::Read { body, content_range }) => {
                let is_last = ends(&content_range)?;
                let part = PartOf { text: &body, is_last };
                (position.behind(part, manifest.format()).map_err(StepError::InvalidRequest)?, is_last)
            }
        };
        let progress = match (is_last, manifest.format()) {
            (false, _) => Progress::Read,
            (true, ManifestFormat::Csv) => Progress::Csv,
            (true, ManifestFormat::JsonLines) => Progress::Jsonl,
        };
        let [bucket, key] = [manifest.bucket.as_str(), manifest.key.as_str()].map(str::to_owned);
        let range = format!("bytes={}-{}", position.offset, position.offset + PART - 1);
        Ok(Opened { progress, bucket, key, range, position })
    }
}

/// Whether a part ends the object: `bytes 0-9/10`.
fn ends(content_range: &str) -> Result<bool, StepError> {
    let range = content_range.strip_prefix("bytes ").and_then(|range| {
        let (range, all) = range.split_once('/')?;
        let (_, last) = range.split_once('-')?;
        Some((last.parse::<u64>().ok()?, all.parse::<u64>().ok()?))
    });
    let unknown =
        || StepError::unexpected(format!("Amazon S3 returned the unknown range \"{}\"", shortened(content_range, 100)));
    range.map(|(last, all)| last + 1 >= all).ok_or_else(unknown)
}

/// What an error of the service integration means. S3 models only what is missing; for the rest the cause has the HTTP status.
fn unreadable(resource: String, error: String, cause: &str) -> StepError {
    let has = |status: &str| cause.contains(&format!("Status Code: {status}"));
    if has("416") {
        // An empty object has no first byte.
        return StepError::InvalidRequest(of_manifest("has no rows"));
    }
    let (is_missing, is_denied) = (error.starts_with("S3.NoSuch") || has("404"), has("403"));
    let (service, message) = (Service::S3, shortened(cause, 500));
    let code = Some(error);
    let response =
        ServiceResponse { service, operation: "GetObject", resource, code, message, request_id: None, role: None };
    let response = Box::new(response);
    match (is_missing, is_denied) {
        (true, _) => StepError::NotFound(response),
        (false, true) => StepError::AccessDenied(response),
        (false, false) => StepError::Unavailable(response),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn opened(key: &str, part: &Value) -> Result<Opened, StepError> {
        let execution = json!({"arn": "e", "startTime": "2026-11-20T09:00:00Z", "waitedSeconds": 0});
        let request = json!({"manifest": {"bucket": "manifests", "key": key}});
        let input =
            json!({"execution": execution, "request": request, "bucket": "manifests", "position": null, "part": part});
        serde_json::from_value::<Open>(input).expect("an input").decide()
    }

    #[test]
    fn a_manifest_is_read_to_its_end_and_then_run_by_its_format() {
        let part = |body: &str, range: &str| json!({"Body": body, "ContentRange": range});
        let table = "name,domainIdentifier,groupIdentifier\nmedia,dzd_a,analysts\nbo";
        let first = opened("a.csv", &json!(null)).expect("opened");
        assert_eq!((first.progress, first.range.as_str()), (Progress::Read, "bytes=0-39999"));
        let second = opened("a.csv", &part(table, "bytes 0-61/70")).expect("opened");
        assert_eq!((second.progress, second.range.as_str()), (Progress::Read, "bytes=59-40058"));
        let last = opened("a.csv", &part(table, "bytes 0-61/62")).expect("opened");
        assert_eq!((last.progress, last.position.rows), (Progress::Csv, 2));
        assert_eq!(opened("a.jsonl", &part("{}", "bytes 0-1/2")).map(|opened| opened.progress), Ok(Progress::Jsonl));
        assert_eq!(opened("a.csv", &part("", "bytes */0")).map_err(|error| error.name()), Err("Unexpected"));
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_named_with_the_reason() {
        for (error, cause, name) in [
            ("S3.NoSuchKeyException", "The specified key does not exist.", "NotFound"),
            ("S3.NoSuchBucketException", "The specified bucket does not exist", "NotFound"),
            ("S3.S3Exception", "Access Denied (Service: S3, Status Code: 403, Request ID: 1)", "AccessDenied"),
            (
                "S3.S3Exception",
                "The requested range is not satisfiable (Service: S3, Status Code: 416)",
                "InvalidRequest",
            ),
            ("S3.S3Exception", "Please reduce your request rate. (Service: S3, Status Code: 503)", "Unavailable"),
            ("States.Timeout", "", "Unavailable"),
        ] {
            let failed = opened("a.csv", &json!({"Error": error, "Cause": cause})).expect_err("refused");
            assert_eq!(failed.name(), name, "{error}");
            let told = failed.cause();
            assert!(name == "InvalidRequest" || told.resource.as_deref() == Some("s3://manifests/a.csv"), "{told:?}");
            assert!(name != "AccessDenied" || told.remedy.contains("permission for s3:GetObject"), "{}", told.remedy);
        }
    }

    #[test]
    fn a_bad_request_is_refused_before_anything_is_read() {
        assert_eq!(opened("a.xlsx", &json!(null)).map_err(|error| error.name()), Err("InvalidRequest"));
    }
}
