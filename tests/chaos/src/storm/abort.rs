//! Aborts an execution in a state.

use std::time::Duration;

use aws_sdk_sfn::types::HistoryEventType;
use local_stack::Workflow;

/// Aborts the execution as soon as it has entered the state; it may have gone further by then, or ended without it.
pub async fn abort(workflow: Workflow, execution: String, state: String) -> String {
    loop {
        let events = workflow.history(&execution).await.expect("a history");
        let entered = events
            .iter()
            .filter_map(|event| event.state_entered_event_details())
            .any(|details| details.name() == state);
        if entered {
            // Refused when it has ended meanwhile, and then there is nothing to abort.
            let _ = workflow.sfn.stop_execution().execution_arn(&execution).error("Storm").send().await;
            return execution;
        }
        let ended = |kind: &HistoryEventType| {
            [
                HistoryEventType::ExecutionSucceeded,
                HistoryEventType::ExecutionFailed,
                HistoryEventType::ExecutionAborted,
                HistoryEventType::ExecutionTimedOut,
            ]
            .contains(kind)
        };
        if events.iter().any(|event| ended(event.r#type())) {
            return execution;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
