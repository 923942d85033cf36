//! The log of the simulators, short enough to be compared as a whole.

use simulators::{Answer, Call, Word};

/// A call in words: the operation, then the error that was answered, `cut` or `pending`, and `effect` when it changed
/// anything, as in `CreateDatasetGroup cut effect`.
pub(crate) fn described(call: &Call) -> String {
    let mut words = vec![call.operation.as_str()];
    words.extend(call.error_code.as_deref());
    match call.status {
        Answer::Status(_) => {}
        Answer::Word(Word::Cut) => words.push("cut"),
        Answer::Word(Word::Pending) => words.push("pending"),
    }
    if call.effect {
        words.push("effect");
    }
    words.join(" ")
}
