//! `/__mock/schema`: the org's objects and fields, as describe tells them to an administrator.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::Steering;
use super::input::Path;
use super::problem::Problem;

/// The version that the URLs in it name.
const VERSION: &str = "v67.0";

/// Tells all objects, as `GET /services/data/v67.0/sobjects` does
#[utoipa::path(get, path = "/__mock/schema", tag = "schema", operation_id = "read_schema",
    responses((status = 200, body = Object)))]
pub(super) async fn objects(State(steering): State<Arc<Steering>>) -> Json<Value> {
    Json(steering.site.org().describe_global(VERSION))
}

/// Tells an object with its fields, as `GET /services/data/v67.0/sobjects/{object}/describe` does
#[utoipa::path(get, path = "/__mock/schema/{object}", tag = "schema", operation_id = "read_object",
    params(("object" = String, Path, description = "API name.")),
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn object(
    State(steering): State<Arc<Steering>>,
    Path(object): Path<String>,
) -> Result<Json<Value>, Problem> {
    let described = steering.site.org().describe(&object, VERSION, &steering.site.url);
    Ok(Json(described.map_err(|_| {
        Problem::not_found("path.object", object, "an object of the org: GET /__mock/schema lists them")
    })?))
}
