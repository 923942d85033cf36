//! The one state behind the three listeners.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::call_log::CallLog;
use crate::control::documents::Behaviour;
use crate::faults::Faults;
use crate::rate_limits::Buckets;
use crate::settings::Settings;
use crate::{datazone, personalize};

/// The one state behind the three listeners, with what it was started with.
#[derive(Debug)]
pub struct Simulation {
    /// What the simulators were started with.
    pub settings: Settings,
    state: Mutex<State>,
}

/// Everything that calls and orders change.
#[derive(Debug)]
pub struct State {
    /// The dataset groups.
    pub personalize: personalize::State,
    /// The domains.
    pub datazone: datazone::State,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// What is left of the rate limits.
    pub buckets: Buckets,
    /// What was called.
    pub calls: CallLog,
    /// How the services behave where AWS documents nothing, and quotas.
    pub behaviour: Behaviour,
}

impl Simulation {
    /// Without domains, groups, scripts, faults and calls.
    pub fn new(settings: Settings) -> Self {
        let state = Mutex::new(State::empty(&settings));
        Self { settings, state }
    }

    /// The state, for a moment: nobody may wait for anything while holding it.
    pub fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done by a panic that is worth refusing every later call for.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the empty state of the start.
    pub fn reset(&self) {
        *self.state() = State::empty(&self.settings);
    }
}

impl State {
    fn empty(settings: &Settings) -> Self {
        Self {
            personalize: personalize::State::default(),
            datazone: datazone::State::default(),
            faults: Faults::default(),
            buckets: Buckets::default(),
            calls: CallLog::default(),
            behaviour: Behaviour::of(settings),
        }
    }
}
