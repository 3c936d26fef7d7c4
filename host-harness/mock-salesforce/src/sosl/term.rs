//! What stands in `FIND {...}`: words, phrases in quotes, `AND`, `OR`, `AND NOT`, parentheses, wildcards.
//!
//! Source: SOQL and SOSL Reference, "FIND {SearchQuery}".

use super::{malformed, unknown};
use crate::ApiError;

/// Characters that need a backslash. Quotes, parentheses and wildcards have a meaning without.
const RESERVED: &str = "&|!{}[]^~:\\'+-";
/// The longest term that has operators, in characters. Salesforce leaves them out of a longer one.
const LENGTH: usize = 4_000;
/// The deepest nesting of parentheses.
const DEPTH: usize = 50;

/// What a text must have to be found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Term {
    /// Words that follow each other.
    Phrase(Vec<Word>),
    And(Vec<Term>),
    Or(Vec<Term>),
    Not(Box<Term>),
}

/// A word in lower case, as pieces.
pub(crate) type Word = Vec<Piece>;

/// A word of a text, in lower case.
pub(crate) type Letters = Vec<char>;

/// A part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Any,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(Word),
    Phrase(Vec<Word>),
    And,
    Or,
    Not,
    Open,
    Close,
}

impl Term {
    /// Reads a term of the language.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        if text.chars().count() > LENGTH {
            return Err(unknown(&format!("search terms of more than {LENGTH} characters")));
        }
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: tokens.into_iter().peekable(), depth: 0 };
        let term = parser.either()?;
        match parser.tokens.next() {
            None => Ok(term),
            Some(_) => Err(malformed("unexpected ) in the search term")),
        }
    }

    /// Text in which nothing has a meaning: all of its words.
    pub(crate) fn plain(text: &str) -> Result<Self, ApiError> {
        let words: Vec<Word> = split(text).map(|word| word.chars().map(Piece::Letter).collect()).collect();
        check_length(&words, text)?;
        Ok(Self::And(words.into_iter().map(|word| Self::Phrase(vec![word])).collect()))
    }

    /// Whether any of the texts of a record has it.
    pub(crate) fn is_in(&self, texts: &[Vec<Letters>]) -> bool {
        match self {
            Self::Phrase(words) => texts.iter().any(|text| follows(words, text)),
            Self::And(terms) => terms.iter().all(|term| term.is_in(texts)),
            Self::Or(terms) => terms.iter().any(|term| term.is_in(texts)),
            Self::Not(term) => !term.is_in(texts),
        }
    }
}

/// The words of a text, in lower case.
fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The words of a text.
pub(crate) fn letters(text: &str) -> Vec<Letters> {
    split(text).map(|word| word.chars().collect()).collect()
}

fn follows(words: &[Word], text: &[Letters]) -> bool {
    !words.is_empty()
        && text.windows(words.len()).any(|window| window.iter().zip(words).all(|(text, word)| fits(word, text)))
}

/// Whether a word of a text is as the pieces say. Goes back to the last `*` alone, so it takes no more than the product of
/// both lengths.
fn fits(word: &[Piece], text: &[char]) -> bool {
    let (mut piece, mut at, mut star) = (0, 0, None);
    while at < text.len() {
        match word.get(piece) {
            Some(Piece::Any) => {
                star = Some((piece, at));
                piece += 1;
            }
            Some(Piece::One) => (piece, at) = (piece + 1, at + 1),
            Some(Piece::Letter(letter)) if text.get(at) == Some(letter) => (piece, at) = (piece + 1, at + 1),
            _ => match star {
                Some((place, from)) => {
                    star = Some((place, from + 1));
                    (piece, at) = (place + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    word.iter().skip(piece).all(|piece| *piece == Piece::Any)
}

fn check_length(words: &[Word], text: &str) -> Result<(), ApiError> {
    let letters = words.iter().flatten().filter(|piece| matches!(piece, Piece::Letter(_))).count();
    if letters < 2 {
        return Err(malformed(format!("search term must be longer than one character: {text}")));
    }
    Ok(())
}

fn tokens(text: &str) -> Result<Vec<Token>, ApiError> {
    let mut tokens = Vec::new();
    let (mut words, mut word, mut raw, mut quoted) = (Vec::new(), Word::new(), String::new(), false);
    let mut letters = text.chars();
    let mut all = Vec::new();
    while let Some(letter) = letters.next() {
        let escaped = letter == '\\';
        let letter = if escaped {
            letters.next().ok_or_else(|| malformed("the search term ends with a backslash"))?
        } else {
            letter
        };
        let ends_word =
            if escaped { !letter.is_alphanumeric() } else { !letter.is_alphanumeric() && !"*?".contains(letter) };
        if ends_word {
            if !word.is_empty() {
                let piece = std::mem::take(&mut word);
                let name = std::mem::take(&mut raw);
                match name.as_str() {
                    "AND" if !quoted => tokens.push(Token::And),
                    "OR" if !quoted => tokens.push(Token::Or),
                    "NOT" if !quoted => tokens.push(Token::Not),
                    _ if quoted => words.push(piece),
                    _ => {
                        all.push(piece.clone());
                        tokens.push(Token::Word(piece));
                    }
                }
            }
            match letter {
                _ if escaped => {}
                '"' => {
                    quoted = !quoted;
                    if !quoted {
                        let phrase = std::mem::take(&mut words);
                        all.extend(phrase.clone());
                        tokens.push(Token::Phrase(phrase));
                    }
                }
                '(' if !quoted => tokens.push(Token::Open),
                ')' if !quoted => tokens.push(Token::Close),
                _ if RESERVED.contains(letter) => {
                    return Err(malformed(format!("unexpected token: {letter}: it needs a backslash before it")));
                }
                _ => {}
            }
            continue;
        }
        raw.push(letter);
        match letter {
            '*' if !escaped => word.push(Piece::Any),
            '?' if !escaped => word.push(Piece::One),
            _ => word.extend(letter.to_lowercase().map(Piece::Letter)),
        }
    }
    if quoted {
        return Err(malformed("a quote in the search term is not closed"));
    }
    if !word.is_empty() {
        match raw.as_str() {
            "AND" | "OR" | "NOT" => return Err(malformed(format!("unexpected end after {raw}"))),
            _ => {
                all.push(word.clone());
                tokens.push(Token::Word(word));
            }
        }
    }
    check_length(&all, text)?;
    Ok(tokens)
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

impl Parser {
    fn either(&mut self) -> Result<Term, ApiError> {
        let mut terms = vec![self.both()?];
        while self.tokens.next_if_eq(&Token::Or).is_some() {
            terms.push(self.both()?);
        }
        Ok(Term::Or(terms))
    }

    /// Words beside each other must all be there.
    fn both(&mut self) -> Result<Term, ApiError> {
        let mut terms = vec![self.one()?];
        loop {
            match self.tokens.peek() {
                None | Some(Token::Or | Token::Close) => return Ok(Term::And(terms)),
                Some(Token::And) => {
                    self.tokens.next();
                    let negated = self.tokens.next_if_eq(&Token::Not).is_some();
                    let term = self.one()?;
                    terms.push(if negated { Term::Not(Box::new(term)) } else { term });
                }
                Some(_) => terms.push(self.one()?),
            }
        }
    }

    fn one(&mut self) -> Result<Term, ApiError> {
        match self.tokens.next() {
            Some(Token::Word(word)) => Ok(Term::Phrase(vec![word])),
            Some(Token::Phrase(words)) => Ok(Term::Phrase(words)),
            Some(Token::Open) => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(malformed(format!("more than {DEPTH} parentheses within each other")));
                }
                let term = self.either()?;
                self.depth -= 1;
                match self.tokens.next() {
                    Some(Token::Close) => Ok(term),
                    _ => Err(malformed("a parenthesis in the search term is not closed")),
                }
            }
            other => Err(malformed(format!("unexpected {} in the search term", name(other.as_ref())))),
        }
    }
}

fn name(token: Option<&Token>) -> &'static str {
    match token {
        Some(Token::And) => "AND",
        Some(Token::Or) => "OR",
        Some(Token::Not) => "NOT",
        Some(Token::Close) => ")",
        _ => "end",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(term: &str, text: &str) -> bool {
        Term::parse(term).unwrap().is_in(&[letters(text)])
    }

    #[test]
    fn words_phrases_and_operators() {
        let text = "O'Brien & Söhne GmbH, Berlin";
        for (term, found) in [
            ("brien", true),
            ("brie", false),
            ("brie*", true),
            ("br?en", true),
            ("b*n", true),
            ("söhne berlin", true),
            ("\"söhne gmbh\"", true),
            ("\"gmbh söhne\"", false),
            ("paris OR berlin", true),
            ("paris AND berlin", false),
            ("berlin AND NOT paris", true),
            ("berlin AND NOT gmbh", false),
            ("(paris OR berlin) AND gmbh", true),
            ("O\\'Brien", true),
            ("\"and or\"", false),
        ] {
            assert_eq!(is_in(term, text), found, "{term}");
        }
    }

    #[test]
    fn what_is_no_term_is_refused() {
        for term in
            ["", "a", "*", "a-b", "x}y", "\"open", "(open", "close)", "AND", "xx OR", "xx AND AND yy", "ends\\", "[x]"]
        {
            assert_eq!(Term::parse(term).unwrap_err().code, "MALFORMED_SEARCH", "{term}");
        }
        assert!(Term::parse(&"(".repeat(100_000)).is_err());
    }

    #[test]
    fn plain_text_has_no_operators() {
        let term = Term::plain("acme OR } DROP").unwrap();
        assert!(term.is_in(&[letters("drop or acme")]) && !term.is_in(&[letters("acme")]));
        assert!(Term::plain("x").is_err());
    }
}
