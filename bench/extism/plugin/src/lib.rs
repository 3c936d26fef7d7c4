//! Four calls, each told the org and the token that it is for. Requests are the host's: the plugin has no network.

// The macro's exports are functions without mangling, which the lint counts as unsafe code.
#![allow(unsafe_code, missing_docs)]

use extism_pdk::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What every call is told.
#[derive(Deserialize)]
struct Connection {
    url: String,
    token: String,
}

#[derive(Deserialize)]
struct NewRecord {
    connection: Connection,
    object: String,
    record: Value,
}

#[derive(Deserialize)]
struct Fields {
    connection: Connection,
    object: String,
    id: String,
    fields: Vec<String>,
}

#[derive(Deserialize)]
struct Query {
    connection: Connection,
    soql: String,
}

#[derive(Deserialize)]
struct NextPage {
    connection: Connection,
    /// `nextRecordsUrl` of the page before.
    next: String,
}

/// One page of a query.
#[derive(Serialize)]
struct Page {
    count: usize,
    next: Option<String>,
    records: Value,
}

/// Creates a record and tells its id.
#[plugin_fn]
pub fn create(Json(call): Json<NewRecord>) -> FnResult<String> {
    let path = format!("/services/data/v67.0/sobjects/{}/", call.object);
    let answer = call.connection.send("POST", &path, Some(call.record.to_string()))?;
    let id = answer.get("id").and_then(Value::as_str).ok_or_else(|| Error::msg("the answer to a create has no id"))?;
    Ok(id.to_owned())
}

/// Reads fields of a record, given back as an object.
#[plugin_fn]
pub fn get_fields(Json(call): Json<Fields>) -> FnResult<Json<Value>> {
    let path = format!("/services/data/v67.0/sobjects/{}/{}?fields={}", call.object, call.id, call.fields.join(","));
    let mut record = call.connection.send("GET", &path, None)?;
    if let Some(fields) = record.as_object_mut() {
        fields.remove("attributes");
    }
    Ok(Json(record))
}

/// Reads the first page of a query.
#[plugin_fn]
pub fn query(Json(call): Json<Query>) -> FnResult<Json<Page>> {
    let path = format!("/services/data/v67.0/query?q={}", utf8_percent_encode(&call.soql, NON_ALPHANUMERIC));
    call.connection.page(&path)
}

/// Reads another page.
#[plugin_fn]
pub fn next_page(Json(call): Json<NextPage>) -> FnResult<Json<Page>> {
    call.connection.page(&call.next)
}

impl Connection {
    fn page(&self, path: &str) -> FnResult<Json<Page>> {
        let mut page = self.send("GET", path, None)?;
        let next = page.get("nextRecordsUrl").and_then(Value::as_str).map(str::to_owned);
        let records = page.get_mut("records").map(Value::take).unwrap_or_default();
        let count = records.as_array().ok_or_else(|| Error::msg("the page has no records"))?.len();
        Ok(Json(Page { count, next, records }))
    }

    fn send(&self, method: &str, path: &str, body: Option<String>) -> Result<Value, Error> {
        let request = HttpRequest::new(format!("{}{path}", self.url))
            .with_method(method)
            .with_header("Authorization", format!("Bearer {}", self.token))
            .with_header("Content-Type", "application/json");
        let answer = http::request(&request, body)?;
        match answer.status_code() {
            200..300 => answer.json(),
            status => Err(Error::msg(format!("{method} {path} answered {status}"))),
        }
    }
}
