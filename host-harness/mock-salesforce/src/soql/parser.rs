//! From tokens to a syntax tree, by recursive descent. Not for what names mean in an org.
//!
//! It takes what Salesforce's own grammar takes, `@salesforce/soql-common`: `cargo xtask soql-grammar` compares the two.
//!
//! Source: SOQL and SOSL Reference, "SOQL SELECT Syntax".

mod clauses;
mod condition;
mod function;
mod item;
mod literal;
#[cfg(test)]
mod tests;

use super::{
    ast::{Name, Path, Position, Query, Select, Source},
    keywords,
    lexer::{self, Kind, Token},
    unknown::Unknown,
};
use crate::ApiError;

/// The longest query that is read, in characters.
const MAX_LENGTH: usize = 100_000;
/// How deep conditions may nest.
const MAX_DEPTH: usize = 100;
/// How deep child sub-queries and semi-joins may nest, the outer query included.
const MAX_SELECTS: usize = 5;

/// Parses a query; see [`super::parse`].
pub(super) fn parse(soql: &str) -> Result<Query, ApiError> {
    if soql.chars().count() > MAX_LENGTH {
        let message = format!("SOQL statements cannot be longer than {MAX_LENGTH} characters.");
        return Err(ApiError::bad_request("MALFORMED_QUERY", message));
    }
    let source = Source(soql.to_owned());
    let mut parser = Parser { source: &source, tokens: Vec::new(), next: 0, depth: 0, selects: 0, refusal: None };
    for token in lexer::tokens(&source)? {
        match token.kind {
            Kind::Comment => parser.unknown(Unknown::Comment, token.at),
            _ => parser.tokens.push(token),
        }
    }
    let select = parser.select()?;
    parser.end()?;
    match parser.refusal {
        Some(error) => Err(error),
        None => Ok(Query { source, select }),
    }
}

struct Parser<'s> {
    source: &'s Source,
    tokens: Vec<Token<'s>>,
    next: usize,
    depth: usize,
    selects: usize,
    /// The error of the first thing that the grammar allows and that is refused all the same. What the grammar refuses
    /// comes before it, wherever it stands.
    refusal: Option<ApiError>,
}

impl<'s> Parser<'s> {
    fn select(&mut self) -> Result<Select, ApiError> {
        let token = self.expect_keyword("SELECT")?;
        self.enter(token.at)?;
        let items = self.items()?;
        let select = self.objects(items)?;
        let select = self.clauses(select)?;
        self.selects -= 1;
        Ok(select)
    }

    /// The right side of a semi-join.
    fn semi_join(&mut self) -> Result<Select, ApiError> {
        let token = self.expect_keyword("SELECT")?;
        self.enter(token.at)?;
        let field = self.operand()?;
        let mut select = self.objects(vec![super::ast::Item::Value(field, None)])?;
        select.condition = self.where_clause()?;
        self.with_clause()?;
        self.selects -= 1;
        Ok(select)
    }

    fn enter(&mut self, at: Position) -> Result<(), ApiError> {
        self.selects += 1;
        if self.selects > MAX_SELECTS {
            return Err(self.source.malformed(at, "SOQL sub-selects are nested too deeply"));
        }
        Ok(())
    }

    fn end(&self) -> Result<(), ApiError> {
        let token = self.peek();
        if token.kind == Kind::End {
            return Ok(());
        }
        // ALL is taken for an alias.
        let before = self.next.checked_sub(1).and_then(|before| self.tokens.get(before));
        if let Some(all) = before.filter(|token| token.text.eq_ignore_ascii_case("ALL") && self.at_keyword("ROWS")) {
            return Err(self.source.malformed(all.at, "ALL ROWS not allowed in this context"));
        }
        if self.at_keyword("ALL") && self.ahead(1).text.eq_ignore_ascii_case("ROWS") {
            return Err(self.source.malformed(token.at, "ALL ROWS not allowed in this context"));
        }
        Err(self.unexpected())
    }

    /// Remembers that the mock does not know something, unless it is to refuse the query already.
    fn unknown(&mut self, unknown: Unknown, at: Position) {
        let source = self.source;
        self.refusal.get_or_insert_with(|| unknown.error(source, at));
    }

    /// One or more of something, with commas between them.
    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, ApiError>) -> Result<Vec<T>, ApiError> {
        let mut all = vec![one(self)?];
        while self.symbol(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    /// A name, or names with dots between them.
    fn name(&mut self) -> Result<Name, ApiError> {
        if !self.at_name() {
            return Err(self.unexpected());
        }
        let token = self.peek();
        self.advance();
        Ok(Name { text: token.text.to_owned(), at: token.at })
    }

    /// A name that is no word of the language at all.
    fn plain_name(&mut self) -> Result<Name, ApiError> {
        if keywords::is_shared(self.peek().text) { Err(self.unexpected()) } else { self.name() }
    }

    fn path(&mut self) -> Result<Path, ApiError> {
        Ok(path(&self.name()?))
    }

    fn at_name(&self) -> bool {
        is_name(self.peek())
    }

    fn peek(&self) -> Token<'s> {
        self.ahead(0)
    }

    /// The token so many places after the next.
    fn ahead(&self, distance: usize) -> Token<'s> {
        let end = Token { kind: Kind::End, text: "<EOF>", at: Position(self.source.0.len()) };
        self.tokens.get(self.next + distance).copied().unwrap_or(end)
    }

    fn advance(&mut self) {
        self.next += 1;
    }

    fn at_keyword(&self, word: &str) -> bool {
        is_keyword(self.peek(), word)
    }

    /// Takes the keyword when it is next.
    fn keyword(&mut self, word: &str) -> bool {
        let found = self.at_keyword(word);
        self.next += usize::from(found);
        found
    }

    /// Takes the symbol when it is next.
    fn symbol(&mut self, symbol: &str) -> bool {
        let found = is_symbol(self.peek(), symbol);
        self.next += usize::from(found);
        found
    }

    fn expect_keyword(&mut self, word: &str) -> Result<Token<'s>, ApiError> {
        let token = self.peek();
        if self.keyword(word) { Ok(token) } else { Err(self.expected(word)) }
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), ApiError> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.expected(symbol)) }
    }

    fn expected(&self, what: &str) -> ApiError {
        let token = self.peek();
        self.source.malformed(token.at, &format!("expecting '{what}', found '{}'", token.text))
    }

    fn unexpected(&self) -> ApiError {
        let token = self.peek();
        self.source.malformed(token.at, &format!("unexpected token: '{}'", token.text))
    }
}

fn path(name: &Name) -> Path {
    Path { names: name.text.split('.').map(str::to_owned).collect(), at: name.at }
}

fn is_name(token: Token<'_>) -> bool {
    token.kind == Kind::Name && !keywords::is_reserved(token.text)
}

fn is_keyword(token: Token<'_>, word: &str) -> bool {
    token.kind == Kind::Name && token.text.eq_ignore_ascii_case(word)
}

fn is_symbol(token: Token<'_>, symbol: &str) -> bool {
    token.kind == Kind::Symbol && token.text == symbol
}
