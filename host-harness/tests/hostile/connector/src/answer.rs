//! Results, as far as a deed changes them.

mod collections;
mod org;

use crate::world::exports::workflow::salesforce::oauth::{Authorization, Introspection, TokenSet, UserIdentity};
use crate::world::exports::workflow::salesforce::records::{Deleted, FieldValues, Saved};
use crate::world::exports::workflow::salesforce::soql::{ChildCursor, Page};
use crate::world::exports::workflow::salesforce::types::ApiUsage;

/// A result of an export.
pub(crate) trait Answer: Sized {
    /// With this text in place of its JSON, or of its longest text; made up if the honest call gave none.
    fn saying(honest: Option<Self>, text: String) -> Option<Self>;

    /// With this text hidden where nobody reads.
    fn hiding(self, text: String) -> Self;

    /// With this claim about the org's allowance.
    fn claiming(self, _: ApiUsage) -> Self {
        self
    }

    /// With this place to go on from.
    fn leading_to(self, _: &str) -> Self {
        self
    }

    /// As this deed of a careless component has it.
    fn careless(self, _: &str) -> Self {
        self
    }

    /// With so many sub-queries that have more rows.
    fn with_children(self, _: usize) -> Self {
        self
    }
}

impl Answer for Page {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        let empty =
            Page { records: "[]".into(), count: 0, total_size: Some(0), next: None, children: Vec::new(), usage: None };
        Some(Page { records: text, ..honest.unwrap_or(empty) })
    }

    fn hiding(self, text: String) -> Self {
        Page { next: Some(text), ..self }
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Page { usage: Some(usage), ..self }
    }

    fn leading_to(self, next: &str) -> Self {
        Page { next: Some(next.into()), total_size: Some(u64::MAX), ..self }
    }

    fn with_children(self, number: usize) -> Self {
        let child = |_| ChildCursor {
            record_index: 0,
            relationship: "Contacts".into(),
            count: 0,
            total_size: Some(1),
            next: "/services/data/v67.0/query/01g-1".into(),
        };
        Page { children: (0..number).map(child).collect(), ..self }
    }
}

impl Answer for FieldValues {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(FieldValues { values: text, usage: honest.and_then(|values| values.usage) })
    }

    fn hiding(self, text: String) -> Self {
        FieldValues { values: self.values.replacen('{', &format!(r#"{{"Hidden":"{text}","#), 1), ..self }
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        FieldValues { usage: Some(usage), ..self }
    }
}

impl Answer for Saved {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(Saved { id: text, created: true, event_uuid: None, usage: honest.and_then(|saved| saved.usage) })
    }

    fn hiding(self, text: String) -> Self {
        Saved { id: text, ..self }
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Saved { usage: Some(usage), ..self }
    }
}

/// It has no text.
impl Answer for Deleted {
    fn saying(honest: Option<Self>, _: String) -> Option<Self> {
        honest
    }

    fn hiding(self, _: String) -> Self {
        self
    }

    fn claiming(self, usage: ApiUsage) -> Self {
        Deleted { usage: Some(usage), ..self }
    }
}

/// The plans of `explain`.
impl Answer for String {
    fn saying(_: Option<Self>, text: String) -> Option<Self> {
        Some(text)
    }

    fn hiding(self, text: String) -> Self {
        self.replacen('[', &format!(r#"["{text}","#), 1)
    }
}

impl Answer for TokenSet {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(TokenSet { community_url: Some(text), ..honest? })
    }

    fn hiding(self, text: String) -> Self {
        TokenSet { community_id: Some(text), ..self }
    }
}

impl Answer for Authorization {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(Authorization { url: text, ..honest? })
    }

    fn hiding(self, text: String) -> Self {
        Authorization { url: format!("{}&display={text}", self.url), ..self }
    }
}

impl Answer for Introspection {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(Introspection { sub: Some(text), ..honest? })
    }

    fn hiding(mut self, text: String) -> Self {
        self.scopes.push(text);
        self
    }
}

impl Answer for UserIdentity {
    fn saying(honest: Option<Self>, text: String) -> Option<Self> {
        Some(UserIdentity { claims: text, ..honest? })
    }

    fn hiding(self, text: String) -> Self {
        UserIdentity { name: Some(text), ..self }
    }
}

/// The result of `revoke`.
impl Answer for () {
    fn saying(honest: Option<Self>, _: String) -> Option<Self> {
        honest
    }

    fn hiding(self, _: String) -> Self {}
}
