//! From text to tokens. Not for what stands between the quotes of a string, which is `escapes`.

use super::ast::{Position, Source};
use crate::ApiError;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a name or a function.
    Name,
    /// A string; the token's text is what stands between the quotes.
    Text,
    /// A number.
    Number,
    /// A calendar day.
    Date,
    /// A moment.
    DateTime,
    /// An operator or a bracket.
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
    let mut rest = source.0.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = Position(source.0.len() - rest.len());
        let (kind, text, length) = match first {
            '\'' => {
                let text = string(source, at, rest)?;
                (Kind::Text, text, text.len() + 2)
            }
            _ if first.is_ascii_alphabetic() => {
                let length = span(rest, |character| character.is_ascii_alphanumeric() || character == '_');
                (Kind::Name, rest.get(..length).unwrap_or_default(), length)
            }
            _ if starts_number(rest) => {
                let (kind, length) = number(rest);
                (kind, rest.get(..length).unwrap_or_default(), length)
            }
            _ => {
                let text = symbol(rest).ok_or_else(|| source.malformed(at, &format!("unexpected token: '{first}'")))?;
                (Kind::Symbol, text, text.len())
            }
        };
        tokens.push(Token { kind, text, at });
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    tokens.push(Token { kind: Kind::End, text: "<EOF>", at: Position(source.0.len()) });
    Ok(tokens)
}

/// What stands between the quotes, escapes and all.
fn string<'s>(source: &Source, at: Position, rest: &'s str) -> Result<&'s str, ApiError> {
    let mut escaped = false;
    for (place, character) in rest.char_indices().skip(1) {
        match character {
            '\n' | '\r' => return Err(source.malformed(at, "line breaks not allowed in string literals")),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Ok(rest.get(1..place).unwrap_or_default()),
            _ => {}
        }
    }
    Err(source.malformed(at, "unexpected end of string: a string must end in a single quote"))
}

fn starts_number(rest: &str) -> bool {
    let unsigned = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    unsigned.strip_prefix('.').unwrap_or(unsigned).starts_with(|first: char| first.is_ascii_digit())
}

/// A number, or a date when the digits look like one: `2026-11-24`, `2026-11-24T10:00:00+01:00`.
fn number(rest: &str) -> (Kind, usize) {
    let digits = span(rest, |character| character.is_ascii_digit());
    if digits == 4 && rest.get(4..).is_some_and(|rest| rest.starts_with('-')) {
        let length = span(rest, |character| character.is_ascii_digit() || "-:.TtZz+".contains(character));
        let has_time = rest.get(..length).unwrap_or_default().contains(['T', 't']);
        return (if has_time { Kind::DateTime } else { Kind::Date }, length);
    }
    let mut before = None;
    let length = span(rest, |character| {
        let may_be_signed = matches!(before.replace(character), None | Some('e' | 'E'));
        character.is_ascii_alphanumeric() || character == '.' || may_be_signed && "+-".contains(character)
    });
    (Kind::Number, length)
}

fn symbol(rest: &str) -> Option<&str> {
    let two = rest.get(..2).filter(|two| ["!=", "<>", "<=", ">="].contains(two));
    two.or_else(|| rest.get(..1).filter(|one| "=<>(),.:".contains(one)))
}

/// How many bytes at the start are taken.
fn span(text: &str, mut takes: impl FnMut(char) -> bool) -> usize {
    text.find(|character| !takes(character)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(soql: &str) -> Vec<(Kind, String)> {
        let source = Source(soql.to_owned());
        let tokens = tokens(&source).unwrap();
        tokens.iter().map(|token| (token.kind, token.text.to_owned())).collect()
    }

    #[test]
    fn tokens_are_told_apart() {
        let expected = [
            (Kind::Name, "A__c"),
            (Kind::Symbol, "."),
            (Kind::Name, "B"),
            (Kind::Symbol, "<="),
            (Kind::Number, "-1.5e+3"),
            (Kind::Symbol, ","),
            (Kind::Date, "2026-11-24"),
            (Kind::DateTime, "2026-11-24T10:00:00+01:00"),
            (Kind::Text, r"it\'s \\"),
            (Kind::Symbol, ")"),
            (Kind::Number, "10"),
            (Kind::End, "<EOF>"),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(kind, text)| (kind, text.to_owned())).collect();
        let soql = r"A__c.B<=-1.5e+3,2026-11-24 2026-11-24T10:00:00+01:00 'it\'s \\')10";
        assert_eq!(kinds(soql), expected);
    }

    #[test]
    fn what_is_no_token_is_told() {
        for (soql, message) in [
            ("a ; b", "unexpected token: ';'"),
            ("é", "unexpected token: 'é'"),
            ("'open", "unexpected end of string: a string must end in a single quote"),
            (r"'open\'", "unexpected end of string: a string must end in a single quote"),
            ("'a\nb'", "line breaks not allowed in string literals"),
        ] {
            let error = tokens(&Source(soql.to_owned())).unwrap_err();
            assert!(error.message.ends_with(message), "{soql}: {}", error.message);
        }
    }
}
