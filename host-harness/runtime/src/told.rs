//! A component's error as it may be passed on: within bounds, clean, and no better than the host's journal.
//!
//! The component's word counts where it makes things worse, never where it makes them better. What the journal cannot know
//! (the kind, the org's words) is the component's, bounded.

use salesforce_connector::core::error::{FIELD, MESSAGE, PROBLEM_CODE, PROBLEM_MESSAGE, as_written, printable};

use crate::bindings::types::{Error, ErrorKind, Outcome, Problem};
use crate::egress::Entries;
use crate::names;

const PROBLEMS: usize = 100;
const FIELDS: usize = 100;
/// Bytes of all problems together. Those that begin beyond it are dropped.
const PROBLEMS_BYTES: usize = 64 << 10;
/// Bytes and nesting of the detail, which is dropped if it has more: half of it would not be JSON.
const DETAIL_BYTES: usize = 256 << 10;
/// Salesforce's Ids of requests are letters, digits and a few marks.
const REQUEST_ID: usize = 100;
/// As `types.wit` says.
const RETRY_AFTER_MS: u64 = 3_600_000;

/// The error, ready to be told.
pub(super) fn settled(mut error: Error, seen: &Entries) -> Error {
    error.message = match seen.withheld() {
        // The host knows better why.
        Some(advice) if error.kind == ErrorKind::DeniedByHost => advice.to_owned(),
        _ => printable(&error.message, MESSAGE),
    };
    error.problems = problems(error.problems);
    error.detail = error.detail.filter(|detail| is_bounded_json(detail));
    error.request_id = error.request_id.filter(|id| is_request_id(id));
    error.retry_after_ms = error.retry_after_ms.map(|wait| wait.min(RETRY_AFTER_MS));
    error.status = error.status.filter(|status| seen.has_status(*status));
    correct(&mut error, seen);
    error
}

/// An outcome is never better than the journal, and what is worse than it seemed is not to be repeated blindly. Where nothing left the
/// host, that is known, whatever a component could see of it.
fn correct(error: &mut Error, seen: &Entries) {
    if error.outcome == Outcome::Unknown && !seen.may_have_left() {
        error.outcome = Outcome::NotSent;
        if error.kind == ErrorKind::Timeout {
            error.retryable = true;
            error.message = "no connection came up before the deadline: nothing was sent".to_owned();
        }
    }
    if !seen.allows(error.outcome) {
        let claimed = names::outcome(error.outcome);
        error.outcome = seen.best_outcome();
        let advice = if seen.has_open_writes() {
            error.retryable = false;
            "a request that can change something left this host and was not refused: look at Salesforce before you repeat it"
        } else {
            "requests left this host"
        };
        error.message = format!("the component says `{claimed}`, but {advice}. Its words: {}", error.message);
    }
    if error.outcome == Outcome::Unknown && seen.could_double() {
        error.retryable = false;
    }
}

fn problems(problems: Vec<Problem>) -> Vec<Problem> {
    let mut left = PROBLEMS_BYTES;
    let bounded = problems.into_iter().take(PROBLEMS).map(|problem| Problem {
        code: printable(&problem.code, PROBLEM_CODE),
        message: as_written(&problem.message, PROBLEM_MESSAGE),
        fields: problem.fields.iter().take(FIELDS).map(|field| printable(field, FIELD)).collect(),
    });
    let fits = |problem: &Problem| {
        let fields: usize = problem.fields.iter().map(|field| field.len() + 3).sum();
        let bytes = problem.code.len() + problem.message.len() + fields;
        left.checked_sub(bytes).map(|rest| left = rest).is_some()
    };
    bounded.take_while(fits).collect()
}

/// Parsed as values, for that bounds the nesting as well.
fn is_bounded_json(text: &str) -> bool {
    text.len() <= DETAIL_BYTES && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn is_request_id(id: &str) -> bool {
    (1..=REQUEST_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::Entry;

    fn error() -> Error {
        Error {
            kind: ErrorKind::InvalidRecord,
            outcome: Outcome::Unknown,
            retryable: false,
            retry_after_ms: None,
            message: "no".to_owned(),
            status: None,
            problems: Vec::new(),
            detail: None,
            request_id: None,
        }
    }

    /// Of an execution of which a request that writes has left.
    fn told(error: Error) -> Error {
        let mut seen = Entries::default();
        seen.leaves(Entry::of(&http::Request::post("/services/data/v67.0/sobjects/Account").body(()).unwrap(), false));
        settled(error, &seen)
    }

    #[test]
    fn what_never_left_the_host_was_not_sent_whatever_a_component_could_see() {
        let told = |kind| settled(Error { kind, ..error() }, &Entries::default());
        let late = told(ErrorKind::Timeout);
        assert_eq!((late.outcome, late.retryable), (Outcome::NotSent, true));
        assert_eq!(late.message, "no connection came up before the deadline: nothing was sent");
        let other = told(ErrorKind::InvalidResponse);
        assert_eq!((other.outcome, other.retryable, other.message.as_str()), (Outcome::NotSent, false, "no"));
    }

    #[test]
    fn s04_every_text_of_an_error_is_bounded_and_cleaned() {
        let long = "\u{1}\u{202e}x".repeat(5_000);
        let wide = Problem { code: long.clone(), message: long.clone(), fields: vec![long.clone(); 200] };
        let slim = Problem { fields: Vec::new(), ..wide.clone() };
        let problems = std::iter::once(wide).chain(vec![slim; 200]).collect();
        let told = told(Error { message: long.clone(), problems, request_id: Some(long), ..error() });
        let bytes: usize = told
            .problems
            .iter()
            .map(|problem| {
                let fields: usize = problem.fields.iter().map(String::len).sum();
                assert!(problem.message.chars().count() <= PROBLEM_MESSAGE);
                problem.code.len() + problem.message.len() + fields
            })
            .sum();
        assert!(bytes <= PROBLEMS_BYTES && !told.problems.is_empty(), "{bytes}");
        assert!(told.message.chars().count() <= MESSAGE);
        assert_eq!(told.request_id, None);
        for Problem { code, message, fields } in &told.problems {
            assert!(!message.contains('\u{1}'));
            assert!(!code.contains(['\u{1}', '\u{202e}']) && !fields.concat().contains(['\u{1}', '\u{202e}']));
        }
        assert!(!told.message.contains(['\u{1}', '\u{202e}']));
        let words = r"\u{1}\u{202e}x";
        assert!(told.message.starts_with(words), "{}", told.message);
    }

    #[test]
    fn s04_what_salesforce_says_is_told_word_for_word() {
        let problem = Problem {
            code: "REQUIRED_FIELD_MISSING".to_owned(),
            message: "Required: [Größe] 東京\n\t  ^".to_owned(),
            fields: vec!["Size__c".to_owned()],
        };
        let given = Error {
            message: "Salesforce refused".to_owned(),
            problems: vec![problem; 3],
            detail: Some(r#"{"allowSave":true,"size":1.50}"#.to_owned()),
            request_id: Some("5f3c1a9d8e7b6a5c-0_1".to_owned()),
            retry_after_ms: Some(7_000),
            ..error()
        };
        assert_eq!(format!("{:?}", told(given.clone())), format!("{given:?}"));
    }

    #[test]
    fn what_the_policy_has_words_for_is_told_in_these_where_the_component_was_denied() {
        let mut seen = Entries::default();
        seen.withhold("switch it on");
        let told = |kind, seen| settled(Error { kind, outcome: Outcome::NotSent, ..error() }, seen).message;
        assert_eq!(told(ErrorKind::DeniedByHost, &seen), "switch it on");
        assert_eq!(told(ErrorKind::NotFound, &seen), "no");
        assert_eq!(told(ErrorKind::DeniedByHost, &Entries::default()), "no");
    }

    #[test]
    fn s04_a_detail_that_is_no_json_or_too_large_or_too_deep_is_dropped() {
        for detail in ["", "{", "\u{1}", &"[".repeat(50_000), &format!("{}{}", "[".repeat(1_000), "]".repeat(1_000))] {
            assert_eq!(told(Error { detail: Some(detail.to_owned()), ..error() }).detail, None);
        }
        let large = format!("\"{}\"", "x".repeat(DETAIL_BYTES));
        assert_eq!(told(Error { detail: Some(large), ..error() }).detail, None);
    }

    #[test]
    fn s04_numbers_and_ids_that_salesforce_does_not_give_are_dropped_or_bounded() {
        for id in ["", " ", "a b", "x\n", "ü", "<b>", &"a".repeat(101)] {
            assert_eq!(told(Error { request_id: Some(id.to_owned()), ..error() }).request_id, None, "{id:?}");
        }
        let told = told(Error { status: Some(65_535), retry_after_ms: Some(u64::MAX), ..error() });
        assert_eq!((told.status, told.retry_after_ms), (None, Some(RETRY_AFTER_MS)));
    }
}
