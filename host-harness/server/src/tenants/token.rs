//! Bearer tokens of the API (RFC 6750): `sfh_{id}_{secret}`. The server keeps a hash of the secret.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ids, random};
use salesforce_runtime::secret::Secret;

const PREFIX: &str = "sfh_";

/// A token as its holder shows it.
#[derive(Clone, Debug)]
pub(crate) struct ApiToken {
    id: String,
    secret: Secret,
}

impl ApiToken {
    /// A new one, with 256 random bits: so a plain hash is enough to keep it.
    pub(crate) fn generate() -> ApiToken {
        ApiToken { id: ids::new().replace('-', ""), secret: random::text() }
    }

    /// The token in a text; none if it has not the form of one.
    pub(crate) fn parse(text: &str) -> Option<ApiToken> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_secret = BASE64_URL_SAFE_NO_PAD.decode(secret).is_ok_and(|bytes| bytes.len() == 32);
        (is_id && is_secret).then(|| ApiToken { id: id.to_owned(), secret: Secret::from(secret.to_owned()) })
    }

    /// Its name in the database.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.expose()).into()
    }

    /// Whether this hash was kept of it, in a time that does not depend on where they differ.
    pub(crate) fn is_kept_as(&self, hash: &[u8]) -> bool {
        self.hash().ct_eq(hash).into()
    }

    /// The text for its holder.
    pub(crate) fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_matches_its_hash_alone() {
        let token = ApiToken::generate();
        let read = ApiToken::parse(&token.reveal()).unwrap();
        assert!(read.is_kept_as(&token.hash()) && read.id() == token.id());
        assert!(!ApiToken::generate().is_kept_as(&token.hash()));
        assert!(!format!("{token:?}").contains(token.secret.expose()));
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let whole = ApiToken::generate().reveal();
        for text in
            ["", "sfh_", "Bearer x", &whole[..whole.len() - 1], &whole.replace("sfh_", "sfx_"), &format!("{whole}A")]
        {
            assert!(ApiToken::parse(text).is_none(), "{text}");
        }
    }
}
