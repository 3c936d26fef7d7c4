//! What a result shows: the secrets that belong in it, the org's allowance as it claims it, and everything else as text.

use salesforce_runtime::bindings::oauth::{Authorization, Introspection, TokenSet, UserIdentity};
use salesforce_runtime::bindings::records::{FieldValues, Saved};
use salesforce_runtime::bindings::soql::Page;
use salesforce_runtime::bindings::types::ApiUsage;

use super::needles::Kind;

/// A result of an export.
pub(super) trait Shown {
    /// The secrets that are what was asked for.
    fn secrets(&self) -> Vec<(Kind, String)> {
        Vec::new()
    }

    /// What it says of the org's allowance.
    fn usage(&self) -> Option<ApiUsage> {
        None
    }

    /// Every field but those.
    fn rest(&self) -> String;
}

/// What an action gave that was called by its name.
pub(super) struct ShownResult {
    pub(super) json: serde_json::Value,
    pub(super) usage: Option<ApiUsage>,
}

impl Shown for ShownResult {
    fn usage(&self) -> Option<ApiUsage> {
        self.usage
    }

    fn rest(&self) -> String {
        self.json.to_string()
    }
}

impl Shown for Authorization {
    fn secrets(&self) -> Vec<(Kind, String)> {
        vec![(Kind::Verifier, self.pending.code_verifier.clone())]
    }

    fn rest(&self) -> String {
        let mut rest = self.clone();
        rest.pending.code_verifier.clear();
        format!("{rest:?}")
    }
}

impl Shown for TokenSet {
    fn secrets(&self) -> Vec<(Kind, String)> {
        let refresh = self.refresh_token.iter().map(|token| (Kind::RefreshToken, token.clone()));
        refresh.chain([(Kind::AccessToken, self.access_token.clone())]).collect()
    }

    fn rest(&self) -> String {
        let mut rest = self.clone();
        rest.access_token.clear();
        rest.refresh_token = None;
        format!("{rest:?}")
    }
}

impl Shown for Introspection {
    fn rest(&self) -> String {
        format!("{self:?}")
    }
}

impl Shown for UserIdentity {
    fn rest(&self) -> String {
        format!("{self:?}")
    }
}

impl Shown for Page {
    fn usage(&self) -> Option<ApiUsage> {
        self.usage
    }

    fn rest(&self) -> String {
        format!("{self:?}")
    }
}

impl Shown for FieldValues {
    fn usage(&self) -> Option<ApiUsage> {
        self.usage
    }

    fn rest(&self) -> String {
        format!("{self:?}")
    }
}

impl Shown for Saved {
    fn usage(&self) -> Option<ApiUsage> {
        self.usage
    }

    fn rest(&self) -> String {
        format!("{self:?}")
    }
}

/// The plans of `explain`.
impl Shown for String {
    fn rest(&self) -> String {
        self.clone()
    }
}

/// The result of `revoke`.
impl Shown for () {
    fn rest(&self) -> String {
        String::new()
    }
}
