//! The rows of the report: promises and questions with their answers.

use serde::Serialize;

use crate::trouble::Trouble;

/// A question about behaviour that AWS documents nowhere.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub text: &'static str,
    /// What the simulators answer, with their settings as they are by default; nothing if they assume nothing.
    pub assumed: Option<&'static str>,
}

/// What came of a promise or a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The promise holds.
    Holds,
    /// The promise does not hold.
    Fails,
    /// The answer is what the simulators assume.
    Same,
    /// The answer is another one.
    Differs,
    /// The simulators assume nothing.
    Measured,
    /// The question has no answer, because a call failed.
    Unanswered,
    /// It needs something that is not there.
    NotAsked,
    /// The endpoint is not AWS, and does not know the operation.
    NotPlayed,
}

impl Verdict {
    pub const fn text(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "FAILS",
            Self::Same => "same",
            Self::Differs => "differs",
            Self::Measured => "measured",
            Self::Unanswered => "unanswered",
            Self::NotAsked => "not asked",
            Self::NotPlayed => "not played",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub about: String,
    pub answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<&'static str>,
    pub verdict: Verdict,
}

impl Row {
    pub fn promise(about: &str, outcome: Result<String, Trouble>) -> Self {
        let (answer, verdict) = judged(outcome, Verdict::Holds, Verdict::Fails);
        Self { about: about.to_owned(), answer, assumed: None, verdict }
    }

    pub fn question(question: Question, answer: Result<String, Trouble>) -> Self {
        let compared = match (&answer, question.assumed) {
            (Ok(answer), Some(assumed)) if answer == assumed => Verdict::Same,
            (_, Some(_)) => Verdict::Differs,
            (_, None) => Verdict::Measured,
        };
        let (answer, verdict) = judged(answer, compared, Verdict::Unanswered);
        Self { about: question.text.to_owned(), answer, assumed: question.assumed, verdict }
    }

    /// Whether a promise is broken. A question may have any answer.
    pub fn fails(&self) -> bool {
        self.verdict == Verdict::Fails
    }
}

fn judged(outcome: Result<String, Trouble>, ok: Verdict, failed: Verdict) -> (String, Verdict) {
    match outcome {
        Ok(answer) => (answer, ok),
        Err(trouble) => {
            let verdict = match trouble {
                Trouble::NotPlayed(_) => Verdict::NotPlayed,
                Trouble::NotAsked(_) => Verdict::NotAsked,
                Trouble::Denied(_) | Trouble::WorkflowDenied(_) | Trouble::Broken(_) => failed,
            };
            (trouble.to_string(), verdict)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: Question = Question { text: "status of a new profile", assumed: Some("ASSIGNED") };

    #[test]
    fn an_answer_is_compared_with_what_the_simulators_assume() {
        let verdict = |answer: &str| Row::question(QUESTION, Ok(answer.to_owned())).verdict;
        assert_eq!(verdict("ASSIGNED"), Verdict::Same);
        assert_eq!(verdict("NOT_ASSIGNED"), Verdict::Differs);
        let measured = Question { assumed: None, ..QUESTION };
        assert_eq!(Row::question(measured, Ok("3 s".to_owned())).verdict, Verdict::Measured);
    }

    #[test]
    fn only_a_broken_promise_fails() {
        let troubles = [
            (Trouble::NotAsked("no project".to_owned()), false),
            (Trouble::NotPlayed("x:Y".to_owned()), false),
            (Trouble::Denied("x:Y".to_owned()), true),
            (Trouble::Broken("no".to_owned()), true),
        ];
        for (trouble, fails) in troubles {
            assert_eq!(Row::promise("p", Err(trouble.clone())).fails(), fails, "{trouble}");
            assert!(!Row::question(QUESTION, Err(trouble)).fails());
        }
    }

    #[test]
    fn a_missing_permission_is_named() {
        let row = Row::question(QUESTION, Err(Trouble::Denied("datazone:GetGroupProfile".to_owned())));
        assert_eq!(row.verdict, Verdict::Unanswered);
        assert!(row.answer.contains("datazone:GetGroupProfile"), "{}", row.answer);
    }
}
