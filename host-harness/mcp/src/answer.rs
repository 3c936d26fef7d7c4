//! What a client is answered: a result within its bound, or an error and what to do next.

use rmcp::model::{CallToolResult, ContentBlock, MetaObject};
use salesforce_actions::Effect;
use salesforce_actions::table::Tally;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::RESULT_BYTES;
use crate::host::{Ended, Ran, Refusal};
use crate::texts::{ErrorFacts, next_step, within};
use crate::tools::Entry;

/// Bytes of an error's JSON; of a longer one the members that matter are told.
const ERROR_BYTES: usize = 32 << 10;
/// Problems of such an error, and bytes of each text in it.
const MOST_PROBLEMS: usize = 20;
const LONGEST_TEXT: usize = 500;

/// How a call of this tool went.
pub(crate) fn answer(entry: &Entry, ran: Ran) -> CallToolResult {
    let Ran { ended, execution, replayed } = ran;
    let result = match ended {
        Ended::Succeeded(json) => succeeded(entry, &json, execution.as_deref()),
        Ended::Failed { error, advice } => failed(entry, &error, advice),
        Ended::Refused(refusal) => refused(&refusal),
        Ended::Cancelled => text_error("It was cancelled. It only reads, so nothing was changed.".to_owned()),
        Ended::Forgotten { state } => forgotten(&state, execution.as_deref()),
    };
    let mut meta = Map::new();
    if let Some(id) = execution {
        meta.insert("execution".to_owned(), Value::String(id));
        meta.insert("replayed".to_owned(), Value::Bool(replayed));
    }
    if meta.is_empty() { result } else { CallToolResult::with_meta(result, Some(MetaObject(meta))) }
}

fn succeeded(entry: &Entry, json: &RawValue, execution: Option<&str>) -> CallToolResult {
    let (text, bytes) = (json.get(), json.get().len());
    let parts = Tally::of_result(json).and_then(|tally| what_failed(&tally));
    if bytes <= RESULT_BYTES {
        let texts = parts.into_iter().chain([text.to_owned()]);
        return CallToolResult::success(texts.map(ContentBlock::text).collect());
    }
    if entry.effect == Effect::Writes {
        // An error would say that it is to be done again.
        let done = parts.unwrap_or_else(|| "It was done: do not repeat it.".to_owned());
        let whole = execution.map(|id| format!(" The execution {id} has the whole result, in the server's log."));
        let note = format!(
            "{done} The result has {bytes} bytes, and the first {RESULT_BYTES} of them follow, cut off.{}",
            whole.unwrap_or_default()
        );
        let beginning = text.get(..text.floor_char_boundary(RESULT_BYTES)).unwrap_or_default();
        return CallToolResult::success(vec![ContentBlock::text(note), ContentBlock::text(beginning)]);
    }
    let less = if entry.gives_page {
        "Name fewer fields, bound the query with LIMIT (or `max_records`), or ask for pages with a `batch_size` of 200 or more and \
         follow `next` with next-page."
    } else {
        "Ask for less at once: fewer fields, fewer records, or a range of a file."
    };
    text_error(format!("The result has {bytes} bytes, and an agent is given at most {RESULT_BYTES}. {less}"))
}

/// Of a result with several parts: how many failed, and what to do about them.
fn what_failed(tally: &Tally) -> Option<String> {
    let told = tally.told()?;
    let unknown = match tally.unknown {
        0 => "",
        _ => " Where the outcome is `unknown` it may have been done: look in Salesforce before you repeat that.",
    };
    Some(format!(
        "{told}. Do not repeat the whole call: correct what was refused, which changed nothing, and send that alone.{unknown}"
    ))
}

fn failed(entry: &Entry, error: &RawValue, advice: Option<String>) -> CallToolResult {
    let facts: ErrorFacts = serde_json::from_str(error.get()).unwrap_or_default();
    let next = advice.unwrap_or_else(|| next_step(entry.effect, &facts, entry.takes_key));
    let told = if error.get().len() <= ERROR_BYTES { error.get().to_owned() } else { shortened(error) };
    CallToolResult::error(vec![ContentBlock::text(told), ContentBlock::text(next)])
}

/// A refusal as an error of the same form as any other.
pub(crate) fn refused(refusal: &Refusal) -> CallToolResult {
    #[derive(Serialize)]
    struct View<'a> {
        kind: &'a str,
        outcome: &'static str,
        retryable: bool,
        retry_after_ms: Option<u64>,
        message: &'a str,
    }
    let Refusal { kind, message, retryable, retry_after_ms, advice } = refusal;
    let message = &within(message.clone(), ERROR_BYTES);
    let view = View { kind, outcome: "not-sent", retryable: *retryable, retry_after_ms: *retry_after_ms, message };
    // Texts, numbers and booleans alone: this cannot fail.
    let told = serde_json::to_string(&view).unwrap_or_default();
    let next = format!("Nothing was sent to Salesforce. {advice}");
    CallToolResult::error(vec![ContentBlock::text(told), ContentBlock::text(next)])
}

fn forgotten(state: &str, execution: Option<&str>) -> CallToolResult {
    let id = execution.unwrap_or("with this key");
    text_error(format!(
        "The execution {id} was recorded before, and ended as `{state}`. What it gave is no longer kept; nothing was sent now."
    ))
}

fn text_error(text: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// What matters of an error that is longer than an agent should read.
fn shortened(error: &RawValue) -> String {
    #[derive(Default, Deserialize, Serialize)]
    #[serde(default)]
    struct Told {
        kind: String,
        outcome: String,
        retryable: bool,
        retry_after_ms: Option<u64>,
        message: String,
        status: Option<u16>,
        problems: Vec<Problem>,
        request_id: Option<String>,
        /// Beside what the error has.
        shortened: bool,
    }
    #[derive(Default, Deserialize, Serialize)]
    #[serde(default)]
    struct Problem {
        code: String,
        message: String,
        fields: Vec<String>,
    }
    let mut told: Told = serde_json::from_str(error.get()).unwrap_or_default();
    told.shortened = true;
    told.message = within(told.message, LONGEST_TEXT);
    told.problems.truncate(MOST_PROBLEMS);
    for problem in &mut told.problems {
        problem.message = within(std::mem::take(&mut problem.message), LONGEST_TEXT);
        problem.fields.truncate(MOST_PROBLEMS);
    }
    serde_json::to_string(&told).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{Place, Tools};
    use salesforce_actions::Actions;
    use serde_json::json;

    fn tools() -> Tools {
        Tools::new(Actions::of_connector().clone(), Place::Server, true, "")
    }

    fn told(tool: &str, ended: Ended) -> (bool, Vec<String>) {
        let ran = Ran { ended, execution: Some("e1".to_owned()), replayed: true };
        let result = serde_json::to_value(answer(tools().named(tool).unwrap(), ran)).unwrap();
        assert_eq!(result["_meta"], json!({"execution": "e1", "replayed": true}));
        assert_eq!(result.get("structuredContent"), None);
        let texts =
            result["content"].as_array().unwrap().iter().map(|block| block["text"].as_str().unwrap().to_owned());
        (result["isError"].as_bool().unwrap(), texts.collect())
    }

    fn raw(text: impl Into<String>) -> Box<RawValue> {
        RawValue::from_string(text.into()).unwrap()
    }

    #[test]
    fn a_result_is_the_text_that_the_action_gave() {
        let text = r#"{"records":[{"N":9007199254740993,"D":0.10,"A":1,"A":2}]}"#;
        assert_eq!(told("soql-query", Ended::Succeeded(raw(text))), (false, vec![text.to_owned()]));
    }

    #[test]
    fn a_result_that_is_too_long_says_how_to_ask_for_less() {
        let fits = raw(format!("\"{}\"", "ä".repeat(RESULT_BYTES / 2 - 1)));
        assert_eq!(fits.get().len(), RESULT_BYTES);
        assert!(!told("soql-query", Ended::Succeeded(fits)).0);
        let long = || Ended::Succeeded(raw(format!("\"{}\"", "ä".repeat(RESULT_BYTES / 2))));
        let (is_error, texts) = told("soql-query", long());
        assert!(is_error && texts.len() == 1 && texts[0].contains("LIMIT") && texts[0].contains("262144"), "{texts:?}");
        assert!(told("user-info", long()).1[0].contains("fewer fields"));
    }

    #[test]
    fn a_write_whose_result_is_too_long_was_done_all_the_same() {
        let (is_error, texts) =
            told("delete-record", Ended::Succeeded(raw(format!("\"{}\"", "ä".repeat(RESULT_BYTES)))));
        assert!(!is_error && texts[0].starts_with("It was done: do not repeat it."), "{}", texts[0]);
        assert!(texts[0].contains("execution e1"), "{}", texts[0]);
        assert_eq!(texts[1].len(), RESULT_BYTES - 1);
    }

    #[test]
    fn what_failed_of_several_parts_is_told_first() {
        let result = |size: usize| {
            let page = json!({"ok": {"records": {"records": "x".repeat(size)}}});
            let error = json!({"error": {"kind": "invalid-response", "outcome": "unknown", "message": "m"}});
            Ended::Succeeded(raw(json!({"results": [page, error]}).to_string()))
        };
        let (is_error, texts) = told("composite", result(1));
        assert!(!is_error && texts.len() == 2, "{texts:?}");
        let first = "1 of 2 failed: 1 invalid-response; the outcome of 1 is unknown. Do not repeat the whole call";
        assert!(texts[0].starts_with(first) && texts[0].contains("look in Salesforce"), "{}", texts[0]);
        let (is_error, texts) = told("composite", result(RESULT_BYTES));
        assert!(!is_error && texts[0].starts_with(first) && texts[0].contains("cut off"), "{}", texts[0]);
    }

    #[test]
    fn an_error_is_told_as_it_came_with_what_to_do_next() {
        let error = r#"{"kind":"interrupted","outcome":"unknown","retryable":false,"retry_after_ms":null,"message":"it broke off"}"#;
        let (is_error, texts) = told("create-or-update-record", Ended::Failed { error: raw(error), advice: None });
        assert!(is_error && texts[0] == error && texts[1].contains("first look"), "{texts:?}");
    }

    #[test]
    fn a_long_error_keeps_what_matters() {
        let problem = json!({"code": "C", "message": "m".repeat(5_000), "fields": ["F"]});
        let error = json!({"kind": "invalid-record", "outcome": "rejected", "retryable": false, "message": "no",
            "status": 400, "problems": vec![problem; 300], "detail": {"x": "y".repeat(100_000)}, "request_id": "r"});
        let (_, texts) = told("delete-record", Ended::Failed { error: raw(error.to_string()), advice: None });
        let told: Value = serde_json::from_str(&texts[0]).unwrap();
        assert!(texts[0].len() <= ERROR_BYTES, "{}", texts[0].len());
        assert_eq!(
            (&told["kind"], &told["status"], &told["shortened"]),
            (&json!("invalid-record"), &json!(400), &json!(true))
        );
        assert_eq!(
            (told["problems"].as_array().unwrap().len(), &told["problems"][0]["code"]),
            (MOST_PROBLEMS, &json!("C"))
        );
    }

    #[test]
    fn what_was_not_begun_or_is_no_longer_kept_says_so() {
        let refusal = Refusal {
            kind: "rate-limited".to_owned(),
            message: "too many".to_owned(),
            retryable: true,
            retry_after_ms: Some(1_000),
            advice: "Wait.".to_owned(),
        };
        let (is_error, texts) = told("delete-record", Ended::Refused(refusal));
        let error: Value = serde_json::from_str(&texts[0]).unwrap();
        assert_eq!(
            error,
            json!({"kind": "rate-limited", "outcome": "not-sent", "retryable": true, "retry_after_ms": 1000, "message": "too many"})
        );
        assert!(is_error && texts[1] == "Nothing was sent to Salesforce. Wait.", "{texts:?}");
        let (is_error, texts) = told("delete-record", Ended::Forgotten { state: "succeeded".to_owned() });
        assert!(is_error && texts[0].contains("ended as `succeeded`") && texts[0].contains("nothing was sent now"));
        assert!(told("soql-query", Ended::Cancelled).0);
    }
}
