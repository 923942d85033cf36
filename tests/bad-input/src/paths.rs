//! The JSON path of a violation, read back and followed, to see that it leads to what is at fault.

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To a member of an object.
    Member(String),
    /// To an item of a list.
    Item(usize),
}

/// The steps of a path, such as `$.datasetGroup.tags[0]['a.b']`.
///
/// # Errors
/// When it is no such path.
pub fn steps(path: &str) -> Result<Vec<Step>, String> {
    let wrong = || format!("{path:?} is no JSON path");
    let mut rest = path.strip_prefix('$').ok_or_else(wrong)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let step;
        (step, rest) = first(rest).ok_or_else(wrong)?;
        steps.push(step);
    }
    Ok(steps)
}

/// Where the steps lead; nothing when the document has no such place.
pub(crate) fn follow<'a>(document: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(document, |value, step| match step {
        Step::Item(index) => value.get(index),
        Step::Member(name) => value.get(name).or_else(|| cut(value, name)),
    })
}

/// A long name is shown by its beginning.
fn cut<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let beginning = name.strip_suffix("...")?;
    value.as_object()?.iter().find(|(member, _)| member.starts_with(beginning)).map(|(_, value)| value)
}

fn first(rest: &str) -> Option<(Step, &str)> {
    if let Some(rest) = rest.strip_prefix("['") {
        return quoted(rest);
    }
    if let Some(rest) = rest.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        return Some((Step::Item(index.parse().ok()?), rest));
    }
    let rest = rest.strip_prefix('.')?;
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain.then(|| (Step::Member(name.to_owned()), rest))
}

fn quoted(rest: &str) -> Option<(Step, &str)> {
    let mut units = Vec::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '\'' => break,
            '\\' => match characters.next()? {
                'u' => {
                    let digits: String = characters.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).ok()?);
                }
                escaped @ ('\'' | '\\') => units.push(u16::try_from(u32::from(escaped)).ok()?),
                _ => return None,
            },
            plain => units.extend_from_slice(plain.encode_utf16(&mut [0; 2])),
        }
    }
    Some((Step::Member(String::from_utf16(&units).ok()?), characters.as_str().strip_prefix(']')?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_what_it_names() {
        let document = json!({"a": [{"b": 1}], "it's \\ \u{1f600}": 2, "a.b": 3, "x".repeat(70): 4});
        let long = format!("$['{}...']", "x".repeat(64));
        for (path, value) in [
            ("$.a[0].b", json!(1)),
            (r"$['it\'s \\ \ud83d\ude00']", json!(2)),
            ("$['a.b']", json!(3)),
            (&long, json!(4)),
            ("$", document.clone()),
        ] {
            assert_eq!(follow(&document, &steps(path).expect("a path")), Some(&value), "{path}");
        }
        for absent in ["$.b", "$.a[1]", "$.a.b"] {
            assert_eq!(follow(&document, &steps(absent).expect("a path")), None, "{absent}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["", "a", "$a", "$.", "$.a b", "$[x]", "$['a", r"$['\q']", "$[0"] {
            assert!(steps(text).is_err(), "{text}");
        }
    }
}
