//! Tokens, client secrets, codes, verifiers and assertions: text that goes to Salesforce, can never be printed, and is taken
//! out of errors.

use std::fmt;

use super::error::{Error, FIELD, MESSAGE, PROBLEM_CODE, PROBLEM_MESSAGE, Result, cut};
use super::text::{contains, replace};

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// What is shorter would hit ordinary words.
const SHORTEST: usize = 6;

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

    /// Replaces the secret wherever it occurs in `text` as a whole: for a text that nothing has cut off, of any length.
    pub(super) fn redact_whole_from(&self, text: &mut String) {
        if self.0.len() >= SHORTEST && contains(text, &self.0) {
            *text = replace(text, &self.0, REDACTED);
        }
    }

    /// Replaces the secret wherever it occurs in `text`, whole or, before an ellipsis, as `printable` has cut it off.
    pub(super) fn redact_from(&self, text: &mut String) {
        let (mut sought, mut length) = (self.0.clone(), self.0.len());
        while length >= SHORTEST {
            if contains(text, &sought) {
                *text = replace(text, &sought, REDACTED);
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
        formatter.write_str(REDACTED)
    }
}

impl Error {
    /// Takes every occurrence of `secrets` out of the text that a server had a hand in. What stands for a short one is
    /// longer, so the texts are cut once more; and what is cut then may be the beginning of another.
    pub(super) fn redact(&mut self, secrets: &[&Secret]) {
        let redact = |text: &mut String, limit| {
            for _ in 0..2 {
                for secret in secrets {
                    secret.redact_from(text);
                }
                *text = cut(std::mem::take(text), limit);
            }
        };
        redact(&mut self.message, MESSAGE);
        for problem in &mut self.problems {
            redact(&mut problem.code, PROBLEM_CODE);
            redact(&mut problem.message, PROBLEM_MESSAGE);
            problem.fields.iter_mut().for_each(|field| redact(field, FIELD));
        }
        for text in self.detail.iter_mut().chain(&mut self.request_id) {
            redact(text, usize::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Problem};

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
    fn a_beginning_of_a_secret_that_is_cut_in_place_of_another_is_redacted() {
        let secrets = ["abcdef", "00D!AQ-SENTINEL"].map(|text| Secret::parse("token", text).unwrap());
        let text = ["abcdef", &"x".repeat(FIELD - 18), "00D!AQ-S", "zzzz"].concat();
        let problem = Problem { code: String::new(), message: String::new(), fields: vec![text] };
        let mut error = Error::invalid_response("x");
        error.problems.push(problem);
        error.redact(&secrets.each_ref());
        let field = &error.problems[0].fields[0];
        assert!(!field.contains("00D!") && field.chars().count() <= FIELD, "{field}");
    }

    #[test]
    fn an_echoed_secret_is_taken_out() {
        let secret = Secret::parse("token", "00Dxx!SENTINEL").unwrap();
        let mut error = Error::invalid_response("x");
        error.problems.push(Problem {
            code: "X".to_string(),
            message: "bad 00Dxx!SENTINEL here".to_string(),
            fields: Vec::new(),
        });
        error.detail = Some("[\"00Dxx!SENTINEL\"]".to_string());
        error.redact(&[&secret]);
        assert_eq!(error.problems[0].message, "bad [redacted] here");
        assert_eq!(error.detail.as_deref(), Some("[\"[redacted]\"]"));
    }

    #[test]
    fn what_stands_for_a_short_secret_makes_no_text_longer_than_it_may_be() {
        let secret = Secret::parse("token", "s3cr3t").unwrap();
        let echo = "s3cr3t ".repeat(1_000);
        let mut error = Error::invalid_response(echo.as_str());
        error.problems.push(Problem::new(&echo, &echo, std::slice::from_ref(&echo)));
        error.redact(&[&secret]);
        let Problem { code, message, fields } = &error.problems[0];
        for (text, limit) in
            [(&error.message, MESSAGE), (code, PROBLEM_CODE), (message, PROBLEM_MESSAGE), (&fields[0], FIELD)]
        {
            assert_eq!((text.chars().count(), text.ends_with('…')), (limit, true));
            assert!(!text.contains("s3cr3t"));
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
