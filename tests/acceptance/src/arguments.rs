//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Checks a deployed stack with your credentials, and asks the services what AWS documents nowhere.
///
/// Ends with 0 when every promise holds and nothing is left behind, 1 when not, 2 when it did not begin, and 130 when
/// interrupted.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// The stack of the workflow.
    #[arg(long)]
    pub stack: Option<String>,
    /// Its Region.
    #[arg(long)]
    pub region: Option<String>,
    /// The `DataZone` domain that gets one group profile.
    #[arg(long)]
    pub domain: Option<String>,
    /// Whom the profile is for: id or name of an Identity Center group, or the ARN of a role.
    #[arg(long)]
    pub group: Option<String>,
    /// A project that the profile joins and leaves.
    #[arg(long)]
    pub project: Option<String>,
    /// Do not ask before anything is created.
    #[arg(long)]
    pub yes: bool,
    /// Remove what an earlier run left behind, and nothing else.
    #[arg(long)]
    pub clean: bool,
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Part>,
    /// Where the journal and the report are.
    #[arg(long, default_value = "target/acceptance", hide = true)]
    pub folder: PathBuf,
    /// Part of all names that the run creates; random by default.
    #[arg(long, hide = true)]
    pub id: Option<String>,
    /// Real seconds for each second of waiting: below 1 for endpoints that are faster than AWS.
    #[arg(long, default_value_t = 1.0, hide = true)]
    pub pace: f64,
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The deployed roles.
    Roles,
    /// Questions about group profiles.
    Profile,
    /// Questions about members of projects.
    Members,
    /// Questions about dataset groups.
    Groups,
    /// Requests with their outcomes, the log and the metrics.
    Requests,
}

/// What every run needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    pub stack: String,
    pub region: String,
    pub domain: String,
    pub group: String,
}

impl Arguments {
    /// What every run needs, all or nothing: no default is safe.
    ///
    /// # Errors
    /// A sentence that names what is missing.
    pub fn needed(&self) -> Result<Needed, String> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        let members =
            [("STACK", &self.stack), ("REGION", &self.region), ("DOMAIN", &self.domain), ("GROUP", &self.group)];
        let missing: Vec<_> =
            members.iter().filter(|(_, value)| given(value).is_none()).map(|(name, _)| *name).collect();
        match (given(&self.stack), given(&self.region), given(&self.domain), given(&self.group)) {
            (Some(stack), Some(region), Some(domain), Some(group)) => Ok(Needed { stack, region, domain, group }),
            (_, _, _, _) => Err(format!(
                "{} missing; nothing was called.\n  make accept STACK=name REGION=us-east-1 DOMAIN=dzd_... GROUP=... \
                 [PROJECT=...] [YES=1]\n  GROUP is the id or name of an Identity Center group, or the ARN of a role. \
                 It gets a group profile in DOMAIN.",
                if missing.len() == 1 { format!("{} is", missing[0]) } else { format!("{} are", missing.join(", ")) },
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_domain_or_a_principal_is_refused_with_the_name() {
        let refused = |arguments: &[&str]| {
            let arguments = ["accept"].iter().chain(arguments);
            Arguments::parse_from(arguments).needed().expect_err("refused")
        };
        assert!(refused(&["--stack", "s", "--region", "r", "--group", "g"]).starts_with("DOMAIN is missing"));
        assert!(refused(&["--stack", "s", "--region", "r", "--domain", "d", "--group", ""]).starts_with("GROUP is"));
        assert!(refused(&[]).starts_with("STACK, REGION, DOMAIN, GROUP are missing"));
    }
}
