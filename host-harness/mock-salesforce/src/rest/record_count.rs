//! How many records objects have. A real org tells it of a snapshot, and not exactly.
//!
//! Source: REST API Developer Guide, "Record Count".

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::Rest;
use super::call::{RawQuery, parameter};
use crate::answer;

/// `GET /limits/recordCount?sObjects=A,B`: those objects, or all that have records. Unknown names are left out.
pub(crate) async fn record_count(State(rest): State<Arc<Rest>>, query: RawQuery) -> Response {
    let asked = parameter(&query, "sObjects");
    let is_asked = |name: &str| match &asked {
        Some(names) => names.split(',').any(|asked| asked.trim().eq_ignore_ascii_case(name)),
        None => true,
    };
    let org = rest.site.org();
    let names = org.objects().map(|object| object.name.to_string()).filter(|name| is_asked(name));
    let counts = names.map(|name| (org.count(&name), name)).filter(|(count, _)| *count > 0 || asked.is_some());
    let counts: Vec<Value> = counts.map(|(count, name)| json!({"name": name, "count": count})).collect();
    answer::json(StatusCode::OK, &json!({"sObjects": counts}))
}
