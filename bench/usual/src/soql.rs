//! SOQL query.

use serde_json::Value as Json;
use waki::{Method, RequestBuilder};

use crate::Connector;
use crate::rest::{argument, invalid, request, send, text};
use crate::soql_wit::{Argument, Guest, LikeMatch, LikePattern, Page, Parameter, Query, Value};
use crate::types::{CallOptions, Connection, Error};

impl Guest for Connector {
    fn soql_query(on: Connection, query: Query, options: CallOptions) -> Result<Page, Error> {
        let resource = if query.include_deleted { "queryAll" } else { "query" };
        let soql = bind(&query.soql, &query.parameters)?;
        let sized = |request: RequestBuilder| match query.batch_size {
            Some(size) => request.header("Sforce-Query-Options", format!("batchSize={size}")),
            None => request,
        };
        let first = request(&on, Method::Get, resource, &options).query([("q", soql)]);
        let (mut records, mut page) = read(send(sized(first))?)?;
        let (size, most) = (records.len(), query.max_records.unwrap_or(0) as usize);
        while let Some(next) = page.next.clone().filter(|_| records.len() + size <= most) {
            let following = send(sized(request(&on, Method::Get, &next, &options))).and_then(read);
            let Ok((more, following)) = following else { break };
            let before = page.count;
            page.children.extend(following.children.into_iter().map(|mut child| {
                child.record_index += before;
                child
            }));
            records.extend(more);
            (page.count, page.next, page.usage) = (records.len() as u32, following.next, following.usage);
        }
        page.records = Json::Array(records).to_string();
        Ok(page)
    }

    fn next_page(on: Connection, cursor: String, options: CallOptions) -> Result<Page, Error> {
        if !cursor.starts_with("/services/data/") {
            return Err(argument("cursor: expected a cursor that a query returned"));
        }
        let (records, page) = read(send(request(&on, Method::Get, &cursor, &options))?)?;
        Ok(Page { records: Json::Array(records).to_string(), ..page })
    }

    fn explain(on: Connection, query: Query, options: CallOptions) -> Result<String, Error> {
        let soql = bind(&query.soql, &query.parameters)?;
        let answer = send(request(&on, Method::Get, "query", &options).query([("explain", soql)]))?;
        answer.body.get("plans").map(Json::to_string).ok_or_else(|| invalid("expected plans"))
    }
}

/// A page without the text of its records yet, for more may follow.
fn read(answer: crate::rest::Answer) -> Result<(Vec<Json>, Page), Error> {
    let mut body = answer.body;
    let total_size = body.get("totalSize").and_then(Json::as_u64).ok_or_else(|| invalid("expected totalSize"))?;
    let next = text(&body, "nextRecordsUrl");
    let Some(Json::Array(records)) = body.get_mut("records").map(Json::take) else {
        return Err(invalid("expected records"));
    };
    let mut children = Vec::new();
    for (index, record) in records.iter().enumerate() {
        child_cursors(record, index as u32, "", &mut children);
    }
    let count = records.len() as u32;
    Ok((records, Page { records: String::new(), count, total_size, next, children, usage: answer.usage }))
}

fn child_cursors(record: &Json, record_index: u32, path: &str, found: &mut Vec<crate::soql_wit::ChildCursor>) {
    for (name, child) in record.as_object().into_iter().flatten() {
        let Some(rows) = child.get("records").and_then(Json::as_array) else { continue };
        let relationship = format!("{path}{name}");
        for (index, row) in rows.iter().enumerate() {
            child_cursors(row, record_index, &format!("{relationship}.{index}."), found);
        }
        if let Some(next) = text(child, "nextRecordsUrl") {
            let total_size = child.get("totalSize").and_then(Json::as_u64).unwrap_or(0);
            let count = rows.len() as u32;
            found.push(crate::soql_wit::ChildCursor { record_index, relationship, count, total_size, next });
        }
    }
}

/// Writes the parameters into the query, outside of its string literals.
fn bind(soql: &str, parameters: &[Parameter]) -> Result<String, Error> {
    let mut bound = String::with_capacity(soql.len());
    let mut characters = soql.chars().peekable();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        if character != ':' || quoted || !characters.peek().is_some_and(char::is_ascii_alphabetic) {
            quoted ^= character == '\'';
            bound.push(character);
            if character == '\\' {
                bound.extend(characters.next());
            }
            continue;
        }
        let mut name = String::new();
        while let Some(part) = characters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
            name.push(part);
        }
        let parameter = parameters.iter().find(|parameter| parameter.name == name);
        match &parameter.ok_or_else(|| argument("parameters: one is missing"))?.argument {
            Argument::One(value) => bound.push_str(&literal(value)?),
            Argument::Many(values) => {
                let values: Vec<_> = values.iter().map(literal).collect::<Result<_, _>>()?;
                bound.push_str(&format!("({})", values.join(",")));
            }
        }
    }
    Ok(bound)
}

fn literal(value: &Value) -> Result<String, Error> {
    let bare = |text: &str| match text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.:".contains(c)) {
        true => Ok(text.to_owned()),
        false => Err(argument("parameters: expected a number, a date or an id")),
    };
    match value {
        Value::Null => Ok("null".to_owned()),
        Value::Boolean(value) => Ok(value.to_string()),
        Value::Integer(value) => Ok(value.to_string()),
        Value::Decimal(text) | Value::Date(text) | Value::Datetime(text) => bare(text),
        Value::Text(text) => Ok(quoted(text)),
        Value::Id(id) => Ok(quoted(&bare(id)?)),
        Value::LikePattern(LikePattern { text, match_ }) => {
            let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('\'', "\\'");
            Ok(match match_ {
                LikeMatch::Exact => format!("'{text}'"),
                LikeMatch::StartsWith => format!("'{text}%'"),
                LikeMatch::EndsWith => format!("'%{text}'"),
                LikeMatch::Contains => format!("'%{text}%'"),
            })
        }
    }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r");
    format!("'{text}'")
}
