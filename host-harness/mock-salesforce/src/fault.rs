//! Scripted misbehaviour: which request meets what. Within HTTP, and below it once the request has been read: bytes of any form on
//! the connection it came by. What goes wrong before a request is read (a TLS handshake that stalls) needs a server of its own:
//! [`wire`](crate::wire).

use std::collections::VecDeque;
use std::time::Duration;

use axum::http::Uri;
use serde_json::Value;

use crate::wire::Step;

/// Headers that say where a body ends, which is the server's to say: a [`Fault::Wire`] can lie about it.
pub(crate) const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];
/// How many faults that were met are remembered, the latest ones.
const REMEMBERED: usize = 1_000;
/// Bytes of those that were met and are remembered.
const MOST_REMEMBERED: usize = 64 * 1024 * 1024;

/// What the mock does with one request instead of, or beside, answering it.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Does no work and answers this.
    Answer {
        /// The status code, 100 to 999.
        status: u16,
        /// Names and values, `content-type` among them when the body needs one. Those that say where the body ends are left out.
        headers: Vec<(String, String)>,
        /// The body's bytes.
        body: Vec<u8>,
    },
    /// Does the work, and puts this body with status 200 in place of the answer.
    Replace(Value),
    /// Waits first, then does the work and answers as usual.
    Delay(Duration),
    /// Does no work and never answers: the connection stays open until the client leaves.
    Hang,
    /// Does the work, but never answers.
    HangAfterWork,
    /// Does no work and closes the connection in an orderly way (FIN) before any byte of an answer.
    Close,
    /// Does the work, then closes the connection in an orderly way before any byte of an answer.
    CloseAfterWork,
    /// Does no work and resets the connection (RST).
    Reset,
    /// Does the work, then resets the connection (RST) before any byte of an answer.
    ResetAfterWork,
    /// Does no work and plays these steps on the connection in place of an answer, below HTTP. Within TLS they are played inside
    /// of it. Then the connection is closed.
    Wire(Vec<Step>),
    /// Does the work, then plays these steps in place of the answer.
    WireAfterWork(Vec<Step>),
}

impl Fault {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type".to_owned(), "application/json;charset=UTF-8".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Answer { headers, body, .. } => {
                body.len() + headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
            }
            Self::Replace(body) => body.to_string().len(),
            Self::Wire(steps) | Self::WireAfterWork(steps) => steps.iter().map(Step::bytes).sum(),
            Self::Delay(_)
            | Self::Hang
            | Self::HangAfterWork
            | Self::Close
            | Self::CloseAfterWork
            | Self::Reset
            | Self::ResetAfterWork => 0,
        }
    }

    /// An answer without a body, with these headers.
    #[must_use]
    pub fn status(status: u16, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::Answer { status, headers: headers.collect(), body: Vec::new() }
    }
}

/// Which requests a fault is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    pub(crate) method: Option<String>,
    pub(crate) path: Path,
    pub(crate) nth: u64,
}

/// Which paths a [`Matcher`] takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    Any,
    Is(String),
    StartsWith(String),
}

impl Matcher {
    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self { method: None, path: Path::Any, nth: 1 }
    }

    /// Requests for exactly this path (without the query).
    #[must_use]
    pub fn path(path: &str) -> Self {
        Self { method: None, path: Path::Is(path.to_owned()), nth: 1 }
    }

    /// Requests whose path starts like this.
    #[must_use]
    pub fn under(path: &str) -> Self {
        Self { method: None, path: Path::StartsWith(path.to_owned()), nth: 1 }
    }

    /// The same, but only with this method, such as `POST`.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// The same, but not before the so many-th request that fits, counted from when the fault is queued; 1 is the next.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    fn fits(&self, method: &str, uri: &Uri) -> bool {
        let path = match &self.path {
            Path::Any => true,
            Path::Is(path) => uri.path() == path,
            Path::StartsWith(start) => uri.path().starts_with(start.as_str()),
        };
        path && self.method.as_deref().is_none_or(|wanted| wanted == method)
    }
}

/// Faults that wait for the request they are for. Each happens once; of several that are due, the oldest.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: VecDeque<Waiting>,
    met: VecDeque<Met>,
    queued: u64,
}

/// A fault in the queue.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// 1 for the first that was ever queued.
    pub(crate) id: u64,
    pub(crate) matcher: Matcher,
    pub(crate) fault: Fault,
    /// How many requests have fitted.
    seen: u64,
}

/// A fault that happened.
#[derive(Debug, Clone)]
pub(crate) struct Met {
    pub(crate) id: u64,
    pub(crate) matcher: Matcher,
    pub(crate) fault: Fault,
    /// The sequence number, in the ledger, of the request that met it.
    pub(crate) request: u64,
}

impl Faults {
    /// Queues a fault and answers its id.
    pub(crate) fn push(&mut self, matcher: Matcher, fault: Fault) -> u64 {
        self.queued += 1;
        self.waiting.push_back(Waiting { id: self.queued, matcher, fault, seen: 0 });
        self.queued
    }

    /// The fault that a request meets, which has this sequence number in the ledger.
    pub(crate) fn take(&mut self, method: &str, uri: &Uri, request: u64) -> Option<Fault> {
        let mut due = None;
        for (position, waiting) in self.waiting.iter_mut().enumerate() {
            if waiting.matcher.fits(method, uri) {
                waiting.seen += 1;
                if waiting.seen >= waiting.matcher.nth && due.is_none() {
                    due = Some(position);
                }
            }
        }
        let Waiting { id, matcher, fault, .. } = self.waiting.remove(due?)?;
        self.met.push_back(Met { id, matcher, fault: fault.clone(), request });
        let bytes = |met: &VecDeque<Met>| met.iter().map(|met| met.fault.bytes()).sum::<usize>();
        while self.met.len() > REMEMBERED || bytes(&self.met) > MOST_REMEMBERED {
            self.met.pop_front();
        }
        Some(fault)
    }

    /// Takes back those that wait. Those that were met are remembered.
    pub(crate) fn forget(&mut self) {
        self.waiting.clear();
    }

    /// Takes back one that waits, if it does.
    pub(crate) fn take_back(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.id != id);
        self.waiting.len() < before
    }

    /// Forgets those that wait and those that were met.
    pub(crate) fn reset(&mut self) {
        self.waiting.clear();
        self.met.clear();
    }

    /// Those that wait, oldest first.
    pub(crate) fn waiting(&self) -> &VecDeque<Waiting> {
        &self.waiting
    }

    /// Those that happened, in the order they did.
    pub(crate) fn met(&self) -> &VecDeque<Met> {
        &self.met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_happens_once_and_in_order() {
        let mut faults = Faults::default();
        let query = Uri::from_static("/services/data/v67.0/query?q=SELECT");
        faults.push(Matcher::path("/other"), Fault::Hang);
        faults.push(Matcher::under("/services/data/").method("GET"), Fault::Close);
        faults.push(Matcher::any(), Fault::Reset);
        assert!(matches!(faults.take("GET", &query, 1), Some(Fault::Close)));
        assert!(matches!(faults.take("GET", &query, 1), Some(Fault::Reset)));
        assert!(faults.take("GET", &query, 1).is_none());
        assert_eq!(faults.waiting().len(), 1);
        faults.forget();
        assert_eq!(faults.waiting().len(), 0);
    }

    #[test]
    fn the_nth_request_that_fits_meets_it() {
        let mut faults = Faults::default();
        let uri = Uri::from_static("/a");
        let id = faults.push(Matcher::path("/a").nth(3), Fault::Close);
        faults.push(Matcher::path("/a").nth(2), Fault::Reset);
        assert!(faults.take("GET", &Uri::from_static("/b"), 1).is_none(), "it does not count");
        assert!(faults.take("GET", &uri, 2).is_none());
        assert!(matches!(faults.take("GET", &uri, 3), Some(Fault::Reset)));
        assert!(matches!(faults.take("GET", &uri, 4), Some(Fault::Close)));
        assert_eq!(faults.met().iter().map(|met| (met.id, met.request)).collect::<Vec<_>>(), [(id + 1, 3), (id, 4)]);
        let id = faults.push(Matcher::any(), Fault::Close);
        assert!(faults.take_back(id) && !faults.take_back(id));
    }

    #[test]
    fn method_and_path_must_both_fit() {
        let mut faults = Faults::default();
        let uri = Uri::from_static("/a?b=c");
        faults.push(Matcher::path("/a").method("POST"), Fault::Hang);
        assert!(faults.take("GET", &uri, 1).is_none());
        assert!(faults.take("POST", &uri, 1).is_some());
    }
}
