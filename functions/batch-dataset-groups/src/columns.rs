//! The columns of a CSV manifest.

use std::collections::BTreeSet;

use contract::Violation;
use contract::request::shown;

/// Every column that is known; each is a member of the request. A table has them in any order.
pub const COLUMNS: [&str; 9] = [
    "name",
    "domain",
    "kmsKeyArn",
    "roleArn",
    "tags",
    "domainIdentifier",
    "groupIdentifier",
    "rolePrincipalArn",
    "projects",
];

/// The columns that a table must have; of those in one item, one.
const REQUIRED: [&[&str]; 3] = [&["name"], &["domainIdentifier"], &["groupIdentifier", "rolePrincipalArn"]];

/// A name of a header, without the byte order mark, the spaces and the quotes that programs leave around it.
pub fn column(header: &str) -> &str {
    header.trim_start_matches('\u{feff}').trim().trim_matches('"')
}

/// What is wrong with a header.
pub fn violations<'a>(header: impl IntoIterator<Item = &'a str>) -> Vec<Violation> {
    let mut given = BTreeSet::new();
    let mut problems = Vec::new();
    for column in header.into_iter().map(column) {
        if !COLUMNS.contains(&column) {
            problems.push(format!("has the unknown column \"{}\"", shown(column)));
        } else if !given.insert(column) {
            problems.push(format!("repeats the column {column}"));
        }
    }
    let missing = REQUIRED.iter().filter(|columns| columns.iter().all(|column| !given.contains(column)));
    problems.extend(missing.map(|columns| format!("has no column {}", columns.join(" or "))));
    let violation = |problem| Violation {
        path: "header".to_owned(),
        problem,
        allowed: format!("the columns {}", COLUMNS.join(", ")),
    };
    problems.into_iter().map(violation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(header: &str) -> Vec<String> {
        violations(header.split(',')).into_iter().map(|violation| violation.problem).collect()
    }

    #[test]
    fn columns_may_have_any_order_and_what_programs_leave_around_them() {
        for header in [
            "name,domainIdentifier,groupIdentifier",
            "\u{feff}rolePrincipalArn, tags ,name,domainIdentifier",
            "\u{feff}\"name\",\"domainIdentifier\",groupIdentifier",
            &COLUMNS.join(","),
        ] {
            assert_eq!(problems(header), [""; 0], "{header}");
        }
    }

    #[test]
    fn unknown_repeated_and_missing_columns_are_named_with_those_that_are_known() {
        assert_eq!(
            problems("name,colour,name,,tags"),
            [
                "has the unknown column \"colour\"",
                "repeats the column name",
                "has the unknown column \"\"",
                "has no column domainIdentifier",
                "has no column groupIdentifier or rolePrincipalArn"
            ]
        );
        assert!(violations(["colour"])[0].allowed.starts_with("the columns name, domain, "));
    }
}
