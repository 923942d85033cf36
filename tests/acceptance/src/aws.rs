//! The AWS CLI, with the credentials and the environment of the caller. The SDKs of these ten services would take minutes
//! to compile.

use std::fs::File;
use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;
use tokio::process::Command;
use tokio::sync::RwLock;

use crate::trouble::Trouble;

/// The CLI for one Region, or two: `DataZone` may be in another one.
#[derive(Debug)]
pub struct Aws {
    pub region: String,
    pub datazone_region: String,
    /// The locked file. Each call holds it as its standard input, so the lock outlives a killed program until its last
    /// call has ended.
    lock: File,
    /// Each call that is being made holds a read lock.
    calls: Arc<RwLock<()>>,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The IAM action, such as `personalize:DescribeDatasetGroup`.
    pub action: String,
    /// The error code of the service; absent if there was no answer.
    pub code: Option<String>,
    /// What the CLI printed.
    pub message: String,
}

impl Aws {
    pub fn new(region: String, lock: File) -> Self {
        Self { datazone_region: region.clone(), region, lock, calls: Arc::default() }
    }

    /// Makes a call, and reads its answer. A dropped future does not end the call: see [`Self::settled`].
    ///
    /// # Errors
    /// The error of the service, or of the CLI.
    pub async fn call(&self, service: &str, operation: &str, arguments: &[&str]) -> Result<Value, Failure> {
        let region = if service == "datazone" { &self.datazone_region } else { &self.region };
        let failed = |text: String| Failure::read(service, operation, &text);
        let lock = self.lock.try_clone().map_err(|error| failed(error.to_string()))?;
        let mut command = Command::new("aws");
        command
            .args([service, operation])
            .args(arguments)
            .args(["--region", region, "--output", "json"])
            .env("AWS_PAGER", "")
            // Ctrl-C is for this program. It would leave a call half done.
            .process_group(0)
            .stdin(Stdio::from(lock));
        let calling = Arc::clone(&self.calls).read_owned().await;
        let run = tokio::spawn(async move {
            let output = command.output().await;
            drop(calling);
            output
        });
        let run = run.await.map_err(|error| failed(error.to_string()))?;
        let run = run.map_err(|error| failed(format!("`aws` cannot be started: {error}")))?;
        if !run.status.success() {
            return Err(failed(String::from_utf8_lossy(&run.stderr).trim().to_owned()));
        }
        match run.stdout.trim_ascii() {
            b"" => Ok(Value::Null),
            printed => serde_json::from_slice(printed).map_err(|error| failed(error.to_string())),
        }
    }

    /// The same, with nothing for a resource that does not exist.
    ///
    /// # Errors
    /// All errors but `ResourceNotFoundException`.
    pub async fn find(&self, service: &str, operation: &str, arguments: &[&str]) -> Result<Option<Value>, Failure> {
        match self.call(service, operation, arguments).await {
            Ok(answer) => Ok(Some(answer)),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Waits until all calls have ended, also those that nobody waits for any more.
    pub async fn settled(&self) {
        drop(self.calls.write().await);
    }
}

impl Failure {
    fn read(service: &str, operation: &str, text: &str) -> Self {
        let code =
            text.split_once("An error occurred (").and_then(|(_, rest)| Some(rest.split_once(')')?.0.to_owned()));
        let named = text.split_once("not authorized to perform: ").and_then(|(_, rest)| rest.split_whitespace().next());
        let action = named.map_or_else(|| action(service, operation), str::to_owned);
        Self { action, code, message: text.to_owned() }
    }

    pub fn is_not_found(&self) -> bool {
        self.code.as_deref() == Some("ResourceNotFoundException")
    }

    pub fn is_denied(&self) -> bool {
        let denials = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"];
        self.code.as_deref().is_some_and(|code| denials.contains(&code))
    }

    /// Whether the endpoint does not know the operation. AWS knows all operations of the CLI.
    fn is_not_played(&self) -> bool {
        let unknown = ["UnknownOperationException", "InvalidOperationException", "InvalidAction", "NotImplemented"];
        self.code.as_deref().is_some_and(|code| unknown.contains(&code))
            && (self.message.contains("not known") || self.message.contains("Unknown action"))
    }

    /// The answer to a question: the code, as the text can have names. A denial is no answer.
    ///
    /// # Errors
    /// When the service did not answer, or denied the call.
    pub fn answer(self) -> Result<String, Trouble> {
        match (self.is_denied() || self.is_not_played(), &self.code) {
            (false, Some(code)) => Ok(code.clone()),
            (true, _) | (false, None) => Err(self.into()),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        if failure.is_denied() {
            Self::Denied(failure.action)
        } else if failure.is_not_played() {
            Self::NotPlayed(failure.action)
        } else {
            let code = failure.code.as_deref().unwrap_or("no answer");
            eprintln!("{}", failure.message);
            Self::Broken(format!("{}: {code}", failure.action))
        }
    }
}

/// `personalize describe-dataset-group` as IAM names it.
fn action(service: &str, operation: &str) -> String {
    let service = match service {
        "stepfunctions" => "states",
        other => other,
    };
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    let operation: String = operation.split('-').filter(|part| !part.is_empty()).map(word).collect();
    format!("{service}:{operation}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_its_action_even_if_the_service_does_not() {
        let text = "An error occurred (AccessDeniedException) when calling the TagResource operation: no";
        let failure = Failure::read("personalize", "tag-resource", text);
        assert_eq!(Trouble::from(failure), Trouble::Denied("personalize:TagResource".to_owned()));
        let text = format!("{text}: User: x is not authorized to perform: kms:Decrypt on resource: y");
        let failure = Failure::read("stepfunctions", "describe-execution", &text);
        assert_eq!(Trouble::from(failure), Trouble::Denied("kms:Decrypt".to_owned()));
    }

    #[test]
    fn an_operation_that_an_endpoint_does_not_know_is_not_played() {
        for text in [
            "An error occurred (UnknownOperationException) when calling the X operation: The operation is not known",
            "An error occurred (InvalidOperationException) when calling the X operation: Unknown action: X",
        ] {
            let failure = Failure::read("stepfunctions", "x", text);
            assert_eq!(Trouble::from(failure), Trouble::NotPlayed("states:X".to_owned()));
        }
    }

    #[test]
    fn an_answer_is_the_code_of_a_refusal_but_not_a_denial_or_silence() {
        let read = |text| Failure::read("datazone", "get-group-profile", text).answer();
        let refused = read("An error occurred (ValidationException) when calling the X operation: secret");
        assert_eq!(refused, Ok("ValidationException".to_owned()));
        read("An error occurred (AccessDeniedException) when calling the X operation: no").expect_err("no answer");
        read("Could not connect to the endpoint URL").expect_err("no answer");
    }
}
