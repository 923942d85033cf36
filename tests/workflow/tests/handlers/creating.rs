//! A dataset group that does not exist is created.

use contract::outcome::Disposition;
use contract::{DatasetGroupStatus, Progress};
use simulators::Settings;
use wiring::LogSummary;
use workflow_tests::{Pace, Setup, request};

#[tokio::test]
async fn a_group_that_does_not_exist_is_created() {
    let setup = Setup::start().await;
    let output = setup.create(&request()).await.expect("created");
    assert_eq!(output.disposition, Some(Disposition::Created));
    assert_eq!((output.progress, output.decision()), (Progress::Creating, "created"));
    assert_eq!(output.dataset_group, setup.dataset_group(DatasetGroupStatus::CreatePending));
    assert_eq!((output.since, output.wait_seconds, output.elapsed_seconds), (setup.started, 25, 0));
    assert_eq!(
        setup.take_calls().await,
        ["DescribeDatasetGroup ResourceNotFoundException", "CreateDatasetGroup effect"]
    );
    assert_eq!(setup.tags().await, ["team=media-secret"]);
}

#[tokio::test]
async fn the_group_lies_in_the_partition_region_and_account_of_the_function() {
    let settings = Settings {
        partition: "aws-cn".to_owned(),
        region: "cn-north-1".to_owned(),
        account: "123456789012".to_owned(),
        ..Settings::default()
    };
    let setup = Setup::start_with(settings, Pace::Deployed).await;
    let done = setup.provision(&request()).await.expect("provisioned");
    assert_eq!(
        done.dataset_group.dataset_group_arn,
        "arn:aws-cn:personalize:cn-north-1:123456789012:dataset-group/media"
    );
}
