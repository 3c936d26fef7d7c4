//! How much of its daily allowance the org has used.
//!
//! Source: REST API Developer Guide, "Limits", "Limit Info Header".

mod allowances;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Rest;
use crate::{ApiError, answer};
use allowances::ALLOWANCES;

/// Counts calls of the REST API against an allowance. The mock's day never ends.
#[derive(Debug)]
pub(crate) struct ApiUsage {
    used: AtomicU64,
    allowed: AtomicU64,
}

impl ApiUsage {
    pub(crate) fn new(used: u64, allowed: u64) -> Self {
        Self { used: AtomicU64::new(used), allowed: AtomicU64::new(allowed) }
    }

    pub(crate) fn allow(&self, allowed: u64) {
        self.allowed.store(allowed, Ordering::Relaxed);
    }

    /// Says how many calls were made today.
    pub(crate) fn set_used(&self, used: u64) {
        self.used.store(used, Ordering::Relaxed);
    }

    /// Calls made today, and calls allowed.
    pub(crate) fn read(&self) -> (u64, u64) {
        (self.used.load(Ordering::Relaxed), self.allowed.load(Ordering::Relaxed))
    }

    /// Counts one call. Over the allowance: 403 `REQUEST_LIMIT_EXCEEDED`.
    pub(crate) fn count(&self) -> Result<(), ApiError> {
        let (used, allowed) = (self.used.load(Ordering::Relaxed), self.allowed.load(Ordering::Relaxed));
        if used >= allowed {
            return Err(ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
        }
        self.used.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// The value of `Sforce-Limit-Info`.
    pub(crate) fn header(&self) -> String {
        format!("api-usage={}/{}", self.used.load(Ordering::Relaxed), self.allowed.load(Ordering::Relaxed))
    }
}

/// `GET /limits`.
pub(crate) async fn limits(State(rest): State<Arc<Rest>>) -> Response {
    let (used, allowed) = (rest.usage.used.load(Ordering::Relaxed), rest.usage.allowed.load(Ordering::Relaxed));
    let limit = |max: u64, used: u64| -> Value { json!({"Max": max, "Remaining": max.saturating_sub(used)}) };
    let mut body: Map<String, Value> =
        ALLOWANCES.iter().map(|(name, most)| ((*name).to_owned(), limit(*most, 0))).collect();
    body.insert("DailyApiRequests".to_owned(), limit(allowed, used));
    body.insert("DataStorageMB".to_owned(), limit(1024, 2));
    body.insert(
        "PermissionSets".to_owned(),
        json!({"Max": 1500, "Remaining": 1500, "CreateCustom": {"Max": 1000, "Remaining": 1000}}),
    );
    body.sort_keys();
    answer::json(StatusCode::OK, &body)
}
