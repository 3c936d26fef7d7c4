//! A place in a query's result to go on from.

use super::batch_size::BatchSize;
use crate::core::api_version::ApiVersion;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::Request;
use crate::core::text::split_once;

/// A query locator, `/services/data/v67.0/query/01g...-2000`, and nothing that could lead elsewhere; with it the batch size
/// of its query, which Salesforce forgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    path: String,
    batch_size: Option<BatchSize>,
}

impl Cursor {
    const LONGEST: usize = 512;
    /// Between the path and the batch size in a caller's text.
    const BATCH_SIZE: &str = "?batchSize=";

    /// Reads the cursor that a caller hands back.
    pub fn parse(text: &str) -> Result<Self> {
        let (path, batch_size) = match split_once(text, Self::BATCH_SIZE) {
            Some((path, batch_size)) => (path, Some(batch_size)),
            None => (text, None),
        };
        let batch_size = batch_size.map(|digits| {
            let plain = digits.len() <= 4 && digits.starts_with(|first: char| matches!(first, '1'..='9'));
            digits.parse().ok().filter(|_| plain).and_then(BatchSize::of)
        });
        match (is_locator(path), batch_size) {
            (true, None) => Ok(Self { path: path.into(), batch_size: None }),
            (true, Some(Some(batch_size))) => Ok(Self { path: path.into(), batch_size: Some(batch_size) }),
            _ => Err(Error::invalid_argument("cursor", "a cursor as a page returned it, unchanged")),
        }
    }

    /// Reads Salesforce's `nextRecordsUrl`: only a path is accepted, so the token cannot follow it to another host.
    pub(super) fn from_response(next_records_url: &str, batch_size: Option<BatchSize>) -> Result<Self> {
        if is_locator(next_records_url) {
            return Ok(Self { path: next_records_url.into(), batch_size });
        }
        Err(Error::invalid_response(
            "expected nextRecordsUrl to be a path below /services/data/vNN.N/query/, it is not",
        ))
    }

    /// The text for the caller to store.
    pub fn text(&self) -> String {
        match self.batch_size {
            Some(batch_size) => format!("{}{}{}", self.path, Self::BATCH_SIZE, batch_size.records()),
            None => self.path.clone(),
        }
    }

    /// The request for the page that is there.
    pub(super) fn request<'a>(&self, connection: &'a Connection) -> Request<'a> {
        let extra_headers = BatchSize::headers(self.batch_size);
        Request { path_and_query: self.path.clone(), extra_headers, ..Request::get(connection, "") }
    }

    /// The path to request.
    #[cfg(test)]
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// What its query asked for.
    pub(super) fn batch_size(&self) -> Option<BatchSize> {
        self.batch_size
    }
}

fn is_locator(path: &str) -> bool {
    let parts = path.strip_prefix("/services/data/").and_then(|rest| rest.split_once('/'));
    let Some((version, locator)) = parts.and_then(|(version, rest)| Some((version, rest.strip_prefix("query/")?)))
    else {
        return false;
    };
    path.len() <= Cursor::LONGEST - Cursor::BATCH_SIZE.len() - 4
        && ApiVersion::parse(version).is_ok()
        && !locator.is_empty()
        && locator.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use proptest::prelude::*;

    #[test]
    fn a_locator_path_is_taken_as_it_is() {
        let text = "/services/data/v60.0/query/0r8xx5R2sM3DgWhASK-2000";
        assert_eq!(Cursor::parse(text).unwrap().text(), text);
    }

    #[test]
    fn f111_a_cursor_carries_the_batch_size_of_its_query() {
        let path = "/services/data/v60.0/query/0r8xx5R2sM3DgWhASK-2000";
        let cursor = Cursor::from_response(path, BatchSize::of(200)).unwrap();
        assert_eq!(cursor.text(), format!("{path}?batchSize=200"));
        assert_eq!(Cursor::parse(&cursor.text()).unwrap(), cursor);
        assert_eq!((cursor.path(), cursor.batch_size()), (path, BatchSize::of(200)));
        for suffix in ["?batchSize=", "?batchSize=199", "?batchSize=2001", "?batchSize=+200", "?batchSize=0200", "?x=1"]
        {
            assert!(Cursor::parse(&format!("{path}{suffix}")).is_err(), "{suffix}");
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        for text in [
            "",
            "https://evil.com/services/data/v60.0/query/01g-2000",
            "http://example.my.salesforce.com/services/data/v60.0/query/01g-2000",
            "//evil.com/services/data/v60.0/query/01g-2000",
            "@evil.com/services/data/v60.0/query/01g-2000",
            ".evil.com/services/data/v60.0/query/01g-2000",
            "\\evil.com/services/data/v60.0/query/01g-2000",
            "/services/data/v60.0/query/",
            "/services/data/v60.0/query/../sobjects",
            "/services/data/v60.0/query/01g/2000",
            "/services/data/v60.0/query/01g?x=1",
            "/services/data/v60.0/query/01g#x",
            "/services/data/v60.0/query/01g%2e",
            "/services/data/v60.0/query/01g\r\nX: 1",
            "/services/data/v60.0/queryAll/01g-2000",
            "/services/data/v60/query/01g-2000",
            "/services/data/v60.0/sobjects/Account/query/x",
            "/services/oauth2/v60.0/query/01g-2000",
        ] {
            assert_eq!(Cursor::parse(text).unwrap_err().kind, ErrorKind::InvalidArgument, "{text:?}");
            assert_eq!(Cursor::from_response(text, None).unwrap_err().kind, ErrorKind::InvalidResponse, "{text:?}");
        }
        assert!(Cursor::parse(&format!("/services/data/v60.0/query/{}", "a".repeat(512))).is_err());
    }

    proptest! {
        #[test]
        fn what_is_taken_stays_below_the_query_path(text in "(/services/data/v[0-9]{2}\\.0/query/)?[a-z0-9/@.:%?#\\\\-]{0,40}") {
            if let Ok(cursor) = Cursor::parse(&text) {
                prop_assert!(cursor.path().starts_with("/services/data/v"));
                prop_assert!(!cursor.path().contains(['.', '@', '\\', '?', '#', '%', ':']) || cursor.path().matches('.').count() == 1);
                prop_assert_eq!(cursor.path().matches('/').count(), 5);
            }
        }
    }
}
