//! What a user has seen lately. The API notes it only if it is asked to: `Sforce-Mru: updateMru=true`.
//!
//! Source: REST API Developer Guide, "Recently Viewed Items", "MRU Header".

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::Rest;
use super::call::{Call, RawQuery, parameter, wrong_parameter};
use crate::lock::lock;
use crate::org::Org;
use crate::{ApiError, answer};

/// Records that are remembered of each user, and how many are told unless asked otherwise.
const REMEMBERED: usize = 200;

/// The records that users have seen, the latest first: object and Id.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<HashMap<String, VecDeque<(String, String)>>>);

impl Recent {
    /// Notes that the caller has seen a record, if the call says so.
    pub(crate) fn see(&self, call: &Call, object: &str, id: &str) {
        if !call.updates_mru {
            return;
        }
        let mut users = lock(&self.0);
        let seen = users.entry(call.bearer.user_id.clone()).or_default();
        seen.retain(|(_, known)| known != id);
        seen.push_front((object.to_owned(), id.to_owned()));
        seen.truncate(REMEMBERED);
    }

    pub(crate) fn forget(&self) {
        lock(&self.0).clear();
    }

    /// Those that are still there, as records with their Id and name; of one object, if there is one.
    pub(crate) fn items(&self, org: &Org, call: &Call, object: Option<&str>) -> Vec<Value> {
        let seen = lock(&self.0).get(&call.bearer.user_id).cloned().unwrap_or_default();
        let of_object = seen.iter().filter(|(name, _)| object.is_none_or(|object| object == name));
        let version = call.version.to_string();
        let item = |(object, id): &(String, String)| {
            let name = org.object(object).ok()?.fields.iter().find(|field| field.is_name)?.name.to_string();
            org.row(object, id, Some(&["Id", &name]), &version).ok().map(Value::Object)
        };
        of_object.filter_map(item).collect()
    }
}

/// `GET /recent?limit=n`.
pub(crate) async fn recent(State(rest): State<Arc<Rest>>, call: Call, query: RawQuery) -> Result<Response, ApiError> {
    let limit = match parameter(&query, "limit") {
        None => REMEMBERED,
        Some(text) => text.parse().map_err(|_| wrong_parameter("limit", &text, "a number from 0 on"))?,
    };
    let mut items = rest.recent.items(&rest.site.org(), &call, None);
    items.truncate(limit);
    Ok(answer::json(StatusCode::OK, &items))
}
