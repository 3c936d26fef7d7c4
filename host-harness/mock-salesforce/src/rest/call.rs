//! One call of the REST API: its version, its caller and the Sforce-* headers, read once.
//!
//! Source: REST API Developer Guide, "Headers".

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::version::Version;
use crate::ApiError;
use crate::ledger::OpenEntry;
use crate::oauth::tokens::Bearer;
use crate::org::{Assignment, DuplicateRuleOptions, WriteOptions};
use crate::soql::QueryOptions;

/// The fewest and the most rows of a page.
const BATCH: std::ops::RangeInclusive<usize> = 200..=2000;

/// What the gate found out about a request that it let through.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) version: Version,
    pub(crate) bearer: Bearer,
    /// Rows of a page: `Sforce-Query-Options: batchSize=`, drawn into 200 to 2,000.
    pub(crate) batch_size: usize,
    /// Whether the records that it touches become the caller's recent ones: `Sforce-Mru: updateMru=true`, since version 60.
    pub(crate) updates_mru: bool,
    /// What the headers say about writes.
    pub(crate) writes: WriteOptions,
    /// Where the work is noted that goes on after its answer.
    pub(crate) entry: Option<OpenEntry>,
}

impl Call {
    pub(crate) fn new(version: Version, bearer: Bearer, headers: &HeaderMap) -> Self {
        let writes = WriteOptions {
            acting_user: bearer.user_id.clone(),
            api_version: version.to_string(),
            duplicate_rule: duplicate_rule(version, headers),
            assignment: assignment(headers),
            upload: None,
        };
        let mru = text(headers, "sforce-mru").filter(|_| version.since(60)).unwrap_or_default();
        let updates_mru = option(mru, ',', "updateMru").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Self { version, bearer, batch_size: batch_size(headers), updates_mru, writes, entry: None }
    }

    /// What it says to a query. `version` is its version as text.
    pub(crate) fn query_options<'a>(&'a self, version: &'a str, include_deleted: bool) -> QueryOptions<'a> {
        QueryOptions { include_deleted, version, user_id: &self.bearer.user_id }
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let call = parts.extensions.get().cloned();
        call.ok_or_else(|| ApiError::new(500, "UNKNOWN_EXCEPTION", "the request did not pass the gate"))
    }
}

/// The query of a request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct RawQuery(pub(crate) Option<String>);

/// The query of a subrequest that is too long for a [`axum::http::Uri`], where alone a request can have one.
#[derive(Debug, Clone)]
pub(crate) struct LongQuery(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for RawQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let long = parts.extensions.get().map(|LongQuery(query)| query.clone());
        Ok(Self(long.or_else(|| parts.uri.query().map(str::to_owned))))
    }
}

/// A parameter of the query, decoded.
pub(crate) fn parameter(RawQuery(query): &RawQuery, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The error of a parameter's value: 400 `ILLEGAL_QUERY_PARAMETER_VALUE`, as the UI API answers. Which code other resources have is
/// not verified.
pub(crate) fn wrong_parameter(name: &str, value: &str, expected: &str) -> ApiError {
    ApiError::bad_request("ILLEGAL_QUERY_PARAMETER_VALUE", format!("{name} must be {expected}, not {value}"))
}

fn batch_size(headers: &HeaderMap) -> usize {
    let asked = text(headers, "sforce-query-options").and_then(|value| option(value, ',', "batchSize")?.parse().ok());
    asked.map_or(*BATCH.end(), |size: usize| size.clamp(*BATCH.start(), *BATCH.end()))
}

/// The header is known since version 52.
fn duplicate_rule(version: Version, headers: &HeaderMap) -> DuplicateRuleOptions {
    let value = text(headers, "sforce-duplicate-rule-header").filter(|_| version.since(52)).unwrap_or_default();
    let is_true = |name| option(value, ';', name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    DuplicateRuleOptions {
        allow_save: is_true("allowSave"),
        include_record_details: is_true("includeRecordDetails"),
        run_as_current_user: is_true("runAsCurrentUser"),
    }
}

fn assignment(headers: &HeaderMap) -> Assignment {
    match text(headers, "sforce-auto-assign") {
        None => Assignment::Active,
        Some(value) if value.eq_ignore_ascii_case("true") => Assignment::Active,
        Some(value) if value.eq_ignore_ascii_case("false") => Assignment::Off,
        Some(rule) => Assignment::Rule(rule.to_owned()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The value of one `name=value` in a list.
fn option<'a>(list: &'a str, separator: char, name: &str) -> Option<&'a str> {
    let mut pairs = list.split(separator).filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn batch_sizes_are_drawn_into_their_range() {
        for (value, size) in [
            ("batchSize=1", 200),
            ("batchSize=999", 999),
            ("BatchSize = 9000", 2000),
            ("batchSize=x", 2000),
            ("", 2000),
        ] {
            assert_eq!(batch_size(&headers("sforce-query-options", value)), size, "{value}");
        }
    }

    #[test]
    fn duplicate_rule_options_are_separated_by_semicolons_and_new_in_52() {
        let headers = headers("sforce-duplicate-rule-header", "allowSave=true; includeRecordDetails=TRUE");
        let options = duplicate_rule(Version::parse("v52.0").unwrap(), &headers);
        assert!(options.allow_save && options.include_record_details && !options.run_as_current_user);
        assert_eq!(duplicate_rule(Version::parse("v51.0").unwrap(), &headers), DuplicateRuleOptions::default());
    }

    #[test]
    fn assignment_is_on_unless_told() {
        assert_eq!(assignment(&HeaderMap::new()), Assignment::Active);
        assert_eq!(assignment(&headers("sforce-auto-assign", "false")), Assignment::Off);
        assert_eq!(assignment(&headers("sforce-auto-assign", "01Q1")), Assignment::Rule("01Q1".to_owned()));
    }
}
