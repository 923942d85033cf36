//! The event of EventBridge around a request.

use serde_json::Value;

use super::Violation;
use super::text::described;

/// The request in the input of an execution: the whole input, or the detail where the input is an event of the type
/// `requested`. An event has the member `detail-type`. Of the others only `detail` is read here: EventBridge wrote them.
///
/// # Errors
/// An event of another type, or without a detail. Its path is `$`, because nobody has read the request.
pub(super) fn request<'a>(input: &'a Value, requested: &str) -> Result<&'a Value, Violation> {
    let given = |member: &str| input.get(member).filter(|value| !value.is_null());
    let Some(detail_type) = given("detail-type") else { return Ok(input) };
    let detail = given("detail");
    let problem = match (detail_type.as_str(), detail) {
        (Some(known), Some(detail)) if known == requested => return Ok(detail),
        (Some(known), None) if known == requested => "is an event without a detail".to_owned(),
        (Some(other), _) => format!("is an event whose detail-type {}", described(other)),
        (None, _) => "is an event whose detail-type is not a string".to_owned(),
    };
    let allowed = format!("a request, or an event with the detail-type \"{requested}\" and the request as its detail");
    Err(Violation { path: "$".to_owned(), problem, allowed })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::outcome::REQUESTED;
    use crate::retirement::RETIREMENT_REQUESTED;

    #[test]
    fn an_event_is_told_by_its_detail_type_and_only_its_detail_is_the_request() {
        let asked = json!({"datasetGroup": {"name": "media"}});
        let event = json!({"detail-type": REQUESTED, "source": "me", "resources": [], "detail": asked});
        for input in [&asked, &event] {
            assert_eq!(request(input, REQUESTED), Ok(&asked));
        }
        for input in [json!(null), json!([{"detail-type": REQUESTED}]), json!("x"), json!({"detail-type": null})] {
            assert_eq!(request(&input, REQUESTED), Ok(&input));
        }
    }

    #[test]
    fn an_event_of_another_type_or_without_a_detail_is_refused_by_name() {
        for (event, problem) in [
            (json!({"detail-type": "Dataset Group Deleted", "detail": {}}), "\"Dataset Group Deleted\""),
            (json!({"detail-type": RETIREMENT_REQUESTED, "detail": {}}), "\"Dataset Group Retirement Requested\""),
            (json!({"detail-type": {"_jsonata_lambda": true}, "detail": {}}), "not a string"),
            (json!({"detail-type": REQUESTED}), "without a detail"),
            (json!({"detail-type": REQUESTED, "detail": null}), "without a detail"),
        ] {
            let violation = request(&event, REQUESTED).expect_err("refused");
            assert_eq!(violation.path, "$");
            assert!(violation.problem.contains(problem), "{violation:?}");
        }
    }
}
