//! What every request to a version of the REST API passes first: version, Accept, session, daily limit.
//!
//! Source: REST API Developer Guide, "Status Codes and Error Responses", "Using REST API Resources".

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use super::Rest;
use super::blobs;
use super::call::Call;
use super::version::Version;
use crate::ApiError;
use crate::oauth::access_token;
use crate::oauth::tokens::Bearer;
use crate::site::CALLER;

/// Lets a request through with its [`Call`], or refuses it; adds the headers of the REST API to the answer.
pub(crate) async fn gate(State(rest): State<Arc<Rest>>, mut request: Request, next: Next) -> Response {
    let version = match version(request.uri().path()) {
        Ok(version) => version,
        Err(error) => return error.into_response(),
    };
    let answers_json = answers_json(request.uri().path()) && !blobs::is_download(&rest.site, &request);
    let call = match admit(&rest, version, answers_json, request.headers()) {
        Ok(call) => Call { entry: request.extensions().get().cloned(), ..call },
        Err(error) => return refused(&error),
    };
    let caller = call.bearer.user_id.clone();
    request.extensions_mut().insert(call);
    let is_delete = request.method() == Method::DELETE;
    let mut response = CALLER.scope(caller, next.run(request)).await;
    // A recorded answer to a delete had no such header.
    let tells_usage = !(is_delete && response.status() == StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    if tells_usage && let Ok(usage) = HeaderValue::from_str(&rest.usage.header()) {
        headers.insert("sforce-limit-info", usage);
    }
    if let Some(warning) = version.warning().and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::WARNING, warning);
    }
    response
}

/// The refusal; one of the session says what kind of credentials is wanted.
fn refused(error: &ApiError) -> Response {
    let is_of_session = error.status == StatusCode::UNAUTHORIZED.as_u16();
    let mut response = error.clone().into_response();
    if is_of_session {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
    }
    response
}

/// 406 unless JSON will do.
pub(crate) fn accepts_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    let nothing_said = accepted.peek().is_none();
    let json = accepted.flat_map(|value| value.split(',')).any(|range| {
        let name = range.split(';').next().unwrap_or_default().trim();
        matches!(name.to_ascii_lowercase().as_str(), "*/*" | "application/*" | "application/json" | "*")
    });
    if nothing_said || json {
        Ok(())
    } else {
        Err(ApiError::new(406, "NOT_ACCEPTABLE", "this resource can only be represented as application/json"))
    }
}

/// Salesforce takes bodies that are compressed, the mock does not.
fn plain_body(headers: &HeaderMap) -> Result<(), ApiError> {
    let coding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or_default());
    match coding {
        None => Ok(()),
        Some(coding) if coding.eq_ignore_ascii_case("identity") => Ok(()),
        Some(coding) => {
            let message = format!("the mock does not know Content-Encoding: {coding}. Send the body as it is");
            Err(ApiError::new(501, "UNKNOWN_TO_THE_MOCK", message))
        }
    }
}

/// The version in `/services/data/vNN.N/...`, in a path that can be read at all.
fn version(path: &str) -> Result<Version, ApiError> {
    percent_decode_str(path).decode_utf8().map_err(|_| ApiError::not_found())?;
    Version::parse(path.split('/').nth(3).unwrap_or_default())
}

fn admit(rest: &Rest, version: Version, answers_json: bool, headers: &HeaderMap) -> Result<Call, ApiError> {
    let bearer = session(rest, headers)?;
    rest.usage.count()?;
    if answers_json {
        accepts_json(headers)?;
    }
    plain_body(headers)?;
    Ok(Call::new(version, bearer, headers))
}

/// Jobs of the Bulk API answer CSV too.
fn answers_json(path: &str) -> bool {
    path.split('/').nth(4) != Some("jobs")
}

pub(crate) fn session(rest: &Rest, headers: &HeaderMap) -> Result<Bearer, ApiError> {
    let refused = |message| ApiError::new(401, "INVALID_SESSION_ID", message);
    if headers.contains_key(header::AUTHORIZATION) && access_token(headers).is_none() {
        return Err(ApiError::new(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"));
    }
    let bearer = access_token(headers).and_then(|token| rest.oauth.bearer(token));
    let bearer = bearer.ok_or_else(|| refused("Session expired or invalid"))?;
    if bearer.scopes.allow_api() {
        Ok(bearer)
    } else {
        Err(refused("This session is not valid for use with the REST API"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_must_be_acceptable() {
        let accept = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, value.parse().unwrap());
            accepts_json(&headers).is_ok()
        };
        assert!(accepts_json(&HeaderMap::new()).is_ok());
        assert!(accept("application/xml, application/json;q=0.5"));
        assert!(accept("*/*"));
        assert!(!accept("application/xml"));
        assert!(!accept("text/html"));
    }
}
