//! The bytes of files over HTTP: what comes with a record in a multipart request, and `GET
//! /sobjects/{object}/{id}/{blobField}`.
//!
//! Source: REST API Developer Guide, "Insert or Update Blob Data", "sObject Blob Retrieve".

use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::body::{self, JsonObject};
use super::multipart;
use crate::ApiError;
use crate::org::blob::{Download, MOST_BYTES};
use crate::org::{Record, Upload};
use crate::site::Site;

/// The largest record in JSON beside a blob, in bytes.
const RECORD_LIMIT: usize = 1024 * 1024;
/// The largest upload, in bytes: all the blobs that the org holds, with the record and what stands around the two.
const UPLOAD_LIMIT: usize = MOST_BYTES + 2 * RECORD_LIMIT;
/// The largest record in JSON that has a blob in it, in bytes: larger than is taken, so that the refusal can say what to do.
const JSON_LIMIT: usize = 128 * 1024 * 1024;

/// What is told of a blob whose record names no `ContentType`.
const UNTOLD: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// A record to write: JSON alone, or a part of JSON and a part that holds the bytes of one field.
#[derive(Debug)]
pub(crate) struct RecordBody {
    pub(crate) record: Record,
    pub(crate) upload: Option<Upload>,
}

impl<S: Send + Sync> FromRequest<S> for RecordBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Some(boundary) = multipart::boundary(request.headers()).map(str::to_owned) else {
            let JsonObject(record) = JsonObject::from_request(request, state).await?;
            return Ok(Self { record, upload: None });
        };
        let bytes = Bytes::from_request(request, state).await.map_err(|error| refused(error.to_string()))?;
        let parts = multipart::parts(&boundary, &bytes)?;
        // Documented is the record first; Salesforce's own command line sends it last.
        let (record, blob) = match parts.as_slice() {
            [file, record] if file.is_file && !record.is_file => (record, file),
            [record, blob] => (record, blob),
            _ => {
                let message = format!(
                    "expected two parts, the record as application/json and the bytes of its blob field; the multipart body has {}",
                    parts.len()
                );
                return Err(refused(message));
            }
        };
        if !body::is_json(record.content_type) {
            return Err(refused("Multipart message must include a non-binary part"));
        }
        if record.body.len() > RECORD_LIMIT {
            let message = format!("the part with the record has more than {RECORD_LIMIT} bytes");
            return Err(refused(message));
        }
        let upload = Upload { field: blob.name.to_owned(), bytes: blob.body.into() };
        Ok(Self { record: body::parse(record.body)?, upload: Some(upload) })
    }
}

/// The bytes: whole, whatever `Range` says, unless the org grants parts. Salesforce does not promise them.
pub(super) fn download(blob: Download, headers: &HeaderMap, grants_ranges: bool) -> Response {
    let content_type = blob.content_type.and_then(|told| HeaderValue::from_str(&told).ok()).unwrap_or(UNTOLD);
    let bytes = Bytes::from_owner(blob.bytes);
    let size = bytes.len();
    let range = headers.get(header::RANGE).filter(|_| grants_ranges).and_then(|value| range(value, size));
    let (status, told, bytes) = match range {
        None => (StatusCode::OK, None, bytes),
        Some(range) if range.is_empty() => {
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(format!("bytes */{size}")), Bytes::new())
        }
        Some(range) => {
            let told = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            (StatusCode::PARTIAL_CONTENT, Some(told), bytes.slice(range))
        }
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    if let Some(told) = told.and_then(|told| HeaderValue::from_str(&told).ok()) {
        response.headers_mut().insert(header::CONTENT_RANGE, told);
    }
    response
}

/// What `bytes=FIRST-LAST` stands for, empty where it begins behind the end; none where it is of another form, which is to be
/// ignored (RFC 9110 section 14.2).
fn range(value: &HeaderValue, size: usize) -> Option<Range<usize>> {
    let (first, last) = value.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.parse::<usize>().ok()?, last.parse::<usize>().ok()?);
    (first <= last).then(|| first.min(size)..last.saturating_add(1).min(size))
}

/// How large the body of a request may be that brings a blob; none if it brings none.
pub(crate) fn limit(site: &Site, parts: &Parts) -> Option<usize> {
    let is_record = match (&parts.method, sobject(parts.uri.path()).as_deref()) {
        (&Method::POST, Some([object])) | (&Method::PATCH, Some([object, _])) => Some(*object),
        _ => None,
    };
    let has_blob = is_record.is_some_and(|object| site.org().object(object).is_ok_and(|object| object.has_blob()));
    has_blob.then(|| if multipart::boundary(&parts.headers).is_some() { UPLOAD_LIMIT } else { JSON_LIMIT })
}

/// Whether a request reads a blob, whatever it accepts.
pub(super) fn is_download(site: &Site, request: &Request) -> bool {
    match (request.method(), sobject(request.uri().path()).as_deref()) {
        (&Method::GET | &Method::HEAD, Some([object, _, field])) => {
            site.org().object(object).is_ok_and(|object| object.is_blob(field))
        }
        _ => false,
    }
}

/// What follows `/services/data/vNN.N/sobjects/` in a path.
fn sobject(path: &str) -> Option<Vec<&str>> {
    let (version, rest) = path.trim_start_matches('/').strip_prefix("services/data/")?.split_once("/sobjects/")?;
    (!version.contains('/')).then(|| rest.trim_end_matches('/').split('/').collect())
}

/// Refuses files in a multipart request where the mock takes records in JSON alone, though Salesforce does not.
pub(super) async fn refuse_multipart(request: Request, next: Next) -> Response {
    if multipart::boundary(request.headers()).is_none() {
        return next.run(request).await;
    }
    let message =
        "the mock does not know multipart requests of sObject Collections: put the bytes into the records, in base64";
    ApiError::new(501, "UNKNOWN_TO_THE_MOCK", message).into_response()
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("INVALID_MULTIPART_REQUEST", message)
}
