//! A dataset group that exists in another way than it was asked for stays as it is.

use serde_json::{Value, json};
use simulators::DatasetGroupState;
use workflow_tests::{KEY, ROLE, Setup, changed, request};

const OTHER_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/other";
const OTHER_ROLE: &str = "arn:aws:iam::123456789012:role/other";

/// A side of a conflict: domain, key and role.
type Configuration = (Option<&'static str>, Option<&'static str>, Option<&'static str>);

fn asking_for((domain, key, role): Configuration) -> Value {
    changed(request(), &json!({"datasetGroup": {"domain": domain, "kmsKeyArn": key, "roleArn": role}}))
}

async fn put(setup: &Setup, status: &str, (domain, key, role): Configuration) {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let group = DatasetGroupState {
        status: Some(status.to_owned()),
        domain: owned(domain),
        kms_key_arn: owned(key),
        role_arn: owned(role),
        ..setup.older_group()
    };
    setup.put(group).await;
}

#[tokio::test]
async fn each_way_in_which_a_group_differs_is_named_and_nothing_is_changed() {
    let (shop, film) = (Some("ECOMMERCE"), Some("VIDEO_ON_DEMAND"));
    let (key, role) = (Some(KEY), Some(ROLE));
    let cases: [(Configuration, Configuration, &[&str]); 8] = [
        ((shop, None, None), (film, None, None), &["domain"]),
        ((shop, None, None), (None, None, None), &["domain"]),
        ((None, None, None), (shop, None, None), &["domain"]),
        ((shop, key, role), (shop, Some(OTHER_KEY), role), &["kmsKeyArn"]),
        ((shop, key, role), (shop, key, Some(OTHER_ROLE)), &["roleArn"]),
        ((shop, key, role), (shop, None, None), &["kmsKeyArn", "roleArn"]),
        ((shop, None, None), (shop, key, role), &["kmsKeyArn", "roleArn"]),
        ((film, key, role), (None, Some(OTHER_KEY), Some(OTHER_ROLE)), &["domain", "kmsKeyArn", "roleArn"]),
    ];
    for (asked, exists, named) in cases {
        for status in ["ACTIVE", "CREATE PENDING", "CREATE IN_PROGRESS"] {
            let setup = Setup::start().await;
            put(&setup, status, exists).await;
            let before = setup.group().await;
            let error = setup.create(&asking_for(asked)).await.expect_err("a conflict");
            assert_eq!(error.name(), "DatasetGroupConflict", "{asked:?} for {exists:?}");
            let cause = error.cause();
            assert_eq!(cause.resource, Some(setup.arn("media")));
            for (difference, member) in cause.differences.iter().zip(named) {
                let side = |(domain, key, role): Configuration| match *member {
                    "domain" => domain,
                    "kmsKeyArn" => key,
                    _ => role,
                };
                assert_eq!(difference.member, format!("datasetGroup.{member}"));
                assert_eq!(difference.requested.as_deref(), side(asked));
                assert_eq!(difference.existing.as_deref(), side(exists));
            }
            assert_eq!(cause.differences.len(), named.len());
            assert_eq!(setup.take_calls().await, ["DescribeDatasetGroup"]);
            assert_eq!(setup.group().await, before);
        }
    }
}

#[tokio::test]
async fn a_group_with_the_same_domain_key_and_role_is_no_conflict() {
    for configuration in [(Some("ECOMMERCE"), Some(KEY), Some(ROLE)), (None, None, None)] {
        let setup = Setup::start().await;
        put(&setup, "ACTIVE", configuration).await;
        setup.create(&asking_for(configuration)).await.expect("adopted");
    }
}

#[tokio::test]
async fn a_conflict_outlives_every_rerun() {
    let setup = Setup::start().await;
    put(&setup, "ACTIVE", (None, None, None)).await;
    for _ in 0..2 {
        let error = setup.provision(&request()).await.expect_err("a conflict");
        assert_eq!(error.name(), "DatasetGroupConflict");
    }
    assert_eq!(setup.effects().await, [""; 0]);
    assert_eq!(setup.profiles().await, []);
}
