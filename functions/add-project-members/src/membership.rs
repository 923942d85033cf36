//! What the group profile is in a project, beside what the request asks for. Pure: no I/O.

use contract::outcome::{Membership, MembershipChange};
use contract::plan::{ProjectAction, ProjectPlan};
use contract::request::{Designation, Project};

/// The profile as a member of the project.
pub(crate) fn membership(project: &Project, change: MembershipChange, designation: String) -> Membership {
    let project_identifier = project.project_identifier.as_str().to_owned();
    let requested_designation = requested_instead_of(&designation, project);
    Membership { project_identifier, change, designation, requested_designation }
}

/// What would be done about the project in which the profile has the designation, or is no member.
pub(crate) fn plan(project: &Project, found: Option<String>) -> ProjectPlan {
    let project_identifier = project.project_identifier.as_str().to_owned();
    let action = if found.is_some() { ProjectAction::Keep } else { ProjectAction::Add };
    let designation = found.unwrap_or_else(|| project.designation.as_str().to_owned());
    let requested_designation = requested_instead_of(&designation, project);
    ProjectPlan { project_identifier, action, designation, requested_designation }
}

fn requested_instead_of(designation: &str, project: &Project) -> Option<Designation> {
    (designation != project.designation.as_str()).then_some(project.designation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn project() -> Project {
        let project = json!({"projectIdentifier": "p1", "designation": "PROJECT_CATALOG_VIEWER"});
        let request = json!({"domainIdentifier": "dzd_a", "rolePrincipalArn": "arn:aws:iam::123456789012:role/analysts", "projects": [project]});
        let mut request: contract::request::GroupProfileRequest = serde_json::from_value(request).expect("a request");
        request.projects.remove(0)
    }

    #[test]
    fn the_requested_designation_is_told_only_where_the_member_has_another_one() {
        let requested = Designation::ProjectCatalogViewer;
        for (found, other) in [("PROJECT_CATALOG_VIEWER", None), ("PROJECT_OWNER", Some(requested))] {
            let membership = membership(&project(), MembershipChange::Kept, found.to_owned());
            assert_eq!((membership.designation.as_str(), membership.requested_designation), (found, other));
            let plan = plan(&project(), Some(found.to_owned()));
            assert_eq!((plan.action, plan.requested_designation), (ProjectAction::Keep, other));
        }
        let plan = plan(&project(), None);
        assert_eq!((plan.action, plan.designation.as_str()), (ProjectAction::Add, requested.as_str()));
        assert_eq!(plan.requested_designation, None);
    }
}
