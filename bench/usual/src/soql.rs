//! SOQL query.

use serde_json::Value as Json;
use waki::Method;

use crate::Connector;
use crate::rest::{Answer, argument, invalid, request, send, text};
use crate::soql_wit::{Argument, ChildCursor, Guest, LikeMatch, LikePattern, Page, Parameter, Query, Value};
use crate::types::{CallOptions, Connection, Error};

/// Between a locator and the batch size in a cursor.
const BATCH_SIZE: &str = "?batchSize=";

impl Guest for Connector {
    fn soql_query(on: Connection, query: Query, options: CallOptions) -> Result<Page, Error> {
        let resource = if query.include_deleted { "queryAll" } else { "query" };
        let soql = bind(&query.soql, &query.parameters)?;
        let size = query.batch_size.map(|size| size.to_string());
        let mut first = request(&on, Method::Get, resource, &options).query([("q", soql)]);
        if let Some(size) = &size {
            first = first.header("Sforce-Query-Options", format!("batchSize={size}"));
        }
        let (mut records, mut page) = read(send(first)?, size.as_deref())?;
        let (size, most) = (records.len(), query.max_records.unwrap_or(0) as usize);
        while let Some(next) = page.next.clone().filter(|_| page.children.is_empty() && records.len() + size <= most) {
            let Ok((more, following)) = fetch(&on, &next, &options) else { break };
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
        let (records, page) = fetch(&on, &cursor, &options)?;
        Ok(Page { records: Json::Array(records).to_string(), ..page })
    }

    fn explain(on: Connection, query: Query, options: CallOptions) -> Result<String, Error> {
        let soql = bind(&query.soql, &query.parameters)?;
        let answer = send(request(&on, Method::Get, "query", &options).query([("explain", soql)]))?;
        answer.body.get("plans").map(Json::to_string).ok_or_else(|| invalid("expected plans"))
    }
}

/// The page behind a cursor, which is Salesforce's locator with the batch size of its query.
fn fetch(on: &Connection, cursor: &str, options: &CallOptions) -> Result<(Vec<Json>, Page), Error> {
    let (locator, size) = cursor.split_once(BATCH_SIZE).map_or((cursor, None), |(path, size)| (path, Some(size)));
    let mut request = request(on, Method::Get, locator, options);
    if let Some(size) = size {
        request = request.header("Sforce-Query-Options", format!("batchSize={size}"));
    }
    read(send(request)?, size)
}

/// A page without the text of its records yet, for more may follow.
fn read(answer: Answer, batch_size: Option<&str>) -> Result<(Vec<Json>, Page), Error> {
    let mut body = answer.body;
    let total_size = total_size(&body)?;
    let next = cursor(&body, batch_size);
    let Some(Json::Array(records)) = body.get_mut("records").map(Json::take) else {
        return Err(invalid("expected records"));
    };
    let mut children = Vec::new();
    for (index, record) in records.iter().enumerate() {
        child_cursors(record, index as u32, "", batch_size, &mut children)?;
    }
    let count = records.len() as u32;
    Ok((records, Page { records: String::new(), count, total_size, next, children, usage: answer.usage }))
}

/// None: Salesforce does not count the rows of big objects and external objects.
fn total_size(body: &Json) -> Result<Option<u64>, Error> {
    let total = body.get("totalSize").and_then(Json::as_i64).ok_or_else(|| invalid("expected totalSize"))?;
    Ok(u64::try_from(total).ok())
}

fn cursor(body: &Json, batch_size: Option<&str>) -> Option<String> {
    let locator = text(body, "nextRecordsUrl")?;
    Some(match batch_size {
        Some(size) => format!("{locator}{BATCH_SIZE}{size}"),
        None => locator,
    })
}

fn child_cursors(
    record: &Json,
    record_index: u32,
    path: &str,
    batch_size: Option<&str>,
    found: &mut Vec<ChildCursor>,
) -> Result<(), Error> {
    for (name, child) in record.as_object().into_iter().flatten() {
        let Some(rows) = child.get("records").and_then(Json::as_array) else { continue };
        let relationship = format!("{path}{name}");
        for (index, row) in rows.iter().enumerate() {
            child_cursors(row, record_index, &format!("{relationship}.{index}."), batch_size, found)?;
        }
        if let Some(next) = cursor(child, batch_size) {
            let (count, total_size) = (rows.len() as u32, total_size(child)?);
            found.push(ChildCursor { record_index, relationship, count, total_size, next });
        }
    }
    Ok(())
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
        Value::Decimal(text)
        | Value::Date(text)
        | Value::Datetime(text)
        | Value::Time(text)
        | Value::Currency(text) => bare(text),
        Value::Text(text) => Ok(quoted(text)),
        Value::Id(id) => Ok(quoted(&bare(id)?)),
        Value::LikePattern(LikePattern { text, match_ }) => {
            let exact = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('\'', "\\'");
            Ok(match match_ {
                LikeMatch::Exact => format!("'{exact}'"),
                LikeMatch::StartsWith => format!("'{exact}%'"),
                LikeMatch::EndsWith => format!("'%{exact}'"),
                LikeMatch::Contains => format!("'%{exact}%'"),
                LikeMatch::Pattern => format!("'{}'", pattern(text)?),
            })
        }
    }
}

/// A pattern with wildcards and escapes of its own.
fn pattern(text: &str) -> Result<String, Error> {
    let mut written = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, characters.as_str().chars().next()) {
            ('\\', Some(literal @ ('%' | '_' | '\\'))) => {
                characters.next();
                written.extend(['\\', literal]);
            }
            ('\\', _) => return Err(argument("parameters: expected a backslash of a pattern before %, _ or \\")),
            ('\'', _) => written.push_str("\\'"),
            _ => written.push(character),
        }
    }
    Ok(written)
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r");
    format!("'{text}'")
}
