//! The laws of `bad_input`, and the agreement with the schema, for documents of every kind.

use bad_input::{Judgement, judged, judged_as_retirement};
use serde_json::Value;

use crate::documents::{any_document, valid_request, valid_retirement};
use crate::mutations::mutated;
use crate::run::{cases, hold};
use crate::schema::{self, Schema};

/// What became of the document, when every law holds and the schema agrees.
pub fn lawful(document: &Value) -> Result<&'static str, String> {
    agreed(&schema::REQUEST, document, &judged(document)?)
}

/// The same of a request to retire a group.
pub fn lawful_retirement(document: &Value) -> Result<&'static str, String> {
    agreed(&schema::RETIREMENT, document, &judged_as_retirement(document)?)
}

fn agreed<T>(schema: &Schema, document: &Value, judgement: &Judgement<T>) -> Result<&'static str, String> {
    schema.agrees(document, judgement)?;
    Ok(match judgement {
        Judgement::Accepted(_) => "accepted",
        Judgement::Refused(_) => "refused",
    })
}

#[test]
fn any_document_at_all_is_a_request_or_refused_with_reasons() {
    hold("any document", cases(), &any_document(), lawful);
    hold("any document", cases(), &any_document(), lawful_retirement);
}

#[test]
fn a_valid_request_with_a_few_mutations_is_a_request_or_refused_with_reasons() {
    hold("mutated requests", 2 * cases(), &mutated(valid_request()), lawful);
    hold("mutated retirements", cases(), &mutated(valid_retirement()), lawful_retirement);
}

#[test]
fn every_valid_request_is_accepted() {
    hold("valid requests", cases() / 2, &valid_request(), |document| match lawful(document)? {
        "accepted" => Ok("accepted"),
        _ => Err(format!("{:?}", judged(document))),
    });
}

#[test]
fn every_valid_retirement_is_accepted() {
    hold("valid retirements", cases() / 2, &valid_retirement(), |document| match lawful_retirement(document)? {
        "accepted" => Ok("accepted"),
        _ => Err(format!("{:?}", judged_as_retirement(document))),
    });
}
