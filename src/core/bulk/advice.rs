//! What a caller may do next, where an error alone does not say it.

use crate::core::error::{Error, ErrorKind, Outcome};

impl Error {
    /// Adds it if nobody knows what became of the request.
    pub(super) fn if_unknown(self: Box<Self>, next: &str) -> Box<Self> {
        let is_unknown = self.outcome == Outcome::Unknown;
        self.advise(is_unknown, next)
    }

    /// Adds it if the answer was too large.
    pub(super) fn if_too_large(self: Box<Self>, next: &str) -> Box<Self> {
        let is_too_large = self.kind == ErrorKind::ResponseTooLarge;
        self.advise(is_too_large, next)
    }

    fn advise(mut self: Box<Self>, applies: bool, next: &str) -> Box<Self> {
        if applies {
            self.message += next;
        }
        self
    }
}
