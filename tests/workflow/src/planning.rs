//! The steps of an execution in the mode PLAN, in the order of the state machine.

use bootstrap_group_profile::Output;
use contract::outcome::Changes;
use contract::{DatasetGroup, Plan, Request, StepError};
use serde_json::{Value, json};

use crate::changed;
use crate::setup::Setup;

impl Setup {
    /// Plans what the request asks for.
    ///
    /// # Errors
    /// Those of the handlers.
    ///
    /// # Panics
    /// When a step does what it should plan.
    pub async fn plan(&self, request: &Value) -> Result<Plan, StepError> {
        let request = changed(request.clone(), &json!({"policy": {"mode": "PLAN"}}));
        let created = self.create(&request).await?;
        let mut plan = created.plan.expect("a plan");
        if plan.would_fail.is_none() {
            plan = self.plan_attachment(&created.request, created.dataset_group.clone(), plan).await?;
        }
        if plan.would_fail.is_none() && !created.request.group_profile.projects.is_empty() {
            plan = self.plan_members(&created.request, created.dataset_group, plan).await?;
        }
        Ok(plan)
    }

    async fn plan_attachment(&self, request: &Request, group: DatasetGroup, plan: Plan) -> Result<Plan, StepError> {
        match self.bootstrap_with(request, group, 0, Some(plan)).await? {
            Output::Planned { plan } => Ok(plan),
            Output::Attached(attached) => panic!("the profile was attached: {attached:?}"),
        }
    }

    async fn plan_members(&self, request: &Request, group: DatasetGroup, plan: Plan) -> Result<Plan, StepError> {
        match self.add_with(request, group, None, Changes::default(), 0, Some(plan)).await? {
            add_project_members::Output::Planned { plan } => Ok(plan),
            add_project_members::Output::Added(added) => panic!("the profile was added: {added:?}"),
        }
    }
}
