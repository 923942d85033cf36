//! A dataset group that exists in another way than requested stays as it is.

use serde_json::json;
use simulators::DatasetGroupState;
use workflow_tests::{KEY, ROLE, Setup, changed, request};

#[tokio::test]
async fn each_way_in_which_a_group_differs_is_named_and_nothing_is_changed_also_by_a_rerun() {
    let other_key = "arn:aws:kms:us-east-1:123456789012:key/other";
    let (shop, film) = (Some("ECOMMERCE"), Some("VIDEO_ON_DEMAND"));
    // What exists as domain, key and role, and the members that differ from the request.
    let cases: [(_, &[&str]); 5] = [
        ((film, Some(KEY), Some(ROLE)), &["domain"]),
        ((None, Some(KEY), Some(ROLE)), &["domain"]),
        ((shop, Some(other_key), Some(ROLE)), &["kmsKeyArn"]),
        ((shop, Some(KEY), Some("arn:aws:iam::123456789012:role/other")), &["roleArn"]),
        ((None, None, None), &["domain", "kmsKeyArn", "roleArn"]),
    ];
    let encrypted = changed(request(), &json!({"datasetGroup": {"kmsKeyArn": KEY, "roleArn": ROLE}}));
    for ((domain, key, role), members) in cases {
        for status in ["ACTIVE", "CREATE PENDING", "CREATE IN_PROGRESS"] {
            let setup = Setup::start().await;
            let [status, domain, kms_key_arn, role_arn] =
                [Some(status), domain, key, role].map(|text| text.map(str::to_owned));
            setup.put(DatasetGroupState { status, domain, kms_key_arn, role_arn, ..setup.older_group() }).await;
            let before = setup.group().await;
            for _ in 0..2 {
                let error = setup.provision(&encrypted).await.expect_err("a conflict");
                assert_eq!((error.name(), error.cause().resource), ("DatasetGroupConflict", Some(setup.arn("media"))));
                let named: Vec<_> = error.cause().differences.into_iter().map(|difference| difference.member).collect();
                assert_eq!(named, members.iter().map(|member| format!("datasetGroup.{member}")).collect::<Vec<_>>());
            }
            assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"; 2]);
            assert_eq!(setup.group().await, before);
        }
    }
}
