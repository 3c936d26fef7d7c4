//! Apex REST: resources of the org's own, which answer what a test says.
//!
//! Source: Apex Developer Guide, "Exposing Apex Classes as REST Web Services".

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Rest, gate};
use crate::ApiError;
use crate::lock::lock;

/// A resource below `/services/apexrest/`, and what one of its methods answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApexResource {
    /// Its name, such as that of its class and method. No other resource has it.
    pub name: String,
    /// Such as `POST`.
    pub method: String,
    /// The path after `/services/apexrest/`; with `*` at its end, all that begin so.
    pub path: String,
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl ApexResource {
    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        let texts = [&self.name, &self.method, &self.path, &self.content_type];
        texts.into_iter().map(String::len).sum::<usize>() + self.body.len()
    }

    fn is_at(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == self.path,
        }
    }
}

/// Any method of `/services/apexrest/{path}`.
pub(crate) async fn answer(
    State(rest): State<Arc<Rest>>,
    method: Method,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    gate::session(&rest, &headers)?;
    rest.usage.count()?;
    let resources = lock(&rest.apex_resources);
    let at: Vec<&ApexResource> = resources.iter().filter(|resource| resource.is_at(&path)).collect();
    let Some(resource) = at.iter().find(|resource| resource.method.eq_ignore_ascii_case(method.as_str())) else {
        return Err(match at.as_slice() {
            [] => ApiError::new(404, "NOT_FOUND", "Could not find a match for URL"),
            _ => {
                let names: Vec<&str> = at.iter().map(|resource| resource.method.as_str()).collect();
                let message = format!("HTTP Method '{method}' not allowed. Allowed are {}", names.join(","));
                ApiError::new(405, "METHOD_NOT_ALLOWED", message)
            }
        });
    };
    let mut response = resource.body.clone().into_response();
    *response.status_mut() = StatusCode::from_u16(resource.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(content_type) = HeaderValue::from_str(&resource.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    if let Ok(usage) = HeaderValue::from_str(&rest.usage.header()) {
        response.headers_mut().insert("sforce-limit-info", usage);
    }
    Ok(response)
}
