//! Bytes as the payload of the first function of each state machine: what is JSON is a request or refused with reasons, by the
//! laws of `bad_input`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else { return Corpus::Reject };
    let judged = bad_input::judged(&document).map(drop).and(bad_input::judged_as_retirement(&document).map(drop));
    if let Err(law) = judged {
        panic!("{law}");
    }
    Corpus::Keep
});
