//! The control plane: other processes steer the mock over HTTP, below a path that no org has. One file for each resource; its
//! OpenAPI document is made from the handlers.
//!
//! It is off unless it is asked for, has a token of its own that no org session replaces, and is no part of the org: its requests
//! stand in no ledger, count against no limit and meet no fault. It calls what [`MockSalesforce`](crate::MockSalesforce) calls.

mod apps;
mod bulk_jobs;
mod bytes;
mod clock;
mod document;
mod events;
mod faults;
mod gate;
mod input;
mod ledger;
mod limits;
mod locks;
mod named;
mod plain;
mod problem;
mod queries;
mod quick_actions;
mod record;
mod records;
mod reports;
mod rules;
mod schema;
mod scripted;
mod search_index;
mod sessions;
mod snapshots;
mod upload;
mod users;

use std::sync::{Arc, Mutex};

use axum::Router;
use jiff::Timestamp;

use crate::fault::Faults;
use crate::ledger::Ledger;
use crate::oauth::OAuth;
use crate::oauth::refresh_gate::HeldRefreshes;
use crate::org::Org;
use crate::random;
use crate::rest::Rest;
use crate::rest::locators::Paging;
use crate::secret::Secret;
use crate::site::Site;
use snapshots::Snapshots;

/// Where the control plane is.
const ROOT: &str = "/__mock";

/// How another process reaches the control plane.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    /// What its resources' paths begin with: scheme, host, port and `/__mock`.
    pub url: String,
    /// For the header `Authorization: Bearer ...`: 256 random bits.
    pub token: Secret,
}

/// What the resources steer.
#[derive(Debug)]
pub(crate) struct Steering {
    pub(crate) token: Secret,
    pub(crate) site: Arc<Site>,
    pub(crate) oauth: Arc<OAuth>,
    pub(crate) rest: Arc<Rest>,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) faults: Arc<Mutex<Faults>>,
    pub(crate) start: Start,
    pub(crate) snapshots: Mutex<Snapshots>,
    pub(crate) held_refreshes: Mutex<Option<HeldRefreshes>>,
}

/// How the mock was when it started, to come back to.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) org: Org,
    pub(crate) standing_at: Option<Timestamp>,
    /// Calls made before it started, and calls allowed.
    pub(crate) api_requests: (u64, u64),
    pub(crate) paging: Paging,
}

impl ControlPlane {
    /// That of the mock that this machine reaches at this URL.
    pub(crate) fn new(url: &str) -> Self {
        // 43 letters of 62 are 256 bits.
        Self { url: format!("{url}{ROOT}"), token: random::base62(43).into() }
    }
}

/// Whether a path is the control plane's.
pub(crate) fn owns(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Its resources behind the token, and their description, which anybody may read.
pub(crate) fn routes(steering: Steering) -> Router {
    let steering = Arc::new(steering);
    let (resources, document) = document::described().split_for_parts();
    gate::routes(resources, document::json(document), &steering).with_state(steering)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_and_its_path_is_no_prefix_of_others() {
        let plane = ControlPlane::new("http://127.0.0.1:1");
        assert_eq!((plane.url.as_str(), plane.token.expose().len()), ("http://127.0.0.1:1/__mock", 43));
        assert!(owns("/__mock") && owns("/__mock/clock") && !owns("/__mocks") && !owns("/services/__mock"));
    }
}
