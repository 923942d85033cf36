//! The switch of batches, and what they may do.

use repository_tests::{actions, template};
use serde_json::{Value, json};

use super::machines::without;
use super::properties;

#[test]
fn a_stack_without_a_bucket_for_manifests_has_nothing_of_batches() {
    assert_eq!(template()["Parameters"]["ManifestBucketName"]["Default"], "");
    for section in ["Resources", "Outputs"] {
        let rest = without("BatchIsOn", &template()[section]).expect("the rest");
        let rest = without("BatchHasAlarms", &rest).expect("the rest").to_string();
        // The variables of the dashboard are empty.
        let named = rest.replace("${Batch", "").replace("\"Batch", "");
        for word in ["Batch", "ProvisionDatasetGroups", "s3:", "Manifest", "DatasetGroups"] {
            assert!(!named.contains(word), "{word}: {:?}", named.split(word).nth(1));
        }
    }
}

/// What only AWS enforces: the role of the state machine reads one bucket, and starts executions of the two machines only.
#[test]
fn a_batch_reads_its_bucket_and_starts_its_rows_and_redrives_nothing() {
    let arn =
        |resource: &str| json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::${{ManifestBucketName}}{resource}")});
    let allowed = |action: &str| -> Vec<Value> {
        let role = properties("BatchMachineRole")["Policies"][0]["PolicyDocument"]["Statement"].as_array();
        let statements =
            role.expect("statements").iter().chain([&properties("BatchRowsPolicy")["PolicyDocument"]["Statement"][0]]);
        statements
            .filter(|statement| actions(statement).contains(&action))
            .map(|statement| statement["Resource"].clone())
            .collect()
    };
    assert_eq!(allowed("s3:GetObject"), [arn("/*")]);
    assert_eq!(allowed("s3:ListBucket"), [arn("")]);
    assert_eq!(
        allowed("states:StartExecution"),
        [json!({"Ref": "ProvisionDatasetGroup"}), json!({"Ref": "ProvisionDatasetGroups"})]
    );
    // Its own ARN stands outside of the role, which would be a circle.
    assert_eq!(properties("BatchRowsPolicy")["Roles"], json!([{"Ref": "BatchMachineRole"}]));
    assert!(!actions(template()).contains(&"states:RedriveExecution"));
}
