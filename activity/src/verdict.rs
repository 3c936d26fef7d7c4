//! Whether an engine may repeat a call that failed.

use salesforce_connector::core::error::{Error, ErrorKind, Outcome};

/// What a call does, as far as repeating it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It reads.
    Read,
    /// It updates, upserts or deletes: twice is as once.
    IdempotentWrite,
    /// It creates, runs what an org has of its own, or saves under a condition: the second time is something else than the
    /// first.
    Write,
}

/// Where the token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// From the environment: it stays what it is.
    Given,
    /// From a grant: the next call has another.
    Fresh,
}

/// The case of `error` in `wit/activity/types.wit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The engine repeats it.
    Transient,
    /// It does not.
    Permanent,
    /// It does not, and somebody has to look.
    PermanentOutcomeUnknown,
}

impl Verdict {
    /// Of a failed action.
    pub fn of(error: &Error, action: Action, token: Token) -> Self {
        let again = error.retryable || (error.kind == ErrorKind::SessionExpired && token == Token::Fresh);
        match (error.outcome, action) {
            (Outcome::Unknown, Action::Write) => Self::PermanentOutcomeUnknown,
            (Outcome::Unknown, Action::IdempotentWrite) => Self::Transient,
            _ if again => Self::Transient,
            _ => Self::Permanent,
        }
    }

    /// Of a failure to get a token. Nothing of the action was sent, and asking again is harmless: a refresh token that is
    /// not rotated cannot be used up by an answer that was lost.
    pub fn of_grant(error: &Error) -> Self {
        if error.retryable || error.outcome == Outcome::Unknown { Self::Transient } else { Self::Permanent }
    }
}

/// The name of a kind as `error-kind` in `wit/types.wit` has it: `InvalidRecord` is `invalid-record`.
pub fn kind_name(kind: ErrorKind) -> String {
    let mut name = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, outcome: Outcome, retryable: bool) -> Box<Error> {
        let mut error = Error::new(kind, outcome, "");
        error.retryable = retryable;
        error
    }

    #[test]
    fn a_write_that_would_double_is_never_repeated_when_its_outcome_is_unknown() {
        for kind in [ErrorKind::Interrupted, ErrorKind::Timeout, ErrorKind::Unavailable, ErrorKind::InvalidResponse] {
            for (retryable, token) in [(false, Token::Given), (true, Token::Fresh)] {
                let unknown = error(kind, Outcome::Unknown, retryable);
                assert_eq!(Verdict::of(&unknown, Action::Write, token), Verdict::PermanentOutcomeUnknown);
                assert_eq!(Verdict::of(&unknown, Action::IdempotentWrite, token), Verdict::Transient);
            }
        }
    }

    #[test]
    fn what_never_left_or_may_pass_is_repeated_and_a_refusal_is_not() {
        for action in [Action::Read, Action::IdempotentWrite, Action::Write] {
            let of = |kind, outcome, retryable| Verdict::of(&error(kind, outcome, retryable), action, Token::Given);
            assert_eq!(of(ErrorKind::Unreachable, Outcome::NotSent, true), Verdict::Transient);
            assert_eq!(of(ErrorKind::RateLimited, Outcome::Rejected, true), Verdict::Transient);
            assert_eq!(of(ErrorKind::InvalidRecord, Outcome::Rejected, false), Verdict::Permanent);
            assert_eq!(of(ErrorKind::InvalidArgument, Outcome::NotSent, false), Verdict::Permanent);
        }
        let garbled = error(ErrorKind::InvalidResponse, Outcome::Unknown, false);
        assert_eq!(Verdict::of(&garbled, Action::Read, Token::Given), Verdict::Permanent);
    }

    #[test]
    fn an_expired_session_is_repeated_if_the_next_call_has_another_token() {
        let expired = error(ErrorKind::SessionExpired, Outcome::Rejected, false);
        assert_eq!(Verdict::of(&expired, Action::Write, Token::Given), Verdict::Permanent);
        assert_eq!(Verdict::of(&expired, Action::Write, Token::Fresh), Verdict::Transient);
    }

    #[test]
    fn kinds_have_the_names_of_the_wit() {
        let names = [ErrorKind::InvalidArgument, ErrorKind::NotFound, ErrorKind::Rejected].map(kind_name);
        assert_eq!(names, ["invalid-argument", "not-found", "rejected"]);
    }

    #[test]
    fn a_grant_is_asked_for_again_unless_it_was_refused() {
        let of = |kind, outcome, retryable| Verdict::of_grant(&error(kind, outcome, retryable));
        assert_eq!(of(ErrorKind::Interrupted, Outcome::Unknown, false), Verdict::Transient);
        assert_eq!(of(ErrorKind::RefreshInProgress, Outcome::Rejected, true), Verdict::Transient);
        assert_eq!(of(ErrorKind::InvalidClient, Outcome::Rejected, false), Verdict::Permanent);
    }
}
