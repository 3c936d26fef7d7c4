//! A place in the results of a query job.

use crate::core::api_version::ApiVersion;
use crate::core::encoding::form;
use crate::core::error::{Error, Result};
use crate::core::record_id::RecordId;
use crate::core::text::split_once;

/// `/services/data/v67.0/jobs/query/750.../results`, and behind the first page `?locator=...`: nothing that could lead elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultsCursor {
    version: ApiVersion,
    job: RecordId,
    locator: Option<String>,
}

impl ResultsCursor {
    const LONGEST_LOCATOR: usize = 400;
    const LOCATOR: &str = "?locator=";

    /// Reads the cursor that a caller hands back.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text)
            .ok_or_else(|| Error::invalid_argument("cursor", "a cursor as a job or a page returned it, unchanged"))
    }

    fn read(text: &str) -> Option<Self> {
        let (version, rest) = split_once(text.strip_prefix("/services/data/")?, "/")?;
        let (job, rest) = split_once(rest.strip_prefix("jobs/query/")?, "/")?;
        let locator = match rest.strip_prefix("results")? {
            "" => None,
            behind => Some(behind.strip_prefix(Self::LOCATOR).filter(|locator| is_locator(locator))?.into()),
        };
        Some(Self { version: ApiVersion::parse(version).ok()?, job: RecordId::parse("job-id", job).ok()?, locator })
    }

    /// The first page.
    pub(super) fn first(version: ApiVersion, job: RecordId) -> Self {
        Self { version, job, locator: None }
    }

    /// The page behind this one, by `Sforce-Locator`; none: this is the last.
    pub(super) fn next(&self, locator: &str) -> Result<Option<Self>> {
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
        Ok(Some(Self { locator: Some(locator.into()), ..self.clone() }))
    }

    pub(super) fn is_first(&self) -> bool {
        self.locator.is_none()
    }

    /// The text for the caller to store.
    pub fn text(&self) -> String {
        let (before, locator) = self.locator.as_ref().map_or(("", ""), |locator| (Self::LOCATOR, locator));
        [&self.path(), before, locator].concat()
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
        for text in [FIRST.to_owned(), format!("{FIRST}?locator=MDowR2FI-_+/bg==")] {
            let cursor = ResultsCursor::parse(&text).unwrap();
            assert_eq!((cursor.text(), cursor.is_first()), (text.clone(), text == FIRST));
        }
    }

    #[test]
    fn a_page_is_asked_for_with_the_version_of_its_job() {
        let first = ResultsCursor::parse(FIRST).unwrap();
        assert_eq!(first.path_and_query(None), FIRST);
        assert_eq!(first.path_and_query(Some(5)), format!("{FIRST}?maxRecords=5"));
        let next = first.next("a+/=").unwrap().unwrap();
        assert_eq!(next.path_and_query(None), format!("{FIRST}?locator=a%2B/%3D"));
        assert_eq!(next.path_and_query(Some(5)), format!("{FIRST}?maxRecords=5&locator=a%2B/%3D"));
        assert_eq!(next.text(), format!("{FIRST}?locator=a+/="));
    }

    #[test]
    fn the_next_page_is_another_one_or_there_is_none() {
        let first = ResultsCursor::parse(FIRST).unwrap();
        let second = first.next("MQ").unwrap().unwrap();
        assert_eq!(second.next("null").unwrap(), None);
        assert_eq!(second.next("Mg").unwrap().unwrap().text(), format!("{FIRST}?locator=Mg"));
        for (odd, words) in
            [("MQ", "circle"), ("", "Sforce-Locator"), ("a b", "Sforce-Locator"), ("a&x=1", "Sforce-Locator")]
        {
            let error = second.next(odd).unwrap_err();
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
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results?maxRecords=5",
            "/services/data/v60.0/jobs/query/7505e000003xPmkAAE",
            "/services/data/v60.0/query/01g-2000",
            &long,
        ] {
            assert_eq!(ResultsCursor::parse(text).unwrap_err().kind, ErrorKind::InvalidArgument, "{text:?}");
        }
        assert!(ResultsCursor::parse(&format!("{FIRST}?locator={}", "a".repeat(400))).unwrap().text().len() <= 512);
    }
}
