//! A page of records out of a value, and out of JSON as a server's clients read it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Call;
use crate::json::NotJson;
use salesforce_runtime::Val;
use salesforce_runtime::bindings::soql::{ChildCursor, Page};
use salesforce_runtime::bindings::types::ApiUsage;

#[derive(Deserialize)]
struct PageAnswer {
    records: Box<RawValue>,
    count: u32,
    total_size: Option<u64>,
    next: Option<String>,
    children: Vec<ChildAnswer>,
    usage: Option<UsageAnswer>,
}

#[derive(Deserialize)]
struct ChildAnswer {
    record_index: u32,
    relationship: String,
    count: u32,
    total_size: Option<u64>,
    next: String,
}

#[derive(Deserialize)]
struct UsageAnswer {
    used: u32,
    allowed: u32,
}

/// Reads a `soql.page` as [`PageView`](crate::json::PageView) writes it.
///
/// # Errors
/// [`NotJson`]: it is something else.
pub fn read_page(json: &str) -> Result<Page, NotJson> {
    let page: PageAnswer = serde_json::from_str(json)?;
    let child = |child: ChildAnswer| ChildCursor {
        record_index: child.record_index,
        relationship: child.relationship,
        count: child.count,
        total_size: child.total_size,
        next: child.next,
    };
    Ok(Page {
        records: Box::<str>::from(page.records).into(),
        count: page.count,
        total_size: page.total_size,
        next: page.next,
        children: page.children.into_iter().map(child).collect(),
        usage: page.usage.map(|UsageAnswer { used, allowed }| ApiUsage { used, allowed }),
    })
}

/// The answer to `SELECT COUNT()`, which has no records: the total. None if a page of so many records is of another query.
///
/// ```
/// use salesforce_actions::{Actions, Call, count_of};
///
/// let call = |soql| Call::parse(Actions::of_connector(), "soql-query", &format!(r#"{{"query":{{"soql":"{soql}"}}}}"#));
/// assert_eq!(count_of(&call("select Count ( ) FROM Account")?, 0, Some(0), false), Some(0));
/// assert_eq!(count_of(&call("SELECT Id FROM Account")?, 0, Some(0), false), None);
/// # Ok::<(), salesforce_actions::InputError>(())
/// ```
#[must_use]
pub fn count_of(call: &Call, records: u64, total_size: Option<u64>, has_next: bool) -> Option<u64> {
    // No other query has a total and no record, but one that finds nothing.
    total_size.filter(|total| records == 0 && !has_next && (*total > 0 || asks_for_count(call)))
}

fn asks_for_count(call: &Call) -> bool {
    #[derive(Deserialize)]
    struct Asked<'a> {
        #[serde(borrow)]
        query: QueryOf<'a>,
    }
    #[derive(Deserialize)]
    struct QueryOf<'a> {
        #[serde(borrow)]
        soql: std::borrow::Cow<'a, str>,
    }
    let Ok(asked) = serde_json::from_str::<Asked<'_>>(call.input()) else { return false };
    let letters = asked.query.soql.bytes().filter(|byte| !byte.is_ascii_whitespace());
    letters.map(|byte| byte.to_ascii_lowercase()).take(13).eq(*b"selectcount()")
}

/// A `soql.page`; none if the value is something else.
pub(crate) fn of_value(value: Val) -> Option<Page> {
    let Val::Record(fields) = value else { return None };
    let mut page =
        Page { records: String::new(), count: 0, total_size: None, next: None, children: Vec::new(), usage: None };
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("records", Val::String(records)) => page.records = records,
            ("count", Val::U32(count)) => page.count = count,
            ("total-size", Val::Option(total)) => page.total_size = held(total, unsigned)?,
            ("next", Val::Option(next)) => page.next = held(next, text)?,
            ("children", Val::List(children)) => {
                page.children = children.into_iter().map(child_of_value).collect::<Option<_>>()?;
            }
            ("usage", Val::Option(usage)) => page.usage = held(usage, usage_of_value)?,
            _ => return None,
        }
    }
    Some(page)
}

fn child_of_value(value: Val) -> Option<ChildCursor> {
    let Val::Record(fields) = value else { return None };
    let (relationship, next) = (String::new(), String::new());
    let mut child = ChildCursor { record_index: 0, relationship, count: 0, total_size: None, next };
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("record-index", Val::U32(index)) => child.record_index = index,
            ("relationship", Val::String(relationship)) => child.relationship = relationship,
            ("count", Val::U32(count)) => child.count = count,
            ("total-size", Val::Option(total)) => child.total_size = held(total, unsigned)?,
            ("next", Val::String(next)) => child.next = next,
            _ => return None,
        }
    }
    Some(child)
}

fn usage_of_value(value: Val) -> Option<ApiUsage> {
    let Val::Record(fields) = value else { return None };
    match fields.as_slice() {
        [(_, Val::U32(used)), (_, Val::U32(allowed))] => Some(ApiUsage { used: *used, allowed: *allowed }),
        _ => None,
    }
}

/// What is in an option; none if it is something else than `read` reads.
fn held<T>(value: Option<Box<Val>>, read: impl Fn(Val) -> Option<T>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(value) => read(*value).map(Some),
    }
}

fn unsigned(value: Val) -> Option<u64> {
    if let Val::U64(number) = value { Some(number) } else { None }
}

fn text(value: Val) -> Option<String> {
    if let Val::String(text) = value { Some(text) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::PageView;

    #[test]
    fn a_page_is_read_as_it_was_written_every_digit_untouched() {
        for json in [
            r#"{"records":[{"N":9007199254740993,"D":0.10,"A":1,"A":2}],"count":1,"total_size":2,"next":"c","children":[{"record_index":0,"relationship":"Contacts","count":1,"total_size":3,"next":"d"}],"usage":{"used":18,"allowed":5000}}"#,
            r#"{"records":[],"count":0,"total_size":null,"next":null,"children":[],"usage":null}"#,
        ] {
            let page = read_page(json).unwrap();
            assert_eq!(serde_json::to_string(&PageView::new(&page).unwrap_or_else(|_| unreachable!())).unwrap(), json);
        }
        assert!(read_page(r#"{"id":"001","created":true}"#).is_err());
    }
}
