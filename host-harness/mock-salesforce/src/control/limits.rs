//! `/__mock/limits`: the org's daily calls of the REST API, as `/limits` and `Sforce-Limit-Info` tell them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Body, within};
use super::problem::Problem;

/// More than any org has.
const MOST: u64 = 1_000_000_000_000;

/// What the org may use, and has used.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct LimitsView {
    daily_api_requests: Usage,
}

/// Calls of the REST API in a day.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Usage {
    used: u64,
    /// From here on they answer 403 `REQUEST_LIMIT_EXCEEDED`.
    allowed: u64,
}

/// What shall be otherwise.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetLimits {
    daily_api_requests: SetUsage,
}

/// What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetUsage {
    used: Option<u64>,
    allowed: Option<u64>,
}

/// Tells how much of its limits the org has used
#[utoipa::path(get, path = "/__mock/limits", tag = "limits", operation_id = "read_limits",
    responses((status = 200, body = LimitsView)))]
pub(super) async fn read(State(steering): State<Arc<Steering>>) -> Json<LimitsView> {
    Json(view(&steering))
}

/// Sets what the org has used, and what it may
#[utoipa::path(patch, path = "/__mock/limits", tag = "limits", operation_id = "set_limits", request_body = SetLimits,
    responses((status = 200, body = LimitsView), (status = 400, body = Problem)))]
pub(super) async fn set(
    State(steering): State<Arc<Steering>>,
    Body(SetLimits { daily_api_requests: SetUsage { used, allowed } }): Body<SetLimits>,
) -> Result<Json<LimitsView>, Problem> {
    let check = |name, number: Option<u64>| {
        number.map(|number| within(&format!("body.daily_api_requests.{name}"), number, 0, MOST)).transpose()
    };
    let (used, allowed) = (check("used", used)?, check("allowed", allowed)?);
    if let Some(used) = used {
        steering.rest.usage.set_used(used);
    }
    if let Some(allowed) = allowed {
        steering.rest.usage.allow(allowed);
    }
    Ok(Json(view(&steering)))
}

fn view(steering: &Steering) -> LimitsView {
    let (used, allowed) = steering.rest.usage.read();
    LimitsView { daily_api_requests: Usage { used, allowed } }
}
