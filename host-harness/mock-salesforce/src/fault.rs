//! Scripted misbehaviour, on the level of HTTP. Faults below HTTP (bad framing, trickled bytes, wrong certificates) are
//! not for here: they need a raw TCP server in place of this one.

use std::collections::VecDeque;
use std::time::Duration;

use axum::http::Uri;
use serde_json::Value;

/// What the mock does with one request instead of, or beside, answering it.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Does no work and answers this.
    Answer {
        /// The status code, 100 to 999.
        status: u16,
        /// Names and values, `content-type` among them when the body needs one.
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
    method: Option<String>,
    path: Path,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    Any,
    Is(String),
    StartsWith(String),
}

impl Matcher {
    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self { method: None, path: Path::Any }
    }

    /// Requests for exactly this path (without the query).
    #[must_use]
    pub fn path(path: &str) -> Self {
        Self { method: None, path: Path::Is(path.to_owned()) }
    }

    /// Requests whose path starts like this.
    #[must_use]
    pub fn under(path: &str) -> Self {
        Self { method: None, path: Path::StartsWith(path.to_owned()) }
    }

    /// The same, but only with this method, such as `POST`.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
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

/// Faults that wait for the request they are for. Each happens once; of several that fit, the oldest.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<(Matcher, Fault)>);

impl Faults {
    pub(crate) fn push(&mut self, matcher: Matcher, fault: Fault) {
        self.0.push_back((matcher, fault));
    }

    pub(crate) fn take(&mut self, method: &str, uri: &Uri) -> Option<Fault> {
        let position = self.0.iter().position(|(matcher, _)| matcher.fits(method, uri))?;
        self.0.remove(position).map(|(_, fault)| fault)
    }

    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    pub(crate) fn waiting(&self) -> usize {
        self.0.len()
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
        assert!(matches!(faults.take("GET", &query), Some(Fault::Close)));
        assert!(matches!(faults.take("GET", &query), Some(Fault::Reset)));
        assert!(faults.take("GET", &query).is_none());
        assert_eq!(faults.waiting(), 1);
        faults.forget();
        assert_eq!(faults.waiting(), 0);
    }

    #[test]
    fn method_and_path_must_both_fit() {
        let mut faults = Faults::default();
        let uri = Uri::from_static("/a?b=c");
        faults.push(Matcher::path("/a").method("POST"), Fault::Hang);
        assert!(faults.take("GET", &uri).is_none());
        assert!(faults.take("POST", &uri).is_some());
    }
}
