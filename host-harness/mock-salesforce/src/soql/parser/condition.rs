//! `WHERE` and `HAVING`. `AND` and `OR` do not mix without parentheses; `NOT` holds for what directly follows.
//!
//! Source: SOQL and SOSL Reference, "Condition Expression Syntax (WHERE Clause)", "Comparison Operators".

use super::{
    super::{
        ast::{Comparison, Condition, Literal, Operand},
        escapes,
        lexer::Kind,
    },
    MAX_DEPTH, Parser,
};
use crate::ApiError;

impl Parser<'_> {
    pub(super) fn condition(&mut self) -> Result<Condition, ApiError> {
        let first = self.simple()?;
        let (word, join) = if self.at_keyword("AND") {
            ("AND", Condition::And as fn(Vec<Condition>) -> Condition)
        } else if self.at_keyword("OR") {
            ("OR", Condition::Or as fn(Vec<Condition>) -> Condition)
        } else {
            return Ok(first);
        };
        let mut all = vec![first];
        while self.keyword(word) {
            all.push(self.simple()?);
        }
        if self.at_keyword("AND") || self.at_keyword("OR") {
            return Err(self.unexpected());
        }
        Ok(join(all))
    }

    fn simple(&mut self) -> Result<Condition, ApiError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.source.malformed(self.peek().at, "conditions are nested too deeply"));
        }
        let condition = if self.keyword("NOT") {
            Condition::Not(Box::new(self.simple()?))
        } else if self.symbol("(") {
            let inner = self.condition()?;
            self.expect_symbol(")")?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Condition, ApiError> {
        let operand = self.operand()?;
        let token = self.peek();
        if token.kind == Kind::Name {
            return self.word_comparison(operand);
        }
        let comparison = match token.text {
            "=" => Comparison::Equal,
            "!=" | "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return Err(self.unexpected()),
        };
        if token.kind != Kind::Symbol {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(Condition::Compare(operand, comparison, self.literal()?))
    }

    fn word_comparison(&mut self, operand: Operand) -> Result<Condition, ApiError> {
        if self.keyword("LIKE") {
            let token = self.peek();
            if token.kind != Kind::Text {
                return Err(self.unexpected());
            }
            self.advance();
            let pattern = escapes::pattern(token.text).map_err(|message| self.source.malformed(token.at, &message))?;
            return Ok(Condition::Like(operand, pattern));
        }
        if self.keyword("INCLUDES") {
            return Ok(Condition::Includes(operand, true, self.literals()?));
        }
        if self.keyword("EXCLUDES") {
            return Ok(Condition::Includes(operand, false, self.literals()?));
        }
        let positive = !self.keyword("NOT");
        if !self.keyword("IN") {
            return Err(self.unexpected());
        }
        if self.symbol_then_select() {
            self.expect_symbol("(")?;
            let select = self.select()?;
            self.expect_symbol(")")?;
            return Ok(Condition::InSelect(operand, positive, Box::new(select)));
        }
        Ok(Condition::In(operand, positive, self.literals()?))
    }

    /// Literals in parentheses.
    fn literals(&mut self) -> Result<Vec<Literal>, ApiError> {
        self.expect_symbol("(")?;
        let literals = self.list(Self::literal)?;
        self.expect_symbol(")")?;
        Ok(literals)
    }

    fn symbol_then_select(&self) -> bool {
        self.peek().text == "(" && self.follows("SELECT")
    }
}
