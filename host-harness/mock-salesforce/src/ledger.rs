//! What reached the mock: every request, and every write it led to. Not for what the org holds: ask the org.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::lock::lock;

/// How many entries are kept; older ones go, and [`Ledger::forgotten`] counts them.
const KEPT: usize = 50_000;
/// How many bytes their bodies have at most: 256 MiB. The newest entry is kept whatever it has.
const KEPT_BYTES: usize = 256 * 1024 * 1024;

/// All requests so far, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: VecDeque<Entry>,
    arrived: u64,
    /// Of the bodies that are kept.
    bytes: usize,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// 1 for the first request the mock ever saw, counting up in the order of arrival.
    pub sequence: u64,
    /// Such as `POST`.
    pub method: String,
    /// As it came, still percent-encoded.
    pub path: String,
    /// As it came, still percent-encoded, without the `?`; empty when there was none.
    /// Values of secret parameters are fingerprints.
    pub query: String,
    /// Lower-case names and their values in order. Of `authorization` and `cookie` only fingerprints are kept, after the
    /// scheme: `Bearer sha256:...`.
    pub headers: Vec<(String, String)>,
    /// Bytes.
    pub body_length: usize,
    /// The body: JSON as it came, a form with fingerprints in place of secrets, nothing of anything else.
    pub body: Option<String>,
    /// The status answered; none as long as the mock works on it, and when it never answered.
    pub status: Option<u16>,
    /// What it changed in the org, in order.
    pub writes: Vec<Write>,
}

/// One change of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Write {
    /// What was done.
    pub kind: WriteKind,
    /// The API name of the object, as the org spells it.
    pub object: String,
    /// The record's 18-character Id.
    pub id: String,
}

/// What a write did to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WriteKind {
    /// There was none before.
    Create,
    /// There was one.
    Update,
    /// It is in the recycle bin now.
    Delete,
}

/// Where work is noted that goes on when its request has been answered.
#[derive(Debug, Clone)]
pub(crate) struct OpenEntry {
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) sequence: u64,
}

impl OpenEntry {
    pub(crate) fn changed(&self, writes: Vec<Write>) {
        lock(&self.ledger).changed(self.sequence, writes);
    }
}

impl Entry {
    fn kept_bytes(&self) -> usize {
        self.body.as_ref().map_or(0, String::len)
    }
}

impl Ledger {
    /// The entries that are kept, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many old entries are kept no more, cleared ones included.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.arrived - self.entries.len() as u64
    }

    /// How many requests came with this method and exactly this path (without the query).
    #[must_use]
    pub fn requests(&self, method: &str, path: &str) -> usize {
        self.entries.iter().filter(|entry| entry.method == method && entry.path == path).count()
    }

    /// How many records of an object were made.
    #[must_use]
    pub fn creates(&self, object: &str) -> usize {
        self.writes().filter(|write| write.kind == WriteKind::Create && write.object == object).count()
    }

    /// All writes, in order of the requests that led to them.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.entries.iter().flat_map(|entry| &entry.writes)
    }

    /// How many token requests came with this `grant_type`, such as `refresh_token`.
    #[must_use]
    pub fn token_requests(&self, grant_type: &str) -> usize {
        let asks_for = |body: &str| {
            form_urlencoded::parse(body.as_bytes()).any(|(name, value)| name == "grant_type" && value == grant_type)
        };
        self.entries
            .iter()
            .filter(|entry| entry.path == "/services/oauth2/token")
            .filter(|entry| entry.body.as_deref().is_some_and(asks_for))
            .count()
    }

    /// Forgets all entries. Sequence numbers go on counting.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// The entries after this sequence number, oldest first.
    pub(crate) fn after(&self, sequence: u64) -> impl Iterator<Item = &Entry> {
        let first = self.entries.front().map_or(0, |entry| entry.sequence);
        let skipped = usize::try_from(sequence.saturating_add(1).saturating_sub(first)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skipped)
    }

    /// Notes a request that has arrived and answers its sequence number.
    pub(crate) fn arrive(&mut self, mut entry: Entry) -> u64 {
        self.arrived += 1;
        entry.sequence = self.arrived;
        self.bytes += entry.kept_bytes();
        while self.entries.len() == KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.kept_bytes();
        }
        self.entries.push_back(entry);
        self.arrived
    }

    /// Notes what a request changed, whether or not its answer will leave; beside what it changed before.
    pub(crate) fn changed(&mut self, sequence: u64, writes: Vec<Write>) {
        if let Some(entry) = self.entry(sequence) {
            entry.writes.extend(writes);
        }
    }

    /// Notes the status of the answer.
    pub(crate) fn answered(&mut self, sequence: u64, status: u16) {
        if let Some(entry) = self.entry(sequence) {
            entry.status = Some(status);
        }
    }

    fn entry(&mut self, sequence: u64) -> Option<&mut Entry> {
        let first = self.entries.front()?.sequence;
        self.entries.get_mut(usize::try_from(sequence.checked_sub(first)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> Entry {
        Entry {
            sequence: 0,
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body_length: 0,
            body: None,
            status: None,
            writes: Vec::new(),
        }
    }

    #[test]
    fn old_entries_go_and_are_counted() {
        let mut ledger = Ledger::default();
        for _ in 0..KEPT + 3 {
            ledger.arrive(request("/a"));
        }
        assert_eq!(ledger.forgotten(), 3);
        assert_eq!(ledger.requests("POST", "/a"), KEPT);
        ledger.answered(4, 201);
        assert_eq!(ledger.entries().next().unwrap().status, Some(201));
        ledger.answered(3, 500);
        assert!(ledger.entries().all(|entry| entry.status != Some(500)));
    }

    #[test]
    fn old_entries_go_when_bodies_are_large() {
        let mut ledger = Ledger::default();
        let large = |bytes| Entry { body: Some("x".repeat(bytes)), ..request("/a") };
        ledger.arrive(large(KEPT_BYTES / 2));
        ledger.arrive(large(KEPT_BYTES / 2));
        assert_eq!((ledger.forgotten(), ledger.bytes), (0, KEPT_BYTES));
        ledger.arrive(large(1));
        assert_eq!((ledger.forgotten(), ledger.bytes), (1, KEPT_BYTES / 2 + 1));
        ledger.arrive(large(KEPT_BYTES + 1));
        assert_eq!((ledger.forgotten(), ledger.entries().count()), (3, 1));
        ledger.clear();
        assert_eq!(ledger.bytes, 0);
    }

    #[test]
    fn a_cleared_ledger_goes_on_counting() {
        let mut ledger = Ledger::default();
        let after = |ledger: &Ledger, sequence| ledger.after(sequence).map(|entry| entry.sequence).collect::<Vec<_>>();
        for _ in 0..3 {
            ledger.arrive(request("/a"));
        }
        assert_eq!(after(&ledger, 0), [1, 2, 3]);
        assert_eq!(after(&ledger, 2), [3]);
        ledger.clear();
        assert_eq!((ledger.forgotten(), after(&ledger, 0)), (3, Vec::new()));
        ledger.arrive(request("/a"));
        assert_eq!(after(&ledger, 0), [4]);
        assert_eq!(after(&ledger, u64::MAX), Vec::<u64>::new());
    }

    #[test]
    fn creates_are_counted_by_object() {
        let mut ledger = Ledger::default();
        let sequence = ledger.arrive(request("/a"));
        let write = |kind, object: &str| Write { kind, object: object.to_owned(), id: "001".to_owned() };
        let writes = vec![
            write(WriteKind::Create, "Account"),
            write(WriteKind::Create, "Contact"),
            write(WriteKind::Update, "Account"),
        ];
        ledger.changed(sequence, writes);
        assert_eq!(ledger.creates("Account"), 1);
        assert_eq!(ledger.creates("Case"), 0);
    }

    #[test]
    fn token_requests_are_told_apart_by_grant_type() {
        let mut ledger = Ledger::default();
        let mut entry = request("/services/oauth2/token");
        entry.body = Some("a=b&grant_type=refresh_token".to_owned());
        ledger.arrive(entry);
        assert_eq!(ledger.token_requests("refresh_token"), 1);
        assert_eq!(ledger.token_requests("refresh"), 0);
    }
}
