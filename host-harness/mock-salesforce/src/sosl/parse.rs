//! `FIND {term} IN ... FIELDS RETURNING ... LIMIT n`, read from left to right.

use super::{ROWS, Returning, Scope, Search, Term, malformed, unknown};
use crate::ApiError;

/// The longest text of a search, in characters.
const LENGTH: usize = 100_000;

/// Reads a search.
///
/// # Errors
/// 400 `MALFORMED_SEARCH`; 501 `UNKNOWN_TO_THE_MOCK` for clauses that Salesforce has and the mock does not.
pub(crate) fn parse(text: &str) -> Result<Search, ApiError> {
    if text.chars().count() > LENGTH {
        return Err(malformed(format!("a search has at most {LENGTH} characters")));
    }
    let rest = keyword(text, "FIND").ok_or_else(|| malformed("a search begins with FIND {term}"))?;
    let rest = rest.trim_start().strip_prefix('{').ok_or_else(|| malformed("FIND expects {term}"))?;
    let (term, mut rest) = braced(rest)?;
    let mut search = Search { term: Term::parse(term)?, scope: Scope::default(), returning: Vec::new(), limit: ROWS };
    if let Some(after) = keyword(rest, "IN") {
        let (word, after) = word(after);
        search.scope =
            Scope::parse(word).ok_or_else(|| malformed(format!("IN expects a group of fields, not {word}")))?;
        rest = keyword(after, "FIELDS").ok_or_else(|| malformed(format!("FIELDS is expected after IN {word}")))?;
    }
    if let Some(after) = keyword(rest, "RETURNING") {
        (search.returning, rest) = returning(after)?;
    }
    if let Some(after) = keyword(rest, "LIMIT") {
        let (number, after) = word(after);
        let limit: usize = number.parse().map_err(|_| malformed(format!("LIMIT expects a number, not {number}")))?;
        (search.limit, rest) = (limit.min(ROWS), after);
    }
    match rest.trim() {
        "" => Ok(search),
        rest if keyword(rest, "WITH").or_else(|| keyword(rest, "UPDATE")).is_some() => {
            Err(unknown(&format!("WITH and UPDATE in a search: {}", rest.chars().take(40).collect::<String>())))
        }
        rest => Err(malformed(format!("nothing more is expected in a search than {rest}"))),
    }
}

/// The term, up to the brace that no backslash stands before, and what follows.
fn braced(text: &str) -> Result<(&str, &str), ApiError> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '}' => return Ok((text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())),
            _ => {}
        }
    }
    Err(malformed("the brace after FIND is not closed"))
}

fn returning(mut rest: &str) -> Result<(Vec<Returning>, &str), ApiError> {
    let mut all = Vec::new();
    loop {
        let (object, after) = word(rest);
        if object.is_empty() {
            return Err(malformed("RETURNING expects objects"));
        }
        let mut one = Returning { object: object.to_owned(), ..Returning::default() };
        rest = after.trim_start();
        if let Some(inner) = rest.strip_prefix('(') {
            let end = at_top(inner, |rest| rest.starts_with(')'))
                .ok_or_else(|| malformed(format!("the parenthesis after {object} is not closed")))?;
            one.fill(inner.get(..end).unwrap_or_default())?;
            rest = inner.get(end + 1..).unwrap_or_default().trim_start();
        }
        all.push(one);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return Ok((all, rest)),
        }
    }
}

impl Returning {
    /// Reads what stands in the parentheses.
    fn fill(&mut self, inner: &str) -> Result<(), ApiError> {
        let begins =
            |words: &'static [&'static str]| move |rest: &str| words.iter().any(|word| keyword(rest, word).is_some());
        let split = |text: &str, words| {
            let at = at_word(text, begins(words)).unwrap_or(text.len());
            let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
            (before.trim().to_owned(), after.trim().to_owned())
        };
        let (fields, after) = split(inner, &["WHERE", "ORDER", "LIMIT", "OFFSET", "USING"]);
        if keyword(&after, "USING").is_some() {
            return Err(unknown("USING in a search"));
        }
        self.fields = fields;
        self.rest = match keyword(&after, "WHERE") {
            Some(condition) => {
                let (condition, rest) = split(condition, &["ORDER", "LIMIT", "OFFSET"]);
                self.condition = Some(condition);
                rest
            }
            None => after,
        };
        Ok(())
    }
}

/// Where something is, outside of quotes and parentheses.
fn at_top(text: &str, is_it: impl Fn(&str) -> bool) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        if depth == 0 && !quoted && is_it(text.get(at..)?) {
            return Some(at);
        }
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The same, at the beginning of a word.
fn at_word(text: &str, is_it: impl Fn(&str) -> bool) -> Option<usize> {
    at_top(text, |rest| {
        let before = text.get(..text.len() - rest.len()).and_then(|before| before.chars().next_back());
        before.is_none_or(|before| !(before.is_alphanumeric() || "_.".contains(before))) && is_it(rest)
    })
}

/// What follows a keyword, if the text begins with it, in any case.
fn keyword<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let (word, rest) = word(text);
    word.eq_ignore_ascii_case(keyword).then_some(rest)
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clause_is_read() {
        let search = parse(
            "find {acme\\}x} in name fields returning Account(Id, Name where Name != 'a ) where' order by Name limit 3), \
             Contact limit 5",
        )
        .unwrap();
        assert_eq!((search.scope, search.limit), (Scope::Name, 5));
        let account = Returning {
            object: "Account".to_owned(),
            fields: "Id, Name".to_owned(),
            condition: Some("Name != 'a ) where'".to_owned()),
            rest: "order by Name limit 3".to_owned(),
        };
        assert_eq!(search.returning, [account, Returning { object: "Contact".to_owned(), ..Returning::default() }]);
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for text in [
            "",
            "SELECT Id FROM Account",
            "FIND acme",
            "FIND {acme",
            "FIND {acme} IN NOTHING FIELDS",
            "FIND {acme} RETURNING",
            "FIND {acme} RETURNING Account(Id",
            "FIND {acme} LIMIT x",
        ] {
            assert_eq!(parse(text).unwrap_err().code, "MALFORMED_SEARCH", "{text}");
        }
    }
}
