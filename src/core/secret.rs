//! Tokens, client secrets, codes, verifiers and assertions: text that goes to Salesforce and can never be printed.

use std::fmt;

use super::error::{Error, Result};
use super::text::{contains, replace};

/// A secret of one line of visible ASCII, so that it can stand in a header. It has no `Display` and no serialization,
/// and its `Debug` prints `[redacted]`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// 1 to 8,192 characters from `!` to `~` (RFC 6749 appendix A, VSCHAR without space).
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let fits = (1..=8192).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid_argument(name, "1 to 8,192 visible ASCII characters, without spaces or line breaks"))
        }
    }

    /// The text itself, for the request that sends it or the token set that hands it to the host.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Replaces the secret wherever it occurs in `text`, whole or, before an ellipsis, as `printable` has cut it off.
    /// Shorter than 6 characters it would hit ordinary words.
    pub(super) fn redact_from(&self, text: &mut String) {
        let (mut sought, mut length) = (self.0.clone(), self.0.len());
        while length >= 6 {
            if contains(text, &sought) {
                *text = replace(text, &sought, "[redacted]");
            }
            if !contains(text, "…") {
                return;
            }
            length -= 1;
            sought.truncate(length);
            sought.push('…');
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::parse("access-token", "00D!AQ-SENTINEL").unwrap();
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[redacted] Some([redacted])");
    }

    #[test]
    fn a_secret_that_is_cut_off_is_redacted_as_well() {
        let secret = Secret::parse("access-token", "00D!AQ-SENTINEL").unwrap();
        for (text, redacted) in [
            ("token 00D!AQ-SENTINE…", "token [redacted]"),
            (
                "A00D!AQ… (status 400): 00D!AQ-SENTINEL, then 00D!AQ-S…",
                "A[redacted] (status 400): [redacted], then [redacted]",
            ),
            ("00D!A… and 00D!AQ-S", "00D!A… and 00D!AQ-S"),
        ] {
            let mut shown = text.to_owned();
            secret.redact_from(&mut shown);
            assert_eq!(shown, redacted);
        }
    }

    #[test]
    fn what_could_break_a_header_is_refused() {
        for text in ["", "a b", "a\r\nX-Evil: 1", "a\nb", "tökén", "a\0"] {
            let error = Secret::parse("access-token", text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{text:?}");
            assert!(!text.contains(' ') || !error.message.contains(text), "the value is not repeated");
        }
    }
}
