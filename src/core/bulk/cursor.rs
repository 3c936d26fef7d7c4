//! A place in the results of a query job, and the header that all of its pages have.

use sha2::{Digest, Sha256};

use crate::core::api_version::ApiVersion;
use crate::core::encoding::{form, hexadecimal};
use crate::core::error::{Error, Result};
use crate::core::record_id::RecordId;
use crate::core::text::split_once;

/// `/services/data/v67.0/jobs/query/750.../results`, and behind the first page `?locator=...&header=...`: nothing that could lead
/// elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultsCursor {
    version: ApiVersion,
    job: RecordId,
    locator: Option<String>,
    header: Option<Header>,
}

/// What a page is held against: the header of the pages before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Its cells.
    pub(super) columns: u32,
    /// Of its text.
    digest: u64,
}

impl Header {
    /// Of a record with so many cells.
    pub(super) fn of(record: &str, columns: u32) -> Self {
        let digest = Sha256::digest(record.trim_matches(['\r', '\n']));
        let first = digest.iter().take(size_of::<u64>());
        Self { columns, digest: first.fold(0, |digest, byte| (digest << 8) | u64::from(*byte)) }
    }

    fn parse(text: &str) -> Option<Self> {
        let (columns, digest) = split_once(text, "-")?;
        let header = Self { columns: columns.parse().ok()?, digest: u64::from_str_radix(digest, 16).ok()? };
        (header.text() == text).then_some(header)
    }

    fn text(self) -> String {
        [&self.columns.to_string(), "-", &hexadecimal(self.digest)].concat()
    }
}

impl ResultsCursor {
    const LONGEST_LOCATOR: usize = 400;
    const LOCATOR: &str = "?locator=";
    const HEADER: &str = "&header=";

    /// Reads the cursor that a caller hands back.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text)
            .ok_or_else(|| Error::invalid_argument("cursor", "a cursor as a job or a page returned it, unchanged"))
    }

    fn read(text: &str) -> Option<Self> {
        let (version, rest) = split_once(text.strip_prefix("/services/data/")?, "/")?;
        let (job, rest) = split_once(rest.strip_prefix("jobs/query/")?, "/")?;
        let (locator, header) = match rest.strip_prefix("results")? {
            "" => (None, None),
            behind => {
                let behind = behind.strip_prefix(Self::LOCATOR)?;
                // Releases before this one wrote none.
                let (locator, header) = match split_once(behind, Self::HEADER) {
                    Some((locator, header)) => (locator, Some(Header::parse(header)?)),
                    None => (behind, None),
                };
                (Some(locator).filter(|locator| is_locator(locator)), header)
            }
        };
        let (version, job) = (ApiVersion::parse(version).ok()?, RecordId::parse("job-id", job).ok()?);
        (locator.is_some() || rest == "results").then_some(Self {
            version,
            job,
            locator: locator.map(Into::into),
            header,
        })
    }

    /// The first page.
    pub(super) fn first(version: ApiVersion, job: RecordId) -> Self {
        Self { version, job, locator: None, header: None }
    }

    /// The page behind this one, by `Sforce-Locator`; none: this is the last. `header` is the one of the pages until here.
    pub(super) fn next(&self, locator: &str, header: Option<Header>) -> Result<Option<Self>> {
        if locator == "null" {
            return Ok(None);
        }
        if !is_locator(locator) {
            return Err(Error::invalid_response(
                "expected Sforce-Locator to be letters, digits and a few marks, it is not",
            ));
        }
        if self.locator.as_deref() == Some(locator) {
            return Err(Error::invalid_response("the pages of the results lead in a circle"));
        }
        Ok(Some(Self { locator: Some(locator.into()), header, ..self.clone() }))
    }

    pub(super) fn header(&self) -> Option<Header> {
        self.header
    }

    pub(super) fn is_first(&self) -> bool {
        self.locator.is_none()
    }

    /// The text for the caller to store.
    pub fn text(&self) -> String {
        let (before, locator) = self.locator.as_ref().map_or(("", ""), |locator| (Self::LOCATOR, locator));
        let header = self.header.map_or(String::new(), |header| [Self::HEADER, &header.text()].concat());
        [&self.path(), before, locator, &header].concat()
    }

    fn path(&self) -> String {
        ["/services/data/", &self.version.to_string(), "/jobs/query/", self.job.as_str(), "/results"].concat()
    }

    /// The path to request.
    pub(super) fn path_and_query(&self, max_records: Option<u32>) -> String {
        let max_records = max_records.map(|most| most.to_string());
        let pairs = [("maxRecords", &max_records), ("locator", &self.locator)];
        let pairs: Vec<_> = pairs.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let query = form(&pairs);
        [self.path().as_str(), if query.is_empty() { "" } else { "?" }, &query].concat()
    }
}

/// Letters, digits and what Base64 has beside them (RFC 4648).
fn is_locator(text: &str) -> bool {
    (1..=ResultsCursor::LONGEST_LOCATOR).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;

    const FIRST: &str = "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results";

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let later = format!("{FIRST}?locator=MDowR2FI-_+/bg==");
        for text in [FIRST.to_owned(), later.clone(), format!("{later}&header=12-00f1020304050607")] {
            let cursor = ResultsCursor::parse(&text).unwrap();
            assert_eq!((cursor.text(), cursor.is_first()), (text.clone(), text == FIRST));
        }
    }

    #[test]
    fn a_page_is_asked_for_with_the_version_of_its_job() {
        let first = ResultsCursor::parse(FIRST).unwrap();
        assert_eq!(first.path_and_query(None), FIRST);
        assert_eq!(first.path_and_query(Some(5)), format!("{FIRST}?maxRecords=5"));
        let next = first.next("a+/=", None).unwrap().unwrap();
        assert_eq!(next.path_and_query(None), format!("{FIRST}?locator=a%2B/%3D"));
        assert_eq!(next.path_and_query(Some(5)), format!("{FIRST}?maxRecords=5&locator=a%2B/%3D"));
        assert_eq!(next.text(), format!("{FIRST}?locator=a+/="));
        let header = Header::of("\"Id\",\"Name\"\r\n", 2);
        let next = first.next("a+/=", Some(header)).unwrap().unwrap();
        assert_eq!(next.path_and_query(None), format!("{FIRST}?locator=a%2B/%3D"));
        assert_eq!(next.text(), format!("{FIRST}?locator=a+/=&header={}", header.text()));
        assert_eq!(ResultsCursor::parse(&next.text()).unwrap(), next);
    }

    #[test]
    fn the_next_page_is_another_one_or_there_is_none() {
        let first = ResultsCursor::parse(FIRST).unwrap();
        let second = first.next("MQ", None).unwrap().unwrap();
        assert_eq!(second.next("null", None).unwrap(), None);
        assert_eq!(second.next("Mg", None).unwrap().unwrap().text(), format!("{FIRST}?locator=Mg"));
        for (odd, words) in
            [("MQ", "circle"), ("", "Sforce-Locator"), ("a b", "Sforce-Locator"), ("a&x=1", "Sforce-Locator")]
        {
            let error = second.next(odd, None).unwrap_err();
            assert!(
                error.kind == ErrorKind::InvalidResponse && error.message.contains(words),
                "{odd} {}",
                error.message
            );
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        let long = format!("{FIRST}?locator={}", "a".repeat(401));
        for text in [
            "",
            "https://evil.com/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results",
            "//evil.com/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results",
            "@evil.com/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results",
            "/services/data/v60.0/jobs/ingest/7505e000003xPmkAAE/results",
            "/services/data/v60/jobs/query/7505e000003xPmkAAE/results",
            "/services/data/v60.0/jobs/query/../results",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results/../x",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=a&b=c",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=a#b",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=a\r\nX: 1",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=a&header=",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=a&header=1-1",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=a&header=+1-00f1020304050607",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?locator=a&header=1-00F1020304050607",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?header=1-00f1020304050607",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?maxRecords=5",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE",
            "/services/data/v60.0/query/01g-2000",
            &long,
        ] {
            assert_eq!(ResultsCursor::parse(text).unwrap_err().kind, ErrorKind::InvalidArgument, "{text:?}");
        }
        let longest = format!("{FIRST}?locator={}&header={}-00f1020304050607", "a".repeat(400), u32::MAX);
        assert!(ResultsCursor::parse(&longest).unwrap().text().len() <= 512);
    }
}
