//! The simulated ARNs.

use crate::settings::Settings;

/// ARN of the dataset group of a name.
pub fn dataset_group(settings: &Settings, name: &str) -> String {
    personalize(settings, "dataset-group", name)
}

/// ARN of a resource of Personalize.
pub fn personalize(settings: &Settings, resource: &str, name: &str) -> String {
    let Settings { partition, region, account, .. } = settings;
    format!("arn:{partition}:personalize:{region}:{account}:{resource}/{name}")
}

/// The name in the ARN of a dataset group, whatever its account and region.
pub fn dataset_group_name(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let service = parts.nth(2)?;
    let resource = parts.nth(2)?;
    resource.strip_prefix("dataset-group/").filter(|_| service == "personalize")
}

/// ARN of a `DataZone` domain.
pub fn domain(settings: &Settings, id: &str) -> String {
    let Settings { partition, region, account, .. } = settings;
    format!("arn:{partition}:datazone:{region}:{account}:domain/{id}")
}

/// Who is calling, as refusals name them: signatures are not verified, so everybody is the same.
pub fn caller(settings: &Settings) -> String {
    let Settings { partition, account, .. } = settings;
    format!("arn:{partition}:sts::{account}:assumed-role/simulated-caller/session")
}
