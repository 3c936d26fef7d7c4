//! A place in a query's result to go on from.

use crate::core::api_version::ApiVersion;
use crate::core::error::{Error, Result};

/// A query locator: `/services/data/v67.0/query/01g...-2000`, and nothing that could lead elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    const LONGEST: usize = 512;

    /// Reads the cursor that a caller hands back.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| Error::invalid_argument("cursor", "a cursor as a page returned it, unchanged"))
    }

    /// Reads Salesforce's `nextRecordsUrl`: only a path is accepted, so the token cannot follow it to another host.
    pub(super) fn from_response(next_records_url: &str) -> Result<Self> {
        Self::read(next_records_url).ok_or_else(|| {
            Error::invalid_response("expected nextRecordsUrl to be a path below /services/data/vNN.N/query/, it is not")
        })
    }

    /// The text for the caller to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path and query to request.
    pub(super) fn path(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("/services/data/")?;
        let (version, rest) = rest.split_once('/')?;
        let locator = rest.strip_prefix("query/")?;
        ApiVersion::parse(version).ok()?;
        let fits = !locator.is_empty()
            && locator.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (fits && text.len() <= Self::LONGEST).then(|| Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use proptest::prelude::*;

    #[test]
    fn a_locator_path_is_taken_as_it_is() {
        let text = "/services/data/v60.0/query/0r8xx5R2sM3DgWhASK-2000";
        assert_eq!(Cursor::parse(text).unwrap().as_str(), text);
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
            assert_eq!(Cursor::from_response(text).unwrap_err().kind, ErrorKind::InvalidResponse, "{text:?}");
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
