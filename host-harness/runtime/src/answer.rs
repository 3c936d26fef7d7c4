//! What each function of the world may give at most, checked in one place once it is out of the component's memory. How much
//! is copied out of it at all is bounded before ([`RESULT_ROOM`]).
//!
//! A text beyond its bound is a breach of the interface, for `wit/` says how long it may be; JSON beyond the host's bound is
//! a want of room.

use crate::bindings::files::{Blob, Uploaded};
use crate::bindings::oauth::{Authorization, Introspection, TokenSet, UserIdentity};
use crate::bindings::records::{FieldValues, Saved};
use crate::bindings::soql::Page;
use crate::bindings::types::ApiUsage;

/// Bytes that the host copies of an answer beside its JSON: the other texts, and the records around them.
pub(super) const RESULT_ROOM: usize = 2 << 20;

/// As `soql.wit` says.
const CURSOR: usize = 512;
/// Five relationships with the index of a record each.
const RELATIONSHIP: usize = 1_000;
/// Three for each of the 2,000 records of a page, and room.
const CHILDREN: usize = 10_000;
const ID: usize = 18;
/// A token, a URL, a name.
const TEXT: usize = 64 << 10;
const SCOPES: usize = 1_000;

/// What a function gives.
pub(super) trait Answer {
    /// Looks at all of it.
    fn examine(&self, examiner: &mut Examiner);

    /// Replaces what it claims about things that it shares with others.
    fn correct(&mut self, _usage: Option<ApiUsage>) {}
}

/// Looks at an answer, field by field.
#[derive(Debug, Default)]
pub(super) struct Examiner {
    content_bytes: usize,
    breach: Option<&'static str>,
}

/// Why an answer is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is more JSON, or the file is larger, than the host takes.
    TooLarge,
    /// It is not what its interface allows: this.
    Breach(&'static str),
}

impl Examiner {
    /// # Errors
    ///
    /// The answer is not to be passed on.
    pub(super) fn examine(answer: &impl Answer, most_bytes: usize) -> Result<(), Refused> {
        let mut examiner = Self::default();
        answer.examine(&mut examiner);
        match examiner.breach {
            Some(breach) => Err(Refused::Breach(breach)),
            None if examiner.content_bytes > most_bytes => Err(Refused::TooLarge),
            None => Ok(()),
        }
    }

    fn json(&mut self, json: &str) {
        self.content(json.len());
    }

    /// Of JSON, or of a file.
    fn content(&mut self, bytes: usize) {
        self.content_bytes = self.content_bytes.saturating_add(bytes);
    }

    fn id(&mut self, id: &str) {
        let is_id = id.len() <= ID && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.expect(is_id, "an Id that is not 18 letters and digits");
    }

    fn expect(&mut self, is_met: bool, breach: &'static str) {
        if !is_met {
            self.breach.get_or_insert(breach);
        }
    }

    fn text(&mut self, text: &str) {
        self.expect(text.len() <= TEXT, "a text of more than 65,536 bytes");
    }

    /// Of a token, a URL, an Id: what goes into headers and addresses.
    fn word(&mut self, text: &str) {
        self.text(text);
        self.expect(!text.chars().any(char::is_control), "a control character where none can be");
    }

    fn words<'a>(&mut self, texts: impl IntoIterator<Item = &'a String>) {
        texts.into_iter().for_each(|text| self.word(text));
    }

    fn cursor(&mut self, cursor: &str) {
        self.expect(cursor.chars().count() <= CURSOR, "a cursor of more than 512 characters");
        self.word(cursor);
    }

    fn scopes(&mut self, scopes: &[String]) {
        self.expect(scopes.len() <= SCOPES, "more than 1,000 scopes");
        self.words(scopes);
    }
}

impl Answer for () {
    fn examine(&self, _examiner: &mut Examiner) {}
}

/// `types.json`: query plans.
impl Answer for String {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.json(self);
    }
}

impl Answer for Page {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.json(&self.records);
        let room = self.records.len() / 2;
        examiner
            .expect(usize::try_from(self.count).is_ok_and(|count| count <= room), "more records than its text holds");
        self.next.iter().for_each(|next| examiner.cursor(next));
        examiner.expect(self.children.len() <= CHILDREN, "more than 10,000 child cursors");
        for child in &self.children {
            examiner.cursor(&child.next);
            examiner.word(&child.relationship);
            examiner.expect(child.relationship.len() <= RELATIONSHIP, "a relationship of more than 1,000 bytes");
        }
    }

    fn correct(&mut self, usage: Option<ApiUsage>) {
        self.usage = usage;
    }
}

impl Answer for FieldValues {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.json(&self.values);
    }

    fn correct(&mut self, usage: Option<ApiUsage>) {
        self.usage = usage;
    }
}

impl Answer for Saved {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.id(&self.id);
    }

    fn correct(&mut self, usage: Option<ApiUsage>) {
        self.usage = usage;
    }
}

impl Answer for Blob {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.content(self.data.len());
        self.content_type.iter().for_each(|content_type| examiner.word(content_type));
    }

    fn correct(&mut self, usage: Option<ApiUsage>) {
        self.usage = usage;
    }
}

impl Answer for Uploaded {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.id(&self.version_id);
    }

    fn correct(&mut self, usage: Option<ApiUsage>) {
        self.usage = usage;
    }
}

impl Answer for Authorization {
    fn examine(&self, examiner: &mut Examiner) {
        let pending = &self.pending;
        examiner.words([&self.url, &pending.state, &pending.code_verifier, &pending.redirect_uri]);
    }
}

impl Answer for TokenSet {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.words([&self.access_token, &self.instance_url]);
        let others = [&self.refresh_token, &self.identity_url, &self.id_token, &self.community_url, &self.community_id];
        examiner.words(others.into_iter().flatten());
        examiner.scopes(&self.scopes);
    }
}

impl Answer for Introspection {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.words([&self.client_id, &self.username, &self.sub].into_iter().flatten());
        examiner.scopes(&self.scopes);
    }
}

impl Answer for UserIdentity {
    fn examine(&self, examiner: &mut Examiner) {
        examiner.json(&self.claims);
        examiner.words([&self.user_id, &self.organization_id]);
        for text in [&self.username, &self.name, &self.email].into_iter().flatten() {
            examiner.text(text);
        }
    }
}
