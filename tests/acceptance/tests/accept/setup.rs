//! What a test prepares: a deployed stack, a domain of its own, and the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use local_stack::{LocalStack, Options};
use serde_json::Value;
use simulators::Control;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

pub const WORKFLOW: &str = "dataset-group-workflow";

static STACK: OnceCell<Result<LocalStack, String>> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The stack that the tests share. None of them changes what the simulators assume.
pub async fn stack() -> &'static LocalStack {
    let parameters = [("Retirement".to_owned(), "true".to_owned())];
    let options = || Options { parameters: parameters.clone().into(), ..Options::default() };
    let start = || async { LocalStack::start(options()).await.map_err(|fault| fault.to_string()) };
    STACK.get_or_init(start).await.as_ref().unwrap_or_else(|fault| panic!("{fault}"))
}

/// A program `aws` that answers faster: see `warm_aws.py`. It ends with the tests, whose end closes its standard input.
async fn warm_aws(stack: &LocalStack) -> &'static Path {
    static FOLDER: OnceCell<(TempDir, Child)> = OnceCell::const_new();
    let start = || async {
        let folder = tempfile::tempdir().expect("a folder");
        let tool = stack.tool("aws").unwrap_or_else(|fault| panic!("{fault}"));
        let python = Path::new(tool.get_program()).with_file_name("python");
        let mut warm = Command::new(python)
            .args(["-c", include_str!("warm_aws.py")])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python");
        let mut line = String::new();
        let printed = warm.stdout.as_mut().expect("its output");
        BufReader::new(printed).read_line(&mut line).await.expect("a line");
        assert_eq!(line, "listening\n");
        (folder, warm)
    };
    FOLDER.get_or_init(start).await.0.path()
}

/// A domain with a group, a role and a project, and a folder for the journal.
#[derive(Debug)]
pub struct Setup<'a> {
    pub stack: &'a LocalStack,
    pub control: Control,
    pub id: String,
    pub domain: String,
    pub group: String,
    pub role: String,
    pub project: String,
    pub folder: TempDir,
    /// The `aws` of the runs.
    aws: &'static Path,
}

impl<'a> Setup<'a> {
    pub async fn on(stack: &'a LocalStack) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let setup = Self {
            stack,
            control: stack.control(),
            id: format!("setup{number}"),
            domain: format!("dzd_setup{number}"),
            group: format!("a1b2c3d4-5678-90ab-cdef-0000{number:08}"),
            role: format!("arn:aws:iam::000000000000:role/setup-{number}"),
            project: format!("project-of-setup-{number}"),
            folder: tempfile::tempdir().expect("a folder"),
            aws: warm_aws(stack).await,
        };
        setup.control.add_domain(&setup.domain, &[(&setup.group, "analysts")]).await.expect("a domain");
        setup.control.add_role(&setup.domain, &setup.role).await.expect("a role");
        setup.control.add_project(&setup.domain, &setup.project, &[]).await.expect("a project");
        setup
    }

    /// The program with these arguments, and the environment of the stack's own tools.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let tool = self.stack.tool("aws").unwrap_or_else(|fault| panic!("{fault}"));
        let variables = tool.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let mut program = Command::new(accept());
        program
            .env_clear()
            .envs(variables)
            .env("PATH", self.aws)
            .env("AWS_ENDPOINT_URL_PERSONALIZE", self.stack.personalize_url())
            .env("AWS_ENDPOINT_URL_DATAZONE", self.stack.datazone_url())
            .args(["--pace", "0.05", "--folder"])
            .arg(self.folder.path())
            .args(arguments)
            .kill_on_drop(true);
        program
    }

    /// A run for the group or the role, of these parts.
    pub fn accept(&self, principal: &str, parts: &str) -> Command {
        let mut program = self.program(&["--stack", WORKFLOW, "--region", "us-east-1", "--yes", "--id", &self.id]);
        program.args(["--domain", &self.domain, "--group", principal, "--project", &self.project]);
        if !parts.is_empty() {
            program.args(["--only", parts]);
        }
        program
    }

    pub async fn run(&self, principal: &str, parts: &str) -> Run {
        Run::of(&self.accept(principal, parts).output().await.expect("a run"))
    }

    pub async fn clean(&self) -> Run {
        Run::of(&self.program(&["--clean"]).output().await.expect("a run"))
    }

    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    pub fn report(&self) -> Value {
        serde_json::from_str(&self.file("report.json")).expect("a report")
    }

    /// The answers and verdicts by the text of the row.
    pub fn rows(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rows = self.report()["rows"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| (text(&row["about"]), text(&row["answer"]), text(&row["verdict"]))).collect()
    }

    pub fn journal(&self) -> Vec<Value> {
        let journal: Value = serde_json::from_str(&self.file("journal.json")).unwrap_or_default();
        journal["entries"].as_array().cloned().unwrap_or_default()
    }

    /// Fails if anything of the run is left.
    pub async fn assert_nothing_is_left(&self) {
        assert_eq!(self.journal(), [Value::Null; 0]);
        let groups = self.control.dataset_groups().await.expect("groups");
        let prefix = format!("acceptance-{}-", self.id);
        let left: Vec<_> = groups.iter().map(|group| &group.name).filter(|name| name.starts_with(&prefix)).collect();
        assert_eq!(left, [""; 0]);
        for project in self.control.projects(&self.domain).await.expect("projects") {
            assert_eq!(project.members, []);
        }
        for profile in self.control.profiles(&self.domain).await.expect("profiles") {
            assert_eq!(profile.status, simulators::ProfileStatus::NotAssigned);
        }
    }

    /// Waits until the journal has so many entries, or the program has ended.
    pub async fn journal_of(&self, program: &mut Child, entries: usize) {
        while self.journal().len() < entries && program.try_wait().expect("a state").is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub printed: String,
}

impl Run {
    pub fn of(output: &Output) -> Self {
        let printed = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
        Self { code: output.status.code(), printed }
    }

    pub fn assert_ended(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}", self.printed);
    }
}

/// The program, which cargo puts beside the folder of the tests.
pub fn accept() -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    test.ancestors().nth(2).expect("the folder of the profile").join("accept")
}
