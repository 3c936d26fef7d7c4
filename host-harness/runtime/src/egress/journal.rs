//! What left the host on behalf of one execution, and which answers came back: the ground for [`Outcome`], whatever the
//! component says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, StatusCode};

use crate::bindings::types::{ApiUsage, Outcome};

/// Counts the requests of one execution that may have left.
///
/// Every poll of a request happens under this lock, and [`Journal::close`] takes it too. So the answer of `close` is
/// final: no request can leave on another thread after it said that none had.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<Entries>>);

/// The journal, locked. It counts and keeps no list, so it is as small for a million requests as for one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entries {
    /// The execution is over: nothing may leave any more.
    pub(crate) closed: bool,
    /// Requests of which a byte may have left.
    left: u32,
    /// Of these, those whose answer is a refusal of the session.
    session_refused: u32,
    /// Of these, those whose answer proves that nothing was changed.
    refused: u32,
    /// Of these, those that can change something.
    writes: u32,
    /// Of the writes, those without an answer that proves that nothing was changed.
    open_writes: u32,
    /// Of the open writes, those that change more if they are made twice.
    open_once: u32,
    /// Answers that broke off after their head.
    broken_off: u32,
    /// A bit for each status from 100 to 599 that came.
    statuses: [u64; 8],
    usage: Option<ApiUsage>,
    /// Why the policy let a request not go, where it has words for that.
    withheld: Option<&'static str>,
}

/// What a request can do, known before it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    effect: Effect,
    /// It carries credentials that the host vouches for.
    has_credentials: bool,
    is_user_info: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It reads (RFC 9110 section 9.2.1).
    Reads,
    /// It writes, and twice is the same as once (section 9.2.2): Salesforce's PATCH sets fields to values.
    Sets,
    /// It writes, and twice is more than once.
    Adds,
}

/// Whether it is `/services/data/vNN.N/parameterizedSearch`, which takes what to look for in a body.
fn is_search(path: &str) -> bool {
    let version = path.strip_prefix("/services/data/v").and_then(|rest| rest.strip_suffix("/parameterizedSearch"));
    version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

impl Entry {
    /// With `sealed`, credentials count only if they are the token that the host has put in.
    pub(crate) fn of<B>(request: &Request<B>, sealed: bool) -> Self {
        let path = request.uri().path();
        let effect = match *request.method() {
            Method::GET | Method::HEAD => Effect::Reads,
            Method::POST if path == "/services/oauth2/introspect" || is_search(path) => Effect::Reads,
            Method::POST if request.uri().query().is_none() && reads_records(path) => Effect::Reads,
            Method::PATCH | Method::PUT | Method::DELETE => Effect::Sets,
            Method::POST if path == "/services/oauth2/revoke" => Effect::Sets,
            _ => Effect::Adds,
        };
        let credentials = request.headers().get(AUTHORIZATION);
        let has_credentials = credentials.is_some_and(|credentials| !sealed || credentials.is_sensitive());
        Self { effect, has_credentials, is_user_info: path == "/services/oauth2/userinfo" }
    }

    /// User info, unlike the REST API, refuses a session with 403 (`Bad_OAuth_Token`).
    fn is_session_refused(self, status: StatusCode) -> bool {
        self.has_credentials
            && (status == StatusCode::UNAUTHORIZED || (self.is_user_info && status == StatusCode::FORBIDDEN))
    }
}

/// `/services/data/vNN.N/composite/sobjects/{object}`: with POST it reads records, whose Ids are too many for a URI.
fn reads_records(path: &str) -> bool {
    let version = path.strip_prefix("/services/data/v").and_then(|rest| rest.split_once("/composite/sobjects/"));
    version.is_some_and(|(version, object)| {
        version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && !object.is_empty()
            && object.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// True if the status alone proves that nothing was changed: Salesforce refused what was asked. 408 says that somebody
/// gave up waiting. 300 is Salesforce's refusal of an external Id that several records have, and comes for no POST.
fn is_refusal(effect: Effect, status: StatusCode) -> bool {
    (status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT)
        || (status == StatusCode::MULTIPLE_CHOICES && effect != Effect::Adds)
}

impl Journal {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the execution's access to the network: what was seen, which is all that there will be.
    pub(crate) fn close(&self) -> Entries {
        let mut entries = self.lock();
        entries.closed = true;
        entries.clone()
    }
}

impl Entries {
    /// A byte of it may leave from now on.
    pub(crate) fn leaves(&mut self, entry: Entry) {
        self.left = self.left.saturating_add(1);
        if entry.effect != Effect::Reads {
            self.writes += 1;
            self.open_writes += 1;
        }
        if entry.effect == Effect::Adds {
            self.open_once += 1;
        }
    }

    /// No byte of it has left after all.
    pub(crate) fn never_left(&mut self, entry: Entry) {
        self.left -= 1;
        if entry.effect != Effect::Reads {
            self.writes -= 1;
        }
        self.close_write(entry);
    }

    /// The head of its answer has come.
    pub(crate) fn answered(&mut self, entry: Entry, status: StatusCode) {
        let bit = usize::from(status.as_u16().saturating_sub(100));
        if let Some(word) = self.statuses.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
        if entry.is_session_refused(status) {
            self.session_refused += 1;
        }
        if is_refusal(entry.effect, status) {
            self.refused += 1;
            self.close_write(entry);
        }
    }

    fn close_write(&mut self, entry: Entry) {
        if entry.effect != Effect::Reads {
            self.open_writes -= 1;
        }
        if entry.effect == Effect::Adds {
            self.open_once -= 1;
        }
    }

    /// An answer has ended before its end.
    pub(crate) fn broke_off(&mut self) {
        self.broken_off = self.broken_off.saturating_add(1);
    }

    /// Keeps what an answer's headers tell of the org's API allowance.
    pub(crate) fn note_usage(&mut self, headers: &HeaderMap) {
        let told = headers.get("sforce-limit-info").and_then(|value| value.to_str().ok()).and_then(usage);
        self.usage = told.or(self.usage);
    }

    /// Keeps why the policy lets a request not go.
    pub(crate) fn withhold(&mut self, advice: &'static str) {
        self.withheld = Some(advice);
    }

    pub(crate) fn withheld(&self) -> Option<&'static str> {
        self.withheld
    }

    pub(crate) fn usage(&self) -> Option<ApiUsage> {
        self.usage
    }

    pub(crate) fn may_have_left(&self) -> bool {
        self.left > 0
    }

    pub(crate) fn left(&self) -> u32 {
        self.left
    }

    pub(crate) fn broken_off(&self) -> u32 {
        self.broken_off
    }

    /// Whether an answer with this status came.
    pub(crate) fn has_status(&self, status: u16) -> bool {
        let bit = usize::from(status.saturating_sub(100));
        status >= 100 && self.statuses.get(bit / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
    }

    /// Whether an execution may be said to have ended so.
    pub(crate) fn allows(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::NotSent => self.left == 0,
            Outcome::Rejected => self.open_writes == 0,
            Outcome::Unknown => true,
        }
    }

    /// The best that can be said of an execution that has failed.
    pub(crate) fn best_outcome(&self) -> Outcome {
        if self.left == 0 {
            Outcome::NotSent
        } else if self.open_writes == 0 && (self.writes > 0 || self.refused == self.left) {
            Outcome::Rejected
        } else {
            Outcome::Unknown
        }
    }

    /// True if repeating the execution could change more than the one time did.
    pub(crate) fn could_double(&self) -> bool {
        self.open_once > 0
    }

    pub(crate) fn has_open_writes(&self) -> bool {
        self.open_writes > 0
    }

    /// True if the org refused the session, and nothing came of anything else that can change something.
    pub(crate) fn is_session_refused(&self) -> bool {
        self.session_refused > 0 && (self.writes == 0 || self.session_refused == self.left)
    }
}

/// Reads `Sforce-Limit-Info`, e.g. `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`. An org may go beyond its
/// allowance for a while; numbers that no org has are dropped.
fn usage(header: &str) -> Option<ApiUsage> {
    let usage = header.split(';').find_map(|part| part.trim_ascii().strip_prefix("api-usage="))?;
    let (used, allowed) = usage.split_once('/')?;
    let usage = ApiUsage { used: used.parse().ok()?, allowed: allowed.parse().ok()? };
    (usage.used <= usage.allowed.saturating_mul(2)).then_some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(method: Method, path: &str) -> Entry {
        let request = Request::builder().method(method).uri(path).header(AUTHORIZATION, "Bearer x").body(()).unwrap();
        Entry::of(&request, false)
    }

    fn write() -> Entry {
        entry(Method::POST, "/services/data/v67.0/sobjects/Account")
    }

    fn after(answers: &[(Entry, Option<u16>)]) -> Entries {
        let journal = Journal::default();
        for (entry, status) in answers {
            let mut entries = journal.lock();
            entries.leaves(*entry);
            if let Some(status) = status {
                entries.answered(*entry, StatusCode::from_u16(*status).unwrap());
            }
        }
        journal.close()
    }

    #[test]
    fn s10_a_status_that_proves_a_refusal_is_a_4xx_and_no_other() {
        let refusals = [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 429, 431];
        let no_refusals = [200, 201, 204, 300, 301, 302, 304, 307, 408, 500, 502, 503, 504, 599];
        for (status, refused) in
            refusals.map(|status| (status, true)).into_iter().chain(no_refusals.map(|s| (s, false)))
        {
            let seen = after(&[(write(), Some(status))]);
            assert_eq!(seen.allows(Outcome::Rejected), refused, "{status}");
            assert!(!seen.allows(Outcome::NotSent) && seen.allows(Outcome::Unknown), "{status}");
            assert_eq!(seen.best_outcome(), if refused { Outcome::Rejected } else { Outcome::Unknown }, "{status}");
            assert_eq!(seen.could_double(), !refused, "{status}");
        }
        assert!(after(&[(entry(Method::PATCH, "/services/data"), Some(300))]).allows(Outcome::Rejected));
        assert_eq!(after(&[(write(), None)]).best_outcome(), Outcome::Unknown);
    }

    #[test]
    fn s10_one_write_without_a_refusal_leaves_the_outcome_open_whatever_else_was_refused() {
        let read = entry(Method::GET, "/services/data/v67.0/query");
        let seen = after(&[(write(), Some(201)), (write(), Some(400)), (read, Some(401))]);
        assert_eq!(seen.best_outcome(), Outcome::Unknown);
        assert!(!seen.allows(Outcome::Rejected) && !seen.is_session_refused());
        // Reads change nothing.
        let seen = after(&[(read, Some(200)), (write(), Some(400)), (read, None)]);
        assert_eq!(seen.best_outcome(), Outcome::Rejected);
        assert_eq!(after(&[(read, Some(200))]).best_outcome(), Outcome::Unknown);
        assert_eq!(after(&[(read, Some(404))]).best_outcome(), Outcome::Rejected);
        assert_eq!(after(&[]).best_outcome(), Outcome::NotSent);
        // So does a search, which is a POST.
        let search = |path: &str| after(&[(entry(Method::POST, path), None)]).could_double();
        assert!(!search("/services/data/v67.0/parameterizedSearch"));
        for other in [
            "/services/data/v67.0/x/parameterizedSearch",
            "/services/apexrest/parameterizedSearch",
            "/parameterizedSearch",
        ] {
            assert!(search(other), "{other}");
        }
    }

    #[test]
    fn s10_of_posts_to_collections_only_the_read_of_records_reads() {
        for (path, reads) in [
            ("/services/data/v67.0/composite/sobjects/Account", true),
            ("/services/data/v67.0/composite/sobjects/ns__Invoice__c", true),
            ("/services/data/v67.0/composite/sobjects", false),
            ("/services/data/v67.0/composite/sobjects/", false),
            ("/services/data/v67.0/composite/sobjects/Account?_HttpMethod=PATCH", false),
            ("/services/data/v67.0/composite/sobjects/Account?", false),
            ("/services/data/v67.0/composite/sobjects/Account/ERP_Id__c", false),
            ("/services/data/v67.0/composite/sobjects/..%2fsobjects", false),
            ("/services/data/v67.0/sobjects/../composite/sobjects/Account", false),
            ("/x/services/data/v67.0/composite/sobjects/Account", false),
        ] {
            assert_eq!(!after(&[(entry(Method::POST, path), None)]).has_open_writes(), reads, "{path}");
        }
        assert!(after(&[(entry(Method::PATCH, "/services/data/v67.0/composite/sobjects/A"), None)]).has_open_writes());
    }

    #[test]
    fn s10_a_request_that_was_handed_back_never_left() {
        let mut seen = after(&[]);
        for entry in [write(), entry(Method::PATCH, "/x"), entry(Method::GET, "/x")] {
            seen.leaves(entry);
            seen.never_left(entry);
        }
        assert!(seen.allows(Outcome::NotSent) && !seen.could_double());
    }

    #[test]
    fn s10_a_session_is_refused_by_a_401_for_the_hosts_token_and_by_nothing_else() {
        let read = entry(Method::GET, "/services/data/v67.0/query");
        let user_info = entry(Method::GET, "/services/oauth2/userinfo");
        for (answers, refused) in [
            (&[(write(), Some(401))][..], true),
            (&[(read, Some(200)), (read, Some(401))], true),
            (&[(user_info, Some(403))], true),
            (&[], false),
            (&[(write(), None)], false),
            (&[(write(), Some(403))], false),
            (&[(write(), Some(201)), (write(), Some(401))], false),
            (&[(read, Some(200)), (write(), Some(401))], false),
            (&[(write(), Some(400)), (read, Some(401))], false),
        ] {
            assert_eq!(after(answers).is_session_refused(), refused, "{answers:?}");
        }
        let request = Request::get("/services/data").header(AUTHORIZATION, "Bearer of its own").body(()).unwrap();
        assert!(!after(&[(Entry::of(&request, true), Some(401))]).is_session_refused());
        let anonymous = Request::get("/services/data").body(()).unwrap();
        assert!(!after(&[(Entry::of(&anonymous, false), Some(401))]).is_session_refused());
    }

    #[test]
    fn s04_the_orgs_usage_is_read_from_its_answers_and_must_be_possible() {
        for (header, usage) in [
            ("api-usage=18/5000", Some((18, 5000))),
            ("per-app-api-usage=17/250(appName=x); api-usage=5001/5000", Some((5001, 5000))),
            ("api-usage=4294967295/0", None),
            ("api-usage=4294967296/5000", None),
            ("api-usage=-1/5000", None),
            ("api-usage=NaN/5000", None),
            ("", None),
        ] {
            let mut seen = Entries::default();
            seen.note_usage(&[("sforce-limit-info".parse().unwrap(), header.parse().unwrap())].into_iter().collect());
            let told = seen.usage().map(|usage| (usage.used, usage.allowed));
            assert_eq!(told, usage, "{header}");
        }
    }

    #[test]
    fn statuses_are_remembered() {
        let seen = after(&[(write(), Some(201)), (write(), Some(599)), (write(), Some(100))]);
        for (status, came) in
            [(100, true), (201, true), (599, true), (200, false), (0, false), (99, false), (65535, false)]
        {
            assert_eq!(seen.has_status(status), came, "{status}");
        }
    }
}
