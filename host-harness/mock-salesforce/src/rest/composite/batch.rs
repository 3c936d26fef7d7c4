//! Up to 25 requests that have nothing to do with each other.
//!
//! Source: REST API Developer Guide, "Batch".

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::subrequest::{Answered, Subrequest};
use super::{Composite, flag, list, text, too_many, unreadable};
use crate::answer::Writes;
use crate::rest::body::JsonObject;
use crate::rest::call::Call;
use crate::rest::version::Version;
use crate::{ApiError, answer};

/// The version that batches came with.
const SINCE: u16 = 34;
/// The most requests of a batch.
const REQUESTS: usize = 25;

/// `POST /composite/batch`. Nothing is ever rolled back.
pub(super) async fn batch(
    State(composite): State<Composite>,
    call: Call,
    JsonObject(mut body): JsonObject,
) -> Result<Response, ApiError> {
    let halt_on_error = flag(&mut body, "haltOnError")?;
    let requests = list(&mut body, "batchRequests")?;
    if requests.len() > REQUESTS {
        return Err(too_many("subrequests", REQUESTS, requests.len()));
    }
    let requests: Vec<Subrequest> = requests.into_iter().map(subrequest).collect::<Result<_, _>>()?;
    let _turn = composite.rest.turns.read().await;
    let (mut results, mut writes, mut has_errors) = (Vec::new(), Vec::new(), false);
    for request in requests {
        let answered = if halt_on_error && has_errors {
            let error = ApiError::new(412, "BATCH_PROCESSING_HALTED", "Batch processing halted by request");
            Answered::refused(&error)
        } else {
            match within(&call, &request) {
                Ok(()) => composite.answer(&call, request).await,
                Err(error) => Answered::refused(&error),
            }
        };
        has_errors |= answered.status.as_u16() >= 400;
        results.push(json!({"statusCode": answered.status.as_u16(), "result": answered.body}));
        writes.extend(answered.writes);
    }
    let mut response = answer::json(StatusCode::OK, &json!({"hasErrors": has_errors, "results": results}));
    response.extensions_mut().insert(Writes(writes));
    Ok(response)
}

/// A subrequest may be of an older version than its batch, down to the first that had batches.
fn within(call: &Call, request: &Subrequest) -> Result<(), ApiError> {
    let Ok(version) = Version::parse(request.target.split('/').nth(3).unwrap_or_default()) else { return Ok(()) };
    if version.since(SINCE) && version <= call.version {
        return Ok(());
    }
    let message =
        format!("the subrequest is of version {version}: a batch of this version takes v{SINCE}.0 to {}", call.version);
    Err(ApiError::bad_request("UNSUPPORTED_API_VERSION", message))
}

/// Its URL begins with the version.
fn subrequest(mut item: Map<String, Value>) -> Result<Subrequest, ApiError> {
    let method: Result<Method, _> = text(&mut item, "method")?.parse();
    let method = method.map_err(|_| unreadable("the method of a subrequest is none".to_owned()))?;
    let target = format!("/services/data/{}", text(&mut item, "url")?);
    let body = item.remove("richInput").filter(|body| !body.is_null());
    Ok(Subrequest { method, target, headers: HeaderMap::new(), body })
}
