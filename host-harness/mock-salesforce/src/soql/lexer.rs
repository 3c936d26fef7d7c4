//! From text to tokens, the longest that fits. Not for what stands between the quotes of a string, which is `escapes`.
//!
//! Source: the lexer of `@salesforce/soql-common`.

use super::ast::{Position, Source};
use crate::ApiError;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a function, or names with dots between them.
    Name,
    /// A string; the token's text is what stands between the quotes.
    Text,
    /// Digits. A sign is a token of its own.
    Integer,
    /// Digits with a point.
    Decimal,
    /// A calendar day.
    Date,
    /// A moment.
    DateTime,
    /// A time of day.
    Time,
    /// `$` and what follows it in its line.
    Comment,
    /// An operator or a bracket, and what no query has.
    Symbol,
    /// The end of the query.
    End,
}

/// A piece of the query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    pub(super) at: Position,
}

/// All tokens, the last of which is the end.
pub(super) fn tokens(source: &Source) -> Result<Vec<Token<'_>>, ApiError> {
    let mut tokens = Vec::new();
    let mut rest = source.0.trim_start_matches(is_space);
    while let Some(first) = rest.chars().next() {
        let at = Position(source.0.len() - rest.len());
        let (kind, length) = match first {
            '\'' => (Kind::Text, string(source, at, rest)?),
            '$' => (Kind::Comment, span(rest, |character| !"\n\r".contains(character))),
            _ if first.is_ascii_alphabetic() => name(rest),
            _ => number(rest).unwrap_or((Kind::Symbol, symbol(rest))),
        };
        let text = rest.get(..length).unwrap_or_default();
        let text = if kind == Kind::Text { text.get(1..length - 1).unwrap_or_default() } else { text };
        tokens.push(Token { kind, text, at });
        rest = rest.get(length..).unwrap_or_default().trim_start_matches(is_space);
    }
    tokens.push(Token { kind: Kind::End, text: "<EOF>", at: Position(source.0.len()) });
    Ok(tokens)
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// The length of a string with its quotes.
fn string(source: &Source, at: Position, rest: &str) -> Result<usize, ApiError> {
    let mut escaped = false;
    for (place, character) in rest.char_indices().skip(1) {
        match character {
            '\n' => return Err(source.malformed(at, "line breaks not allowed in string literals")),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Ok(place + 1),
            _ => {}
        }
    }
    Err(source.malformed(at, "unexpected end of string: a string must end in a single quote"))
}

/// A name. Three letters with a signed number are one token, an amount of money, although no query may have it.
fn name(rest: &str) -> (Kind, usize) {
    let length = span(rest, |character| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '\u{80}'..='\u{fffe}' | '\u{10000}'..)
    });
    let is_code = length == 3 && rest.bytes().take(3).all(|byte| byte.is_ascii_alphabetic());
    let signed = rest.get(3..).filter(|_| is_code).and_then(|rest| rest.strip_prefix(['+', '-']));
    match signed.and_then(plain_number) {
        Some((Kind::Integer, digits)) => {
            let point = rest.get(4 + digits..).is_some_and(|rest| rest.starts_with('.'));
            (Kind::Symbol, 4 + digits + usize::from(point))
        }
        Some((_, digits)) => (Kind::Symbol, 4 + digits),
        None => (Kind::Name, length),
    }
}

/// A number, or what begins like one: a day, a moment, a time of day.
fn number(rest: &str) -> Option<(Kind, usize)> {
    let plain = plain_number(rest)?;
    if fits(rest, "0000-00-00") {
        let time = rest.get(10..).and_then(|rest| rest.strip_prefix(['T', 't'])).and_then(time);
        return Some(time.map_or((Kind::Date, 10), |length| (Kind::DateTime, 11 + length)));
    }
    Some(time(rest).map_or(plain, |length| (Kind::Time, length)))
}

fn plain_number(rest: &str) -> Option<(Kind, usize)> {
    let digits = digits(rest);
    let fraction = rest.get(digits..).and_then(|rest| rest.strip_prefix('.')).map_or(0, self::digits);
    match (digits, fraction) {
        (0, 0) => None,
        (_, 0) => Some((Kind::Integer, digits)),
        _ => Some((Kind::Decimal, digits + 1 + fraction)),
    }
}

/// The length of a time of day with its offset: `10:00:00.000+0100`.
fn time(rest: &str) -> Option<usize> {
    let after = rest.get(8..).filter(|_| fits(rest, "00:00:00"))?;
    let fraction = after.strip_prefix('.').map_or(0, digits);
    let length = if fraction == 0 { 8 } else { 9 + fraction };
    let offset = rest.get(length..)?;
    let is_offset = |form: &str| offset.starts_with(['+', '-']) && offset.get(1..).is_some_and(|rest| fits(rest, form));
    match offset {
        _ if offset.starts_with(['Z', 'z']) => Some(length + 1),
        _ if is_offset("00:00") => Some(length + 6),
        _ if is_offset("0000") => Some(length + 5),
        _ => None,
    }
}

/// Whether the text begins in a form, in which `0` stands for any digit.
fn fits(text: &str, form: &str) -> bool {
    let fits = |(one, form): (u8, u8)| if form == b'0' { one.is_ascii_digit() } else { one == form };
    text.len() >= form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// The length of an operator or a bracket; one character of anything else.
fn symbol(rest: &str) -> usize {
    let is_double = rest.get(..2).is_some_and(|two| ["!=", "<>"].contains(&two));
    if is_double { 2 } else { rest.chars().next().map_or(0, char::len_utf8) }
}

fn digits(text: &str) -> usize {
    span(text, |character| character.is_ascii_digit())
}

/// How many bytes at the start are taken.
fn span(text: &str, takes: impl Fn(char) -> bool) -> usize {
    text.find(|character| !takes(character)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart() {
        let soql = "A__c.B<=-1.5,+3 .5 7. 2026-11-24 2026-11-24T10:00:00+01:00 10:00:00.5Z 2026-11-24T10 USD5.5 USD-5. \
                    a!=b<>c 12abc 1e5 $ x\n'it\\'s \\\\')10";
        let expected = [
            (Kind::Name, "A__c.B"),
            (Kind::Symbol, "<"),
            (Kind::Symbol, "="),
            (Kind::Symbol, "-"),
            (Kind::Decimal, "1.5"),
            (Kind::Symbol, ","),
            (Kind::Symbol, "+"),
            (Kind::Integer, "3"),
            (Kind::Decimal, ".5"),
            (Kind::Integer, "7"),
            (Kind::Symbol, "."),
            (Kind::Date, "2026-11-24"),
            (Kind::DateTime, "2026-11-24T10:00:00+01:00"),
            (Kind::Time, "10:00:00.5Z"),
            (Kind::Date, "2026-11-24"),
            (Kind::Name, "T10"),
            (Kind::Name, "USD5.5"),
            (Kind::Symbol, "USD-5."),
            (Kind::Name, "a"),
            (Kind::Symbol, "!="),
            (Kind::Name, "b"),
            (Kind::Symbol, "<>"),
            (Kind::Name, "c"),
            (Kind::Integer, "12"),
            (Kind::Name, "abc"),
            (Kind::Integer, "1"),
            (Kind::Name, "e5"),
            (Kind::Comment, "$ x"),
            (Kind::Text, r"it\'s \\"),
            (Kind::Symbol, ")"),
            (Kind::Integer, "10"),
            (Kind::End, "<EOF>"),
        ];
        let source = Source(soql.to_owned());
        let found: Vec<_> = tokens(&source).unwrap().iter().map(|token| (token.kind, token.text)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_string_is_told() {
        for (soql, message) in [
            ("'open", "unexpected end of string: a string must end in a single quote"),
            (r"'open\'", "unexpected end of string: a string must end in a single quote"),
            ("'a\nb'", "line breaks not allowed in string literals"),
        ] {
            let error = tokens(&Source(soql.to_owned())).unwrap_err();
            assert!(error.message.ends_with(message), "{soql}: {}", error.message);
        }
    }
}
