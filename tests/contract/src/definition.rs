//! The definitions of the state machines.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::project_file;

/// Where they lie, one in a file.
pub const FOLDER: &str = "statemachine";

/// The definition of a state machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The name of its file, `provision-dataset-group`.
    pub name: String,
    /// The definition as JSON.
    pub definition: Value,
}

/// The state machines with the steps of one dataset group, in the order of their names.
///
/// # Panics
/// When a file cannot be read or is not JSON.
#[must_use]
pub fn machines() -> Vec<Machine> {
    all_machines().into_iter().filter(|machine| machine.name != batch().name).collect()
}

/// Every state machine, in the order of their names.
///
/// # Panics
/// When a file cannot be read or is not JSON.
#[must_use]
pub fn all_machines() -> Vec<Machine> {
    let files = std::fs::read_dir(project_file(FOLDER))
        .expect("a folder")
        .filter_map(|file| file.ok()?.file_name().into_string().ok());
    let mut names: Vec<_> = files.filter_map(|file| Some(file.strip_suffix(".asl.json")?.to_owned())).collect();
    names.sort();
    names.iter().map(|name| Machine::named(name)).collect()
}

/// The one that provisions.
#[must_use]
pub fn provisioning() -> Machine {
    Machine::named("provision-dataset-group")
}

/// The one that retires.
#[must_use]
pub fn retirement() -> Machine {
    Machine::named("retire-dataset-group")
}

/// The one that runs batches.
#[must_use]
pub fn batch() -> Machine {
    Machine::named("provision-dataset-groups")
}

impl Machine {
    fn named(name: &str) -> Self {
        let name = name.to_owned();
        Self { definition: crate::read_json(&format!("{FOLDER}/{name}.asl.json")), name }
    }

    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}.asl.json", self.name)
    }

    /// Its name in the template: that of the file in Pascal case.
    #[must_use]
    pub fn resource(&self) -> String {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        self.name.split('-').map(capital).collect()
    }

    /// Its states by name.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn states(&self) -> Map<String, Value> {
        self.definition["States"].as_object().cloned().unwrap_or_else(|| panic!("{}: no States", self.name))
    }

    /// Its states by name, with those inside of its maps.
    #[must_use]
    pub fn all_states(&self) -> Map<String, Value> {
        let states = self.states();
        let inner = states.values().filter_map(|state| state["ItemProcessor"]["States"].as_object().cloned()).flatten();
        inner.chain(states.clone()).collect()
    }

    /// Its functions: the names of the states that run them or, where several states run one function, its own.
    #[must_use]
    pub fn functions(&self) -> BTreeSet<String> {
        let name = |state: &Value| {
            let placeholder = state["Arguments"]["FunctionName"].as_str()?;
            Some(placeholder.strip_prefix("${")?.strip_suffix("FunctionArn}")?.to_owned())
        };
        self.all_states().values().filter_map(name).collect()
    }

    /// The names of the states that call a resource whose ARN ends like this, as `lambda:invoke`.
    #[must_use]
    pub fn tasks(&self, resource: &str) -> Vec<String> {
        let calls = |state: &Value| state["Resource"].as_str().is_some_and(|arn| arn.ends_with(resource));
        self.states().into_iter().filter(|(_, state)| calls(state)).map(|(name, _)| name).collect()
    }

    /// The names of its steps: the states that run a function.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        self.tasks("lambda:invoke")
    }

    /// The step that runs first.
    ///
    /// # Panics
    /// When `Begin` leads nowhere.
    #[must_use]
    pub fn first_step(&self) -> String {
        self.states()["Begin"]["Next"].as_str().expect("a step").to_owned()
    }

    /// The last choice of `CheckStatus` whose condition begins so.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn choice(&self, beginning: &str) -> Value {
        let choices = self.states()["CheckStatus"]["Choices"].clone();
        let begins = |choice: &&Value| choice["Condition"].as_str().is_some_and(|text| text.starts_with(beginning));
        choices.as_array().into_iter().flatten().rfind(begins).expect("a choice").clone()
    }
}

/// The failures of a call to Lambda that may heal (Step Functions developer guide, "Handling transient Lambda service
/// exceptions"; Lambda API reference, `Invoke`, for those of a function in a VPC that has just been created or that
/// finds no free address), a function's time-out under its two names, and the time-out of the task.
pub const TRANSIENT: [&str; 12] = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ResourceNotReadyException",
    "Lambda.ENILimitReachedException",
    "Lambda.EC2ThrottledException",
    "Lambda.EC2UnexpectedException",
    "Lambda.SubnetIPAddressLimitReachedException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "States.Timeout",
];

/// The functions of all state machines, each with the name of its crate: the same in kebab case.
#[must_use]
pub fn steps() -> Vec<(String, String)> {
    let steps = all_machines().into_iter().flat_map(|machine| machine.functions());
    steps.map(|step| (step.clone(), kebab(&step))).collect::<BTreeMap<_, _>>().into_iter().collect()
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

/// The names under which a step of the state machine retries or catches.
#[must_use]
pub fn error_names(handlers: &Value) -> Vec<&str> {
    let handlers = handlers.as_array().map_or(&[][..], Vec::as_slice);
    handlers
        .iter()
        .flat_map(|handler| handler["ErrorEquals"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect()
}
