//! The faults, what each client does when it meets them, and what ours must do.

use std::ops::RangeInclusive;

use super::Told;
use super::server::Arrived;

/// One fault.
#[derive(Debug)]
pub(crate) struct Row {
    /// The server's name for it.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) action: Action,
    promise: Promise,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A query, with all its pages.
    Query,
    /// A query whose URI is longer than Salesforce takes.
    LongQuery,
    Create,
    /// New tokens for a refresh token, or whatever the client has in its place.
    Refresh,
}

/// What this connector must do.
#[derive(Debug)]
struct Promise {
    /// Beginnings of what the caller may be told.
    told: &'static [&'static str],
    requests: RangeInclusive<u64>,
}

const INVALID: &[&str] = &["invalid-response"];
const UNKNOWN: &[&str] = &["interrupted, outcome unknown", "invalid-response, outcome unknown"];

/// All rows, in the order in which they are printed.
pub(crate) const ROWS: &[Row] = &[
    query("absolute-next-url", "The next page is on another host", INVALID, 1..=1),
    query("userinfo-next-url", "The next page is `@other-host/...`", INVALID, 1..=1),
    query("suffix-next-url", "The next page is `.other-host/...`", INVALID, 1..=1),
    query("redirected-query", "A query is redirected to another host", INVALID, 1..=1),
    create("redirected-create", "A create is redirected to another host", &["invalid-response, outcome unknown"]),
    query("looping-locator", "The next page is the same page again", INVALID, 1..=3),
    query("no-next-url", "The result goes on, but there is no next page", INVALID, 1..=1),
    query("expired-for-ever", "The session has expired, whatever the token", &["session-expired"], 2..=3),
    create("reset-create", "A create gets a reset in place of an answer", UNKNOWN),
    create("closed-create", "A create gets no answer", UNKNOWN),
    create("cut-create", "A create's answer is cut off", UNKNOWN),
    create("unavailable-create", "A create gets 503", &["unavailable, outcome unknown"]),
    query("cut-query", "A query's answer ends before its Content-Length", &["interrupted"], 1..=3),
    query("unfinished-chunks", "A query's answer ends before its last chunk", &["interrupted"], 1..=3),
    query("broken-json", "A query's JSON is cut off", INVALID, 1..=1),
    query("login-page", "A query gets a login page with status 200", INVALID, 1..=1),
    row("long-query", "A query is longer than Salesforce takes", Action::LongQuery, &["request-too-large"], 0..=0),
    query(
        "digits",
        "Numbers have more digits than a double",
        &[r#"{"Amount__c":9007199254740993,"Rate__c":0.123456789012345678}"#],
        1..=1,
    ),
    row(
        "wrong-signature",
        "The token answer's signature is wrong",
        Action::Refresh,
        &["untrusted-authorization"],
        1..=1,
    ),
];

const fn query(
    name: &'static str,
    title: &'static str,
    told: &'static [&'static str],
    requests: RangeInclusive<u64>,
) -> Row {
    row(name, title, Action::Query, told, requests)
}

/// A create is sent once.
const fn create(name: &'static str, title: &'static str, told: &'static [&'static str]) -> Row {
    row(name, title, Action::Create, told, 1..=1)
}

const fn row(
    name: &'static str,
    title: &'static str,
    action: Action,
    told: &'static [&'static str],
    requests: RangeInclusive<u64>,
) -> Row {
    Row { name, title, action, promise: Promise { told, requests } }
}

impl Action {
    /// Its name in the clients' scripts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::LongQuery => "long-query",
            Self::Create => "create",
            Self::Refresh => "refresh",
        }
    }
}

impl Row {
    /// What this connector did that it must not, if anything.
    pub(crate) fn broken(&self, told: &Told, arrived: &Arrived) -> Option<String> {
        let Promise { told: allowed, requests } = &self.promise;
        let said = match told {
            Told::Result(what) | Told::Error(what) => what.as_str(),
            Told::Nothing => "",
        };
        let kept = allowed.iter().any(|allowed| said.starts_with(allowed))
            && requests.contains(&arrived.data_requests())
            && arrived.elsewhere == 0
            && arrived.creates <= 1;
        (!kept).then(|| {
            format!(
                "{}: expected {} after {} to {} request(s) and nothing elsewhere, but: {told:?}, {arrived:?}",
                self.title,
                allowed.join(" or "),
                requests.start(),
                requests.end()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_create_that_arrives_twice_or_is_called_done_breaks_the_promise() {
        let row = ROWS.iter().find(|row| row.name == "reset-create").unwrap();
        let told = Told::Error("interrupted, outcome unknown".to_owned());
        let once = Arrived { requests: 1, creates: 1, ..Arrived::default() };
        assert_eq!(row.broken(&told, &once), None);
        let twice = Arrived { requests: 2, creates: 2, ..Arrived::default() };
        assert!(row.broken(&told, &twice).is_some());
        assert!(row.broken(&Told::Result("created".to_owned()), &once).is_some());
        assert!(row.broken(&Told::Nothing, &once).is_some());
    }

    #[test]
    fn a_request_elsewhere_breaks_the_promise() {
        let row = ROWS.iter().find(|row| row.name == "absolute-next-url").unwrap();
        let told = Told::Error("invalid-response".to_owned());
        let here = Arrived { requests: 1, ..Arrived::default() };
        assert_eq!(row.broken(&told, &here), None);
        assert!(row.broken(&told, &Arrived { elsewhere: 1, ..here }).is_some());
    }
}
