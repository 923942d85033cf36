//! One look at the dataset group.

use serde_json::json;
use simulators::{Script, Step};
use workflow_tests::{Setup, changed, request};

#[tokio::test]
async fn a_group_that_is_not_shown_right_after_its_creation_is_waited_for_and_never_created_twice() {
    let setup = Setup::start().await;
    setup.script(Script::create([Step::not_found().times(4), Step::status("ACTIVE")])).await;
    let done = setup.provision(&request()).await.expect("provisioned");
    assert_eq!(done.polls, 5);
    assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
}

#[tokio::test]
async fn a_creation_that_outlasts_the_deadline_ends_the_wait_and_a_rerun_goes_on() {
    let setup = Setup::start().await;
    setup.script(Script::create([Step::status("CREATE IN_PROGRESS")])).await;
    let soon = changed(request(), &json!({"policy": {"timeoutSeconds": 120}}));
    let error = setup.provision(&soon).await.expect_err("too late");
    assert_eq!(error.name(), "ProvisioningTimedOut");
    assert!(error.to_string().contains("CREATE IN_PROGRESS after 120 seconds"), "{error}");
    setup.control.move_dataset_group("media", &[Step::status("ACTIVE")]).await.expect("an order");
    let done = setup.provision(&soon).await.expect("provisioned");
    assert_eq!(done.polls, 0);
    assert_eq!(setup.effects().await, ["CreateDatasetGroup", "CreateGroupProfile", "TagResource"]);
}
