//! The laws of `bad_input`, and the agreement with the schema, for documents of every kind.

use bad_input::{Judgement, judged};
use serde_json::Value;

use crate::documents::{any_document, valid_request};
use crate::mutations::mutated_request;
use crate::run::{cases, hold};
use crate::schema;

/// What became of the document, when every law holds and the schema agrees.
pub fn lawful(document: &Value) -> Result<&'static str, String> {
    let judgement = judged(document)?;
    schema::agrees(document, &judgement)?;
    Ok(match judgement {
        Judgement::Accepted(_) => "accepted",
        Judgement::Refused(_) => "refused",
    })
}

#[test]
fn any_document_at_all_is_a_request_or_refused_with_reasons() {
    hold("any document", cases(), &any_document(), lawful);
}

#[test]
fn a_valid_request_with_a_few_mutations_is_a_request_or_refused_with_reasons() {
    hold("mutated requests", 2 * cases(), &mutated_request(), lawful);
}

#[test]
fn every_valid_request_is_accepted() {
    hold("valid requests", cases() / 2, &valid_request(), |document| match lawful(document)? {
        "accepted" => Ok("accepted"),
        _ => Err(format!("{:?}", judged(document))),
    });
}
