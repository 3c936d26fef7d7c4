//! Conditional requests on records and describes.
//!
//! Source: REST API Developer Guide, "Conditional Requests"; RFC 9110 section 13. Records have ETags only if they are accounts.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use ring::digest;

use crate::ApiError;

/// What a resource says of its own state.
#[derive(Debug, Clone)]
pub(crate) struct Validators {
    last_modified: Timestamp,
    etag: Option<String>,
}

/// Why a resource is not sent.
#[derive(Debug)]
pub(crate) enum Unread {
    /// 304: the client has it.
    NotModified(Validators),
    /// An error.
    Refused(ApiError),
}

impl From<ApiError> for Unread {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for Unread {
    fn into_response(self) -> Response {
        match self {
            Self::NotModified(validators) => validators.mark(StatusCode::NOT_MODIFIED.into_response()),
            Self::Refused(error) => error.into_response(),
        }
    }
}

impl Validators {
    /// Of metadata, told in this body.
    pub(crate) fn of_metadata(last_modified: Timestamp, body: &[u8]) -> Self {
        let hash = digest::digest(&digest::SHA256, body);
        let hash: String = hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self { last_modified, etag: Some(format!("\"{hash}\"")) }
    }

    /// Of a record; an account has an ETag too.
    pub(crate) fn of_record(object: &str, id: &str, last_modified: Timestamp) -> Self {
        let state = format!("{id}@{}", last_modified.as_nanosecond());
        let hash = digest::digest(&digest::SHA256, state.as_bytes());
        let hash: String = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { last_modified, etag: (object == "Account").then(|| format!("\"{hash}\"")) }
    }

    /// 304 when the client has this state already, 412 when it wants another than this.
    pub(crate) fn check_read(&self, request: &HeaderMap) -> Result<(), Unread> {
        self.check_write(request)?;
        let same_tag = self.tags(request, header::IF_NONE_MATCH);
        // RFC 9110 section 13.1.3: If-None-Match takes the place of If-Modified-Since.
        let unchanged = same_tag.unwrap_or_else(|| {
            date(request, header::IF_MODIFIED_SINCE).is_some_and(|since| self.seconds() <= since.as_second())
        });
        if unchanged { Err(Unread::NotModified(self.clone())) } else { Ok(()) }
    }

    /// 412 `PRECONDITION_FAILED` when the record is not as the client believes.
    pub(crate) fn check_write(&self, request: &HeaderMap) -> Result<(), ApiError> {
        let other_tag = self.tags(request, header::IF_MATCH) == Some(false);
        let since = date(request, header::IF_UNMODIFIED_SINCE);
        let changed = since.is_some_and(|since| self.seconds() > since.as_second());
        if other_tag || changed {
            let message = "The resource has changed since: a precondition of the request is not met";
            return Err(ApiError::new(412, "PRECONDITION_FAILED", message));
        }
        Ok(())
    }

    /// The answer with these validators in its headers.
    pub(crate) fn mark(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.last_modified)
            && let Ok(date) = HeaderValue::from_str(&date)
        {
            headers.insert(header::LAST_MODIFIED, date);
        }
        if let Some(etag) = self.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.insert(header::ETAG, etag);
        }
        response
    }

    /// HTTP dates have no fractions.
    fn seconds(&self) -> i64 {
        self.last_modified.as_second()
    }

    /// Whether one of a header's tags is that of this state; nothing without the header or without a tag.
    fn tags(&self, request: &HeaderMap, name: header::HeaderName) -> Option<bool> {
        let etag = self.etag.as_deref()?;
        let list = request.get(name)?.to_str().ok()?;
        Some(list.split(',').map(str::trim).any(|tag| tag == "*" || tag == etag))
    }
}

fn date(request: &HeaderMap, name: header::HeaderName) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(request.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(name: header::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    fn account() -> Validators {
        Validators::of_record("Account", "001", "2026-06-15T12:00:00.5Z".parse().unwrap())
    }

    #[test]
    fn dates_are_compared_in_whole_seconds() {
        let at = "Mon, 15 Jun 2026 12:00:00 GMT";
        let before = "Mon, 15 Jun 2026 11:59:59 GMT";
        let status =
            |headers| account().check_read(&headers).err().map(|unread| unread.into_response().status().as_u16());
        assert_eq!(status(request(header::IF_MODIFIED_SINCE, at)), Some(304));
        assert_eq!(status(request(header::IF_MODIFIED_SINCE, before)), None);
        assert_eq!(status(request(header::IF_UNMODIFIED_SINCE, at)), None);
        assert_eq!(status(request(header::IF_UNMODIFIED_SINCE, before)), Some(412));
        assert_eq!(status(request(header::IF_MODIFIED_SINCE, "yesterday")), None);
    }

    #[test]
    fn only_accounts_have_tags() {
        let tag = account().etag.unwrap();
        assert!(account().check_write(&request(header::IF_MATCH, &tag)).is_ok());
        assert_eq!(account().check_write(&request(header::IF_MATCH, "\"other\"")).unwrap_err().status, 412);
        let contact = Validators::of_record("Contact", "003", "2026-06-15T12:00:00Z".parse().unwrap());
        assert!(contact.check_write(&request(header::IF_MATCH, "\"other\"")).is_ok());
    }
}
