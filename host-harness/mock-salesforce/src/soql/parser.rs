//! From tokens to a syntax tree, by recursive descent. Not for what names mean in an org.
//!
//! Source: SOQL and SOSL Reference, "SOQL SELECT Syntax".

mod condition;
mod literal;
#[cfg(test)]
mod tests;

use super::{
    ast::{Aggregate, FieldSet, Item, Name, Operand, Order, Path, Query, Select, Source},
    lexer::{self, Kind, Token},
};
use crate::ApiError;

/// The longest query that is read, in characters.
const MAX_LENGTH: usize = 100_000;
/// How deep conditions may nest.
const MAX_DEPTH: usize = 100;
/// How deep child sub-queries and semi-joins may nest, the outer query included.
const MAX_SELECTS: usize = 5;
const MAX_OFFSET: u64 = 2_000;
/// What follows the object's name and is no alias of it.
const CLAUSES: [&str; 10] = ["USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL"];

/// Parses a query; see [`super::parse`].
pub(super) fn parse(soql: &str) -> Result<Query, ApiError> {
    if soql.chars().count() > MAX_LENGTH {
        let message = format!("SOQL statements cannot be longer than {MAX_LENGTH} characters.");
        return Err(ApiError::bad_request("MALFORMED_QUERY", message));
    }
    let source = Source(soql.to_owned());
    let mut parser = Parser { source: &source, tokens: lexer::tokens(&source)?, next: 0, depth: 0, selects: 0 };
    let select = parser.select()?;
    parser.end()?;
    Ok(Query { source, select })
}

struct Parser<'s> {
    source: &'s Source,
    tokens: Vec<Token<'s>>,
    next: usize,
    depth: usize,
    selects: usize,
}

impl<'s> Parser<'s> {
    fn select(&mut self) -> Result<Select, ApiError> {
        let token = self.expect_keyword("SELECT")?;
        self.selects += 1;
        if self.selects > MAX_SELECTS {
            return Err(self.source.malformed(token.at, "SOQL sub-selects are nested too deeply"));
        }
        let items = self.list(Self::item)?;
        self.expect_keyword("FROM")?;
        let from = self.name()?;
        let alias = if self.at_alias(&CLAUSES) { Some(self.name()?) } else { None };
        let condition = if self.keyword("WHERE") { Some(self.condition()?) } else { None };
        let mut group_by = Vec::new();
        let mut having = None;
        if self.keyword("GROUP") {
            self.expect_keyword("BY")?;
            group_by = self.list(Self::path)?;
            if self.keyword("HAVING") {
                having = Some(self.condition()?);
            }
        }
        let mut order_by = Vec::new();
        if self.keyword("ORDER") {
            self.expect_keyword("BY")?;
            order_by = self.list(Self::order)?;
        }
        let limit = if self.keyword("LIMIT") { Some(self.count()?) } else { None };
        let offset = if self.keyword("OFFSET") { Some(self.offset()?) } else { None };
        self.selects -= 1;
        Ok(Select { items, from, alias, condition, group_by, having, order_by, limit, offset })
    }

    fn item(&mut self) -> Result<Item, ApiError> {
        if self.symbol("(") {
            let select = self.select()?;
            self.expect_symbol(")")?;
            return Ok(Item::Children(Box::new(select)));
        }
        let token = self.peek();
        if self.at_keyword("FIELDS") && self.symbol_follows("(") {
            self.advance();
            self.expect_symbol("(")?;
            let name = self.name()?;
            self.expect_symbol(")")?;
            let set = match name.text.to_ascii_uppercase().as_str() {
                "ALL" => FieldSet::All,
                "STANDARD" => FieldSet::Standard,
                "CUSTOM" => FieldSet::Custom,
                _ => return Err(self.source.malformed(name.at, &format!("unexpected token: '{}'", name.text))),
            };
            return Ok(Item::Fields(set, token.at));
        }
        if self.at_keyword("COUNT") && self.symbol_follows("(") {
            let start = self.next;
            self.advance();
            self.advance();
            if self.symbol(")") {
                return Ok(Item::Count);
            }
            self.next = start;
        }
        let operand = self.operand()?;
        let alias = if self.at_alias(&["FROM"]) { Some(self.name()?) } else { None };
        Ok(Item::Value(operand, alias))
    }

    fn operand(&mut self) -> Result<Operand, ApiError> {
        let token = self.peek();
        if token.kind != Kind::Name || !self.symbol_follows("(") {
            return Ok(Operand::Field(self.path()?));
        }
        let aggregate = match token.text.to_ascii_uppercase().as_str() {
            "COUNT" => Aggregate::Count,
            "COUNT_DISTINCT" => Aggregate::CountDistinct,
            "SUM" => Aggregate::Sum,
            "AVG" => Aggregate::Avg,
            "MIN" => Aggregate::Min,
            "MAX" => Aggregate::Max,
            _ => {
                self.advance();
                return Err(self.unexpected());
            }
        };
        self.advance();
        self.expect_symbol("(")?;
        let path = self.path()?;
        self.expect_symbol(")")?;
        Ok(Operand::Aggregate(aggregate, path))
    }

    fn path(&mut self) -> Result<Path, ApiError> {
        let first = self.name()?;
        let mut names = vec![first.text];
        while self.symbol(".") {
            names.push(self.name()?.text);
        }
        Ok(Path { names, at: first.at })
    }

    fn order(&mut self) -> Result<Order, ApiError> {
        let operand = self.operand()?;
        let descending = !self.keyword("ASC") && self.keyword("DESC");
        let mut nulls_last = false;
        if self.keyword("NULLS") {
            nulls_last = self.keyword("LAST");
            if !nulls_last {
                self.expect_keyword("FIRST")?;
            }
        }
        Ok(Order { operand, descending, nulls_last })
    }

    /// The number of a `LIMIT`.
    fn count(&mut self) -> Result<u64, ApiError> {
        let token = self.peek();
        match token.text.parse() {
            Ok(number) if token.kind == Kind::Number => {
                self.advance();
                Ok(number)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn offset(&mut self) -> Result<u64, ApiError> {
        let at = self.peek().at;
        let offset = self.count()?;
        if offset > MAX_OFFSET {
            let message = format!("Maximum SOQL offset allowed is {MAX_OFFSET}");
            return Err(self.source.error("NUMBER_OUTSIDE_VALID_RANGE", at, &message));
        }
        Ok(offset)
    }

    fn end(&self) -> Result<(), ApiError> {
        let token = self.peek();
        if token.kind == Kind::End {
            return Ok(());
        }
        if self.at_keyword("ALL") && self.follows("ROWS") {
            return Err(self.source.malformed(token.at, "ALL ROWS not allowed in this context"));
        }
        Err(self.unexpected())
    }

    /// One or more of something, with commas between them.
    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, ApiError>) -> Result<Vec<T>, ApiError> {
        let mut all = vec![one(self)?];
        while self.symbol(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn name(&mut self) -> Result<Name, ApiError> {
        let token = self.peek();
        let is_clause = ["SELECT", "FROM", "WHERE"].iter().any(|word| token.text.eq_ignore_ascii_case(word));
        if token.kind != Kind::Name || is_clause {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(Name { text: token.text.to_owned(), at: token.at })
    }

    fn at_alias(&self, not: &[&str]) -> bool {
        let token = self.peek();
        token.kind == Kind::Name && !not.iter().any(|word| token.text.eq_ignore_ascii_case(word))
    }

    fn peek(&self) -> Token<'s> {
        let end = Token { kind: Kind::End, text: "<EOF>", at: super::ast::Position(self.source.0.len()) };
        self.tokens.get(self.next).copied().unwrap_or(end)
    }

    fn advance(&mut self) {
        self.next += 1;
    }

    fn at_keyword(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Name && token.text.eq_ignore_ascii_case(word)
    }

    /// Takes the keyword when it is next.
    fn keyword(&mut self, word: &str) -> bool {
        let found = self.at_keyword(word);
        self.next += usize::from(found);
        found
    }

    /// Takes the symbol when it is next.
    fn symbol(&mut self, symbol: &str) -> bool {
        let token = self.peek();
        let found = token.kind == Kind::Symbol && token.text == symbol;
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

    /// Whether the keyword comes after the next token.
    fn follows(&self, word: &str) -> bool {
        let token = self.tokens.get(self.next + 1);
        token.is_some_and(|token| token.kind == Kind::Name && token.text.eq_ignore_ascii_case(word))
    }

    fn symbol_follows(&self, symbol: &str) -> bool {
        let token = self.tokens.get(self.next + 1);
        token.is_some_and(|token| token.kind == Kind::Symbol && token.text == symbol)
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
