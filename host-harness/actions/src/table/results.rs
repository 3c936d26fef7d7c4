//! Lists of results, one for each of several things that a call did: `list<result<T, E>>` in any action's WIT, `{"ok": ...}` or
//! `{"error": ...}` in JSON.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::source::{Record, Source};
use crate::display::json::readable;

/// How many of a call's results are errors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Results there are.
    pub count: usize,
    /// Those that are errors.
    pub failed: usize,
    /// Those of the errors with an outcome that nobody knows.
    pub unknown: usize,
    /// How many errors there are of each kind that is told.
    pub kinds: BTreeMap<String, usize>,
}

/// What a result that is an error says of it; empty where it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ResultError {
    /// What the caller may do next, e.g. `duplicate`.
    pub kind: String,
    /// What became of it: `not-sent`, `rejected` or `unknown`.
    pub outcome: String,
    /// One plain sentence.
    pub message: String,
}

impl ResultError {
    /// Nobody knows whether it was done.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.outcome == "unknown"
    }
}

impl Tally {
    /// Of what an action gave; none if that holds no list of results.
    #[must_use]
    pub fn of_result(result: &RawValue) -> Option<Tally> {
        let source = Source::of_result(result);
        let (mut tally, is_flat) = (Tally::default(), matches!(source, Source::Results(_)));
        source.each(|entry| {
            if is_flat {
                tally.add(entry);
                return ControlFlow::Continue(());
            }
            // Groups of results, such as those of graphs.
            let Some(list) = of_group(entry) else { return ControlFlow::Break(()) };
            Source::Results(list).each(|entry| {
                tally.add(entry);
                ControlFlow::Continue(())
            });
            ControlFlow::Continue(())
        });
        (is_flat || tally.count > 0).then_some(tally)
    }

    /// Counts one more result, an entry of the list as JSON: its error, if it is one.
    pub fn add(&mut self, entry: &str) -> Option<ResultError> {
        self.count += 1;
        let Some(Entry::Error(error)) = Entry::of(entry) else { return None };
        let told = error.and_then(|error| serde_json::from_str::<ResultError>(&readable(error.get())).ok());
        let told = told.unwrap_or_default();
        self.failed += 1;
        self.unknown += usize::from(told.is_unknown());
        if !told.kind.is_empty() {
            *self.kinds.entry(told.kind.clone()).or_default() += 1;
        }
        Some(told)
    }

    /// `2 of 200 failed: 1 duplicate, 1 invalid-record`; none if all went well.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let Tally { count, failed, unknown, kinds } = self;
        if *failed == 0 {
            return None;
        }
        let kinds: Vec<String> = kinds.iter().map(|(kind, times)| format!("{times} {kind}")).collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
        let unknown = match unknown {
            0 => String::new(),
            1 => "; the outcome of 1 is unknown".to_owned(),
            more => format!("; the outcomes of {more} are unknown"),
        };
        Some(format!("{failed} of {count} failed{kinds}{unknown}"))
    }
}

/// One result.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Entry<'a> {
    #[serde(borrow)]
    Ok(Option<&'a RawValue>),
    #[serde(borrow)]
    Error(Option<&'a RawValue>),
}

impl<'a> Entry<'a> {
    fn of(text: &'a str) -> Option<Entry<'a>> {
        match text {
            r#""ok""# => Some(Entry::Ok(None)),
            r#""error""# => Some(Entry::Error(None)),
            _ if text.starts_with('{') => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

/// The results of a group, its member `results`.
fn of_group(entry: &str) -> Option<&str> {
    #[derive(Deserialize)]
    struct Group<'a> {
        #[serde(borrow)]
        results: &'a RawValue,
    }
    let group: Group<'_> = serde_json::from_str(entry).ok()?;
    Some(group.results.get()).filter(|list| is_list(list))
}

/// Whether there are entries, and all of them are results.
pub(super) fn is_list(text: &str) -> bool {
    let mut are_results = false;
    if text.starts_with('[') {
        Source::Array(text).each(|entry| {
            are_results = Entry::of(entry).is_some();
            if are_results { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }
    are_results
}

/// Only a published event has a UUID: of what is saved otherwise the column would be empty.
pub(super) fn leave_out_no_event(saved: &mut Record) {
    if saved.get("event_uuid").is_some_and(Value::is_null) {
        saved.shift_remove("event_uuid");
    }
}

/// A result as a row: its place as errors name it, then what it gave, or its error's kind, outcome and message.
pub(super) fn read(text: &str, index: usize) -> Option<Record> {
    let mut row = Record::new();
    row.insert("index".to_owned(), index.into());
    let value = |value: Option<&RawValue>| value.map(|value| serde_json::from_str::<Value>(&readable(value.get())));
    match Entry::of(text)? {
        Entry::Ok(given) => match value(given).transpose().ok()? {
            Some(Value::Object(mut given)) => {
                leave_out_no_event(&mut given);
                row.extend(given);
            }
            given => {
                row.insert("ok".to_owned(), given.unwrap_or(Value::Bool(true)));
            }
        },
        Entry::Error(error) => match value(error).transpose().ok()? {
            Some(Value::Object(mut error)) if error.contains_key("kind") => {
                for (column, member) in
                    [("error", "kind"), ("outcome", "outcome"), ("retryable", "retryable"), ("message", "message")]
                {
                    row.insert(column.to_owned(), error.shift_remove(member).unwrap_or_default());
                }
            }
            error => {
                row.insert("error".to_owned(), error.unwrap_or(Value::Bool(true)));
            }
        },
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Bounds, Table};

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    const MIXED: &str = r#"{"results":[{"ok":{"id":"001","created":true,"event_uuid":null}},
        {"error":{"kind":"duplicate","outcome":"rejected","retryable":false,"message":"m\ud800","problems":[]}},
        {"error":{"kind":"unavailable","outcome":"unknown","retryable":true,"message":"n","detail":{"a":1}}}],"usage":null}"#;

    #[test]
    fn each_result_is_a_row_with_its_outcome() {
        let text = Table::of_result(&raw(MIXED), Bounds::NONE).to_text(None);
        let expected = "\
index  id   created  error        outcome   retryable  message
─────  ───  ───────  ───────────  ────────  ─────────  ───────
0      001  true
1                    duplicate    rejected  false      m\u{fffd}
2                    unavailable  unknown   true       n
";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_uuid_of_an_event_has_a_column_where_there_is_one() {
        let columns = |json: &str| Table::of_result(&raw(json), Bounds::NONE).columns;
        let event = r#"{"id":"e00","created":true,"event_uuid":"5c3f"}"#;
        let record = r#"{"id":"001","created":true,"event_uuid":null}"#;
        assert_eq!(columns(record), ["id", "created"]);
        assert_eq!(columns(event), ["id", "created", "event_uuid"]);
        let both = format!(r#"{{"results":[{{"ok":{record}}},{{"ok":{event}}}],"usage":null}}"#);
        assert_eq!(columns(&both), ["index", "id", "created", "event_uuid"]);
    }

    #[test]
    fn any_actions_list_of_results_is_one() {
        for (json, columns, rows) in [
            (r#"[{"ok":{"a":1}},{"error":"why"}]"#, &["index", "a", "error"][..], 2),
            (r#"{"done":[{"ok":7},"ok"],"more":[]}"#, &["index", "ok"], 2),
            (r#"["error",{"error":{"code":1}}]"#, &["index", "error", "error.code"], 2),
            // What only looks a little like it.
            (r#"[{"ok":1,"error":2}]"#, &["ok", "error"], 1),
            (r#"[{"ok":1},{"fine":2}]"#, &["ok", "fine"], 2),
            (r#"{"a":[{"ok":1}],"b":[{"ok":1}]}"#, &["a", "b"], 1),
            (r#"{"records":[{"ok":1}],"count":1}"#, &["ok"], 1),
        ] {
            let table = Table::of_result(&raw(json), Bounds::NONE);
            assert_eq!(
                (table.columns.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), table.rows.len()),
                (columns, rows)
            );
        }
    }

    #[test]
    fn errors_among_results_are_counted() {
        let tally = Tally::of_result(&raw(MIXED)).unwrap();
        assert_eq!((tally.count, tally.failed, tally.unknown), (3, 2, 1));
        let told = "2 of 3 failed: 1 duplicate, 1 unavailable; the outcome of 1 is unknown";
        assert_eq!(tally.told().as_deref(), Some(told));
        let graphs = r#"{"graphs":[{"results":[{"ok":1},{"error":{"kind":"not-run","outcome":"not-sent","message":"m"}}]},
            {"results":[{"ok":1}]}],"usage":null}"#;
        assert_eq!(Tally::of_result(&raw(graphs)).unwrap().told().as_deref(), Some("1 of 3 failed: 1 not-run"));
        let well = Tally::of_result(&raw(r#"{"results":[{"ok":{"id":"001"}}]}"#)).unwrap();
        assert_eq!((well.failed, well.told()), (0, None));
        for json in ["[]", r#"{"results":[]}"#, r#"{"records":[{"ok":1}],"count":1}"#, "null", "7", r#"{"id":"001"}"#] {
            assert_eq!(Tally::of_result(&raw(json)), None, "{json}");
        }
    }
}
