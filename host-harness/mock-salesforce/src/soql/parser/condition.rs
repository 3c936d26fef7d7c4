//! `WHERE` and `HAVING`. `AND`, `OR` and `NOT` do not mix without parentheses.
//!
//! Source: SOQL and SOSL Reference, "Condition Expression Syntax (WHERE Clause)", "Comparison Operators".

use super::{
    super::{
        ast::{Comparison, Condition, Literal, Operand},
        escapes,
        lexer::Kind,
        unknown::Unknown,
    },
    MAX_DEPTH, Parser, is_keyword, is_symbol,
};
use crate::ApiError;

impl Parser<'_> {
    pub(super) fn condition(&mut self) -> Result<Condition, ApiError> {
        if self.keyword("NOT") {
            return Ok(Condition::Not(Box::new(self.simple()?)));
        }
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
        Ok(join(all))
    }

    fn simple(&mut self) -> Result<Condition, ApiError> {
        if !self.symbol("(") {
            return self.comparison();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.source.malformed(self.peek().at, "conditions are nested too deeply"));
        }
        let condition = self.condition()?;
        self.expect_symbol(")")?;
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Condition, ApiError> {
        if self.at_distance() {
            let distance = self.operand_or_distance()?;
            let comparison = self.operator()?;
            return Ok(Condition::Compare(distance, comparison, self.literal()?));
        }
        let operand = self.operand()?;
        let token = self.peek();
        if token.kind == Kind::Name {
            return self.word_comparison(operand);
        }
        if matches!(operand, Operand::Field(_)) && (is_symbol(token, "+") || is_symbol(token, "-")) {
            self.unknown(Unknown::Arithmetic, token.at);
            self.advance();
            self.name()?;
        }
        let comparison = self.operator()?;
        Ok(Condition::Compare(operand, comparison, self.literal()?))
    }

    fn operator(&mut self) -> Result<Comparison, ApiError> {
        let token = self.peek();
        let (comparison, wider) = match token.text {
            _ if token.kind != Kind::Symbol => return Err(self.unexpected()),
            "=" => return self.take(Comparison::Equal),
            "!=" | "<>" => return self.take(Comparison::NotEqual),
            "<" => (Comparison::Less, Comparison::LessOrEqual),
            ">" => (Comparison::Greater, Comparison::GreaterOrEqual),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(if self.symbol("=") { wider } else { comparison })
    }

    fn take(&mut self, comparison: Comparison) -> Result<Comparison, ApiError> {
        self.advance();
        Ok(comparison)
    }

    fn word_comparison(&mut self, operand: Operand) -> Result<Condition, ApiError> {
        if self.keyword("LIKE") {
            return self.like(operand);
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
        if is_symbol(self.peek(), "(") && is_keyword(self.ahead(1), "SELECT") {
            self.expect_symbol("(")?;
            let select = self.semi_join()?;
            self.expect_symbol(")")?;
            return Ok(Condition::InSelect(operand, positive, Box::new(select)));
        }
        Ok(Condition::In(operand, positive, self.literals()?))
    }

    fn like(&mut self, operand: Operand) -> Result<Condition, ApiError> {
        let token = self.peek();
        if token.kind != Kind::Text {
            // The grammar allows any literal, the reference text alone.
            self.literal()?;
            let message = "LIKE takes a pattern in quotes";
            let source = self.source;
            self.refusal.get_or_insert_with(|| source.error("INVALID_QUERY_FILTER_OPERATOR", token.at, message));
            return Ok(Condition::Like(operand, Vec::new()));
        }
        self.advance();
        let pattern = escapes::pattern(token.text).map_err(|message| self.source.malformed(token.at, &message))?;
        Ok(Condition::Like(operand, pattern))
    }

    /// Literals in parentheses.
    fn literals(&mut self) -> Result<Vec<Literal>, ApiError> {
        self.expect_symbol("(")?;
        let literals = self.list(Self::literal)?;
        self.expect_symbol(")")?;
        Ok(literals)
    }
}
