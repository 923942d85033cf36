//! The two services.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Model;
use crate::settings::Settings;
use crate::simulation::State;
use crate::wire::{Reply, ServiceError};
use crate::{datazone, personalize};

/// One of the two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Amazon Personalize.
    Personalize,
    /// Amazon `DataZone`.
    DataZone,
}

impl Service {
    /// The name in IAM actions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Personalize => "personalize",
            Self::DataZone => "datazone",
        }
    }

    /// The model, as far as it is simulated.
    pub(crate) fn model(self) -> &'static Model {
        static PERSONALIZE: LazyLock<Model> = LazyLock::new(|| parsed(include_str!("../models/personalize.json")));
        static DATAZONE: LazyLock<Model> = LazyLock::new(|| parsed(include_str!("../models/datazone.json")));
        fn parsed(model: &str) -> Model {
            serde_json::from_str(model).expect("a model that is part of this crate and is parsed by its tests")
        }
        match self {
            Self::Personalize => &PERSONALIZE,
            Self::DataZone => &DATAZONE,
        }
    }

    /// An error of the model, with its status.
    pub(crate) fn error(self, code: &str, message: impl Into<String>) -> ServiceError {
        ServiceError::new(self.model().error_status(code), code, message)
    }

    /// The error for an input that breaks a rule.
    pub(crate) fn invalid(self, message: impl Into<String>) -> ServiceError {
        let code = match self {
            Self::Personalize => "InvalidInputException",
            Self::DataZone => "ValidationException",
        };
        self.error(code, message)
    }

    /// Carries out a request: a name of an operation with its input, which the model has checked.
    pub(crate) fn perform(
        self,
        state: &mut State,
        settings: &Settings,
        request: Value,
        now: Timestamp,
    ) -> Result<Reply, ServiceError> {
        match self {
            Self::Personalize => personalize::perform(state, settings, request, now),
            Self::DataZone => datazone::perform(state, settings, request),
        }
    }
}
