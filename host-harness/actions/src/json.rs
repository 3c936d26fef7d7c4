//! Results of the component whose type is known, as JSON: the WIT's names in snake case, records and numbers untouched.
//!
//! A token set has no view here: tokens go to the connection file and nowhere else.

pub(crate) mod number;
mod objects;
mod remote_error;
pub mod spelling;
pub mod wrong;

use std::io;

use serde::Serialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

pub use number::whole as whole_number;
pub use remote_error::RemoteError;

use salesforce_runtime::bindings::oauth::Introspection;
use salesforce_runtime::bindings::soql::{ChildCursor, Page};
use salesforce_runtime::bindings::types::{ApiUsage, Error, Problem};
use salesforce_runtime::{HostFailure, names};

/// `types.error`.
#[derive(Serialize)]
pub struct ErrorView<'a> {
    kind: &'static str,
    outcome: &'static str,
    retryable: bool,
    retry_after_ms: Option<u64>,
    message: &'a str,
    status: Option<u16>,
    problems: Vec<ProblemView<'a>>,
    detail: Option<Box<RawValue>>,
    request_id: Option<&'a str>,
}

/// `types.problem`.
#[derive(Serialize)]
struct ProblemView<'a> {
    code: &'a str,
    message: &'a str,
    fields: &'a [String],
}

/// `types.api-usage`.
#[derive(Serialize)]
struct UsageView {
    used: u32,
    allowed: u32,
}

/// `soql.page`.
#[derive(Serialize)]
pub struct PageView<'a> {
    records: Box<RawValue>,
    count: u32,
    total_size: Option<u64>,
    next: Option<&'a str>,
    children: Vec<ChildView<'a>>,
    usage: Option<UsageView>,
}

/// `soql.child-cursor`.
#[derive(Serialize)]
struct ChildView<'a> {
    record_index: u32,
    relationship: &'a str,
    count: u32,
    total_size: Option<u64>,
    next: &'a str,
}

/// `oauth.introspection`.
#[derive(Serialize)]
pub struct IntrospectionView<'a> {
    active: bool,
    scopes: &'a [String],
    client_id: Option<&'a str>,
    username: Option<&'a str>,
    sub: Option<&'a str>,
    exp: Option<u64>,
    iat: Option<u64>,
    nbf: Option<u64>,
}

/// The component gave a result that is not JSON.
#[derive(Debug, thiserror::Error)]
#[error("the component gave a result that is not JSON ({0})")]
pub struct NotJson(#[from] serde_json::Error);

/// A result of the component that cannot be passed on.
#[derive(Debug, thiserror::Error)]
pub enum NotGiven {
    /// It is not JSON, which only another component than ours gives.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// Its lists and objects are deeper in one another than that.
    #[error("the component gave a result with lists and objects more than {most} deep in one another")]
    TooDeep {
        /// What is allowed.
        most: usize,
    },
    /// As JSON it is longer than allowed.
    #[error("the result is larger than allowed")]
    TooLarge,
}

impl NotGiven {
    /// The failure of the call that gave it, whose requests may have left the host.
    #[must_use]
    pub fn failure(&self, may_have_left: bool) -> HostFailure {
        match self {
            NotGiven::NotJson(_) | NotGiven::TooDeep { .. } => HostFailure::bad_result(self.to_string(), may_have_left),
            NotGiven::TooLarge => HostFailure::too_large(self.to_string(), may_have_left),
        }
    }
}

/// As JSON text of at most so many bytes, counted before any is written: a control character becomes six.
///
/// # Errors
/// [`NotGiven`].
pub fn bounded(view: &impl Serialize, most: usize) -> Result<Box<RawValue>, NotGiven> {
    serde_json::to_writer(Counter { left: most }, view).map_err(|error| match error.classify() {
        Category::Io => NotGiven::TooLarge,
        _ => NotJson(error).into(),
    })?;
    Ok(serde_json::value::to_raw_value(view).map_err(NotJson)?)
}

/// Takes so many bytes and no more.
struct Counter {
    left: usize,
}

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// JSON text of the component, checked to be JSON: another component than ours may have made it.
///
/// # Errors
/// [`NotJson`].
pub fn checked(json: &str) -> Result<Box<RawValue>, NotJson> {
    Ok(RawValue::from_string(json.to_owned())?)
}

impl<'a> ErrorView<'a> {
    /// The view of a result.
    pub fn new(error: &'a Error) -> ErrorView<'a> {
        let problem = |problem: &'a Problem| ProblemView {
            code: &problem.code,
            message: &problem.message,
            fields: &problem.fields,
        };
        ErrorView {
            kind: names::error_kind(error.kind),
            outcome: names::outcome(error.outcome),
            retryable: error.retryable,
            retry_after_ms: error.retry_after_ms,
            message: &error.message,
            status: error.status,
            problems: error.problems.iter().map(problem).collect(),
            detail: error.detail.clone().and_then(|detail| RawValue::from_string(detail).ok()),
            request_id: error.request_id.as_deref(),
        }
    }
}

impl<'a> PageView<'a> {
    /// The view of a result.
    pub fn new(page: &'a Page) -> Result<PageView<'a>, NotJson> {
        Ok(PageView::with_records(page, checked(&page.records)?))
    }

    /// The view of a page whose records were taken out of it.
    #[must_use]
    pub fn with_records(page: &'a Page, records: Box<RawValue>) -> PageView<'a> {
        let child = |child: &'a ChildCursor| ChildView {
            record_index: child.record_index,
            relationship: &child.relationship,
            count: child.count,
            total_size: child.total_size,
            next: &child.next,
        };
        PageView {
            records,
            count: page.count,
            total_size: page.total_size,
            next: page.next.as_deref(),
            children: page.children.iter().map(child).collect(),
            usage: page.usage.map(usage),
        }
    }
}

impl<'a> IntrospectionView<'a> {
    /// The view of a result.
    pub fn new(introspection: &'a Introspection) -> IntrospectionView<'a> {
        IntrospectionView {
            active: introspection.active,
            scopes: &introspection.scopes,
            client_id: introspection.client_id.as_deref(),
            username: introspection.username.as_deref(),
            sub: introspection.sub.as_deref(),
            exp: introspection.exp,
            iat: introspection.iat,
            nbf: introspection.nbf,
        }
    }
}

fn usage(usage: ApiUsage) -> UsageView {
    UsageView { used: usage.used, allowed: usage.allowed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_keep_every_digit_and_every_key() {
        let records = r#"[{"N":9007199254740993,"D":0.10,"A":1,"A":2}]"#;
        let page = Page {
            records: records.to_owned(),
            count: 1,
            total_size: Some(1),
            next: None,
            children: Vec::new(),
            usage: Some(ApiUsage { used: 18, allowed: 5000 }),
        };
        let text = serde_json::to_string(&PageView::new(&page).unwrap_or_else(|_| unreachable!())).unwrap();
        let rest = r#","count":1,"total_size":1,"next":null,"children":[],"usage":{"used":18,"allowed":5000}}"#;
        assert_eq!(text, format!("{{\"records\":{records}{rest}"));
    }

    #[test]
    fn a_result_that_is_not_json_is_an_error() {
        assert!(matches!(checked("[{]"), Err(NotJson(_))));
    }

    #[test]
    fn what_escapes_make_of_a_text_counts() {
        let text = "\u{1}".repeat(100);
        assert_eq!(bounded(&text, 602).unwrap().get().len(), 602);
        assert!(matches!(bounded(&text, 601), Err(NotGiven::TooLarge)));
    }
}
