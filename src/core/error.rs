//! The one error of the connector: what went wrong, what became of it at Salesforce, and what the caller may do next.
//!
//! Every kind is documented in `wit/types.wit`, where callers read it.

/// What became of the request at Salesforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Provably nothing reached Salesforce.
    NotSent,
    /// Salesforce answered and refused: nothing was changed.
    Rejected,
    /// It was sent, or may have been, and no trustworthy answer came back.
    Unknown,
}

/// What went wrong, sorted by what the caller may do next. See `error-kind` in `wit/types.wit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/types.wit")]
pub enum ErrorKind {
    InvalidArgument,
    RequestTooLarge,
    DeniedByHost,
    Unreachable,
    Insecure,
    Interrupted,
    Timeout,
    ResponseTooLarge,
    InvalidResponse,
    SessionExpired,
    ReauthorizationRequired,
    RefreshInProgress,
    AccessDenied,
    InvalidClient,
    UntrustedAuthorization,
    NotFound,
    Deleted,
    Ambiguous,
    PreconditionFailed,
    InvalidQuery,
    CursorExpired,
    InvalidRecord,
    Duplicate,
    Locked,
    Forbidden,
    RateLimited,
    LimitExceeded,
    WrongState,
    RolledBack,
    NotRun,
    Unavailable,
    Rejected,
}

/// One entry of Salesforce's error list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Salesforce's code, e.g. `REQUIRED_FIELD_MISSING`, or OAuth's `error`; empty if there is none.
    pub code: String,
    /// Salesforce's message, bounded by `as_written`.
    pub message: String,
    /// API names of the fields concerned.
    pub fields: Vec<String>,
}

/// Why a call failed. See `error` in `wit/types.wit` for each field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What the caller may do next.
    pub kind: ErrorKind,
    /// What became of the request.
    pub outcome: Outcome,
    /// Whether the same call may be made again later.
    pub retryable: bool,
    /// Milliseconds Salesforce asked to wait.
    pub retry_after_ms: Option<u64>,
    /// One plain sentence.
    pub message: String,
    /// HTTP status, if an answer came.
    pub status: Option<u16>,
    /// Salesforce's own errors.
    pub problems: Vec<Problem>,
    /// Further JSON that Salesforce sends with some errors.
    pub detail: Option<String>,
    /// `x-sfdc-request-id`.
    pub request_id: Option<String>,
}

/// What a fallible function of the core returns. The error is boxed: each `?` would otherwise move all of it.
pub type Result<T, E = Box<Error>> = std::result::Result<T, E>;

/// Characters of an error's message, as `wit/types.wit` says.
pub const MESSAGE: usize = 2_500;
/// Of a problem's code.
pub const PROBLEM_CODE: usize = 100;
/// Of a problem's message.
pub const PROBLEM_MESSAGE: usize = 2_000;
/// Of a field's name.
pub const FIELD: usize = 300;

impl Problem {
    pub(super) fn new(code: &str, message: &str, fields: &[String]) -> Self {
        Self {
            code: printable(code, PROBLEM_CODE),
            message: as_written(message, PROBLEM_MESSAGE),
            fields: fields.iter().map(|field| printable(field, FIELD)).collect(),
        }
    }

    /// The sentence for an error that came with this status.
    pub(super) fn refusal(&self, status: u16) -> String {
        self.sentence(match self.code.as_str() {
            "" => format!("the answer has status {status} and no error code"),
            code => format!("Salesforce refused with {code} (status {status})"),
        })
    }

    /// The sentence for the error of one record among several.
    pub(super) fn refusal_of_record(&self) -> String {
        let code = if self.code.is_empty() { "no error code" } else { &self.code };
        self.sentence(["Salesforce refused this record with ", code].concat())
    }

    fn sentence(&self, refusal: String) -> String {
        match self.line() {
            line if line.is_empty() => refusal,
            line => [&refusal, ": ", &line].concat(),
        }
    }

    /// The message on one line.
    fn line(&self) -> String {
        let message: Vec<_> = self.message.split_ascii_whitespace().collect();
        printable(&message.join(" "), PROBLEM_MESSAGE)
    }
}

impl Error {
    /// An error without an answer from Salesforce that must not simply be repeated.
    pub fn new(kind: ErrorKind, outcome: Outcome, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            kind,
            outcome,
            retryable: false,
            retry_after_ms: None,
            message: message.into(),
            status: None,
            problems: Vec::new(),
            detail: None,
            request_id: None,
        })
    }

    /// The caller passed something the function does not take. `name` is that of the argument in the WIT, with dots between
    /// where one name alone could be another's: hosts look for it there. `expected` completes "expected ...".
    pub fn invalid_argument(name: &str, expected: &str) -> Box<Self> {
        Self::new(ErrorKind::InvalidArgument, Outcome::NotSent, format!("{name}: expected {expected}"))
    }

    /// The same of an argument that has this place: `records[3].object` where a parser says `object`.
    pub(super) fn at(mut self: Box<Self>, place: &str) -> Box<Self> {
        if let Some((_, expected)) = self.message.split_once(':') {
            self.message = [place, ":", expected].concat();
        }
        self
    }

    /// Salesforce answered, but not as its contract says, so nobody knows what it did.
    pub fn invalid_response(message: impl Into<String>) -> Box<Self> {
        Self::new(ErrorKind::InvalidResponse, Outcome::Unknown, message)
    }
}

/// Text that is safe to show on one line, in at most `limit` characters: what drives terminals or hides text is escaped.
pub fn printable(text: &str, limit: usize) -> String {
    bounded(text, limit, |character| character.is_control() || is_formatting(character))
}

/// Server text as it came, in at most `limit` characters. Only control characters are escaped, but for line ends and tabs:
/// whoever shows the text escapes what its place needs.
pub fn as_written(text: &str, limit: usize) -> String {
    bounded(text, limit, |character| character.is_control() && !matches!(character, '\n' | '\t'))
}

/// Reads no more of the text than it needs.
fn bounded(text: &str, limit: usize, is_escaped: fn(char) -> bool) -> String {
    let (mut shown, mut count) = (String::new(), 0);
    for character in text.chars() {
        let is_escaped = is_escaped(character);
        count += if is_escaped { character.escape_unicode().len() } else { 1 };
        if is_escaped {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
        if count > limit {
            break;
        }
    }
    cut(shown, limit)
}

/// At most `limit` characters, the last of them an ellipsis if there were more.
pub(super) fn cut(mut text: String, limit: usize) -> String {
    let mut places = text.char_indices().map(|(at, _)| at).skip(limit.saturating_sub(1));
    if let (Some(last), Some(_)) = (places.next(), places.next()) {
        text.truncate(last);
        text.push('…');
    }
    text
}

/// Invisible characters that reorder or hide text (bidirectional controls, zero-width, line separators).
fn is_formatting(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_text_is_bounded_and_cannot_drive_a_terminal() {
        assert_eq!(printable("a\u{1b}[31m\nb", 100), "a\\u{1b}[31m\\u{a}b");
        assert_eq!((printable("abcdef", 3), printable("abc", 3)), ("ab…".into(), "abc".into()));
        assert_eq!(printable("\u{1b}ab", 7), "\\u{1b}…", "the bound is that of what is shown");
        assert_eq!(printable("Zürich 東京 'ok'", 100), "Zürich 東京 'ok'");
        assert_eq!(printable("a\u{202e}b", 100), "a\\u{202e}b");
    }

    #[test]
    fn server_words_keep_their_lines_and_lose_their_controls() {
        let words = "\nSELECT Foo\n       ^\nERROR\tat 1:8 \u{202e}\u{1b}[2J\r\u{9b}";
        assert_eq!(as_written(words, 100), "\nSELECT Foo\n       ^\nERROR\tat 1:8 \u{202e}\\u{1b}[2J\\u{d}\\u{9b}");
        assert_eq!(as_written("a\nbcdef", 3), "a\n…");
        let line = Problem::new("MALFORMED_QUERY", words, &[]).line();
        assert_eq!(line, "SELECT Foo ^ ERROR at 1:8 \\u{202e}\\u{1b}[2J\\u{d}\\u{9b}");
    }
}
