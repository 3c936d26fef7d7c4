//! Why a call gave no result: in words, and what a person does next.

use maud::{Markup, html};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::pretty::block;
use super::input::Form;
use super::result::cut;
use crate::executions::{ExecutionRecord, ExecutionState};
use salesforce_actions::Call;
use salesforce_actions::display::{line, lines, own_words};
use salesforce_runtime::bindings::types::ErrorKind;
use salesforce_runtime::names::{advice, advice_of_unknown, error_kind, error_kind_named};

/// Problems of an error that are shown.
const SHOWN_PROBLEMS: usize = 50;

/// What of an error is told.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    message: String,
    retryable: bool,
    problems: Vec<Told>,
    retry_after_ms: Option<u64>,
}

/// Salesforce's own words.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: String,
    message: String,
    fields: Vec<String>,
}

/// What a person does next.
fn next_step(record: &ExecutionRecord, retryable: bool) -> &'static str {
    if record.state == ExecutionState::Unknown {
        return advice_of_unknown(retryable);
    }
    let kind = record.error_kind.as_deref().unwrap_or_default();
    match (kind, error_kind_named(kind)) {
        (_, Some(kind)) => advice(kind),
        ("host-resource-exhausted", _) => "Ask for less at once, or have the tenant's memory limit raised.",
        ("host-deadline-exceeded", _) => "Ask for less at once, or have the tenant's time limit raised.",
        ("host-overloaded", _) => "Try again in a moment.",
        ("host-trapped" | "host-bad-result", _) => {
            "The component failed: if it is an upload, its author has to correct it."
        }
        _ => "Try again. If it fails again, tell the operator the execution's id.",
    }
}

pub(super) fn told(record: &ExecutionRecord, call: &Call, error: &RawValue) -> Markup {
    let mut failure: Failure = serde_json::from_str(error.get()).unwrap_or_default();
    if record.error_kind.as_deref() == Some(error_kind(ErrorKind::InvalidArgument)) {
        failure.message = Form::of(call.actions(), call.action()).wrong_at(&failure.message).words;
    }
    html! {
        p id="result-error" class="error" { (cut(&line(failure.own_words()))) }
        @if !failure.problems.is_empty() {
            ul id="result-problems" {
                @for told in failure.problems.iter().take(SHOWN_PROBLEMS) {
                    li { code { (cut(&line(&told.code))) }
                        @if !told.fields.is_empty() { " " (cut(&line(&told.fields.join(", ")))) }
                        pre { (cut(&lines(&told.message).join("\n"))) } }
                }
            }
        }
        p id="result-advice" { (next_step(record, failure.retryable))
            @if let Some(wait) = failure.retry_after_ms { " Salesforce asks to wait " (wait.div_ceil(1000)) " s." } }
        details { summary id="result-json-summary" { "The error as JSON" }
            (block("result-json", "The error as JSON", error.get(), None)) }
    }
}

impl Failure {
    /// The message without Salesforce's words, which follow it.
    fn own_words(&self) -> &str {
        let own = self.problems.iter().map(|told| own_words(&self.message, &told.message));
        own.min_by_key(|own| own.len()).unwrap_or(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_salesforce_says_is_told_once_and_below_the_message() {
        let told = |message: &str| Told { message: message.to_owned(), ..Told::default() };
        let message = "Salesforce refused with MALFORMED_QUERY (status 400): SELEC Id ^ unexpected token".to_owned();
        let problems = vec![told(""), told("\nSELEC Id\n^\nunexpected token")];
        let failure = Failure { message, problems, ..Failure::default() };
        assert_eq!(failure.own_words(), "Salesforce refused with MALFORMED_QUERY (status 400)");
        let plain = Failure { message: "expected a cursor".to_owned(), ..Failure::default() };
        assert_eq!(plain.own_words(), "expected a cursor");
    }
}
